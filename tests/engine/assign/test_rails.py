"""Guard-rails: each holds back what it should, and bad ones are refused."""

from __future__ import annotations

import pytest

from watchbill.engine.assign.rails import GuardRails, held_back
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import Priority

RAILS = GuardRails(per_hour=3, priorities=frozenset({Priority.P3}), people=frozenset({PersonId(1)}))
INSIDE = {"priority": Priority.P3, "person": PersonId(1), "load_ratio": 1.5, "acts_in_hour": 2, "was_undone": False}


def test_inside_every_rail_autopilot_may_act():
    """Nothing is held back without a reason."""
    assert held_back(RAILS, **INSIDE) is None


@pytest.mark.parametrize(
    ("outside", "words"),
    [
        ({"priority": Priority.P1}, "may not give away P1"),
        ({"person": PersonId(2)}, "to this person"),
        ({"acts_in_hour": 3}, "used its 3 acts"),
        ({"was_undone": True}, "a person undid"),
        ({"load_ratio": 1.51}, "over 150 % of her coming week"),
    ],
)
def test_each_rail_holds_back_alone_and_says_why(outside, words):
    """One step outside is enough."""
    assert words in held_back(RAILS, **{**INSIDE, **outside})


def test_no_people_named_means_everybody():
    """An empty list does not lock everybody out."""
    rails = GuardRails(per_hour=3, priorities=frozenset({Priority.P3}))
    assert held_back(rails, **{**INSIDE, "person": PersonId(77)}) is None


def test_rails_survive_the_way_to_json_and_back():
    """What is stored reads back equal; what is missing takes its default, which leaves P1 and P2 to people."""
    assert GuardRails.from_json(RAILS.as_json()) == RAILS
    assert GuardRails.from_json({}) == GuardRails()
    assert GuardRails().priorities == {Priority.P3, Priority.P4}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"per_hour": 0}, "per_hour"),
        ({"per_hour": "many"}, "per_hour"),
        ({"priorities": []}, "priorities"),
        ({"priorities": [5]}, "priorities"),
        ({"people": ["Ana"]}, "people"),
        ({"load_percent": 5}, "load_percent"),
        ({"load_percent": "much"}, "load_percent"),
        ({"peple": [1]}, "peple"),
    ],
)
def test_bad_rails_are_refused_by_name(body, key):
    """The error names the key, so that a form can show it there."""
    with pytest.raises(InvalidFacts, match=key):
        GuardRails.from_json(body)
