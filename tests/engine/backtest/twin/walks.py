"""Histories of one item at random, and a slow walk that finds its pieces of work by looking at every stretch between events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from watchbill.engine.backtest.twin.history import CODE_OF, STATES, Told, history_of
from watchbill.engine.base.intervals import micros_of
from watchbill.engine.base.work import ACTIONABLE, DONE, WAITING, State

UTC_ZONE = ZoneInfo("UTC")
BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE_US = 60_000_000

steps = st.lists(
    st.tuples(
        st.integers(1, 300),
        st.sampled_from(State),
        st.sampled_from([None, "A", "B"]),
        st.sampled_from([None, "ann", "bob"]),
    ),
    max_size=8,
)


def lines_of(events, *, name="C1", priority=3):
    """Lines of an item opened as new, and then of (minutes later, state, team, owner)."""
    at, found = BEGIN, [Told(name, BEGIN.isoformat(), BEGIN.isoformat(), "new", priority, "", "A", None, False)]
    for minutes, state, team, owner in events:
        at += timedelta(minutes=minutes)
        found.append(Told(name, at.isoformat(), BEGIN.isoformat(), state.value, priority, "", team, owner, False))
    return found


def one(events):
    return history_of(lines_of(events), zone=UTC_ZONE)


def minutes_of(us):
    return (us - micros_of(BEGIN)) // MINUTE_US


def pieces(history, paused=WAITING):
    """(ready, ended, team, worker, wait, is paused) by looking at the whole list again for every event: minutes, None for never."""
    rows = [
        (minutes_of(at), STATES[state], int(team), int(owner))
        for at, state, team, owner in zip(
            history.at_us.tolist(), history.state.tolist(), history.team, history.owner, strict=True
        )
    ]
    cuts = [number for number in range(1, len(rows)) if _ends(rows, number)]
    outs = [number for number in range(1, len(rows)) if _is_last_outside(rows, number)]
    found, begins = [], 0
    ends = sorted({*cuts, *outs})
    for end in ends:
        found.append(_piece(rows, begins, end, paused))
        begins = end
    if rows[-1][1] not in DONE:
        found.append(_piece(rows, begins, None, paused))
    return found


def _known(rows, number, place):
    """The last team told up to *number*, or the owner since work last lay ready."""
    for at in range(number, -1, -1):
        value = rows[at][place]
        if value != -1:
            return value
        if place == 3 and rows[at][1] in ACTIONABLE:
            return -1
    return -1


def _ends(rows, number):
    before, after = rows[number - 1], rows[number]
    if before[1] not in ACTIONABLE:
        return False
    if after[1] not in ACTIONABLE:
        return True
    team, owner = _known(rows, number - 1, 2), _known(rows, number - 1, 3)
    return after[2] not in (team, -1) and -1 not in (team, owner) and after[3] != owner


def _is_last_outside(rows, number):
    return rows[number - 1][1] in WAITING and rows[number][1] in DONE


def _piece(rows, begins, end, paused):
    """What happened between two cuts: outside first, then ready."""
    wait = stood = 0
    ready = rows[begins][0] if rows[begins][1] in ACTIONABLE else None
    last = len(rows) - 1 if end is None else end
    for at in range(begins, last):
        if ready is None:
            span = rows[at + 1][0] - rows[at][0]
            wait += span
            stood += span if rows[at][1] in paused or rows[at][1] in DONE else 0
            if rows[at + 1][1] in ACTIONABLE or (end is not None and at + 1 == end):
                ready = rows[at + 1][0]
    if end is None:
        team, owner = _known(rows, last, 2), _known(rows, last, 3)
        return ready, None, team, owner, wait, 2 * stood >= wait > 0
    team, owner = _known(rows, end - 1, 2), _known(rows, end - 1, 3)
    is_passed = rows[end - 1][1] in ACTIONABLE and rows[end][1] in ACTIONABLE
    if rows[end - 1][1] in ACTIONABLE and not is_passed:
        team = rows[end][2] if rows[end][2] != -1 else team
        owner = rows[end][3] if rows[end][3] != -1 else owner
    return ready, rows[end][0], team, owner, wait, 2 * stood >= wait > 0


__all__ = ["CODE_OF", "lines_of", "minutes_of", "one", "pieces", "steps"]
