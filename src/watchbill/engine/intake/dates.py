"""Dates as a profile states them: read strictly, and never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from watchbill.engine.base.jsonform import refuse
from watchbill.engine.intake.months import month_of

_PARTS: dict[str, tuple[str, str]] = {
    "d": ("day", r"(?P<d>\d{1,2})"),
    "m": ("month", r"(?P<m>\d{1,2})"),
    "b": ("month's name", r"(?P<b>[^\W\d_]{3,10}\.?)"),
    "Y": ("year", r"(?P<Y>\d{4})"),
    "y": ("year of two digits", r"(?P<y>\d{2})"),
    "H": ("hour", r"(?P<H>\d{1,2})"),
    "I": ("hour up to 12", r"(?P<I>\d{1,2})"),
    "M": ("minute", r"(?P<M>\d{2})"),
    "S": ("second", r"(?P<S>\d{2})"),
    "f": ("fraction", r"(?P<f>\d{1,9})"),
    "p": ("AM or PM", "(?P<p>[AaPp]\\.?[ \u00a0\u202f]?[Mm]\\.?)"),
    "z": ("offset", r"(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2})"),
}
_PLAIN = ("Y", "m", "d", "H", "M")
_DIRECTIVE = re.compile(r"%(.)")
_EXPECTED = (
    "a format with %d, %m (or %b, a month's name), %Y (or %y, two digits), and %H and %M (or %I, %M and %p) once each,"
    " and %S, %f and %z if they are there; or “excel” for a spreadsheet's day numbers"
)
_SPACES = "[ \u00a0\u202f]"
"""What stands for a space: some programs write AM and PM behind one that does not break."""

SAMPLE = datetime(2016, 2, 29, 13, 5, tzinfo=UTC)
SERIAL = "excel"
SERIAL_FIRST = datetime(1899, 12, 30)  # noqa: DTZ001 -- day 0 of wall time, in whichever zone the file was written
_SERIAL_PATTERN = re.compile(r"(?P<n>\d{1,7}(?:\.\d+)?)")
_SERIAL_END = 2_958_466


class Misread(ValueError):
    """A text is not a date in the stated format. ``is_disproof``: it is one when day and month change places."""

    def __init__(self, *, is_disproof: bool) -> None:
        super().__init__()
        self.is_disproof = is_disproof


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A stated format, such as ``%d/%m/%Y %H:%M``. Days, months and hours need no padding; without hours a day begins.

    A date that cannot be one in this format, and would be one if day and month changed places, *disproves* the
    format: the file was written the other way round, and other rows of it would be misread without a word.
    """

    text: str
    pattern: re.Pattern[str]
    parts: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> DateFormat:
        """Read a format made of %d, %m or %b, %Y or %y, and the parts of a time; or ``excel``."""
        if text == SERIAL:
            return cls(text, _SERIAL_PATTERN, frozenset())
        found = _DIRECTIVE.findall(text)
        parts = frozenset(found)
        is_date = "d" in parts and len(parts & {"m", "b"}) == 1 and len(parts & {"Y", "y"}) == 1
        clock = parts & {"H", "I", "M", "S", "f", "p"}
        is_clock = not clock or ("M" in clock and len(clock & {"H", "I"}) == 1 and ("I" in clock) == ("p" in clock))
        if (
            not is_date
            or not is_clock
            or len(found) != len(parts)
            or parts - set(_PARTS)
            or ("f" in parts and "S" not in parts)
        ):
            raise refuse("dates", text, _EXPECTED)
        pieces = _DIRECTIVE.split(text)
        pattern = "".join(
            _PARTS[piece][1] if odd % 2 else re.escape(piece).replace(r"\ ", _SPACES)
            for odd, piece in enumerate(pieces)
        )
        return cls(text, re.compile(pattern), parts)

    @property
    def has_offset(self) -> bool:
        return "z" in self.parts

    @property
    def expected(self) -> str:
        """The format in words, with an example."""
        if self.text == SERIAL:
            return "a spreadsheet's day number, for example 42429.545139"
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
        told_in = _offset(match["z"]) if "z" in self.parts else zone
        told = self._told(match, told_in)
        true = told.astimezone(UTC)
        if not shift:
            return true, true
        wall = told.astimezone(zone) if "z" in self.parts else told
        return (wall + shift).astimezone(UTC), true

    def _told(self, match: re.Match[str], zone: tzinfo) -> datetime:
        """Return what the text says, in *zone*; raise Misread."""
        parts = self.parts
        if not parts:
            return _serial(float(match["n"])).replace(tzinfo=zone)
        if parts >= _PLAIN_SET:
            year, month, day, hour, minute = map(int, match.group(*_PLAIN))
        else:
            day = int(match["d"])
            month = month_of(match["b"]) if "b" in parts else int(match["m"])
            year = int(match["Y"]) if "Y" in parts else _century(int(match["y"]))
            hour = _hour(match) if "I" in parts else int(match["H"]) if "H" in parts else 0
            minute = int(match["M"]) if "M" in parts else 0
        second = int(match["S"]) if "S" in parts else 0
        micro = int(match["f"][:6].ljust(6, "0")) if "f" in parts else 0
        try:
            return datetime(year, month, day, hour, minute, second, micro, zone)
        except ValueError:
            is_disproof = "m" in parts and _is_date(year, day, month, (hour, minute, second))
            raise Misread(is_disproof=is_disproof) from None


_PLAIN_SET = frozenset(_PLAIN)


def _hour(match: re.Match[str]) -> int:
    hour = int(match["I"])
    if not 1 <= hour <= 12:
        raise Misread(is_disproof=False)
    return hour % 12 + (12 if match["p"][0] in "Pp" else 0)


def _century(year: int) -> int:
    """69 to 99 are of the last century, as POSIX has it."""
    return year + (1900 if year >= 69 else 2000)


def _serial(days: float) -> datetime:
    if not 1 <= days < _SERIAL_END:
        raise Misread(is_disproof=False)
    return SERIAL_FIRST + timedelta(seconds=round(days * 86_400))


def _offset(text: str) -> timezone:
    if text in {"Z", "UTC", "GMT"}:
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
