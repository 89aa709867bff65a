"""What overrides teach, as a page, by command and by API."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.answered import answered
from tests.interfaces.office import NOW
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of


@pytest.fixture
def taught(office):
    """66 changes from Ann to Bob of the desk north."""
    item = office.item()
    ann, bob = list(office.people.values())[:2]
    answered(item, chosen=ann, other=bob, now=NOW)
    return item


def test_the_page_says_what_stands_out_and_sets_it_aside(enter, taught):
    """The change, its effect, the cases; without a reason it is refused in its place; with one it stands below."""
    client = enter("admin")
    page = html_of(client, "/policies/learned/?desk=north")
    assert problems(page) == []
    assert "Raise “Worked on it before” from 12 to 18" in page
    assert taught in page
    sent = {"key": "weight:continuity", "reason": " "}
    refused = client.post("/policies/learned/aside/?desk=north", sent)
    assert refused.status_code == 422
    assert 'href="#f-reason-weight-continuity">Say why it is set aside' in refused.content.decode()
    assert 'aria-describedby="f-reason-weight-continuity-error"' in refused.content.decode()
    assert client.post("/policies/learned/aside/?desk=north", {**sent, "reason": "A pilot"}).status_code == 302
    page = html_of(client, "/policies/learned/?desk=north")
    assert "Set aside (1)" in page
    assert "A pilot" in page
    assert "Nothing stands out" in page
    client.post("/policies/learned/back/?desk=north", {"key": "weight:continuity"})
    assert "Set aside (1)" not in html_of(client, "/policies/learned/?desk=north")


def test_what_only_a_longer_period_shows_is_set_aside_there(enter, office, api):
    """The page stays with its period; by API and command the days are said."""
    ann, bob = list(office.people.values())[:2]
    answered(office.item(), chosen=ann, other=bob, now=NOW - timedelta(days=200))
    client, here = enter("admin"), "/policies/learned/?days=365&desk=north"
    page = html_of(client, here)
    (aside,) = set(re.findall(r'action="([^"]*learned/aside/[^"]*)"', page.replace("&amp;", "&")))
    answer = client.post(aside, {"key": "weight:continuity", "reason": "A pilot"})
    assert (answer.status_code, "days=365" in answer.headers.get("Location", "")) == (302, True)
    assert "Set aside (1)" in html_of(client, answer.headers["Location"])
    body = {"desk": "north", "key": "weight:continuity"}
    assert api("chief").post("/learned/back", body)[0] == 200
    assert api("chief").post("/learned/aside", {**body, "reason": "A pilot"})[0] == 404
    assert api("chief").post("/learned/aside", {**body, "reason": "A pilot", "days": 365})[0] == 200


def test_a_desk_without_answers_says_what_to_do(enter, office):
    """An empty page leads on."""
    page = html_of(enter("admin"), "/policies/learned/?desk=north")
    assert "Nobody has answered a proposal in 90 days" in page
    assert problems(page) == []


def test_who_may_only_read_gets_no_buttons(enter, taught):
    """The finding is shown; setting aside is not offered."""
    page = html_of(enter("auditor"), "/policies/learned/?desk=north")
    assert "Raise “Worked on it before”" in page
    assert "learned/aside" not in page


def test_it_says_per_queue_how_many_answers_there_are(office, enter):
    """Where nothing stands out: from how many answers a queue is tested, and how many each has."""
    ann, bob = list(office.people.values())[:2]
    answered(office.item(), chosen=ann, other=bob, now=NOW, many=3)
    html = html_of(enter("admin"), "/policies/learned/?desk=north")
    assert "in a queue with 20 answers or more, a person beside 20 in others" in html
    assert "Now: Mail 3." in html
