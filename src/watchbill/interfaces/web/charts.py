"""Geometry of the charts that several pages share: pure functions from facts to numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from watchbill.engine.base.calendar import DAY_MIN
from watchbill.interfaces.web.formats import count
from watchbill.interfaces.web.viewmodels.charts import Column, Columns, Part, Week, WeekDay, WeekSpan

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK_W, LABEL_W, LINE_H, TOP = 460.0, 36.0, 22.0, 20.0
COLUMNS_W, COLUMNS_H, FOOT, HEAD = 400.0, 130.0, 20.0, 18.0

Hours = Sequence[Sequence[tuple[int, int]]]
"""Seven days, Monday first, of (opens, closes) in minutes after local midnight; past 1,440 is the next day."""


def clock_of(minutes: int) -> str:
    """Return minutes after midnight as a wall time; 1,440 itself is 24:00."""
    left = minutes if minutes <= DAY_MIN else minutes - DAY_MIN
    return f"{left // 60:02d}:{left % 60:02d}"


def hours_text(day: Sequence[tuple[int, int]]) -> str:
    """Return a day's hours as people write them: "09:00-12:00, 13:00-17:30"."""
    return ", ".join(f"{clock_of(opens)}-{clock_of(closes)}" for opens, closes in day)


def week_chart(hours: Hours, *, zone: str, now: datetime, what: str, look: str = "open") -> Week:
    """Draw a week of hours with the present moment of *zone*. *what* begins the sentence for those who listen."""
    here = now.astimezone(ZoneInfo(zone))
    days = [
        WeekDay(
            label=DAYS[number],
            y=TOP + LINE_H * number,
            spans=[_span(opens, closes, look) for opens, closes in _shown_on(hours, number)],
            text=hours_text(day) or "closed",
            is_today=number == here.weekday(),
        )
        for number, day in enumerate(hours)
    ]
    open_days = [f"{day.label} {day.text}" for day in days if day.spans]
    return Week(
        summary=f"{what}: {'; '.join(open_days) or 'no hours'}. Local time of {zone}",
        width=WEEK_W,
        height=TOP + LINE_H * 7,
        ticks=[(_x(60 * hour), f"{hour:02d}") for hour in range(0, 25, 3)],
        days=days,
        now_x=_x(here.hour * 60 + here.minute),
        now_y=TOP + LINE_H * here.weekday(),
    )


def _shown_on(hours: Hours, number: int) -> list[tuple[int, int]]:
    """What lies within a day: its own hours up to midnight, and what the day before runs over."""
    spilled = [(0, closes - DAY_MIN) for _, closes in hours[number - 1] if closes > DAY_MIN]
    return spilled + [(opens, min(closes, DAY_MIN)) for opens, closes in hours[number]]


def _x(minutes: int) -> float:
    return round(LABEL_W + minutes / DAY_MIN * (WEEK_W - LABEL_W - 12), 1)


def _span(opens: int, closes: int, look: str) -> WeekSpan:
    return WeekSpan(x=_x(opens), width=round(_x(closes) - _x(opens), 1), look=look)


def column_chart(
    days: Sequence[tuple[str, Mapping[str, int]]], *, key: Sequence[tuple[str, str]], what: str
) -> Columns:
    """Stack counts by day. *days*: label and counts by look; *key*: (look, word) from the ground up."""
    most = max([sum(counts.values()) for _, counts in days], default=0)
    high = COLUMNS_H - FOOT - HEAD
    step = COLUMNS_W / max(len(days), 1)
    bar = round(min(step * 0.62, 48.0), 1)
    columns = []
    for number, (label, counts) in enumerate(days):
        ground, parts = COLUMNS_H - FOOT, []
        for look, _ in key:
            tall = round(counts.get(look, 0) / most * high, 1) if most else 0.0
            ground -= tall
            if tall:
                parts.append(Part(y=round(ground, 1), height=tall, look=look))
        total = sum(counts.values())
        columns.append(
            Column(
                x=round(step * number + (step - bar) / 2, 1),
                label=label,
                total=total,
                top=round(ground - 4, 1),
                parts=parts,
                cells=[label, *(count(counts.get(look, 0)) for look, _ in key), count(total)],
            )
        )
    total = sum(one.total for one in columns)
    return Columns(
        summary=f"{what}: {count(total)} in {len(days)} days, at most {count(most)} on one day",
        total=total,
        width=COLUMNS_W,
        height=COLUMNS_H,
        ground=COLUMNS_H - FOOT,
        bar=bar,
        columns=columns,
        key=key,
        heads=["Day", *(word for _, word in key), "All"],
    )
