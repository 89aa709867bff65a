"""How long work takes to be picked up and to be done, learned from history; and until when it can safely wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from watchbill.engine.base.calendar import BusinessHours, BusinessTime
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import MICROS_PER_S, instant_of, micros_in, micros_of
from watchbill.engine.base.work import ACTIONABLE, ActorKind, EventKind, State
from watchbill.engine.clocks.facts import Agreement, ClockEvent, ClockKind
from watchbill.engine.clocks.outcome import ClockOutcome, ClockStatus

PRIOR = 20
"""So many items weigh as much as the wider class: n items of a class count for n / (n + PRIOR)."""
LEAST = 3
"""A class of fewer items than this has nothing of its own to say."""

ASSUMED_PICK_UP_S: Mapping[int, int] = {1: 5 * 60, 2: 15 * 60, 3: 30 * 60, 4: 60 * 60}
ASSUMED_EFFORT_S = 60 * 60


SOLVED = frozenset({State.RESOLVED, State.CLOSED})


class WorkClass(NamedTuple):
    """What is alike in how long it takes; None stands for any, and narrower parts are only given with the wider ones."""

    kind: str | None = None
    priority: int | None = None
    category: str | None = None
    queue: int | None = None

    def widening(self) -> Iterable[WorkClass]:
        """The class itself and every wider one, the narrowest first: queue falls away first, then category, priority, kind."""
        if self.queue is not None:
            yield self
        if self.category:
            yield WorkClass(self.kind, self.priority, self.category)
        if self.priority is not None:
            yield WorkClass(self.kind, self.priority)
        if self.kind is not None:
            yield WorkClass(self.kind)
        yield WorkClass()


class Handled(NamedTuple):
    """How long one item took, in business seconds: from actionable to the first touch, and from there to its solution.

    None where that has not come, or not within what is looked at. Time in which others had to move is in neither.
    """

    of: WorkClass
    pick_up_s: int | None
    effort_s: int | None


class Estimate(NamedTuple):
    """Business seconds that half of the items of a class need at most, those that 80 % need, and how many items say so."""

    middle_s: int
    p80_s: int
    items: int


class LeadTime(NamedTuple):
    """Pick-up and effort to expect of a class; no items mean that nothing was learned, so that it is assumed."""

    pick_up: Estimate
    effort: Estimate

    @property
    def basis(self) -> str:
        return "learned" if self.pick_up.items or self.effort.items else "assumed"

    def needed(self, kind: ClockKind, *, is_touched: bool) -> BusinessTime | None:
        """What a clock of *kind* needs from now on: to be answered, or to be solved. None: it is not ours to say.

        What nobody has touched has to be picked up first; what somebody has needs the effort, though part of it may be
        done already: nobody writes that down, and the safe side is to leave it in.
        """
        waits_s = 0 if is_touched else self.pick_up.middle_s
        if kind is ClockKind.RESPONSE:
            return _business(self.pick_up.middle_s)
        if kind is ClockKind.RESOLUTION:
            return _business(waits_s + self.effort.middle_s)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTimes:
    """What was learned of a desk, by class: each estimate has been drawn towards that of its wider class already.

    ``items``: from how many it was learned; ``learned_at``: at which instant, and nothing that came later is in it.
    """

    learned_at: datetime | None = None
    items: int = 0
    by_class: Mapping[WorkClass, LeadTime] = field(default_factory=dict)

    def find(self, of: WorkClass) -> LeadTime:
        """The narrowest class that has something to say about *of*; assumed where nothing was learned."""
        found = next((self.by_class[each] for each in of.widening() if each in self.by_class), None)
        return found or assumed(of.priority)

    def as_json(self) -> list[list[object]]:
        """One list a class: its four parts, then half, 80 % and items of pick-up and of effort."""
        return [[*of, *lead.pick_up, *lead.effort] for of, lead in self.by_class.items()]

    @classmethod
    def from_json(cls, body: Iterable[Sequence[Any]], *, learned_at: datetime, items: int) -> LeadTimes:
        """Read what `as_json` wrote."""
        by_class = {WorkClass(*row[:4]): LeadTime(Estimate(*row[4:7]), Estimate(*row[7:10])) for row in body}
        return cls(learned_at=learned_at, items=items, by_class=by_class)


def assumed(priority: int | None) -> LeadTime:
    """What is expected before there is any history."""
    pick_up_s = ASSUMED_PICK_UP_S.get(priority or 0, ASSUMED_PICK_UP_S[3])
    return LeadTime(Estimate(pick_up_s, pick_up_s, 0), Estimate(ASSUMED_EFFORT_S, ASSUMED_EFFORT_S, 0))


NOTHING = LeadTimes()
"""Before anything was learned: every class is assumed."""


def is_touch(event: ClockEvent) -> bool:
    """Whether somebody works on the item after *event*: its owner has taken it up, a person has replied, or it is solved."""
    is_taken_up = event.owner is not None and event.state is not State.NEW
    has_replied = event.kind is EventKind.REPLY and event.actor is ActorKind.PERSON
    return is_taken_up or has_replied or event.state in SOLVED


def handled(of: WorkClass, events: Sequence[ClockEvent], calendar: BusinessHours, *, until: datetime) -> Handled:
    """How long an item took to be touched, and then to be solved, as far as was known at *until*.

    Parameters
    ----------
    events: in time order; those after *until* are not looked at.
    calendar: the one on which its clocks are counted.

    Only time in which the item was actionable counts: while a customer or a vendor has to move, nobody of ours could.
    An item that was cancelled, that is open again at *until*, or of which nothing is known before it was solved, says
    nothing about effort: how its time divides cannot be seen. O(n) steps and look-ups.
    """
    position = calendar.table.position
    waited = worked = 0
    touched = has_begun = False
    before: ClockEvent | None = None
    for event in events:
        if event.at > until:
            break
        if before is not None and before.state in ACTIONABLE:
            spent = position(micros_of(event.at)) - position(micros_of(before.at))
            waited, worked = (waited, worked + spent) if touched else (waited + spent, worked)
        touched = touched or is_touch(event)
        has_begun = has_begun or (touched and event.state not in SOLVED)
        before = event
    is_solved = before is not None and before.state in SOLVED and has_begun
    return Handled(of, waited // MICROS_PER_S if touched else None, worked // MICROS_PER_S if is_solved else None)


def learn(items: Iterable[Handled]) -> dict[WorkClass, LeadTime]:
    """Pick-up and effort by class, from the widest to the narrowest.

    The figure of a class is its median, drawn towards the wider class: n items count for n / (n + `PRIOR`), the wider
    class for the rest, and the widest is drawn towards what is assumed. Classes of fewer than `LEAST` items are left
    out. Why the median: docs/algorithms/clocks.md, "Latest safe moments". O(n log n).
    """
    by_class: dict[WorkClass, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for item in items:
        for of in item.of.widening():
            pick_ups, efforts = by_class[of]
            if item.pick_up_s is not None:
                pick_ups.append(item.pick_up_s)
            if item.effort_s is not None:
                efforts.append(item.effort_s)
    found: dict[WorkClass, LeadTime] = {}
    for of in sorted(by_class, key=lambda each: (sum(part is not None for part in each), str(each))):
        pick_ups, efforts = by_class[of]
        if max(len(pick_ups), len(efforts)) < LEAST:
            continue
        wider = next((found[each] for each in of.widening() if each != of and each in found), None)
        wider = wider or assumed(of.priority)
        found[of] = LeadTime(_drawn(pick_ups, wider.pick_up), _drawn(efforts, wider.effort))
    return found


def _drawn(own: list[int], wider: Estimate) -> Estimate:
    """The estimate of a class with its *own* seconds, drawn towards the *wider* one the fewer they are."""
    if not own:
        return Estimate(wider.middle_s, wider.p80_s, 0)
    own.sort()
    share = len(own) / (len(own) + PRIOR)

    def between(quantile: float, other: int) -> int:
        return round(share * _quantile(own, quantile) + (1 - share) * other)

    return Estimate(between(0.5, wider.middle_s), between(0.8, wider.p80_s), len(own))


def _quantile(ordered: Sequence[int], quantile: float) -> float:
    """The value below which so large a share of *ordered* lies, linear between two neighbours."""
    place = quantile * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def ranked_at(events: Sequence[ClockEvent]) -> datetime:
    """Since when the item has had the priority that it has after its last event."""
    last = len(events) - 1
    while last > 0 and events[last - 1].priority == events[last].priority:
        last -= 1
    return events[last].at


def latest_safe(
    outcome: ClockOutcome, calendar: BusinessHours, lead: BusinessTime | None, *, since: datetime | None = None
) -> datetime | None:
    """The last instant at which work can begin that takes *lead* and still keeps the promise.

    Parameters
    ----------
    outcome: a clock as it stands; only one that runs, or will by itself, has such a moment, and none that a vendor keeps.
    calendar: the one on which it is counted.
    lead: business time that is needed (`LeadTime.needed`); None: not ours to say.
    since: when the present target was promised, if that is later than the start of the clock (`ranked_at`).

    It is the due less *lead*, in business time; where that falls on a closing, the next opening is as good and later.
    Never before it was promised: an item that comes in too late to be kept safely says so at once. Two look-ups.
    """
    is_going = outcome.status is ClockStatus.RUNNING or outcome.resumes_us is not None
    due = outcome.due_us
    if lead is None or due is None or outcome.started_us is None or not is_going or outcome.agreement is Agreement.UC:
        return None
    if lead < timedelta(0):
        raise InvalidFacts(f"the time that is needed must not be negative, got {lead}")
    promised = max(outcome.started_us, outcome.resumes_us or 0, 0 if since is None else micros_of(since))
    if due <= promised:
        return None  # broken as it was promised: there never was such a moment
    table = calendar.table
    wanted = table.position(due) - micros_in(lead)
    if wanted < table.position(promised):
        return instant_of(promised)
    opening = table.reach(wanted + 1, until=due + 1)
    return instant_of(due if opening is None else min(opening - 1, due))


def _business(seconds: int) -> BusinessTime:
    return BusinessTime(timedelta(seconds=seconds))
