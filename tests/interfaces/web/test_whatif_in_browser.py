"""What-if in a real Chromium: asked for by hand, followed by itself, cancelled; the report and two side by side fit and are accessible."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.flows.backtest.report.answers import answer
from tests.interfaces.office import BY, NOW, office_open
from tests.interfaces.web.browser import Visitor
from watchbill.apps.core.runs import STOPPED
from watchbill.apps.people import users
from watchbill.apps.reports.backtests import backtest_page
from watchbill.engine.backtest.answer import Grade
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.backtest import asking

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "plum-tree-9944"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def office(transactional_db):
    """The office with an item that somebody owns, seen by other threads too."""
    office = office_open()
    reference = office.item(now=NOW - timedelta(days=2))
    item_assign(reference, office.people["Ann North"], version=1, by=BY, now=NOW - timedelta(days=1))
    users.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
    users.role_grant("zoe", "manager", desk_id=office.desks["north"], by=BY, now=NOW)
    return office


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
def test_policies_are_compared(office, chromium, live_server, monkeypatch, width, scheme):
    """From the key to the report: progress comes by itself, one is cancelled, and two are held side by side."""
    grades = iter((Grade.B, Grade.C))
    monkeypatch.setattr(asking, "backtest", lambda *_, **__: answer(next(grades)))
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
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
        _fits(page, width)
        for depth in ("quick", "full"):
            page = visitor.go("/whatif/?new=1")
            page.check(f"#depth-{depth}")
            page.click("button:has-text('Compare')")
            expect(page.locator("#run-now")).to_contain_text("Waiting for the worker")
            _fits(page, width)
            asking.backtests_run()
            expect(page.locator("#run-now")).to_contain_text("Can the twin be trusted?")
            _fits(page, width)
        expect(page.locator(".bt-banner")).to_contain_text("Illustrative only")
        page.click("button:has-text('Side by side')")
        expect(page.locator("#side-policies")).to_have_text("The same policies in both")
        _fits(page, width)
        page = visitor.go("/whatif/")
        _fits(page, width)
        page.click("#new summary")
        page.click("button:has-text('Compare')")
        page.click("#cancel-run")
        expect(page.locator("#run-now .notice")).to_contain_text("Cancelled by Zoe Ray")
        assert backtest_page(office.desks["north"], by=BY)[0].state == STOPPED
        assert visitor.complaints == []
    finally:
        context.close()


def _fits(page, width):
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options=RULES)["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:160]) for one in found] == []
