"""Recovery options of a live desk: worked out from its true state, applied once, real in the live system, and taken back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import BOSS
from tests.flows.assign.small_desk import NOW, item_row, make_small_desk, reference, texts
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.core.runs import DONE, STOPPED
from watchbill.apps.decisions.deferrals import deferral_get, deferred_of
from watchbill.apps.decisions.recoveries import RECOVERIES, recovery_row
from watchbill.apps.notices.models import Notice
from watchbill.apps.people.models import Person
from watchbill.apps.people.rights import Role
from watchbill.apps.shifts.absences import absence_add
from watchbill.apps.shifts.models import ExtraHours
from watchbill.apps.shifts.queries import staffed
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import Priority
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_priority
from watchbill.flows.assign.gather import gather_desk
from watchbill.flows.recover.applying import deferral_lift, recovery_apply, recovery_undo
from watchbill.flows.recover.asking import recovery_ask, recovery_do
from watchbill.flows.recover.gather import look
from watchbill.flows.sense.taking import spans_of

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
LATER = NOW + WEEK + timedelta(hours=4)
"""A Monday at 13:00."""


@pytest.fixture
def desk():
    return make_small_desk()


def worked_out(desk, now=LATER, **how):
    run_id = recovery_ask(desk.id, is_waking=False, by=BOSS, now=now, **how)
    assert recovery_do(run_id)
    return recovery_row(run_id)


def test_options_speak_of_the_instant_at_which_somebody_began(desk):
    """A worker that was killed begins later: what it reads is the desk of then, so “as of” is then, too."""
    begun = LATER + timedelta(minutes=50)
    run_id = recovery_ask(desk.id, is_waking=False, by=BOSS, now=LATER)
    RECOVERIES.begin(run_id)
    RECOVERIES.put_back(run_id)
    assert recovery_row(run_id).asked_at == LATER
    assert recovery_do(run_id, now=begun)
    assert recovery_row(run_id).asked_at == begun
    again = recovery_ask(desk.id, is_waking=False, by=BOSS, now=LATER)
    assert recovery_do(again, now=LATER - timedelta(minutes=1))
    assert recovery_row(again).asked_at == LATER


def test_too_little_history_is_said(desk):
    """A desk of yesterday does not know what usually comes in: nothing is invented."""
    desk.item(now=LATER - timedelta(days=1))
    row = worked_out(desk)
    assert row.state == STOPPED
    assert "no whole week of history" in row.message


@pytest.fixture
def busy(desk):
    """Nine P2 are due at 18:00, an hour of work each; Cleo and Dan, who do the mail, leave at 14:00."""
    for name in ("Ana", "Ben", "Nora"):
        Person.objects.filter(id=desk.people[name]).update(is_active=False)
    desk.person("Cleo", hours="06:00-14:00")
    desk.person("Dan", hours="06:00-14:00")
    desk.person("Noor", hours="22:00-05:00")
    desk.item(now=LATER - WEEK - timedelta(hours=1), priority=4)
    for number in range(9):
        desk.item(now=LATER - timedelta(hours=3, minutes=number), priority=2)
    for number in range(3):
        desk.item(now=LATER - timedelta(hours=4, minutes=number), priority=4)
    return desk


def options(row):
    return {one["code"]: one for one in row.result["options"]}


def offered(desk, option, now=LATER):
    """Options that hold *option* beside doing nothing, as if they had been worked out at *now*."""
    run_id = recovery_ask(desk.id, is_waking=False, by=BOSS, now=now)
    misses = {"mean": 4.0, "low": 3.0, "high": 5.0}
    nothing = {"code": "nothing", "name": "Go on as now", "misses": misses}
    result = {"options": [nothing, {"misses": misses, **option}], "futures": 2, "follow_until": now.isoformat()}
    RECOVERIES.begin(run_id)
    RECOVERIES.end(run_id, state=DONE, result=result)
    return run_id


def deferring(desk, *items, until=LATER + timedelta(hours=4)):
    rows = [item_row(item) for item in items]
    told = [
        {"item": row["reference"], "item_id": row["id"], "priority": row["priority"], "owner_id": row["owner_id"], "state": row["state"]}
        for row in rows
    ]  # fmt: skip
    return {"code": "defer", "name": "Put off", "deferred": told, "until": until.isoformat()}


def test_what_is_expected_tonight(busy):
    """Two people for an hour do two of nine P2; four hours more do most of the rest, and cost what they are."""
    row = worked_out(busy)
    found = options(row)
    assert row.state == DONE
    assert list(found) == ["nothing", "hours"]
    assert row.result["best"] == "hours"
    assert 6.5 < found["nothing"]["by_priority"][1]["open"]["mean"] < 8.5
    assert found["hours"]["change"]["high"] < -5
    assert found["hours"]["cost"]["extra_h"] == 8
    assert {one["person"] for one in found["hours"]["extra"]} == {"Cleo", "Dan"}
    assert {one["code"] for one in row.result["dropped"]} == {"rebalance", "defer", "partner"}
    assert any("assumed" in said for said in row.result["assumptions"])


def test_the_same_instant_gives_the_same_answer(busy):
    """Nothing but the desk decides; the seconds it took are not part of it."""
    one, two = (worked_out(busy).result for _ in range(2))
    assert {**one, "seconds": 0} == {**two, "seconds": 0}


def test_extra_hours_are_on_shift_until_they_are_taken_back(busy):
    """Applied, both are at work at 15:00, hear of it and stand in the trail; undone, they go home."""
    row, later = worked_out(busy), LATER + timedelta(hours=2)
    asked = AuditEvent.objects.get(action="recovery_asked")
    assert (asked.object_ref, asked.after) == (row.reference, {"hours": row.hours})
    cleo = busy.people["Cleo"]
    assert not staffed(busy.id, later)[cleo].is_on_shift
    done = recovery_apply(row.id, "hours", by=BOSS, now=LATER)
    assert "2 people" in done.said
    hours = staffed(busy.id, later)[cleo]
    assert (hours.is_on_shift, hours.left_s) == (True, 3 * 3600)
    assert staffed(busy.id, LATER)[cleo].left_s == 5 * 3600
    assert spans_of(busy.id, LATER)[cleo][0][1] - spans_of(busy.id, LATER)[cleo][0][0] == 5 * 3600 * 10**6
    notice = Notice.objects.get(person_id=cleo)
    assert (notice.kind, notice.is_urgent) == ("extra_hours", True)
    assert AuditEvent.objects.filter(action__in=["recovery_applied", "extra_hours_added"]).count() == 2
    undone = recovery_undo(row.id, by=BOSS, now=LATER + timedelta(minutes=5))
    assert undone.left == []
    assert not staffed(busy.id, later)[cleo].is_on_shift
    assert Notice.objects.filter(person_id=cleo).count() == 2


def test_hours_that_were_worked_stay(busy):
    """Taken back at 15:00, what was worked since 14:00 stays, and it is said."""
    row = worked_out(busy)
    recovery_apply(row.id, "hours", by=BOSS, now=LATER)
    undone = recovery_undo(row.id, by=BOSS, now=LATER + timedelta(hours=2))
    assert {what for what, _ in undone.left} == {"Cleo", "Dan"}
    assert ExtraHours.objects.filter(until_at=LATER + timedelta(hours=2), cancelled_at=None).count() == 2


def test_a_plan_is_applied_once_and_undone_once(busy):
    """The second of two is told who was first; so is who undoes what was undone."""
    row = worked_out(busy)
    with pytest.raises(Conflict, match="Nothing of"):
        recovery_undo(row.id, by=BOSS, now=LATER)
    recovery_apply(row.id, "hours", by=BOSS, now=LATER)
    with pytest.raises(Conflict, match="already"):
        recovery_apply(row.id, "hours", by=BOSS, now=LATER)
    recovery_undo(row.id, by=BOSS, now=LATER)
    with pytest.raises(Conflict, match="already"):
        recovery_undo(row.id, by=BOSS, now=LATER)
    assert ExtraHours.objects.filter(cancelled_at=None).count() == 0


def test_what_has_changed_since_is_said_and_nothing_is_done(busy):
    """Somebody is away by now: the whole plan is refused, with her name. Old options are refused as well."""
    row = worked_out(busy)
    absence_add(busy.people["Dan"], from_at=LATER, until_at=LATER + WEEK, by=BOSS, now=LATER)
    with pytest.raises(Conflict, match="Dan: is away"):
        recovery_apply(row.id, "hours", by=BOSS, now=LATER)
    assert not ExtraHours.objects.exists()
    with pytest.raises(Conflict, match="more than an hour ago"):
        recovery_apply(row.id, "hours", by=BOSS, now=LATER + timedelta(minutes=61))


def test_options_from_before_another_plan_are_refused(busy):
    """What was worked out before something else was applied speaks of another desk."""
    first, second = worked_out(busy), worked_out(busy, hours=6)
    recovery_apply(first.id, "hours", by=BOSS, now=LATER)
    with pytest.raises(Conflict, match=f"REC-{first.id}"):
        recovery_apply(second.id, "hours", by=BOSS, now=LATER)


def test_what_is_put_off_is_given_to_nobody_until_then(busy):
    """Not proposed, not among what is next; said on its notes; after the time, or lifted, it is as others are."""
    item = busy.item(now=LATER, priority=4)
    run_id = offered(busy, deferring(busy, item))
    recovery_apply(run_id, "defer", by=BOSS, now=LATER)
    assert deferred_of(busy.id, LATER) == {item}
    assert item not in gather_desk(busy.id, LATER).items
    busy.tick(LATER)
    assert busy.proposal(item) is None
    assert "Put off until Mon 09 Mar 17:00 UTC" in texts(item, "note")[-1]
    assert "Not chosen: go on as now (4.0)" in texts(item, "note")[-1]
    assert deferred_of(busy.id, LATER + timedelta(hours=4)) == frozenset()
    assert item in gather_desk(busy.id, LATER + timedelta(hours=4)).items
    deferral_lift(reference(item), by=BOSS, now=LATER)
    assert item in gather_desk(busy.id, LATER).items
    with pytest.raises(Conflict, match="not put off"):
        deferral_lift(reference(item), by=BOSS, now=LATER)
    undone = recovery_undo(run_id, by=BOSS, now=LATER)
    assert undone.left == [("1 item", "not put off any more")]


def test_undoing_lets_all_begin_again(busy):
    """What nobody has lifted is no longer put off, and its notes say so."""
    items = [busy.item(now=LATER, priority=4) for _ in range(3)]
    run_id = offered(busy, deferring(busy, *items))
    recovery_apply(run_id, "defer", by=BOSS, now=LATER)
    assert recovery_undo(run_id, by=BOSS, now=LATER).said == "3 items may be begun again"
    assert deferral_get(items[0], LATER) is None
    assert "was undone" in texts(items[0], "note")[-1]


def test_what_becomes_urgent_is_put_off_no_more(busy):
    """A P4 that is a P1 by now competes at once."""
    item = busy.item(now=LATER, priority=4)
    recovery_apply(offered(busy, deferring(busy, item)), "defer", by=BOSS, now=LATER)
    row = item_row(item)
    item_priority(row["reference"], priority=Priority.P1, version=row["version"], text="worse", by=BOSS, now=LATER)
    assert deferred_of(busy.id, LATER) == frozenset()


def test_an_item_that_somebody_took_makes_a_conflict(busy):
    """The whole of it is refused, and the item is named with who has it."""
    items = [busy.item(now=LATER, priority=4) for _ in range(2)]
    run_id = offered(busy, deferring(busy, *items))
    item_assign(reference(items[1]), busy.people["Cleo"], version=item_row(items[1])["version"], by=BOSS, now=LATER)
    with pytest.raises(Conflict, match="is with Cleo now"):
        recovery_apply(run_id, "defer", by=BOSS, now=LATER)
    assert deferred_of(busy.id, LATER) == frozenset()


def test_who_may_do_what(busy):
    """To ask takes the right for many items; extra hours the one to edit people as well. Denied by default."""
    with pytest.raises(NotAllowed):
        recovery_ask(busy.id, by=busy.by(Role.COORDINATOR), now=LATER)
    row = worked_out(busy)
    with pytest.raises(NotAllowed):
        recovery_apply(row.id, "hours", by=busy.by(Role.QUEUE_MANAGER), now=LATER)
    with pytest.raises(NotAllowed):
        recovery_apply(row.id, "hours", by=busy.by(Role.AUDITOR), now=LATER)
    recovery_apply(row.id, "hours", by=busy.by(Role.MANAGER), now=LATER)


def test_nonsense_is_refused_in_a_sentence(busy):
    """Hours out of bounds, a plan that is none, and doing nothing."""
    with pytest.raises(InvalidFacts, match="2 to 16"):
        recovery_ask(busy.id, hours=40, by=BOSS, now=LATER)
    row = worked_out(busy)
    with pytest.raises(NotFound, match="no plan"):
        recovery_apply(row.id, "pray", by=BOSS, now=LATER)
    with pytest.raises(InvalidFacts, match="nothing to be done"):
        recovery_apply(row.id, "nothing", by=BOSS, now=LATER)
    with pytest.raises(NotFound, match="does not offer"):
        recovery_apply(row.id, "rebalance", by=BOSS, now=LATER)


def test_the_reads_do_not_grow_with_the_work(busy):
    """As many queries for a desk with more items."""
    look(busy.id, hours=8, now=LATER)
    with CaptureQueriesContext(connection) as before:
        look(busy.id, hours=8, now=LATER)
    for number in range(12):
        busy.item(now=LATER - timedelta(hours=2, minutes=number), priority=3)
    look(busy.id, hours=8, now=LATER)  # what came in by hour is kept in the process
    with CaptureQueriesContext(connection) as after:
        look(busy.id, hours=8, now=LATER)
    assert len(after) == len(before) < 80
