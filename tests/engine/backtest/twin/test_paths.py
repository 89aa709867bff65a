"""Paths of items that are still open are completed as the estimate of Kaplan and Meier says."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.engine.backtest.twin.oddlogs import PROMISE, Odd, told
from watchbill.engine.backtest.twin.kin import LEAST_DONORS, classes_of
from watchbill.engine.backtest.twin.learn import learn
from watchbill.engine.backtest.twin.legs import NEVER
from watchbill.engine.backtest.twin.paths import paths_of

ODD = Odd(items=900, days=40.0, opened=0.0, priorities=1, categories=1, teams=1, passed=0.0, people=6)
DAY_US = 86_400_000_000


@cache
def cut_twin():
    """A history that ends while many items are open, each seen for another time."""
    whole = told(ODD)
    lags = np.random.default_rng(5).integers(1, 30, whole.size) * 3_600_000_000 // 2
    keep = whole.at_us < (whole.opened_us + lags * 4)[whole.item]
    cut = replace(
        whole, item=whole.item[keep], at_us=whole.at_us[keep], state=whole.state[keep], team=whole.team[keep],
        owner=whole.owner[keep], is_robot=whole.is_robot[keep],
    )  # fmt: skip
    return learn(cut, PROMISE)


def test_items_still_open_are_completed():
    """Everybody has a path that ends, those known keep theirs, and no open item ends before it was last seen."""
    twin = cut_twin()
    paths = paths_of(twin)
    assert len(paths.paths) == twin.history.size
    is_open = twin.legs.done_us == NEVER
    assert is_open.sum() > 50
    took = (twin.legs.done_us - twin.history.opened_us) // 60_000_000
    assert paths.ends_min[~is_open] == pytest.approx(took[~is_open], abs=1)
    seen = (int(twin.history.at_us.max()) - twin.history.opened_us) // 60_000_000
    assert (paths.ends_min[is_open] >= seen[is_open]).all()


def test_same_history_same_paths():
    """What an open item goes on as is settled by its place."""
    one, other = paths_of(cut_twin()), paths_of(cut_twin())
    assert one.paths == other.paths


def test_completed_times_are_those_of_kaplan_and_meier():
    """With one class only, the share that takes longer than an age is the product-limit estimate of what was seen."""
    twin = cut_twin()
    history, done = twin.history, twin.legs.done_us != NEVER
    end = int(history.at_us.max())
    seen = (np.where(done, twin.legs.done_us, end) - history.opened_us) // 60_000_000
    paths = paths_of(twin)
    for age in (60, 180, 400, 800):
        survival = 1.0
        for at in np.unique(seen[done & (seen <= age)]):
            survival *= 1 - (done & (seen == at)).sum() / (seen >= at).sum()
        assert (paths.ends_min > age).mean() == pytest.approx(survival, abs=0.04)


def test_everybody_near_is_like_one_group_only():
    """At one instant, those that two items are drawn from are the same or have nobody in common, and are enough.

    But for the few that are left for no group: these are drawn from LEAST_DONORS of others.
    """
    twin = learn(told(Odd(items=900, days=40.0)), PROMISE)
    history, kin = twin.history, paths_of(twin).kin
    team = history.team[history.first[:-1]]
    at_us = int(history.opened_us[450])
    groups = {
        frozenset(kin.near(classes_of(int(t), int(p), int(c)), at_us).tolist())
        for t, p, c in zip(team, history.priority, history.category, strict=True)
    }
    assert len(groups) > 2
    assert min(len(group) for group in groups) >= LEAST_DONORS
    assert sum(len(group) for group in groups) - len(frozenset.union(*groups)) <= LEAST_DONORS


def test_a_class_that_never_came_is_drawn_from_its_priority():
    """Of an unknown team and category."""
    twin = learn(told(Odd(items=900, days=40.0)), PROMISE)
    near = paths_of(twin).kin.near(classes_of(99, 3, 99), int(twin.history.opened_us[400]))
    assert near.size >= LEAST_DONORS
    assert {int(priority) for priority in twin.history.priority[near]} == {3}
