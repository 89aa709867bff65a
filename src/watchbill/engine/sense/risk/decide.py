"""Score running promises: a probability each, and the two main reasons."""

from __future__ import annotations

import numpy as np

from watchbill.engine.sense.risk.facts import Asked, Floats
from watchbill.engine.sense.risk.features import features
from watchbill.engine.sense.risk.model import Model
from watchbill.engine.sense.risk.outcome import Scores
from watchbill.engine.sense.risk.past import Past
from watchbill.engine.sense.risk.reasons import FAMILIES, Telling


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
    found = features(past, asked)
    telling = Telling(features=found)
    if model.source == "baseline":
        families = np.tile(np.array([FAMILIES.index("time"), FAMILIES.index("owner")], dtype=np.int64), (len(asked), 1))
        return Scores(
            p_miss=model.probability(asked.used, asked.used), families=families, source=model.source, telling=telling
        )
    total, shares = model.add_up(found.in_order(model.names), FAMILIES)
    return Scores(
        p_miss=model.probability(total, asked.used),
        families=np.argsort(-shares, axis=1, kind="stable")[:, :2].astype(np.int64),
        source=model.source,
        telling=telling,
    )


def baseline(asked: Asked) -> Floats:
    """What to show before anything is learned: the share of the target that is used, no more and no less."""
    return np.clip(asked.used, 0.001, 0.999)
