"""From a history to a twin: people, effort, delays that no policy governs, and paths that cases took.

docs/algorithms/backtest.md tells each step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from watchbill.engine.backtest.facts import Model
from watchbill.engine.backtest.hours import FAR_MIN, Hours
from watchbill.engine.backtest.outcome import Run
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.backtest.twin.asis import Guess, guess_order
from watchbill.engine.backtest.twin.effort import Effort, Floats, effort_of
from watchbill.engine.backtest.twin.history import History, Ints
from watchbill.engine.backtest.twin.legs import NEVER, Legs, legs_of
from watchbill.engine.backtest.twin.models import TAIL_DAYS, Arrival, Floor, Piece, floor_of
from watchbill.engine.backtest.twin.promise import Promise
from watchbill.engine.backtest.twin.staff import Staff, busy_of, staff_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority

MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
ROUNDS = 3
"""Times that delays are corrected by what the simulated queue already explains."""
LEAST_LEGS = 50
"""Legs of a team below which its waits are corrected together with all such teams."""
WORKERS_LEAST = 0.3
"""Share of pieces of work of which somebody must be known to have done them."""
DONE_LEAST = 0.5
"""Share of items opened in the first half that must have been done."""

Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What is not in the log and is assumed: factors on effort and on people's hours, the order of the desk (None: as it looks)."""

    effort: float = 1.0
    availability: float = 1.0
    order: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A desk rebuilt from its history.

    delay_min: by leg, working minutes that pass before anybody could begin; effort_min, mean_min: by leg. order: what the desk's
    own order looks like, with the evidence.
    """

    history: History
    legs: Legs
    staff: Staff
    promise: Promise
    effort: Effort
    effort_min: Floats
    mean_min: Floats
    delay_min: Ints
    order: Guess
    capacity: int
    assumed: Assumed = field(default_factory=Assumed)

    def floor(self, origin_us: int, until_us: int) -> Floor:
        """The people between two instants."""
        return floor_of(
            self.staff, self.promise, origin_us=origin_us, until_us=until_us + TAIL_DAYS * DAY_US, pace=self.effort.pace,
            capacity=self.capacity, availability=self.assumed.availability,
        )  # fmt: skip


def quiet(_what: str, _share: float) -> None:
    """Tell nobody."""


def learn(
    history: History,
    promise: Promise,
    *,
    staff: Staff | None = None,
    assumed: Assumed | None = None,
    tell: Tell = quiet,
) -> Twin:
    """Rebuild the desk of *history*.

    Parameters
    ----------
    staff: who worked when, where more is known of that than this history says (people of the stretch that a twin is judged on).
    assumed: factors on what the log does not carry.

    Raises InvalidFacts saying what is missing: nothing resolved, nobody known to have done anything. O(events), and ROUNDS
    simulations of the history.
    """
    assumed = assumed or Assumed()
    legs = legs_of(history, paused=promise.paused)
    _require_enough(history, legs)
    staff = staff_of(history, legs) if staff is None else replace(staff, busy=busy_of(history, legs, staff.teams))
    if not staff.hours:
        raise InvalidFacts(
            "Nobody is seen to have done anything often enough after items were opened, so that nobody's hours can be rebuilt. Does the"
            " history say when items were begun and ended, or only when they were opened?"
        )
    tell("people and hours", 0.1)
    origin = int(history.opened_us[0])
    until = int(max(history.at_us.max(), history.opened_us[-1]))
    known = {who: Hours(spans) for who, spans in staff.spans(origin, until + DAY_US).items()}
    effort = effort_of(legs, history.category, known, origin_us=origin)
    mean = np.where(np.isnan(effort.mean), np.nanmean(effort.mean), effort.mean) * assumed.effort
    minutes = np.where(np.isnan(effort.minutes), mean / assumed.effort, effort.minutes) * assumed.effort
    capacity = max(2, round(effort.at_once) or 3)
    order = guess_order(history, legs, promise) if assumed.order is None else Guess.said(assumed.order)
    twin = Twin(
        history=history, legs=legs, staff=staff, promise=promise, effort=effort, effort_min=minutes, mean_min=mean,
        delay_min=np.zeros(legs.size, dtype=np.int64), order=order, capacity=capacity, assumed=assumed,
    )  # fmt: skip
    tell("effort", 0.2)
    return _with_delays(twin, origin, until, tell)


def _require_enough(history: History, legs: Legs) -> None:
    """Raise InvalidFacts, saying what is missing, for a history from which nothing can be rebuilt."""
    ended = legs.ended_us != NEVER
    half = (int(history.opened_us[0]) + int(history.opened_us[-1])) // 2
    early = history.opened_us <= half
    if not ended.any() or float((legs.done_us[early] != NEVER).mean()) < DONE_LEAST:
        share = float((legs.done_us[early] != NEVER).mean())
        raise InvalidFacts(
            f"Of the items opened in the first half of the history, {share:.0%} were ever resolved, closed or cancelled; at least"
            f" {DONE_LEAST:.0%} must be, or nobody can say how long work takes. Is the state that means “resolved” mapped?"
        )
    told = float((legs.worker[ended] >= 0).mean())
    if told < WORKERS_LEAST:
        raise InvalidFacts(
            f"Of {int(ended.sum()):,} pieces of work, {told:.0%} say who did them; at least {WORKERS_LEAST:.0%} must, or nobody's hours and"
            " load can be rebuilt. Is the column of the assignee in the profile? With --guess it is named by --answer owner=COLUMN"
        )


def _with_delays(twin: Twin, origin: int, until: int, tell: Tell) -> Twin:
    """Delays, so that a simulation of the history's own cases waits as long as they did, team by team.

    What a leg waited is its time from ready to ended, in the hours of its team, less its effort. What of this the simulated queue
    explains, at the same rank among the waits of its team, is taken off; the rest is delay. Repeated, because delays thin the queue.
    """
    legs, floor = twin.legs, twin.floor(origin, until)
    ended = np.flatnonzero(legs.ended_us != NEVER)
    waited = _waited(twin, floor, ended)
    groups = _groups(legs.team[ended])
    delay = np.zeros(ended.size)
    for round_ in range(ROUNDS):
        tell("delays", 0.3 + 0.6 * round_ / ROUNDS)
        simulated = delay + _queued(twin, floor, ended, delay)
        for group in groups:
            rank = np.argsort(np.argsort(waited[group], kind="stable"), kind="stable")
            gap = waited[group] - np.sort(simulated[group])[rank]
            delay[group] = np.maximum(0.0, delay[group] + gap)
    delays = np.zeros(legs.size, dtype=np.int64)
    delays[ended] = np.round(delay).astype(np.int64)
    return replace(twin, delay_min=delays)


def _groups(teams: Ints) -> list[Ints]:
    counts = np.bincount(teams + 1)
    key = np.where(counts[teams + 1] >= LEAST_LEGS, teams, -2)
    return [np.flatnonzero(key == one) for one in np.unique(key)]


def _waited(twin: Twin, floor: Floor, ended: Ints) -> Floats:
    """Minutes of its team's hours from ready until it was begun, by leg of *ended*: its effort, in the hours of who ended it, before
    the end.
    """
    legs = twin.legs
    hours = {who: Hours(spans) for who, spans in floor.spans.items()}
    ready, over = (((at[ended] - floor.origin_us) // MINUTE_US).tolist() for at in (legs.ready_us, legs.ended_us))
    opened = ((twin.history.opened_us[legs.item[ended]] - floor.origin_us) // MINUTE_US).tolist()
    effort = np.round(twin.effort_min[ended]).astype(np.int64).tolist()
    columns = legs.team[ended].tolist(), legs.worker[ended].tolist(), opened, ready, over, effort
    found = np.zeros(ended.size)
    for place, (team, who, at, start, end, took) in enumerate(zip(*columns, strict=True)):
        begun = hours[who].since(end, took) if who in hours else end - took
        found[place] = max(0, floor.worked[floor.skill(team, at)].between(start, begun))
    return found


def _queued(twin: Twin, floor: Floor, ended: Ints, delay: Floats) -> Floats:
    """How long each leg of *ended* waits for somebody when the history's own cases are simulated with *delay*."""
    run = simulate(own_model(twin, floor, ended, delay), twin.order.policy())
    return _waits_of(run, floor, ended.size)


def _waits_of(run: Run, floor: Floor, size: int) -> Floats:
    found = np.zeros(size)
    at = 0
    for case in run.cases:
        for piece in case.log:
            found[at] = floor.worked[piece.skill].between(piece.ready_min, piece.begun_min)
            at += 1
        at += 1 + len(case.case.later) - len(case.log)
    return found


def own_model(twin: Twin, floor: Floor, ended: Ints, delay: Floats) -> Model:
    """The history's own cases, each with the legs that ended."""
    legs, history = twin.legs, twin.history
    items = legs.item[ended]
    heads = np.flatnonzero(np.diff(items, prepend=-1))
    bounds = [*heads.tolist(), items.size]
    opened = ((history.opened_us - floor.origin_us) // MINUTE_US).tolist()
    team, wait = legs.team[ended].tolist(), (legs.wait_us[ended] // MINUTE_US).tolist()
    effort, mean = twin.effort_min[ended].tolist(), twin.mean_min[ended].tolist()
    paused, delays = legs.is_paused[ended].tolist(), np.round(delay).astype(np.int64).tolist()
    arrivals = []
    for start, end in pairwise(bounds):
        item = int(items[start])
        priority = Priority(int(history.priority[item]))
        arrivals.append(
            Arrival(
                opened_min=opened[item], priority=priority, due_min=due_min(twin.promise, floor, opened[item], priority),
                pieces=[
                    Piece(team[at], effort[at], mean[at], wait[at], paused[at], delays[at]) for at in range(start, end)
                ],
            )
        )  # fmt: skip
    horizon = (int(history.opened_us[-1]) - floor.origin_us) // MINUTE_US
    return floor.model(arrivals, horizon_min=horizon, seed=0)


def due_min(promise: Promise, floor: Floor, opened_min: int, priority: Priority, *, spent_min: int = 0) -> int:
    """When the promise of something opened then runs out, if it is never paused; FAR_MIN without one."""
    if priority not in promise.targets_min:
        return FAR_MIN
    return floor.promised[priority].after(opened_min, max(1, promise.targets_min[priority] - spent_min))
