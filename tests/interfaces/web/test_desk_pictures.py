"""People, queues, imports, policies and the audit trail in a real Chromium: both themes, both sizes, accessibility."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.test import Client
from playwright.sync_api import expect

from tests.interfaces.office import BY, NOW, office_open
from tests.interfaces.web.browser import Visitor
from tests.interfaces.web.conftest import BACKEND
from tests.interfaces.web.fitting import broken_rules
from watchbill.apps.core.queries import Story
from watchbill.apps.core.services import story_set
from watchbill.apps.decisions.queries import decision_list
from watchbill.apps.inbox.models import Import, RejectedRow
from watchbill.apps.work.queries import work_get
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.answers import decision_accept
from watchbill.flows.assign.tick import tick_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = (
    "/board/", "/balance/", "/cases/", "/me/", "/desks/", "/people/", "/people/{ann}/", "/queues/", "/queues/{mail}/", "/imports/", "/imports/{number}/", "/policies/",
    "/policies/assign/?v=0&against=0", "/policies/clocks/", "/policies/calendars/always/", "/policies/matrix/",
    "/policies/effort/", "/policies/new-calendar/", "/audit/", "/users/",
)  # fmt: skip


@pytest.fixture
def office(transactional_db):
    """The office with some work, an answered proposal and an import, seen by other threads too."""
    office = office_open()
    items = [office.item(priority=p) for p in (1, 2, 3)]
    item_assign(items[0], office.people["Ann North"], by=BY, now=NOW)
    tick_desk(office.desks["north"], NOW)
    decision_accept(decision_list(office.desks["north"], by=BY)[0].id, by=BY, now=NOW)
    return office


@pytest.fixture
def visit(office, chromium, live_server):
    """Open a browser as one of the office's users."""
    contexts = []

    def _visit(username, **options):
        client = Client()
        client.force_login(ModelBackend().get_user(office.actor(username).user_id), backend=BACKEND)
        context = chromium.new_context(**options)
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        return Visitor(context, live_server.url)

    yield _visit
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("width", "theme"), [(1440, "light"), (1440, "dark"), (900, "dark"), (768, "light"), (390, "light"), (390, "dark")]
)
def test_pages_fit_the_screen_and_pass_the_accessibility_rules(office, visit, width, theme):
    """Nothing scrolls sideways, the browser refuses nothing, and axe finds nothing; the band of a demo is on each page."""
    story_set(Story(desk="north", starts_at=NOW, ends_at=NOW + timedelta(days=10), weeks=553))
    imported = Import.objects.create(
        desk_id=office.desks["north"], profile="p", profile_digest="d", file_name="log.csv", file_size=1, sha256="0",
        status="done", rows_read=10, rows_accepted=9, rows_rejected=1, by_name="Ann", started_at=NOW,
    )  # fmt: skip
    RejectedRow.objects.create(imported=imported, line=3, column="opened_at", value="13/13/2016", expected="a date")
    visitor = visit("admin", viewport={"width": width, "height": 900}, color_scheme=theme)
    names = {"ann": office.people["Ann North"], "mail": office.queues["Mail"], "number": imported.id}
    for path in PAGES:
        address = path.format(**names)
        page = visitor.go(f"{address}{'&' if '?' in address else '?'}desk=north")
        assert page.locator(".demo progress").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert broken_rules(page) == [], path
    assert visitor.complaints == []


def test_a_leaver_is_deactivated_and_her_work_given_away(office, visit):
    """The story of a Friday: deactivate with a reason, see what is left, give all of it to a colleague."""
    item = office.item()
    item_assign(item, office.people["Ann North"], by=BY, now=NOW)
    page = visit("chief").go(f"/people/{office.people['Ann North']}/")
    page.click("summary:text-is('Deactivate')")
    page.fill("#activity-reason", "Left the company")
    page.click("button:text-is('Deactivate')")
    expect(page.locator(".callout")).to_contain_text("still name Ann North as owner")
    page.select_option("#reassign-which", "all")
    page.select_option("#reassign-to", label="Bo North")
    page.click("button:text-is('Reassign')")
    expect(page.locator(".toast")).to_contain_text("reassigned")
    assert work_get(item, by=BY).owner == "Bo North"


def test_a_draft_is_tried_then_published(office, visit):
    """Edit, try on a case, publish with a reason; the new version is in force."""
    item = office.item()
    visitor = visit("chief")
    page = visitor.go("/policies/assign/?desk=north")
    page.click("summary:text-is('Edit')")
    page.fill("#policy-shift_weight", "50")
    page.fill("#policy-reference", item)
    page.click("#draft button:text-is('Try it')")
    expect(page.locator("#trial")).to_contain_text(item)
    expect(page.locator("#policy-shift_weight")).to_have_value("50")
    page.fill("#policy-reason", "Shifts matter")
    page.click("button:text-is('Publish this version')")
    expect(page.locator(".head .sub")).to_contain_text("Version 1, in force")


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_the_open_form_of_clocks_fits_and_can_be_read_by_everybody(visit, tmp_path, width, theme):
    """Nothing scrolls sideways, and the checks of WCAG find nothing."""
    visitor = visit("chief", viewport={"width": width, "height": 900}, color_scheme=theme)
    page = visitor.go("/policies/clocks/?desk=north")
    page.click("summary:has-text('Edit')")
    page.screenshot(path=tmp_path / f"clocks-{theme}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert broken_rules(page) == []
    assert visitor.complaints == []


def test_an_error_has_the_focus_and_leads_to_its_field(office, visit):
    """The summary is focused, and its link goes to the field."""
    visitor = visit("chief", viewport={"width": 1440, "height": 900})
    visitor._expected = (*visitor._expected, "422")
    page = visitor.go(f"/people/{office.people['Ann North']}/")
    page.click("summary:text-is('Correct the hours')")
    page.fill("#hours-tue", "9 to 5")
    page.click("button:text-is('Set these hours')")
    expect(page.locator(".errors")).to_be_focused()
    page.click(".errors a")
    expect(page.locator("#hours-tue")).to_be_focused()
    assert page.title().startswith("Error: ")
