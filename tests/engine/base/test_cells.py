"""Cells of a spreadsheet."""

from __future__ import annotations

import pytest

from watchbill.engine.base.cells import text_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_what_a_spreadsheet_would_calculate_is_told_to_be_text(start):
    """An apostrophe stands before it; the text itself stays as it is."""
    assert text_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "1+1", "a=b", " =1"])
def test_other_text_stays_as_it_is(text):
    """Only the first character makes a formula."""
    assert text_cell(text) == text
