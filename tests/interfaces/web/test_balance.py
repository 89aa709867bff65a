"""Balance on screen: the four terms, moves made and unticked, the ledger, and what a desk without work says."""

from __future__ import annotations

import re

import pytest

from tests.interfaces.office import BY
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.apps.decisions.moves import move_list
from watchbill.apps.work.queries import work_get


def moves_of(client, query=""):
    answer = client.get(f"/balance/moves/?desk=north{query}", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_tells_loads_against_hours(busy, enter):
    """Forty hours of backlog for a day of twenty-four: over capacity, with the bar's sentence for those who listen."""
    html = html_of(enter("queue_manager"), "/balance/?desk=north")
    assert (
        "Ann North: 40 h of 40 h of work fall due, for 24 h at work: 0 h of 0 h in progress, 40 h of 40 h backlog"
        in html
    )
    assert re.search(r">167%<", html)
    assert "Incoming work is unknown" in html
    assert "no region" not in html.lower()


@pytest.mark.parametrize("query", ["&hours=4", "&hours=24&by=teams", "&by=skills", "&region=0", "&region=0&after=0:0"])
def test_every_view_opens(busy, enter, query):
    """Horizons, teams, skills and pages by key answer, with or without rows."""
    assert "Balance" in html_of(enter("queue_manager"), f"/balance/?desk=north{query}")


@pytest.mark.parametrize("query", ["&hours=5", "&by=moons", "&region=x", "&region=0&after=nowhere"])
def test_nonsense_in_the_address_is_refused(busy, enter, query):
    """Said at the field, not shown as something else."""
    assert enter("queue_manager").get(f"/balance/?desk=north{query}").status_code == 422


def test_moves_are_offered_unticked_and_made(busy, enter):
    """The strip follows the ticks; making them gives the cases to Bo, and one undo takes all back."""
    client = enter("queue_manager")
    html = moves_of(client)
    keys = re.findall(r'name="move" value="([^"]+)"', html)
    assert len(keys) == 3
    busiest = re.search(r"busiest 167%.*?After 3 moves, busiest (\d+)%", html, re.DOTALL)
    one = moves_of(client, f"&chosen=1&move={keys[0].replace('&gt;', '%3E')}")
    assert int(re.search(r"After 1 move, busiest (\d+)%", one)[1]) > int(busiest[1])
    none = moves_of(client, "&chosen=1")
    assert "Choose a move" in none
    sent = [key.replace("&gt;", ">") for key in keys]
    answer = client.post("/balance/make/?desk=north", {"move": sent, "back": "/balance/"})
    assert answer.status_code == 302
    reference = sent[0].split(":")[0]
    assert work_get(reference, by=BY).owner == "Bo North"
    html = html_of(client, "/balance/?desk=north")
    undo = re.search(r'action="(/cases/acts/\d+/undo/[^"]*)"', html)[1]
    client.post(undo)
    assert work_get(reference, by=BY).owner == "Ann North"
    assert len(move_list(busy.desks["north"])) == 3


def test_what_was_left_is_named(busy, enter):
    """The same moves sent a second time: nothing is done twice, and each says why."""
    client = enter("queue_manager")
    key = re.findall(r'name="move" value="([^"]+)"', moves_of(client))[0].replace("&gt;", ">")
    client.post("/balance/make/?desk=north", {"move": [key]})
    again = client.post("/balance/make/?desk=north", {"move": [key]})
    assert again.status_code == 409
    assert "Not everything was done" in again.content.decode()


def test_agents_see_loads_but_no_buttons_nor_the_ledger(busy, enter):
    """No right, no control: and one's own share is on one's own page."""
    client = enter("ann")
    assert "Fair shares" not in html_of(client, "/balance/?desk=north")
    assert "Make " not in moves_of(client)
    assert client.get("/balance/shares/?desk=north").status_code == 403
    assert "My share of four weeks" in html_of(client, "/me/?desk=north")


def test_the_ledger_is_a_part_and_a_page(busy, enter):
    """With scripts a part of Balance, without a page of its own; both say the definition."""
    client = enter("queue_manager")
    for headers in ({}, {"HX-Request": "true"}):
        html = client.get("/balance/shares/?desk=north", headers=headers).content.decode()
        assert "40 h in" in html
        assert "reopened, three owners or more" in html


def test_a_desk_without_work_says_so(office, enter):
    """Nothing to move, and the reason; nobody is made up."""
    html = moves_of(enter("queue_manager"))
    assert "No move would help" in html


def test_managers_begin_their_day_here(office, enter):
    """The first page of a manager is Balance."""
    assert enter("manager").get("/")["Location"].startswith("/balance/")


def test_managers_are_told_from_the_page(busy, enter):
    """A word is asked for at its field; sent, it stands among the alerts; who may not sees no form."""
    client = enter("queue_manager")
    assert "Alert managers" in html_of(client, "/balance/?desk=north")
    html = html_of(client, "/balance/alert/?desk=north", 422, text=" ", hours="8")
    assert re.search(r'id="alert-text-error">.*Say in 1 to 1,000 characters', html)
    assert problems(html) == []
    assert client.post("/balance/alert/?desk=north", {"text": "<b>Help</b>", "hours": "8"}).status_code == 302
    assert "on Balance" in html_of(client, "/alerts/?desk=north")
    assert "&lt;b&gt;Help" in html_of(client, "/alerts/?desk=north")
    assert "Wait 15 minutes" in html_of(client, "/balance/alert/?desk=north", 409, text="Again", hours="8")
    assert "Alert managers" not in html_of(enter("agent"), "/balance/?desk=north")
