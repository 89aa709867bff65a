"""Partners in a real Chromium: named by hand and by keys alone, changed, retired; at every width, by day and by night."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.interfaces.office import BY, NOW, office_open
from tests.interfaces.web.browser import Visitor
from tests.interfaces.web.fitting import require_fit
from watchbill.apps.people import users
from watchbill.apps.people.partners import partner_add, partner_list

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "plum-tree-9944"


@pytest.fixture
def office(transactional_db):
    office = office_open()
    users.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
    users.role_grant("zoe", "manager", desk_id=office.desks["north"], by=BY, now=NOW)
    return office


def enter(context, url):
    visitor = Visitor(context, url, expected=("422",))
    visitor.go("/sign-in/")
    visitor.page.fill("#f-username", "zoe")
    visitor.page.fill("#f-password", PASSWORD)
    visitor.turns("Enter")
    return visitor


@pytest.mark.parametrize("width", [1440, 390])
def test_the_first_partner_is_named_changed_and_retired(office, chromium, live_server, width):
    """From People: the form stands open, a slip is led to, and every fact is read on the narrowest screen, too."""
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(20_000)
    try:
        visitor = enter(context, live_server.url)
        page = visitor.go("/people/")
        page.click("main a:has-text('Partners')")
        expect(page.locator("h1")).to_have_text("Partners")
        expect(page.locator(".empty")).to_contain_text("No partner yet")
        require_fit(page, width)
        page.focus("#new-name")  # from here on by keys alone
        visitor.type("Halden & Voss Field Service")
        visitor.press("Tab")
        expect(page.locator("#new-least_priority")).to_be_focused()
        visitor.press("Tab")
        visitor.type("Edge router")
        visitor.press("Enter")
        visitor.type("Block array")
        for said in ("4", "16", "120", "cheap", "eur", "dispatch@halden-voss.example"):
            visitor.press("Tab")
            visitor.type(said)
        visitor.turns("Enter")
        expect(page.locator(".errors")).to_be_focused()
        expect(page.locator(".errors")).to_contain_text("A price is a number such as 85 or 85.50")
        require_fit(page, width)
        page.click(".errors a")
        expect(page.locator("#new-price")).to_be_focused()
        page.fill("#new-price", "440")
        visitor.turns("Enter")
        row = page.locator("table.partners tbody").first
        for said in (
            "Halden & Voss Field Service",
            "P2, P3 and P4",
            "Block array, Edge router",
            "2 h after it is asked",
            "440.00 EUR",
        ):
            expect(row).to_contain_text(said)
            expect(row.get_by_text(said, exact=False).first).to_be_visible()
        expect(row.get_by_role("link", name="dispatch@halden-voss.example")).to_be_visible()
        require_fit(page, width)
        page.click("summary:has-text('Change Halden')")
        require_fit(page, width)
        (partner,) = partner_list(office.desks["north"])
        page.fill(f"#edit-{partner.id}-most", "20")
        page.click("main button:has-text('Keep')")
        expect(row.locator("td[data-label='At most']")).to_have_text("20")
        page.click("summary:has-text('Retire Halden')")
        page.fill(f"#activity-{partner.id}-reason", "The contract ended")
        page.click("button:has-text('Retire it')")
        expect(row).to_contain_text("retired")
        require_fit(page, width)
        assert visitor.complaints == []
    finally:
        context.close()
    assert partner_list(office.desks["north"]) == []


def test_long_names_of_many_partners_fit(office, chromium, live_server):
    """Words that do not break, fifty categories and a long note push nothing out of the window, at any width."""
    desk = office.desks["north"]
    for number in range(3):
        partner_add(
            desk, name=f"{number}{'Donaudampfschifffahrt' * 9}", categories=[f"Category number {n}" for n in range(50)],
            at_once=1000, most=10_000, lead_min=43_200, price=Decimal("9999999999.99"), currency="EUR",
            email=f"{'long' * 40}@partner.example", note="word " * 390, by=BY, now=NOW,
        )  # fmt: skip
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    try:
        visitor = enter(context, live_server.url)
        for width in (1440, 820, 390, 320):
            visitor.page.set_viewport_size({"width": width, "height": 900})
            require_fit(visitor.go("/partners/"), width)
        assert visitor.complaints == []
    finally:
        context.close()
