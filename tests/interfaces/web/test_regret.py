"""A day in hindsight in the pages: not worked out, asked for, told, refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.flows.backtest.regretting import regrets_run

pytestmark = pytest.mark.django_db
DAY = "/whatif/regret/2026-03-01/?desk=north"
ASK = "/whatif/regret/2026-03-01/ask/?desk=north"


@pytest.fixture
def sunday(office):
    """A P1 that nobody touched, with a P4 that Ann did meanwhile."""
    missed = office.item(now=NOW - timedelta(hours=20), priority=1, title="All is down")
    other = office.item(now=NOW - timedelta(hours=20), priority=4)
    item_assign(other, office.people["Ann North"], version=1, by=BY, now=NOW - timedelta(hours=20))
    item_state(other, State.RESOLVED, version=2, by=BY, now=NOW - timedelta(hours=18, minutes=30))
    return missed, other


def test_a_day_is_asked_for_and_told(office, sunday, enter):
    """From the address without a day to yesterday; asked for, on the way, told with the case, what came first, and its limits."""
    client = enter("chief")
    assert client.get("/whatif/regret/?desk=north").headers["Location"].startswith("/whatif/regret/2026-03-01/")
    assert (
        client.get("/whatif/regret/?desk=north&day=2026-02-27")
        .headers["Location"]
        .startswith("/whatif/regret/2026-02-27/")
    )
    html = html_of(client, DAY)
    for said in ("This day has not been worked out yet", "Work this day out", "Day before"):
        assert said in html
    assert "Day after" not in html
    assert client.post(ASK).status_code == 302
    html = html_of(client, DAY)
    assert "Waiting for the worker" in html
    assert 'hx-trigger="every 1s"' in html
    assert "Work this day out" not in html
    assert regrets_run() == 1
    html = html_of(client, DAY)
    for said in (
        "1 promise ran out on this day, and it was not kept", "1 could have been kept", "100.0 points", "All is down", *sunday,
        "Before you draw conclusions", "Effort is not recorded", "Work it out again", "Lay while somebody was there",
    ):  # fmt: skip
        assert said in html
    assert problems(html) == []
    assert "Work it out again" not in html_of(enter("ann"), DAY)


def test_days_that_cannot_be_told_say_why(sunday, enter):
    """Today, before the history, no day; nothing can be asked for there."""
    client = enter("chief")
    html = html_of(client, "/whatif/regret/2026-03-02/?desk=north")
    assert "2 March 2026 is not over" in html
    assert "Work this day out" not in html
    assert "There is no history of 1 February 2026" in html_of(client, "/whatif/regret/2026-02-01/?desk=north")
    html_of(client, "/whatif/regret/soon/?desk=north", 404)
    assert client.post("/whatif/regret/2026-03-02/ask/?desk=north").status_code == 302
    assert regrets_run() == 0
    for far in ("0001-01-01", "9999-12-31"):
        html_of(client, f"/whatif/regret/{far}/?desk=north", 404)
    for edge in ("1970-01-02", "2999-12-30"):
        html_of(client, f"/whatif/regret/{edge}/?desk=north")


def test_it_is_found_from_the_other_pages(sunday, enter):
    """What-if and the figures lead there."""
    for where in ("/whatif/?desk=north", "/attainment/?desk=north"):
        assert "/whatif/regret/" in html_of(enter("chief"), where)


def test_the_number_of_queries_does_not_grow(office, sunday, enter):
    """Twenty misses cost as many queries as one."""
    client = enter("chief")

    def queries():
        client.post(ASK)
        regrets_run()
        html_of(client, DAY)
        with CaptureQueriesContext(connection) as found:
            html_of(client, DAY)
        return len(found)

    one = queries()
    for _ in range(20):
        office.item(now=NOW - timedelta(hours=20), priority=1)
    assert queries() == one
