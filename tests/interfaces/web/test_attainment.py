"""Attainment, breaches, exclusions and pauses: numbers open their rows, one confirms, two exclude."""

from __future__ import annotations

import copy
import html as text
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import publish_replayed
from tests.interfaces.office import BY, CLOCKS, NOW
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.apps.reports.choices import By
from watchbill.apps.reports.queries import breach_page, exclusion_list
from watchbill.apps.reports.slices import Slice
from watchbill.apps.work.timeline import work_events
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.flows.report.reading import read_timelines
from watchbill.interfaces.web.pages import attainment as pages

PAGES = ("", "items/", "breaches/", "exclusions/", "pauses/")


@pytest.fixture
def told(office):
    """Three P3 of the desk north (8 h to respond): answered at once, after ten hours, and never; read at NOW."""
    early = NOW - timedelta(hours=20)
    quick, late, never = (office.item(now=early) for _ in range(3))
    for reference, hours in ((quick, 1), (late, 10)):
        at = early + timedelta(hours=hours)
        item_assign(reference, office.people["Ann North"], by=BY, now=at)
        item_state(reference, State.IN_PROGRESS, by=BY, now=at)
    read_timelines(NOW)
    return {"quick": quick, "late": late, "never": never}


def breaches_of(office):
    return breach_page(Slice(desk_id=office.desks["north"]), by=BY)


def hrefs(page):
    return [text.unescape(found) for found in re.findall(r'href="(/attainment/[^"]*)"', page)]


def test_attainment_is_told_with_its_interval_and_why(enter, told):
    """One of two met; few; the one still open apart; and from what it is not counted."""
    page = html_of(enter("coordinator"), "/attainment/?desk=north&commitment=response")
    assert "50.0%" in page
    assert "9.5 to 90.5%, few" in page
    assert "made_sla" in page


@pytest.mark.parametrize("by", [by.value for by in By])
def test_every_number_opens_as_many_rows(enter, told, by):
    """Each link of a figure leads to a list of that many commitments."""
    client = enter("coordinator")
    page = html_of(client, f"/attainment/?desk=north&by={by}")
    cells = re.findall(r'<td class="num"><a href="([^"]*)">(\d+)</a>', page)
    assert len(cells) >= 8
    for href, number in cells:
        listed = html_of(client, text.unescape(href))
        assert listed.count("data-row=") == int(number), href


@pytest.mark.parametrize("by", ["week", "month"])
@pytest.mark.parametrize(
    "period", ["period=30", "since=2026-02-25", "until=2026-02-27", "since=2026-02-25&until=2026-02-27"]
)
def test_a_week_that_the_period_cuts_opens_what_it_counts(office, enter, by, period):
    """Items broken on six days, around both ends of the period: a week or a month opens no day outside of it."""
    for days in (1, 2, 4, 6, 31, 33):
        office.item(now=NOW - timedelta(days=days))
    read_timelines(NOW)
    client = enter("coordinator")
    page = html_of(client, f"/attainment/?desk=north&by={by}&{period}")
    cells = [cell for cell in re.findall(r'<td class="num"><a href="([^"]*)">(\d+)</a>', page) if cell[1] != "0"]
    assert cells
    for href, number in cells:
        assert html_of(client, text.unescape(href)).count("data-row=") == int(number), href


def test_a_commitment_keeps_the_capitals_of_its_name(office, enter):
    """In the filter, the lists and the form; only the first letter is made large."""
    body = copy.deepcopy(CLOCKS)
    body["clocks"][0]["name"] = "reply to VIP by Acme"
    publish_replayed(office.desks["north"], body, now=NOW - timedelta(days=10), holds_from=NOW - timedelta(days=9))
    item = office.item(now=NOW - timedelta(days=3))
    read_timelines(NOW)
    client = enter("chief")
    form = {"case": item, "commitment": "reply to VIP by Acme", "cycle": "1", "code": "outage", "text": "Line down"}
    client.post("/attainment/exclusions/ask/?desk=north", form)
    for path in ("?", "items/?result=broken&", "breaches/?", "exclusions/?"):
        page = html_of(client, f"/attainment/{path}desk=north")
        assert "Reply to VIP by Acme" in page, path
        assert "Reply to vip by acme" not in page, path


def test_agreements_are_told_apart(office, enter):
    """A response that is agreed between teams is no promise to the customer: each agreement opens its own."""
    body = copy.deepcopy(CLOCKS)
    body["clocks"][0]["agreement"] = "ola"
    publish_replayed(office.desks["north"], body, now=NOW - timedelta(days=10), holds_from=NOW - timedelta(days=9))
    office.item(now=NOW - timedelta(days=3))
    read_timelines(NOW)
    client = enter("coordinator")
    page = html_of(client, "/attainment/?desk=north&by=agreement")
    broken = {href for href in hrefs(page) if "result=broken" in href and "agreement=" in href}
    assert len(broken) == 2
    for href, name in zip(sorted(broken), ("Response", "Resolution"), strict=True):
        listed = html_of(client, href)
        assert listed.count("data-row=") == 1
        assert f'<td class="nowrap">{name}</td>' in listed
    assert ">OLA<" in page


def test_a_list_says_which_of_how_many_it_shows(enter, told, monkeypatch):
    """The number that was opened stands under its list, on each page of it."""
    monkeypatch.setattr(pages, "ROWS", 1)
    first = html_of(enter("coordinator"), "/attainment/items/?desk=north&commitment=response&result=decided")
    assert "1 to 1 of 2 commitments, the latest first" in first
    (onwards,) = {href for href in hrefs(first) if "after=" in href and "export" not in href}
    assert "2 to 2 of 2 commitments, further back" in html_of(enter("coordinator"), onwards)


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_sound_and_say_when_there_is_nothing(enter, told, page):
    """No inline style, every field labelled; an empty period offers all time."""
    client = enter("chief")
    assert problems(html_of(client, f"/attainment/{page}?desk=north")) == []
    empty = html_of(client, f"/attainment/{page}?desk=north&since=2001-01-01&until=2001-02-01")
    assert problems(empty) == []
    assert page == "exclusions/" or "Nothing in this period" in empty


@pytest.mark.parametrize(
    "query", ["period=x", "priority=7", "since=yesterday", "by=colour", "agreement=x", "after=there", "queue=x"]
)
def test_an_address_that_makes_no_sense_is_refused(enter, told, query):
    """422 with a sentence, not a fault."""
    path = "items/" if query.startswith("after") else ""
    assert enter("chief").get(f"/attainment/{path}?desk=north&{query}").status_code == 422


def test_lists_take_the_same_queries_for_any_number_of_rows(office, enter, told):
    """Neither breaches nor commitments add a query."""
    client = enter("chief")
    for path in ("", "items/", "breaches/"):
        client.get(f"/attainment/{path}?desk=north")
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/attainment/{path}?desk=north")
            counts.append(len(queries))
            for _ in range(3):
                office.item(now=NOW - timedelta(days=3))
            read_timelines(NOW)
        assert counts[0] == counts[1], path


def test_a_slice_tells_no_name_of_another_desk(office, enter, told):
    """Keys of another desk's people in an address: nothing is found, and nobody is named."""
    page = html_of(enter("chief"), f"/attainment/?desk=north&owner={office.people['Ann South']}")
    assert "Ann South" not in page
    assert "Ann North" in html_of(enter("chief"), f"/attainment/?desk=north&owner={office.people['Ann North']}")


def test_one_button_confirms_a_suggestion(office, enter, told):
    """The row's button (key Y) confirms as suggested; a note stands in the case."""
    client = enter("coordinator")
    page = html_of(client, "/attainment/breaches/?desk=north&confirmed=no")
    assert 'data-key="y"' in page
    row = next(row for row in breaches_of(office) if row.reference == told["late"])
    answer = client.post("/attainment/breaches/confirm/?desk=north", {"one": row.id, "code": "vendor"})
    assert answer.status_code == 302
    assert next(one for one in breaches_of(office) if one.id == row.id).confirmed == "unassigned"
    (note,) = work_events(row.item_id, kinds=["note"])
    assert "Waited unassigned" in note.data["text"]


def test_many_are_confirmed_with_a_reason_and_a_note(office, enter, told):
    """What is selected; nothing selected, or another reason without words, comes back as it was sent."""
    client = enter("coordinator")
    address, keys = "/attainment/breaches/confirm/?desk=north", [row.id for row in breaches_of(office)]
    assert "Choose 1 to 500" in html_of(client, address, status=422, code="vendor")
    page = html_of(client, address, status=422, code="other", breach=keys)
    assert len(re.findall(r'name="breach"[^>]* checked', page)) == len(keys)
    assert client.post(address, {"breach": keys, "code": "vendor", "note": "Line down"}).status_code == 302
    assert {(row.confirmed, row.note) for row in breaches_of(office)} == {("vendor", "Line down")}
    pareto = html_of(client, "/attainment/breaches/?desk=north")
    assert f"Waited for a vendor: {len(keys)}, of which {len(keys)} confirmed" in pareto


def test_a_refused_confirm_keeps_the_list_as_it_was_asked_for(office, enter):
    """Of last summer, of one commitment: the rows, what is ticked and the form are still there."""
    office.item(now=NOW - timedelta(days=200))
    read_timelines(NOW)
    client = enter("coordinator")
    page = html_of(client, "/attainment/breaches/?desk=north&period=all&commitment=response&confirmed=no")
    keys = re.findall(r'name="breach" value="(\d+)"', page)
    action = text.unescape(re.search(r'id="confirm-form" method="post" action="([^"]+)"', page)[1])
    refused = html_of(client, action, status=422, code="other", breach=keys)
    assert len(re.findall(r'name="breach"[^>]* checked', refused)) == len(keys) == 1
    assert 'value="response" selected' in refused
    back = text.unescape(re.search(r'name="back" value="([^"]+)"', refused)[1])
    assert html_of(client, back).count("data-row=") == 1


def test_a_refused_request_keeps_the_status_that_is_shown(enter, told):
    """Who looks at those that were refused stays there."""
    client = enter("chief")
    page = html_of(client, "/attainment/exclusions/?desk=north&status=refused")
    action = text.unescape(re.search(r'method="post" action="([^"]+/ask/[^"]*)"', page)[1])
    again = html_of(client, action, status=422, case=told["late"], commitment="response", cycle="1", code="outage")
    shown = re.search(r"<a[^>]*aria-current[^>]*>Refused", again)
    assert shown is not None


def test_who_may_not_confirm_sees_no_button(enter, told):
    """An auditor reads."""
    page = html_of(enter("auditor"), "/attainment/breaches/?desk=north")
    assert "confirm-form" not in page
    assert "Ask to leave" not in html_of(enter("auditor"), "/attainment/exclusions/?desk=north")


def test_two_people_exclude_a_commitment(office, enter, told):
    """Who asked is offered no approval and gets none; a second person approves, and both figures are shown."""
    asks, approves = enter("chief"), enter("manager")
    form = {"case": told["late"], "commitment": "response", "cycle": "1", "code": "outage", "text": "Line down"}
    assert asks.post("/attainment/exclusions/ask/?desk=north", form).status_code == 302
    (row,) = exclusion_list(office.desks["north"], by=BY)
    own = html_of(asks, "/attainment/exclusions/?desk=north")
    assert "You asked; somebody else answers" in own
    assert "/approve/" not in own
    assert asks.post(f"/attainment/exclusions/{row.id}/approve/?desk=north").status_code == 403
    assert "/approve/" in html_of(approves, "/attainment/exclusions/?desk=north")
    assert approves.post(f"/attainment/exclusions/{row.id}/approve/?desk=north").status_code == 302
    page = html_of(approves, "/attainment/?desk=north&commitment=response")
    assert "100.0%" in page
    assert "50.0%" in page


def test_a_request_that_cannot_be_comes_back_as_it_was_sent(enter, told):
    """A case that is none, and no reason in words."""
    client, address = enter("chief"), "/attainment/exclusions/ask/?desk=north"
    form = {"commitment": "response", "cycle": "1", "code": "outage"}
    assert "CASE-1" in html_of(client, address, status=422, **form, case="CASE-1", text="Line down")
    assert "Say why" in html_of(client, address, status=422, **form, case=told["late"])


def test_a_code_of_the_desk_is_added(enter, told):
    """By who may publish policies; it is offered at once."""
    form = {"sort": "breach", "code": "late_parts", "label": "Parts came late"}
    assert enter("queue_manager").post("/attainment/codes/?desk=north", form).status_code == 403
    assert enter("chief").post("/attainment/codes/?desk=north", form).status_code == 302
    assert "Parts came late" in html_of(enter("chief"), "/attainment/breaches/?desk=north")


def test_exports_defuse_formulas_and_hold_every_row(office, enter, told):
    """The lists as they are filtered, for a spreadsheet."""
    office.item(title="=1+1", now=NOW - timedelta(days=2))
    read_timelines(NOW)
    client = enter("auditor")
    for path in ("export.csv", "items/export.csv?result=broken&", "breaches/export.csv"):
        address = f"/attainment/{path}{'' if '?' in path else '?'}desk=north"
        lines = b"".join(client.get(address).streaming_content).decode("utf-8-sig").splitlines()
        assert len(lines) > 1, path
        assert "export" in address
        assert not [line for line in lines if ",=1+1" in line]


def test_pauses_are_for_who_reads_the_trail(enter, told):
    """They speak of people."""
    assert enter("coordinator").get("/attainment/pauses/?desk=north").status_code == 403
    assert "Pauses" not in re.findall(r'<nav class="seg[^>]*aria-label="Figures">(.*?)</nav>', html_of(enter("coordinator"), "/attainment/?desk=north"), re.DOTALL)[0]  # fmt: skip


def test_y_confirms_the_selected_row_not_the_first(enter, told, show):
    """Every row has the key; J J Y sends the second one."""
    page, complaints = show(html_of(enter("coordinator"), "/attainment/breaches/?desk=north&confirmed=no"))
    second = page.locator("[data-row] button[data-key=y]").nth(1).get_attribute("value")
    sent = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    for key in "jjy":
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert [f"one={second}" in body for body in sent] == [True]
    assert complaints == []
