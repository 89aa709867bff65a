"""Cells of a spreadsheet: text that it would take for a formula is told to be text."""

from __future__ import annotations

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet calculate a cell (OWASP, CSV injection)."""


def text_cell(text: str) -> str:
    """Return *text* for a cell: with an apostrophe in front if it would be calculated."""
    return f"'{text}" if text.startswith(_STARTS) else text
