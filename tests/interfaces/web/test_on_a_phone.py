"""Figures, calendars and customers on a phone: words that can be read, names of any length, tables that scroll by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.test_desk_pictures import office, visit  # noqa: F401
from watchbill.apps.customers.queries import site_list
from watchbill.apps.customers.services import customer_ensure, site_add
from watchbill.flows.customers import site_change
from watchbill.flows.report.reading import read_timelines

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"viewport": {"width": 390, "height": 844}}
LONG = "Rechenzentrumsbetriebsgesellschaftverwaltungszweckverband of both hemispheres"
HEIGHTS = """[...document.querySelectorAll('.chart svg text')].filter(one => one.getClientRects().length)
    .map(one => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a)"""


def is_as_wide_as_the_screen(page):
    return page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", ["/attainment/", "/policies/calendars/always/"])
def test_words_of_a_chart_can_be_read(office, visit, path):  # noqa: F811
    """Nothing is smaller than the smallest of the page, however narrow the screen."""
    item = office.item(now=NOW, priority=1)
    page = visit("chief", **PHONE).go(f"{path}?desk=north")
    assert item
    assert is_as_wide_as_the_screen(page)
    heights = page.evaluate(HEIGHTS)
    assert all(height >= 10.5 for height in heights)
    assert heights or path == "/attainment/"


def test_names_of_any_length_stay_on_the_screen(office, visit):  # noqa: F811
    """Of a customer, of its site and of what the site was called before."""
    customer = customer_ensure(office.desks["north"], LONG, by=BY, now=NOW)
    site_add(customer, LONG, zone="Europe/Dublin", by=BY, now=NOW)
    [site] = site_list(customer)
    site_change(site.id, zone="Asia/Kolkata", by=BY, now=NOW)
    page = visit("chief", **PHONE).go(f"/customers/{customer}/")
    expect(page.get_by_text("Until", exact=False).first).to_be_visible()
    assert is_as_wide_as_the_screen(page)


def test_breaches_are_confirmed_at_the_thumb(office, visit):  # noqa: F811
    """The form stands at the foot of the screen once one is selected, and in nobody's way before."""
    for _ in range(8):
        office.item(now=NOW - timedelta(hours=9), priority=1)
    read_timelines(NOW)
    page = visit("chief", **PHONE).go("/attainment/breaches/?desk=north")
    form = page.locator("#confirm-form")
    expect(form).to_be_hidden()
    page.locator("input[name=breach]").first.check()
    expect(form).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight * 1.5")


def test_a_draft_is_open_after_it_was_checked(office, visit):  # noqa: F811
    """With what was typed; refused, the summary of what is wrong has the focus and leads to its field."""
    someone = visit("chief", **PHONE)
    for value in ("20 min", "soon"):
        page = someone.go("/policies/clocks/?desk=north")
        page.locator("#edit summary").first.click()
        page.locator("#commitment-0 > summary").click()
        page.fill("[name='clock.0.P1']", value)
        with page.expect_event("load"):
            page.get_by_role("button", name="Check, and say what differs").click()
        expect(page.locator("[name='clock.0.P2']") if value == "soon" else page.locator("#draft")).to_be_visible()
        assert page.input_value("[name='clock.0.P1']") == value
        assert is_as_wide_as_the_screen(page)
    assert page.evaluate("document.activeElement.className") == "errors"
    page.click(".errors a")
    assert page.evaluate("document.activeElement.name") == "clock.0.P1"
