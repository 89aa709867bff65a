"""Who could take an item, at the console."""

import pytest

from watchbill.engine.base.errors import NotFound


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


def test_an_item_that_does_not_exist_is_said(run, office):
    """As everywhere: there is no such item."""
    with pytest.raises(NotFound):
        run("assign", "--explain", "CASE-1")
    assert "explain" in run("assign")
