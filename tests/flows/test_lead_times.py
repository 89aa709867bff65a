"""A desk learns from its own history how long work takes, and what is open waits no longer than that allows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from tests.factories import BOSS, NOW, actor, make_desk, make_item, make_person, minutes
from watchbill.apps.clocks.models import Clock
from watchbill.apps.clocks.queries import forget_compiled, rulebook
from watchbill.apps.clocks.telling import clock_next_at
from watchbill.apps.people.rights import Role
from watchbill.apps.work.queries import Order, View, WorkFilter, work_get, work_page
from watchbill.apps.work.timeline import work_events
from watchbill.engine.base.errors import NotAllowed
from watchbill.engine.base.work import Priority, State
from watchbill.engine.clocks.lead_time import WorkClass
from watchbill.flows import firing, lead_times, renewing
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_priority, item_state
from watchbill.flows.act.undoing import item_undo

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def history(desk, count, *, pick_up, effort, category="printer"):
    """So many cases of P2, each begun after *pick_up* minutes and solved *effort* minutes later."""
    person = make_person(desk)
    for _ in range(count):
        reference = make_item(desk, priority=Priority.P2, category=category)
        item_assign(reference, person, by=BOSS, now=NOW + minutes(pick_up))
        item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(pick_up))
        item_state(reference, State.RESOLVED, by=BOSS, now=NOW + minutes(pick_up + effort))


def clock(reference, kind="resolution"):
    return Clock.objects.get(item_id=work_get(reference, by=BOSS).id, kind=kind)


def act_by(reference):
    return work_get(reference, by=BOSS).act_by_at


def learn(at):
    """Let desks learn, and reckon what is open anew."""
    learned = lead_times.tick(at)
    while renewing.tick(at):
        pass
    return learned


def test_without_history_what_is_expected_is_assumed():
    """P1 within four hours: five minutes to pick up and an hour of work are assumed; the response needs the five alone."""
    reference = make_item(make_desk(), priority=Priority.P1)
    assert clock(reference).safe_at == NOW + minutes(240 - 65)
    assert clock(reference, "response").safe_at == act_by(reference) == NOW + minutes(15 - 5)


def test_history_moves_the_moment_of_what_is_open():
    """Twenty cases of ten minutes and two hours: the class is half theirs, half what was assumed, one step at a time."""
    desk = make_desk()
    history(desk, 20, pick_up=10, effort=120)
    reference = make_item(desk, priority=Priority.P2, category="printer", now=LATER)
    assert clock(reference).safe_at == LATER + minutes(480 - 15 - 60)
    assert learn(LATER) == 1
    lead = rulebook(desk).lead_times.find(WorkClass("case", 2, "printer", None))
    assert (lead.basis, lead.pick_up.items, lead.effort.items) == ("learned", 20, 20)
    expected = LATER + minutes(480) - timedelta(seconds=lead.pick_up.middle_s + lead.effort.middle_s)
    assert clock(reference).safe_at == expected
    assert lead.effort.middle_s == 60 * (120 * (1 - 0.5**4) + 60 * 0.5**4)
    assert clock(make_item(desk, priority=Priority.P2, category="printer", now=LATER)).safe_at == expected


def test_nothing_is_learned_from_what_was_undone():
    """Begun by mistake after a minute and taken back, then after an hour: the pick-up took the hour."""
    desk = make_desk()
    reference = make_item(desk, priority=Priority.P2)
    item_assign(reference, make_person(desk), by=BOSS, now=NOW)
    item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(1))
    item_undo(reference, 3, by=BOSS, now=NOW + minutes(2))
    item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(60))
    item_state(reference, State.RESOLVED, by=BOSS, now=NOW + minutes(90))
    (found,) = lead_times.gather(desk, until=LATER)
    assert (found.pick_up_s, found.effort_s) == (3600, 1800)


def test_begun_work_needs_no_pick_up():
    """Once somebody is at it, the pick-up falls away: it can wait that much longer."""
    desk = make_desk()
    reference = make_item(desk, priority=Priority.P1)
    item_assign(reference, make_person(desk), by=BOSS, now=NOW)
    item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW)
    assert act_by(reference) == clock(reference).safe_at == NOW + minutes(240 - 60)


def test_learning_comes_once_a_day():
    """A second look changes nothing; a desk that knows hardly anything looks again within the hour."""
    desk = make_desk()
    history(desk, 20, pick_up=1, effort=1)
    assert [lead_times.tick(LATER), lead_times.tick(LATER + timedelta(hours=23))] == [1, 0]
    assert lead_times.tick(LATER + timedelta(hours=24)) == 1
    make_desk()
    assert [lead_times.tick(LATER + timedelta(hours=n)) for n in (24.1, 24.5, 25.2)] == [1, 0, 1]


@pytest.mark.django_db(transaction=True)
def test_history_is_read_before_the_transaction_that_keeps_what_was_learned(monkeypatch):
    """No transaction is held over ten thousand items; and who read earlier and came later does not overwrite."""
    desk, is_held, gather = make_desk(), [], lead_times.gather

    def gathered(*args, **named):
        is_held.append(connection.in_atomic_block)
        return gather(*args, **named)

    monkeypatch.setattr(lead_times, "gather", gathered)
    history(desk, 3, pick_up=10, effort=20)
    lead_times.lead_times_learn(desk, by=BOSS, now=LATER)
    lead_times.lead_times_learn(desk, by=BOSS, now=NOW + minutes(5))
    assert is_held == [False, False]
    forget_compiled()
    assert rulebook(desk).lead_times.learned_at == LATER


def test_what_comes_after_the_instant_is_not_learned():
    """Cases that are solved tomorrow teach nothing today."""
    desk = make_desk()
    history(desk, 20, pick_up=10, effort=120)
    found = lead_times.lead_times_learn(desk, by=BOSS, now=NOW + minutes(20))
    lead = found.find(WorkClass("case", 2, "printer", None))
    assert (lead.pick_up.items, lead.effort.items) == (20, 0)


def test_moment_that_came_to_lie_in_the_past_is_not_told():
    """Whoever learns at three that one should have begun at two says so in the list, and does not pretend to have said it."""
    desk = make_desk()
    history(desk, 60, pick_up=60, effort=400)
    reference = make_item(desk, priority=Priority.P2, category="printer", now=LATER)
    at = LATER + minutes(200)
    firing.tick(at)
    before = len(work_events(work_get(reference, by=BOSS).id))
    learn(at)
    assert clock(reference).safe_at < at
    assert firing.tick(at) == 0
    assert len(work_events(work_get(reference, by=BOSS).id)) == before
    assert clock_next_at() > at


def test_raised_priority_is_late_from_the_change_on():
    """Nobody could have begun for P1 before it was one: the moment is the change, not an instant before it."""
    desk = make_desk()
    reference = make_item(desk, priority=Priority.P3)
    item_priority(reference, priority=Priority.P1, text="fire", by=BOSS, now=NOW + minutes(200))
    assert clock(reference).safe_at == NOW + minutes(200)


def test_lists_begin_with_what_has_to_be_begun_first():
    """Due later but long to do comes before due sooner and quickly done; by due it is the other way round."""
    desk = make_desk()
    history(desk, 60, pick_up=0, effort=300, category="long")
    history(desk, 60, pick_up=0, effort=1, category="short")
    learn(LATER)
    for_long = make_item(desk, priority=Priority.P2, category="long", now=LATER + minutes(60))
    for_short = make_item(desk, priority=Priority.P2, category="short", now=LATER)
    for reference in (for_long, for_short):
        item_assign(reference, make_person(desk), by=BOSS, now=LATER + minutes(61))
        item_state(reference, State.IN_PROGRESS, by=BOSS, now=LATER + minutes(61))

    def order(**asked):
        rows = work_page(WorkFilter(desk_id=desk, **asked), by=BOSS, now=LATER + minutes(62))
        return [row.reference for row in rows]

    assert order() == order(order=Order.ACT_BY) == [for_long, for_short]
    assert order(order=Order.DUE) == [for_short, for_long]
    assert order(view=View.DUE_SOON, order=Order.ACT_BY) == []


def test_who_may_not_edit_policies_lets_no_desk_learn():
    """What is expected of everybody is nobody's private matter."""
    desk = make_desk()
    with pytest.raises(NotAllowed):
        lead_times.lead_times_learn(desk, by=actor(Role.AGENT, desk), now=NOW)
