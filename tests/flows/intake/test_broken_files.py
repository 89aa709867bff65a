"""Files that make no sense: each is stopped with a sentence that names file, line, column, value and what was expected."""

import gzip
import zipfile

import pytest

from tests.flows.intake import log, read
from watchbill.engine.base.errors import NotFound
from watchbill.flows.intake import load
from watchbill.flows.intake.layout import BrokenFile

FIELD_10_MB = "x" * 10_000_000


def stopped(bring, path) -> BrokenFile:
    """The error that importing the file ends with; nothing of it stands in the database."""
    with pytest.raises(BrokenFile) as caught:
        bring(path=path)
    assert path.name in caught.value.message
    assert read.fetch("select count(*) as n from work_item") == [{"n": 0}]
    return caught.value


def made(tmp_path, body: str | bytes, name: str = "broken.csv"):
    path = tmp_path / name
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return path


def test_missing_file(bring, tmp_path):
    """A path that leads nowhere."""
    with pytest.raises(NotFound):
        bring(path=tmp_path / "nowhere.csv")


def test_empty_file(bring, tmp_path):
    """No byte at all, and no line inside the compressed file."""
    assert "empty" in stopped(bring, made(tmp_path, "")).message
    assert "empty" in stopped(bring, made(tmp_path, gzip.compress(b""), "empty.csv.gz")).message


def test_header_without_rows(bring, tmp_path):
    """A header alone is no history."""
    assert "no rows" in stopped(bring, made(tmp_path, log.text([]))).message


def test_broken_encoding_names_line_and_byte(bring, tmp_path):
    """A byte that is not UTF-8 is found where it stands."""
    lines = log.text().encode().split(b"\n")
    lines[5] = lines[5].replace(b"Caller", b"Call\xe9r")
    error = stopped(bring, made(tmp_path, b"\n".join(lines)))
    assert error.details["line"] == 6
    assert f"Byte {lines[5].index(0xE9) + 1} " in error.message
    assert "0xe9" in error.message


def test_utf_16_is_told_as_broken_encoding(bring, tmp_path):
    """Another encoding altogether."""
    assert stopped(bring, made(tmp_path, log.text().encode("utf-16"))).details["line"] == 1


def test_byte_order_mark_is_no_part_of_the_header(bring, tmp_path):
    """Spreadsheets write one."""
    assert bring(path=made(tmp_path, b"\xef\xbb\xbf" + log.text().encode())).rows_accepted == 10


def test_wrong_delimiter_is_named(bring, tmp_path):
    """Semicolons where the profile says commas."""
    error = stopped(bring, made(tmp_path, log.text(delimiter=";")))
    assert "';'" in error.message
    assert error.details["line"] == 1


def test_missing_column_is_named(bring, tmp_path):
    """The header lacks a column that the profile reads."""
    header = [name for name in log.HEADER if name != "sys_updated_at"]
    error = stopped(bring, made(tmp_path, log.text(header=header)))
    assert error.details["column"] == "sys_updated_at"


def test_duplicate_header_is_named(bring, tmp_path):
    """Which of two columns of one name is meant, nobody can say."""
    error = stopped(bring, made(tmp_path, log.text().replace("subcategory", "category", 1)))
    assert error.details["column"] == "category"
    assert "more than once" in error.message


def test_unbalanced_quote_that_swallows_lines(bring, tmp_path):
    """A quote opened in line 3 and closed by another stray one in line 8 would swallow five rows without a word."""
    lines = log.text().split("\n")
    lines[2] = lines[2].replace("Caller 7", '"Caller 7', 1)
    lines[7] = lines[7].replace("Caller 7", 'Caller 7"', 1)
    error = stopped(bring, made(tmp_path, "\n".join(lines)))
    assert error.details["line"] == 3
    assert error.details["column"] == "caller_id"
    assert "line 8" in error.message


def test_unbalanced_quote_up_to_the_end(bring, tmp_path):
    """A quote that is never closed."""
    lines = log.text().split("\n")
    lines[4] = lines[4].replace("Caller 7", '"Caller 7', 1)
    assert stopped(bring, made(tmp_path, "\n".join(lines))).details["line"] == 5


def test_unbalanced_quote_before_a_long_rest(bring, tmp_path):
    """What a quote that is never closed swallows is more than one value may hold: the quote is named all the same."""
    lines = log.text(log.many(3000)).split("\n")
    lines[4] = lines[4].replace("Caller ", '"Caller ', 1)
    assert sum(map(len, lines)) > 200_000
    error = stopped(bring, made(tmp_path, "\n".join(lines)))
    assert (error.details["line"], error.details["column"]) == (5, "caller_id")
    assert "quotation mark is opened and not closed" in error.message


@pytest.mark.parametrize("field", [FIELD_10_MB, '"' + FIELD_10_MB + '"', '"' + "x\n" * 150_000 + '"', "x" * 300_000])
def test_ten_megabytes_in_one_field(bring, tmp_path, field):
    """A value too long to be one is named by line and column, and never held in memory whole."""
    lines = log.text().split("\n")
    lines[3] = lines[3].replace("Caller 7", field, 1)
    error = stopped(bring, made(tmp_path, "\n".join(lines)))
    assert error.details["line"] == 4
    assert error.details["column"] == "caller_id"
    assert len(error.details["value"]) < 300


def test_truncated_gzip(bring, tmp_path):
    """A download that broke off, before any row and after thousands."""
    whole = gzip.compress(log.text(log.many(3000)).encode())
    assert "truncated" in stopped(bring, made(tmp_path, whole[:-2000], "broken.csv.gz")).message
    assert "truncated" in stopped(bring, made(tmp_path, whole[:40], "broken.csv.gz")).message


def test_damaged_gzip(bring, tmp_path):
    """Bytes in the middle that were overwritten."""
    whole = bytearray(gzip.compress(log.text(log.many(500)).encode()))
    whole[len(whole) // 2 : len(whole) // 2 + 50] = bytes(50)
    assert "damaged" in stopped(bring, made(tmp_path, bytes(whole), "broken.csv.gz")).message


def test_truncated_zip(bring, tmp_path):
    """A zip without its table of contents."""
    path = log.write(tmp_path / "log.zip")
    assert "damaged or truncated" in stopped(bring, made(tmp_path, path.read_bytes()[:-30], "broken.zip")).message


def zipped(tmp_path, packing=zipfile.ZIP_STORED, name="log.csv"):
    """The log in a zip."""
    path = tmp_path / "whole.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr(name, log.text(log.many(500)))
    return bytearray(path.read_bytes())


def test_damaged_bzip2_in_a_zip(bring, tmp_path):
    """Bytes in the middle that were overwritten."""
    whole = zipped(tmp_path, zipfile.ZIP_BZIP2)
    whole[len(whole) // 2 : len(whole) // 2 + 50] = bytes(50)
    assert "The compressed file is damaged" in stopped(bring, made(tmp_path, bytes(whole), "broken.zip")).message


@pytest.mark.parametrize("damage", ["name", "place"])
def test_zip_with_a_damaged_table_of_contents(bring, tmp_path, damage):
    """A name that is no text; a place outside the file."""
    whole = zipped(tmp_path, name="é.csv")
    entry = whole.rindex(b"PK\x01\x02")
    if damage == "name":
        whole[entry + 46] = 0xFF
    else:
        end = whole.rindex(b"PK\x05\x06")
        whole[end + 16 : end + 20] = b"\xff\xff\xff\x7f"
    assert "damaged or truncated" in stopped(bring, made(tmp_path, bytes(whole), "broken.zip")).message


def test_zip_of_two_files(bring, tmp_path):
    """Which one is meant is not guessed."""
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", log.text())
        archive.writestr("b.csv", log.text())
    assert "2 files (a.csv, b.csv)" in stopped(bring, path).message


def test_stated_date_format_is_disproved_by_other_rows(bring, tmp_path):
    """Month-first dates among day-first ones stop the file, with the rows named: the others would be misread."""
    rows = [*log.ROWS, log.row("INC7", 0, "4/13/2016 10:00"), log.row("INC7", 1, "4/14/2016 10:00", "Active")]
    error = stopped(bring, made(tmp_path, log.text(rows)))
    assert "line 12: sys_updated_at is 4/13/2016 10:00; line 13: sys_updated_at is 4/14/2016 10:00" in error.message
    assert error.details["expected"] == "day/month/year hour:minute, for example 29/02/2016 13:05"


def test_a_file_that_is_disproved_is_not_read_to_its_end(bring, tmp_path, monkeypatch):
    """Five rows that show it are enough: memory does not grow with a long file in another format."""
    monkeypatch.setattr(load, "CHUNK_ROWS", 20)
    rows = [log.row("INC7", n, f"4/{13 + n % 15}/2016 10:00", "Active") for n in range(200)]
    error = stopped(bring, made(tmp_path, log.text([*log.ROWS, *rows])))
    assert "10 of the 20 rows read show" in error.message
    assert "line 12: sys_updated_at is 4/13/2016 10:00" in error.message
    assert "and 5 more" in error.message
    assert read.fetch("select rows_read from inbox_import") == [{"rows_read": 20}]


def test_no_row_fits(bring, tmp_path):
    """When nothing could be read, the first row says why."""
    rows = [log.row("INC7", 0, "2016-04-13 10:00"), log.row("INC7", 1, "2016-04-14 10:00")]
    error = stopped(bring, made(tmp_path, log.text(rows)))
    assert "None of its 2 rows" in error.message
    assert (error.details["line"], error.details["column"]) == (2, "sys_updated_at")


def test_row_of_another_width_is_rejected(bring, tmp_path):
    """One row too short is rejected; the others stay."""
    lines = log.text().split("\n")
    lines[4] = ",".join(lines[4].split(",")[:30])
    summary = bring(path=made(tmp_path, "\n".join(lines)))
    assert (summary.rows_accepted, summary.rows_rejected) == (9, 1)
    assert read.fetch("select line, value, expected from inbox_rejectedrow") == [
        {"line": 5, "value": "30 values", "expected": "36 values, as many as the header has"}
    ]


def test_text_that_no_column_holds_is_rejected(bring, tmp_path):
    """A NUL character and a name of a thousand letters."""
    rows = [*log.ROWS, log.row("INC7", 0, "1/3/2016 10:00", caller_id="Call\x00er"),
            log.row("INC8", 0, "1/3/2016 10:00", category="C" * 1000)]  # fmt: skip
    assert bring(rows).rows_rejected == 2


def test_stopped_file_is_remembered_with_its_reason(bring, tmp_path):
    """The list of imports says why nothing came of it, and trying again says so again."""
    path = made(tmp_path, log.text([*log.ROWS, log.row("INC7", 0, "4/13/2016 10:00")]))
    first = stopped(bring, path).message
    assert read.fetch("select status, message from inbox_import") == [{"status": "stopped", "message": first}]
    assert stopped(bring, path).message == first
    assert read.fetch("select relname from pg_class where relname like 'inbox_staged%%'") == []


def test_html_and_formulas_stay_text(bring):
    """What looks like markup or a formula is a title like any other."""
    bring([log.row("INC7", 0, "1/3/2016 10:00", u_symptom="<script>alert(1)</script>", location="=1+1")])
    assert read.item("INC7")["title"] == "<script>alert(1)</script> at =1+1"
