"""The chart of clocks in a real Chromium: one clock or eight, six events or three hundred; by pointer and by key."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.interfaces.web import made_up, made_up_clocks
from tests.interfaces.web.fitting import broken_rules

pytestmark = pytest.mark.browser
MANY = [(1, 6), (8, 6), (1, 300), (8, 300)]


def html(render, clocks, events, theme="light"):
    frame = made_up.a_frame("Case", current="Cases", theme=theme)
    return render("pages/case.html", frame=frame, page=made_up_clocks.a_case(clocks, events))


@pytest.mark.parametrize(("clocks", "events"), MANY)
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_few_and_many_fit_the_screen(render, show, tmp_path, clocks, events, width, theme):
    """Nothing scrolls sideways, nothing of the chart lies outside it, and the browser complains of nothing."""
    page, complaints = show(html(render, clocks, events, theme), width=width, height=900)
    page.screenshot(path=tmp_path / f"clocks-{clocks}-{events}-{theme}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    texts = page.evaluate("[...document.querySelectorAll('.cchart text')].filter(t => t.getClientRects().length)"
                          ".map(t => t.getBoundingClientRect()).map(b => [b.left, b.right])")  # fmt: skip
    assert all(left >= 0 and right <= width for left, right in texts)
    assert complaints == []


def test_many_pass_the_accessibility_rules(render, show):
    """Eight clocks and three hundred events, with what is folded opened."""
    page, _ = show(html(render, 8, 300), width=1440)
    page.evaluate("document.querySelectorAll('.cmore details').forEach(one => { one.open = true })")
    assert broken_rules(page) == []


def test_the_chart_is_one_stop_and_is_walked_by_arrows(render, show):
    """Tab comes once; right and left go along a clock, down and up between clocks; what it is stands below."""
    page, _ = show(html(render, 8, 300))
    assert page.locator("[data-piece][tabindex='0']").count() == 1
    page.locator("[data-piece][tabindex='0']").focus()
    said = page.locator("[data-said]")
    expect(said).to_contain_text("running from")
    expect(said).to_contain_text("Calendar “office”, Europe/Dublin")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("paused from")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.parentNode.previousElementSibling.tagName") == "g"
    page.keyboard.press("Home")
    expect(said).to_contain_text("running from")
    assert page.locator("[data-piece][tabindex='0']").count() == 1


def test_pointing_says_what_it_is(render, show):
    """The words under the chart come with the pointer and go with it."""
    page, _ = show(html(render, 1, 6))
    page.locator("[data-piece]").nth(1).hover(force=True)
    expect(page.locator("[data-said]")).to_contain_text("paused from")
    page.locator("h1").hover()
    expect(page.locator("[data-said]")).to_be_hidden()


def test_the_page_of_many_weighs_little(render):
    """A case of six events costs a few kilobytes for its clocks; of eight clocks and three hundred, less than one million."""
    plain = len(html(render, 0, 6))
    assert len(html(render, 2, 6)) - plain < 30_000
    assert len(html(render, 8, 300)) - plain < 1_200_000
