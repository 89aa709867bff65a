"""A run that is begun, broken off and begun anew says when, and how far it is since then."""

from datetime import timedelta

import pytest

from tests.factories import BOSS, NOW
from tests.flows.assign.small_desk import make_small_desk
from watchbill.apps.core.runs import RUNNING, WAITING
from watchbill.apps.reports.backtests import BACKTESTS, backtest_row
from watchbill.apps.reports.models import Backtest
from watchbill.flows.backtest.asking import backtest_ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def run_id():
    """A comparison that waits for the worker."""
    return backtest_ask(make_small_desk().id, ["fifo"], is_waking=False, by=BOSS, now=NOW)


def test_one_that_is_put_back_has_done_nothing(run_id):
    """A bar at nine tenths above the word “waiting” would be a lie: it will begin at the beginning."""
    assert backtest_row(run_id).begun_recorded_at is None
    BACKTESTS.begin(run_id)
    BACKTESTS.step(run_id, items=1000, items_done=900, doing="ceiling")
    BACKTESTS.put_back(run_id)
    row = backtest_row(run_id)
    assert (row.state, row.share, row.doing) == (WAITING, 0.0, "")
    assert row.begun_recorded_at is not None


def test_one_that_is_begun_anew_says_when(run_id):
    """The last time; what the killed worker was doing is forgotten."""
    BACKTESTS.begin(run_id)
    BACKTESTS.step(run_id, items=1000, items_done=900, doing="ceiling")
    earlier = backtest_row(run_id).begun_recorded_at - timedelta(hours=1)
    Backtest.objects.filter(id=run_id).update(begun_recorded_at=earlier)
    BACKTESTS.begin(run_id)
    row = backtest_row(run_id)
    assert (row.state, row.tries, row.share, row.doing) == (RUNNING, 2, 0.0, "")
    assert row.begun_recorded_at > earlier
    assert row.as_json()["begun_recorded_at"] == row.begun_recorded_at
