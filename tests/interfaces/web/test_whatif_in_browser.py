"""What-if in a real Chromium: asked for by hand, followed by itself, cancelled; the report and two side by side fit and are accessible."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.flows.backtest.report.answers import answer
from tests.interfaces.office import BY, NOW, office_open
from tests.interfaces.web.browser import Visitor
from tests.interfaces.web.fitting import require_fit
from watchbill.apps.core.runs import STOPPED
from watchbill.apps.people import users
from watchbill.apps.reports.backtests import backtest_page
from watchbill.engine.backtest.answer import Grade
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.backtest import asking

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "plum-tree-9944"


@pytest.fixture
def office(transactional_db):
    """The office with an item that somebody owns, seen by other threads too."""
    office = office_open()
    reference = office.item(now=NOW - timedelta(days=2))
    item_assign(reference, office.people["Ann North"], version=1, by=BY, now=NOW - timedelta(days=1))
    users.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
    users.role_grant("zoe", "manager", desk_id=office.desks["north"], by=BY, now=NOW)
    return office


@pytest.mark.parametrize("width", [1440, 390])
def test_policies_are_compared(office, chromium, live_server, monkeypatch, width):
    """From the key to the report: progress comes by itself, one is cancelled, and two are held side by side."""
    grades = iter((Grade.B, Grade.C))
    monkeypatch.setattr(asking, "backtest", lambda *_, **__: answer(next(grades)))
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(20_000)
    visitor = Visitor(context, live_server.url)
    try:
        visitor.go("/sign-in/")
        visitor.page.fill("#f-username", "zoe")
        visitor.page.fill("#f-password", PASSWORD)
        visitor.turns("Enter")
        page = visitor.go("/board/")
        visitor.turns("g", "w")
        expect(page.locator("h1")).to_have_text("What-if")
        require_fit(page, width)
        for depth in ("quick", "full"):
            page = visitor.go("/whatif/?new=1")
            page.check(f"#depth-{depth}")
            page.click("button:has-text('Compare')")
            expect(page.locator("#run-now")).to_contain_text("Waiting for the worker")
            require_fit(page, width)
            asking.backtests_run()
            expect(page.locator("#run-now")).to_contain_text("Can the twin be trusted?")
            require_fit(page, width)
        expect(page.locator(".bt-banner")).to_contain_text("Illustrative only")
        page.click("button:has-text('Side by side')")
        expect(page.locator("#side-policies")).to_have_text("The same policies in both")
        require_fit(page, width)
        page = visitor.go("/whatif/")
        require_fit(page, width)
        page.click("#new summary")
        page.click("button:has-text('Compare')")
        page.click("#cancel-run")
        expect(page.locator("#run-now .notice")).to_contain_text("Cancelled by Zoe Ray")
        assert backtest_page(office.desks["north"], by=BY)[0].state == STOPPED
        assert visitor.complaints == []
    finally:
        context.close()
