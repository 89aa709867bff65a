"""Past days in hindsight by the API: asked for, on their way, told, listed; nothing for those who may not look."""

from __future__ import annotations

from datetime import timedelta

from tests.interfaces.office import NOW
from watchbill.flows.backtest.regretting import regrets_run

ASKED = {"desk": "north", "day": "yesterday"}


def test_a_day_is_worked_out(office, api):
    """202 and waiting, until the worker has done it; then its figures, and a line of the list, paged by day."""
    missed = office.item(now=NOW - timedelta(hours=20), priority=1)
    assert api("chief").get("/regrets/2026-03-01?desk=north")[0] == 404
    status, found = api("chief").post("/regrets", ASKED)
    assert (status, found["state"], found["day"], found["result"]) == (202, "waiting", "2026-03-01", None)
    assert api("ann").get("/regrets/yesterday?desk=north")[1]["state"] == "waiting"
    assert regrets_run() == 1
    status, found = api("ann").get("/regrets/2026-03-01?desk=north")
    assert (status, found["state"], found["result"]["whole"]["savable"]) == (200, "done", 1)
    assert found["result"]["cases"][0]["item"] == missed
    page = api("ann").get("/regrets?desk=north&limit=1")[1]
    assert (page["regrets"][0]["day"], page["regrets"][0]["due"], page["next"]) == ("2026-03-01", 1, None)
    assert api("ann").get("/regrets?desk=north&before=2026-03-01")[1]["regrets"] == []
    for wrong in ("2026-03-02", "2026-02-01", "soon", ""):
        assert api("chief").post("/regrets", ASKED | {"day": wrong})[0] == 422, wrong


def test_who_may_not_look_learns_nothing(office, api):
    """Who only works asks for none; who is of another desk gets the answer for what is not there."""
    office.item(now=NOW - timedelta(hours=20), priority=1)
    assert api("ann").post("/regrets", ASKED)[0] == 403
    assert api("coordinator").post("/regrets", ASKED)[0] == 202
    assert api("stranger").get("/regrets/yesterday?desk=north")[0] == 404
    assert api("stranger").get("/regrets?desk=north")[0] == 404
