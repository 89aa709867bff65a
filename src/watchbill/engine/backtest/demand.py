"""The comparison as demand rises: the same people and promises, more or less that comes in, on the same luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from watchbill.engine.backtest.answer import Demand
from watchbill.engine.backtest.asked import AS_IS_CHANGED
from watchbill.engine.backtest.contest import spanned
from watchbill.engine.backtest.scores import Scores

Table = Mapping[str, Sequence[Scores]]


def demand_of(factors: Sequence[float], base: Table, played: Callable[[float, int], Table]) -> tuple[Demand, ...]:
    """One point for each of *factors*, and one for what came in, in their order. *played*: the table under a factor; the how manieth.

    Under a what-if the desk's own order under it stands for as is, in *base* too. Nothing where no factor is asked.
    """
    if not factors:
        return ()
    points = [(1.0, base), *((factor, played(factor, number)) for number, factor in enumerate(factors) if factor != 1)]
    most = min(len(runs) for _, table in points for runs in table.values())
    return tuple(
        Demand(
            factor=factor, replications=most,
            attainment={name: spanned([one.kept for one in runs[:most]]) for name, runs in table.items() if name != AS_IS_CHANGED},
        )
        for factor, table in sorted(points, key=lambda one: one[0])
    )  # fmt: skip
