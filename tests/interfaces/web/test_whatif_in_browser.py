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
from watchbill.apps.people.bulk import team_ensure_many
from watchbill.apps.reports.backtests import BACKTESTS, backtest_page
from watchbill.apps.work.queues import queue_save
from watchbill.engine.backtest.answer import Grade
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.dryrun import dry_run_ask
from watchbill.flows.backtest import asking
from watchbill.flows.backtest.adopting import shadow_ask
from watchbill.flows.backtest.asking import backtest_ask
from watchbill.flows.backtest.desk import names_of_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "plum-tree-9944"


@pytest.fixture
def office(transactional_db):
    """The office with an item that somebody owns, seen by other threads too."""
    office = office_open()
    team = team_ensure_many(office.desks["north"], ["Application management, second line"])
    queue_save(
        office.desks["north"],
        queue_id=office.queues["Mail"],
        name="Mail",
        team_id=next(iter(team.values())),
        version=1,
        by=BY,
        now=NOW,
    )
    reference = office.item(now=NOW - timedelta(days=2))
    item_assign(reference, office.people["Ann North"], version=1, by=BY, now=NOW - timedelta(days=1))
    users.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
    users.role_grant("zoe", "manager", desk_id=office.desks["north"], by=BY, now=NOW)
    return office


def signed_in(chromium, live_server, width, **how):
    """A window of Zoe's."""
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(20_000)
    visitor = Visitor(context, live_server.url, **how)
    visitor.go("/sign-in/")
    visitor.page.fill("#f-username", "zoe")
    visitor.page.fill("#f-password", PASSWORD)
    visitor.turns("Enter")
    return context, visitor


@pytest.mark.parametrize("width", [1440, 390])
def test_policies_are_compared(office, chromium, live_server, monkeypatch, width):
    """From the key to the report: progress comes by itself, one is cancelled, and two are held side by side."""
    grades = iter((Grade.B, Grade.C))
    monkeypatch.setattr(asking, "backtest", lambda *_, **__: answer(next(grades)))
    context, visitor = signed_in(chromium, live_server, width)
    try:
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


RECTS = """(boxes) => boxes.filter(box => box.checkVisibility()).map(box => {
    const range = document.createRange(); range.selectNodeContents(box);
    const r = (box.matches("th, td") ? range : box).getBoundingClientRect();
    return [r.left, r.top, r.right, r.bottom] })"""
"""Of boxes that are seen, their edges; of cells those of what is written in them."""


def together(rects):
    """Pairs of boxes that lie upon each other."""
    return [
        (a, b)
        for place, a in enumerate(rects)
        for b in rects[place + 1 :]
        if a[0] < b[2] - 1 and b[0] < a[2] - 1 and a[1] < b[3] - 1 and b[1] < a[3] - 1
    ]


@pytest.mark.parametrize("width", [1440, 390])
def test_what_is_wrong_stands_beside_its_field_and_breaks_no_row(office, chromium, live_server, width):
    """Each row's fields stay in one line where there is room, and never lie upon each other; all is said at once, and mended."""
    context, visitor = signed_in(chromium, live_server, width, expected=("status of 422",))
    try:
        page = visitor.go("/whatif/?new=1")
        for row, kind in enumerate(("surge", "staff", "targets", "closed")):
            page.select_option(f"#whatif-kind-{row}", kind)
        page.fill("#whatif-at-0", "2030-01-01T10:00")
        page.fill("#whatif-people-1", "-99")
        page.fill("#whatif-p2-2", "soon")
        page.click("button:has-text('Compare')")
        expect(page.locator(".errors")).to_contain_text("There is a problem")
        expect(page.locator("#whatif-people-1-error")).to_contain_text("99 cannot be taken from it")
        assert page.locator(".change .msg:visible").count() == 8
        require_fit(page, width)
        for row in range(4):
            change = page.locator(f".change:has(#whatif-kind-{row})")
            fields = change.locator(".field").evaluate_all(RECTS)
            assert together(fields) == []
            assert all(left >= 0 and right <= width for left, _, right, _ in fields)
            bottoms = {round(bottom) for _, _, _, bottom in change.locator(".input").evaluate_all(RECTS)}
            assert width < 820 or len(bottoms) == 1
        page.select_option("#whatif-kind-0", "")
        expect(page.locator("#whatif-kind-1")).to_be_visible()
        for row in (1, 2, 3):
            page.select_option(f"#whatif-kind-{row}", "")
        expect(page.locator("#whatif-kind-3")).to_be_hidden()
        page.click("button:has-text('Compare')")
        expect(page.locator("#run-now")).to_contain_text("Waiting for the worker")
        assert visitor.complaints == []
    finally:
        context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_list_keeps_out_of_the_way_of_states(office, chromium, live_server, width):
    """A long what-if beside a bar that runs, and a shadow run that a command began."""
    team = names_of_desk(office.desks["north"], NOW).teams[0]
    what_if = [
        f"closed={team}@{NOW - timedelta(days=2):%Y-%m-%d}",
        "arrivals=1.25",
        f"shift={team}+2h",
        "targets=1/2/3/4",
    ]
    dry = dry_run_ask(office.desks["north"], {"look_ahead": 2.0}, is_waking=False, by=BY, now=NOW)
    run_id = backtest_ask(
        office.desks["north"], ["fifo", f"watchbill DRY-{dry}"], what_if=what_if, is_waking=False, by=BY, now=NOW
    )
    BACKTESTS.begin(run_id)
    BACKTESTS.step(run_id, items=1000, items_done=400, doing="comparing")
    shadow_ask(office.desks["north"], f"watchbill DRY-{dry}", by=BY, now=NOW)
    context, visitor = signed_in(chromium, live_server, width)
    try:
        page = visitor.go("/whatif/")
        expect(page.locator("#shadows")).to_contain_text(f"watchbill DRY-{dry}")
        require_fit(page, width)
        rows = page.locator(".whatif tbody tr")
        assert rows.count() == 2
        for row in range(rows.count()):
            parts = rows.nth(row).locator("th, td").evaluate_all(RECTS)
            assert len(parts) >= 3
            assert together(parts) == []
        page.click("#shadows a")
        expect(page.locator("h1")).to_contain_text("Shadow run SHD-")
    finally:
        context.close()
