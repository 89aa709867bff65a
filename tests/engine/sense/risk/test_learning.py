"""What is learned, what is said when nothing can be, and that the same past gives the same model."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.sense.risk.smalldesk import small_desk
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.risk import Model, as_asked, baseline, learn, score
from watchbill.engine.sense.risk.learning import _lines
from watchbill.engine.sense.risk.model import digest_of
from watchbill.engine.sense.risk.reasons import FAMILIES


@pytest.fixture(scope="module")
def desk():
    return small_desk(3000)


@pytest.fixture(scope="module")
def lesson(desk):
    return learn(desk.past, seed=1)


def test_a_desk_with_causes_is_learned(lesson):
    """The model beats the share of the target that is used, and tells how far it can be trusted at each share."""
    assert lesson.model.source == "model"
    assert lesson.reliability["all"].auc > lesson.reliability["baseline"].auc
    assert lesson.reliability["50%"].auc > 0.6
    assert lesson.reliability["all"].skill_baseline > 0
    assert sum(one.number for one in lesson.reliability["all"].bins) == lesson.counts["test"]


def test_slices_follow_each_other(lesson, desk):
    """Training ends before calibration begins, and that before the test."""
    train, calibrate, test, _ = lesson.since_us
    assert desk.log.opened_us[0] < train < calibrate < test
    assert lesson.counts["train"] + lesson.counts["calibrate"] + lesson.counts["test"] == lesson.counts["snapshots"]


def test_the_same_past_and_seed_give_the_same_model(lesson, desk):
    """Digest included; another seed gives another."""
    assert learn(desk.past, seed=1).model.digest == lesson.model.digest
    assert learn(desk.past, seed=2).model.digest != lesson.model.digest


def test_a_model_survives_as_json(lesson, desk):
    """What is read back scores the same, by numbers alone."""
    asked, *_ = as_asked(desk.promises)
    read = Model.from_json(json.loads(json.dumps(lesson.model.as_json())))
    assert read.digest == lesson.model.digest
    np.testing.assert_array_equal(score(read, desk.past, asked).p_miss, score(lesson.model, desk.past, asked).p_miss)


def test_contributions_add_up(lesson, desk):
    """What families contributed is the sum of the trees less where they start."""
    from watchbill.engine.sense.risk import features

    told = features(desk.past, as_asked(desk.promises)[0].at(np.arange(200)))
    total, shares = lesson.model.add_up(told.in_order(lesson.model.names), FAMILIES)
    np.testing.assert_allclose(shares.sum(axis=1) + lesson.model.start, total, atol=1e-4)


def test_more_of_the_target_used_never_lowers_a_risk(lesson, desk):
    """All else equal, within one share of the target."""
    asked = as_asked(desk.promises)[0].at(np.arange(500))
    later = replace(asked, used=asked.used + 0.2)
    assert (score(lesson.model, desk.past, later).p_miss >= score(lesson.model, desk.past, asked).p_miss - 1e-9).all()


def test_every_risk_has_two_reasons_in_words(lesson, desk):
    """Two different ones, without a gap."""
    scores = score(lesson.model, desk.past, as_asked(desk.promises)[0])
    for row in range(0, 3000, 100):
        first, second = scores.reasons_of(row)
        assert first.code != second.code
        assert first.words
        assert "nan" not in first.words + second.words


def test_too_little_history_is_said_with_counts():
    """No model, and how many there are of how many that are needed."""
    lesson = learn(small_desk(100).past, seed=1)
    assert lesson.model is None
    assert "Too little history" in lesson.words
    assert "200" in lesson.words
    assert learn(small_desk(1).past, seed=1).model is None


def test_a_model_that_does_no_better_gives_way_to_the_baseline():
    """Nothing says what comes but the time that is used: that is taken, calibrated, and it is said."""
    desk = small_desk(3000, is_random=True)
    lesson = learn(desk.past, seed=1)
    assert lesson.model.source == "baseline"
    assert "did not beat" in lesson.words
    asked, *_ = as_asked(desk.promises)
    scores = score(Model.from_json(lesson.model.as_json()), desk.past, asked)
    assert scores.source == "baseline"
    assert scores.p_miss[asked.used == 0.75].mean() > scores.p_miss[asked.used == 0].mean()
    np.testing.assert_allclose(baseline(asked), np.clip(asked.used, 0.001, 0.999))


def test_a_model_of_version_1_reads_as_before(lesson, desk):
    """One slope for all shares, isotonic steps, and nothing of what is over: as it was written before there was more."""
    body = {key: value for key, value in lesson.model.as_json().items() if key not in {"slopes", "over"}}
    body = broken(body, version=1, slope=2.0, shifts=[0.5, 0.0, 0.0, -0.5], steps=[[0.2, 0.1], [0.8, 0.6]])
    read = Model.from_json(body)
    total, used = np.array([0.0, 0.0, 9.0]), np.array([0.0, 0.3, 0.8])
    for is_over in (np.zeros(3), np.ones(3)):
        np.testing.assert_allclose(read.probability(total, used, is_over), [0.1 + 0.5 * (0.62246 - 0.2) / 0.6, 0.35, 0.6],
                                   atol=1e-5)  # fmt: skip
    assert read.slopes == (2.0,) * 4
    assert score(read, desk.past, as_asked(desk.promises)[0]).p_miss.max() <= 0.6


def test_each_share_has_a_line_of_its_own():
    """Where odds say twice as much early as late, and what is over is always missed, calibration finds it."""
    drawn = np.random.default_rng(3)
    total, is_late, is_over = drawn.normal(size=8000), drawn.random(8000) < 0.5, drawn.random(8000) < 0.1
    odds = np.where(is_late, 0.7 * total + 0.5, 1.4 * total - 0.5)
    missed = (is_over | (drawn.random(8000) < 1 / (1 + np.exp(-odds)))).astype(np.int64)
    used = np.where(is_late, 0.75, 0.0)
    slopes, shifts, over = _lines(total, used, is_over.astype(np.float64), missed)
    np.testing.assert_allclose([slopes[0], slopes[3], shifts[0], shifts[3]], [1.4, 0.7, -0.5, 0.5], atol=0.15)
    assert over > 5


def test_few_misses_bend_no_slope():
    """A share of which hardly anything is known has the slope of the others."""
    drawn = np.random.default_rng(4)
    total = drawn.normal(size=1003)
    missed = (drawn.random(1003) < 1 / (1 + np.exp(-1.2 * total))).astype(np.int64)
    total[-3:], missed[-3:] = [-1.0, 0.0, 1.0], [1, 1, 0]
    slopes, _, over = _lines(total, np.append(np.zeros(1000), [0.5] * 3), np.zeros(1003), missed)
    assert abs(slopes[0] - 1.2) < 0.2
    assert slopes[1] == pytest.approx(slopes[3]) == pytest.approx(slopes[0], abs=0.2)
    assert 0.4 < slopes[2] <= slopes[0]
    assert over == 0


def broken(body, **changes):
    """A body with changes and a digest that fits them, as somebody who forges would write it."""
    body = body | changes
    return body | {"digest": digest_of({key: value for key, value in body.items() if key != "digest"})}


def test_a_body_that_is_not_whole_is_refused(lesson):
    """A changed number without its digest, walks that do not end, columns that are not there, infinities, other versions."""
    body = lesson.model.as_json()
    tree = body["trees"][0]
    leaves = {"limit": [0.0], "unknown_left": [0], "value": [0.0], "left": [0], "right": [0]}
    for bad in (
        body | {"start": 1.0},
        broken(body, version=3),
        broken(body, version=1),
        broken(body, slopes=[1.0]),
        broken(body, trees=[tree | {"left": [0] * len(tree["left"])}]),
        broken(body, trees=[leaves | {"feature": [len(body["names"])]}]),
        broken(body, trees=[leaves | {"feature": [0], "value": [float("inf")]}]),
        broken(body, trees=[leaves | {"feature": [0, 0]}]),
        broken(body, trees=[{}]),
        broken(body, shifts=[0.0]),
        broken(body, steps=[[0.5, 0.5], [0.4, 0.6]]),
        broken(body, source="pickle"),
        broken(body, extra=1),
        [],
    ):
        with pytest.raises(InvalidFacts):
            Model.from_json(bad)
    Model.from_json(broken(body, trees=[leaves | {"feature": [0]}]))
