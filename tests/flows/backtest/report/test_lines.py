"""The report in a terminal."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from tests.flows.backtest.report.answers import answer, hostile
from tests.flows.backtest.report.test_html import KINDS
from watchbill.engine.backtest.answer import Grade
from watchbill.flows.backtest.report.lines import lines_of


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_it_fits_the_terminal(kind, width):
    """No line is wider than the terminal, and all of it fits two small screens."""
    lines = lines_of(KINDS[kind]().as_json(), width, False)
    assert [line for line in lines if len(line) > width] == []
    assert len(lines) <= (40 if width >= 100 else 60)


def test_a_plain_terminal_gets_plain_letters():
    """Names in any script become question marks, never an error; nothing recolours or turns the lines."""
    made = replace(answer(), warnings=("Équipe 中文 \u2212 1",))
    lines = lines_of(made.as_json(), 100, True)
    assert all(line.isascii() for line in lines)
    assert "Warning: ?quipe ?? - 1" in lines
    signs = set("".join(lines_of(hostile().as_json(), 100, False)))
    assert not {sign for sign in signs if unicodedata.category(sign) == "Cc"}
    assert "\u202e" not in signs


def test_wide_letters_keep_the_columns():
    """A name of letters that take two columns stands in the same columns as others."""
    made = answer(policies=2)
    wide = replace(made, policies=(replace(made.policies[0], name="東京の方針"), made.policies[1]))
    lines = lines_of(wide.as_json(), 100, False)
    first, second = (next(line for line in lines if line[2:].startswith(name)) for name in ("東京", "as is (fifo)"))
    assert first.index("84.2%") + 5 == second.index("84.9%")


def test_grade_c_is_the_first_thing_read():
    """Before any figure."""
    lines = lines_of(answer(Grade.C).as_json(), 80, False)
    assert lines[0] == "*" * 80
    assert lines[1].startswith("ILLUSTRATIVE ONLY")
    assert not any("ILLUSTRATIVE" in line for line in lines_of(answer().as_json(), 80, False))


def test_figures_of_the_answer_are_there():
    """Attainment with its interval, by priority, regret, ceiling, where the ranking flips, and where the files are."""
    text = "\n".join(lines_of(answer().as_json(), 140, False, ["out/report.html"]))
    for said in ("93.4%  92.7 to 94.2", "+8.5 better", "nobody could have kept more than 97.4%",
                 "earliest due comes before Watchbill", "Written: out/report.html", "better in 29 of 30 replications"):  # fmt: skip
        assert said in text


def test_the_best_policy_is_listed_even_when_it_is_the_last():
    """Of twenty policies ten are shown, the best among them."""
    lines = lines_of(answer(policies=20).as_json(), 120, False)
    assert any(line.startswith("* Watchbill") for line in lines)
    assert "  and 10 policies more in the files" in lines
