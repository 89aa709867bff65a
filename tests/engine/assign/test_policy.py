"""The policy as a page and a store see it: complete, described, validated."""

import subprocess
import sys
from dataclasses import fields, replace

import pytest

from watchbill.engine.assign.changes import policy_changes
from watchbill.engine.assign.policy import PARAMETERS, Policy
from watchbill.engine.base.errors import InvalidFacts


def test_json_round_trip():
    """What is stored reads back equal, changed values included."""
    policy = Policy(version=4, look_ahead=2.0, is_rebalancing=True, tier_factors={"vip": 3.0})
    assert Policy.from_json(policy.as_json()) == policy


def test_a_stored_version_stays_readable():
    """What a version in force holds beside the known keys is passed over; on entry it is refused."""
    body = {**Policy(look_ahead=2.0).as_json(), "once_known": 3}
    assert Policy.from_json(body, is_stored=True) == Policy(look_ahead=2.0)
    with pytest.raises(InvalidFacts, match="once_known"):
        Policy.from_json(body)


def test_a_version_from_before_a_kind_of_promise_was_known_stays_readable():
    """Stages count with their default then; on entry the table must be whole."""
    body = {**Policy().as_json(), "commitment_weights": {"response": 2.0, "update": 0.5, "resolution": 1.0}}
    read = Policy.from_json(body, is_stored=True)
    assert read.commitment_weights == {"response": 2.0, "update": 0.5, "stage": 0.5, "resolution": 1.0}
    with pytest.raises(InvalidFacts, match="commitment_weights has the keys"):
        Policy.from_json(body)


def test_limits_by_class_are_whole_numbers():
    """Half an item cannot be owned; the key says which class is meant."""
    assert Policy(class_limits={"kind:problem": 3.0}).class_limits == {"kind:problem": 3.0}
    assert Policy.from_json({"class_limits": {"kind:problem": 3}}, is_stored=True).class_limits == {"kind:problem": 3.0}
    with pytest.raises(InvalidFacts, match=r"class_limits.kind:problem = 2.5; expected a whole number"):
        Policy(class_limits={"kind:problem": 2.5})


def test_missing_keys_take_their_default():
    """An empty body is the default policy."""
    assert Policy.from_json({}) == Policy()


def test_every_field_is_described():
    """The page shows each parameter with a title, a unit and one sentence."""
    assert {p.name for p in PARAMETERS} | {"version", "rules"} == {f.name for f in fields(Policy)}
    assert all(p.title and p.unit and p.sentence.endswith(".") for p in PARAMETERS)


@pytest.mark.parametrize(
    ("body", "key", "expected"),
    [
        ({"look_ahead": 0}, "look_ahead", "0.1 to 100"),
        ({"look_ahead": float("nan")}, "look_ahead", "0.1 to 100"),
        ({"look_ahead": "1"}, "look_ahead", "a number"),
        ({"look_ahead": True}, "look_ahead", "a number"),
        ({"handover_min": 1.5}, "handover_min", "a whole number"),
        ({"handover_min": -1}, "handover_min", "0 to 480"),
        ({"look_ahead": 10**400}, "look_ahead", "401 digits; expected a number"),
        ({"handover_min": float("nan")}, "handover_min", "a whole number"),
        ({"handover_min": float("inf")}, "handover_min", "a whole number"),
        ({"is_rebalancing": 1}, "is_rebalancing", "true or false"),
        ({"lookahead": 1}, "lookahead", "one of"),
        ({"tier_factors": 3}, "tier_factors", "a table of numbers"),
        ({"tier_factors": {"gold": 0}}, "tier_factors.gold", "0.01 to 100"),
        ({"tier_factors": {"gold": "x"}}, "tier_factors.gold", "a number"),
        ({"priority_weights": {"1": 8}}, "priority_weights", "expected exactly"),
        (
            {"class_limits": {"kind:changes": 2}},
            "class_limits.kind:changes",
            "is no class of work; .* – did you mean kind:change?",
        ),
        (
            {"class_limits": {"Network": 2}},
            "class_limits.Network",
            "expected category: and its name, or kind: and one of",
        ),
    ],
)
def test_bad_values_are_refused_by_name(body, key, expected):
    """The message names the key and what was expected."""
    with pytest.raises(InvalidFacts, match=expected) as caught:
        Policy.from_json(body)
    assert caught.value.details["key"] == key


MANY = {
    "look_ahead": -5,
    "late_residual": "much",
    "lookahead": 1,
    "breadth_limit": 2.5,
    "needs_skill": "yes",
    "priority_weights": {"1": 0, "2": "4", "3": 2, "4": 1},
    "handover_min": "15",
    "rules": ["when priority is P1 then aks team Core", "when always then ask team Core", "always"],
    "delivered": ["load_kne", "look_ahead"],
}


def test_all_that_is_wrong_is_told_at_once():
    """In the order of the draft, each with its key, its value, what was expected, and what is near."""
    with pytest.raises(InvalidFacts) as refused:
        Policy.from_json(MANY)
    assert [(each["key"], each["message"].rpartition("; ")[2]) for each in refused.value.details["slips"]] == [
        ("look_ahead", "expected 0.1 to 100 (mean touches)"),
        ("late_residual", "expected a number"),
        ("lookahead", "lookahead = 1 is not one of the keys of a policy – did you mean look_ahead?"),
        ("breadth_limit", "expected a whole number of skills"),
        ("needs_skill", "expected true or false – did you mean true?"),
        ("priority_weights.2", "expected a number – did you mean 4, without quotes?"),
        ("handover_min", "expected a number – did you mean 15, without quotes?"),
        ("rules[0]", refused.value.details["slips"][7]["message"]),
        ("rules[2]", refused.value.details["slips"][8]["message"]),
        ("delivered[0]", refused.value.details["slips"][9]["message"]),
    ]
    assert "did you mean ask?" in refused.value.details["slips"][7]["message"]
    assert "expected “when” and a condition" in refused.value.details["slips"][8]["message"]
    assert refused.value.details["slips"][9]["message"].endswith("got 'load_kne' – did you mean load_knee?")


def test_a_count_may_be_a_fraction_in_a_version_from_before():
    """It is refused on entry only."""
    assert Policy.from_json({"breadth_limit": 2.5}, is_stored=True).breadth_limit == 2.5
    assert Policy.from_json({"breadth_limit": 2.0}).breadth_limit == 2.0


def test_what_a_draft_does_not_name_is_as_in_its_base():
    """Unless it is listed under delivered: by name, or all that has no value."""
    base = Policy(load_knee=1.5, load_weight=20.0, needs_skill=False)
    assert Policy.from_json({"load_weight": 30}, base=base) == replace(base, load_weight=30.0)
    assert Policy.from_json({"delivered": ["load_knee"]}, base=base) == replace(base, load_knee=0.7)
    assert Policy.from_json({"load_weight": 30, "delivered": ["all"]}, base=base) == Policy(load_weight=30.0)
    with pytest.raises(InvalidFacts, match="load_knee has a value, and is in “delivered” as well") as refused:
        Policy.from_json({"load_knee": 1, "delivered": ["load_knee"]}, base=base)
    assert refused.value.details["key"] == "delivered[0]"
    with pytest.raises(InvalidFacts, match="delivered: expected a list, got 'all'"):
        Policy.from_json({"delivered": "all"})


def test_everything_that_differs_is_listed():
    """A table number by number, rules as a whole; each in words."""
    before = Policy(class_limits={"kind:change": 3.0})
    rules = ("when priority is P1 then ask team Core",)
    weights = {"1": 8.0, "2": 4.5, "3": 2.0, "4": 1.0}
    after = Policy.from_json({"rules": rules, "needs_skill": False, "priority_weights": weights})
    assert [str(one) for one in policy_changes(before, after)] == [
        "rules: none -> (1) when priority is P1 then ask team Core",
        "priority_weights.2: 4 -> 4.5",
        "class_limits.kind:change: 3 -> none",
        "needs_skill: true -> false",
    ]
    assert policy_changes(before, before) == []


def test_solver_libraries_are_loaded_only_when_something_is_decided():
    """A web process that shows policies and outcomes does not pay for numpy and OR-Tools at start."""
    code = (
        "import sys, watchbill.engine.assign.decide, watchbill.engine.assign.outcome;"
        "print([m for m in ('numpy', 'ortools') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
