"""Applying and taking back after the desk has gone on: what slept in a plan, what was decided beside it, and hours that have passed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import BOSS
from tests.flows.assign.small_desk import item_row, make_small_desk, reference
from tests.flows.recover.test_recover import LATER, deferring, offered
from watchbill.apps.decisions.deferrals import deferred_of
from watchbill.apps.decisions.models import Deferral
from watchbill.apps.shifts.models import ExtraHours
from watchbill.engine.base.errors import Conflict
from watchbill.engine.base.work import Priority
from watchbill.flows.act.items import item_priority
from watchbill.flows.recover.applying import deferral_lift, recovery_apply, recovery_undo
from watchbill.flows.recover.gather import look

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def desk():
    return make_small_desk()


def turned(item, priority, now=LATER):
    row = item_row(item)
    item_priority(row["reference"], priority=priority, version=row["version"], text="so it is", by=BOSS, now=now)


def test_an_undone_plan_puts_nothing_off_later(desk):
    """Raised to P1, an item is not put off; the plan is undone; lowered again, it stays as others are."""
    items = [desk.item(now=LATER, priority=4) for _ in range(2)]
    run_id = offered(desk, deferring(desk, *items))
    recovery_apply(run_id, "defer", by=BOSS, now=LATER)
    turned(items[0], Priority.P1)
    undone = recovery_undo(run_id, by=BOSS, now=LATER + MINUTE)
    assert undone.said == "1 item may be begun again"
    assert undone.left == [("1 item", "not put off any more")]
    turned(items[0], Priority.P4)
    assert deferred_of(desk.id, LATER + MINUTE) == frozenset()
    assert not Deferral.objects.exists()


def test_lifting_lasts(desk):
    """Lifted while it is a P1, an item is not put off again when it is a P4 once more."""
    item = desk.item(now=LATER, priority=4)
    recovery_apply(offered(desk, deferring(desk, item)), "defer", by=BOSS, now=LATER)
    turned(item, Priority.P1)
    deferral_lift(reference(item), by=BOSS, now=LATER)
    turned(item, Priority.P4)
    assert deferred_of(desk.id, LATER) == frozenset()
    with pytest.raises(Conflict, match="not put off"):
        deferral_lift(reference(item), by=BOSS, now=LATER)


def test_options_worked_out_under_a_plan_that_was_taken_back_are_refused(desk):
    """They counted on what the plan did; the others, worked out after it was taken back, may be applied."""
    first, second = (desk.item(now=LATER, priority=4) for _ in range(2))
    plan = offered(desk, deferring(desk, first))
    recovery_apply(plan, "defer", by=BOSS, now=LATER)
    under = offered(desk, deferring(desk, second), now=LATER + MINUTE)
    recovery_undo(plan, by=BOSS, now=LATER + 2 * MINUTE)
    with pytest.raises(Conflict, match=f"taken a plan of REC-{plan} back"):
        recovery_apply(under, "defer", by=BOSS, now=LATER + 3 * MINUTE)
    after = offered(desk, deferring(desk, second), now=LATER + 3 * MINUTE)
    recovery_apply(after, "defer", by=BOSS, now=LATER + 4 * MINUTE)
    assert deferred_of(desk.id, LATER + 4 * MINUTE) == {second}


def working(desk, name, *, begins, hours, is_overtime, now=LATER):
    """A plan in which one person works *hours* from *begins* after *now*."""
    extra = {
        "person": name, "person_id": desk.people[name], "from_at": (now + begins).isoformat(),
        "until_at": (now + begins + hours * HOUR).isoformat(), "is_overtime": is_overtime,
    }  # fmt: skip
    return {"code": "hours", "name": "Extra hours", "extra": [extra]}


@pytest.mark.parametrize(
    ("is_overtime", "begins", "asked", "said"),
    [
        (True, timedelta(0), 40 * MINUTE, "3.3 hours"),  # on after her shift: from now on
        (True, HOUR, HOUR, "4.0 hours"),  # still to come: as it was told
        (False, HOUR, 100 * MINUTE, "3.3 hours"),  # called in: there is an hour between the call and the work
        (False, 3 * HOUR, 3 * HOUR, "4.0 hours"),
    ],
)
def test_hours_are_asked_for_ahead(desk, is_overtime, begins, asked, said):
    """Applied forty minutes later: nobody is asked to have worked, nor called in at a minute's notice; the hours are counted anew."""
    run_id = offered(desk, working(desk, "Ana", begins=begins, hours=4, is_overtime=is_overtime))
    done = recovery_apply(run_id, "hours", by=BOSS, now=LATER + 40 * MINUTE)
    row = ExtraHours.objects.get()
    assert (row.from_at, row.until_at) == (LATER + asked, LATER + begins + 4 * HOUR)
    assert done.said == f"1 person asked to work {said} more"


def test_hours_too_short_to_come_for_are_refused(desk):
    """Called in, she could be there for less than an hour: nothing is asked."""
    run_id = offered(desk, working(desk, "Ana", begins=HOUR, hours=1, is_overtime=False))
    with pytest.raises(Conflict, match="Ana: could work less than 60 min of it by now"):
        recovery_apply(run_id, "hours", by=BOSS, now=LATER + 10 * MINUTE)
    assert not ExtraHours.objects.exists()


def test_extra_hours_count_as_a_part_of_the_day(desk):
    """Ana works 9 to 18. Asked at six for three hours before that, at 13:00 she may work until 18:00 and no more; ended ones count too."""
    desk.item(now=LATER - 7 * 24 * HOUR - HOUR, priority=4)
    ExtraHours.objects.create(
        person_id=desk.people["Ana"], from_at=LATER - 7 * HOUR, until_at=LATER - 4 * HOUR, why="more", by_name="Boss"
    )
    worker = next(one for one in look(desk.id, hours=8, now=LATER).situation.workers if one.id == desk.people["Ana"])
    today = [span for span in worker.spans if span[0] < 8 * 60 and span[1] > -8 * 60]
    assert today == [(-7 * 60, 5 * 60)]
