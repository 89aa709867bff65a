"""A sheet of a workbook (.xlsx) as the same stream of rows that a text file gives."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from xml.etree.ElementTree import ParseError

from watchbill.engine.intake.rows import TEXT_LIMIT
from watchbill.flows.intake.layout import BrokenFile, Layout, header_checked

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

DAMAGE = (
    zipfile.BadZipFile, ParseError, zlib.error, struct.error, EOFError, OSError, ValueError, KeyError, IndexError, TypeError,
    AttributeError, NotImplementedError,
)  # fmt: skip
"""How the library says that a part is missing or is no XML: nothing of ours runs where these are caught."""

BOOK = "xl/workbook.xml"
SHEETS = "xl/worksheets/"
APART_MB = 256
"""MB, unpacked, of everything in the workbook but its sheets: this is held in memory, the sheets are streamed."""

COLUMNS_MOST = 1_000
"""Columns with a name; a sheet with more is no history."""


def is_workbook(body: BinaryIO) -> bool:
    """Whether a zip file is a workbook; leaves the place at which it is read at the start."""
    try:
        with zipfile.ZipFile(body) as archive:
            return BOOK in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, IndexError, struct.error):
        return False  # the error is told where the zip file is opened
    finally:
        body.seek(0)


class Sheet:
    """The rows of one sheet. As of a `Source`: ``header``, `rows` once, ``share``; a line is a row of the sheet."""

    def __init__(self, path: Path, layout: Layout, book: Workbook, share: Callable[[], float]) -> None:
        self._path, self._share = path, share
        sheet, self._lines, head = _chosen(path, layout, book)
        self.name = sheet.title
        names = [_text(value).strip() for value in head[1]]
        while names and not names[-1]:
            names.pop()
        if len(names) > COLUMNS_MOST:
            raise BrokenFile(
                path, f"The header has {len(names):,} columns.", sheet=self.name, line=head[0],
                expected=f"at most {COLUMNS_MOST:,}",
            )  # fmt: skip
        self.header = header_checked(path, layout, names, sheet=self.name, line=head[0])

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return min(1.0, self._share())

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give each row that is not empty, with its number in the sheet."""
        width = len(self.header)
        for line, values in self._lines:
            row = [_text(value) for value in values]
            while len(row) > width and not row[-1]:
                row.pop()
            if not any(row):
                continue
            row += [""] * (width - len(row))
            if max(map(len, row)) > TEXT_LIMIT:
                place = next(place for place, value in enumerate(row) if len(value) > TEXT_LIMIT)
                raise BrokenFile(
                    self._path, f"A value is longer than {TEXT_LIMIT:,} characters.", sheet=self.name, line=line,
                    column=self.header[place] if place < width else f"number {place + 1}", value=row[place],
                    expected=f"at most {TEXT_LIMIT:,} characters in a value",
                )  # fmt: skip
            yield line, row


@contextmanager
def sheet_open(path: Path, layout: Layout, body: BinaryIO, *, size: int) -> Iterator[Sheet]:
    """Open the sheet that the layout names, or the first one with rows; raise BrokenFile."""
    from openpyxl import load_workbook

    with zipfile.ZipFile(body) as archive:  # which it is: `is_workbook` has opened it
        apart = sum(info.file_size for info in archive.infolist() if not info.filename.startswith(SHEETS))
    if apart > APART_MB << 20:
        raise BrokenFile(
            path, f"The workbook's texts take {apart >> 20:,} MB of memory.", expected=f"at most {APART_MB} MB; or CSV"
        )
    body.seek(0)
    try:
        book = load_workbook(body, read_only=True, data_only=True, keep_links=False)
    except DAMAGE as error:
        raise _damaged(path, error) from None
    try:
        yield Sheet(path, layout, book, lambda: body.tell() / size)
    finally:
        book.close()


def _damaged(path: Path, error: Exception, *, sheet: str = "", line: int = 0) -> BrokenFile:
    return BrokenFile(path, f"The workbook is damaged ({error}).", sheet=sheet, line=line, expected="an undamaged file")


def _lines(path: Path, sheet: Any) -> Iterator[tuple[int, Any]]:
    """Give the rows of a sheet with their numbers; raise BrokenFile where it cannot be read."""
    line = 0
    try:
        for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, values
    except DAMAGE as error:
        raise _damaged(path, error, sheet=sheet.title, line=line + 1) from None


def _chosen(path: Path, layout: Layout, book: Workbook) -> tuple[Any, Iterator[tuple[int, Any]], tuple[int, Any]]:
    """Return the sheet, its rows after the header, and the header: the first row that has a value."""
    if layout.sheet and layout.sheet not in book.sheetnames:
        raise BrokenFile(path, f"There is no sheet “{layout.sheet}”.", expected=f"one of {', '.join(book.sheetnames)}")
    for sheet in [book[layout.sheet]] if layout.sheet else book.worksheets:
        if hasattr(sheet, "reset_dimensions"):
            sheet.reset_dimensions()  # what the file says of its size is wrong often enough, and would cut rows
        lines = _lines(path, sheet)
        head = next((pair for pair in lines if any(value is not None for value in pair[1])), None)
        if head is not None:
            return sheet, lines, head
    raise BrokenFile(path, "The workbook has no sheet with rows.", sheet=layout.sheet, expected="a header row and rows")


def _text(value: object) -> str:
    """Return a cell as text: instants as 2024-02-29 13:05:00, whole numbers without a point."""
    match value:
        case None:
            text = ""
        case str():
            text = value
        case bool():
            text = str(value).lower()
        case float() if value.is_integer():
            text = str(int(value))
        case datetime() | date():
            text = f"{value:%Y-%m-%d %H:%M:%S}"
        case time():
            text = value.isoformat()
        case _:
            text = str(value)
    return text
