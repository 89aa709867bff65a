"""A file of history as a stream of rows: plain, gzip or zip; every way in which it can be broken has its own sentence."""

from __future__ import annotations

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
from watchbill.engine.intake.rows import SHOWN, TEXT_LIMIT, shown

CHUNK = 1 << 19
LINE_LIMIT = 4 << 20
"""Bytes in one line; a longer one means that the file is not what the profile says."""

LINES_LOOKED_AT = 100
"""Lines inside a value too long to be one in which a whole row is looked for."""

OTHER_DELIMITERS = (",", ";", "\t", "|")
BOM = b"\xef\xbb\xbf"
GZIP, ZIP = b"\x1f\x8b", b"PK"


class BrokenFile(InvalidFacts):
    """The file cannot be read as the profile says; nothing of it was applied."""

    code = "broken_file"

    def __init__(
        self, path: Path, what: str, *, line: int = 0, column: str = "", value: str = "", expected: str = ""
    ) -> None:
        place = f"{path.name}, line {line}" if line else path.name
        place += f", column “{column}”" if column else ""
        message = f"{place}: {what}" + (f" Expected: {expected}." if expected else "")
        super().__init__(
            message, file=path.name, line=line or None, column=column, value=shown(value), expected=expected
        )


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

    def __init__(self, path: Path, profile: Profile, size: int, raw: BinaryIO, body: BinaryIO) -> None:
        self._path, self._profile, self._size, self._raw, self._body = path, profile, size, raw, body
        self._lines = 0
        self._block: list[str] = []
        self.header: list[str] = []
        self._reader = csv.reader(self._text_lines(), delimiter=profile.delimiter, strict=True)
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
                    raise self._long_value(self._lines + 1, [rest.decode(self._profile.encoding, "replace")])
                continue
            yield from self._decoded(rest + block[:cut])
            rest = block[cut:]
        if rest:
            yield from self._decoded(rest)

    def _decoded(self, block: bytes) -> list[str]:
        try:
            text = block.decode(self._profile.encoding)
        except UnicodeDecodeError as error:
            line = self._lines + block.count(b"\n", 0, error.start) + 1
            start = block.rfind(b"\n", 0, error.start) + 1
            raise BrokenFile(
                self._path, f"Byte {error.start - start + 1} of the line is not {self._profile.encoding} text"
                f" (0x{block[error.start]:02x}).", line=line,
                value=block[start : start + SHOWN].decode("ascii", "replace"),
                expected=f"text in {self._profile.encoding}",
            ) from None  # fmt: skip
        except LookupError:
            raise InvalidFacts(f"There is no encoding “{self._profile.encoding}”", key="encoding") from None
        lines = list(io.StringIO(text, newline=""))
        self._lines += len(lines)
        self._block = lines
        return lines

    def _read(self) -> bytes:
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
        wanted, told = self._profile.columns, self._profile.delimiter
        line = told.join(header)
        others = [
            other for other in OTHER_DELIMITERS if other != told and line.count(other) >= max(1, len(wanted) // 2)
        ]
        if len(header) < len(wanted) and others:
            raise BrokenFile(
                self._path, f"The header splits into {len(header)} column(s) at {told!r}; it looks as if {others[0]!r}"
                " stands between the values.", line=1, value=line, expected=f"columns separated by {told!r}",
            )  # fmt: skip
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise BrokenFile(
                self._path, f"The header names {', '.join(twice)} more than once.", line=1, column=twice[0],
                value=line, expected="each column once",
            )  # fmt: skip
        lacking = [name for name in wanted if name not in header]
        if lacking:
            raise BrokenFile(
                self._path, f"The header lacks {', '.join(lacking)}.", line=1, column=lacking[0], value=line,
                expected=f"the columns of the profile “{self._profile.name}”: {', '.join(wanted)}",
            )  # fmt: skip
        return header

    def _multiline_places(self) -> frozenset[int]:
        return frozenset(place for place, name in enumerate(self.header) if name in self._profile.multiline)

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
            expected=f"values separated by {self._profile.delimiter!r}, quotation marks closed and doubled inside",
        )  # fmt: skip

    def _long_value(self, line: int, lines: list[str]) -> BrokenFile:
        """The error for a value, within *lines*, that is too long to be one."""
        csv.field_size_limit(sum(map(len, lines)) + 1)
        row = next(csv.reader(lines, delimiter=self._profile.delimiter), [""])
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
        told = self._profile.delimiter
        if any(other.count(told) >= len(self.header) - 1 for other in others[:LINES_LOOKED_AT]):
            raise BrokenFile(
                self._path, "A quotation mark is opened and not closed: the value runs on over the rows that follow.",
                line=line, column=self.header[place] if place < len(self.header) else f"number {place + 1}", value=first,
                expected="a value on one line, its quotation marks closed",
            )  # fmt: skip


@contextmanager
def source_open(path: Path, profile: Profile, *, size: int) -> Iterator[Source]:
    """Open the first *size* bytes of the file, whichever way it is packed; raise BrokenFile."""
    if not size:
        raise BrokenFile(path, "The file is empty.", expected="a header line and rows")
    csv.field_size_limit(TEXT_LIMIT)
    with path.open("rb") as stream:
        magic = stream.read(2)
        stream.seek(0)
        head = cast("BinaryIO", _Head(stream, size))
        try:
            if magic == GZIP:
                with gzip.GzipFile(fileobj=head) as body:
                    yield Source(path, profile, size, stream, cast("BinaryIO", body))
            elif magic == ZIP:
                with _zip_open(path, head) as body:
                    yield Source(path, profile, size, stream, cast("BinaryIO", body))
            else:
                yield Source(path, profile, size, stream, head)
        except zipfile.BadZipFile as error:
            raise _damaged_zip(path, error) from None
        except NotImplementedError as error:
            raise BrokenFile(
                path, f"The zip file is packed in a way that cannot be read here ({error}).",
                expected="stored, deflated, bzip2 or LZMA",
            ) from None  # fmt: skip


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
