"""A saved answer read back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.backtest.report.answers import answer, hostile
from watchbill.engine.backtest.answer import SCHEMA, Answer, Grade
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.backtest.report.page import html_of
from watchbill.flows.backtest.report.saved import answer_from_json, cleaned, cleaned_all

ANSWERS = [
    answer(),
    answer(Grade.C, is_single=True),
    answer(has_bound=False, has_sweep=False),
    answer(without_p1=True),
    hostile(),
]


@pytest.mark.parametrize("made", ANSWERS)
def test_a_file_read_back_is_the_answer(made):
    """Written, read and written again it is the same; so is the report of it."""
    saved = json.loads(json.dumps(made.as_json()))
    assert answer_from_json(saved).as_json() == made.as_json()
    assert html_of(saved) == html_of(made.as_json())


@pytest.mark.parametrize(
    ("schema", "said"),
    [("watchbill.backtest/0", "the schema 'watchbill.backtest/0'"), (None, "no schema"), (7, "the schema '7'")],
)
def test_another_schema_is_refused(schema, said):
    """The message says which one it is, which one is read, and what to do."""
    with pytest.raises(InvalidFacts, match=said) as caught:
        answer_from_json(answer().as_json() | {"schema": schema})
    assert SCHEMA in caught.value.message
    assert "Run the backtest again" in caught.value.message


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("twin", "grade"), "D", "answer.twin.grade should be one of A, B, C, and is 'D'"),
        (("seed",), "7", "answer.seed should be int"),
        (("seed",), True, "answer.seed should be int"),
        (("measured", "weeks"), float("nan"), "answer.measured.weeks should be a number"),
        (("policies",), {}, "answer.policies should be a list"),
        (("twin", "trained"), ["2016-01-01"], "answer.twin.trained should be a list of 2"),
        (("bound",), 3, "answer.bound should be an object"),
        (("policies", 0, "interval", 0), "x", r"answer.policies\[0\].interval\[0\] should be a number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(place, value, said):
    """A file that somebody has changed by hand says where."""
    saved = answer().as_json()
    inside = saved
    for name in place[:-1]:
        inside = inside[name]
    inside[place[-1]] = value
    with pytest.raises(InvalidFacts, match=said):
        answer_from_json(saved)


def test_a_missing_field_is_named():
    """Only what has a default may be left out."""
    saved = answer().as_json()
    del saved["seconds"]
    assert answer_from_json(saved) == replace(answer_from_json(answer().as_json()), seconds={})
    del saved["verdict"]
    with pytest.raises(InvalidFacts, match="answer.verdict is missing"):
        answer_from_json(saved)


@pytest.mark.parametrize("value", [[], "x", None, 3])
def test_what_is_no_object_is_refused(value):
    """A list or a word is no answer."""
    with pytest.raises(InvalidFacts, match="no schema"):
        answer_from_json(value)


@given(st.text())
def test_cleaned_text_is_one_line_that_every_document_may_hold(text):
    """As long as before, printable in a terminal, and clean already when cleaned again."""
    found = cleaned(text)
    assert len(found) == len(text)
    assert cleaned(found) == found
    assert not any(ord(sign) < 32 or sign in "\x7f\u202e\u2066\ufffe" for sign in found)
    found.encode()


def test_names_of_policies_are_cleaned_alike():
    """A name is a key in one place and a value in another: both stay the same name."""
    assert cleaned_all({"a\n": ["a\n", {"b\x1b": 1.5}]}) == {"a ": ["a ", {"b\ufffd": 1.5}]}
    assert isinstance(answer_from_json(cleaned_all(hostile().as_json())), Answer)
