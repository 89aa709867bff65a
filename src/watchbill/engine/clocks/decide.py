"""From the events of one item to its clocks: one walk over events, then a handful of look-ups in the calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchbill.engine.base.calendar import BusinessTime, Calendar
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import OpenTable, instant_of
from watchbill.engine.base.work import EventKind
from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.explain import segments_of
from watchbill.engine.clocks.facts import Choice, ClockEvent
from watchbill.engine.clocks.groups import Group, Regime, groups_of
from watchbill.engine.clocks.log import Log, read_log
from watchbill.engine.clocks.measure import due_of, measure, warning_of, with_limits
from watchbill.engine.clocks.outcome import ClockOutcome, ClockStatus, Phase
from watchbill.engine.clocks.policy import ClockPolicy
from watchbill.engine.clocks.rules import HALTED
from watchbill.engine.clocks.walk import Life, Mark, Ruling, walk

_NOTHING = BusinessTime(timedelta(0))
_STATUS = {
    Phase.RUNNING: ClockStatus.RUNNING,
    Phase.PAUSED: ClockStatus.PAUSED,
    Phase.CANCELLED: ClockStatus.CANCELLED,
}
Calendars = Mapping[str, Calendar]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """A later version of the policy that takes over what is open when it comes into force (`ClockPolicy.takes_over`)."""

    at: datetime
    policy: ClockPolicy
    calendars: Calendars


def run_clock(
    definition: ClockDefinition, calendar: Calendar, events: Sequence[ClockEvent], *, explain: bool = False
) -> ClockOutcome:
    """How one clock of an item stands after its events: `run_clocks` for a policy of one definition."""
    policy = ClockPolicy(version=1, clocks=(definition,))
    return run_clocks(policy, {definition.calendar: calendar}, events, explain=explain)[0]


def run_clocks(
    policy: ClockPolicy,
    calendars: Calendars,
    events: Sequence[ClockEvent],
    *,
    later: Sequence[TakeOver] = (),
    explain: bool = False,
) -> tuple[ClockOutcome, ...]:
    """Every commitment on an item after its events, counting business time only.

    Parameters
    ----------
    policy: what is promised, and when each clock runs.
    calendars: those that the policy names.
    events: n events in time order, n >= 1; ties keep their order. Those that come before the opening are taken in at
        the opening (docs/algorithms/clocks.md, "Events before the opening").
    later: versions that take over while the item is open, in time order.
    explain: also list the segments; costs several times as much.

    Returns
    -------
    tuple of ClockOutcome
        One a commitment, in the order of the policy; ABSENT where the start condition has not held or nothing is
        promised to this item.

    Raises InvalidFacts if there is no event, if events are naive or out of order, if a calendar is missing, and
    ExpressionFailed (one of them) for an expression that cannot be answered. O(n) steps and O(k log m) look-ups for k
    changes of phase and m open intervals of the calendar.
    """
    if later:
        return _run_later(policy, calendars, events, later, explain=explain)
    return run_log(policy, calendars, read_log(events, policy.fields), explain=explain)


def run_log(policy: ClockPolicy, calendars: Calendars, log: Log, *, explain: bool = False) -> tuple[ClockOutcome, ...]:
    """The same for events that are reduced already, with what ``policy.fields`` hold: for items by the million."""
    return tuple(
        _outcomes(group, walk(group, log), log, {id(policy): calendars}, explain=explain) for group in groups_of(policy)
    )


def _run_later(
    policy: ClockPolicy, calendars: Calendars, events: Sequence[ClockEvent], later: Sequence[TakeOver], *, explain: bool
) -> tuple[ClockOutcome, ...]:
    """The clocks of an item whose policy changed under it: each change is one more event."""
    policies = [policy, *(one.policy for one in later)]
    listed = list(events)
    for one in later:
        place = next((at for at, event in enumerate(listed) if event.at > one.at), len(listed))
        listed.insert(place, replace(listed[max(place - 1, 0)], at=one.at, kind=EventKind.POLICY, merged_at=None))
    fields = tuple(sorted({name for each in policies for name in each.fields}))
    log = read_log(listed, fields)
    places = [at for at, situation in enumerate(log.situations) if situation[0] is EventKind.POLICY]
    books = {id(each): {group.name: group for group in _groups(each, fields)} for each in policies}
    held = {id(policy): calendars, **{id(one.policy): one.calendars for one in later}}
    nobody = Group("", (), fields, policy)
    return tuple(
        _outcomes(
            next(book[name] for book in reversed(books.values()) if name in book),
            walk(
                books[id(policy)].get(name, nobody),
                log,
                [
                    Ruling(place, books[id(one.policy)].get(name), one.policy.takes_over or Choice.KEEP)
                    for place, one in zip(places, later, strict=True)
                ],
            ),
            log,
            held,
            explain=explain,
        )
        for name in dict.fromkeys(name for book in books.values() for name in book)
    )


def _groups(policy: ClockPolicy, fields: tuple[str, ...]) -> tuple[Group, ...]:
    """The commitments of a policy for situations that hold *fields*."""
    if fields == policy.fields:
        return groups_of(policy)
    return tuple(
        Group(name, tuple(clock for clock in policy.clocks if clock.name == name), fields, policy)
        for name in policy.names
    )


def elapsed_at(outcome: ClockOutcome, calendar: Calendar, now: datetime) -> BusinessTime:
    """Business time on the clock at *now*, if nothing happens after its last event. *now* must not lie before that."""
    since = outcome.as_of if outcome.status is ClockStatus.RUNNING else outcome.resumes_at
    if since is None or now <= since:
        return outcome.elapsed
    return BusinessTime(outcome.elapsed + calendar.business_between(since, now))


def remaining_at(outcome: ClockOutcome, calendar: Calendar, now: datetime) -> BusinessTime | None:
    """Business time left at *now*, negative by how much it is over; None for a clock that promises nothing."""
    if outcome.target is None:
        return None
    return BusinessTime(outcome.target - elapsed_at(outcome, calendar, now))


def _outcomes(
    group: Group, lives: Sequence[Life], log: Log, held: Mapping[int, Calendars], *, explain: bool
) -> ClockOutcome:
    """The present cycle, with those before it."""
    if len(lives) == 1:
        return _outcome(group, lives[0], log, held, explain=explain)
    ended = tuple(
        _outcome(group, life, log, held, explain=explain, cycle=number, has_ended=True)
        for number, life in enumerate(lives[:-1], start=1)
    )
    return replace(_outcome(group, lives[-1], log, held, explain=explain, cycle=len(lives)), cycles=ended)


def _outcome(
    group: Group,
    life: Life,
    log: Log,
    held: Mapping[int, Calendars],
    *,
    explain: bool,
    cycle: int = 1,
    has_ended: bool = False,
) -> ClockOutcome:
    """Measure one cycle, and find the instants that follow from what the clock shows."""
    marks = life.marks
    if not marks or (regime := marks[-1][3]) is None:
        return _absent(group, marks, log, cycle)
    tables = {each: _table(each, held) for _, _, _, each, _ in marks if each is not None}
    resumes = None
    if any(each.definition.pause_limit_min for each in tables):
        marks, resumes = with_limits(marks, log.micros[-1], tables)
    last, _, phase, _, _ = marks[-1]
    halted = phase in HALTED
    since = last if halted else max(log.micros[-1], last)
    times = measure(marks, since, tables, resumes)
    definition, target = regime.definition, regime.target
    is_going = phase is Phase.RUNNING or resumes is not None
    due, breach = due_of(times, marks, target, promised=life.promised, is_going=is_going)
    amounts = (max(round(target * ratio), 1) for ratio in definition.warn_ratios)
    found = (warning_of(times, each, promised=life.promised, broken=breach, is_going=is_going) for each in amounts)
    warns = [warn for warn in found if warn is not None]
    ahead = [at for at in (*warns, breach) if at is not None and at >= since] if phase is Phase.RUNNING else []
    due_at, warn_ats = _instant(due), tuple(map(instant_of, warns))
    return ClockOutcome(
        name=definition.name,
        kind=definition.kind,
        agreement=definition.agreement,
        calendar=definition.calendar,
        zone=regime.zone,
        status=_status(phase, is_broken=breach is not None, has_restarted=life.has_restarted),
        as_of=instant_of(since if has_ended else max(log.micros[-1], last)),
        target=_business(target),
        elapsed=_business(times.elapsed),
        paused=_business(times.paused),
        started_at=instant_of(marks[0][0]),
        stopped_at=instant_of(since) if halted else None,
        due_at=due_at,
        breach_at=due_at if breach == due else _instant(breach),
        warn_at=warn_ats[0] if warn_ats else None,
        warn_ats=warn_ats,
        resumes_at=_instant(resumes),
        next_at=_instant(min(ahead, default=resumes)),
        cycle=cycle,
        segments=segments_of(group, marks, log, tables, end=since) if explain else (),
    )


def _status(phase: Phase, *, is_broken: bool, has_restarted: bool) -> ClockStatus:
    if has_restarted:
        return ClockStatus.MISSED if is_broken else ClockStatus.RESTARTED
    return _STATUS.get(phase) or (ClockStatus.MISSED if is_broken else ClockStatus.MET)


def _table(regime: Regime, held: Mapping[int, Calendars]) -> OpenTable:
    """The open hours that count under *regime*."""
    calendars, name = held[id(regime.group.policy)], regime.definition.calendar
    calendar = calendars.get(name)
    if calendar is None:
        known = ", ".join(sorted(calendars)) or "none"
        raise InvalidFacts(f"{regime.definition.name} runs on the calendar {name!r}; known: {known}")
    return (calendar.in_zone(regime.zone) if regime.zone else calendar).table


def _absent(group: Group, marks: Sequence[Mark], log: Log, cycle: int) -> ClockOutcome:
    """The outcome of a clock that has not started, or that promises nothing to the item as it is."""
    definition = group.definitions[-1]
    return ClockOutcome(
        name=group.name,
        kind=definition.kind,
        agreement=definition.agreement,
        calendar=definition.calendar,
        status=ClockStatus.ABSENT,
        as_of=log.instant(-1),
        target=None,
        elapsed=_NOTHING,
        paused=_NOTHING,
        started_at=instant_of(marks[0][0]) if marks else None,
        cycle=cycle,
    )


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else instant_of(micros)


def _business(micros: int) -> BusinessTime:
    return BusinessTime(timedelta(0, 0, micros)) if micros else _NOTHING
