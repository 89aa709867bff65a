"""`watchbill backtests`: compared at the terminal, kept, listed, shown and cancelled."""

from __future__ import annotations

import pytest

from tests.flows.backtest.report.answers import answer
from tests.interfaces.office import BY, NOW
from watchbill.flows.backtest import asking


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """The engine answers at once."""
    monkeypatch.setattr(asking, "backtest", lambda *_, **__: answer())


def test_policies_are_compared_at_the_terminal(run, office):
    """The answer in words and as JSON; listed, and shown again."""
    office.item()
    assert "round robin" in run("backtests", "ask", "--desk", "north", "--policies", "list")
    found = run("backtests", "ask", "--desk", "north", "--policies", "fifo, watchbill", "--full", "--json")
    assert (found["state"], found["policies"], found["depth"]) == ("done", ["fifo", "watchbill"], "full")
    told = run("backtests", "show", found["reference"])
    assert answer().verdict.sentence[:40] in told
    assert run("backtests", "list", "--desk", "north", "--json")["backtests"][0]["grade"] == "B"
    assert found["reference"] in run("backtests", "list", "--desk", "north")


def test_one_that_waits_is_cancelled_at_the_terminal(run, office):
    """It stands as cancelled; how far it was is told before."""
    run_id = asking.backtest_ask(office.desks["north"], ["fifo"], is_waking=False, by=BY, now=NOW)
    assert "waiting" in run("backtests", "show", f"BKT-{run_id}")
    assert "Cancelled by" in run("backtests", "cancel", f"BKT-{run_id}")
