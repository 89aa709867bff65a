"""The facts of a desk: each of them reaches the engine as it is stored."""

from __future__ import annotations

import pytest

from tests.factories import BOSS, minutes
from tests.flows.assign.small_desk import NOW, item_row, reference
from watchbill.apps.clocks.services import calendar_publish
from watchbill.apps.customers.models import Customer
from watchbill.apps.customers.services import clearances_set, customer_ensure
from watchbill.apps.decisions import services
from watchbill.apps.people.abilities import Limits, limits_set
from watchbill.apps.people.models import Membership, Person, Team
from watchbill.apps.shifts.services import presence_set
from watchbill.apps.work import competing
from watchbill.apps.work.efforts import EffortTable
from watchbill.apps.work.models import Effort, WorkItem
from watchbill.apps.work.queues import queue_save
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_next_step, item_state
from watchbill.flows.assign.asking import explain, policy_try
from watchbill.flows.assign.gather import gather_desk


def test_what_people_may_take_reaches_the_engine(desk):
    """Clearances of customer and item, tiers, limits by class with what is owned of it, and the deputy of who is off."""
    customer = customer_ensure(desk.id, "Bank", by=BOSS, now=NOW)
    clearances_set(customer, ["bank"], by=BOSS, now=NOW)
    item, other = desk.item(), desk.item()
    WorkItem.objects.update(category="Network")
    WorkItem.objects.filter(id=item).update(customer_id=customer, attributes={"clearance": ["export"]})
    assert facts(desk, item).clearances == {"bank", "export"}
    assert facts(desk, item).classes == ("kind:case", "category:Network")
    ana, ben = desk.people["Ana"], desk.people["Ben"]
    limits = Limits(clearances=["bank"], tiers=["plus"], class_limits={"category:Network": 1}, deputy_id=ben)
    limits_set(ana, limits, version=1, by=BOSS, now=NOW)
    give(desk, item, "Ana")
    found = person(desk, "Ana")
    assert (found.clearances, found.tiers, found.deputy) == ({"bank"}, {"plus"}, ben)
    assert found.open_by_class == {"kind:case": 1, "category:Network": 1}
    presence_set(ana, desk_id=desk.id, state="off", by=BOSS, now=NOW)
    assert person(desk, "Ana").is_absent
    assert facts(desk, item).owner == ana  # an absent owner's items come along
    considered = {one.name: one.consideration for one in explain(reference(other), by=BOSS, now=NOW).considered}
    assert considered["Ana"].failed == ("is_present_and_on_shift", "may_serve_tier", "has_room_in_class")


def test_bad_limits_are_refused(desk):
    """Each with its field; nothing is written."""
    ana = desk.people["Ana"]
    for limits, field in (
        (Limits(class_limits={"kind:problem": -1}), "class_limits"),
        (Limits(clearances=[""]), "clearances"),
        (Limits(deputy_id=ana), "deputy"),
    ):
        with pytest.raises(InvalidFacts) as refused:
            limits_set(ana, limits, version=1, by=BOSS, now=NOW)
        assert refused.value.details["field"] == field
    with pytest.raises(NotFound):
        limits_set(ana, Limits(deputy_id=10**9), version=1, by=BOSS, now=NOW)
    assert person(desk, "Ana").deputy is None


def test_who_has_just_come_or_gone_is_known(desk):
    """Minutes since the shift began, within the hour after it; nothing in the middle of it."""
    eight = NOW.replace(hour=8)
    assert person(desk, "Ana", eight + minutes(20)).since_change_min == 20
    assert person(desk, "Ana", eight + minutes(70)).since_change_min is None
    assert person(desk, "Ana", NOW.replace(hour=18, minute=10)).since_change_min == 10
    assert person(desk, "Ana", eight - minutes(5)).since_change_min is None


def give(desk, item_id, name, *, now=NOW):
    item_assign(reference(item_id), desk.people[name], by=BOSS, now=now)


def facts(desk, item_id, now=NOW, **options):
    return gather_desk(desk.id, now, **options).facts[item_id]


def person(desk, name, now=NOW):
    return gather_desk(desk.id, now).people[desk.people[name]]


def test_only_work_without_an_owner_competes(desk):
    """Owned, waiting and finished items are not in the snapshot; asked for by id, any is."""
    waits, owned, paused, done = (desk.item() for _ in range(4))
    give(desk, owned, "Ana")
    item_state(reference(paused), State.WAITING_VENDOR, by=BOSS, now=NOW)
    item_state(reference(done), State.RESOLVED, by=BOSS, now=NOW)
    assert set(gather_desk(desk.id, NOW).facts) == {waits}
    assert set(gather_desk(desk.id, NOW, also=[owned]).facts) == {waits, owned}


def test_owned_work_competes_where_the_policy_moves_it(desk):
    """With rebalancing on, actionable owned items are in the snapshot with their owner."""
    owned = desk.item()
    give(desk, owned, "Ana")
    services.policy_publish(desk.id, {"is_rebalancing": True}, holds_from=NOW, reason="test", by=BOSS, now=NOW)
    assert facts(desk, owned).owner == desk.people["Ana"]


def test_an_item_asks_what_its_queue_asks_unless_it_says_itself(desk):
    """Skill, level and team come from the queue; the item's own skill and level win."""
    team = Team.objects.create(desk_id=desk.id, name="Field").id
    desk.queues["Field"] = queue_save(
        desk.id, name="Field", team_id=team, skill_id=desk.skills["network"], skill_level=3, by=BOSS, now=NOW
    )
    item = desk.item("Field")
    WorkItem.objects.filter(id=item).update(skill_id=None, team_id=None, skill_level=1)
    found = facts(desk, item)
    assert (found.team, found.skill, found.min_level) == (team, desk.skills["network"], 3)
    WorkItem.objects.filter(id=item).update(skill_id=desk.skills["network"], skill_level=4)
    assert facts(desk, item).min_level == 4


def test_promises_are_the_clocks_that_run(desk):
    """Due instants and targets of running clocks; a paused one is no promise."""
    item = desk.item(priority=2)
    found = {str(c.kind): (c.due_at, c.target_min) for c in facts(desk, item).commitments}
    assert found == {
        "response": (NOW + minutes(30), 30),
        "resolution": (NOW + minutes(480), 480),
    }


@pytest.mark.parametrize(
    ("category", "priority", "expected"), [("vpn", 1, 5), ("vpn", 2, 10), ("mail", 1, 20), ("mail", 2, 40)]
)
def test_the_most_specific_effort_counts(desk, category, priority, expected):
    """Category and priority, then category, then priority, then the row for everything."""
    rows = {("vpn", 1): 5, ("vpn", None): 10, ("", 1): 20, ("", None): 40}
    Effort.objects.bulk_create(
        [Effort(desk_id=desk.id, category=c, priority=p, minutes=minutes_) for (c, p), minutes_ in rows.items()]
    )
    item = desk.item(category=category, priority=priority)
    assert facts(desk, item).effort_min == expected
    assert EffortTable(rows).minutes(category, priority) == expected
    give(desk, item, "Ana")
    assert person(desk, "Ana").load_min == expected


def test_a_long_effort_has_a_touch_of_an_hour(desk):
    """Until touches are learned, the next piece of work is at most sixty minutes."""
    Effort.objects.create(desk_id=desk.id, minutes=240)
    found = facts(desk, desk.item())
    assert (found.touch_min, found.effort_min) == (60, 240)


def test_load_counts_states_by_their_weight(desk):
    """An hour in progress, an hour waiting for the customer, and one waiting with a next step due soon."""
    active, waiting, soon = (desk.item() for _ in range(3))
    for item in (active, waiting, soon):
        give(desk, item, "Ana")
    for item in (waiting, soon):
        item_state(reference(item), State.WAITING_CUSTOMER, by=BOSS, now=NOW)
    item_next_step(reference(soon), what="Call", who=desk.people["Ana"], due_at=NOW + minutes(60), by=BOSS, now=NOW)
    ana = person(desk, "Ana")
    assert (ana.load_min, ana.open_count) == (60 + 9 + 60, 1)
    assert person(desk, "Ben").load_min == 0


def test_hours_and_presence_say_who_can_work(desk):
    """On shift with so much left, off until then, away although on shift."""
    ana, nora = person(desk, "Ana"), person(desk, "Nora")
    assert (ana.is_on_shift, ana.shift_left_min, ana.staffed_week_min) == (True, 540, 4200)
    assert (nora.is_on_shift, nora.shift_left_min, nora.staffed_week_min) == (False, 0, 4200)
    assert nora.next_shift_at == NOW.replace(hour=20)
    presence_set(desk.people["Ana"], desk_id=desk.id, state="away", by=BOSS, now=NOW)
    assert person(desk, "Ana").presence == "away"
    assert gather_desk(desk.id, NOW).next_change_at == NOW.replace(hour=18)


def test_skills_teams_languages_and_limits_are_passed_on(desk):
    """What people can do comes as it is stored; robots are no people."""
    team = Team.objects.create(desk_id=desk.id, name="Field").id
    Membership.objects.create(team_id=team, person_id=desk.people["Ana"])
    Person.objects.filter(id=desk.people["Ana"]).update(languages=["pt"], wip_limit=4)
    Person.objects.filter(id=desk.people["Ben"]).update(is_robot=True)
    ana = person(desk, "Ana")
    assert (ana.teams, ana.skills, ana.languages, ana.wip_limit) == (
        {team}, {desk.skills["network"]: 3}, {"pt"}, 4,
    )  # fmt: skip
    assert desk.people["Ben"] not in gather_desk(desk.id, NOW).people


def test_continuity_knows_the_item_and_the_customer(desk):
    """Who owned this item before, and who lately served its customer; the customer's tier comes too."""
    before, item = desk.item(customer="Acme"), desk.item(customer="Acme")
    give(desk, before, "Ben")
    give(desk, item, "Ana")
    item_assign(reference(item), None, by=BOSS, now=NOW)
    Customer.objects.update(tier="premier")
    found = facts(desk, item)
    assert (found.worked_before, found.knows_customer, found.tier) == (
        (desk.people["Ana"],), (desk.people["Ben"],), "premier",
    )  # fmt: skip
    assert found.is_touched
    assert not facts(desk, desk.item()).is_touched


def test_continuity_with_a_customer_fades(desk):
    """After ninety days nobody counts as knowing the customer."""
    before = desk.item(customer="Acme")
    give(desk, before, "Ben")
    customer = item_row(before)["customer_id"]
    assert competing.owners_by_customer([customer], NOW + minutes(60)) == {customer: (desk.people["Ben"],)}
    assert competing.owners_by_customer([customer], NOW + competing.LATELY + minutes(60)) == {}


def test_explaining_on_demand_names_everybody(desk):
    """Who may take it comes first with points, the others with every must they fail."""
    item = desk.item("Network")
    told = explain(reference(item), by=desk.by(), now=NOW)
    found = {one.name: one.consideration for one in told.considered}
    assert told.considered[0].name == "Ana"
    assert found["Ana"].score == pytest.approx(sum(c.points for c in found["Ana"].contributions))
    assert found["Ben"].failed == ("has_required_skill",)
    assert set(found["Nora"].failed) == {"is_present_and_on_shift", "has_required_skill"}


def test_an_owned_item_can_be_explained_a_finished_one_not(desk):
    """Asking costs nothing, but finished work considers nobody."""
    item = desk.item()
    give(desk, item, "Ana")
    assert explain(reference(item), by=desk.by(), now=NOW).considered[0].name in {"Ana", "Ben"}
    item_state(reference(item), State.RESOLVED, by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="resolved"):
        explain(reference(item), by=desk.by(), now=NOW)


def test_a_policy_can_be_tried_before_it_is_published(desk):
    """Without the skill as a must somebody else may be chosen; nothing is written, and rights are checked."""
    item = desk.item("Network")
    presence_set(desk.people["Ana"], desk_id=desk.id, state="off", by=BOSS, now=NOW)
    trial = policy_try({"needs_skill": False}, reference(item), by=desk.by(), now=NOW)
    assert (trial.chosen_in_force, trial.chosen_on_trial) == (None, "Ben")
    assert trial.in_force["verdict"] == "no_one"
    with pytest.raises(InvalidFacts, match="needs_skil"):
        policy_try({"needs_skil": False}, reference(item), by=desk.by(), now=NOW)
    with pytest.raises((NotAllowed, NotFound)):
        policy_try({}, reference(item), by=desk.by(role=None), now=NOW)


def test_the_next_change_is_the_first_of_all_comings_and_goings(desk):
    """The day crew leaves at 18:00; before that somebody who is away is back, and may be given work at once."""
    assert gather_desk(desk.id, NOW).next_change_at == NOW + minutes(9 * 60)
    presence_set(desk.people["Ana"], desk_id=desk.id, state="away", until_at=NOW + minutes(20), by=BOSS, now=NOW)
    assert gather_desk(desk.id, NOW).next_change_at == NOW + minutes(20)


def test_a_calendar_that_never_closes_opens_no_desk_on_a_holiday(desk):
    """P1 clocks run round the clock; people are off on the office calendar's holiday all the same."""
    closed = Calendar.working_week("UTC", "08:00-18:00", closed_on=[NOW.date()]).as_json()
    for name, body in (("office", closed), ("always", Calendar.always("UTC").as_json())):
        calendar_publish(desk.id, name, body, holds_from=NOW, reason="test", by=BOSS, now=NOW)
    assert [person.is_on_shift for person in gather_desk(desk.id, NOW).people.values()] == [False] * 3
