"""The page of a dry run in a real Chromium: its bars can be seen, its tables fit, and nothing stands in the way of anybody."""

from __future__ import annotations

import pytest

from tests.interfaces.office import BY, NOW, office_open
from tests.interfaces.web.browser import Visitor
from tests.interfaces.web.fitting import broken_rules
from watchbill.apps.people import users
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.dryrun import dry_run_ask, dry_run_do

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "plum-tree-9944"


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_loads_are_drawn_and_reasons_stand_below_names(chromium, live_server, width, scheme):
    """Beside each other the three bars of a person say who would have had how much."""
    office = office_open()
    for name in ("Ann North", "Ann North", "Bo North"):
        item_assign(office.item(), office.people[name], by=BY, now=NOW)
    body = {"rules": ['when always then never "Ann North"']}
    run_id = dry_run_ask(office.desks["north"], body, is_waking=False, by=BY, now=NOW)
    assert dry_run_do(run_id)
    users.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
    users.role_grant("zoe", "manager", desk_id=office.desks["north"], by=BY, now=NOW)
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(20_000)
    visitor = Visitor(context, live_server.url)
    try:
        visitor.go("/sign-in/")
        visitor.page.fill("#f-username", "zoe")
        visitor.page.fill("#f-password", PASSWORD)
        visitor.turns("Enter")
        page = visitor.go(f"/policies/assign/dry-runs/{run_id}/")
        bars = page.locator("svg.trio").first.bounding_box()
        assert bars is not None
        assert bars["width"] >= (300 if width > 1000 else 90)
        cell = page.locator(".differs tbody td").last
        said = cell.locator(".fine").bounding_box()
        assert said is not None
        assert said["y"] > cell.bounding_box()["y"] + 15
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert broken_rules(page) == []
        assert visitor.complaints == []
    finally:
        context.close()
