"""The report as a document."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest

from tests.flows.backtest.report.answers import answer
from tests.flows.backtest.report.test_html import KINDS
from watchbill.engine.base.errors import Unavailable
from watchbill.flows.backtest.report.page import chart_style
from watchbill.flows.backtest.report.pdf import pdf_of


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_tagged_document_of_a_few_pages(kind):
    """Whatever stands in the names, typst sets it: a tagged PDF of two to eight pages."""
    made = pdf_of(KINDS[kind]().as_json())
    assert made.startswith(b"%PDF-")
    assert b"/MarkInfo" in made
    assert 2 <= int(re.search(rb"/Count (\d+)", made)[1]) <= 8


@pytest.mark.parametrize("name", ["中文 東京", "👩\u200d💻", "\U000f0000", "שלום", "नमस्ते", "x" * 400, ""])
def test_letters_without_a_font_are_no_reason_to_give_up(name):
    """A name in any script, of any length, is set with the fonts there are."""
    made = answer(name=name)
    policies = (replace(made.policies[0], name=name), *made.policies[1:])
    odd = replace(made, policies=policies, warnings=(name,), verdict=replace(made.verdict, best=name))
    assert pdf_of(odd.as_json()).startswith(b"%PDF-")


def test_charts_bring_their_colours():
    """A drawing outside of a page has no tokens: every value is in place."""
    assert "var(" not in chart_style()
    assert ".k-best { fill: #0b5ea8; stroke: #fcfdfd;" in chart_style()


def test_without_typst_the_way_out_is_said(monkeypatch):
    """The extra is named, and the report that needs none."""
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(Unavailable, match=r"watchbill\[pdf\].*HTML"):
        pdf_of(answer().as_json())


def test_same_answer_same_file():
    """Made again from the saved answer, the document is the same to the byte."""
    assert pdf_of(answer().as_json()) == pdf_of(answer().as_json())
