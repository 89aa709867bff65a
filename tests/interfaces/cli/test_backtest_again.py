"""`watchbill backtest` of an answer that was saved: shown again, written again."""

from __future__ import annotations

import json
import sys

import pytest

from tests.flows.backtest.report.answers import answer
from watchbill.engine.base.errors import InvalidFacts, Unavailable


@pytest.fixture
def saved(tmp_path):
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(answer().as_json()), encoding="utf-8")
    return file


def test_a_saved_answer_is_shown_and_written_again(run, saved, tmp_path):
    """Its lines, its page, its document and itself, with neither profile nor history."""
    html, pdf, out = (tmp_path / name for name in ("r.html", "r.pdf", "again.json"))
    lines = run("backtest", saved, "--html", html, "--pdf", pdf, "--out", out)
    folded = "".join(lines.split())  # lines are folded at the terminal's width
    assert "".join(answer().verdict.sentence.split()) in folded
    assert str(pdf) in folded
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert json.loads(out.read_text(encoding="utf-8")) == answer().as_json()
    assert run("backtest", saved, "--json") == answer().as_json()


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "answer.json"), ("{}", "no schema"), ('{"schema": "watchbill.backtest/0"}', "Run the backtest again")],
)
def test_what_is_no_answer_is_refused(run, saved, text, said):
    """The message says what the file is, or where it breaks off."""
    saved.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidFacts, match=said):
        run("backtest", saved)


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    """As for a history."""
    with pytest.raises(InvalidFacts, match=r"none\.json cannot be read"):
        run("backtest", tmp_path / "none.json")


def test_a_pdf_that_cannot_be_made_is_told_before_the_work(run, tmp_path, monkeypatch):
    """Not after minutes of simulation: neither file nor profile is looked at."""
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(Unavailable, match=r"watchbill\[pdf\]"):
        run("backtest", tmp_path / "none.csv", "--profile", "servicenow-incidents", "--pdf", tmp_path / "r.pdf")
