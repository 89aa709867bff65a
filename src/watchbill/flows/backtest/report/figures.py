"""How the report writes numbers: pure, and free of the pages' own environment, so that it works on a machine without one."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from watchbill.engine.backtest.answer import Span

MINUS = "\u2212"
NONE = "-"
"""What stands where there is no value."""


def number(value: float | None, places: int = 1) -> str:
    """A value with thousands set apart and a true minus; `NONE` where there is none. What rounds to nothing has no sign."""
    if value is None:
        return NONE
    said = f"{value:,.{places}f}"
    return said.lstrip("-") if not any(sign in "123456789" for sign in said) else said.replace("-", MINUS)


def fitting(value: float | None) -> str:
    """A value of any size with three digits that mean something: `0.042`, `0.42`, `4.20`, `42.0`, `4,200`."""
    if value is None:
        return NONE
    size = abs(value)
    if size >= 100 or not value:
        return number(value, 0)
    return number(value, 1 if size >= 10 else 2 if size >= 0.1 else 3)


def count(value: float) -> str:
    """A whole number: `141,712`."""
    return number(value, 0)


def percent(value: float | None) -> str:
    """A share that is in percent already: `93.4%`."""
    return NONE if value is None else f"{number(value)}%"


def points(value: float | None) -> str:
    """A difference of shares, with its sign: `+2.1`; below a tenth `+0.02`, since what is clearly less must not read as nothing."""
    if value is None:
        return NONE
    said = number(value, 1 if abs(value) >= 0.095 or abs(value) < 0.005 else 2)
    return f"+{said}" if value > 0 and said != "0.0" else said


def between(low: float | None, high: float | None, said: Callable[[float], str] = number) -> str:
    """An interval as people say it: `1.4 to 2.8`; nothing where one replication says nothing about luck."""
    return "" if low is None or high is None else f"{said(low)} to {said(high)}"


def hours(value: float | None) -> str:
    """Hours: `0.4 h`, `31 h`."""
    return NONE if value is None else f"{number(value, 1 if abs(value) < 10 else 0)} h"


def long_hours(value: float) -> str:
    """A mark on an axis of hours: `30 min`, `4 h`, `3 d`, `2 wk`."""
    if value < 1:
        return f"{value * 60:.0f} min"
    if value < 24:
        return f"{value:g} h"
    return f"{value / 24:g} d" if value < 24 * 14 else f"{value / 168:g} wk"


def plural(amount: float, one: str, many: str = "") -> str:
    """`1 case`, `23 cases`; *many* only where the plural is not *one* plus s."""
    return f"{count(amount)} {one if amount == 1 else many or one + 's'}"


def share_of(better: float | None, replications: int) -> str:
    """In how many replications something held: `29 of 30 replications`."""
    return "" if better is None else f"{round(better * replications)} of {plural(replications, 'replication')}"


def clearly(gain: Span | None) -> str:
    """`better` or `worse` only when the whole paired interval lies on one side of nothing."""
    if gain is None or gain.low is None or gain.high is None:
        return ""
    return "better" if gain.low > 0 else "worse" if gain.high < 0 else ""


def day(iso: str, zone: str = "UTC") -> str:
    """The day of an ISO instant or date: `17 Nov 2026`; what is not one is given back as it is."""
    try:
        if len(iso) == 10:
            on = date.fromisoformat(iso)
        else:
            on = datetime.fromisoformat(iso).astimezone(ZoneInfo(zone)).date()
    except (ValueError, KeyError, OSError):
        return iso
    return f"{on.day} {on:%b} {on.year}"


def short_day(iso: str) -> str:
    """The same without the year, for axes."""
    return day(iso).rpartition(" ")[0] or iso


def clipped(text: str, longest: int) -> str:
    """At most so many characters, the last one an ellipsis when something is left out."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def steps(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round values from *low* to *high*, about as many as *wanted*: for the marks of an axis."""
    if high - low <= 1e-6 * max(1.0, abs(low), abs(high)):
        return [low]
    rough = (high - low) / wanted
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * by for by in (1, 2, 2.5, 5, 10) if size * by >= rough)
    first = math.ceil(low / step - 1e-9)
    return [round(step * n, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]
