"""Backtests by the API: what can be compared, asked for, on their way, their result, cancelled; nothing for those who may not look."""

from __future__ import annotations

import pytest

from tests.flows.backtest.report.answers import answer
from watchbill.flows.backtest import asking
from watchbill.flows.backtest.asking import backtests_run

ASKED = {"desk": "north", "policies": ["fifo", "watchbill"]}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """The engine answers at once."""
    monkeypatch.setattr(asking, "backtest", lambda *_, **__: answer())


def test_policies_are_compared(office, api):
    """202 with a reference, waiting until the worker has done it; then its answer, and a line of the list, paged by key."""
    office.item()
    assert "round robin" in [one["name"] for one in api("ann").get("/backtests/choices?desk=north")[1]["choices"]]
    status, found = api("chief").post("/backtests", ASKED)
    assert (status, found["state"], found["policies"], found["result"]) == (202, "waiting", ["fifo", "watchbill"], None)
    assert backtests_run() == 1
    status, found = api("ann").get(f"/backtests/{found['reference']}")
    assert (status, found["state"], found["result"]["schema"]) == (200, "done", "watchbill.backtest/1")
    second = api("chief").post("/backtests", ASKED | {"depth": "full"})[1]
    page = api("ann").get("/backtests?desk=north&limit=1")[1]
    assert [one["reference"] for one in page["backtests"]] == [second["reference"]] == [page["next"]]
    (line,) = api("ann").get(f"/backtests?desk=north&after={page['next']}")[1]["backtests"]
    assert (line["reference"], line["grade"]) == (found["reference"], found["result"]["twin"]["grade"])
    for wrong in ({"policies": []}, {"policies": ["luck"]}, {"depth": "deep"}):
        assert api("chief").post("/backtests", ASKED | wrong)[0] == 422


def test_one_is_cancelled(api):
    """Once; by those who may ask."""
    reference = api("chief").post("/backtests", ASKED)[1]["reference"]
    assert api("ann").post(f"/backtests/{reference}/cancel", {})[0] == 403
    status, found = api("chief").post(f"/backtests/{reference}/cancel", {})
    assert (status, found["state"]) == (200, "stopped")
    assert found["message"].startswith("Cancelled by")
    assert api("chief").post(f"/backtests/{reference}/cancel", {})[0] == 409


def test_others_learn_nothing_of_a_backtest(api):
    """Who may not read the desk gets the answer for what is not there; who may only read asks for none."""
    assert api("ann").post("/backtests", ASKED)[0] == 403
    reference = api("chief").post("/backtests", ASKED)[1]["reference"]
    assert api("stranger").get(f"/backtests/{reference}")[0] == 404
    assert api("chief").get("/backtests/BKT-999999")[0] == 404
