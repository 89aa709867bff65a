"""From the events of one item to its clocks: one walk over events, then a handful of look-ups in the calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from watchbill.engine.base.calendar import HORIZON, BusinessTime, Calendar
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import OpenTable, instant_of, micros_in
from watchbill.engine.clocks.explain import segments_of
from watchbill.engine.clocks.facts import ClockEvent, ClockKind, Situation
from watchbill.engine.clocks.log import Log, Mark, read_log
from watchbill.engine.clocks.outcome import ClockOutcome, ClockStatus, Phase
from watchbill.engine.clocks.policy import ClockDefinition, ClockPolicy

HORIZON_MICROS = micros_in(HORIZON)
_NOTHING = BusinessTime(timedelta(0))
_HALTED = frozenset({Phase.STOPPED, Phase.CANCELLED})
_STATUS = {
    Phase.RUNNING: ClockStatus.RUNNING,
    Phase.PAUSED: ClockStatus.PAUSED,
    Phase.CANCELLED: ClockStatus.CANCELLED,
}


def run_clock(
    definition: ClockDefinition, calendar: Calendar, events: Sequence[ClockEvent], *, explain: bool = False
) -> ClockOutcome:
    """How one clock of an item stands after its events, counting business time only.

    Parameters
    ----------
    definition: the six conditions, and the target by priority in business minutes.
    calendar: the one that ``definition.calendar`` names.
    events: n events in time order, n >= 1; ties keep their order. Those that come before the opening are taken in at
        the opening (docs/algorithms/clocks.md, "Events before the opening").
    explain: also list the segments; costs about as much again.

    Returns
    -------
    ClockOutcome
        ABSENT when the start condition has not held or the priority has no target.

    Raises InvalidFacts if there is no event, or if events are naive or out of order. O(n) steps and O(k log m)
    look-ups for k changes of phase and m open intervals of the calendar.
    """
    return _run(definition, calendar, read_log(events), explain=explain)


def run_clocks(
    policy: ClockPolicy, calendars: Mapping[str, Calendar], events: Sequence[ClockEvent], *, explain: bool = False
) -> tuple[ClockOutcome, ...]:
    """Every clock of an item under *policy*: one outcome per kind, in the order of the policy.

    Where a kind is defined more than once, the definition that has a target at the item's priority answers. Raises
    InvalidFacts as `run_clock` does, and when *calendars* lacks one that the policy names.
    """
    log = read_log(events)
    priorities = {event.priority for event in events}
    last = {definition.kind: definition for definition in policy.clocks}
    outcomes: dict[ClockKind, ClockOutcome] = {}
    for definition in policy.clocks:
        if definition is not last[definition.kind] and priorities.isdisjoint(definition.target_by_priority):
            continue  # it has promised nothing to this item at any time: the next definition of the kind answers
        answered = outcomes.get(definition.kind)
        if answered is None or answered.status is ClockStatus.ABSENT:
            calendar = calendars.get(definition.calendar)
            if calendar is None:
                known = ", ".join(sorted(calendars)) or "none"
                raise InvalidFacts(f"{definition.kind} runs on the calendar {definition.calendar!r}; known: {known}")
            outcomes[definition.kind] = _run(definition, calendar, log, explain=explain)
    return tuple(outcomes.values())


def elapsed_at(outcome: ClockOutcome, calendar: Calendar, now: datetime) -> BusinessTime:
    """Business time on the clock at *now*, if nothing happens after its last event. *now* must not lie before that."""
    if outcome.status is not ClockStatus.RUNNING:
        return outcome.elapsed
    return BusinessTime(outcome.elapsed + calendar.business_between(outcome.as_of, now))


def remaining_at(outcome: ClockOutcome, calendar: Calendar, now: datetime) -> BusinessTime | None:
    """Business time left at *now*, negative by how much it is over; None for a clock that promises nothing."""
    if outcome.target is None:
        return None
    return BusinessTime(outcome.target - elapsed_at(outcome, calendar, now))


def _marks(definition: ClockDefinition, situations: Sequence[Situation]) -> list[Mark]:
    """Where the clock changes its phase: (index of the event, phase from there on)."""
    marks: list[Mark] = []
    step = definition.first_step
    for index, situation in enumerate(situations):
        after = step[situation]
        if after is not step:
            step = after
            marks.append((index, step.phase))
    return marks


class _Life(NamedTuple):
    """A clock's phases on the calendar, in business microseconds.

    ``runs`` holds for each running phase: its place in the marks, the calendar position at which it begins, and the
    time on the clock there. ``here`` is the position up to which ``elapsed`` and ``paused`` count.
    """

    runs: list[tuple[int, int, int]]
    elapsed: int
    paused: int
    here: int


def _measure(marks: Sequence[Mark], log: Log, table: OpenTable) -> _Life:
    """Add up the business time of each phase, the last one up to the last event while the clock is live."""
    position, micros = table.position, log.micros
    here = position(micros[marks[0][0]])
    runs: list[tuple[int, int, int]] = []
    elapsed = paused = 0
    for place, (_, phase) in enumerate(marks):
        left = here
        if place + 1 < len(marks):
            here = position(micros[marks[place + 1][0]])
        elif phase is Phase.RUNNING or phase is Phase.PAUSED:
            here = position(micros[-1])
        if phase is Phase.RUNNING:
            runs.append((place, left, elapsed))
            elapsed += here - left
        elif phase is Phase.PAUSED:
            paused += here - left
    return _Life(runs, elapsed, paused, here)


def _ahead(life: _Life, table: OpenTable, amount: int, *, since: int) -> int | None:
    """When the clock will show *amount*, more than it shows now, if it runs on; None beyond the horizon."""
    return table.reach(life.here + amount - life.elapsed, until=since + HORIZON_MICROS)


def _behind(life: _Life, table: OpenTable, amount: int, *, until: int) -> tuple[int, int]:
    """When the clock first showed *amount*, no more than it shows now: (place of the run in the marks, instant)."""
    place, position, shown = next(run for run in reversed(life.runs) if run[2] < amount)
    micros = table.reach(position + amount - shown, until=until)
    if micros is None:  # the run ended no later than *until*, and it covers the amount
        raise AssertionError("a run covers the time that it has added")
    return place, micros


def _broken(
    definition: ClockDefinition, log: Log, marks: Sequence[Mark], life: _Life, *, judged: int, place: int, due: int
) -> int | None:
    """When a due that has been reached broke the promise, or None when the clock halted at that very instant.

    A clock that halts exactly at its due has kept its promise until it runs again. A change of target that puts the
    due into the past breaks the promise at the change, not before, and if it was stopped then, when it is reopened.
    """
    broken = due
    end = _end(log, marks, place)
    if end is not None and end <= due:
        later = (run[0] for run in life.runs if run[0] > place)
        again = next((at for at in later if _end(log, marks, at) != log.micros[marks[at][0]]), None)
        if again is None:
            return None
        broken = log.micros[marks[again][0]]
    broken = max(broken, _promised_since(definition, log, judged=judged))
    for at in range(len(marks) - 1):  # nobody breaks a promise while the clock is stopped: it is broken on reopening
        begin, end = log.micros[marks[at][0]], log.micros[marks[at + 1][0]]
        if begin <= broken < end and marks[at][1] in _HALTED:
            reopened = (mark for mark in marks[at + 1 :] if mark[1] not in _HALTED)
            return next((log.micros[index] for index, _ in reopened), broken)
    return broken


def _promised_since(definition: ClockDefinition, log: Log, *, judged: int) -> int:
    """Since when the target in force has been promised: the opening, or the last change of priority that changed it."""
    targets = definition.target_by_priority
    target, changed = targets[log.events[judged].priority], judged
    while changed > 0 and targets.get(log.events[changed - 1].priority) == target:
        changed -= 1
    return log.micros[changed]


def _end(log: Log, marks: Sequence[Mark], place: int) -> int | None:
    """When the phase at *place* in the marks ended; None for the last one."""
    return log.micros[marks[place + 1][0]] if place + 1 < len(marks) else None


def _run(definition: ClockDefinition, calendar: Calendar, log: Log, *, explain: bool) -> ClockOutcome:
    """Walk, measure, and find the instants that follow from what the clock shows."""
    marks = _marks(definition, log.situations)
    phase = marks[-1][1] if marks else Phase.WAITING
    halted = phase in _HALTED
    judged = marks[-1][0] if halted else len(log.events) - 1
    target = definition.target_by_priority.get(log.events[judged].priority)
    if not marks or target is None:
        return _absent(definition, log, started=marks[0][0] if marks else None)
    table = calendar.table
    life = _measure(marks, log, table)
    since = log.micros[judged]
    due = breach = warn = None
    if target <= life.elapsed:
        place, due = _behind(life, table, target, until=since)
        breach = _broken(definition, log, marks, life, judged=judged, place=place, due=due)
    elif phase is Phase.RUNNING or phase is Phase.STOPPED:
        due = _ahead(life, table, target, since=since)
        breach = due if phase is Phase.RUNNING else None
    warning = max(round(target * definition.warn_ratio), 1)
    if warning <= life.elapsed:
        _, reached = _behind(life, table, warning, until=since)
        warn = max(reached, _promised_since(definition, log, judged=judged))
        if warn > reached and breach is not None and breach <= warn:
            warn = None  # the change that set this target broke it at once: there is nothing left to warn of
    elif phase is Phase.RUNNING:
        warn = _ahead(life, table, warning, since=since)
    due_at, warn_at = _instant(due), _instant(warn)
    breach_at = due_at if breach == due else _instant(breach)
    next_at = None
    if phase is Phase.RUNNING:
        if warn is not None and warn >= since:
            next_at = warn_at
        elif breach is not None and breach >= since:
            next_at = breach_at
    return ClockOutcome(
        kind=definition.kind,
        calendar=definition.calendar,
        status=_STATUS.get(phase) or (ClockStatus.MET if breach is None else ClockStatus.MISSED),
        as_of=log.instant(-1),
        target=_business(target),
        elapsed=_business(life.elapsed),
        paused=_business(life.paused),
        started_at=log.instant(marks[0][0]),
        stopped_at=log.instant(judged) if halted else None,
        due_at=due_at,
        breach_at=breach_at,
        warn_at=warn_at,
        next_at=next_at,
        segments=segments_of(definition, table, log, marks) if explain else (),
    )


def _absent(definition: ClockDefinition, log: Log, *, started: int | None) -> ClockOutcome:
    """The outcome of a clock that has not started, or that promises nothing at the item's priority."""
    return ClockOutcome(
        kind=definition.kind,
        calendar=definition.calendar,
        status=ClockStatus.ABSENT,
        as_of=log.instant(-1),
        target=None,
        elapsed=_NOTHING,
        paused=_NOTHING,
        started_at=None if started is None else log.instant(started),
    )


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else instant_of(micros)


def _business(micros: int) -> BusinessTime:
    return BusinessTime(timedelta(0, 0, micros)) if micros else _NOTHING
