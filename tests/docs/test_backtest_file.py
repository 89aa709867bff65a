"""docs/reference/backtest.md names every field of a backtest's file, and no other."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from watchbill.engine.backtest import answer

PAGE = (Path(__file__).parents[2] / "docs/reference/backtest.md").read_text(encoding="utf-8")
SECTIONS = dict(section.split("\n", 1) for section in PAGE.split("\n## ")[1:])
OBJECTS = {
    name: one
    for name, one in vars(answer).items()
    if dataclasses.is_dataclass(one) and one.__module__ == answer.__name__
}


def test_every_object_has_its_section():
    """No object without a section, no section without an object, and the page tells of the present form."""
    assert set(SECTIONS) == set(OBJECTS)
    assert f"`{answer.SCHEMA}`" in PAGE


@pytest.mark.parametrize("name", OBJECTS)
def test_every_field_has_its_line(name):
    """The same fields in the same order."""
    found = re.findall(r"^\| `(\w+)` \|", SECTIONS[name], re.MULTILINE)
    assert found == [one.name for one in dataclasses.fields(OBJECTS[name])]


@pytest.mark.parametrize("name", OBJECTS)
def test_what_may_be_missing_says_so(name):
    """A field that can be null is told to be."""
    for one in dataclasses.fields(OBJECTS[name]):
        line = re.search(rf"^\| `{one.name}` \| (.+?) \|", SECTIONS[name], re.MULTILINE)[1]
        assert ("None" in str(one.type)) == ("null" in line) or str(one.type).startswith("dict"), one.name
