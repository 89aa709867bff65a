"""Board and Case in a real Chromium: pictures in both themes and sizes, keys, palette, live order, contrast."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.interfaces.web import made_up
from tests.interfaces.web.fitting import broken_rules
from tests.interfaces.web.test_formats import DURATIONS
from tests.interfaces.web.test_templates import board_html, case_html

pytestmark = pytest.mark.browser
SIZES = ((1440, 900), (390, 844), (320, 640))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("html_of", [board_html, case_html])
def test_pages_fit_the_screen_and_break_no_policy(render, show, tmp_path, html_of, theme, size):
    """A picture is taken; nothing scrolls sideways, and the browser refuses nothing."""
    page, complaints = show(html_of(render, theme), width=size[0], height=size[1])
    picture = tmp_path / f"{html_of.__name__}-{theme}-{size[0]}.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 10_000
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert complaints == []


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("html_of", [board_html, case_html])
def test_pages_pass_the_accessibility_rules(render, show, html_of, theme, width):
    """WCAG 2.2 A and AA as axe checks them, contrast included."""
    page, _ = show(html_of(render, theme), width=width)
    assert broken_rules(page) == []


def test_a_page_that_breaks_a_rule_is_found(show):
    """The checks of accessibility can fail: a picture without words is named, with its place."""
    page, _ = show(
        "<!doctype html><html lang='en'><title>A page</title><main><img src='/none.png' width='9' height='9'></main></html>"
    )
    assert [(rule, place[:4]) for rule, place in broken_rules(page)] == [("image-alt", "<img")]


def test_the_script_writes_durations_as_the_server_does(render, show):
    """A clock must not change its wording when the page starts to tick it."""
    page, _ = show(board_html(render))
    assert page.evaluate("all => all.map(s => watchbill.duration(s))", [s for s, _ in DURATIONS]) == [
        text for _, text in DURATIONS
    ]


def test_clocks_run_on_at_the_desk_s_pace_up_to_its_limit(render, show):
    """At 30 min in a second a case due in 9 min breaches by itself, and the clock stops at the limit given."""
    frame = made_up.a_frame()
    limit = made_up.at(20)
    fast = replace(frame, clock=replace(frame.clock, rate=1800.0, limit_at=limit))
    page, _ = show(render("pages/board.html", frame=fast, page=made_up.a_board()))
    expect(page.locator("#row-CASE-10377 .clock.breached .t")).to_have_text("−11 min")
    expect(page.locator("#desk-clock [data-zone=UTC]")).to_have_text("15:08")
    assert page.get_attribute("#row-CASE-10377 .fuse .bar", "x").startswith("9.8")


def test_rows_are_walked_and_opened_by_key(render, show):
    """J moves the selection and fetches its card, Enter opens the case, and typing in a field presses nothing."""
    card = '<section class="panel" id="card"><h2>Card of the next row</h2></section>'
    page, _ = show(board_html(render), answers={"/board/card/": card, "/cases/CASE-10381/": "<title>opened</title>"})
    page.keyboard.press("j")
    page.wait_for_selector("text=Card of the next row")
    assert page.get_attribute("tr[aria-selected=true]", "data-row") == "CASE-10381"
    assert "case=CASE-10381" in page.url
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/CASE-10381/")


def test_single_keys_can_be_switched_off(render, show):
    """WCAG 2.1.4: without single keys J does nothing."""
    frame = made_up.a_frame()
    off = replace(frame, account=replace(frame.account, has_keys=False))
    page, _ = show(render("pages/board.html", frame=off, page=made_up.a_board()))
    page.keyboard.press("j")
    assert page.get_attribute("tr[aria-selected=true]", "data-row") == "CASE-10377"


def test_keys_stay_out_of_text_fields(render, show):
    """A work note may contain every letter of the alphabet."""
    page, _ = show(case_html(render))
    page.keyboard.press("w")
    page.keyboard.type("as?j")
    assert page.input_value("#f-note").endswith("as?j")
    assert page.locator("details[open] > summary[data-key]").count() == 1  # the missing next step, open from the start


def test_a_key_opens_its_form_and_escape_gives_the_focus_back(render, show):
    """A opens assign with the first field focused; Esc closes it and returns to the button."""
    page, _ = show(case_html(render))
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.id") == "assign-person"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.key") == "a"
    assert page.get_attribute("details[data-act=assign]", "open") is None


def test_the_palette_lists_moves_and_runs(render, show):
    """Ctrl K opens the combobox, arrows move through what the server found, Enter goes there."""
    options = "".join(
        f'<a class="pal-item" role="option" id="o{n}" aria-selected="false" href="/to/{n}/"><b>Place {n}</b></a>'
        for n in range(3)
    )
    page, _ = show(board_html(render), answers={"/palette/": options, "/to/1/": "<title>there</title>"})
    page.keyboard.press("Control+k")
    page.wait_for_selector("#o0[aria-selected=true]")
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#palette input", "aria-activedescendant") == "o1"
    page.keyboard.press("Enter")
    page.wait_for_url("**/to/1/")


def test_order_stands_still_while_a_row_has_the_focus(render, show):
    """A live update brings a new row and another order: rows stay, the new one waits behind a button."""
    newcomer = made_up.a_row(10999, 1, "Brand new", "Corvid Labs", "", 2)
    later = render("pages/board_live.html", page=made_up.a_board(rows=(newcomer, *reversed(made_up.ROWS))))
    page, _ = show(
        board_html(render), answers={"/board/live/": later, "/board/card/": '<section id="card">x</section>'}
    )
    page.keyboard.press("j")
    before = page.eval_on_selector_all("[data-row]", "rows => rows.map(row => row.dataset.row)")
    page.evaluate("htmx.trigger(document.body, 'watchbill:refresh')")
    page.wait_for_selector("text=1 new, show")
    assert page.eval_on_selector_all("[data-row]", "rows => rows.map(row => row.dataset.row)") == before
    assert page.evaluate("document.activeElement.dataset.row") == "CASE-10381"
    page.click("text=1 new, show")
    page.wait_for_selector("#row-CASE-10999")


def test_a_row_that_left_the_list_stays_while_it_has_the_focus(render, show):
    """What a person is looking at is not pulled from under her, and what left around it does not move it."""
    left = [replace(row, owner="Zoe Now", suggestion="") for row in made_up.ROWS[2:]]
    later = render("pages/board_live.html", page=made_up.a_board(rows=made_up.ROWS[:2]), left=left)
    page, _ = show(
        board_html(render), answers={"/board/live/": later, "/board/card/": '<section id="card">x</section>'}
    )
    page.keyboard.press("j")
    page.evaluate("htmx.trigger(document.body, 'watchbill:refresh')")
    expect(page.locator("[data-row].gone")).to_have_count(len(made_up.ROWS) - 2)
    expect(page.locator("[data-row]")).to_have_count(len(made_up.ROWS))
    expect(page.locator("[data-row].gone .c-o").first).to_contain_text("Zoe Now")
    expect(page.locator("[data-row].gone .c-a a")).to_have_count(0)
    assert page.evaluate("document.activeElement.dataset.row") == "CASE-10381"


def test_order_stands_still_under_the_pointer(render, show):
    """A row is not moved away from under the hand that is about to press it; when the hand leaves, it is."""
    later = render("pages/board_live.html", page=made_up.a_board(rows=tuple(reversed(made_up.ROWS))))
    page, _ = show(board_html(render), answers={"/board/live/": later})
    order = "rows => rows.map(row => row.dataset.row)"
    before = page.eval_on_selector_all("[data-row]", order)
    page.hover(f"#row-{before[1]}")
    with page.expect_response("**/board/live/**"):
        page.evaluate("htmx.trigger(document.body, 'watchbill:refresh')")
    page.wait_for_timeout(100)
    assert page.eval_on_selector_all("[data-row]", order) == before
    page.mouse.move(1, 1)
    page.evaluate("htmx.trigger(document.body, 'watchbill:refresh')")
    expect(page.locator("[data-row]").first).to_have_attribute("data-row", before[-1])


def test_an_open_panel_and_what_is_typed_into_it_outlive_updates(render, show):
    """Saying why one declines takes longer than the next update: nothing closes, no letter becomes a key."""
    other = replace(made_up.a_decision(), title="Somebody else")
    later = render("pages/board_live.html", page=made_up.a_board(rows=made_up.ROWS, decision=other))
    page, _ = show(board_html(render), answers={"/board/live/": later})
    page.keyboard.press("n")
    page.locator("#card input[name=text]").focus()
    page.keyboard.type("away")
    with page.expect_response("**/board/live/**"):
        page.evaluate("htmx.trigger(document.body, 'watchbill:refresh')")
    page.wait_for_timeout(100)
    page.keyboard.type(" today")
    assert page.input_value("#card input[name=text]") == "away today"
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.evaluate("htmx.trigger(document.body, 'watchbill:refresh')")
    expect(page.locator("#card h2")).to_have_text("Somebody else")


def test_the_toast_counts_down_and_goes(render, show):
    """The undo window is wall time; when it is over the offer is gone."""
    toast = made_up.parts.Toast(text="Assigned to Tomasz Nowak", undo_href="/undo/", seconds=2)
    page, _ = show(render("pages/board.html", frame=made_up.a_frame(toast=toast), page=made_up.a_board()))
    page.wait_for_selector("[data-toast]", state="detached", timeout=5000)


def test_the_page_works_without_scripts(render, show):
    """Every act is a form or a link: menus open, answers are buttons in forms, search leads to a page."""
    page, _ = show(board_html(render), java_script_enabled=False)
    page.click("summary:has-text('Decline')")
    assert page.is_visible("text=Why not?")
    assert page.locator("form[action='/a/'][method=post] button").count() == 1
    assert page.get_attribute("a.search", "href") == "/palette/"
    assert page.inner_text("#freshness") == "As of 11:48 São Paulo"
