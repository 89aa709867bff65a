"""Recovery options in a real Chromium: asked for by hand, side by side, applied with one action after the names were shown, undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.interfaces.office import BY, NOW, office_open
from tests.interfaces.web.browser import Visitor
from tests.interfaces.web.fitting import require_fit
from tests.interfaces.web.kept_options import options_keep, plan
from watchbill.apps.decisions.recoveries import recovery_list
from watchbill.apps.people import users
from watchbill.apps.shifts.extra import extra_of_source
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.flows.recover.asking import recoveries_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "plum-tree-9944"


@pytest.fixture
def office(transactional_db):
    """Nine P2 due in the evening, and two people who leave in an hour; a week ago an item came in."""
    office = office_open()
    north = office.desks["north"]
    for name in ("Ann North", "Bo North"):
        usual_hours_set(office.people[name], desk_id=north, week=[["02:00-10:00"]] * 7, by=BY, now=NOW)
    office.item(now=NOW - timedelta(days=7, hours=1), priority=4)
    for number in range(9):
        office.item(now=NOW - timedelta(hours=2, minutes=number), priority=2)
    users.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
    users.role_grant("zoe", "manager", desk_id=north, by=BY, now=NOW)
    return office


@pytest.mark.parametrize("width", [1440, 960, 390])
def test_plans_fit_beside_or_below_each_other(office, chromium, live_server, width):
    """On a phone, and on a narrow screen, each plan is a card whose values say what they are; nothing scrolls sideways, also not inside."""
    many = plan("defer", 9.9, -0.6, 0.9, now=NOW, many=400)
    options_keep(
        office.desks["north"],
        plan("rebalance", now=NOW),
        plan("hours", 6.0, -4.5, now=NOW),
        many,
        best="hours",
        now=NOW,
    )
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(20_000)
    visitor = Visitor(context, live_server.url)
    try:
        visitor.go("/sign-in/")
        visitor.page.fill("#f-username", "zoe")
        visitor.page.fill("#f-password", PASSWORD)
        visitor.turns("Enter")
        page = visitor.go("/recover/")
        expect(page.locator("table.recover tbody tr")).to_have_count(4)
        wide = "[...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible' && e.clientWidth > 40).map(e => e.className)"
        assert page.evaluate(wide) == []
        label = "getComputedStyle(document.querySelector('td[data-label=\"Expected misses\"]'), '::before').content"
        assert page.evaluate(label) == ("none" if width == 1440 else '"Expected misses"')
        for one in page.locator("table.recover summary").all():
            one.click()
        require_fit(page, width)
        assert visitor.complaints == []
    finally:
        context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_night_is_saved(office, chromium, live_server, width):
    """From Balance: options come by themselves; extra hours are confirmed by name, real, and taken back by the toast."""
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(20_000)
    visitor = Visitor(context, live_server.url)
    try:
        visitor.go("/sign-in/")
        visitor.page.fill("#f-username", "zoe")
        visitor.page.fill("#f-password", PASSWORD)
        visitor.turns("Enter")
        page = visitor.go("/balance/")
        page.click("a:has-text('Recovery options')")
        expect(page.locator("h1")).to_have_text("Recovery options")
        expect(page.locator("#recover-now")).to_contain_text("No options worked out yet")
        page.click("button:has-text('Work out options')")
        expect(page.locator("#recover-now progress")).to_be_visible()
        require_fit(page, width)
        assert recoveries_run() == 1
        expect(page.locator("table.recover")).to_contain_text("Go on as now")
        expect(page.locator("table.recover")).to_contain_text("Extra hours")
        page.click("details.ask summary")
        expect(page.locator("details.ask")).to_contain_text("Ann North works on, 10:00 to 14:00 UTC")
        require_fit(page, width)
        page.click("button:has-text('Ask them')")
        expect(page.locator("#recover-now")).to_contain_text("was applied by Zoe Ray")
        (row,) = recovery_list(office.desks["north"])
        assert row.stands
        assert extra_of_source(row.reference)
        require_fit(page, width)
        if width == 390:
            visitor.turns("u")
            expect(page.locator("#recover-now")).to_contain_text("undone by Zoe Ray")
        else:
            page.click("button:has-text('Work out anew')")  # the plan that stands can be taken back all the same
            before = page.locator("section[aria-label='Applied before']")
            expect(before).to_contain_text(f"{row.reference}: “Extra hours” was applied by Zoe Ray")
            require_fit(page, width)
            before.locator("button").click()
            expect(page.locator("body")).to_contain_text("Undone: ")
            expect(before).to_have_count(0)
        assert extra_of_source(row.reference) == []
        assert visitor.complaints == []
    finally:
        context.close()
