"""Partners on their page: who they are, what they take, and forms for those who may."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.apps.people.partners import partner_add, partner_get, partner_list
from watchbill.flows.act.bulk import Passing, items_pass

WHERE, NEW = "/partners/?desk=north", "/partners/new/?desk=north"
SENT = {
    "name": "Halden Field", "least_priority": "2", "categories": "Router\nDisk", "at_once": "4", "most": "16",
    "lead_min": "120", "price": "440", "currency": "eur", "email": "dispatch@halden.example", "note": "Contract 7",
}  # fmt: skip


def body_of(html):
    """What the page holds without its frame."""
    return html.split("<main")[1].split("</main>")[0]


@pytest.fixture
def halden(office):
    return partner_add(
        office.desks["north"], name="Halden Field", categories=["Disk", "Router"], at_once=4, most=16, lead_min=150,
        price=Decimal(440), currency="EUR", email="dispatch@halden.example", by=BY, now=NOW,
    )  # fmt: skip


def test_without_a_partner_the_page_says_what_one_is_for(enter):
    """Who may not name one is told who may, and gets no form; who may has it open before her."""
    looking = html_of(enter("agent"), WHERE)
    assert "No partner yet" in looking
    assert "outside firm that does work for this desk" in looking
    assert "dministrator or manager may name one here" in looking
    assert "<form" not in body_of(looking)
    client = enter("manager")
    page = html_of(client, WHERE)
    assert re.search(r'<details class="more" id="form-new" open>', page)
    assert problems(page) == []
    for address in ("/people/?desk=north", "/palette/?desk=north&q=partn"):
        assert '"/partners/?desk=north"' in html_of(client, address)


def test_a_partner_is_named_on_its_page(enter, office):
    """All of it stands in the list as it was said, for everybody who sees people."""
    client = enter("manager")
    assert client.post(NEW, SENT).status_code == 302
    (row,) = partner_list(office.desks["north"])
    assert (row.categories, row.lead_min, str(row.price), row.currency) == (("Disk", "Router"), 120, "440.00", "EUR")
    page = html_of(client, WHERE)
    assert problems(page) == []
    looking = html_of(enter("agent"), WHERE)
    for said in (
        "Halden Field", "P2, P3 and P4", "Disk, Router", "2 h after it is asked", "440.00 EUR",
        'href="mailto:dispatch@halden.example"', "Contract 7",
    ):  # fmt: skip
        assert said in page
        assert said in looking
    assert "Change Halden Field" in page
    assert "<form" not in body_of(looking)
    assert "Halden Field: named" in page


def test_a_category_that_no_case_has_is_told(enter, office, halden):
    """It would take nothing of it for ever, silently; a retired one is left alone."""
    office.item(category="Disk")
    office.item(category="Routers")
    client = enter("manager")
    page = html_of(client, WHERE)
    assert "No case of this desk has the category “Router”; did you mean “Routers”?" in page
    assert "category “Disk”" not in page
    client.post(f"/partners/{halden}/activity/?desk=north", {"version": 1, "is_active": 0, "reason": "ended"})
    assert "No case of this desk" not in html_of(client, WHERE)


def test_what_a_partner_has_now_stands_beside_what_it_takes(enter, office, halden):
    """As long as it waits there."""
    passed = Passing(
        reference=office.item(), partner_id=halden, partner="Halden Field", ask_at=NOW + timedelta(hours=2), text=""
    )
    assert "has 1 now" not in html_of(enter("agent"), WHERE)
    items_pass(office.desks["north"], [passed], what="Halden Field", by=BY, now=NOW)
    assert "has 1 now" in html_of(enter("agent"), WHERE)


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(enter, office):
    """What cannot be read and what makes no sense alike, each with its reason; the form is open again."""
    client = enter("manager")
    wrong = {**SENT, "at_once": "many", "lead_min": "", "price": "cheap", "email": "x"}
    page = html_of(client, NEW, 422, **wrong)
    assert problems(page) == []
    for field, said in (
        ("at_once", "Items it works on at once must be a whole number"), ("lead_min", "Minutes until it begins is missing"),
        ("price", "A price is a number such as 85 or 85.50"), ("email", "A mail address looks like"),
    ):  # fmt: skip
        assert f'id="new-{field}-error"><span class="vh">Error: </span>{said}' in page
        assert f'<a href="#new-{field}">{said}' in page
    assert re.findall(r'<a href="#new-(\w+)">', page) == ["at_once", "lead_min", "price", "email"]  # as on the page
    assert 'value="many"' in page
    assert "Router\nDisk</textarea>" in page
    page = html_of(client, NEW, 422, **{**SENT, "at_once": "17", "currency": "", "email": "x"})
    for said in ("cannot work on 17 at once when it takes 16", "in which currency", "looks like dispatch@"):
        assert page.count(said) == 2  # at its field, and above
    assert partner_list(office.desks["north"]) == []


def test_a_partner_is_changed_by_one_at_a_time(enter, halden):
    """The second is shown what the first set, and chooses; "use mine" goes through."""
    client, where = enter("manager"), f"/partners/{halden}/?desk=north"
    assert client.post(where, {**SENT, "version": 1, "most": "20"}).status_code == 302
    clash = html_of(client, where, 409, version=1, **{**SENT, "most": "9"})
    assert "changed the partner Halden Field since you opened the page" in clash
    assert re.search(r"Open items at most</th><td>20</td><td>9</td>", clash)
    assert problems(clash) == []
    mine = dict(re.findall(r'name="(\w+)" value="([^"]*)"', clash.split("Use mine")[0].split('class="conflict"')[1]))
    assert client.post(where, mine).status_code == 302
    row = partner_get(halden)
    assert (row.most, row.version, row.categories) == (9, 3, ("Disk", "Router"))
    assert "Nothing was different" in html_of(client, where, 302, version=3, **{**SENT, "most": "9"}) + html_of(
        client, WHERE
    )


def test_a_name_that_is_taken_is_said_at_the_name(enter, office, halden):
    """Of a new one and of a changed one, as any other slip."""
    client = enter("manager")
    other = partner_add(office.desks["north"], name="Nightferry", at_once=1, most=1, lead_min=0, by=BY, now=NOW)
    assert 'id="new-name-error"' in html_of(client, NEW, 422, **SENT)
    page = html_of(client, f"/partners/{other}/?desk=north", 422, version=1, **SENT)
    assert f'id="edit-{other}-name-error"' in page
    assert "called Halden Field already" in page
    assert f'<details class="more" id="form-edit-{halden}">' in page


def test_a_partner_is_retired_and_used_again(enter, halden):
    """With a reason; the list shows it as retired, and it comes back as it was."""
    client, where = enter("manager"), f"/partners/{halden}/activity/?desk=north"
    assert "Say why, in a few words" in html_of(client, where, 422, version=1, is_active=0, reason=" ")
    assert client.post(where, {"version": 1, "is_active": 0, "reason": "ended"}).status_code == 302
    page = html_of(client, WHERE)
    assert '<span class="chip line">retired</span>' in page
    assert "Use Halden Field again" in page
    assert html_of(client, where, 409, version=1, is_active=1, reason="back")
    assert client.post(where, {"version": 2, "is_active": 1, "reason": "back"}).status_code == 302
    assert partner_get(halden).is_active


def test_a_partner_of_another_desk_is_none(enter, halden):
    """Neither its page nor its forms say that it is there."""
    stranger = enter("stranger")
    for address in (f"/partners/{halden}/", f"/partners/{halden}/activity/"):
        answer = stranger.post(address, {**SENT, "version": 1, "reason": "x"})
        assert (answer.status_code, "Halden" in answer.content.decode()) == (404, False)
    assert enter("agent").post(f"/partners/{halden}/?desk=north", {**SENT, "version": 1}).status_code == 403
    assert partner_get(halden).version == 1


def test_the_trail_says_it_in_words(enter, halden):
    """What was done to which partner, with the fields as its page calls them."""
    client = enter("manager")
    client.post(f"/partners/{halden}/?desk=north", {**SENT, "version": 1, "least_priority": "3", "lead_min": "60"})
    trail = body_of(html_of(enter("admin"), "/audit/?desk=north&kind=partner"))
    for said in (
        "named a partner", "changed a partner", "Partner Halden Field", "Most urgent priority",
        "Minutes until it begins", "P3",
    ):  # fmt: skip
        assert said in trail


def test_the_page_takes_the_same_queries_for_any_number_of_partners(office, enter):
    """No partner adds a query."""
    client, counts = enter("manager"), []
    partner_add(office.desks["north"], name="First", categories=["C"], at_once=1, most=1, lead_min=0, by=BY, now=NOW)
    client.get(WHERE)
    for turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            html_of(client, WHERE)
        counts.append(len(queries))
        for number in range(5):
            partner_add(
                office.desks["north"], name=f"P {turn} {number}", categories=[f"C {number}"], at_once=1, most=1,
                lead_min=0, by=BY, now=NOW,
            )  # fmt: skip
    assert counts[0] == counts[1]
