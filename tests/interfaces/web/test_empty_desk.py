"""A house just set up: every page of routing, balance and risk says what to do next, and draws nothing of nothing."""

from __future__ import annotations

import pytest

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from tests.interfaces.web.test_first_desk import DESK, first
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.services import person_create
from watchbill.flows.assign.tick import tick_desk

__all__ = ["first"]

EMPTY = {
    "/board/": "Nobody is on this desk yet",
    "/balance/": "Nobody has work or hours here",
    "/risk/": "No model of this desk yet",
    "/stuck/": "Nothing is stuck",
    "/traffic/": "No region goes home soon",
    "/policies/": "as delivered",
    "/policies/learned/": "Nobody has answered a proposal",
    "/alerts/": "Nothing has been out of the usual",
    "/people/": "Nobody here yet",
    "/people/regions/": "No region yet",
    "/partners/": "No partner yet",
    "/queues/": "No queue yet",
    "/me/": "No work can be yours yet",
}


def made(first):
    first.post("/desks/new/", DESK)
    desk_id = desk_get("it", by=BY).id
    tick_desk(desk_id, NOW)
    return desk_id


@pytest.mark.parametrize(("address", "said"), EMPTY.items())
def test_a_desk_with_nobody_but_the_admin(first, address, said):
    """What is missing is named; no chart stands there."""
    made(first)
    html = html_of(first, address)
    assert said in html
    assert problems(html) == []
    assert "Due within a day" not in html


def test_a_desk_with_one_person_whose_hours_nobody_knows(first):
    """Each page opens; Balance draws no line along zero; the Board no longer says that nobody is there."""
    desk_id = made(first)
    ann = person_create(desk_id, name="Ann Only", by=BY, now=NOW)
    tick_desk(desk_id, NOW)
    for address in (*EMPTY, f"/people/{ann}/"):
        assert problems(html_of(first, address)) == []
    assert "No case is open on this desk" in html_of(first, "/board/")
    balance = html_of(first, "/balance/")
    assert "Nobody has work or hours here" in balance
    assert "Due within a day" not in balance
    assert "no hours known" in html_of(first, f"/people/{ann}/")
