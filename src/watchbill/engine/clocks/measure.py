"""The time on a clock: its phases on their calendars, and the instants that follow from what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from watchbill.engine.base.calendar import HORIZON, BusinessHours
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import MICROS_PER_S, OpenTable, micros_in
from watchbill.engine.clocks.groups import Regime
from watchbill.engine.clocks.outcome import Cause, Phase
from watchbill.engine.clocks.rules import HALTED
from watchbill.engine.clocks.walk import Mark, Why

HORIZON_MICROS = micros_in(HORIZON)
MICROS_PER_MIN = 60 * MICROS_PER_S
Calendars = Mapping[str, BusinessHours]


Run = tuple[int, int, int, OpenTable]
"""A running phase: its place in the marks, where it begins on its calendar, the time on the clock there, the calendar."""


class Tables(dict[Regime, OpenTable]):
    """The open hours that count under each regime."""

    __slots__ = ("_held",)

    def __init__(self, held: Mapping[int, Calendars]) -> None:
        """*held*: the calendars by name, for each policy by its identity."""
        super().__init__()
        self._held = held

    def __missing__(self, regime: Regime) -> OpenTable:
        calendars, name = self._held[id(regime.group.policy)], regime.definition.calendar
        calendar = calendars.get(name)
        if calendar is None:
            known = ", ".join(sorted(calendars)) or "none"
            raise InvalidFacts(f"{regime.definition.name} runs on the calendar {name!r}; known: {known}")
        table = self[regime] = (calendar.in_zone(regime.zone) if regime.zone else calendar).table
        return table


class Times(NamedTuple):
    """Phases on their calendars, in business microseconds, up to the instant ``end``.

    ``here`` is the position of ``end`` on ``table``, the present calendar, or of the instant at which a pause will end
    by its limit.
    """

    runs: list[Run]
    elapsed: int
    paused: int
    here: int
    table: OpenTable
    end: int


def measure(marks: Sequence[Mark], end: int, tables: Tables, resumes: int | None) -> Times:
    """Add up the business time of each phase, the last one up to *end*."""
    runs: list[Run] = []
    elapsed = paused = here = 0
    table: OpenTable | None = None
    counted: Regime | None = None
    last = len(marks) - 1
    for place, (at, _, phase, regime, _) in enumerate(marks):
        if regime is None:
            table = counted = None
            continue
        if regime is counted and table is not None:
            left = here
        else:
            counted, before, table = regime, table, tables[regime]
            left = here if table is before else table.position(at)
        here = table.position(marks[place + 1][0] if place < last else end)
        if phase is Phase.RUNNING:
            runs.append((place, left, elapsed, table))
            elapsed += here - left
        elif phase is Phase.PAUSED:
            paused += here - left
    if table is None:
        raise AssertionError("a clock that promises something has a calendar")
    if resumes is not None:
        here = table.position(resumes)
    return Times(runs, elapsed, paused, here, table, end)


def with_limits(marks: Sequence[Mark], end: int, tables: Tables) -> tuple[list[Mark], int | None]:
    """The marks with those at which a pause ends by its limit; and when the present pause will, if it is to."""
    cut: list[Mark] = []
    resumes = None
    spent = 0
    for place, mark in enumerate(marks):
        at, index, phase, regime, _ = mark
        cut.append(mark)
        if phase is not Phase.PAUSED or regime is None or not regime.definition.pause_limit_min:
            spent = 0
            continue
        table, limit = tables[regime], regime.definition.pause_limit_min * MICROS_PER_MIN
        if spent >= limit:  # the pause went on under another promise: its limit has been reached already
            cut[-1] = (at, index, Phase.RUNNING, regime, mark[4])
            continue
        over = table.reach(table.position(at) + limit - spent, until=at + HORIZON_MICROS)
        until = marks[place + 1][0] if place + 1 < len(marks) else None
        if over is not None and over < (end if until is None else until):
            cut.append((over, index, Phase.RUNNING, regime, Why(Cause.LIMIT)))
            spent = limit
        elif until is None:
            resumes = over
        else:
            spent += table.position(until) - table.position(at)
    return cut, resumes


def due_of(
    times: Times, marks: Sequence[Mark], target: int, *, promised: int, is_going: bool
) -> tuple[int | None, int | None]:
    """When the time on the clock reaches *target*, and when that breaks the promise; None for what cannot happen."""
    if target <= times.elapsed:
        run, due = _behind(times, target)
        return due, _broken(marks, times, place=run, due=due, promised=promised)
    if is_going or marks[-1][2] is Phase.STOPPED:
        due_ahead = _ahead(times, target)
        return due_ahead, due_ahead if is_going else None
    return None, None


def warnings_of(
    times: Times, target: int, ratios: Sequence[float], *, promised: int, broken: int | None, is_going: bool
) -> tuple[int, ...]:
    """When the warning at each share of *target* comes or came; without those that cannot."""
    warns = []
    for ratio in ratios:
        amount = max(round(target * ratio), 1)
        if amount > times.elapsed:
            warn = _ahead(times, amount) if is_going else None
        else:
            _, reached = _behind(times, amount)
            warn = max(reached, promised)
            if warn > reached and broken is not None and broken <= warn:
                continue  # the change that set this target broke it at once: there is nothing left to warn of
        if warn is not None:
            warns.append(warn)
    return tuple(warns)


def _ahead(times: Times, amount: int) -> int | None:
    """When the clock will show *amount*, more than it shows now, if it runs on; None beyond the horizon."""
    return times.table.reach(times.here + amount - times.elapsed, until=times.end + HORIZON_MICROS)


def _behind(times: Times, amount: int) -> tuple[int, int]:
    """When the clock first showed *amount*, no more than it shows now: (place of the run in the marks, instant)."""
    place, left, shown, table = next(run for run in reversed(times.runs) if run[2] < amount)
    micros = table.reach(left + amount - shown, until=times.end)
    if micros is None:  # the run ended no later than *end*, and it covers the amount
        raise AssertionError("a run covers the time that it has added")
    return place, micros


def _broken(marks: Sequence[Mark], times: Times, *, place: int, due: int, promised: int) -> int | None:
    """When a due that has been reached broke the promise, or None when the clock halted at that very instant.

    A clock that halts exactly at its due has kept its promise until it runs again. A change of target that puts the
    due into the past breaks the promise at the change, not before, and if it was stopped then, when it is reopened.
    """
    broken = due
    end = _end(marks, place)
    if end is not None and end <= due:
        later = (run[0] for run in times.runs if run[0] > place)
        again = next((at for at in later if _end(marks, at) != marks[at][0]), None)
        if again is None:
            return None
        broken = marks[again][0]
    broken = max(broken, promised)
    for at in range(len(marks) - 1):  # nobody breaks a promise while the clock is stopped: it is broken on reopening
        begin, until = marks[at][0], marks[at + 1][0]
        if begin <= broken < until and marks[at][2] in HALTED:
            return next((mark[0] for mark in marks[at + 1 :] if mark[2] not in HALTED), broken)
    return broken


def _end(marks: Sequence[Mark], place: int) -> int | None:
    """When the phase at *place* in the marks ended; None for the last one."""
    return marks[place + 1][0] if place + 1 < len(marks) else None
