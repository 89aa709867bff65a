"""A what-if filled in and a draft taken from its comparison through the shadow into force, in a real Chromium, in light and dark, wide and narrow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.flows.backtest.report.answers import answer
from tests.interfaces.office import BY, NOW, office_open
from tests.interfaces.web.browser import Visitor
from tests.interfaces.web.fitting import require_fit
from watchbill.apps.core.services import clock_move
from watchbill.apps.decisions import shadows
from watchbill.apps.people import users
from watchbill.apps.work.models import WorkItem
from watchbill.engine.assign.shadow import Shadowed
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import Priority
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.dryrun import dry_run_ask
from watchbill.flows.backtest import asking

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "plum-tree-9944"


@pytest.fixture
def office(transactional_db):
    """The office with owned items and a draft that was run dry."""
    office = office_open()
    for _ in range(3):
        item_assign(office.item(), office.people["Ann North"], version=1, by=BY, now=NOW)
    dry_run_ask(office.desks["north"], {"look_ahead": 2.0}, is_waking=False, by=BY, now=NOW)
    users.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
    users.role_grant("zoe", "manager", desk_id=office.desks["north"], by=BY, now=NOW)
    return office


@pytest.mark.parametrize("width", [1440, 390])
def test_a_draft_goes_through_the_shadow(office, chromium, live_server, monkeypatch, width):
    """Fields of a change come with its kind; Adopt opens when the days are over; nothing overflows, all is accessible."""
    monkeypatch.setattr(asking, "backtest", lambda *_, **__: answer())
    monkeypatch.setattr(shadows, "LEAST", 2)
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(20_000)
    visitor = Visitor(context, live_server.url, expected=("status of 422",))
    try:
        visitor.go("/sign-in/")
        visitor.page.fill("#f-username", "zoe")
        visitor.page.fill("#f-password", PASSWORD)
        visitor.turns("Enter")
        page = visitor.go("/whatif/?new=1")
        expect(page.locator("#whatif-factor-0")).to_be_hidden()
        expect(page.locator("#whatif-kind-1")).to_be_hidden()
        page.select_option("#whatif-kind-0", "arrivals")
        page.fill("#whatif-factor-0", "lots")
        page.select_option("#whatif-kind-1", "closed")
        page.fill("#whatif-day-1", "2026-03-02")
        expect(page.locator("#whatif-kind-2")).to_be_visible()
        page.click("button:has-text('Compare')")
        expect(page.locator("#whatif-factor-0-error")).to_contain_text("must be a number")
        require_fit(page, width)
        page.fill("#whatif-factor-0", "1.2")
        page.click("button:has-text('Compare')")
        expect(page.locator(".what-if")).to_contain_text("1.2 times as much comes in; everybody off on 2026-03-02")
        asking.backtests_run()
        expect(page.locator("#adopting")).to_have_text("Adopt a draft")
        expect(page.locator("#courses")).to_contain_text("as demand rises")
        require_fit(page, width)
        page.click("button:has-text('Shadow')")
        expect(page.locator("#adopt-why")).to_contain_text("under way")
        _compared(office)
        page = visitor.go(page.url.removeprefix(live_server.url))
        require_fit(page, width)
        clock_move(desk_at=NOW + timedelta(days=8), rate=0, limit_at=None, by=BY, now=NOW)
        page.reload()
        page.fill("#shadow-reason", "fewer late cases")
        page.click("#adopt button:has-text('Adopt')")
        expect(page.locator("#undo-reason")).to_be_visible()
        require_fit(page, width)
        assert visitor.complaints == []
    finally:
        context.close()


def _compared(office):
    (row,) = shadows.shadow_page(office.desks["north"], by=BY)
    ann, bo = (PersonId(office.people[name]) for name in ("Ann North", "Bo North"))
    found = [
        Shadowed(item=ItemId(key), priority=Priority.P2, done=ann, in_force=ann, draft=bo, p_done=0.2, p_draft=0.3)
        for key in WorkItem.objects.values_list("id", flat=True)
    ]
    shadows.shadow_keep(row, [(one, "Bo North has less to do") for one in found], seconds=0.02, now=NOW)
