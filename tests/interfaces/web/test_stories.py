"""Whole acts in a real Chromium, by keyboard, against the running product and its database."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

from tests.interfaces.office import BY, NOW, office_open
from tests.interfaces.web.browser import Visitor, stream_of_events
from tests.interfaces.web.fitting import broken_rules
from watchbill.apps.core.queries import Story
from watchbill.apps.core.services import story_set
from watchbill.apps.people import users
from watchbill.apps.people.demo_users import demo_users_make
from watchbill.apps.shifts.services import presence_set
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.timeline import work_events
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note
from watchbill.flows.assign.tick import tick_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "plum-tree-9944"


@pytest.fixture
def office(transactional_db):
    """The office, seen by other threads too."""
    return office_open()


@pytest.fixture
def visit(office, chromium, live_server):
    """Open a browser and sign in by the form as a new user with a role on the desk north."""
    contexts = []

    def _visit(username="zoe", role="queue_manager", *, person=None, width=1440, height=900, expected=(), **options):
        users.user_create(
            username, name=f"{username.title()} Ray", password=PASSWORD,
            person_id=office.people[person] if person else None, by=BY, now=NOW,
        )  # fmt: skip
        users.role_grant(username, role, desk_id=office.desks["north"], by=BY, now=NOW)
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        visitor = Visitor(context, live_server.url, expected=expected)
        visitor.go("/sign-in/")
        visitor.page.fill("#f-username", username)
        visitor.page.fill("#f-password", PASSWORD)
        visitor.turns("Enter")
        return visitor

    yield _visit
    for context in contexts:
        context.close()


def rows(page):
    return page.eval_on_selector_all("[data-row]", "rows => rows.map(row => row.dataset.row)")


def item_of(reference):
    return work_get(reference, by=BY)


def test_signing_in_opens_the_board(visit, office):
    """Name, password, Enter: the queue is there, and the browser complains of nothing."""
    item = office.item(priority=1, title="Login loop")
    someone = visit()
    assert someone.page.url.endswith("/board/")
    expect(someone.page.locator(f"#row-{item}")).to_be_visible()
    assert someone.complaints == []


def test_accept_by_key_and_take_back_by_key(visit, office):
    """Y gives it away and selects the next row; U within half a minute takes it back."""
    first, second = office.item(priority=1), office.item(priority=2)
    tick_desk(office.desks["north"], NOW)
    someone = visit()
    page = someone.go("/board/?view=unassigned")
    someone.turns("y")
    expect(page.locator("[data-toast]")).to_contain_text(f"{first} given to")
    assert rows(page) == [second]
    assert page.get_attribute("tr[aria-selected=true]", "data-row") == second
    assert item_of(first).owner in {"Ann North", "Bo North"}
    someone.turns("u")
    expect(page.locator("[data-toast]")).to_contain_text(f"Undone: {first}")
    assert item_of(first).owner is None
    assert someone.complaints == []


def test_decline_with_a_reason_by_keys(visit, office):
    """N opens the five reasons, arrows choose, Enter sends."""
    item = office.item(priority=1)
    tick_desk(office.desks["north"], NOW)
    someone = visit()
    page = someone.go("/board/")
    someone.press("n", "ArrowDown")
    someone.turns("Enter")
    expect(page.locator("[data-toast]")).to_contain_text("Declined")
    note = work_events(item_of(item).id)[0]
    assert "not the right time" in note.data["text"]
    assert item_of(item).owner is None


def test_somebody_else_by_keys(visit, office):
    """A opens the next best people; Tab and Enter give it to the first of them."""
    item = office.item(priority=1)
    tick_desk(office.desks["north"], NOW)
    someone = visit()
    page = someone.go("/board/")
    proposed = re.search(r"to (\w+ North)", page.inner_text("#card h2"))[1]
    someone.press("a", "Tab")
    someone.turns("Enter")
    owner = item_of(item).owner
    assert owner is not None
    assert owner != proposed


def test_somebody_by_name_against_a_rule_by_keys(visit, office):
    """A and a part of the name: who is off shift is found with the reason, and given the case with words of one's own."""
    item = office.item(priority=1)
    tick_desk(office.desks["north"], NOW)
    someone = visit()
    page = someone.go("/board/")
    proposed = re.search(r"to (\w+) North", page.inner_text("#card h2"))[1]
    other = "Bo" if proposed == "Ann" else "Ann"
    ids = {"desk_id": office.desks["north"], "by": BY, "now": NOW}
    presence_set(office.people[f"{other} North"], state="off", **ids)
    someone.press("a")
    someone.type(other.lower())
    expect(page.locator(".offered legend")).to_have_text("Only against a rule")
    expect(page.locator(".offered")).to_contain_text(f"{other} North is away or off shift")
    expect(page.locator(".pick")).to_have_count(0)
    someone.press("Tab", "Space", "Tab")
    someone.type("she comes in for this one")
    someone.turns("Enter")
    assert item_of(item).owner == f"{other} North"
    assert "she comes in for this one" in work_events(item_of(item).id)[0].data["text"]
    assert someone.complaints == []


def test_a_case_is_worked_by_keys_alone(visit, office):
    """Open, assign by a part of the name, note, next step, state, and back to the list."""
    item = office.item(priority=1, title="Login loop")
    other = office.item(priority=2)
    someone = visit()
    page = someone.page
    someone.go("/board/")
    someone.press("j")
    someone.press("k")
    someone.turns("Enter")
    assert f"/cases/{item}/" in page.url
    someone.press("a")
    someone.type("ann")
    someone.turns("Enter")
    assert item_of(item).owner == "Ann North"
    someone.press("w")
    someone.type("All 3,200 staff are locked out. ?jky.")
    someone.turns("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("All 3,200 staff are locked out. ?jky.")
    someone.press("Escape")
    someone.press("n")  # it stands open: its key goes there
    expect(page.locator("#step-what")).to_be_focused()
    someone.type("Call the duty desk")
    page.fill("#step-due_at", "in 2 h")
    page.focus("#step-due_at")
    someone.turns("Enter")
    assert item_of(item).next_step_due_at == NOW + timedelta(hours=2)
    someone.press("s")
    page.select_option("#state-state", "waiting_customer")
    page.focus("[data-act=state] button.primary")
    someone.turns("Enter")
    assert item_of(item).state == "waiting_customer"
    someone.turns("k")  # its response was met, so the other one is due before it now
    assert f"/cases/{other}/" in page.url
    page.click("[data-key=escape]")
    page.wait_for_url("**/board/**")
    assert someone.complaints == []


def test_names_are_offered_while_one_types(visit, office):
    """The field asks the server for people who fit."""
    office.item()
    someone = visit()
    page = someone.go("/board/")
    someone.press("j")
    someone.turns("Enter")
    someone.press("a")
    someone.type("bo")
    expect(page.locator("#assign-person-people option")).to_have_count(1)
    assert page.get_attribute("#assign-person-people option", "value") == "Bo North"


def test_anything_is_found_from_anywhere(visit, office):
    """Slash, a word, Enter: the case is open. The palette also runs a key of the page."""
    item = office.item(title="Export stuck at 82%")
    someone = visit()
    page = someone.go("/cases/")
    someone.press("/")
    someone.type("export")
    page.wait_for_selector("#palette [role=option][aria-selected=true]:has-text('Export stuck')")
    someone.turns("Enter")
    assert f"/cases/{item}/" in page.url
    someone.press("Control+k")
    someone.type("set the state")
    page.wait_for_selector("#palette [role=option][aria-selected=true]:has-text('Set the state')")
    someone.press("Enter")
    expect(page.locator("[data-act=state]")).to_have_attribute("open", "")


def test_many_are_chosen_by_key_and_given_away(visit, office):
    """X and Shift X choose a range; the bar appears, says how many, and does it."""
    made = [office.item() for _ in range(4)]
    someone = visit()
    page = someone.go("/cases/")
    expect(page.locator("#bulk-form")).to_be_hidden()
    someone.press("j", "x", "j", "j", "Shift+X")
    expect(page.locator("[data-selected-count]")).to_have_text("3")
    page.fill("#bulk-owner", "Bo North")
    page.fill("#bulk-text", "For tonight")
    someone.turns("Enter")
    expect(page.locator("[data-toast]")).to_contain_text("3 cases given to Bo North")
    assert [item_of(each).owner for each in made] == ["Bo North", "Bo North", "Bo North", None]


def test_many_given_to_the_wrong_one_are_taken_back_by_keys(visit, office):
    """U within half a minute; later, after a reload, from the list of last acts. The browser complains of nothing."""
    made = [office.item() for _ in range(2)]
    someone = visit()
    page = someone.go("/cases/")
    for way in ("toast", "later"):
        someone.press("j", "x", "j", "x")
        page.fill("#bulk-owner", "Bo North")
        someone.turns("Enter")
        expect(page.locator("[data-toast]")).to_contain_text("2 cases given to Bo North")
        if way == "toast":
            someone.turns("u")
        else:
            page = someone.go("/cases/")
            page.focus(".latest summary")
            someone.press("Enter", "Tab")
            expect(page.locator(":focus")).to_have_attribute("aria-label", "Undo: 2 cases given to Bo North")
            someone.turns("Enter")
        expect(page.locator("[data-toast]")).to_contain_text("Undone: 2 cases are as before")
        assert [item_of(each).owner for each in made] == [None, None]
    assert someone.complaints == []


def test_a_case_is_read_beside_the_list_by_keys(visit, office):
    """Space opens the selected case beside the list, J goes on reading, Space and Escape give the place back."""
    first, second = office.item(priority=1, title="Login loop"), office.item(priority=2, title="Slow export")
    item_note(second, "Looked at it", by=BY, now=NOW)
    someone = visit()
    for address in ("/board/?view=open", "/cases/"):
        page = someone.go(address)
        if address == "/cases/":
            someone.press("j")
        someone.press(" ")
        expect(page.locator("#peek-title")).to_have_text("Login loop")
        expect(page.locator("#peek-title")).to_be_focused()
        assert page.url.startswith(someone.base + address.partition("?")[0])
        someone.press("j")
        expect(page.locator("#peek-title")).to_have_text("Slow export")
        expect(page.locator("#peek")).to_contain_text("Looked at it")
        assert page.get_attribute("tr[aria-selected=true]", "data-row") == second
        someone.press("Escape")
        expect(page.locator("#peek")).to_be_hidden()
        assert page.evaluate("document.activeElement.dataset.row") == second
        someone.press("k", " ")
        expect(page.locator("#peek-title")).to_have_text("Login loop")
        someone.press(" ")
        expect(page.locator("#peek")).to_be_hidden()
        someone.press(" ")
        expect(page.locator("#peek-title")).to_be_focused()
        someone.turns("Enter")
        assert f"/cases/{first}/" in page.url
        expect(page.locator(".crow")).to_contain_text("1 of 2")
    assert someone.complaints == []


def test_a_case_is_read_beside_the_list_by_pointer(visit, office):
    """The row's own link opens it, the cross closes it; a space on a checkbox still ticks it."""
    first, second = office.item(priority=1, title="Login loop"), office.item(priority=2, title="Slow export")
    someone = visit()
    page = someone.go("/cases/")
    page.hover(f"#row-{second}")
    page.click(f"#row-{second} [data-peek-at]")
    expect(page.locator("#peek-title")).to_have_text("Slow export")
    page.click(f"#row-{first} [data-peek-at]")
    expect(page.locator("#peek-title")).to_have_text("Login loop")
    page.click("[data-peek-close]")
    expect(page.locator("#peek")).to_be_hidden()
    page.focus(f"#row-{first} input")
    someone.press(" ")
    expect(page.locator(f"#row-{first} input")).to_be_checked()
    expect(page.locator("#peek")).to_be_hidden()
    assert someone.complaints == []


def test_what_is_read_stays_while_the_list_changes(visit, office):
    """A row that somebody takes away from under a reader stays until she has read."""
    first = office.item(priority=1, title="Login loop")
    office.item(priority=2)
    someone = visit()
    page = someone.go("/board/?view=unassigned")
    someone.press(" ")
    expect(page.locator("#peek-title")).to_be_focused()
    item_assign(first, office.people["Ann North"], by=BY, now=NOW)
    page.evaluate("htmx.trigger(document.body, 'watchbill:refresh')")
    page.wait_for_load_state("networkidle")
    assert first in rows(page)
    someone.press("Escape")
    expect(page.locator("#peek")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_case_beside_its_list_fits_and_can_be_read_by_everybody(visit, office, tmp_path, width, scheme):
    """WCAG 2.2 A and AA as axe checks them; beside the list on a desk, over it on a phone."""
    for priority in (1, 2, 3, 4):
        office.item(
            priority=priority, title="A long subject that says what is wrong and where", customer="Orrin Health"
        )
    tick_desk(office.desks["north"], NOW)
    someone = visit("zoe", "manager", width=width, color_scheme=scheme)
    for name in ("board", "cases"):
        page = someone.go(f"/{name}/")
        someone.press("j", " ")
        expect(page.locator("#peek-title")).to_be_focused()
        page.screenshot(path=tmp_path / f"peek-{name}-{scheme}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert broken_rules(page) == []
        list_right, peek_left = page.evaluate(
            "[document.querySelector('.q').getBoundingClientRect().right,"
            " document.getElementById('peek').getBoundingClientRect().left]"
        )
        assert width < 961 or list_right <= peek_left
    assert someone.complaints == []


def test_the_second_of_two_people_sees_who_was_first(visit, office):
    """Both have the case open; the second is shown the first one's change and keeps hers knowingly."""
    item = office.item()
    one, two = visit("one"), visit("two", expected=("409",))
    for someone in (one, two):
        someone.go(f"/cases/{item}/")
        someone.press("a")
    one.type("Ann")
    one.turns("Enter")
    two.type("Bo")
    two.turns("Enter")
    conflict = two.page.locator(".conflict")
    expect(conflict).to_contain_text("One Ray changed this")
    expect(conflict).to_be_focused()
    assert item_of(item).owner == "Ann North"
    with two.page.expect_event("load"):
        two.page.click("text=Use mine")
    assert item_of(item).owner == "Bo North"


def test_the_demos_clock_runs_at_the_speed_that_was_pressed(visit, office):
    """At 30 min in a second the page's clock passes an hour in seconds, without asking; pause stops it."""
    story_set(Story(desk="north", starts_at=NOW, ends_at=NOW + timedelta(days=10), weeks=0))
    office.item()
    someone = visit()
    page = someone.go("/board/")
    expect(page.locator("#desk-clock [data-zone=UTC]")).to_have_text("09:00")
    with page.expect_event("load"):
        page.click("[name=rate][value='30']")
    expect(page.locator("#desk-clock [data-zone=UTC]")).to_have_text(re.compile("1[0-9]:.."))
    with page.expect_event("load"):
        page.click("[name=act][value=pause]")
    stopped = page.inner_text("#desk-clock [data-zone=UTC]")
    page.wait_for_timeout(1200)
    assert page.inner_text("#desk-clock [data-zone=UTC]") == stopped


def test_one_click_enters_the_demo(office, chromium, live_server):
    """The door of a demo: a role, and the control room is open."""
    story_set(Story(desk="north", starts_at=NOW, ends_at=NOW + timedelta(days=10), weeks=0))
    demo_users_make(agent_id=None, by=BY, now=NOW)
    context = chromium.new_context()
    visitor = Visitor(context, live_server.url)
    visitor.go("/")
    with visitor.page.expect_event("load"):
        visitor.page.click("text=Queue manager")
    expect(visitor.page.locator("h1")).to_have_text("Board")
    context.close()


def test_a_change_arrives_without_reloading(visit, office):
    """Without a live process the page asks by itself every few seconds."""
    office.item()
    someone = visit()
    page = someone.go("/board/?view=unassigned")
    page.evaluate("window.isSame = true")
    newcomer = office.item(priority=1, title="Brand new")
    expect(page.locator(f"#row-{newcomer}")).to_be_visible(timeout=12_000)
    assert page.evaluate("window.isSame")


def test_a_change_arrives_by_event(visit, office, settings):
    """The stream says that something changed; the page fetches what, at once, and the label is fresh."""
    with stream_of_events() as stream:
        origin = f"http://127.0.0.1:{stream.server_port}"
        policy = {**django_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "connect-src": ["'self'", origin]}
        settings.LIVE_URL = origin
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy}
        item = office.item()
        someone = visit()
        page = someone.go("/board/?view=unassigned")
        page.wait_for_timeout(1100)  # one refresh a second at most
        assert len(stream.listeners) == 2  # the page after signing in, and this one
        item_assign(item, office.people["Ann North"], by=BY, now=NOW)
        for words in stream.listeners:
            words.put(b"data: desk\n\n")
        expect(page.locator(f"#row-{item}")).to_have_count(0, timeout=4_000)
        expect(page.locator("#freshness")).to_have_attribute("data-state", "live")
        assert someone.complaints == []


def test_a_note_of_somebody_else_arrives_on_the_case(visit, office):
    """The timeline is brought up to date while the composer keeps what is being written."""
    item = office.item()
    someone = visit()
    page = someone.go(f"/cases/{item}/")
    someone.press("w")
    someone.type("half a sent")
    item_note(item, "Found the cause", by=BY, now=NOW)
    page.evaluate("htmx.trigger(document.body, 'watchbill:refresh')")
    expect(page.locator("#timeline")).to_contain_text("Found the cause")
    assert page.input_value("#f-note") == "half a sent"


PAGES = (
    "/board/?view=open", "/board/?view=breached", "/cases/?view=any&priority=2", "/cases/new/", "/cases/{item}/",
    "/cases/{item}/everyone/", "/cases/{item}/clocks/", "/account/", "/palette/?q=it", "/nowhere/",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_real_pages_fit_and_can_be_read_by_everybody(visit, office, width, scheme):
    """No sideways scrolling, no refused script or style, no violation of WCAG 2.2 A and AA that axe can find."""
    item = office.item(
        priority=2, title="A very long subject that has to be cut off somewhere, " * 4, customer="Orrin Health"
    )
    for priority in (1, 3, 4):
        office.item(priority=priority)
    tick_desk(office.desks["north"], NOW)
    someone = visit("zoe", "manager", width=width, color_scheme=scheme, expected=("404",))
    for address in PAGES:
        page = someone.go(address.format(item=item))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert broken_rules(page) == [], address
    assert someone.complaints == []
