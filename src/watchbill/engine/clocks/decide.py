"""From the events of one item to its clocks: one walk over events, then a handful of look-ups in the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from watchbill.engine.base.calendar import BusinessHours, BusinessTime
from watchbill.engine.base.work import EventKind
from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.explain import segments_of
from watchbill.engine.clocks.facts import Choice, ClockEvent
from watchbill.engine.clocks.groups import Group, groups_of
from watchbill.engine.clocks.log import Log, read_log
from watchbill.engine.clocks.measure import Calendars, Tables, due_of, measure, warnings_of, with_limits
from watchbill.engine.clocks.outcome import ClockOutcome, ClockStatus, Phase
from watchbill.engine.clocks.policy import ClockPolicy
from watchbill.engine.clocks.walk import Life, Mark, Ruling, walk

_STATUS = {
    Phase.RUNNING: ClockStatus.RUNNING,
    Phase.PAUSED: ClockStatus.PAUSED,
    Phase.CANCELLED: ClockStatus.CANCELLED,
}
_KEPT = (ClockStatus.MET, ClockStatus.RESTARTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """A later version of the policy that takes over what is open when it comes into force (`ClockPolicy.takes_over`)."""

    at: datetime
    policy: ClockPolicy
    calendars: Calendars


def run_clock(
    definition: ClockDefinition, calendar: BusinessHours, events: Sequence[ClockEvent], *, explain: bool = False
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
    tables = Tables({id(policy): calendars})
    return tuple([_outcomes(group, walk(group, log), log, tables, explain=explain) for group in groups_of(policy)])


def _run_later(
    policy: ClockPolicy, calendars: Calendars, events: Sequence[ClockEvent], later: Sequence[TakeOver], *, explain: bool
) -> tuple[ClockOutcome, ...]:
    """The clocks of an item whose policy changed under it: each change is one more event."""
    policies = [policy, *(one.policy for one in later)]
    listed = with_policies(events, [one.at for one in later])
    fields = tuple(sorted({name for each in policies for name in each.fields}))
    log = read_log(listed, fields)
    places = [at for at, situation in enumerate(log.situations) if situation[0] is EventKind.POLICY]
    books = {id(each): {group.name: group for group in _groups(each, fields)} for each in policies}
    tables = Tables({id(policy): calendars, **{id(one.policy): one.calendars for one in later}})
    return tuple(
        _outcomes(
            next(book[name] for book in reversed(books.values()) if name in book),
            walk(
                books[id(policy)].get(name, _nobody(fields)),
                log,
                [
                    Ruling(place, books[id(one.policy)].get(name), one.policy.takes_over or Choice.KEEP)
                    for place, one in zip(places, later, strict=True)
                ],
            ),
            log,
            tables,
            explain=explain,
        )
        for name in dict.fromkeys(name for book in books.values() for name in book)
    )


def with_policies(events: Sequence[ClockEvent], instants: Sequence[datetime]) -> list[ClockEvent]:
    """The events as segments number them: each instant at which another version takes over is one of the kind POLICY."""
    listed = list(events)
    for at in instants:
        place = next((index for index, event in enumerate(listed) if event.at > at), len(listed))
        listed.insert(place, replace(listed[max(place - 1, 0)], at=at, kind=EventKind.POLICY, merged_at=None))
    return listed


def _groups(policy: ClockPolicy, fields: tuple[str, ...]) -> tuple[Group, ...]:
    """The commitments of a policy for situations that hold *fields*: made once, and kept with it."""
    if fields == policy.fields:
        return groups_of(policy)
    kept: dict[tuple[str, ...], tuple[Group, ...]] = policy.__dict__.setdefault("_groups_for", {})
    if fields not in kept:
        kept[fields] = tuple(
            Group(name, tuple(clock for clock in policy.clocks if clock.name == name), fields, policy)
            for name in policy.names
        )
    return kept[fields]


@lru_cache(maxsize=64)
def _nobody(fields: tuple[str, ...]) -> Group:
    """The commitment that a version does not make."""
    return Group("", (), fields, ClockPolicy(version=1, clocks=()))


def elapsed_at(outcome: ClockOutcome, calendar: BusinessHours, now: datetime) -> BusinessTime:
    """Business time on the clock at *now*, if nothing happens after its last event. *now* must not lie before that."""
    since = outcome.as_of if outcome.status is ClockStatus.RUNNING else outcome.resumes_at
    if since is None or now <= since:
        return outcome.elapsed
    return BusinessTime(outcome.elapsed + calendar.business_between(since, now))


def remaining_at(outcome: ClockOutcome, calendar: BusinessHours, now: datetime) -> BusinessTime | None:
    """Business time left at *now*, negative by how much it is over; None for a clock that promises nothing."""
    if outcome.target is None:
        return None
    return BusinessTime(outcome.target - elapsed_at(outcome, calendar, now))


def _outcomes(group: Group, lives: Sequence[Life], log: Log, tables: Tables, *, explain: bool) -> ClockOutcome:
    """The present cycle, with those before it."""
    present = _outcome(group, lives[-1], log, tables, explain=explain, cycle=len(lives))
    if len(lives) == 1:
        return present
    ended = tuple(
        _outcome(group, life, log, tables, explain=explain, cycle=number, has_ended=True)
        for number, life in enumerate(lives[:-1], start=1)
    )
    return present._replace(cycles=ended)


def _outcome(
    group: Group, life: Life, log: Log, tables: Tables, *, explain: bool, cycle: int, has_ended: bool = False
) -> ClockOutcome:
    """Measure one cycle, and find the instants that follow from what the clock shows."""
    marks, promised, has_restarted = life.marks, life.promised, life.has_restarted
    if not marks or (regime := marks[-1][3]) is None:
        return _absent(group, marks, log, cycle)
    first, resumes = marks[0][3], None
    if group.has_limits or (first is not None and first.group is not group):  # it began under another version
        marks, resumes = with_limits(marks, log.micros[-1], tables)
    last, _, phase, _, _ = marks[-1]
    halted = phase is Phase.STOPPED or phase is Phase.CANCELLED
    as_of = last if has_ended else max(log.micros[-1], last)
    since = last if halted else as_of
    times = measure(marks, since, tables, resumes)
    definition, target = regime.definition, regime.target
    is_going = phase is Phase.RUNNING or resumes is not None
    due, breach = due_of(times, marks, target, promised=promised, is_going=is_going)
    warns = warnings_of(times, target, definition.warn_ratios, promised=promised, broken=breach, is_going=is_going)
    if has_restarted or phase is Phase.STOPPED:
        status = ClockStatus.MISSED if breach is not None else _KEPT[has_restarted]
    else:
        status = _STATUS[phase]
    return ClockOutcome(
        definition,
        status,
        regime.zone,
        as_of,
        target,
        times.elapsed,
        times.paused,
        marks[0][0],
        since if halted else None,
        due,
        breach,
        warns,
        resumes,
        cycle,
        (),
        segments_of(group, marks, life, log, tables, end=since) if explain else (),
    )


def _absent(group: Group, marks: Sequence[Mark], log: Log, cycle: int) -> ClockOutcome:
    """The outcome of a clock that has not started, or that promises nothing to the item as it is."""
    started = marks[0][0] if marks else None
    return ClockOutcome(
        group.definitions[-1], ClockStatus.ABSENT, "", log.micros[-1], None, 0, 0, started, None, None, None, (), None,
        cycle,
    )  # fmt: skip
