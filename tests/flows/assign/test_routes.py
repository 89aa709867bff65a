"""Rules of a policy on a desk: checked on entry against its names and people, and kept to by the tick."""

import pytest

from tests.factories import BOSS
from tests.flows.assign.small_desk import NOW, make_small_desk
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.people.models import Membership, Person, Region, Team
from watchbill.apps.work.models import WorkItem
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.assign.asking import policy_try
from watchbill.flows.assign.routes import policy_notes

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    made = make_small_desk()
    for name, member in (("Core", "Ana"), ("Edge", "Ben")):
        team = Team.objects.create(desk_id=made.id, name=name)
        Membership.objects.create(team=team, person_id=made.people[member])
    return made


def publish(desk, *rules):
    return policy_publish(desk.id, {"rules": list(rules)}, holds_from=NOW, reason="test", by=BOSS, now=NOW)


def test_the_tick_keeps_to_rules(desk):
    """A rule by category takes Ana out, one by queue prefers Ben; a case without either goes as before."""
    publish(
        desk,
        "when category is invoice then never Ana",
        "when queue is Mail and priority is P2 then prefer person Ben by 50",
    )
    invoice, urgent = desk.item(category="invoice"), desk.item(priority=2)
    desk.tick()
    assert desk.proposal(invoice).chosen == "Ben"
    assert [one["rule"] for one in desk.proposal(invoice).outcome["rejected"]] == [
        "is_present_and_on_shift",
        "is_asked_for",
    ]
    assert desk.proposal(urgent).chosen == "Ben"
    assert "preferred_by_rule" in {one["rule"] for one in desk.proposal(urgent).outcome["contributions"]}


def test_rules_look_at_attributes_and_hold_for_a_region(desk):
    """An attribute of an import decides; work held for a region waits for its people."""
    emea = Region.objects.create(desk_id=desk.id, name="EMEA")
    Person.objects.filter(id=desk.people["Nora"]).update(region=emea)
    publish(desk, "when attributes.devices > 20 then hold for region EMEA")
    held, free = desk.item(), desk.item()
    for item_id, devices in ((held, 30), (free, 3)):
        WorkItem.objects.filter(id=item_id).update(attributes={"devices": devices})
    desk.tick()
    assert desk.proposal(held).chosen is None
    assert "Nora comes on shift" in desk.proposal(held).outcome["ways_out"][0]["words"]
    assert desk.proposal(free).chosen is not None


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (["when always then ask team Cor"], "rule 1: “ask team Cor” names the team “Cor”, which this desk does not have – did you mean Core?"),
        (["when always then only Anna"], "did you mean Ana?"),
        (["when always then hold for region EMEA"], "names the region “EMEA”, which this desk does not have"),
        (["when always then ask team Core", "when priority is P1 then ask team Edge"],
         ("rule 2 contradicts rule 1: both hold for an item with priority P1, and then nobody may take it"
         " (rule 1 leaves Ana and rule 2 leaves Ben)")),
        (["when always then ask team Core", "always"], "rule 2 (“always”): at character 1 expected “when” and a condition, got 'always'"),
    ],
)  # fmt: skip
def test_slips_are_refused_on_entry(desk, rules, said):
    """Names that the desk does not have, and pairs that leave nobody, are refused; so when a draft is tried."""
    with pytest.raises(InvalidFacts) as refused:
        publish(desk, *rules)
    assert said in refused.value.message
    desk.item()
    with pytest.raises(InvalidFacts):
        policy_try({"rules": rules}, reference_of(desk), by=BOSS, now=NOW)


def reference_of(desk):
    return WorkItem.objects.filter(desk_id=desk.id).values_list("reference", flat=True).first()


def test_what_nobody_has_is_accepted_and_said(desk):
    """A skill at a level that nobody has is a warning with who comes nearest; a queue that is not there, too."""
    rules = ["when queue is Mial then ask skill network at level 5"]
    assert publish(desk, *rules) == 1
    assert policy_notes(desk.id, Policy.from_json({"rules": rules})) == [
        "rule 1: “ask skill network at level 5” leaves nobody; nearest: Ana (level 3)",
        "“rule 1” asks for the queue “Mial”, which this desk does not have; did you mean “Mail”?",
    ]


def test_a_limit_of_a_class_that_nothing_is_of_is_said(desk):
    """A kind that there is not is refused; a category may come yet, and is said, letter for letter, with the one that is near."""
    desk.item(category="Network")
    with pytest.raises(InvalidFacts, match="did you mean kind:change"):
        policy_publish(desk.id, {"class_limits": {"kind:changes": 2}}, holds_from=NOW, reason="test", by=BOSS, now=NOW)
    limits = {"kind:change": 2, "category:Network": 5, "category:network": 5, "category:Printing": 1}
    assert policy_notes(desk.id, Policy.from_json({"class_limits": limits})) == [
        "A limit names the class “category:network”, which no item of this desk is of; did you mean “category:Network”?",
        "A limit names the class “category:Printing”, which no item of this desk is of",
    ]


def test_what_is_accepted_and_silly_is_said(desk):
    """A rule that no item can be for, and weights that put later work first; neither is an error."""
    rules = ["when priority is P3 and priority is P4 then never Ana", "when priority is P3 then never Ana"]
    weights = {"1": 1, "2": 2, "3": 2, "4": 4}
    policy = Policy.from_json({"rules": rules, "priority_weights": weights})
    assert policy_notes(desk.id, policy) == [
        "rule 1 can never hold: no item is as its condition asks, so it is without effect",
        "priority_weights: P2 weighs more than P1 (2 against 1), so it goes first",
        "priority_weights: P4 weighs more than P3 (4 against 2), so it goes first",
    ]
    assert policy_notes(desk.id, Policy()) == []
