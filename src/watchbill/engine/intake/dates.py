"""Dates as a profile states them: read strictly, and never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from watchbill.engine.base.jsonform import refuse

_PARTS: dict[str, tuple[str, str]] = {
    "d": ("day", r"(?P<d>\d{1,2})"),
    "m": ("month", r"(?P<m>\d{1,2})"),
    "Y": ("year", r"(?P<Y>\d{4})"),
    "H": ("hour", r"(?P<H>\d{1,2})"),
    "M": ("minute", r"(?P<M>\d{2})"),
    "S": ("second", r"(?P<S>\d{2})"),
    "z": ("offset", r"(?P<z>Z|[+-]\d{2}:?\d{2})"),
}
_NEEDED = ("Y", "m", "d", "H", "M")
_DIRECTIVE = re.compile(r"%(.)")
SAMPLE = datetime(2016, 2, 29, 13, 5, tzinfo=UTC)


class Misread(ValueError):
    """A text is not a date in the stated format. ``is_disproof``: it is one when day and month change places."""

    def __init__(self, *, is_disproof: bool) -> None:
        super().__init__()
        self.is_disproof = is_disproof


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A stated format, such as ``%d/%m/%Y %H:%M``. Days, months and hours need no padding.

    A date that cannot be one in this format, and would be one if day and month changed places, *disproves* the
    format: the file was written the other way round, and other rows of it would be misread without a word.
    """

    text: str
    pattern: re.Pattern[str]
    has_seconds: bool
    has_offset: bool

    @classmethod
    def parse(cls, text: str) -> DateFormat:
        """Read a format made of %d %m %Y %H %M, and %S and %z where the dates have them."""
        found = _DIRECTIVE.findall(text)
        if any(part not in _PARTS for part in found) or any(found.count(part) != 1 for part in _NEEDED):
            raise refuse(
                "dates", text, "a format with %d, %m, %Y, %H and %M once each, and %S and %z if they are there"
            )
        pieces = _DIRECTIVE.split(text)
        pattern = "".join(_PARTS[piece][1] if odd % 2 else re.escape(piece) for odd, piece in enumerate(pieces))
        return cls(text, re.compile(pattern), "S" in found, "z" in found)

    @property
    def expected(self) -> str:
        """The format in words, with an example."""
        words = _DIRECTIVE.sub(lambda part: _PARTS[part[1]][0], self.text)
        return f"{words}, for example {SAMPLE.strftime(self.text)}"

    def read(self, text: str, zone: ZoneInfo, *, shift: timedelta = timedelta(0)) -> tuple[datetime, datetime]:
        """Return (the instant moved by *shift*, the true instant), both UTC; raise Misread.

        A wall time without an offset is read in *zone*: of an hour that comes twice the first is meant, and one that
        the clocks skip is read as if they had not been moved. The shift moves the wall time in *zone*, so that nine
        o'clock stays nine o'clock.
        """
        match = self.pattern.fullmatch(text)
        if match is None:
            raise Misread(is_disproof=False)
        year, month, day, hour, minute = map(int, match.group(*_NEEDED))
        second = int(match["S"]) if self.has_seconds else 0
        told_in = _offset(match["z"]) if self.has_offset else zone
        try:
            told = datetime(year, month, day, hour, minute, second, tzinfo=told_in)
        except ValueError:
            raise Misread(is_disproof=_is_date(year, day, month, (hour, minute, second))) from None
        true = told.astimezone(UTC)
        if not shift:
            return true, true
        wall = told.astimezone(zone) if self.has_offset else told
        return (wall + shift).astimezone(UTC), true


def _offset(text: str) -> timezone:
    if text == "Z":
        return timezone.utc  # noqa: UP017 -- the type is timezone, not the constant
    digits = text[1:].replace(":", "")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if span >= timedelta(days=1):
        raise Misread(is_disproof=False)
    return timezone(-span if text[0] == "-" else span)


def _is_date(year: int, month: int, day: int, clock: tuple[int, int, int]) -> bool:
    try:
        datetime(year, month, day, *clock)  # noqa: DTZ001 -- only asks whether there is such a day
    except ValueError:
        return False
    return True
