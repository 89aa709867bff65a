"""Who held a clock for how long: its business time, split by whose move it was and by team.

How: docs/algorithms/clocks.md, "Who held it".
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Generic, TypeVar

from watchbill.engine.base.calendar import BusinessHours, BusinessTime
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import instant_of, micros_of
from watchbill.engine.base.work import State
from watchbill.engine.clocks.facts import ClockEvent
from watchbill.engine.clocks.lived import calendar_of, lived
from watchbill.engine.clocks.log import read_log
from watchbill.engine.clocks.outcome import ClockOutcome, Phase, Segment

K = TypeVar("K", bound=Hashable)

COUNTED = frozenset({Phase.RUNNING, Phase.PAUSED})
"""Phases whose business time somebody held: the others are in neither elapsed nor paused time."""


class Party(StrEnum):
    """Whose move it is: its owner's, nobody's yet, or somebody's for whom we wait."""

    OWNER = "owner"
    UNASSIGNED = "unassigned"
    CUSTOMER = "customer"
    VENDOR = "vendor"
    OTHER = "other"


WAITS_FOR = {
    State.WAITING_CUSTOMER: Party.CUSTOMER,
    State.WAITING_VENDOR: Party.VENDOR,
    State.WAITING_OTHER: Party.OTHER,
    State.SCHEDULED: Party.OTHER,
}
"""The states in which another party holds an item, whoever owns it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who held it: ``owner`` is set for OWNER only, ``queue`` for UNASSIGNED only; ``team`` whoever's move it was."""

    party: Party
    owner: PersonId | None = None
    queue: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stint:
    """A stretch in which one holder had a clock in one phase, running or paused; ``business`` is the time in it."""

    holder: Holder
    phase: Phase
    from_at: datetime
    to_at: datetime
    business: BusinessTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Generic[K]):
    """What one holder (or team) had of a clock: time running, time paused, in how many turns, and the share of all."""

    who: K
    running: BusinessTime
    paused: BusinessTime
    turns: int
    share: float

    @property
    def business(self) -> BusinessTime:
        return BusinessTime(self.running + self.paused)


def holder_of(event: ClockEvent) -> Holder:
    """Who holds the item after *event*: the party that it waits for, else its owner, else nobody in its queue."""
    party = WAITS_FOR.get(event.state) or (Party.UNASSIGNED if event.owner is None else Party.OWNER)
    facts = event.facts or {}
    return Holder(
        party=party,
        owner=event.owner if party is Party.OWNER else None,
        queue=str(facts.get("queue") or "") if party is Party.UNASSIGNED else "",
        team=str(facts.get("team") or ""),
    )


def stints_of(
    events: Sequence[ClockEvent], outcome: ClockOutcome, calendars: Mapping[str, BusinessHours], *, now: datetime
) -> tuple[Stint, ...]:
    """Who held one cycle of a clock in which stretch, in order of time.

    Parameters
    ----------
    events: those that *outcome* was computed from, as they were given.
    outcome: with its segments.
    calendars: those that the policy names.
    now: up to where a live clock is counted; before the last event, up to that.

    Returns
    -------
    tuple of Stint
        Those of phase RUNNING sum to what `elapsed_at` says at *now*, exactly; those of PAUSED to the paused time.

    O(s log n) for s stints and n events, and two look-ups in the calendar a stint.
    """
    log = read_log(events)
    pieces = [
        (holder_of(events[log.order[index]]), segment, begin, end)
        for segment, until in lived(outcome, calendars, now)
        if segment.phase in COUNTED
        for begin, end, index in _cut(log.micros, micros_of(segment.from_at), micros_of(until))
    ]
    return tuple(
        _stint(holder, phase, list(group), calendars)
        for (holder, phase), group in groupby(pieces, key=lambda piece: (piece[0], piece[1].phase))
    )


Piece = tuple[Holder, Segment, int, int]


def _stint(holder: Holder, phase: Phase, pieces: Sequence[Piece], calendars: Mapping[str, BusinessHours]) -> Stint:
    """Pieces that follow each other as one, each counted on the calendar of its segment."""
    micros = 0
    for _, segment, begin, end in pieces:
        table = calendar_of(segment, calendars).table
        micros += table.position(end) - table.position(begin)
    return Stint(
        holder=holder,
        phase=phase,
        from_at=instant_of(pieces[0][2]),
        to_at=instant_of(pieces[-1][3]),
        business=BusinessTime(timedelta(microseconds=micros)),
    )


def held_by(stints: Iterable[Stint], who: Callable[[Holder], K]) -> tuple[Held[K], ...]:
    """What each had in total, the most first; *who* says which holders are one: `the_holder`, `the_team`."""
    running: defaultdict[K, timedelta] = defaultdict(timedelta)
    paused: defaultdict[K, timedelta] = defaultdict(timedelta)
    turns: Counter[K] = Counter()
    for key, group in groupby(stints, key=lambda stint: who(stint.holder)):
        turns[key] += 1
        for stint in group:
            (running if stint.phase is Phase.RUNNING else paused)[key] += stint.business
    whole = sum((*running.values(), *paused.values()), timedelta())
    found = (
        Held(
            who=key,
            running=BusinessTime(running[key]),
            paused=BusinessTime(paused[key]),
            turns=times,
            share=(running[key] + paused[key]) / whole if whole else 0.0,
        )
        for key, times in turns.items()
    )
    return tuple(sorted(found, key=lambda held: held.business, reverse=True))


def the_holder(holder: Holder) -> Holder:
    """Each owner, each queue and each party once; the team counts only where nobody and no queue had it."""
    return holder if holder.party is Party.UNASSIGNED and not holder.queue else replace(holder, team="")


def the_team(holder: Holder) -> str:
    """The team whose item it was, also while it waited for others."""
    return holder.team


def _cut(micros: Sequence[int], begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The stretch from *begin* to *end* cut at the events in it: (from, to, index of the event that says how it stood).

    What lies before the first event stands as after it.
    """
    while begin < end:
        after = bisect_right(micros, begin)
        until = min(end, micros[after]) if after < len(micros) else end
        yield begin, until, max(after - 1, 0)
        begin = until
