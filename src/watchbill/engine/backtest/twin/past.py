"""A change that really happened, named by somebody who was there: would the twin have foretold what came of it?

docs/algorithms/backtest.md, "A past change".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from watchbill.engine.backtest.answer import Gate
from watchbill.engine.backtest.days import wall_instant
from watchbill.engine.backtest.scores import seen_scores_of
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.backtest.twin.changes import KINDS
from watchbill.engine.backtest.twin.draw import Stretch, stretch_of
from watchbill.engine.backtest.twin.fidelity import LEAST_TESTED, Mapper, in_turn
from watchbill.engine.backtest.twin.history import History, local_minutes
from watchbill.engine.backtest.twin.learn import Tell, learn, quiet
from watchbill.engine.backtest.twin.legs import legs_of
from watchbill.engine.backtest.twin.models import MINUTE_US
from watchbill.engine.backtest.twin.promise import Promise, lived
from watchbill.engine.backtest.twin.whatif import Change, change_of, changed
from watchbill.engine.base.errors import InvalidFacts

WEEK_US = 7 * 1440 * MINUTE_US
MOST_WEEKS, LEARNED_WEEKS = 4, 2
"""Weeks on each side at most, and weeks before these two that there must be to learn from."""
FACTOR = 2.0
"""The foretold change may be so many times larger or smaller than the real one."""
ERRORS = 2.0
"""Standard errors that a real change must exceed before anything can be reproduced."""
PEOPLE_KINDS = ("staff", "shift", "train", "closed")
"""Changes of people. What came in is replayed as it was, and promises are those that are asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A change of people from *at_us* on. says: what and when, in a few words."""

    at_us: int
    change: Change
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Before and after, as simulations see them. span_min: of each."""

    before: Stretch
    after: Stretch
    span_min: int


def past_of(text: str, history: History) -> Past:
    """Read a change such as 2016-04-04:staff=TEAM-2: a day of the desk's wall, and what a what-if says of people.

    Raises InvalidFacts naming what is wrong.
    """
    day, is_there, what = (part.strip() for part in text.partition(":"))
    kind = what.partition("=")[0]
    if not is_there or kind not in PEOPLE_KINDS:
        examples = "; ".join(KINDS[each] for each in PEOPLE_KINDS)
        raise InvalidFacts(
            f"A past change is a day and what changed for people, such as 2016-04-04:staff=TEAM-2 ({examples}); got “{text}”",
            field="changed",
        )
    try:
        wall = datetime.strptime(day, "%Y-%m-%d")  # noqa: DTZ007 - the wall of the history's zone
    except ValueError:
        raise InvalidFacts(f"“{day}” is no day such as 2016-04-04", field="changed") from None
    change = change_of(what, history)
    return Past(
        at_us=wall_instant(wall, history.zone, field="changed"), change=change, says=f"{change.says} from {day}"
    )


def reproduced(
    history: History, promise: Promise, past: Past, *, replications: int, seed: int = 1, mapper: Mapper[int, tuple[float, float]] = in_turn,
    tell: Tell = quiet,
) -> Gate:  # fmt: skip
    """Gate (e): whether a twin that knows nothing of the time from the change on foretells what it did to the promises kept.

    It is learned before the change, and simulates as many weeks before it and, with the change, after it, with what really came in.
    What it finds is held against the same two stretches of the log, each as it was known at its end. Raises InvalidFacts when there
    is too little on either side.
    """
    span = _span_us(history, past)
    sides = [(past.at_us - span, past.at_us), (past.at_us, past.at_us + span)]
    real = [_kept(history, promise, since, until) for since, until in sides]
    twin = learn(history.until(past.at_us), promise, tell=lambda what, share: tell(what, share / 2))
    before, after = (stretch_of(twin, history, since_us=since, until_us=until) for since, until in sides)
    shown = Sides(before=before, after=changed(after, [past.change]), span_min=span // MINUTE_US)
    runs = mapper(
        _both, shown, [seed + number for number in range(replications)], lambda what, share: tell(what, (1 + share) / 2)
    )
    simulated = np.mean(runs, axis=0).tolist()
    return _gate(past, real, simulated)


def _gate(past: Past, real: list[tuple[float, float]], simulated: list[float]) -> Gate:
    (was, was_error), (became, became_error) = real
    moved, foretold = became - was, simulated[1] - simulated[0]
    error = ERRORS * float(np.hypot(was_error, became_error))
    told = (
        f"{past.says[:1].upper()}{past.says[1:]}: promises kept went from {was:.1f} % to {became:.1f} % ({_points(moved)});"
        f" foretold was {_points(foretold)}, from {simulated[0]:.1f} % to {simulated[1]:.1f} %"
    )
    if abs(moved) <= error:
        return Gate(
            key="e", is_passed=None, says=f"{told}. The real change is within chance (±{error:.1f}): there is nothing to reproduce."
        )  # fmt: skip
    ratio = foretold / moved
    return Gate(key="e", is_passed=1 / FACTOR <= ratio <= FACTOR, says=f"{told}; the same direction and within a factor {FACTOR:g} are asked for.")  # fmt: skip


def _points(value: float) -> str:
    return f"{value:+.1f} points".replace("-", "−")


def _span_us(history: History, past: Past) -> int:
    """Whole weeks on each side of the change."""
    first, last = int(history.opened_us[0]), int(history.opened_us[-1])
    weeks = min(MOST_WEEKS, (last + 1 - past.at_us) // WEEK_US, (past.at_us - first) // WEEK_US - LEARNED_WEEKS)
    span = max(0, weeks) * WEEK_US
    edges = np.searchsorted(history.opened_us, [past.at_us - span, past.at_us, past.at_us + span])
    if span == 0 or int(np.diff(edges).min()) < LEAST_TESTED:
        raise InvalidFacts(
            f"To judge a change, the history must hold a week after it and {LEARNED_WEEKS + 1} before it, with {LEAST_TESTED} items in each of"
            f" the weeks compared; that is not so for {past.says}",
            field="changed",
        )
    return int(span)


def _kept(history: History, promise: Promise, since_us: int, until_us: int) -> tuple[float, float]:
    """Percent kept of what was opened in [since, until), as known at its end, and its standard error over days, which vary together."""
    known = history.until(until_us)
    fate = lived(known, legs_of(known, paused=promise.paused), promise, until_us=until_us)
    here = (known.opened_us >= since_us) & fate.is_decided
    if not here.any():
        raise InvalidFacts("Nothing that was opened beside the change had its promise decided in those weeks", field="changed")  # fmt: skip
    kept = fate.is_kept[here]
    _, day = np.unique(local_minutes(known.opened_us[here], known.zone) // 1440, return_inverse=True)
    residual = np.bincount(day, weights=kept - kept.mean())
    days = residual.size
    error = float(np.sqrt((residual**2).sum() * days / max(1, days - 1))) / kept.size
    return 100 * float(kept.mean()), 100 * error


def _both(sides: Sides, seed: int) -> tuple[float, float]:
    """Percent kept before and after, with the same seed."""
    before, after = (
        seen_scores_of(simulate(one.model(seed), one.twin.order.policy()), seen_min=sides.span_min).kept
        for one in (sides.before, sides.after)
    )
    return before, after
