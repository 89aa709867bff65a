"""What pages say of a team without a calendar: nobody's hours are known."""

from __future__ import annotations

import pytest

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.apps.shifts.models import UsualHours
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.tick import tick_desk


@pytest.fixture
def timeless(office):
    """One case waits, one lies with Ann; nobody's hours are known."""
    UsualHours.objects.all().delete()
    item_assign(office.item(), office.people["Ann North"], by=BY, now=NOW)
    waits = office.item()
    tick_desk(office.desks["north"], NOW)
    return office, waits


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("board", "Board"),
        ("balance", "no hours known"),
        ("risk", "Risk"),
        ("stuck", "Stuck"),
        ("traffic", "No region goes home soon"),
        ("people", "0 of 2 people at work now"),
    ],
)
def test_every_page_opens_and_says_that_nobody_is_there(timeless, enter, where, said):
    """Nothing falls over, and the reason stands where somebody looks for it."""
    html = html_of(enter("queue_manager"), f"/{where}/?desk=north")
    assert problems(html) == []
    assert said in html


def test_the_card_of_a_case_says_why_nobody_can_take_it(timeless, enter):
    """The whole reason, as assignment gave it."""
    html = html_of(enter("queue_manager"), f"/cases/{timeless[1]}/?desk=north")
    assert "working hours are known" in html
