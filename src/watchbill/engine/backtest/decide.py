"""A backtest from a history to the answer: learn, grade, compare, sweep, bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from watchbill.engine.backtest.answer import Answer, Compared, Demand, Measured, Sort, Source, Swept
from watchbill.engine.backtest.asked import AS_IS, AS_IS_CHANGED, Asked, Contender, Point
from watchbill.engine.backtest.ceiling import ceiling_of, with_regret
from watchbill.engine.backtest.contest import Contest, compared, contest_of, play, runs_of, swept, table_of
from watchbill.engine.backtest.demand import demand_of
from watchbill.engine.backtest.learned import learned_parts
from watchbill.engine.backtest.scores import Scores
from watchbill.engine.backtest.twin.aswas import as_was
from watchbill.engine.backtest.twin.draw import Stretch, stretch_of
from watchbill.engine.backtest.twin.fidelity import NO_PAST, Mapper, fidelity_of, in_turn
from watchbill.engine.backtest.twin.history import History
from watchbill.engine.backtest.twin.learn import Assumed, Tell, Twin, learn, quiet
from watchbill.engine.backtest.twin.legs import NEVER
from watchbill.engine.backtest.twin.past import past_of, reproduced
from watchbill.engine.backtest.twin.promise import Promise
from watchbill.engine.backtest.twin.whatif import Change, change_of, changed
from watchbill.engine.backtest.words import assumptions, verdict, warnings_of
from watchbill.engine.base.calendar import BusinessTime
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import instant_of

DAY_US = 86_400_000_000
EDGE_SHARE = 0.25
"""Of a history, left out at each end at most."""
TARGETS = 2
"""Lengths of the longest promise left out at both ends."""
LEAST_DAYS = 14

Counted = tuple[int, int]
"""Microseconds: what is opened since the first and before the second counts."""
Watch = Callable[[], float]
"""Seconds on a stopwatch: whoever has one says how long each part took."""


def backtest(
    history: History,
    source: Source,
    promise: Promise,
    asked: Asked,
    *,
    mapper: Mapper[Any, Any] = in_turn,
    tell: Tell = quiet,
    watch: Watch = lambda: 0.0,
) -> Answer:
    """Rebuild the desk of *history*, say how well the rebuilt one behaves, and compare policies on it.

    The twin is graded by a period that it has not seen (`fidelity_of`), then learned anew from all of the history, in which the
    policies are compared on what really came in: nothing of Watchbill is fitted to it. Raises InvalidFacts saying what is missing,
    for a history that is too short or says too little. (replications x contenders) simulations, and as many at each point.
    """
    clock = _Clock(tell, watch)
    _require_length(history)
    changes = [change_of(text, history) for text in asked.what_if]
    change = past_of(asked.changed, history) if asked.changed else None
    # What cannot be made of the people who are there is refused now, and not after the twin has been graded.
    early = _rebuilt(history, promise, asked, clock.told("learning", 0.0, 0.05)) if changes else None
    if early is not None:
        changed(early.stretch, changes)
        clock.lap("learning")
    begins = 0.05 if changes else 0.0
    past = NO_PAST
    if change is not None:
        past = reproduced(
            history, promise, change, replications=asked.trials, seed=asked.seed, mapper=mapper,
            tell=clock.told("the past change", begins, 0.1),
        )  # fmt: skip
        begins = 0.1
    fidelity = fidelity_of(
        history, promise, replications=asked.trials, seed=asked.seed, mapper=mapper,
        tell=clock.told("grading", begins, 0.2), past=past,
    )  # fmt: skip
    clock.lap("grading")
    if early is None:
        early = _rebuilt(history, promise, asked, clock.told("learning", 0.2, 0.3))
        clock.lap("learning")
    twin, stretch, measured, counted_us = early.twin, early.stretch, early.measured, early.counted_us
    table = _played(stretch, changes, asked.replications, asked, mapper, clock.told("comparing", 0.3, 0.6))
    clock.lap("comparing")
    rows = _rows(twin, stretch, measured, counted_us, table, asked)
    sweep = [
        _swept(point, twin, history, changes, asked, table, mapper, clock.part(0.6, 0.85, number, len(asked.points)))
        for number, point in enumerate(asked.points)
    ]
    clock.lap("sweep")
    demand = _demand(stretch, changes, history, asked, table, mapper, clock)
    clock.lap("demand")
    bound = (
        ceiling_of(changed(stretch, changes), asked, mapper, clock.told("ceiling", 0.9, 1.0))
        if asked.is_bounded
        else None
    )
    clock.lap("ceiling")
    # Under a what-if the ceiling is of what would be, and says nothing of the desk as it is.
    rows = [row if changes and row.sort is Sort.AS_IS else with_regret(row, bound) for row in rows]
    return Answer(
        source=source, promise=_promise_told(promise), twin=fidelity, learned=learned_parts(twin, stretch),
        assumptions=assumptions(twin), measured=measured, policies=tuple(rows), bound=bound, sweep=tuple(sweep),
        what_if=tuple(one.says for one in changes), verdict=verdict(rows, fidelity, sweep, bound, [one.says for one in changes]), seed=asked.seed, seconds=clock.seconds,
        warnings=warnings_of(source, history, twin, fidelity, rows, sweep), demand=demand,
    )  # fmt: skip


class _Clock:
    """How long each part takes, and how far all of it is."""

    def __init__(self, tell: Tell, watch: Watch) -> None:
        self.tell, self.seconds, self._watch = tell, dict[str, float](), watch
        self._at = watch()

    def lap(self, what: str) -> None:
        now = self._watch()
        self.seconds[what] = round(now - self._at, 1)
        self._at = now

    def told(self, what: str, start: float, end: float) -> Tell:
        """Tells of a part as a share of the whole."""
        return lambda _what, share: self.tell(what, start + (end - start) * share)

    def part(self, start: float, end: float, number: int, count: int) -> Tell:
        width = (end - start) / max(1, count)
        return self.told("other assumptions", start + number * width, start + (number + 1) * width)


def _require_length(history: History) -> None:
    days = (int(history.opened_us[-1]) - int(history.opened_us[0])) / DAY_US
    if days < LEAST_DAYS:
        raise InvalidFacts(
            f"The history spans {days:.0f} days from the first opening to the last; at least {LEAST_DAYS} are needed to learn from some and"
            " be held against others."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rebuilt:
    """A twin learned from all of the history, and that history as a stretch of it."""

    twin: Twin
    stretch: Stretch
    measured: Measured
    counted_us: Counted


def _rebuilt(history: History, promise: Promise, asked: Asked, tell: Tell) -> _Rebuilt:
    twin = learn(history, promise, tell=tell)
    stretch, measured, counted_us = _measured(history, twin, asked)
    return _Rebuilt(twin=twin, stretch=stretch, measured=measured, counted_us=counted_us)


def _measured(history: History, twin: Twin, asked: Asked) -> tuple[Stretch, Measured, Counted]:
    """The whole history as a stretch, of which the beginning and the end do not count, and between which instants all does."""
    first, last = int(history.opened_us[0]), int(history.opened_us[-1])
    most = int((last - first) * EDGE_SHARE)
    longest = TARGETS * _longest_us(history, twin)
    done = twin.legs.done_us != NEVER
    took = float(np.quantile((twin.legs.done_us - history.opened_us)[done], 0.9))
    low, high = first + min(most, int(max(longest, took))), last - min(most, longest) + 1
    stretch = stretch_of(twin, history, since_us=first, until_us=last + 1, counted=(low, high))
    here = (history.opened_us >= low) & (history.opened_us < high)
    return stretch, Measured(
        items=int(here.sum()), warm_up=int((history.opened_us < low).sum()), stragglers=int((history.opened_us >= high).sum()),
        backlog=0, begins_at=_iso(low), ends_at=_iso(high), weeks=(high - low) / (7 * DAY_US), replications=asked.replications,
    ), (low, high)  # fmt: skip


def _longest_us(history: History, twin: Twin) -> int:
    """Of the clock, from opening to the longest promise, of what was opened in the middle of the history."""
    middle = instant_of(int(np.median(history.opened_us)))
    longest = 0
    for priority, target in twin.promise.targets_min.items():
        due = twin.promise.hours[priority].add_business(middle, BusinessTime(timedelta(minutes=target)))
        longest = max(longest, int((due - middle).total_seconds() * 1e6) if due else 0)
    return longest


def _played(
    stretch: Stretch, changes: Sequence[Change], replications: int, asked: Asked, mapper: Mapper[Any, Any], tell: Tell
) -> dict[str, list[Scores]]:
    """As is on the stretch as it was; all others, and as is once more, on what it would be. Without changes that is the same."""
    if not changes:
        return _scored(contest_of(stretch, asked.contenders), replications, asked, mapper, tell)
    base = _scored(contest_of(stretch, ()), replications, asked, mapper, lambda what, share: tell(what, share / 10))
    other = contest_of(changed(stretch, changes), asked.contenders, as_is=AS_IS_CHANGED)
    return base | _scored(other, replications, asked, mapper, lambda what, share: tell(what, 0.1 + 0.9 * share))


def _scored(
    contest: Contest, replications: int, asked: Asked, mapper: Mapper[Any, Any], tell: Tell
) -> dict[str, list[Scores]]:
    runs = runs_of(contest, replications, asked.seed)
    scores: list[Scores] = mapper(play, contest, runs, tell)
    return table_of(runs, scores)


def _rows(
    twin: Twin,
    stretch: Stretch,
    measured: Measured,
    counted_us: Counted,
    table: dict[str, list[Scores]],
    asked: Asked,
) -> list[Compared]:
    was = Contender(name="as was", sort=Sort.AS_WAS, says="What really happened", make=twin.order.policy)
    guess = f"The twin in the order that the desk seems to follow: {twin.order.name}"
    same = Contender(name=AS_IS, sort=Sort.AS_IS, says=guess, make=twin.order.policy)
    real = as_was(twin, stretch.floor, since_us=counted_us[0], until_us=counted_us[1])
    rows = [replace(compared(was, [real], [real], weeks=measured.weeks), gain=None, better=None)]
    others = (
        [replace(same, name=AS_IS_CHANGED, sort=Sort.WHAT_IF, says="The same order, under what is asked")]
        if asked.what_if
        else []
    )
    return rows + [
        compared(one, table[one.name], table[AS_IS], weeks=measured.weeks) for one in (same, *others, *asked.contenders)
    ]


def _swept(
    point: Point, twin: Twin, history: History, changes: Sequence[Change], asked: Asked, base: dict[str, list[Scores]],
    mapper: Mapper[Any, Any], tell: Tell,
) -> Swept:  # fmt: skip
    """Learn again under the point's assumptions, which the same history then bears out as well, and compare again."""
    tell("learning", 0.0)
    assumed = Assumed(
        effort=point.effort,
        availability=point.availability,
        order=twin.order.second if point.second_order else twin.order.name,
    )
    other = learn(history, twin.promise, staff=twin.staff, assumed=assumed)
    stretch, *_ = _measured(history, other, asked)
    found = _played(stretch, changes, asked.swept, asked, mapper, lambda what, share: tell(what, 0.2 + 0.8 * share))
    return swept(point, other.order.name, found, base)


def _demand(
    stretch: Stretch, changes: Sequence[Change], history: History, asked: Asked, base: dict[str, list[Scores]],
    mapper: Mapper[Any, Any], clock: _Clock,
) -> tuple[Demand, ...]:  # fmt: skip
    """Every policy again with other arrivals, on top of what is asked; base: without."""
    if changes:
        base = {name: runs for name, runs in base.items() if name != AS_IS} | {AS_IS: base[AS_IS_CHANGED]}

    def played(factor: float, number: int) -> dict[str, list[Scores]]:
        other = changed(stretch, [*changes, change_of(f"arrivals={factor:g}", history)])
        share = 0.05 / len(asked.demand)
        tell = clock.told("other arrivals", 0.85 + share * number, 0.85 + share * (number + 1))
        return _scored(contest_of(other, asked.contenders), min(asked.swept, asked.replications), asked, mapper, tell)

    return demand_of(asked.demand, base, played)


def _promise_told(promise: Promise) -> dict[str, Any]:
    return {
        "targets_h": {priority.name: minutes / 60 for priority, minutes in sorted(promise.targets_min.items())},
        "hours": {priority.name: promise.told.get(priority, "") for priority in sorted(promise.targets_min)},
        "paused": sorted(state.value for state in promise.paused),
        "targets_from": promise.targets_from.value,
        "hours_from": promise.hours_from.value,
    }


def _iso(us: int) -> str:
    return instant_of(us).isoformat(timespec="minutes")
