"""Workbooks give the same rows as text; what is wrong with one is said with sheet, row, column and value."""

import zipfile
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook

from watchbill.flows.intake.layout import BrokenFile, Layout
from watchbill.flows.intake.source import layout_open

LAYOUT = Layout(delimiter=",", encoding="utf-8")


def book(path, sheets):
    made = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def taken(path, layout=LAYOUT):
    with layout_open(path, layout, size=path.stat().st_size) as source:
        return source.name, source.header, list(source.rows())


def test_cells_become_text(tmp_path):
    """Instants, days and times as ISO writes them, whole numbers without a point, nothing as nothing."""
    at = datetime(2024, 2, 29, 13, 5)
    rows = [["a", "b", "c", "d", "e", "f", "g"], [at, date(2024, 2, 1), time(9, 30), 12.0, 1.5, True, None]]
    _, header, found = taken(book(tmp_path / "x.xlsx", {"Data": rows}))
    assert header == list("abcdefg")
    assert found == [(2, ["2024-02-29 13:05:00", "2024-02-01 00:00:00", "09:30:00", "12", "1.5", "true", ""])]


def test_the_first_sheet_with_rows_or_the_one_named(tmp_path):
    """Empty sheets and empty rows are passed over; rows keep their numbers in the sheet."""
    rows = [[], ["a", "b"], [None, None], ["1", None], [None, "2"]]
    path = book(tmp_path / "x.xlsx", {"Empty": [], "Data": rows, "More": [["c"], ["3"]]})
    assert taken(path) == ("Data", ["a", "b"], [(4, ["1", ""]), (5, ["", "2"])])
    named = Layout(delimiter=",", encoding="utf-8", sheet="More")
    assert taken(path, named) == ("More", ["c"], [(2, ["3"])])
    with pytest.raises(BrokenFile, match="There is no sheet “Most”.*Empty, Data, More"):
        taken(path, Layout(delimiter=",", encoding="utf-8", sheet="Most"))
    with pytest.raises(BrokenFile, match="no sheet with rows"):
        taken(book(tmp_path / "y.xlsx", {"Empty": []}))


def test_a_row_that_is_wider_than_the_header_is_given_as_it_is(tmp_path):
    """So that it is rejected, with its number of values."""
    assert taken(book(tmp_path / "x.xlsx", {"Data": [["a"], ["1", "2"], ["3", None]]}))[2] == [
        (2, ["1", "2"]),
        (3, ["3"]),
    ]


def test_what_a_profile_wants_is_checked_in_the_header(tmp_path):
    """Sheet, row and column are named."""
    path = book(tmp_path / "x.xlsx", {"Data": [["a", "b", "b"], ["1", "2", "3"]]})
    assert taken(path)[1] == ["a", "b (1)", "b (2)"]
    with pytest.raises(BrokenFile, match="x.xlsx, sheet “Data”, row 1, column “z”: The header lacks z"):
        taken(path, Layout(delimiter=",", encoding="utf-8", columns=("a", "z")))
    with pytest.raises(BrokenFile, match="more than once"):
        taken(path, Layout(delimiter=",", encoding="utf-8", columns=("b",)))


def test_a_value_that_is_too_long_is_named(tmp_path, monkeypatch):
    """Sheet, row, column and the beginning of the value."""
    monkeypatch.setattr("watchbill.flows.intake.workbook.TEXT_LIMIT", 50)
    path = book(tmp_path / "x.xlsx", {"Data": [["a", "b"], ["1", "x" * 51]]})
    with pytest.raises(BrokenFile) as caught:
        taken(path)
    assert caught.value.details["sheet"] == "Data"
    assert (caught.value.details["line"], caught.value.details["column"]) == (2, "b")


def test_texts_that_would_fill_the_memory_are_refused(tmp_path, monkeypatch):
    """What is not streamed has a limit."""
    monkeypatch.setattr("watchbill.flows.intake.workbook.APART_MB", 0)
    with pytest.raises(BrokenFile, match="memory"):
        taken(book(tmp_path / "x.xlsx", {"Data": [["a"], ["1"]]}))


@pytest.mark.parametrize("lost", ["xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
def test_a_damaged_workbook_is_told_as_one(tmp_path, lost):
    """A part is missing, or is no XML."""
    whole = book(tmp_path / "x.xlsx", {"Data": [["a"], ["1"]]})
    for body in (None, b"<no"):
        path = tmp_path / f"broken{body is None}.xlsx"
        with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(path, "w") as other:
            for name in archive.namelist():
                if name != lost:
                    other.writestr(name, archive.read(name))
                elif body is not None:
                    other.writestr(name, body)
        with pytest.raises(BrokenFile):
            taken(path)


def test_a_truncated_workbook_is_told_as_one(tmp_path):
    """Cut in the middle, it is not even a zip file."""
    path = book(tmp_path / "x.xlsx", {"Data": [["a"], *[[str(n)] for n in range(500)]]})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BrokenFile):
        taken(path)


def test_share_says_how_far_it_is(tmp_path):
    """From nothing to all, as of a text file."""
    path = book(tmp_path / "x.xlsx", {"Data": [["a"], *[[f"{n * 7919 % 100_003} {n * n}"] for n in range(40_000)]]})
    with layout_open(path, LAYOUT, size=path.stat().st_size) as source:
        shares = [source.share for _ in source.rows()]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)
    assert shares[len(shares) // 2] > shares[0]
