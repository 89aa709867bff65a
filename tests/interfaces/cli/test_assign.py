"""Who could take an item, at the console."""

import json

import pytest

from tests.interfaces.office import BY, NOW
from watchbill.apps.decisions.services import mode_set
from watchbill.engine.base.errors import InvalidFacts, NotFound


def test_every_person_is_listed_with_her_score_or_each_rule_that_she_fails(run, office):
    """In words and as JSON; the short form says the same."""
    reference = office.item()
    told = run("assign", "explain", reference, "--json")
    assert told["reference"] == reference
    assert {one["name"] for one in told["considered"]} >= {"Ann North"}
    for one in told["considered"]:
        assert one["may_take"] == (one["score"] is not None) == (not one["failed"])
        assert one["person"].startswith("PER-")
    short = run("assign", "--explain", reference, "--json")
    assert short["considered"] == told["considered"]
    lines = run("assign", "--explain", reference)
    assert lines.startswith(f"{reference}: ")
    assert all(one["name"] in lines for one in told["considered"])


def test_a_draft_is_tried_beside_the_policy_in_force(run, office, tmp_path):
    """Who, why and who is left out under both; a slip is refused with its place; nothing is written."""
    reference, draft = office.item(), tmp_path / "draft.toml"
    draft.write_text('rules = ["when always then never (\\"Ann North\\")"]')
    told = run("assign", "try", "--item", reference, "--policy", str(draft), "--json")
    assert told["reference"] == reference
    assert "is_asked_for" in {one["rule"] for one in told["on_trial"]["rejected"]}
    assert "is_asked_for" not in {one["rule"] for one in told["in_force"]["rejected"]}
    lines = run("assign", "try", "--item", reference, "--policy", str(draft))
    assert "nothing was written" in lines
    assert "left out by rule 1 of the policy" in lines
    draft.write_text('rules = ["when always then never Anna"]')
    with pytest.raises(
        InvalidFacts, match=r"rule 1: “never Anna” names the person “Anna”.*\(draft.toml, line 1, column 11\)"
    ):
        run("assign", "try", "--item", reference, "--policy", str(draft))


TOML = """# a draft
rules = [
  "when always then never \\"Ann North\\"",
  'when always then prefer person "Ann North" by 5',
  "when always then never \\"Ann North\\", aks team Core",
]
"""


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("draft.toml", TOML, "line 5, column 42"),
        (
            "draft.json",
            '{"rules": ["when always then never \\"Ann North\\"",\n "always", "always"]}',
            "line 2, column 13",
        ),
        ("draft.json", '{"rules": ["when alw\\u0061ys then"]}', "line 1, column 34"),
    ],
)
def test_a_slip_in_a_rule_is_said_with_its_place_in_the_file(run, office, tmp_path, name, text, place):
    """Line and column in the file beside the character of the sentence; in every command that takes one."""
    reference, draft = office.item(), tmp_path / name
    draft.write_text(text)
    for command in (
        ("assign", "try", "--item", reference, "--policy", str(draft)),
        ("assign", "dry-run", "--desk", "north", "--policy", str(draft)),
        ("policy", "publish", "assign", str(draft), "--desk", "north", "--reason", "test"),
    ):
        with pytest.raises(InvalidFacts, match="rule [123] \\(“.*”\\): at character") as refused:
            run(*command)
        assert refused.value.message.endswith(f" ({name}, {place})")


SLIPS = """# twelve
version = 99
look_ahead = -5   # early
"late_residual" = 'much'
  loadknee = 1
rules = [
  "when always then ask team Core2",  # a comment, with "quotes", and a ]
  '''when always
     then aks team Core''',
]
needs_skill = "yes"
class_limits = { "kind:chang" = 2, 'category:Net.work' = 1.5 }
[priority_weights]
1 = 8
2 = 'x'
3 = 2
4 = 0
"""


def test_all_slips_of_a_file_are_told_in_its_order(run, office, tmp_path):
    """Each with line and column; so of standard input, and of the same draft in JSON."""
    reference = office.item()
    (tmp_path / "slips.toml").write_text(SLIPS)
    with pytest.raises(InvalidFacts) as refused:
        run("assign", "try", "--item", reference, "--policy", str(tmp_path / "slips.toml"))
    slips = refused.value.details["slips"]
    assert [(slip["key"], slip["line"], slip["column"]) for slip in slips] == [
        ("version", 2, 1), ("look_ahead", 3, 1), ("late_residual", 4, 1), ("loadknee", 5, 3), ("rules[0]", 7, 4),
        ("rules[1]", 9, 11), ("needs_skill", 11, 1), ("class_limits.kind:chang", 12, 18),
        ("class_limits.category:Net.work", 12, 36), ("priority_weights.2", 15, 1),
    ]  # fmt: skip
    assert refused.value.message.splitlines()[1] == (
        "look_ahead = -5.0; expected 0.1 to 100 (mean touches) (slips.toml, line 3, column 1)"
    )
    body = json.dumps({"look_ahead": "-5", "rules": ["always", "when always then"], "tier_factors": {"a": 0}}, indent=1)
    with pytest.raises(InvalidFacts) as refused:
        run("assign", "dry-run", "--desk", "north", "--policy", "-", text=body)
    assert [(slip["key"], slip["line"], slip["column"]) for slip in refused.value.details["slips"]] == [
        ("look_ahead", 2, 2), ("rules[0]", 4, 4), ("rules[1]", 5, 20), ("tier_factors.a", 8, 3),
    ]  # fmt: skip


def test_an_item_that_does_not_exist_is_said(run, office):
    """As everywhere: there is no such item."""
    with pytest.raises(NotFound):
        run("assign", "--explain", "CASE-1")
    assert "explain" in run("assign")


def test_what_is_next_is_shown_and_taken(run, office):
    """For a person by name, or for the user who asks; --take gives her the first that she may pick."""
    mode_set(office.queues["Mail"], mode="pull", reason="test", by=BY, now=NOW)
    reference = office.item()
    told = run("next", "--person", "Ann North", "--desk", "north", "--json")
    assert [(one["reference"], one["is_own"]) for one in told["next"]] == [(reference, False)]
    assert f"1. {reference} P3 to pick" in run("next", "--as", "ann")
    assert run("next", "--as", "ann", "--take", "--json")["reference"] == reference
    assert "her own" in run("next", "--as", "ann")
    with pytest.raises(NotFound, match="Nothing waits"):
        run("next", "--as", "ann", "--take", "--item", reference)
    with pytest.raises(InvalidFacts, match="Say whose"):
        run("next")
