"""A day in hindsight in a real Chromium: asked for by hand, followed by itself, told; it fits and is accessible."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.interfaces.office import BY, NOW, office_open
from tests.interfaces.web.browser import Visitor
from tests.interfaces.web.fitting import require_fit
from watchbill.apps.people import users
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.flows.backtest.regretting import regrets_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "plum-tree-9944"
SUNDAY = NOW - timedelta(hours=20)


@pytest.fixture
def office(transactional_db):
    """Missed and kept promises of a Sunday, seen by other threads too."""
    office = office_open()
    for number in range(3):
        office.item(now=SUNDAY, priority=1, title=f"All is down, and has been for a while: number {number}")
    for priority in (1, 2, 4):
        one = office.item(now=SUNDAY, priority=priority)
        item_assign(one, office.people["Ann North"], version=1, by=BY, now=SUNDAY)
        item_state(one, State.RESOLVED, version=2, by=BY, now=SUNDAY + timedelta(minutes=40 * priority))
    users.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
    users.role_grant("zoe", "manager", desk_id=office.desks["north"], by=BY, now=NOW)
    return office


@pytest.mark.parametrize("width", [1440, 390])
def test_a_day_is_worked_out(office, chromium, live_server, width):
    """From What-if to the day before, asked for, and told without a reload; then a day with nothing on it, and one that is refused."""
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(20_000)
    visitor = Visitor(context, live_server.url)
    try:
        visitor.go("/sign-in/")
        visitor.page.fill("#f-username", "zoe")
        visitor.page.fill("#f-password", PASSWORD)
        visitor.turns("Enter")
        page = visitor.go("/whatif/")
        page.click("a:has-text('A day in hindsight')")
        expect(page.locator("h1")).to_have_text("A day in hindsight")
        expect(page.locator("#day-now")).to_contain_text("not been worked out yet")
        require_fit(page, width)
        page.click("#ask-day")
        expect(page.locator("#day-now")).to_contain_text("Waiting for the worker")
        require_fit(page, width)
        assert regrets_run() == 1
        expect(page.locator("#day-now")).to_contain_text("3 more could have been kept")
        expect(page.locator(".rg-cases tbody tr")).to_have_count(3)
        expect(page.locator(".rg-table td:not([data-label]):not(.rg-wide)")).to_have_count(0)
        label = "getComputedStyle(document.querySelector('.rg-cases td:nth-child(3)'), '::before').content"
        assert page.evaluate(label) == ('"Most of it"' if width == 390 else "none")
        require_fit(page, width)
        page.fill("#f-day", "2026-02-27")
        page.click("button:has-text('Go')")
        expect(page.locator("#day-now")).to_contain_text("There is no history of 27 February 2026")
        require_fit(page, width)
        page.click("a:has-text('Day after')")
        expect(page.locator(".sub").first).to_contain_text("28 February 2026")
        assert visitor.complaints == []
    finally:
        context.close()
