"""A draft beside the live decisions: worked out at every run, never acted on, stopped by its rule, over in its time, adopted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import BOSS
from tests.flows.assign.small_desk import NOW, item_row, kinds, make_small_desk
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.decisions import queries, shadows
from watchbill.apps.decisions.models import Decision, ShadowChoice
from watchbill.apps.decisions.services import policy_publish, policy_take_back
from watchbill.apps.decisions.shadows import Phase, shadow_adopt, shadow_get, shadow_stop, shadow_sums
from watchbill.apps.people.rights import Role
from watchbill.apps.reports.backtests import backtest_add, backtest_row
from watchbill.apps.shifts.models import ExtraHours
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.shadow import Shadowed, StopRule
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import Priority
from watchbill.flows.assign import shadowing
from watchbill.flows.assign.dryrun import dry_run_ask
from watchbill.flows.backtest.adopting import shadow_ask
from watchbill.flows.backtest.asking import drafts_of

pytestmark = pytest.mark.django_db

RULE = "when category is invoice then never Ana"


@pytest.fixture
def desk():
    return make_small_desk()


def drafted(desk, body):
    return Policy.from_json({**Policy().as_json(), **body})


def begun(desk, body, **how):
    told = {"name": "watchbill DRY-1", "says": "The draft", "by": BOSS, "now": NOW} | how
    return shadows.shadow_begin(desk.id, drafted(desk, body), **told)


def test_a_draft_is_held_beside_what_is_decided(desk):
    """Each decision of a run is compared; live does what it would have done without."""
    desk.mode("Mail", "autopilot")
    alone = make_small_desk()
    alone.mode("Mail", "autopilot")
    shadow = begun(desk, {"rules": [RULE]})
    for n in range(6):
        made = [one.item(category="invoice" if n % 2 else "", now=NOW + timedelta(minutes=n)) for one in (desk, alone)]
        for one in (desk, alone):
            one.tick(NOW + timedelta(minutes=n, seconds=1))
        names = [
            {key: name for name, key in one.people.items()}[item_row(item)["owner_id"]]
            for one, item in zip((desk, alone), made, strict=True)
        ]
        assert names[0] == names[1]
        assert kinds(made[0]) == kinds(made[1])
    found = list(ShadowChoice.objects.filter(shadow_id=shadow).order_by("item_id"))
    assert len(found) == 6
    invoices = found[1::2]
    assert desk.people["Ana"] not in [one.draft_id for one in invoices]
    assert all(one.agrees and one.difference == 0 for one in found[0::2])
    sums = shadow_sums(shadow)
    assert (sums.compared, sums.agree) == (6, sum(one.agrees for one in found))
    row = shadow_get(shadow, by=BOSS)
    assert row.turns == 6
    assert row.phase(NOW) is Phase.RUNNING
    assert row.phase(NOW + timedelta(days=7)) is Phase.OVER
    assert row.days_done(NOW + timedelta(days=3)) == 3


def test_it_says_what_a_draft_is_expected_to_miss(desk):
    """Where nobody is left to a draft, what was given away is expected to be missed; where it agrees, nothing changes."""
    shadow = begun(
        desk, {"rules": ["when category is invoice then never Ana", "when category is invoice then never Ben"]}
    )
    desk.item(category="invoice")
    desk.item(category="plain")
    desk.tick()
    first, second = ShadowChoice.objects.filter(shadow_id=shadow).order_by("item_id")
    assert (first.draft_id, first.agrees) == (None, False)
    assert 0 < first.difference == pytest.approx(1 - first.p_done)
    assert (second.agrees, second.difference) == (True, 0)
    assert first.reason
    (differs,) = shadows.shadow_differs(shadow)
    assert differs.reference == item_row(first.item_id)["reference"]


def test_the_stop_rule_ends_it(desk):
    """A draft that leaves urgent work to nobody is stopped as soon as that is more than chance, and says so."""
    rules = [f"when category is invoice then never {name}" for name in ("Ana", "Ben")]
    shadow = begun(desk, {"rules": rules}, rule=StopRule(least=5))
    for n in range(8):
        desk.item(category="invoice", priority=2, now=NOW + timedelta(minutes=n))
    desk.tick(NOW + timedelta(minutes=9))
    row = shadow_get(shadow, by=BOSS)
    assert row.phase(NOW + timedelta(minutes=10)) is Phase.STOPPED
    assert row.message.startswith("Stop rule: of 8 choices on P1 and P2")
    with pytest.raises(Conflict, match="was stopped"):
        shadow_adopt(shadow, reason="all the same", by=BOSS, now=NOW + timedelta(days=8))
    compared = shadow_sums(shadow).compared
    desk.item(category="invoice", now=NOW + timedelta(hours=1))
    desk.tick(NOW + timedelta(hours=1))
    assert shadow_sums(shadow).compared == compared


def test_it_is_adopted_when_it_is_over(desk, monkeypatch):
    """With a reason, by who may publish; in the trail; and taken back to the version before."""
    monkeypatch.setattr(shadows, "LEAST", 2)
    shadow, after = begun(desk, {"look_ahead": 3.0}), NOW + timedelta(days=7, hours=1)
    with pytest.raises(Conflict, match=r"under way: 0\.5 of 7 days"):
        shadow_adopt(shadow, reason="better", by=BOSS, now=NOW + timedelta(hours=12))
    with pytest.raises(Conflict, match="compared 0 decisions"):
        shadow_adopt(shadow, reason="better", by=BOSS, now=after)
    for n in range(3):
        desk.item(now=NOW + timedelta(minutes=n))
    desk.tick(NOW + timedelta(minutes=5))
    with pytest.raises(InvalidFacts, match="Say why"):
        shadow_adopt(shadow, reason=" ", by=BOSS, now=after)
    with pytest.raises(NotAllowed):
        shadow_adopt(shadow, reason="better", by=desk.by(Role.COORDINATOR), now=after)
    number = shadow_adopt(shadow, reason="better in the shadow", by=BOSS, now=after)
    force = queries.policy_in_force(desk.id, after)
    assert (force.number, force.policy.look_ahead) == (number, 3.0)
    assert shadow_get(shadow, by=BOSS).phase(after) is Phase.ADOPTED
    acts = AuditEvent.objects.filter(object_ref=f"SHD-{shadow}").order_by("id").values_list("action", flat=True)
    assert list(acts) == ["shadow_begun", "shadow_adopted"]
    with pytest.raises(Conflict, match="adopted as version"):
        shadow_adopt(shadow, reason="again", by=BOSS, now=after)
    policy_take_back(desk.id, 0, reason="worse", seen_number=number, by=BOSS, now=after + timedelta(hours=1))
    assert queries.policy_in_force(desk.id, after + timedelta(hours=1)).policy.look_ahead == Policy().look_ahead


def test_another_version_ends_it(desk):
    """What it was held beside is not what would be replaced any more."""
    shadow = begun(desk, {"look_ahead": 3.0})
    policy_publish(desk.id, {"look_ahead": 2.5}, holds_from=NOW, reason="other", by=BOSS, now=NOW)
    desk.item()
    desk.tick(NOW + timedelta(minutes=1))
    row = shadow_get(shadow, by=BOSS)
    assert (row.phase(NOW), row.message) == (
        Phase.STOPPED,
        "Version 1 of the policy came into force, which it was not held beside",
    )


def test_who_may_begin_and_stop_one(desk):
    """Those who may publish; one at a time; days in range; not what is in force; others learn nothing of it."""
    coordinator = desk.by(Role.COORDINATOR)
    with pytest.raises(NotAllowed):
        begun(desk, {"look_ahead": 3.0}, by=coordinator)
    with pytest.raises(InvalidFacts, match="1 to 90 days"):
        begun(desk, {"look_ahead": 3.0}, days=0)
    with pytest.raises(InvalidFacts, match="in force already"):
        begun(desk, {})
    shadow = begun(desk, {"look_ahead": 3.0})
    with pytest.raises(Conflict, match=f"SHD-{shadow}"):
        begun(desk, {"look_ahead": 2.0})
    with pytest.raises(NotAllowed):
        shadow_stop(shadow, by=coordinator, now=NOW)
    with pytest.raises(NotFound):
        shadow_get(shadow, by=make_small_desk().by(Role.MANAGER))
    shadow_stop(shadow, by=BOSS, now=NOW)
    with pytest.raises(Conflict, match="has ended"):
        shadow_stop(shadow, by=BOSS, now=NOW)
    assert begun(desk, {"look_ahead": 2.0}, now=NOW + timedelta(days=1)) > shadow


def test_a_draft_is_shadowed_by_its_name(desk):
    """As comparisons call it; another name is answered with those that there are."""
    dry = dry_run_ask(desk.id, {"look_ahead": 2.0}, is_waking=False, by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match=f"there are: watchbill DRY-{dry}$"):
        shadow_ask(desk.id, "fifo", by=BOSS, now=NOW)
    row = shadow_get(shadow_ask(desk.id, f"watchbill DRY-{dry}", days=3, by=BOSS, now=NOW), by=BOSS)
    assert (row.days, row.draft().look_ahead, row.ends_at) == (3, 2.0, NOW + timedelta(days=3))


def test_only_drafts_that_could_begin_are_named(desk):
    """Not what is in force, and not what was drawn up beside another version: each would be refused."""
    with pytest.raises(InvalidFacts, match="none that a shadow run could begin with: run one dry first"):
        shadow_ask(desk.id, "mine", by=BOSS, now=NOW)
    older = dry_run_ask(desk.id, {"look_ahead": 2.0}, is_waking=False, by=BOSS, now=NOW)
    policy_publish(desk.id, {"look_ahead": 3.0}, holds_from=NOW, reason="other", by=BOSS, now=NOW)
    assert {"watchbill in force", f"watchbill DRY-{older}"} <= {one.name for one in drafts_of(desk.id, NOW)}
    with pytest.raises(InvalidFacts, match="none that a shadow run could begin with"):
        shadow_ask(desk.id, "mine", by=BOSS, now=NOW)
    newer = dry_run_ask(desk.id, {"look_ahead": 5.0}, is_waking=False, by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match=f"there are: watchbill DRY-{newer}$") as refused:
        shadow_ask(desk.id, "mine", by=BOSS, now=NOW)
    assert refused.value.details["field"] == "draft"


def test_a_draft_drawn_from_an_older_version_is_not_shadowed(desk):
    """Adopted, it would silently take back what was published since: refused, run dry again it begins."""
    dry = dry_run_ask(desk.id, {"look_ahead": 2.0}, is_waking=False, by=BOSS, now=NOW)
    drafts = [{"name": one.name, "says": one.says, "body": one.body} for one in drafts_of(desk.id, NOW)]
    told = {"policies": [], "depth": "quick", "drafts": drafts}
    run = backtest_row(backtest_add(desk.id, told, against=0, by=BOSS, now=NOW))
    policy_publish(desk.id, {"look_ahead": 3.0}, holds_from=NOW, reason="other", by=BOSS, now=NOW)
    for each in (None, run):
        with pytest.raises(Conflict, match="version 0 of the policy; version 1 is in force"):
            shadow_ask(desk.id, f"watchbill DRY-{dry}", run=each, by=BOSS, now=NOW)
    again = dry_run_ask(desk.id, {"look_ahead": 2.0}, is_waking=False, by=BOSS, now=NOW)
    assert shadow_ask(desk.id, f"watchbill DRY-{again}", by=BOSS, now=NOW)


def test_a_draft_that_names_what_is_gone_is_not_adopted(desk, monkeypatch):
    """A rule of it speaks of somebody whom the desk does not have."""
    monkeypatch.setattr(shadows, "LEAST", 0)
    shadow = begun(desk, {"rules": [RULE.replace("Ana", "Zoe")]}, days=1)
    with pytest.raises(InvalidFacts, match="Zoe"):
        shadow_adopt(shadow, reason="better", by=BOSS, now=NOW + timedelta(days=1))


def test_a_turn_costs_a_bounded_number_of_queries_and_choices(desk, monkeypatch):
    """Ten more items: not one query more; above the bound, the most urgent are compared."""
    shadow = begun(desk, {"rules": [RULE, RULE.replace("Ana", "Ben")]})
    costs, real = [], shadowing.shadow_turn

    def counted(decided):
        with CaptureQueriesContext(connection) as seen:
            real(decided)
        costs.append(len(seen))

    monkeypatch.setattr("watchbill.flows.assign.tick.shadow_turn", counted)
    for turn, many in enumerate((2, 12)):
        for _ in range(many):
            desk.item(category="invoice", now=NOW + timedelta(minutes=turn))
        desk.tick(NOW + timedelta(minutes=turn, seconds=30))
    assert costs[1] <= costs[0]
    assert costs[0] <= 30
    monkeypatch.setattr(shadowing, "MOST", 3)
    before = shadow_sums(shadow).compared
    for n in range(9):
        desk.item(priority=1 if n > 5 else 3, now=NOW + timedelta(minutes=5))
    desk.tick(NOW + timedelta(minutes=6))
    latest = ShadowChoice.objects.filter(shadow_id=shadow, at=NOW + timedelta(minutes=6))
    assert {one.priority for one in latest} == {1}
    assert shadow_sums(shadow).compared == before + 3


def test_what_fails_in_a_shadow_leaves_live_alone(desk, monkeypatch):
    """The decision stands; the fault is said in the log."""
    begun(desk, {"look_ahead": 3.0})
    monkeypatch.setattr(shadowing, "place_one", lambda *_: 1 / 0)
    item = desk.item()
    assert desk.tick().applied.proposed == 1
    assert Decision.objects.filter(item_id=item).exists()


def test_a_difference_stays_when_both_agree_later(desk):
    """Whoever adopts sees every item on which the draft would have decided otherwise, not only how the last look went."""
    row = shadow_get(begun(desk, {"rules": [RULE]}), by=BOSS)
    item = item_row(desk.item())["id"]
    ana, ben = desk.people["Ana"], desk.people["Ben"]
    differs = Shadowed(item=item, priority=Priority.P2, done=ana, in_force=ana, draft=ben, p_done=0.2, p_draft=0.5)
    for number, one in enumerate((differs, replace(differs, draft=ana), replace(differs, p_draft=0.4))):
        shadows.shadow_keep(row, [(one, "why")], seconds=0.01, now=NOW + timedelta(minutes=number))
        sums = shadow_sums(row.id)
        assert (sums.compared, sums.agree) == (1, 0)
    assert sums.all_of.total == pytest.approx(0.2)


def test_who_works_longer_is_at_work_beside(desk):
    """Extra hours are hours: who is at work in them does not look absent to the shadow."""
    night = NOW + timedelta(hours=12)
    ExtraHours.objects.create(
        person_id=desk.people["Ana"], from_at=night, until_at=night + timedelta(hours=2), why="more", by_name="Boss"
    )
    spans = shadowing._spans(desk.id, night, {desk.people["Ana"]})[desk.people["Ana"]]
    assert spans[0] == (0, 120)
