"""How an unknown file is written: its encoding and what stands between its values."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

from watchbill.flows.intake.layout import DELIMITERS, BrokenFile, Layout
from watchbill.flows.intake.source import body_open

LOOKED_AT = 1 << 18
"""Bytes from the start that are looked at."""

LINES = 60
EVEN = 0.8
"""Share of lines that must split into as many values as the header."""

BYTE_ORDERS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
LEGACY = "cp1252"
"""Of the encodings with one byte a letter the one that Western European systems write; nothing in a file proves it."""


def layout_sniff(
    path: Path, *, size: int, sheet: str = "", encoding: str = "", delimiter: str = ""
) -> tuple[Layout, str]:
    """Return how the file is written, and how that was seen; what is given is taken. Raises BrokenFile for no text."""
    with body_open(path, size=size) as (_, body, is_book):
        if is_book:
            return Layout(delimiter=",", encoding="utf-8", sheet=sheet), "from a workbook"
        start = body.read(LOOKED_AT)
    found = encoding or encoding_of(path, start)
    text = codecs.getincrementaldecoder(found)(errors="replace").decode(start)
    if sum(not sign.isprintable() and sign not in "\t\r\n\x85\xa0\ufeff" for sign in text) > len(text) / 50:
        raise BrokenFile(
            path, "This is not a text file.", expected="CSV, plain or in gzip or zip, or a workbook (.xlsx)"
        )
    mark = delimiter or delimiter_of(text)
    named = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "vertical bars"}.get(mark, repr(mark))
    doubt = (
        " (no valid UTF-8; nothing proves which of the older encodings it is)"
        if found == LEGACY and not encoding
        else ""
    )
    return Layout(delimiter=mark, encoding=found), f"text in {found}{doubt}, {named} between the values"


def encoding_of(path: Path, start: bytes) -> str:
    """Return the encoding of the bytes that a file starts with."""
    for mark, name in BYTE_ORDERS:
        if start.startswith(mark):
            return name
    nulls = start[:2_000].count(0)
    if nulls:
        for name, place in (("utf-16-le", 1), ("utf-16-be", 0)):
            if start[place:2_000:2].count(0) == nulls > len(start[:2_000]) / 4:
                return name
        raise BrokenFile(
            path, "This is not a text file.", expected="CSV, plain or in gzip or zip, or a workbook (.xlsx)"
        )
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return LEGACY
    return "utf-8"


def delimiter_of(text: str) -> str:
    """Return what splits the first lines into most values, as many on each; a comma when nothing does."""
    lines = text.splitlines(keepends=True)
    lines = (lines[:-1] or lines)[:LINES]
    best, widest = DELIMITERS[0], 1
    for mark in DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=mark) if row]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        if width > widest and sum(len(row) == width for row in rows) >= EVEN * len(rows):
            best, widest = mark, width
    return best
