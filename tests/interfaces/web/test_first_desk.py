"""A new installation on screen: the first admin finds what to do next, and can do it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.interfaces.office import BY, NOW
from watchbill.apps.core.trail import AuditFilter, audit_page
from watchbill.apps.people import users
from watchbill.apps.people.rights import Role

DESK = {"name": "IT support", "slug": "it", "zone": "Europe/Vienna", "hours": "07:00-19:00", "days": "6"}


@pytest.fixture
def first(db):
    """The first admin, come in by the one-time link; there is no desk."""
    secret = users.link_issue(label="first start", by=BY, now=NOW)
    client = Client()
    client.landing = client.post(f"/link/{secret}/", {"username": "root", "password": "plum-tree-9944"})["Location"]
    return client


def places(client, address):
    """The addresses of the navigation."""
    html = client.get(address).content.decode()
    return re.findall(r'<a[^>]* href="([^"]*)"', html[html.index('<nav class="nav"') : html.index('<nav class="tabs')])


def test_the_first_admin_lands_where_a_desk_is_made(first):
    """No 403: the page has the form, filled with what most desks begin with."""
    assert first.landing == "/desks/"
    answer = first.get("/desks/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Make the first desk" in html
    assert 'value="08:00-18:00"' in html
    assert "P1 and P2 count round the clock" in html


def test_the_navigation_offers_what_opens(first):
    """Every page in it answers 200, before and after there is a desk; what is of a desk comes with the first one."""
    assert places(first, "/desks/") == ["/desks/", "/users/"]
    first.post("/desks/new/", DESK)
    found = places(first, "/desks/")
    assert len(found) > 6
    for address in found:
        assert first.get(address).status_code == 200, address


def test_a_page_of_a_desk_says_that_there_is_none(first):
    """Somebody who may make one is not told that she may not."""
    answer = first.get("/board/")
    assert answer.status_code == 404
    assert "Make the first one on the page Desks" in answer.content.decode()


def test_a_new_desk_says_what_comes_next(first):
    """The command that imports a history names the desk; the act is in the trail."""
    answer = first.post("/desks/new/", DESK, follow=True)
    html = answer.content.decode()
    assert "Next for IT support" in html
    assert "watchbill import FILE --profile servicenow-incidents --desk it" in html
    (made,) = audit_page(AuditFilter(object_ref="it"), desk_ids=None)
    assert made["action"] == "desk_made"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("slug", "Bad Desk!", "Bad Desk!"), ("zone", "Mars/Base", "Mars/Base"), ("hours", "late", "late"),
        ("days", "9", "1 to 7"),
    ],
)  # fmt: skip
def test_what_is_no_desk_is_said_at_its_field(first, field, value, said):
    """422, the input kept, the error where it belongs, and nothing made."""
    answer = first.post("/desks/new/", DESK | {field: value})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="new-{field}-error"' in html
    assert said in html
    assert 'value="IT support"' in html
    assert places(first, "/desks/") == ["/desks/", "/users/"]


def test_a_desk_is_renamed_by_an_admin_of_it_alone(enter):
    """The admin of one desk gives it another name, and neither makes one nor touches another."""
    stranger = enter("stranger")
    assert "New desk" not in stranger.get("/desks/").content.decode()
    assert stranger.post("/desks/south/name/", {"name": "Deep south"}).status_code == 302
    assert "Deep south" in stranger.get("/desks/").content.decode()
    assert stranger.post("/desks/south/name/", {"name": " "}).status_code == 422
    assert stranger.post("/desks/north/name/", {"name": "Mine"}).status_code == 404
    assert stranger.post("/desks/new/", DESK).status_code == 403
    assert enter("manager").get("/desks/").status_code == 403
    (renamed,) = audit_page(AuditFilter(object_ref="south", action="desk_renamed"), desk_ids=None)
    assert (renamed["before"], renamed["after"]) == ({"name": "South"}, {"name": "Deep south"})


def test_without_a_desk_others_find_their_account(db):
    """Somebody who works on desks waits for the first one."""
    users.user_create("zoe", name="Zoe", password="plum-tree-9944", by=BY, now=NOW)
    users.role_grant("zoe", Role.AGENT, by=BY, now=NOW)
    client = Client()
    landing = client.post("/sign-in/", {"username": "zoe", "password": "plum-tree-9944"})["Location"]
    assert landing == "/account/"
    assert client.get(landing).status_code == 200


def test_a_desk_is_closed_and_opened_again_from_the_list(first):
    """Refused while it has open work; closed, it says so in list and switcher; the others go on."""
    first.post("/desks/new/", DESK)
    first.post("/desks/new/", {**DESK, "slug": "two", "name": "Second"})
    assert first.post("/desks/two/close/", {"reason": ""}).status_code == 422
    assert first.post("/desks/two/close/", {"reason": "merged"}).status_code == 302
    html = first.get("/desks/").content.decode()
    assert "Second (closed)" in html
    assert "/desks/two/reopen/" in html
    assert first.post("/desks/two/close/", {"reason": "again"}).status_code == 422
    assert first.post("/desks/two/reopen/", {"reason": "needed"}).status_code == 302
    assert "(closed)" not in first.get("/desks/").content.decode()
    (closed, opened) = [
        event["action"]
        for event in audit_page(AuditFilter(object_ref="two"), desk_ids=None)
        if "desk_" in event["action"]
    ][1::-1]
    assert (closed, opened) == ("desk_closed", "desk_reopened")
