"""The twin held against a period that it has not seen, measure by measure, and the grade that this earns.

docs/algorithms/backtest.md, "Fidelity".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from watchbill.engine.backtest.answer import BacklogDay, Curve, Fidelity, Gate, Grade, Measure
from watchbill.engine.backtest.scores import Scores, seen_scores_of
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.backtest.twin.arrivals import Arrivals, arrivals_of, wall_hours
from watchbill.engine.backtest.twin.distances import MEASURES, Log, log_of_history, log_of_run, wasserstein
from watchbill.engine.backtest.twin.draw import Stretch, stretch_of
from watchbill.engine.backtest.twin.history import History, Ints, local_minutes
from watchbill.engine.backtest.twin.learn import Tell, Twin, learn, quiet
from watchbill.engine.backtest.twin.legs import NEVER, Legs, legs_of
from watchbill.engine.backtest.twin.models import MINUTE_US
from watchbill.engine.backtest.twin.promise import Promise, lived
from watchbill.engine.backtest.twin.staff import MONDAY_MIN, staff_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import instant_of
from watchbill.engine.base.work import Priority

TRAINED = 0.75
"""Share of the time from the first to the last opening on which a twin is learned before it is held against the rest."""
REPLICATIONS = 30
FLOORS = 1.5
"""A distance passes up to so many times that between two real periods."""
KEPT_POINTS, P1_POINTS = 2.0, 4.0
MEDIAN_SHARE, P90_SHARE = 0.10, 0.20
DAYS_INSIDE = 0.8
BAND = (5, 50, 95)
NO_PAST = Gate(key="e", is_passed=None, says="No past change was named that the twin could be asked to reproduce.")
DAY_MIN = 1440
LEAST_TESTED = 50
"""Items opened in the period held back below which nothing can be said."""
CURVE_H = (0.25, 0.5, 1, 2, 4, 8, 16, 24, 48, 72, 120, 168, 240, 336, 504, 720)

T = TypeVar("T")
R = TypeVar("R")
Mapper = Callable[[Callable[[Any, T], R], Any, Sequence[T], Tell], list[R]]
"""Calls a function with a context and each of some arguments, here or in other processes; results in the order of arguments. Told is
the share that is done."""


def in_turn(function: Callable[[Any, T], R], context: Any, arguments: Sequence[T], tell: Tell) -> list[R]:
    """One after the other, here."""
    found = []
    for done, each in enumerate(arguments, start=1):
        found.append(function(context, each))
        tell("replications", done / len(arguments))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a replication of the test needs. days: minutes at which a day ends; seen_min: until when reality was seen."""

    stretch: Stretch
    real: Log
    days: tuple[int, ...]
    seen_min: int
    arrivals: Arrivals
    hours: tuple[Ints, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """One replication: figures, distances to reality in the order of MEASURES and then of arrivals, open items by day, the curve."""

    scores: Scores
    distances: tuple[float, ...]
    backlog: tuple[int, ...]
    curve: tuple[float, ...]


def replica(trial: Trial, seed: int) -> Replica:
    """Simulate the test period once."""
    stretch = trial.stretch
    run = simulate(stretch.model(seed), stretch.twin.order.policy())
    log = log_of_run(run, seen_min=trial.seen_min, wall_min=trial.real.wall_min)
    opened = np.array([one.case.opened_min for one in run.cases])
    done = np.array([NEVER if one.done_min is None else one.done_min for one in run.cases])
    counts = trial.arrivals.draw(*trial.hours, seed)
    came = np.repeat(np.arange(counts.size) + 0.5, counts)
    return Replica(
        scores=seen_scores_of(run, seen_min=trial.seen_min),
        distances=(*(measure(trial.real, log) for *_, measure in MEASURES), wasserstein(trial.real.opened_min / 60, came)),
        backlog=tuple(int(((opened < day) & ((done == NEVER) | (done >= day))).sum()) for day in trial.days),
        curve=_curve(log),
    )  # fmt: skip


def _curve(log: Log) -> tuple[float, ...]:
    total = max(1, log.opened_min.size)
    return tuple(float((log.cycle_h <= hours).sum()) / total for hours in CURVE_H)


def fidelity_of(
    history: History, promise: Promise, *, replications: int = REPLICATIONS, seed: int = 1, mapper: Mapper[int, Replica] = in_turn,
    tell: Tell = quiet, past: Gate = NO_PAST,
) -> Fidelity:  # fmt: skip
    """Learn from the first TRAINED of *history*, simulate the rest, compare, and grade. past: gate (e), of `twin/past.py`.

    Who worked when is known of the whole history: the twin is asked what the same people would have done with what came in, not who
    would be there. Raises InvalidFacts when too little was opened in the rest. *replications* simulations of it.
    """
    held = held_back(history, promise, cut_us=cut_of(history), tell=lambda what, share: tell(what, share / 2))
    replicas = mapper(
        replica,
        held.trial,
        [seed + number for number in range(replications)],
        lambda what, share: tell(what, (1 + share) / 2),
    )
    return _graded(held, replicas, past)


def cut_of(history: History) -> int:
    """The instant up to which a twin is learned before it is held against the rest."""
    first, last = int(history.opened_us[0]), int(history.opened_us[-1])
    return first + int((last - first) * TRAINED)


def held_back(
    history: History, promise: Promise, *, cut_us: int, known: History | None = None, tell: Tell = quiet
) -> Held:
    """Learn from *known*, or what was known at *cut_us*, and make the rest ready to be simulated.

    Raises InvalidFacts when either is too little.
    """
    if int((history.opened_us >= cut_us).sum()) < LEAST_TESTED:
        raise InvalidFacts(
            f"The last quarter of the history, from {instant_of(cut_us):%Y-%m-%d} on, holds fewer than {LEAST_TESTED} items: too few to hold a"
            " twin against. A history of more items, or of more weeks, is needed."
        )
    legs = legs_of(history, paused=promise.paused)
    known = known or history.until(cut_us)
    twin = learn(known, promise, staff=staff_of(history, legs), tell=tell)
    end = int(history.opened_us[-1]) + 1
    return Held(history, legs, twin, _trial(twin, history, legs, cut_us, end), cut_us, end)


def _trial(twin: Twin, history: History, legs: Legs, cut: int, end: int) -> Trial:
    stretch = stretch_of(twin, history, since_us=cut, until_us=end)
    seen = int(history.at_us.max())
    wall = int(local_minutes(np.array([cut]), history.zone)[0]) - MONDAY_MIN
    first_day = DAY_MIN - (wall % DAY_MIN)
    return Trial(
        stretch=stretch, seen_min=(seen - cut) // MINUTE_US, days=tuple(range(first_day, stretch.horizon_min, DAY_MIN)),
        real=log_of_history(history, legs, stretch.floor, since_us=cut, until_us=end, seen_us=seen, wall_min=wall),
        arrivals=arrivals_of(twin.history, twin.staff), hours=wall_hours(history, twin.staff, cut, end),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A stretch held back, [cut, end), with the twin that was learned before it."""

    history: History
    legs: Legs
    twin: Twin
    trial: Trial
    cut: int
    end: int

    def floors(self) -> list[float | None]:
        """The same distances between the test period and the whole weeks before it that are as long."""
        before = self.before()
        if before is None:
            return [None] * (len(MEASURES) + 1)
        real = self.trial.real
        return [
            *(measure(real, before) for *_, measure in MEASURES),
            wasserstein(real.opened_min / 60, before.opened_min / 60),
        ]

    def before(self) -> Log | None:
        """What really happened in the whole weeks before the test period that are as long; None where the history does not reach so far."""
        weeks = math.ceil((self.end - self.cut) / (7 * DAY_MIN * MINUTE_US))
        shift = weeks * 7 * DAY_MIN * MINUTE_US
        if self.cut - shift < int(self.history.opened_us[0]):
            return None
        seen = self.end - shift + (int(self.history.at_us.max()) - self.end)
        return log_of_history(
            self.history, self.legs, self.twin.floor(int(self.history.opened_us[0]), self.end), since_us=self.cut - shift,
            until_us=self.end - shift, seen_us=seen, wall_min=self.trial.real.wall_min,
        )  # fmt: skip


def _graded(test: Held, replicas: list[Replica], past: Gate) -> Fidelity:
    measures = [*_distances(test, replicas), *_figures(test, replicas)]
    backlog = _backlog(test, replicas)
    gates = [*_gates(measures, backlog), past]
    passed = {gate.key: gate.is_passed for gate in gates}
    grade = Grade.C
    if passed["a"] and passed["b"] and passed["c"]:
        grade = Grade.A if passed["d"] and passed["e"] else Grade.B
    first = int(test.history.opened_us[0])
    return Fidelity(
        grade=grade, why=tuple(gate.says for gate in gates if gate.is_passed is not True),
        trained=(_iso(first), _iso(test.cut)), tested=(_iso(test.cut), _iso(test.end)), replications=len(replicas),
        measures=tuple(measures), gates=tuple(gates), backlog=tuple(backlog),
        cycle=Curve(
            hours=CURVE_H, real=_curve(test.trial.real),
            simulated=tuple(np.mean([one.curve for one in replicas], axis=0).tolist()),
        ),
    )  # fmt: skip


def _iso(us: int) -> str:
    return instant_of(us).isoformat(timespec="minutes")


def _distances(test: Held, replicas: list[Replica]) -> list[Measure]:
    names = [(key, name, unit) for key, name, unit, _ in MEASURES] + [
        ("arrivals", "When cases come in, as learned", "h")
    ]
    found = []
    for place, ((key, name, unit), floor) in enumerate(zip(names, test.floors(), strict=True)):
        distance = float(np.mean([one.distances[place] for one in replicas]))
        limit = None if floor is None else FLOORS * floor
        found.append(
            Measure(
                key=key, name=name, unit=unit, real=None, simulated=None, low=None, high=None, distance=distance,
                floor=floor, limit=limit, is_passed=None if limit is None else distance <= limit,
            )
        )  # fmt: skip
    return found


def _figures(test: Held, replicas: list[Replica]) -> list[Measure]:
    """Promises kept and hours to resolve, really and in the replications."""
    real = test.trial.real
    kept = lived(test.history, test.legs, test.twin.promise, until_us=int(test.history.at_us.max()))
    here = (test.history.opened_us >= test.cut) & (test.history.opened_us < test.end) & kept.is_decided
    of: list[tuple[str, str, str, float | None, Any, list[float]]] = [
        ("kept", "Promises kept", "points", KEPT_POINTS, here, [one.scores.kept for one in replicas])
    ]
    for priority in Priority:
        mine = here & (test.history.priority == priority)
        simulated = [share for one in replicas if (share := one.scores.by_priority[priority - 1]) is not None]
        if mine.any() and simulated:
            limit = P1_POINTS if priority is Priority.P1 else None
            of.append((f"kept_{priority.name.lower()}", f"{priority.name} kept", "points", limit, mine, simulated))
    found = [
        _measure(key, name, unit, 100 * float(kept.is_kept[mine].mean()), simulated, limit)
        for key, name, unit, limit, mine, simulated in of
    ]
    for key, name, share, place in (
        ("p50", "Half done within", MEDIAN_SHARE, 0.5),
        ("p90", "Nine in ten done within", P90_SHARE, 0.9),
    ):
        hours = float(np.quantile(real.cycle_h, place)) if real.cycle_h.size else 0.0
        took = [float(getattr(one.scores, f"{key}_h")) for one in replicas]
        found.append(_measure(key, name, "h", hours, took, share * hours))
    return found


def _measure(key: str, name: str, unit: str, real: float, simulated: Sequence[float], limit: float | None) -> Measure:
    middle = float(np.mean(simulated))
    low, high = (float(at) for at in np.quantile(simulated, [0.05, 0.95]))
    distance = abs(middle - real)
    return Measure(
        key=key, name=name, unit=unit, real=real, simulated=middle, low=low, high=high, distance=distance, floor=None,
        limit=limit, is_passed=None if limit is None else distance <= limit,
    )  # fmt: skip


def _backlog(test: Held, replicas: list[Replica]) -> list[BacklogDay]:
    done, opened = test.legs.done_us, test.history.opened_us
    bands = np.percentile([one.backlog for one in replicas], BAND, axis=0).T.tolist() if test.trial.days else []
    found = []
    for day, (low, middle, high) in zip(test.trial.days, bands, strict=True):
        at = test.cut + day * MINUTE_US
        real = int(((opened < at) & ((done == NEVER) | (done >= at))).sum())
        on = instant_of(at - MINUTE_US).astimezone(test.history.zone).date()
        found.append(BacklogDay(on=on.isoformat(), real=real, low=low, middle=middle, high=high))
    return found


def _gates(measures: list[Measure], backlog: list[BacklogDay]) -> list[Gate]:
    by_key = {one.key: one for one in measures}
    distances = [by_key[key] for key, *_ in MEASURES] + [by_key["arrivals"]]
    far = [one.name for one in distances if one.is_passed is False]
    unknown = any(one.is_passed is None for one in distances)
    inside = [day.low <= day.real <= day.high for day in backlog]
    share = sum(inside) / len(inside) if inside else 0.0
    kept = [by_key["kept"], *([by_key["kept_p1"]] if "kept_p1" in by_key else [])]
    times = [by_key["p50"], by_key["p90"]]
    return [
        Gate(
            key="a", is_passed=None if unknown and not far else not far,
            says=f"Each distance is at most {FLOORS} times that between two real periods"
            + (f"; not so: {', '.join(far)}." if far else "; there are no two real periods as long." if unknown else "."),
        ),
        Gate(key="b", is_passed=all(bool(one.is_passed) for one in kept), says=_told("Promises kept", kept)),
        Gate(key="c", is_passed=all(bool(one.is_passed) for one in times), says=_told("Hours to resolve", times)),
        Gate(
            key="d", is_passed=bool(inside) and share >= DAYS_INSIDE,
            says=f"The real backlog lies inside the simulated band on {share:.0%} of {len(inside)} days; {DAYS_INSIDE:.0%} are asked for.",
        ),
    ]  # fmt: skip


def _told(what: str, measures: Sequence[Measure]) -> str:
    parts = [
        f"{one.name} {one.simulated:.1f} against {one.real:.1f} (at most {one.limit:.1f} apart)" for one in measures
    ]
    return f"{what}: {'; '.join(parts)}."
