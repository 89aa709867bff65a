"""Score running promises: a probability each, and the two main reasons."""

from __future__ import annotations

import numpy as np

from watchbill.engine.sense.risk.facts import Asked, Floats
from watchbill.engine.sense.risk.features import Features, features
from watchbill.engine.sense.risk.model import Model
from watchbill.engine.sense.risk.outcome import Scores
from watchbill.engine.sense.risk.past import Past
from watchbill.engine.sense.risk.reasons import FAMILIES, Telling, told_first

BLOCK = 50_000
"""Rows that are looked at together: memory follows this, not how many are asked about."""

_PLAIN = np.array([FAMILIES.index("time"), FAMILIES.index("owner")], dtype=np.int64)


def score(model: Model, past: Past, asked: Asked) -> Scores:
    """How likely each promise asked about is to be missed, and why.

    Parameters
    ----------
    model: what was learned; of this desk or another: features that this log lacks count as unknown.
    past: the log up to the present.
    asked: running promises; their instants must not lie before what is asked about them.

    Returns
    -------
    Scores
        In the order of *asked*. Reasons are the two families of features that push a risk up most beside the average of
        the training (path contributions over the trees, Saabas 2014; summed by family so that features which say the same
        do not hide each other). With the baseline as the source: time first, then the owner.

    100,000 rows with 120 trees take seconds on one core; docs/algorithms/risk.md has the measured figure.
    """
    parts, risks, families = [], [], []
    for begin in range(0, max(len(asked), 1), BLOCK):
        some = asked.at(np.arange(begin, min(begin + BLOCK, len(asked))))
        found = features(past, some)
        parts.append(found)
        if model.source == "baseline":
            risks.append(model.probability(some.used, some.used, np.zeros(len(some))))
            families.append(np.tile(_PLAIN, (len(some), 1)))
            continue
        total, shares = model.add_up(found.in_order(model.names), FAMILIES)
        risks.append(model.probability(total, some.used, found.column("is_over").astype(np.float64)))
        families.append(told_first(shares, found))
    values = np.concatenate([each.values for each in parts])
    return Scores(
        p_miss=np.concatenate(risks),
        families=np.concatenate(families),
        source=model.source,
        telling=Telling(features=Features(names=parts[0].names, values=values)),
    )


def baseline(asked: Asked) -> Floats:
    """What to show before anything is learned: the share of the target that is used, no more and no less."""
    return np.clip(asked.used, 0.001, 0.999)
