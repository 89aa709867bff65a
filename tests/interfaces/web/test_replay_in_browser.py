"""A promise changed in a real Chromium: the draft from the form, its replay on the way and done, and its version."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.interfaces.office import BY, NOW, office_open
from tests.interfaces.web.browser import Visitor
from tests.interfaces.web.fitting import require_fit
from watchbill.apps.clocks.queries import policy_versions
from watchbill.apps.people import users
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_state
from watchbill.flows.replay.run import replays_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "plum-tree-9944"


@pytest.fixture
def office(transactional_db):
    """The office, seen by other threads too."""
    return office_open()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_a_promise_is_changed(office, chromium, live_server, width, scheme):
    """The page follows the replay by itself, opens what stands otherwise, asks for what is left undone, and publishes."""
    for priority in (1, 3, 3, 4):
        item_state(office.item(priority=priority, customer="Orrin"), State.RESOLVED, by=BY, now=NOW)
    users.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
    users.role_grant("zoe", "manager", desk_id=office.desks["north"], by=BY, now=NOW)
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(20_000)
    visitor = Visitor(context, live_server.url, expected=("422",))
    try:
        visitor.go("/sign-in/")
        visitor.page.fill("#f-username", "zoe")
        visitor.page.fill("#f-password", PASSWORD)
        visitor.turns("Enter")
        page = visitor.go("/policies/clocks/")
        page.click("summary:has-text('Edit')")
        for opening in page.locator("#draft .commitment > summary").all():
            opening.click()
        for field in page.locator("#draft input[name$='.P4']").all():
            field.fill("")
        page.click("button:has-text('Replay this draft')")
        expect(page.locator("#run-now")).to_contain_text("waiting for the worker")
        replays_run()
        expect(page.locator("#run-now h2").first).to_contain_text("promises would have been kept")
        require_fit(page, width)
        page.click("dl.numbers a >> nth=-1")
        expect(page.locator("h1")).to_have_text("Items that stand otherwise")
        assert page.locator(".changed tbody").count() == 1
        require_fit(page, width)
        page.go_back()
        page.fill("#policy-reason", "P4 is promised nothing any more")
        page.click("button:has-text('Publish this draft')")
        expect(page.locator("[role=alert]")).to_contain_text("promises nothing at P4")
        for box in page.locator("[name=leaves]").all():
            box.check()
        page.fill("#policy-reason", "P4 is promised nothing any more")
        page.click("button:has-text('Publish this draft')")
        expect(page.locator("h1")).to_have_text("Clock policy")
        latest = policy_versions(office.desks["north"])[0]
        assert (latest["number"], latest["reason"]) == (2, "P4 is promised nothing any more")
        assert visitor.complaints == []
    finally:
        context.close()
