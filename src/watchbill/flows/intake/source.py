"""A file of history as a stream of rows: text plain, in gzip or zip, or a workbook; each way to be broken has its sentence."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.engine.intake.profile import Profile
from watchbill.engine.intake.rows import SHOWN, TEXT_LIMIT
from watchbill.flows.intake.layout import BrokenFile as BrokenFile  # noqa: PLC0414 -- who opens a source catches it
from watchbill.flows.intake.layout import Layout, header_checked
from watchbill.flows.intake.workbook import Sheet, is_workbook, sheet_open

CHUNK = 1 << 19
LINE_LIMIT = 4 << 20
"""Bytes in one line; a longer one means that the file is not what the profile says."""

LINES_LOOKED_AT = 100
"""Lines inside a value too long to be one in which a whole row is looked for."""

BOM = b"\xef\xbb\xbf"
GZIP, ZIP, OLD_WORKBOOK = b"\x1f\x8b", b"PK", b"\xd0\xcf\x11\xe0"


def file_digest(path: Path) -> tuple[int, str]:
    """Return size and SHA-256 of the file as it stands: its identity, whatever it is called."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as stream:
            while block := stream.read(CHUNK):
                digest.update(block)
                size += len(block)
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}") from None
    except OSError as error:
        raise BrokenFile(path, f"The file cannot be read: {error.strerror}.") from None
    return size, digest.hexdigest()


def file_check(path: Path, profile: Profile) -> None:
    """Raise BrokenFile, or NotFound, for a file that does not even begin as the profile says; no row is read."""
    size, _ = file_digest(path)
    with source_open(path, profile, size=size):
        pass


class _Head(io.RawIOBase):
    """The first *size* bytes of a file, so that a file that grows meanwhile is read as it stood at the start."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._size = stream, size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            offset, whence = self._size + offset, io.SEEK_SET
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = self._stream.read(min(len(buffer), max(0, self._size - self._stream.tell())))
        buffer[: len(block)] = block
        return len(block)


class Source:
    """The rows of one file as a profile reads them.

    ``header`` are the file's columns. `rows` may be walked once; it gives (number of the file's last line of the
    row, values). ``share`` says how much of the file has been read.
    """

    def __init__(self, path: Path, layout: Layout, size: int, raw: BinaryIO, body: BinaryIO) -> None:
        self._path, self._layout, self._size, self._raw, self._body = path, layout, size, raw, body
        self._decoder = _wide_decoder(layout.encoding)
        self._encoding = layout.encoding if self._decoder is None else "utf-8"
        self._lines = 0
        self._block: list[str] = []
        self.header: list[str] = []
        self._reader = csv.reader(self._text_lines(), delimiter=layout.delimiter, strict=True)
        self.header = self._read_header()

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return min(1.0, self._raw.tell() / self._size)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give each row with its line; raise BrokenFile where the file stops making sense."""
        reader, before, multiline = self._reader, self._reader.line_num, self._multiline_places()
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise self._broken_row(error, before + 1) from None
            line = reader.line_num
            if line - before > 1:
                self._check_breaks(row, before + 1, line, multiline)
            before = line
            if row:
                yield line, row

    def _text_lines(self) -> Iterator[str]:
        """Give decoded lines with their ends; raise BrokenFile for what cannot be decoded or does not end."""
        rest, is_first = b"", True
        while True:
            block = self._read()
            if is_first and block.startswith(BOM):
                block = block[len(BOM) :]
            is_first = False
            if not block:
                break
            cut = block.rfind(b"\n") + 1
            if not cut:
                rest += block
                if len(rest) > LINE_LIMIT:
                    raise self._long_value(self._lines + 1, [rest.decode(self._encoding, "replace")])
                continue
            yield from self._decoded(rest + block[:cut])
            rest = block[cut:]
        if rest:
            yield from self._decoded(rest)

    def _decoded(self, block: bytes) -> list[str]:
        try:
            text = block.decode(self._encoding)
        except UnicodeDecodeError as error:
            line = self._lines + block.count(b"\n", 0, error.start) + 1
            start = block.rfind(b"\n", 0, error.start) + 1
            raise BrokenFile(
                self._path, f"Byte {error.start - start + 1} of the line is not {self._encoding} text"
                f" (0x{block[error.start]:02x}).", line=line,
                value=block[start : start + SHOWN].decode("ascii", "replace"),
                expected=f"text in {self._encoding}",
            ) from None  # fmt: skip
        lines = list(io.StringIO(text, newline=""))
        self._lines += len(lines)
        self._block = lines
        return lines

    def _read(self) -> bytes:
        """Give the next bytes, those of an encoding of two bytes a letter as UTF-8, of which lines can be told."""
        block = self._packed()
        if self._decoder is None:
            return block
        text = ""
        while not text:
            try:
                text = self._decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise BrokenFile(
                    self._path, f"The bytes are not {self._layout.encoding} text ({error.reason}).", line=self._lines + 1,
                    expected=f"text in {self._layout.encoding}",
                ) from None  # fmt: skip
            if not block:
                break
            block = b"" if text else self._packed()
        return text.encode()

    def _packed(self) -> bytes:
        try:
            return self._body.read(CHUNK)
        except EOFError:
            raise BrokenFile(
                self._path, "The compressed file ends before its end mark: it is truncated.", line=self._lines + 1,
                expected="the whole file",
            ) from None  # fmt: skip
        except (gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise self._damaged(error) from None
        except OSError as error:
            if error.errno is None:  # how bz2 says that it cannot go on; a disk that fails has a number
                raise self._damaged(error) from None
            raise

    def _damaged(self, error: Exception) -> BrokenFile:
        return BrokenFile(
            self._path, f"The compressed file is damaged ({error}).", line=self._lines + 1, expected="an undamaged file"
        )

    def _read_header(self) -> list[str]:
        try:
            header = [name.strip() for name in next(self._reader)]
        except StopIteration:
            raise BrokenFile(self._path, "The file is empty.", expected="a header line and rows") from None
        except csv.Error as error:
            raise self._broken_row(error, 1) from None
        return header_checked(self._path, self._layout, header)

    def _multiline_places(self) -> frozenset[int]:
        any_of_them = self._layout.multiline
        return frozenset(place for place, name in enumerate(self.header) if any_of_them is None or name in any_of_them)

    def _check_breaks(self, row: list[str], first: int, last: int, multiline: frozenset[int]) -> None:
        """Refuse a line break in a column that has none: a quote was opened and not closed."""
        for place, value in enumerate(row):
            if ("\n" in value or "\r" in value) and place not in multiline:
                column = self.header[place] if place < len(self.header) else f"number {place + 1}"
                raise BrokenFile(
                    self._path, f"A quotation mark is opened and not closed: the value runs on to line {last}.",
                    line=first, column=column, value=value, expected="a value on one line, its quotation marks closed",
                )  # fmt: skip

    def _broken_row(self, error: csv.Error, line: int) -> BrokenFile:
        what = str(error)
        if "field limit" in what:
            first = self._lines - len(self._block)
            return self._long_value(line, self._block[max(0, line - first - 1) : self._reader.line_num - first])
        if "unexpected end of data" in what:
            what = "A quotation mark is opened and not closed before the file ends"
        return BrokenFile(
            self._path, f"The row cannot be split into values: {what}.", line=line,
            expected=f"values separated by {self._layout.delimiter!r}, quotation marks closed and doubled inside",
        )  # fmt: skip

    def _long_value(self, line: int, lines: list[str]) -> BrokenFile:
        """The error for a value, within *lines*, that is too long to be one."""
        csv.field_size_limit(sum(map(len, lines)) + 1)
        row = next(csv.reader(lines, delimiter=self._layout.delimiter), [""])
        csv.field_size_limit(TEXT_LIMIT)
        place = next((place for place, value in enumerate(row) if len(value) > TEXT_LIMIT), len(row) - 1)
        if place not in self._multiline_places():
            self._check_open_quote(row, place, line)
        return BrokenFile(
            self._path, f"A value is longer than {TEXT_LIMIT:,} characters.", line=line,
            column=self.header[place] if place < len(self.header) else f"number {place + 1}", value=row[place],
            expected=f"at most {TEXT_LIMIT:,} characters in a value",
        )  # fmt: skip

    def _check_open_quote(self, row: list[str], place: int, line: int) -> None:
        """Refuse a long value that holds whole rows: a quote was opened in a column of short values, and not closed."""
        first, *others = row[place].splitlines()
        told = self._layout.delimiter
        if any(other.count(told) >= len(self.header) - 1 for other in others[:LINES_LOOKED_AT]):
            raise BrokenFile(
                self._path, "A quotation mark is opened and not closed: the value runs on over the rows that follow.",
                line=line, column=self.header[place] if place < len(self.header) else f"number {place + 1}", value=first,
                expected="a value on one line, its quotation marks closed",
            )  # fmt: skip


@contextmanager
def source_open(path: Path, profile: Profile, *, size: int) -> Iterator[Source | Sheet]:
    """Open the first *size* bytes of the file as the profile says, whichever way it is packed; raise BrokenFile."""
    with layout_open(path, Layout.of(profile), size=size) as source:
        yield source


@contextmanager
def layout_open(path: Path, layout: Layout, *, size: int) -> Iterator[Source | Sheet]:
    """Open a file of that layout: text that is plain, in gzip or in a zip, or a sheet of a workbook; raise BrokenFile."""
    csv.field_size_limit(TEXT_LIMIT)
    with body_open(path, size=size) as (stream, body, is_book):
        if is_book:
            with sheet_open(path, layout, body, size=size) as sheet:
                yield sheet
        else:
            yield Source(path, layout, size, stream, body)


@contextmanager
def body_open(path: Path, *, size: int) -> Iterator[tuple[BinaryIO, BinaryIO, bool]]:
    """Open the first *size* bytes of the file: the file itself, what is packed in it, and whether it is a workbook as it is."""
    if not size:
        raise BrokenFile(path, "The file is empty.", expected="a header line and rows")
    with path.open("rb") as stream:
        magic = stream.read(4)
        stream.seek(0)
        head = cast("BinaryIO", _Head(stream, size))
        try:
            if magic.startswith(GZIP):
                with gzip.GzipFile(fileobj=head) as body:
                    yield stream, cast("BinaryIO", body), False
            elif magic == OLD_WORKBOOK:
                raise BrokenFile(
                    path, "This is a workbook of the old kind (.xls), or one that is locked with a password.",
                    expected="a workbook saved as .xlsx without a password, or CSV",
                )  # fmt: skip
            elif magic.startswith(ZIP) and not is_workbook(head):
                with _zip_open(path, head) as body:
                    yield stream, cast("BinaryIO", body), False
            else:
                yield stream, head, magic.startswith(ZIP)
        except zipfile.BadZipFile as error:
            raise _damaged_zip(path, error) from None
        except NotImplementedError as error:
            raise BrokenFile(
                path, f"The zip file is packed in a way that cannot be read here ({error}).",
                expected="stored, deflated, bzip2 or LZMA",
            ) from None  # fmt: skip


def _wide_decoder(encoding: str) -> codecs.IncrementalDecoder | None:
    """What decodes an encoding of two or four bytes a letter, in which a line break is no byte of its own."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise InvalidFacts(f"There is no encoding “{encoding}”", key="encoding") from None
    return codecs.getincrementaldecoder(encoding)() if name.startswith(("utf-16", "utf-32")) else None


@contextmanager
def _zip_open(path: Path, head: BinaryIO) -> Iterator[IO[bytes]]:
    """Open the only file in a zip. A directory with wrong places and names is reported in many ways: all are damage."""
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(head))
            body = opened.enter_context(archive.open(_only_member(path, archive)))
        except (OSError, ValueError, IndexError, struct.error) as error:
            raise _damaged_zip(path, error) from None
        yield body


def _damaged_zip(path: Path, error: Exception) -> BrokenFile:
    return BrokenFile(path, f"The zip file is damaged or truncated ({error}).", expected="a whole zip file")


def _only_member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        names = ", ".join(info.filename for info in members[:5]) or "none"
        raise BrokenFile(path, f"The zip file holds {len(members)} files ({names}).", expected="exactly one file")
    if members[0].flag_bits & 1:
        raise BrokenFile(path, "The zip file is locked with a password.", expected="a zip file without one")
    return members[0]
