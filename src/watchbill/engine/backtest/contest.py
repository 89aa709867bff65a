"""Policies on the same courses of one stretch, and what each comes to beside the others.

docs/algorithms/backtest.md, "Comparison".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from watchbill.engine.backtest.answer import Compared, Sort, Span, Swept
from watchbill.engine.backtest.asked import AS_IS, Contender, Maker, Point
from watchbill.engine.backtest.compare import Interval, interval
from watchbill.engine.backtest.facts import Model
from watchbill.engine.backtest.scores import Scores, scores_of
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.backtest.twin.draw import Stretch
from watchbill.engine.base.work import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """A stretch, and who competes on it. The course that was drawn last is kept: drawing one takes a third of a simple policy's time."""

    stretch: Stretch
    makers: Mapping[str, Maker]
    _last: dict[int, Model] = field(default_factory=dict, init=False, repr=False, compare=False)

    def course(self, seed: int) -> Model:
        """What comes in with that luck, the same for every policy; no policy can change it."""
        if seed not in self._last:
            self._last.clear()
            self._last[seed] = self.stretch.model(seed)
        return self._last[seed]


Run = tuple[str, int]
"""Policy and seed."""


def play(contest: Contest, run: Run) -> Scores:
    """One policy on one course. The same seed is the same luck for every policy."""
    name, seed = run
    done = simulate(contest.course(seed), contest.makers[name]())
    return scores_of(done, span_min=contest.stretch.counted_min)


def contest_of(stretch: Stretch, contenders: Sequence[Contender], *, as_is: str = AS_IS) -> Contest:
    """As is, by that name, and the others."""
    order = stretch.twin.order
    return Contest(stretch=stretch, makers={as_is: order.policy, **{one.name: one.make for one in contenders}})


def runs_of(contest: Contest, replications: int, seed: int) -> list[Run]:
    """Every policy on every course: the slow ones first, so that processes end together, and course by course, so that few are drawn."""
    slow = [name for name in contest.makers if name.startswith("watchbill")]
    others = [name for name in contest.makers if name not in slow]
    seeds = range(seed, seed + replications)
    return [(name, each) for names in (slow, others) for each in seeds for name in names]


def table_of(runs: Sequence[Run], scores: Sequence[Scores]) -> dict[str, list[Scores]]:
    """Scores by policy, in the order of seeds."""
    found: dict[str, list[Scores]] = {}
    for (name, _), one in zip(runs, scores, strict=True):
        found.setdefault(name, []).append(one)
    return found


def compared(contender: Contender, mine: Sequence[Scores], as_is: Sequence[Scores], *, weeks: float) -> Compared:
    """The row of one policy. weeks: of the span that is measured."""
    kept = interval([one.kept for one in mine])
    gains = [one.kept - other.kept for one, other in zip(mine, as_is, strict=True)]
    is_base = contender.sort is Sort.AS_IS
    span = _span(kept)
    return Compared(
        name=contender.name, sort=contender.sort, says=contender.says, attainment=kept.mean, interval=(span.low, span.high),
        by_priority={p.name: mean_known([one.by_priority[p - 1] for one in mine]) for p in Priority},
        missed_per_week=spanned([one.missed / weeks for one in mine]),
        p1_missed_per_week=spanned([one.p1_missed / weeks for one in mine]), p50_h=spanned([one.p50_h for one in mine]),
        p90_h=spanned([one.p90_h for one in mine]), reassignments=spanned([one.reassigned for one in mine]),
        load_spread=spanned([one.spread for one in mine]),
        interrupted=sum(one.interrupted for one in mine) / len(mine), gain=None if is_base else spanned(gains),
        better=None if is_base else sum(gain > 0 for gain in gains) / len(gains), regret=None,
        regret_by_priority=dict.fromkeys((p.name for p in Priority), None),
        weekly=() if is_base else weekly(mine, as_is),
    )  # fmt: skip


def weekly(mine: Sequence[Scores], as_is: Sequence[Scores]) -> tuple[Span, ...]:
    """Promises missed more than as is, by whole week, paired course by course; nothing where weeks were not told."""
    weeks = min((len(one.weekly) for one in (*mine, *as_is)), default=0)
    pairs = list(zip(mine, as_is, strict=True))
    return tuple(spanned([float(one.weekly[at] - other.weekly[at]) for one, other in pairs]) for at in range(weeks))


def swept(
    point: Point, order: str, table: Mapping[str, Sequence[Scores]], base: Mapping[str, Sequence[Scores]]
) -> Swept:
    """The comparison under other assumptions, beside the one under those made."""
    kept = {name: [one.kept for one in runs] for name, runs in table.items()}
    means = {name: sum(values) / len(values) for name, values in kept.items()}
    as_is = kept[AS_IS]
    before = {name: [one.kept for one in runs] for name, runs in base.items()}
    flips = tuple(
        (one, other)
        for one in sorted(kept)
        for other in sorted(kept)
        if one != other and _is_ahead(before, one, other) and _is_ahead(kept, other, one)
    )
    return Swept(
        name=point.name, effort=point.effort, availability=point.availability, order=order, attainment=means,
        gain={name: spanned([a - b for a, b in zip(values, as_is, strict=True)]) for name, values in kept.items() if name != AS_IS},
        ranking=tuple(sorted(means, key=lambda name: (-means[name], name))), flips=flips, bound=None,
    )  # fmt: skip


def _is_ahead(kept: Mapping[str, Sequence[float]], one: str, other: str) -> bool:
    """By more than chance: the interval of the paired difference lies above 0."""
    return interval([a - b for a, b in zip(kept[one], kept[other], strict=True)]).low > 0


def spanned(values: Sequence[float]) -> Span:
    """Mean and 95 % interval."""
    return _span(interval(list(values)))


def _span(one: Interval) -> Span:
    is_known = one.low > float("-inf")
    return Span(mean=one.mean, low=one.low if is_known else None, high=one.high if is_known else None)


def mean_known(values: Sequence[float | None]) -> float | None:
    """Of those that there are."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
