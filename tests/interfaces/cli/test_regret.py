"""`watchbill regret`: a past day at the terminal, in words and as JSON, kept and asked for anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interfaces.office import BY, NOW
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state

BEGUN = NOW - timedelta(hours=20)
"""Sunday, 13:00."""


@pytest.fixture
def sunday(office):
    """A P1 of four hours that nobody touched while Ann and Bo were there, and a P2 that Ann did in an hour."""
    missed = office.item(now=BEGUN - timedelta(hours=5), priority=1, title="All is down")
    kept = office.item(now=BEGUN, priority=2)
    item_assign(kept, office.people["Ann North"], version=1, by=BY, now=BEGUN)
    item_state(kept, State.RESOLVED, version=2, by=BY, now=BEGUN + timedelta(hours=1))
    return missed


def test_yesterday_in_words_and_as_json(run, sunday):
    """The P1 could have been kept; the same stands in the kept result, which is not made twice."""
    told = run("regret", "yesterday", "--desk", "north")
    for said in (
        "2026-03-01 (UTC)",
        "2 promises ran out on this day, 1 was kept",
        "1 more could have been kept",
        "Could have been kept",
        sunday,
        "not done yet",
        "Effort is not recorded",
    ):
        assert said in told
    found = run("regret", "2026-03-01", "--desk", "north", "--json")
    assert (found["state"], found["day"]) == ("done", "2026-03-01")
    assert (found["result"]["schema"], found["result"]["whole"]["savable"]) == ("watchbill.regret/1", 1)
    assert found["result"]["cases"][0]["title"] == "All is down"
    again = run("regret", "2026-03-01", "--desk", "north", "--anew", "--json")
    assert again["reference"] != found["reference"]
    assert again["result"] == found["result"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-03-02", "is not over"),
        ("2026-02-01", "There is no history of 1 February 2026"),
        ("soon", "Expected a day such as"),
    ],
)
def test_a_day_that_cannot_be_told_is_refused(run, sunday, day, said):
    """In a sentence."""
    with pytest.raises(InvalidFacts, match=said):
        run("regret", day, "--desk", "north")
