"""No number that a risk is judged by can see what comes after it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.sense.risk.smalldesk import NEW, OVER, small_desk
from watchbill.engine.sense.risk import NEVER, Asked, Log, Past, Promises, as_asked, features
from watchbill.engine.sense.risk.facts import HOUR_US

DESK = small_desk(300)
PAST = DESK.past


def same(log, promises, asked):
    """Whether numbers come out the same when everything after each instant is deleted from the log."""
    whole = features(Past(log, promises), asked)
    for row in range(len(asked)):
        at = int(asked.at_us[row])
        cut = features(Past(log.until(at), promises.until(at)), asked.at(np.array([row])))
        assert cut.names == whole.names
        np.testing.assert_array_equal(cut.values[0], whole.values[row])


@given(
    item=st.integers(0, 299), offset_h=st.floats(0, 400), used=st.floats(0, 1), left_s=st.floats(0, 1e6),
    due_h=st.floats(0, 500), owner=st.one_of(st.none(), st.integers(-2, 5)),
)  # fmt: skip
@settings(deadline=None)
def test_numbers_are_the_same_when_the_future_is_deleted(item, offset_h, used, left_s, due_h, owner):
    """Any item at any instant from its opening on, and any imagined owner."""
    at = int(DESK.log.opened_us[item] + offset_h * HOUR_US)
    asked = Asked(
        item=np.array([item]), name=np.array([0]), at_us=np.array([at]), used=np.array([used]), left_s=np.array([left_s]),
        due_us=np.array([at + int(due_h * HOUR_US)]), owner=None if owner is None else np.array([owner]),
    )  # fmt: skip
    whole = features(PAST, asked)
    cut = features(Past(DESK.log.until(at), DESK.promises.until(at)), asked)
    np.testing.assert_array_equal(cut.values, whole.values)


@st.composite
def logs(draw):
    """Any log: a few items, events at instants that often coincide, any states, owners and queues."""
    items = draw(st.integers(1, 6))
    rows, opened = [], []
    for item in range(items):
        at = draw(st.integers(0, 40))
        opened.append(at * HOUR_US)
        rows.append((item, at, NEW, 3, draw(st.integers(-1, 2)), -1, -1))
        for _ in range(draw(st.integers(0, 5))):
            at += draw(st.integers(0, 12))
            rows.append((item, at, draw(st.integers(NEW, OVER)), draw(st.integers(1, 4)), draw(st.integers(-1, 2)),
                         draw(st.integers(-1, 3)), draw(st.integers(-1, 3))))  # fmt: skip
    item, at, state, priority, queue, owner, actor = (np.array(one, dtype=np.int64) for one in zip(*rows, strict=True))
    log = Log(
        opened_us=np.array(opened), traits={"category": np.array(draw(st.lists(st.integers(-1, 2), min_size=items, max_size=items)))},
        item=item, at_us=at * HOUR_US, state=state, priority=priority, queue=queue, owner=owner, actor=actor, new=NEW,
        done=frozenset({OVER}),
    )  # fmt: skip
    due = log.opened_us + 16 * HOUR_US
    missed = np.array(draw(st.lists(st.integers(-1, 1), min_size=items, max_size=items)))
    at_us = np.column_stack([log.opened_us + quarter * 4 * HOUR_US for quarter in range(4)])
    promises = Promises(
        item=np.arange(items), name=np.zeros(items, dtype=np.int64), at_us=at_us,
        due_us=np.repeat(due[:, None], 4, axis=1), left_s=np.ones((items, 4)), missed=missed,
        known_us=np.where(missed >= 0, due, NEVER),
    )  # fmt: skip
    return log, promises


@given(logs())
@settings(deadline=None)
def test_numbers_of_any_log_are_the_same_when_the_future_is_deleted(found):
    """Every promise at every share of its target, whatever the log holds."""
    log, promises = found
    same(log, promises, as_asked(promises)[0])


def test_a_number_that_looks_ahead_would_be_caught():
    """The proof can fail: an owner that the log is told of too early changes the numbers."""
    at = int(DESK.log.at_us[1]) - 1
    asked = as_asked(DESK.promises)[0].at(np.array([0]))
    asked = replace(asked, at_us=np.array([at]))
    early = replace(DESK.log, owner=np.roll(DESK.log.owner, -1))
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(features(Past(early, DESK.promises), asked).values, features(PAST, asked).values)


def test_an_imagined_owner_has_just_taken_it():
    """Her load and history are in the numbers, and it was touched at this moment; the others' stay."""
    asked, *_ = as_asked(DESK.promises)
    asked = asked.at(np.arange(400, 402))
    imagined = features(PAST, replace(asked, owner=np.array([-2, 3])))
    plain = features(PAST, asked)
    np.testing.assert_array_equal(imagined.values[0], plain.values[0])
    assert imagined.column("is_owned")[1] == 1
    assert imagined.column("quiet_h")[1] == 0


def test_an_imagined_state_has_just_begun_and_reaches_the_score():
    """What was new a moment ago is in progress since now; scoring, which goes block by block, asks about it as it is imagined."""
    asked, *_ = as_asked(DESK.promises)
    asked = asked.at(np.flatnonzero(features(PAST, asked).column("in_state_h") > 1)[:2])
    plain = features(PAST, asked)
    found = features(PAST, replace(asked, state=np.array([-2, 7])).at(np.array([1, 0])))
    np.testing.assert_array_equal(found.values[1], plain.values[0])
    assert found.column("in_state_h")[0] == 0
