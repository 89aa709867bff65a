"""A block of items replayed: events read, both policies asked, what changes kept, the sums returned."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks import replays
from watchbill.apps.clocks.queries import Rulebook
from watchbill.apps.clocks.replays import Line
from watchbill.apps.work.readthrough import Block, block_events, block_items
from watchbill.engine.base.combined import definition_of, resolved
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import micros_of
from watchbill.engine.clocks import ClockPolicy, TakeOver
from watchbill.engine.clocks.replay import Beside, Change, Effect, Held, Replayer, Stand, Story, Subject, Tally
from watchbill.flows.clockfacts import clock_events, fields_of
from watchbill.flows.replay.stories import Told, Ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a process needs to know: the replay, its desk, the draft and all calendars that it counts on, and the instant."""

    replay_id: int
    desk_id: int
    policy: Mapping[str, Any]
    calendars: Mapping[str, Any]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The first item of a block on which the draft fails, and how."""

    item_id: int
    message: str


Result = tuple[Tally, Failed | None]
"""The sums of a block, and where it ended early."""


class Replaying:
    """What a process makes ready once, to replay one block after the other."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._draft = ClockPolicy.from_json(task.policy)
        calendars = resolved({name: definition_of(body) for name, body in task.calendars.items()})
        self._replayer = Replayer(self._draft, calendars, task.now)
        self._book = clocks.rulebook(task.desk_id)
        self._held = HeldSince(self._book, self._replayer.beside, task.now)
        self._ways = Ways()

    def __call__(self, block: Block) -> Result:
        """Replay one block: keep the items that change, and return the sums."""
        task, replayer = self._task, self._replayer
        items, lines = block_items(task.desk_id, block), list[Line]()
        for item_id, since, story in self._stories(items, block):
            try:
                passed = story()
                subject = Subject(passed.log(()).situations[-1][4], *items[item_id])
                changes = replayer.item(subject, passed, self._held.at(since))
            except InvalidFacts as error:
                return replayer.take(), Failed(item_id=item_id, message=error.message)
            if changes:
                lines.append(_line(item_id, subject, changes))
        if lines:
            replays.items_add(task.replay_id, lines)
        return replayer.take(), None

    def _stories(self, items: Collection[int], block: Block) -> Iterator[tuple[int, int, Callable[[], Story]]]:
        """Give each item with the instant of its first event, and its story, which may fail to be told."""
        odd: list[int] = []
        if self._draft.fields or fields_of(self._book):
            odd += items
        else:
            for read in block_events(block, until=self._task.now):
                if read.item_id in items:
                    if read.codes:
                        yield read.item_id, read.micros[0], partial(self._ways.story, read)
                    else:
                        odd.append(read.item_id)
        if not odd:
            return
        now = self._task.now
        told = clock_events(self._task.desk_id, self._book, odd, now=now, also=self._draft.fields)
        for item_id, events in told.items():
            passed = [event for event in events if event.at <= now]
            if passed:
                yield item_id, micros_of(passed[0].at), partial(Told, passed)


class HeldSince:
    """What a desk promised, by the instant at which an item was opened: looked up once for each stretch between versions."""

    def __init__(self, book: Rulebook, beside: Callable[[Held | None], Beside], now: datetime) -> None:
        since = sorted({version.holds_from for version in (*book.policies, *book.calendars)})
        self._since = list(map(micros_of, since))
        self._beside = [beside(None), *(beside(_held(book, instant, now)) for instant in since)]

    def at(self, micros: int) -> Beside:
        return self._beside[bisect_right(self._since, micros)]


def _held(book: Rulebook, instant: datetime, now: datetime) -> Held | None:
    first = book.at(instant)
    if first is None:
        return None
    later = [
        TakeOver(at=at, policy=rules.clock_policy(), calendars=rules.compiled())
        for at, rules in book.later(instant, now)
    ]
    return Held(first.clock_policy(), first.compiled(), later)


def _line(item_id: int, subject: Subject, changes: Sequence[Change]) -> Line:
    effects, parts = 0, []
    for name, before, after, effect in changes:
        effects |= effect
        parts.append(
            f'{{"name": {_quoted(name)}, "effect": "{_word(effect)}", "before": {_stand(before)}, "after": {_stand(after)}}}'
        )
    return (
        item_id,
        effects,
        int(subject.priority),
        subject.queue_id,
        subject.customer_id,
        f"[{', '.join(parts)}]",
    )


_quoted = cache(json.dumps)


@cache
def _word(effect: Effect) -> str:
    """Return the first of the effects, by which a change is called."""
    return next(str(each.name).lower() for each in Effect if each & effect)


def _stand(stand: Stand) -> str:
    """Write a stand as it is kept: instants and business time in microseconds."""
    state, breaches, *times = stand
    return f'["{state}", {breaches}, {", ".join(["null" if time is None else str(time) for time in times])}]'
