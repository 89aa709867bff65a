"""The solver fails, or runs out of time: the Board, the case's note and the alerts say so, and the index rule decides."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from tests.interfaces.office import NOW
from tests.interfaces.web.pages import html_of
from watchbill.engine.assign.schedule import Step
from watchbill.engine.base.errors import Unavailable
from watchbill.flows.alerts.watching import tick as alerts_tick
from watchbill.flows.assign import solving, tick


def fails(_arcs):
    raise Unavailable("the solver stopped with status 2")


def sleeps(_arcs):
    time.sleep(60)


FAILING = lambda _seconds: fails  # noqa: E731
SLOW = lambda _seconds: solving.flows_within(0.2, large=0, run=sleeps)  # noqa: E731


@pytest.mark.parametrize(
    ("within", "why"),
    [(FAILING, "the solver stopped with status 2"), (SLOW, "the solver took longer than 0.2 s")],
    ids=["fails", "too slow"],
)
def test_a_solver_that_is_out_is_said_everywhere(office, enter, monkeypatch, within, why):
    """A proposal is made all the same, and the alarm is over when the solver decides again."""
    north, reference = office.desks["north"], office.item()
    client = enter("queue_manager")
    monkeypatch.setattr(tick, "flows_within", within)
    alerts_tick(NOW)
    tick.tick_desk(north, NOW, step=Step.PLAN)
    assert f"Planned by the index rule: {why}" in html_of(client, "/board/?desk=north")
    assert f"Decided by the index rule, because {why}" in html_of(client, f"/cases/{reference}/")
    page = html_of(client, "/alerts/?desk=north")
    assert "Proposals are made by the index rule" in page
    assert f"because {why}" in page
    monkeypatch.setattr(tick, "flows_within", solving.flows_within)
    tick.tick_desk(north, NOW + timedelta(minutes=1), step=Step.PLAN)
    alerts_tick(NOW + timedelta(minutes=15))
    assert "Planned by the index rule" not in html_of(client, "/board/?desk=north")
    assert "The solver decides again" in html_of(client, "/alerts/?desk=north")
