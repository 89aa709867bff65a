"""The plan that moves work, on a real database: made as one act, asked of the other region, refused when something moved, taken back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.factories import BOSS, EPOCH
from tests.flows.assign.small_desk import NOW, item_row, make_small_desk, reference, texts
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.core.references import ACT, key_of
from watchbill.apps.decisions.choices import MoveStatus
from watchbill.apps.decisions.deferrals import deferral_add_many
from watchbill.apps.decisions.models import Move
from watchbill.apps.decisions.moves import move_list
from watchbill.apps.decisions.recoveries import recovery_row
from watchbill.apps.notices.models import Notice
from watchbill.apps.people import users
from watchbill.apps.people.models import Person, Region
from watchbill.apps.people.queries import actor_of_username
from watchbill.apps.people.rights import Role
from watchbill.apps.work.models import WorkItem
from watchbill.engine.base.errors import Conflict
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.undoing import act_undo
from watchbill.flows.balance import answering, suggesting
from watchbill.flows.balance.loads import loads_get
from watchbill.flows.balance.suggesting import looked_at, suggest_moves, weigh
from watchbill.flows.recover.applying import recovery_apply, recovery_undo
from watchbill.flows.recover.asking import recovery_ask, recovery_do

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
LATER = NOW + WEEK + timedelta(hours=4)
"""A Monday at 13:00."""


def uneven_desk():
    """Ana has nine P2 due this evening, and hours for less than half of them; Ben has none."""
    desk = make_small_desk()
    Person.objects.filter(id=desk.people["Nora"]).update(is_active=False)
    desk.item(now=LATER - WEEK - timedelta(hours=1), priority=4)
    for number in range(9):
        item = desk.item(now=LATER - timedelta(hours=3, minutes=number), priority=2)
        item_assign(reference(item), desk.people["Ana"], version=1, by=BOSS, now=LATER - timedelta(hours=2))
    return desk


@pytest.fixture
def desk():
    return uneven_desk()


def worked_out(desk, plan="rebalance"):
    run_id = recovery_ask(desk.id, is_waking=False, by=BOSS, now=LATER)
    assert recovery_do(run_id)
    row = recovery_row(run_id)
    assert row.option(plan) is not None, row.result or row.message
    return row


def moved(row):
    return [one["item_id"] for one in row.option("rebalance")["moves"]]


def owners(row):
    return {item_row(item)["owner_id"] for item in moved(row)}


def managed(desk):
    """Ana in EMEA, Ben in AMS, and a manager of each."""
    found = []
    for region, person, name in (("EMEA", "Ana", "emma"), ("AMS", "Ben", "amos")):
        region_id = Region.objects.create(desk_id=desk.id, name=region).id
        boss = factories.make_person(desk.id, name.title())
        Person.objects.filter(id__in=[desk.people[person], boss]).update(region=region_id)
        users.user_create(name, name=name.title(), person_id=boss, by=BOSS, now=EPOCH)
        users.role_grant(name, Role.QUEUE_MANAGER, desk_id=desk.id, by=BOSS, now=EPOCH)
        found.append(actor_of_username(name))
    return found


def test_moves_that_help_are_foretold_and_made_as_one_act(desk):
    """What Ben has time for is saved; the items are his, each says why and what was not chosen; undone, all are Ana's again."""
    row = worked_out(desk)
    option = row.option("rebalance")
    assert row.result["best"] != "nothing"
    assert option["change"]["high"] < -1
    assert option["cost"]["items_moved"] == len(moved(row)) > 1
    assert option["cost"]["people_moved"] == 2
    done = recovery_apply(row.id, "rebalance", by=BOSS, now=LATER)
    assert done.said == f"{len(moved(row))} items moved"
    assert owners(row) == {desk.people["Ben"]}
    for item in moved(row):
        note = texts(item, "note")[-1]
        assert f"Moved from Ana to Ben, by plan “Rebalance” of {row.reference}" in note
        assert "Not chosen: go on as now" in note
    undone = recovery_undo(row.id, by=BOSS, now=LATER + timedelta(minutes=3))
    assert undone.left == []
    assert undone.said == f"{len(moved(row))} items with those who had them"
    assert owners(row) == {desk.people["Ana"]}
    assert AuditEvent.objects.filter(action__in=["recovery_applied", "recovery_undone"]).count() == 2


def test_what_moved_meanwhile_refuses_all_of_it(desk):
    """One item is Ben's by now: nothing is moved, it is named with who has it; worked out anew, it can be done."""
    row = worked_out(desk)
    first, *others = moved(row)
    item_assign(reference(first), desk.people["Ben"], version=item_row(first)["version"], by=BOSS, now=LATER)
    with pytest.raises(
        Conflict, match=f"{reference(first)}: Somebody changed it meanwhile: it is with Ben now"
    ) as error:
        recovery_apply(row.id, "rebalance", by=BOSS, now=LATER)
    assert error.value.details["changes"][0]["item"] == reference(first)
    assert {item_row(item)["owner_id"] for item in others} == {desk.people["Ana"]}
    assert not any("by plan" in text for item in others for text in texts(item, "note"))
    assert recovery_row(row.id).applied_plan == ""
    recovery_apply(worked_out(desk).id, "rebalance", by=BOSS, now=LATER)


def test_what_somebody_changed_since_stays_and_is_named(desk):
    """One of the moved was resolved by Ben before the undo: it stays his; the others go back."""
    row = worked_out(desk)
    recovery_apply(row.id, "rebalance", by=BOSS, now=LATER)
    first, *others = moved(row)
    item_assign(reference(first), None, version=item_row(first)["version"], by=BOSS, now=LATER)
    undone = recovery_undo(row.id, by=BOSS, now=LATER + timedelta(minutes=3))
    assert [what for what, _ in undone.left] == [reference(first)]
    assert item_row(first)["owner_id"] is None
    assert {item_row(item)["owner_id"] for item in others} == {desk.people["Ana"]}


def test_an_act_that_was_undone_by_itself_does_not_bar_the_rest(desk):
    """Undone from the trail first: the plan can still be closed, and says who was first."""
    row = worked_out(desk)
    done = recovery_apply(row.id, "rebalance", by=BOSS, now=LATER)
    act_undo(key_of(ACT, done.act), by=BOSS, now=LATER)
    undone = recovery_undo(row.id, by=BOSS, now=LATER)
    assert undone.left == [(done.act, f"{BOSS.name} has undone this already")]
    assert not recovery_row(row.id).stands


def test_between_regions_it_is_asked_and_asked_no_more_when_undone(desk):
    """Emma's plan asks Amos for each move; taken back, he has nothing to answer, is told so, and the items stay with Ana."""
    emma, amos = managed(desk)
    row = worked_out(desk)
    items = moved(row)
    done = recovery_apply(row.id, "rebalance", by=emma, now=LATER)
    assert done.said == f"0 items moved, {len(items)} asked of the other region"
    assert sorted(done.asked) == sorted(map(reference, items))
    assert owners(row) == {desk.people["Ana"]}
    assert "Asked of the other region, by plan “Rebalance”" in texts(items[0], "note")[-1]
    assert Notice.objects.filter(person_id=amos.person_id, kind="move_asked").count() == len(items)
    undone = recovery_undo(row.id, by=emma, now=LATER + timedelta(minutes=2))
    assert undone.said == f"0 items with those who had them, {len(items)} items asked of nobody any more"
    assert undone.left == []
    assert {one.status for one in move_list(desk.id)} == {MoveStatus.WITHDRAWN}
    assert answering.moves_asked(desk.id, by=amos) == []
    assert "taken back by Emma" in texts(items[0], "note")[-1]
    assert Notice.objects.filter(person_id=amos.person_id, kind="move_answered").count() == len(items)
    with pytest.raises(Conflict, match="answered this move already: withdrawn"):
        answering.move_accept(move_list(desk.id)[0].id, by=amos, now=LATER + timedelta(minutes=3))
    assert owners(row) == {desk.people["Ana"]}


def test_many_moves_are_taken_back_with_as_many_statements_as_one(desk):
    """The items are locked, noted and told of together; Amos hears of each."""
    emma, amos = managed(desk)
    row = worked_out(desk)
    recovery_apply(row.id, "rebalance", by=emma, now=LATER)
    one, *others = [move.id for move in move_list(desk.id)]
    assert len(others) > 1
    counts = []
    for ids in ([one], others):
        with CaptureQueriesContext(connection) as queries:
            answering.moves_withdraw(desk.id, ids, "no need", by=emma, now=LATER)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert {move.status for move in move_list(desk.id)} == {MoveStatus.WITHDRAWN}
    assert Notice.objects.filter(person_id=amos.person_id, kind="move_answered").count() == 1 + len(others)


def test_what_the_other_region_agreed_to_stays(desk):
    """Amos said yes to one and no to another before Emma took the plan back: the one he took is his region's act, and named.

    Neither, nor a third to which nobody answered in time, counts among those that are asked of nobody any more.
    """
    emma, amos = managed(desk)
    row = worked_out(desk)
    recovery_apply(row.id, "rebalance", by=emma, now=LATER)
    yes, no, never, *waiting = move_list(desk.id)
    answering.move_accept(yes.id, by=amos, now=LATER)
    answering.move_refuse(no.id, "we are short ourselves", by=amos, now=LATER)
    Move.objects.filter(id=never.id).update(answer_by_at=LATER + timedelta(minutes=1))
    assert answering.tick(LATER + timedelta(minutes=1)) == 1
    undone = recovery_undo(row.id, by=emma, now=LATER + timedelta(minutes=2))
    left = f", {len(waiting)} {'item' if len(waiting) == 1 else 'items'} asked of nobody any more" if waiting else ""
    assert undone.said == f"0 items with those who had them{left}"
    assert undone.left == [(yes.reference, "is with Ben, as Amos agreed since")]
    found = {one.id: one.status for one in move_list(desk.id)}
    assert [found.pop(one.id) for one in (yes, no, never)] == [MoveStatus.MADE, MoveStatus.REFUSED, MoveStatus.EXPIRED]
    assert set(found.values()) <= {MoveStatus.WITHDRAWN}
    assert WorkItem.objects.get(id=yes.item_id).owner_id == desk.people["Ben"]


def test_moves_for_which_the_asker_speaks_on_no_side_are_not_offered(desk):
    """Tara of a third region asks: what only Emma and Amos could move is left out, and it is said; Emma is offered it."""
    emma, _amos = managed(desk)
    region = Region.objects.create(desk_id=desk.id, name="APAC").id
    boss = factories.make_person(desk.id, "Tara")
    Person.objects.filter(id=boss).update(region=region)
    users.user_create("tara", name="Tara", person_id=boss, by=BOSS, now=EPOCH)
    users.role_grant("tara", Role.QUEUE_MANAGER, desk_id=desk.id, by=BOSS, now=EPOCH)
    found = {}
    for by in (actor_of_username("tara"), emma):
        run_id = recovery_ask(desk.id, is_waking=False, by=by, now=LATER)
        assert recovery_do(run_id)
        found[by.name] = recovery_row(run_id)
    said = "Moves between people of other regions"
    assert found["Tara"].option("rebalance") is None
    assert any(said in one for one in found["Tara"].result["assumptions"])
    assert found["Emma"].option("rebalance") is not None
    assert not any(said in one for one in found["Emma"].result["assumptions"])
    with pytest.raises(
        Conflict, match=r"Only managers of EMEA or AMS move it.*\. Ask one of those managers to apply the plan"
    ):
        recovery_apply(found["Emma"].id, "rebalance", by=actor_of_username("tara"), now=LATER)
    assert recovery_apply(found["Emma"].id, "rebalance", by=emma, now=LATER).asked


def test_what_is_put_off_is_not_moved(desk, monkeypatch):
    """Put off until the evening, an item is suggested to nobody, on Balance or by the plan; by name it may be moved."""
    first, *_ = moved(worked_out(desk))
    deferral_add_many(
        desk.id, [first], until_at=LATER + timedelta(hours=4), text="later", recovery_id=1, by_name="Boss", now=LATER
    )
    assert first not in moved(worked_out(desk))
    loads = loads_get(desk.id, by=BOSS, now=LATER)
    assert first not in {move.item for move in suggest_moves(loads, by=BOSS).moves}
    monkeypatch.setattr(suggesting, "MOST_EACH", 3)  # no place among the first that are looked at is lost to it
    assert len(weigh(loads, looked_at(loads)).gathered.facts) == 3
    assert first in weigh(loads, looked_at(loads), also=[first]).gathered.facts
