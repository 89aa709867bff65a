"""Balance on a real database: the four terms, moves as one undoable act, and half accepted moves between regions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.factories import BOSS, EPOCH, make_extra
from tests.flows.assign.small_desk import NOW, item_row, make_small_desk, texts
from watchbill.apps.clocks.models import Clock
from watchbill.apps.core.references import ACT, key_of
from watchbill.apps.decisions.choices import MoveStatus
from watchbill.apps.decisions.models import Risk
from watchbill.apps.decisions.moves import move_get, move_list, move_next_at
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.notices.models import Notice
from watchbill.apps.people import users
from watchbill.apps.people.models import Person, Region
from watchbill.apps.people.queries import actor_of_username
from watchbill.apps.people.rights import Role
from watchbill.apps.shifts.models import Absence
from watchbill.apps.work.competing import carried_by_person
from watchbill.apps.work.models import WorkEvent, WorkItem
from watchbill.apps.work.weighing import effort_set
from watchbill.engine.assign.classes import does_compete
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import EventKind
from watchbill.engine.sense.due import due_min
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note
from watchbill.flows.act.undoing import act_undo
from watchbill.flows.assign.answers import decision_accept
from watchbill.flows.assign.gather import gather_desk
from watchbill.flows.balance import answering
from watchbill.flows.balance.loads import loads_get
from watchbill.flows.balance.making import moves_make
from watchbill.flows.balance.shares import share_of, shares_get
from watchbill.flows.balance.suggesting import key_read, suggest_moves

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """Ana owns ten items, Ben none; both on shift for nine hours."""
    desk = make_small_desk()
    for _ in range(10):
        give(desk, "Ana")
    return desk


def give(desk, name, **fields):
    item = desk.item(now=NOW - timedelta(hours=1), **fields)
    item_assign(item_row(item)["reference"], desk.people[name], by=BOSS, now=NOW - timedelta(hours=1))
    return item


def manager(desk, username, *, region=None):
    """A queue manager of the desk, who is a person of a region."""
    person = factories.make_person(desk.id, username.title())
    Person.objects.filter(id=person).update(region=region)
    users.user_create(username, name=username.title(), person_id=person, by=BOSS, now=EPOCH)
    users.role_grant(username, Role.QUEUE_MANAGER, desk_id=desk.id, by=BOSS, now=EPOCH)
    return actor_of_username(username)


def two_regions(desk):
    """Ana in EMEA, Ben in AMS, and a manager of each."""
    regions = {name: Region.objects.create(desk_id=desk.id, name=name) for name in ("EMEA", "AMS")}
    Person.objects.filter(id=desk.people["Ana"]).update(region=regions["EMEA"])
    Person.objects.filter(id=desk.people["Ben"]).update(region=regions["AMS"])
    return manager(desk, "emma", region=regions["EMEA"]), manager(desk, "amos", region=regions["AMS"])


def loads(desk, by=BOSS, now=NOW):
    return loads_get(desk.id, by=by, now=now)


def keys(desk, most=2, by=BOSS):
    found = suggest_moves(loads(desk), by=by)
    return [found.key(move) for move in found.moves[:most]]


def test_own_work_is_what_assignment_says(desk):
    """Backlog and work in progress of a person add up to the load that assignment weighs her by."""
    carried = carried_by_person(desk.id, NOW)
    found = loads(desk).workload.people
    ana = desk.people["Ana"]
    assert found[ana].own_min == pytest.approx(carried[ana].load_min)
    assert found[ana].available_min == {4: 240.0, 8: 480.0, 24: 600.0}
    assert found[desk.people["Nora"]].available_min[8] == 0


def test_absences_are_no_hours(desk):
    """Who is away tomorrow has today's hours alone, and who was away lately was not present."""
    ana = desk.people["Ana"]
    Absence.objects.create(
        person_id=ana, from_at=NOW + timedelta(hours=1), until_at=NOW + timedelta(days=2), kind="leave"
    )
    Absence.objects.create(
        person_id=ana, from_at=NOW - timedelta(days=2), until_at=NOW - timedelta(days=1), kind="sick"
    )
    assert loads(desk).workload.people[ana].available_min == {4: 60.0, 8: 60.0, 24: 60.0}
    assert share_of(desk.id, ana, by=BOSS, now=NOW).share.received.present_min == 27 * 600


def test_extra_hours_were_hours(desk):
    """Asked to stay on Friday from five until eleven, she worked five hours more, one of them at night: until six was her usual day."""
    ana, friday = desk.people["Ana"], NOW.replace(hour=0) - timedelta(days=3)
    make_extra(desk.id, ana, friday + timedelta(hours=17), friday + timedelta(hours=23))
    found = share_of(desk.id, ana, by=BOSS, now=NOW).share.received
    assert (found.present_min, found.unpopular_min) == (28 * 600 + 300, 8 * 600 + 60)


def test_what_is_due_before_its_owner_is_back_comes_with_the_sun(desk):
    """Nora is off until tonight: what was promised for the time since she left is a hand-off into the region of those at work.

    Her P1 was missed at 8:15, after she had gone; her P4 is to be answered at noon. What waits for its customer stays hers.
    """
    two_regions(desk)
    night = Region.objects.create(desk_id=desk.id, name="APJ").id
    Person.objects.filter(id=desk.people["Nora"]).update(region=night)
    for priority in (1, 4):
        give(desk, "Nora", priority=priority)
    WorkItem.objects.filter(id=give(desk, "Nora")).update(state="waiting_customer")
    Clock.objects.filter(item__state="waiting_customer").update(status="paused", due_at=None)
    found = loads(desk)
    by_name = {found.regions.get(region): load for region, load in found.workload.regions.items()}
    assert by_name["EMEA"].handoffs_min + by_name["AMS"].handoffs_min == 120
    assert by_name["APJ"].own_min == pytest.approx(0.15 * 60)
    assert by_name["APJ"].due.own_min == 0
    assert by_name["EMEA"].due.handoffs_min + by_name["AMS"].due.handoffs_min == 120


def test_what_was_missed_in_extra_hours_was_no_handoff(desk):
    """A P1 whose answer was missed at 8:15, and that she can resolve when she is back: Nora stayed until half past eight, so it is hers."""
    two_regions(desk)
    night = Region.objects.create(desk_id=desk.id, name="APJ").id
    Person.objects.filter(id=desk.people["Nora"]).update(region=night)
    item = give(desk, "Nora", priority=1)
    Clock.objects.filter(item_id=item, kind="resolution").update(due_at=NOW + timedelta(hours=14))
    assert loads(desk).workload.desk.handoffs_min == 60
    make_extra(desk.id, desk.people["Nora"], NOW - timedelta(hours=3), NOW - timedelta(minutes=30))
    assert loads(desk).workload.desk.handoffs_min == 0


def test_while_colleagues_of_her_region_are_at_work_nothing_goes_with_the_sun(desk):
    """Ana of her region is there until 18:00 and Nora comes at 20:00: what falls due between goes on, what is due before does not."""
    two_regions(desk)
    Person.objects.filter(id=desk.people["Nora"]).update(region=Person.objects.get(id=desk.people["Ana"]).region_id)
    item = give(desk, "Nora", priority=1)
    assert loads(desk).workload.desk.handoffs_min == 0
    Clock.objects.filter(item_id=item, kind="response").update(status="met")
    Clock.objects.filter(item_id=item, kind="resolution").update(due_at=NOW + timedelta(hours=10))
    assert loads(desk).workload.desk.handoffs_min == 60


def test_what_fits_in_before_she_goes_is_no_handoff(desk):
    """Ana leaves at 18:00 and is back at 8:00: what takes no longer than she has left stays hers, though it is due at night."""
    two_regions(desk)
    night = NOW + timedelta(hours=14)
    Clock.objects.filter(kind="resolution").update(due_at=night)
    Clock.objects.filter(kind="response").update(status="met", due_at=NOW)
    assert loads(desk).workload.desk.handoffs_min == 0
    late = NOW + timedelta(hours=8, minutes=30)
    assert loads(desk, now=late).workload.desk.handoffs_min == 600


def test_the_database_says_what_the_engine_says_of_dues(desk):
    """What falls due until a horizon is the same by SQL and by the rule, item by item, with promises of all kinds or none."""
    hours = [(None, None), (3, None), (None, 5), (-1, 30), (2, 30), (30, 40), (-2, -1), (7, 8), (23, 24), (24, 25)]
    for minutes, at in zip((20, 60, 300), (0, 1, 2), strict=True):
        effort_set(desk.id, category=f"c{at}", priority=None, minutes=minutes, by=BOSS, now=EPOCH)
    wanted = {4: 0.0, 8: 0.0, 24: 0.0}
    for at, (act, done) in enumerate(hours):
        minutes = (20, 60, 300)[at % 3]
        item = give(desk, "Nora", category=f"c{at % 3}")
        for kind, hour in (("response", act), ("resolution", done)):
            known = (
                {"status": "running", "due_at": NOW + timedelta(hours=hour)} if hour is not None else {"status": "met"}
            )
            Clock.objects.filter(item_id=item, kind=kind).update(**known)
        for horizon in wanted:
            wanted[horizon] += due_min(
                minutes, min(60, minutes), act_in_min=None if act is None else 60 * act,
                done_in_min=None if done is None else 60 * done, within_min=60 * horizon,
            )  # fmt: skip
    for horizon, due in wanted.items():
        found = loads_get(desk.id, horizon_h=horizon, by=BOSS, now=NOW).workload
        assert found.people[desk.people["Nora"]].due.own_min == due, horizon
        assert sum(load.due.own_min for load in found.regions.values()) == pytest.approx(
            sum(load.due.own_min for load in found.people.values())
        )
    day = loads(desk).workload.forecast[None][0]
    assert day.work_min == pytest.approx(loads(desk).workload.desk.due.own_min)


def test_work_of_robots_and_of_those_who_left_is_nobodys(desk):
    """It is shared like work without an owner, and what of it is due counts in the forecast as it does in the terms."""
    two_regions(desk)
    give(desk, "Nora")
    for is_robot in (False, True):
        Person.objects.filter(id=desk.people["Nora"]).update(is_robot=is_robot, is_active=is_robot)
        found = loads(desk).workload
        assert found.desk.own_min == 11 * 60
        now = [hours[0].work_min for hours in found.forecast.values()]
        assert sum(now) == pytest.approx(found.desk.due.own_min)


def test_what_came_in_is_due_as_it_was_before(desk):
    """A week ago an item came in at this hour, answered within hours and promised for days later: a touch of it is due."""
    effort_set(desk.id, category="long", priority=None, minutes=300, by=BOSS, now=EPOCH)
    desk.item(now=NOW - timedelta(days=7) + timedelta(minutes=30), category="long", priority=4)
    Clock.objects.filter(item__category="long", kind="resolution").update(due_at=NOW)
    incoming = loads(desk).workload.desk
    assert incoming.incoming.mean_min > 0
    assert incoming.due.incoming.mean_min / incoming.incoming.mean_min == pytest.approx(60 / 300)


def test_history_is_read_once_an_hour_and_when_more_of_it_becomes_known(desk):
    """Within the hour it is kept; an item of last week that becomes known meanwhile is counted at once."""
    desk.item(now=NOW - timedelta(days=14))
    first = loads(desk, now=NOW + timedelta(minutes=5))
    with CaptureQueriesContext(connection) as asked:
        again = loads(desk, now=NOW + timedelta(minutes=40))
    assert not [one for one in asked.captured_queries if "part.due" in one["sql"]]
    assert first.history_until == again.history_until == NOW
    assert again.workload.desk.incoming == first.workload.desk.incoming
    desk.item(now=NOW - timedelta(days=7) + timedelta(minutes=30))
    later = loads(desk, now=NOW + timedelta(minutes=41)).workload
    assert later.desk.incoming.mean_min > again.workload.desk.incoming.mean_min
    assert loads(desk, now=NOW + timedelta(hours=1)).history_until == NOW + timedelta(hours=1)


def test_one_rest_for_balance_and_assignment(desk):
    """What Balance has moved, asked to move or been refused lately, assignment leaves where it is, and the other way round."""
    policy_publish(desk.id, {"is_rebalancing": True}, holds_from=NOW, reason="test", by=BOSS, now=NOW)
    emma, _ = two_regions(desk)
    (asked,) = keys(desk, most=1, by=emma)
    moves_make(desk.id, [asked], by=emma, now=NOW)
    (row,) = move_list(desk.id)
    gathered = gather_desk(desk.id, NOW + timedelta(minutes=1))
    assert gathered.facts[row.item_id].last_moved_at == NOW
    people = {person.id: person for person in gathered.snapshot.people}
    competing = [item.id for item in gathered.snapshot.items if does_compete(item, gathered.snapshot, people)]
    assert row.item_id not in competing
    assert len(competing) == 9
    later = gather_desk(desk.id, NOW + timedelta(hours=24))
    people = {person.id: person for person in later.snapshot.people}
    assert does_compete(later.facts[row.item_id], later.snapshot, people)


@pytest.mark.parametrize("mode", ["advise", "autopilot"])
def test_what_was_just_given_by_a_decision_rests_too(desk, mode):
    """Whoever was given an item by Watchbill, or took it as proposed, is not asked to give it back within the rest; then she is."""
    ben = desk.people["Ben"]
    Person.objects.filter(id=ben).update(is_active=False)
    desk.mode("Mail", mode)
    item = desk.item(now=NOW - timedelta(minutes=30))
    desk.tick(NOW - timedelta(minutes=20))
    if mode == "advise":
        decision_accept(desk.proposal(item).id, by=desk.by(), now=NOW - timedelta(minutes=10))
    assert item_row(item)["owner_id"] == desk.people["Ana"]
    Person.objects.filter(id=ben).update(is_active=True)
    reference = item_row(item)["reference"]
    offered = suggest_moves(loads(desk), by=BOSS)
    assert reference not in {key_read(offered.key(move))[0] for move in offered.moves}
    key = f"{reference}:{item_row(item)['version']}>{ben}"
    assert [left for left, _ in moves_make(desk.id, [key], by=BOSS, now=NOW).left] == [reference]
    assert moves_make(desk.id, [key], by=BOSS, now=NOW + timedelta(hours=24)).done == [reference]


def test_history_is_counted_by_hours_back_from_now(desk):
    """One week of arrivals makes the same hour next week expected; what is younger than a week says nothing."""
    assert loads(desk).workload.history_weeks == 0
    desk.item(now=NOW - timedelta(days=7) + timedelta(minutes=30))
    desk.item(now=NOW - timedelta(days=7) + timedelta(minutes=40))
    found = loads(desk).workload
    assert found.history_weeks == 1
    assert found.desk.incoming.mean_min > 0


def test_queries_do_not_grow_with_the_desk(desk, django_assert_max_num_queries):
    """A handful for the loads, and a fixed number more for moves."""
    with django_assert_max_num_queries(16):
        found = loads(desk)
    with django_assert_max_num_queries(26):
        suggest_moves(found, by=BOSS)


def test_moves_are_one_act_that_is_undone_as_one(desk):
    """The chosen go over with a note of what, why and what is expected; one undo brings all back; they rest afterwards."""
    chosen = keys(desk)
    made = moves_make(desk.id, chosen, by=BOSS, now=NOW)
    assert len(made.done) == 2
    assert made.left == made.asked == []
    (row, _) = move_list(desk.id)
    item = item_row(row.item_id)
    assert item["owner_id"] == desk.people["Ben"]
    note = WorkEvent.objects.filter(item_id=row.item_id, kind=EventKind.ASSIGNED).latest("seq").data["text"]
    assert "Moved from Ana to Ben" in note
    assert "Expected: promise missed" in note
    assert row.status is MoveStatus.MADE
    act_undo(key_of(ACT, made.act), by=BOSS, now=NOW + timedelta(minutes=1))
    assert item_row(row.item_id)["owner_id"] == desk.people["Ana"]
    again = suggest_moves(loads(desk, now=NOW + timedelta(minutes=2)), by=BOSS)
    assert {one.reference for one in move_list(desk.id)}.isdisjoint({key_read(again.key(m))[0] for m in again.moves})


def test_unticking_changes_what_the_rest_leads_to(desk):
    """The outlook is that of the moves kept, not of all offered."""
    found = suggest_moves(loads(desk), by=BOSS)
    one = suggest_moves(loads(desk), kept=[found.key(found.moves[0])], by=BOSS)
    assert len(one.chosen) == 1
    assert found.outlook.busiest_after < one.outlook.busiest_after < found.outlook.busiest_before


def test_what_changed_since_is_left_and_named(desk):
    """Somebody changes one of two items between page and click: one goes, the other is named with who changed it."""
    first, second = keys(desk)
    reference = key_read(first)[0]
    item_assign(reference, desk.people["Nora"], by=desk.by(name="Cora"), now=NOW)
    made = moves_make(desk.id, [first, second], by=BOSS, now=NOW)
    assert made.done == [key_read(second)[0]]
    assert [one[0] for one in made.left] == [reference]


def test_present_chances_are_those_of_risk_where_it_has_any(desk):
    """What is scored by a model is shown as it stands, with when; the share of a target that is used is no chance."""
    found = suggest_moves(loads(desk), by=BOSS)
    assert found.weighed.scored_at is None
    item, before = found.moves[0].item, found.moves[0].late_before
    score = {"item_id": item, "desk_id": desk.id, "commitment": "resolution", "gain": 1.0, "rank": 1.0, "number": 1}
    made = Risk.objects.create(
        **score, p_miss=0.25, source="share", is_worst=True, body={"reasons": []}, scored_at=NOW
    )  # fmt: skip
    assert suggest_moves(loads(desk), by=BOSS).weighed.scored_at is None
    Risk.objects.filter(pk=made.pk).update(source="model")
    found = suggest_moves(loads(desk), by=BOSS)
    assert found.weighed.scored_at == NOW
    assert found.weighed.facts.chances == {item: 0.25}
    assert before != 0.25
    assert [one.late_before for one in found.moves if one.item == item] in ([0.25], [])


def test_no_more_than_the_policy_lets_in_an_hour(desk, settings):
    """The hour's moves are used up: what is beyond is left, and nothing more is suggested."""
    policy_publish(desk.id, {"moves_per_hour": 1}, holds_from=NOW, reason="test", by=BOSS, now=NOW)
    found = gather_desk(desk.id, NOW).snapshot.policy
    assert found.moves_per_hour == 1
    chosen = keys(desk)
    assert len(chosen) == 1
    moves_make(desk.id, chosen, by=BOSS, now=NOW)
    assert suggest_moves(loads(desk), by=BOSS).moves == ()


def test_moves_made_together_fill_nobody_beyond_her_limit(desk):
    """Ben has one free slot: of two moves to him that each would hold by itself the second is left, and named."""
    chosen = keys(desk)
    Person.objects.filter(id=desk.people["Ben"]).update(wip_limit=1)
    made = moves_make(desk.id, chosen, by=BOSS, now=NOW)
    assert made.done == [key_read(chosen[0])[0]]
    assert made.left == [
        (key_read(chosen[1])[0], "It cannot go to this person: a rule of assignment, or a rest after a move")
    ]


def test_rights_and_nonsense(desk):
    """An agent makes no moves; what is no move is refused; nothing chosen, too."""
    with pytest.raises(NotAllowed):
        moves_make(desk.id, keys(desk), by=desk.by(Role.AGENT), now=NOW)
    for wrong in ([], ["CASE-1"], ["CASE-1:2>x"], ["CASE-1>2"]):
        with pytest.raises(InvalidFacts):
            moves_make(desk.id, wrong, by=BOSS, now=NOW)
    made = moves_make(desk.id, [f"CASE-999999:1>{desk.people['Ben']}"], by=BOSS, now=NOW)
    assert made.done == []
    assert len(made.left) == 1


def test_between_regions_the_other_manager_answers(desk):
    """Half accepted until she agrees: told by notice, noted on the item, made by her yes, once."""
    emma, amos = two_regions(desk)
    (chosen,) = keys(desk, most=1, by=emma)
    made = moves_make(desk.id, [chosen], by=emma, now=NOW)
    assert made.asked == [key_read(chosen)[0]]
    assert made.done == []
    (row,) = move_list(desk.id)
    assert item_row(row.item_id)["owner_id"] == desk.people["Ana"]
    assert Notice.objects.filter(person_id=amos.person_id, kind="move_asked").count() == 1
    assert [one.may_answer for one in answering.moves_asked(desk.id, by=emma)] == [False]
    with pytest.raises(NotAllowed):
        answering.move_accept(row.id, by=emma, now=NOW)
    assert answering.move_accept(row.id, by=amos, now=NOW).status is MoveStatus.MADE
    assert item_row(row.item_id)["owner_id"] == desk.people["Ben"]
    assert Notice.objects.filter(person_id=emma.person_id, kind="move_answered").count() == 1
    with pytest.raises(Conflict) as error:
        answering.move_refuse(row.id, "no", by=amos, now=NOW)
    assert "Amos has answered" in error.value.message


def test_nobody_is_offered_moves_between_others(desk):
    """What helps within one region is for its own manager to make; she of another region is offered what touches hers."""
    emma, amos = two_regions(desk)
    desk.person("Ada")
    Person.objects.filter(id=desk.people["Ada"]).update(region=emma_region(desk))
    found = {move.taker for move in suggest_moves(loads(desk, by=amos), by=amos).moves}
    assert found == {desk.people["Ben"]}
    assert desk.people["Ada"] in {move.taker for move in suggest_moves(loads(desk, by=emma), by=emma).moves}
    chosen = next(key for key in keys(desk, most=8, by=emma) if key_read(key)[2] == desk.people["Ada"])
    assert moves_make(desk.id, [chosen], by=amos, now=NOW).left == [
        (key_read(chosen)[0], "Only managers of EMEA move it")
    ]


def emma_region(desk):
    return Region.objects.get(desk_id=desk.id, name="EMEA").id


def test_a_refused_move_stays_and_rests(desk):
    """A no has a reason; the item stays where it is and is not offered again that day."""
    emma, amos = two_regions(desk)
    chosen = keys(desk, most=1, by=emma)
    moves_make(desk.id, chosen, by=emma, now=NOW)
    (row,) = move_list(desk.id)
    with pytest.raises(InvalidFacts):
        answering.move_refuse(row.id, " ", by=amos, now=NOW)
    done = answering.move_refuse(row.id, "we are short ourselves", by=amos, now=NOW)
    assert (done.status, done.reason) == (MoveStatus.REFUSED, "we are short ourselves")
    later = suggest_moves(loads(desk, now=NOW + timedelta(hours=2)), by=emma)
    assert row.reference not in {key_read(later.key(move))[0] for move in later.moves}


def test_nobody_answers_in_time(desk):
    """The instant is known ahead; the tick lets it fall away once, and the second finds nothing."""
    emma, _ = two_regions(desk)
    moves_make(desk.id, keys(desk, most=1, by=emma), by=emma, now=NOW)
    due = NOW + timedelta(minutes=60)
    assert move_next_at() == due
    assert answering.tick(due - timedelta(minutes=1)) == 0
    assert answering.tick(due) == 1
    assert answering.tick(due) == 0
    assert move_next_at() is None
    (row,) = move_list(desk.id)
    assert row.status is MoveStatus.EXPIRED


def test_an_answer_at_the_last_moment_ends_nothing_else(desk, monkeypatch):
    """A yes that comes while the tick is at it stands; the other move falls away all the same, and nothing is noted twice."""
    emma, amos = two_regions(desk)
    moves_make(desk.id, keys(desk, by=emma), by=emma, now=NOW)
    due = NOW + timedelta(minutes=60)
    overdue = answering.moves_overdue(due)
    late, other = overdue
    answering.move_accept(late.id, by=amos, now=due)
    monkeypatch.setattr(answering, "moves_overdue", lambda now: overdue)
    assert answering.tick(due) == 1
    assert (move_get(late.id, by=BOSS).status, move_get(other.id, by=BOSS).status) == (
        MoveStatus.MADE,
        MoveStatus.EXPIRED,
    )
    assert not any("Nobody answered" in text for text in texts(late.item_id, EventKind.NOTE))


def test_an_asked_move_of_what_has_gone_is_gone(desk):
    """The owner changed meanwhile: the yes comes too late, and says so."""
    emma, amos = two_regions(desk)
    moves_make(desk.id, keys(desk, most=1, by=emma), by=emma, now=NOW)
    (row,) = move_list(desk.id)
    item_assign(row.reference, None, by=BOSS, now=NOW)
    done = answering.move_accept(row.id, by=amos, now=NOW)
    assert done.status is MoveStatus.GONE
    assert "does not lie with Ana" in done.reason
    with pytest.raises(NotFound):
        move_get(10**9, by=BOSS)


def test_two_managers_ask_for_conflicting_moves(desk):
    """The second who asks for the same item hears that it is asked already: one open move for an item."""
    emma, amos = two_regions(desk)
    (chosen,) = keys(desk, most=1, by=emma)
    moves_make(desk.id, [chosen], by=emma, now=NOW)
    made = moves_make(desk.id, [chosen], by=amos, now=NOW)
    assert made.asked == []
    assert [why for _, why in made.left] == ["A move of it has been asked for already, and waits for an answer"]
    assert len(move_list(desk.id)) == 1


def test_effort_of_what_was_handed_on_is_shared_by_touches(desk):
    """Ana hands it on (a touch beside having it), Ben writes thrice: 2 to 4 of an hour. Where nobody touched it, halves; sums stay."""
    reference = item_row(give(desk, "Ana"))["reference"]
    ana, ben = (desk.by(name=name, person=name) for name in ("Ana", "Ben"))
    item_assign(reference, desk.people["Ben"], by=ana, now=NOW - timedelta(minutes=50))
    for _ in range(3):
        item_note(reference, "Looked at it", by=ben, now=NOW - timedelta(minutes=40))
    item_note(reference, "How far is it?", by=BOSS, now=NOW - timedelta(minutes=30))
    untouched = item_row(give(desk, "Nora"))["reference"]
    item_assign(untouched, desk.people["Ben"], by=BOSS, now=NOW - timedelta(minutes=20))
    got = {line.name: line.share.received for line in shares_get(desk.id, by=BOSS, now=NOW)}
    assert {name: (one.items, one.effort_min) for name, one in got.items()} == {
        "Ana": (11, 600 + 20), "Ben": (2, 40 + 30), "Nora": (1, 30),
    }  # fmt: skip


def test_shares_for_managers_and_for_oneself(desk):
    """Ten items of an hour each over her hours; a person sees her own, managers all, others nothing."""
    lines = {line.name: line for line in shares_get(desk.id, by=BOSS, now=NOW)}
    ana = lines["Ana"].share
    assert ana.received.items == 10
    assert ana.received.present_min == 28 * 600
    assert ana.per_hour == pytest.approx(ana.received.effort_min / (28 * 600))
    assert ana.unpopular == pytest.approx(2 / 7)
    nora = lines["Nora"].share
    assert nora.unpopular > 0.8
    own = desk.by(Role.AGENT, person="Ana")
    assert share_of(desk.id, desk.people["Ana"], by=own, now=NOW).share.per_hour == ana.per_hour
    with pytest.raises(NotAllowed):
        share_of(desk.id, desk.people["Ben"], by=own, now=NOW)
    with pytest.raises(NotAllowed):
        shares_get(desk.id, by=own, now=NOW)
