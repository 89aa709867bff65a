"""A past day as a model: whatever happened on a desk becomes one, of which every promise and every minute is told."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.engine.backtest.day import SOMEBODY, Owed, Worker, day_of, efforts_of, origin_of
from watchbill.engine.backtest.hindsight import hindsight
from watchbill.engine.backtest.hours import Hours
from watchbill.engine.backtest.twin.history import Told, history_of
from watchbill.engine.backtest.twin.legs import NEVER, legs_of
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import micros_of
from watchbill.engine.base.work import DONE, Priority, State

START = datetime(2026, 3, 2, tzinfo=ZoneInfo("UTC"))
DAY_MIN = 1440
NAMES = ("Ann", "Ben", None)
STATES = (State.NEW, State.IN_PROGRESS, State.WAITING_CUSTOMER, State.RESOLVED)


@st.composite
def desks(draw):
    """Up to eight items over two days with events at any minutes, and two people with a shift a day each."""
    lines, owed = [], []
    for number in range(draw(st.integers(1, 8))):
        opened = draw(st.integers(0, 2 * DAY_MIN - 60))
        priority = draw(st.sampled_from(list(Priority)))
        steps = sorted(draw(st.lists(st.integers(opened, 3 * DAY_MIN), max_size=5)))
        states = [draw(st.sampled_from(STATES)) for _ in steps]
        told = [
            (opened, State.NEW, None),
            *((at, state, draw(st.sampled_from(NAMES))) for at, state in zip(steps, states, strict=True)),
        ]
        lines += [
            Told(f"INC{number}", iso(at), iso(opened), state, int(priority), "mail", draw(st.sampled_from(("One", None))), owner, is_robot=False)
            for at, state, owner in told
        ]  # fmt: skip
        owed.append((f"INC{number}", priority, opened, draw(st.integers(30, DAY_MIN))))
    shifts = [draw(st.integers(0, 900)) for _ in range(2)]
    return lines, owed, shifts


def iso(minute):
    return (START + timedelta(minutes=minute)).isoformat()


def us(minute):
    return micros_of(START) + minute * 60_000_000


def built(lines, owed, shifts):
    """The second day of it: what ran out then, as the last event that ended an item says whether it was kept."""
    history = history_of(lines, zone=ZoneInfo("UTC"))
    legs = legs_of(history, paused=frozenset())
    promises = []
    for name, priority, opened, target in owed:
        row, due = history.references.index(name), us(opened + target)
        done = int(legs.done_us[row])
        if us(DAY_MIN) <= due < us(2 * DAY_MIN):
            promises.append(
                Owed(item=row, priority=priority, begun_us=us(opened), due_us=due, stopped_us=None if done == NEVER else done, is_kept=done != NEVER and done <= due)
            )  # fmt: skip
    people = [
        Worker(
            id=PersonId(7 + place), name=name, teams=frozenset({"One"}),
            hours_us=[(us(day * DAY_MIN + begin), us(day * DAY_MIN + begin + 480)) for day in range(3)],
        )
        for place, (name, begin) in enumerate(zip(("Ann", "Ben"), shifts, strict=True))
    ]  # fmt: skip
    origin = origin_of(promises, us(DAY_MIN))
    _, minutes = efforts_of(history, legs, people)
    day = day_of(
        history, legs, minutes, owed=promises, dues_us={}, people=people, span_us=(origin, us(2 * DAY_MIN)),
        promised=dict.fromkeys(Priority, Hours([(0, 10 * DAY_MIN)])),
    )  # fmt: skip
    return history, promises, day


@settings(max_examples=150, deadline=None)
@given(desks())
def test_whatever_happened_is_a_day(desk):
    """Each promise counts once and is kept exactly if it really was; figures add up; the minutes of a savable miss are those that its
    promise ran; nobody works on two pieces of one item in the wrong order.
    """
    _, promises, day = built(*desk)
    counted = {day.items[one.case.id]: one for one in day.really if one.case.weight}
    assert sorted(counted) == sorted(one.item for one in promises)
    for one in promises:
        real = counted[one.item]
        assert real.is_kept is one.is_kept
        assert real.case.opened_min < real.due_min
        assert [piece.done_min for piece in real.log] == sorted(piece.done_min for piece in real.log)
        assert all(piece.ready_min <= piece.begun_min <= piece.done_min for piece in real.log)
    found = hindsight(day)
    whole = found.whole
    assert whole.due == whole.kept + whole.savable + whole.lost == len(promises)
    assert whole.due == sum(one.due for one in found.priorities)
    assert [one.bound for one in found.sweep] == sorted((one.bound for one in found.sweep), reverse=True)
    for case in found.cases:
        real = counted[case.item]
        if case.is_savable:
            assert 0 < sum(case.minutes.values()) <= real.due_min - real.case.opened_min


@settings(max_examples=50, deadline=None)
@given(desks(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(desk, chance):
    """The same day, whatever order its items come in."""
    lines, owed, shifts = desk
    items = sorted({line.item for line in lines})
    chance.shuffle(items)
    mixed = [line for item in items for line in lines if line.item == item]
    one, other = built(lines, owed, shifts), built(mixed, owed[::-1], shifts)
    if len({line.opened_at for line in lines}) == len(items):
        assert hindsight(one[2]) == hindsight(other[2])


def test_who_is_not_known_of_the_desk_is_somebody():
    """An owner who is nobody of the desk takes no one's time; effort is still that of the leg."""
    lines = [
        Told("A", iso(0), iso(0), State.NEW, 1, "", None, None, is_robot=False),
        Told("A", iso(1500), iso(0), State.RESOLVED, 1, "", None, "Gone", is_robot=False),
    ]
    _, _, day = built(lines, [("A", Priority.P1, 0, 1441)], (0, 0))
    [one] = day.really
    assert [piece.who for piece in one.log] == [SOMEBODY]
    assert one.case.effort_min == 60
    assert np.isclose(one.case.weight, 8)
    assert State.RESOLVED in DONE
