"""Lists as CSV for spreadsheets: no cell of which a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from watchbill.engine.base.cells import text_cell


class _Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def defused(value: object) -> str:
    """Return a cell's text: instants in ISO 8601, nothing as empty, formulas as text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return text_cell(str(value))


def csv_lines(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Give the lines of a CSV file (UTF-8 with its mark, so that spreadsheets read it right), one at a time."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + str(writer.writerow(heading))
    for row in rows:
        yield str(writer.writerow([defused(value) for value in row]))
