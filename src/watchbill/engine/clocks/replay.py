"""A draft of a clock policy beside what holds, item by item: what changes, added up; and what the draft leaves undone."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntFlag
from typing import Any, NamedTuple, Protocol

from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.combined import Combination, Definition
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import micros_of
from watchbill.engine.base.work import OPEN, Priority
from watchbill.engine.clocks.decide import TakeOver, run_clocks, run_log
from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.facts import ClockEvent
from watchbill.engine.clocks.log import Log
from watchbill.engine.clocks.outcome import ClockOutcome, ClockStatus
from watchbill.engine.clocks.policy import ClockPolicy

LATE, NONE = "late", "none"
"""How a commitment stands besides the words of `ClockStatus`: live and broken already; and not there."""


class Effect(IntFlag):
    """What a draft does to a clock: a breach more, a breach less, another due; or anything else about it, and none of these."""

    ADDED = 1
    REMOVED = 2
    MOVED = 4
    OTHER = 8


class Stand(NamedTuple):
    """How one commitment of an item stands at the instant of the replay; ``breaches`` are those of all its cycles.

    Instants and business time in microseconds, as `ClockOutcome` has them.
    """

    state: str
    breaches: int
    due_us: int | None
    breach_us: int | None
    target_us: int | None


ABSENT = Stand(NONE, 0, None, None, None)
Stands = Mapping[str, Stand]
"""By the name of the commitment."""


class Subject(NamedTuple):
    """What totals are made by: the item's priority, queue and customer."""

    priority: Priority
    queue_id: int | None
    customer_id: int | None


class Change(NamedTuple):
    """One commitment of an item before and after."""

    name: str
    before: Stand
    after: Stand
    effect: Effect


def calendars_used(policy: ClockPolicy, calendars: Mapping[str, Definition]) -> dict[str, Definition]:
    """Return those of *calendars* that a policy counts on, and those that they are made of."""
    found: dict[str, Definition] = {}
    waiting = sorted({clock.calendar for clock in policy.clocks})
    while waiting:
        name = waiting.pop()
        if name in calendars and name not in found:
            found[name] = one = calendars[name]
            waiting += sorted(one.names) if isinstance(one, Combination) else ()
    return found


def draft_digest(policy: ClockPolicy, calendars: Mapping[str, Definition]) -> str:
    """Return the name of what a draft says, however it was written: its clocks, and the calendars that they count on."""
    whole = {
        "policy": {**policy.as_json(), "version": 0},
        "calendars": {name: one.as_json() for name, one in calendars_used(policy, calendars).items()},
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def stands_of(outcomes: Iterable[ClockOutcome], now_us: int) -> dict[str, Stand]:
    """Return how the commitments on an item stand at an instant; one that never was there is left out."""
    found = {}
    for each in outcomes:
        status, breach = each.status, each.breach_us
        is_broken = breach is not None and breach <= now_us
        breaches = int(is_broken)
        for cycle in each.cycles:
            breaches += cycle.breach_us is not None and cycle.breach_us <= now_us
        if status is ClockStatus.ABSENT:
            if each.cycles:
                found[each.definition.name] = Stand(NONE, breaches, None, None, None)
            continue
        live = status is ClockStatus.RUNNING or status is ClockStatus.PAUSED
        state = LATE if is_broken and live else status.value
        found[each.definition.name] = Stand(state, breaches, each.due_us, breach, each.target_us)
    return found


def changes_between(before: Stands, after: Stands) -> list[Change]:
    """Return what a draft changes about one item, by commitment; nothing when all stands as it stood."""
    changes = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, ABSENT), after.get(name, ABSENT)
        if old != new:
            changes.append(Change(name, old, new, _effect(old, new)))
    return changes


def _effect(old: Stand, new: Stand) -> Effect:
    found = Effect.MOVED if _has_moved(old, new) else Effect(0)
    if new.breaches != old.breaches:
        found |= Effect.ADDED if new.breaches > old.breaches else Effect.REMOVED
    return found or Effect.OTHER


def _has_moved(old: Stand, new: Stand) -> bool:
    return old.due_us != new.due_us and old.due_us is not None and new.due_us is not None


PRIORITY, QUEUE, CUSTOMER = "priority", "queue", "customer"
BEFORE, AFTER, MORE, LESS, DUES, ITEMS = range(6)
"""Places of a line of sums: breaches before and after, added and removed, dues that moved, and clocks changed at all."""


def _counter() -> defaultdict[Any, int]:
    return defaultdict(int)


Key = tuple[str, int | None, str]
"""What a line of sums is about: by what, its key, and the commitment."""


@dataclass(slots=True)
class Tally:
    """Sums over items. ``flows``: clocks by commitment, state before and state after; ``lines``: see `BEFORE`.

    ``started``, ``stopped`` and ``tried`` are the places of the draft's definitions that did so on an item (tried to
    stop: on one that is over).
    """

    items: int = 0
    changed: int = 0
    at_priority: dict[int, int] = field(default_factory=_counter)
    flows: dict[tuple[str, str, str], int] = field(default_factory=_counter)
    lines: dict[Key, list[int]] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    started: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    stopped: set[int] = field(default_factory=set)

    def add(self, subject: Subject, before: Stands, after: Stands, changes: Sequence[Change]) -> None:
        """Count one item."""
        self.items += 1
        self.changed += bool(changes)
        self.at_priority[subject.priority] += 1
        for name in before if before.keys() == after.keys() else dict.fromkeys((*before, *after)):
            old, new = before.get(name, ABSENT), after.get(name, ABSENT)
            self.flows[name, old.state, new.state] += 1
            if old.breaches or new.breaches or old != new:
                self._count(subject, name, old, new)

    def _count(self, subject: Subject, name: str, old: Stand, new: Stand) -> None:
        more = new.breaches - old.breaches
        moved = _has_moved(old, new)
        for key in (
            (PRIORITY, int(subject.priority), name), (QUEUE, subject.queue_id, name),
            (CUSTOMER, subject.customer_id, name),
        ):  # fmt: skip
            line = self.lines.get(key)
            if line is None:
                line = self.lines[key] = [0] * 6
            line[BEFORE] += old.breaches
            line[AFTER] += new.breaches
            line[MORE] += max(more, 0)
            line[LESS] += max(-more, 0)
            line[DUES] += moved
            line[ITEMS] += old != new

    def by(self, dimension: str) -> dict[int | None, list[int]]:
        """Return lines of sums over all commitments, by priority, queue or customer."""
        found: dict[int | None, list[int]] = {}
        for (what, key, _), line in self.lines.items():
            if what == dimension:
                _add(found.setdefault(key, [0] * 6), line)
        return found

    def by_name(self) -> dict[str, list[int]]:
        """Return lines of sums by commitment."""
        found: dict[str, list[int]] = {}
        for (what, _, name), line in self.lines.items():
            if what == PRIORITY:
                _add(found.setdefault(name, [0] * 6), line)
        return found

    def merge(self, other: Tally) -> None:
        """Add the sums of another block of items."""
        self.items += other.items
        self.changed += other.changed
        for priority, count in other.at_priority.items():
            self.at_priority[priority] += count
        for flow, count in other.flows.items():
            self.flows[flow] += count
        for key, line in other.lines.items():
            _add(self.lines.setdefault(key, [0] * 6), line)
        self.asked |= other.asked
        self.started |= other.started
        self.ended |= other.ended
        self.stopped |= other.stopped


def _add(line: list[int], other: Sequence[int]) -> None:
    for place, count in enumerate(other):
        line[place] += count


class Story(Protocol):
    """The events of one item, as whoever asks wants them."""

    def log(self, fields: tuple[str, ...]) -> Log:
        """Reduced, with what the fields named hold."""

    def events(self) -> Sequence[ClockEvent]:
        """As they came."""


class Held(NamedTuple):
    """What an item was promised: a policy and the calendars that held with it, and what took over since."""

    policy: ClockPolicy
    calendars: Mapping[str, BusinessHours]
    later: Sequence[TakeOver] = ()


class Beside:
    """A draft beside one policy that holds, parted by commitment: what both say alike, and what each says for itself."""

    def __init__(self, draft: Held, held: Held | None) -> None:
        alike = set[str]()
        plain = replace(draft.policy, clocks=())
        if held and not held.later and plain == replace(held.policy, clocks=(), version=plain.version):
            alike = {name for name in draft.policy.names if _said(draft, name) == _said(held, name)}
        self._both = _part(draft, lambda name: name in alike)
        self._ours = _part(draft, lambda name: name not in alike)
        self._theirs = held if held is None or held.later else _part(held, lambda name: name not in alike)

    def stands(self, story: Story, now_us: int) -> tuple[dict[str, Stand], dict[str, Stand]]:
        """Return how an item stands under what holds, and under the draft; what both say alike is computed once."""
        both = stands_of(_outcomes(self._both, story), now_us)
        before = stands_of(_outcomes(self._theirs, story), now_us)
        after = stands_of(_outcomes(self._ours, story), now_us)
        return (both | before, both | after) if both else (before, after)


def _outcomes(held: Held | None, story: Story) -> Sequence[ClockOutcome]:
    if held is None:
        return ()
    if held.later:
        return run_clocks(held.policy, held.calendars, story.events(), later=held.later)
    return run_log(held.policy, held.calendars, story.log(held.policy.fields))


def _said(held: Held, name: str) -> list[tuple[ClockDefinition, BusinessHours | None]]:
    """Return all that a policy says of one commitment."""
    return [(clock, held.calendars.get(clock.calendar)) for clock in held.policy.clocks if clock.name == name]


def _part(held: Held, is_wanted: Callable[[str], bool]) -> Held | None:
    clocks = tuple(clock for clock in held.policy.clocks if is_wanted(clock.name))
    return held._replace(policy=replace(held.policy, clocks=clocks)) if clocks else None


class Replayer:
    """A draft, made ready to be asked of one item after the other; `tally` holds the sums since it was last taken.

    Parameters
    ----------
    draft, calendars: the policy, and the calendars by name that it counts on.
    now: the instant at which breaches are judged.
    """

    def __init__(self, draft: ClockPolicy, calendars: Mapping[str, BusinessHours], now: datetime) -> None:
        self._draft = Held(draft, calendars)
        self._now_us = micros_of(now)
        self._alone = [Held(ClockPolicy(version=1, clocks=(clock,)), calendars) for clock in draft.clocks]
        self._unseen = set(range(len(draft.clocks)))
        self.tally = Tally()

    def take(self) -> Tally:
        """Return the sums, and begin new ones."""
        done, self.tally = self.tally, Tally()
        return done

    def beside(self, held: Held | None) -> Beside:
        """Return the draft beside what an item was promised (None: nothing), for `item`: made once for many items."""
        return Beside(self._draft, held)

    def item(self, subject: Subject, story: Story, beside: Beside) -> list[Change]:
        """Replay one item under what it was promised, and under the draft. Return what changes.

        Raises InvalidFacts when the draft cannot be asked of this item.
        """
        before, after = beside.stands(story, self._now_us)
        changes = changes_between(before, after) if before != after else []
        self.tally.add(subject, before, after, changes)
        if self._unseen:
            self._look(story)
        return changes

    def _look(self, story: Story) -> None:
        """See whether definitions that have not done so yet start and stop on this item, each on its own."""
        situations = story.log(()).situations
        tally, is_over = self.tally, situations[-1][1] not in OPEN
        priorities = {situation[4] for situation in situations}
        for place in sorted(self._unseen):
            alone = self._alone[place]
            if priorities.isdisjoint(alone.policy.clocks[0].target_by_priority):
                continue
            tally.asked.add(place)
            (outcome,) = _outcomes(alone, story)
            if outcome.started_us is None:
                continue
            tally.started.add(place)
            if is_over:
                tally.ended.add(place)
            if outcome.stopped_us is not None or outcome.cycles:
                tally.stopped.add(place)
                self._unseen.discard(place)


class Finding(NamedTuple):
    """What a draft leaves undone. ``key`` says it in words that publishing takes as a yes; ``items``: how many it is about."""

    key: str
    items: int
    sentence: str


def findings_of(draft: ClockPolicy, tally: Tally) -> list[Finding]:
    """Return what the history shows that a draft leaves undone: in a desk without a history, nothing is shown."""
    found = []
    for place, label in enumerate(_labels(draft)):
        if place in tally.asked and place not in tally.started:
            found.append(
                Finding(f"{label} never starts", tally.items, f"“{label}” never starts on any item of the history")
            )
        elif place in tally.ended and place not in tally.stopped:
            found.append(
                Finding(f"{label} never stops", tally.items, f"“{label}” never stops on any item that is over by now")
            )
    for name in draft.names:
        promised = {int(t.priority) for clock in draft.clocks if clock.name == name for t in clock.targets}
        for priority in sorted(set(tally.at_priority) - promised):
            count = tally.at_priority[priority]
            found.append(
                Finding(
                    f"{name} P{priority} without target", count,
                    f"“{name}” promises nothing at P{priority}, at which {count:,} items of the history are",
                )
            )  # fmt: skip
    return found


def require_said(findings: Iterable[Finding], leaves: Iterable[str]) -> None:
    """Raise InvalidFacts unless all that a draft leaves undone was said explicitly."""
    said = set(leaves)
    left = [finding for finding in findings if finding.key not in said]
    if left:
        keys = "; ".join(f"“{finding.key}”" for finding in left)
        raise InvalidFacts(
            f"{'. '.join(finding.sentence for finding in left)}. Mend the draft, or say that it is meant so: leave {keys}",
            field="leaves", leaves=[finding.key for finding in left],
        )  # fmt: skip


def _labels(draft: ClockPolicy) -> list[str]:
    """Return what each definition is called: its name, with its number among those of that name if there are several."""
    names = [clock.name for clock in draft.clocks]
    return [
        name if names.count(name) == 1 else f"{name} ({names[: place + 1].count(name)})"
        for place, name in enumerate(names)
    ]
