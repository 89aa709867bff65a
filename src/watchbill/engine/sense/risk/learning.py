"""Learn a model from a desk's past: train, calibrate and test on slices of time that follow each other.

Scikit-learn is loaded here, when `learn` is called, and nowhere else: a web process never pays for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.risk.facts import DAY_US, NEVER, RATIOS, Asked, Floats, Ints, as_asked
from watchbill.engine.sense.risk.features import features, is_lasting, sign
from watchbill.engine.sense.risk.model import Model, Tree
from watchbill.engine.sense.risk.outcome import Lesson, Reliability
from watchbill.engine.sense.risk.past import Past
from watchbill.engine.sense.risk.reasons import FAMILIES, family_of
from watchbill.engine.sense.risk.reliability import reliability

LEAST = 200
"""Comparable misses, and as many promises kept, below which training says little (methods, section 2)."""

LEAST_LATER = 50
"""The same in each of the slices of calibration and test."""

MOST_SNAPSHOTS = 200_000
"""Snapshots that are learned from, drawn by seed where there are more: memory and time stay flat for a million items."""

HALF_LIFE_US = 14 * DAY_US
"""A training snapshot counts half as much as one two weeks later: desks change."""

CERTAIN = 1.645
"""Standard errors by which the model must beat the baseline: 95 %, one-sided."""

WARM_UP = 0.05
"""Share of the promises, the earliest, that are only looked back upon: before them there is no past to learn from."""

SHARES = (0.65, 0.8)
"""Where calibration and test begin, as shares of the promises in order of their openings."""

_BOOSTING: dict[str, Any] = {
    "learning_rate": 0.05, "max_iter": 120, "max_leaf_nodes": 12, "min_samples_leaf": 60, "l2_regularization": 10.0,
    "max_features": 0.3, "early_stopping": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Promises of items opened since each instant: training, calibration, test, and the end of all."""

    train_us: int
    calibrate_us: int
    test_us: int
    end_us: int = NEVER


def split_of(past: Past) -> Split | None:
    """Where to cut a desk's own past: by the openings of its decided promises; None where there are none."""
    decided = past.promises.missed >= 0
    opened = np.sort(past.log.opened_us[past.promises.item[decided]])
    if not len(opened):
        return None
    train, calibrate, test = (int(opened[int(len(opened) * share)]) for share in (WARM_UP, *SHARES))
    return Split(train_us=train, calibrate_us=calibrate, test_us=test)


def learn(past: Past, *, seed: int, split: Split | None = None) -> Lesson:
    """Learn to forecast misses, and measure it on the latest part of the past.

    Parameters
    ----------
    past: the whole log with its promises; verdicts that are not known are left out.
    seed: for the draws; the same past and seed give the same model, digest included.
    split: where the slices begin, by the opening of the items; by default `split_of` chooses.

    Returns
    -------
    Lesson
        With a model, or with words that say what is lacking. If the model's square error on the test is not below that of the
        share of the target that is used, calibrated on the same slice, by more than chance explains, that baseline
        becomes the model, and is said.

    Gradient boosting over histograms (Friedman 2001; Ke et al. 2017, LightGBM) on snapshots, with signs held
    (`features.sign`); calibration by Platt (1999), a line for each share of the target. O(snapshots * features * trees).
    """
    found = split or split_of(past)
    if found is None:
        return _nothing("No promise of this desk has been met or missed yet.", {}, (0, 0, 0, 0))
    since = (found.train_us, found.calibrate_us, found.test_us, found.end_us)
    asked, rows, missed = as_asked(past.promises)
    opened = past.log.opened_us[asked.item]
    kept = _drawn(np.flatnonzero((opened >= found.train_us) & (opened < found.end_us)), seed)
    asked, rows, missed, opened = asked.at(kept), rows[kept], missed[kept], opened[kept]
    trains = opened < found.calibrate_us
    tests = opened >= found.test_us
    calibrates = ~trains & ~tests
    counts = {
        "snapshots": len(kept), "promises": len(np.unique(rows)), "train": int(trains.sum()),
        "train_missed": int(missed[trains].sum()), "calibrate": int(calibrates.sum()),
        "calibrate_missed": int(missed[calibrates].sum()), "test": int(tests.sum()), "test_missed": int(missed[tests].sum()),
    }  # fmt: skip
    lacking = _lacking(missed, trains, calibrates, tests)
    if lacking:
        return _nothing(lacking, counts, since)

    told = features(past, asked)
    names = tuple(filter(is_lasting, told.names))
    model, total = _trained(names, told.in_order(names), missed, trains, _weights(asked, trains), seed)
    is_over, nothing = told.column("is_over").astype(np.float64), np.zeros(len(asked))
    about = {"counts": counts, "since_us": list(since), "seed": seed}
    slopes, shifts, over = _lines(total[calibrates], asked.used[calibrates], is_over[calibrates], missed[calibrates])
    model = replace(model, slopes=slopes, shifts=shifts, over=over, about=about)
    slopes, shifts = _line(asked.used[calibrates], missed[calibrates])
    plain = replace(model, trees=(), slopes=slopes, shifts=shifts, over=0.0, source="baseline")
    forecast = model.probability(total, asked.used, is_over)
    simple = plain.probability(asked.used, asked.used, nothing)
    judged = _judged(forecast, simple, missed, trains, tests, asked, rows, seed)
    if not is_better(forecast[tests], simple[tests], missed[tests], rows[tests]):
        words = "The model did not beat the share of the target that is used; that share, calibrated, is used instead."
        return Lesson(model=plain, words=words, reliability=judged, counts=counts, since_us=since)
    words = "The model beats the share of the target that is used, and is used."
    return Lesson(model=model, words=words, reliability=judged, counts=counts, since_us=since)


def is_better(forecast: Floats, simple: Floats, missed: Ints, rows: NDArray[np.intp]) -> bool:
    """Whether square errors are smaller by more than chance explains: promise by promise, at 95 %, one-sided."""
    gains = (simple - missed) ** 2 - (forecast - missed) ** 2
    of_promises = np.bincount(np.unique(rows, return_inverse=True)[1], weights=gains)
    error = of_promises.std() / np.sqrt(len(of_promises))
    return bool(of_promises.mean() > CERTAIN * error)


def _nothing(words: str, counts: dict[str, int], since: tuple[int, int, int, int]) -> Lesson:
    return Lesson(model=None, words=words, reliability={}, counts=counts, since_us=since)


def _drawn(rows: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    if len(rows) <= MOST_SNAPSHOTS:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, MOST_SNAPSHOTS, replace=False))


def _lacking(missed: Ints, *slices: NDArray[np.bool_]) -> str:
    """What is too little, in words; nothing where there is enough."""
    for name, chosen, least in zip(
        ("training", "calibration", "test"), slices, (LEAST, LEAST_LATER, LEAST_LATER), strict=True
    ):
        misses = int(missed[chosen].sum())
        met = int(chosen.sum()) - misses
        if min(misses, met) < least:
            return (
                f"Too little history: the {name} slice has {misses:,} missed and {met:,} met snapshots of promises;"
                f" at least {least:,} of each are needed."
            )
    return ""


def _weights(asked: Asked, trains: NDArray[np.bool_]) -> Floats:
    at = asked.at_us[trains]
    return np.asarray(np.exp2((at - at.max()) / HALF_LIFE_US), dtype=np.float64)


def _trained(
    names: tuple[str, ...],
    values: NDArray[np.float32],
    missed: Ints,
    trains: NDArray[np.bool_],
    weights: Floats,
    seed: int,
) -> tuple[Model, Floats]:
    """The trees, as our own, and their sum for every row: added up by us, and checked against who grew them."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    grown = HistGradientBoostingClassifier(
        random_state=seed, monotonic_cst=[sign(name) for name in names], **_BOOSTING
    ).fit(values[trains], missed[trains], sample_weight=weights)
    trees = tuple(_tree(each[0].nodes, _BOOSTING["learning_rate"]) for each in grown._predictors)  # noqa: SLF001 - no public way
    model = Model(
        names=names, families=tuple(map(family_of, names)), start=float(np.ravel(grown._baseline_prediction)[0]),  # noqa: SLF001
        trees=trees, slopes=(1.0,) * len(RATIOS), shifts=(0.0,) * len(RATIOS),
    )  # fmt: skip
    total, _ = model.add_up(values, FAMILIES)
    some = slice(0, 1000)
    if not np.allclose(total[some], grown.decision_function(values[some]), atol=1e-4):
        raise InvalidFacts("this version of scikit-learn keeps its trees in another way; the model was not kept")
    return model, total


def _tree(nodes: Any, rate: float) -> Tree:
    """Take over a tree: leaves carry the learning rate already, inner nodes are given it."""
    place = np.arange(len(nodes))
    is_leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        feature=np.where(is_leaf, 0, nodes["feature_idx"]).astype(np.intp),
        limit=np.where(is_leaf, 0.0, np.clip(nodes["num_threshold"], -1e300, 1e300)),
        unknown_left=np.where(is_leaf, False, nodes["missing_go_to_left"]).astype(bool),
        left=np.where(is_leaf, place, nodes["left"]).astype(np.intp),
        right=np.where(is_leaf, place, nodes["right"]).astype(np.intp),
        value=np.where(is_leaf, nodes["value"], nodes["value"] * rate).astype(np.float64),
    )


def _lines(
    total: Floats, used: Floats, is_over: Floats, missed: Ints
) -> tuple[tuple[float, ...], tuple[float, ...], float]:
    """Platt's line for each share of the target, and what an item that is over adds to its odds.

    Slopes are drawn towards a common one (ridge), so that few misses at a share do not bend its line.
    """
    shares = _shares(used)
    columns = np.column_stack([_FREE * total, _BENT * shares * total[:, None], _FREE * shares, _FREE * is_over])
    common, *rest = _fitted(columns, missed, 1.0)
    slopes = tuple(max(_FREE * common + _BENT * each, 0.0) for each in rest[: len(RATIOS)])
    *shifts, over = (_FREE * each for each in rest[len(RATIOS) :])
    return slopes, tuple(shifts), over


_FREE, _BENT = 10.0, 0.2
"""How far the numbers of a calibration may go without much reason, and how far the slope of one share from the others'."""


def _line(used: Floats, missed: Ints) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The share of the target that is used, calibrated: one slope, and a shift for each share."""
    slope, *shifts = _fitted(np.column_stack([used, _shares(used)]), missed, 1000.0)
    return (max(slope, 0.0),) * len(RATIOS), tuple(shifts)


def _shares(used: Floats) -> Floats:
    """A column for each share of the target: 1 where it is the one that is used."""
    share = np.searchsorted(RATIOS, used, "right") - 1
    return np.eye(len(RATIOS))[share]


def _fitted(columns: Floats, missed: Ints, free: float) -> list[float]:
    """Logistic regression; the smaller *free*, the nearer to nothing the coefficients."""
    from sklearn.linear_model import LogisticRegression

    line = LogisticRegression(C=free, fit_intercept=False, max_iter=5000).fit(columns, missed)
    return list(map(float, line.coef_[0]))


def _judged(
    forecast: Floats, plain: Floats, missed: Ints, trains: NDArray[np.bool_], tests: NDArray[np.bool_], asked: Asked,
    rows: NDArray[np.intp], seed: int,
) -> dict[str, Reliability]:  # fmt: skip
    """On the test slice: all snapshots together, those at each share of the target, and the baseline."""
    share = np.searchsorted(RATIOS, asked.used, "right") - 1
    usual = np.empty(len(missed))
    for at in range(len(RATIOS)):
        here = missed[trains & (share == at)]
        usual[share == at] = here.mean() if len(here) else missed[trains].mean()

    def of(chosen: NDArray[np.bool_], said: Floats) -> Reliability:
        return reliability(
            said[chosen], missed[chosen], usual=usual[chosen], plain=plain[chosen], item=rows[chosen],
            at_us=asked.at_us[chosen], due_us=asked.due_us[chosen], seed=seed,
        )  # fmt: skip

    found = {"all": of(tests, forecast), "baseline": of(tests, plain)}
    return found | {f"{ratio:.0%}": of(tests & (share == at), forecast) for at, ratio in enumerate(RATIOS)}
