"""How far forecasts can be trusted: what was forecast beside what came of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.report import wilson
from watchbill.engine.sense.risk.facts import HOUR_US, Floats, Ints
from watchbill.engine.sense.risk.outcome import Bin, Reliability

BINS = 15
RECALL, PRECISION = 0.7, 0.6
_DRAWS = 200


def reliability(
    forecast: Floats,
    missed: Ints,
    *,
    usual: Floats,
    plain: Floats,
    item: NDArray[np.intp],
    at_us: Ints,
    due_us: Ints,
    seed: int,
) -> Reliability:
    """Judge forecasts of snapshots, a row each.

    Parameters
    ----------
    forecast: probabilities. missed: 1 or 0, what came.
    usual: the share missed that was usual in training. plain: what the share of the target that is used forecasts.
    item, at_us, due_us: which promise, when it was looked at, and when it was due; for the lead of warnings.
    seed: for the draws behind ``ece_if_perfect``.
    """
    number, misses = len(missed), int(missed.sum())
    if not number:
        return Reliability(number=0, missed=0, auc=None, brier=None, skill=None, skill_hindsight=None, skill_baseline=None,
                           ece=None, ece_if_perfect=None, precision=None, lead_h=None)  # fmt: skip
    brier = _brier(forecast, missed)
    share = misses / number
    is_mixed = 0 < misses < number
    return Reliability(
        number=number,
        missed=misses,
        auc=_auc(forecast, missed) if is_mixed else None,
        brier=brier,
        skill=_skill(brier, _brier(usual, missed)),
        skill_hindsight=_skill(brier, share * (1 - share)),
        skill_baseline=_skill(brier, _brier(plain, missed)),
        ece=_ece(forecast, missed),
        ece_if_perfect=_ece_if_perfect(forecast, seed),
        precision=_precision(forecast, missed) if is_mixed else None,
        lead_h=_lead_h(forecast, missed, item, at_us, due_us) if is_mixed else None,
        bins=tuple(_bins(forecast, missed)),
    )


def _brier(forecast: Floats, missed: Ints) -> float:
    return float(np.mean((forecast - missed) ** 2))


def _skill(brier: float, reference: float) -> float | None:
    return 1 - brier / reference if reference > 0 else None


def _auc(forecast: Floats, missed: Ints) -> float:
    """Mann and Whitney's statistic; ties count half."""
    _, place, counts = np.unique(forecast, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    misses = int(missed.sum())
    return float((ranks[missed == 1].sum() - misses * (misses + 1) / 2) / (misses * (len(missed) - misses)))


def _groups(forecast: Floats) -> list[NDArray[np.intp]]:
    return [rows for rows in np.array_split(np.argsort(forecast, kind="stable"), BINS) if len(rows)]


def _ece(forecast: Floats, missed: Ints | NDArray[np.bool_]) -> float:
    gaps = ((abs(forecast[rows].mean() - missed[rows].mean()), len(rows)) for rows in _groups(forecast))
    return float(sum(gap * number for gap, number in gaps) / len(forecast))


def _ece_if_perfect(forecast: Floats, seed: int) -> float:
    """What it would be if every forecast were exactly right: the mean over draws of what would come of them."""
    drawn = np.random.default_rng(seed)
    return float(np.mean([_ece(forecast, drawn.random(len(forecast)) < forecast) for _ in range(_DRAWS)]))


def _bins(forecast: Floats, missed: Ints) -> Iterator[Bin]:
    for rows in _groups(forecast):
        low, high = wilson(int(missed[rows].sum()), len(rows))
        yield Bin(len(rows), float(forecast[rows].mean()), float(missed[rows].mean()), low, high)


def _curve(forecast: Floats, missed: Ints) -> tuple[Floats, Floats, Floats]:
    """Levels from high to low, with recall and precision of warning from each on; equal forecasts warn together."""
    order = np.argsort(-forecast, kind="stable")
    hits = np.cumsum(missed[order])
    last = np.flatnonzero(np.append(np.diff(forecast[order]) != 0, True))
    return forecast[order][last], hits[last] / hits[-1], hits[last] / (last + 1)


def _precision(forecast: Floats, missed: Ints) -> float:
    _, recall, precision = _curve(forecast, missed)
    return float(precision[np.argmax(recall >= RECALL)])


def _lead_h(forecast: Floats, missed: Ints, item: NDArray[np.intp], at_us: Ints, due_us: Ints) -> float | None:
    """From the first warning of each missed promise to its due, in the middle; None where no level is precise enough."""
    levels, _, precision = _curve(forecast, missed)
    good = np.flatnonzero(precision >= PRECISION)
    if not len(good):
        return None
    warned = np.flatnonzero((forecast >= levels[good[-1]]) & (missed == 1))
    order = warned[np.lexsort((at_us[warned], item[warned]))]
    _, first = np.unique(item[order], return_index=True)
    return float(np.median((due_us[order][first] - at_us[order][first]) / HOUR_US))
