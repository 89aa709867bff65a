"""Recovery options of a live desk: worked out from its true state, applied once, real in the live system, and taken back."""

from datetime import timedelta

import pytest

from tests.factories import BOSS
from tests.flows.assign.small_desk import NOW, make_small_desk, reference, texts
from watchbill.apps.clocks.services import policy_publish
from watchbill.apps.core.runs import DONE, STOPPED
from watchbill.apps.decisions.deferrals import deferral_get, deferred_of
from watchbill.apps.decisions.recoveries import recovery_row
from watchbill.apps.shifts.queries import staffed
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed
from watchbill.flows.recover.applying import deferral_lift, recovery_apply, recovery_undo
from watchbill.flows.recover.asking import recovery_ask, recovery_do

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
LATER = NOW + WEEK + timedelta(hours=8)
"""A Monday at 17:00: Ana and Ben leave in an hour, Nora comes three hours later."""


@pytest.fixture
def desk():
    made = make_small_desk()
    return made


def worked_out(desk, now=LATER, **how):
    run_id = recovery_ask(desk.id, is_waking=False, by=BOSS, now=now, **how)
    assert recovery_do(run_id)
    return recovery_row(run_id)


def test_too_little_history_is_said(desk):
    """A desk of yesterday does not know what usually comes in: nothing is invented."""
    desk.item(now=LATER - timedelta(days=1))
    row = worked_out(desk)
    assert row.state == STOPPED
    assert "no whole week of history" in row.message
