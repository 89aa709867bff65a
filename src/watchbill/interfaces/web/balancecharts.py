"""Geometry of Balance: forecast of a region, bars of four terms, the strip of loads before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from watchbill.engine.base.ids import PersonId
from watchbill.engine.sense.due import Hour, passed_at
from watchbill.engine.sense.workload import Load, Terms
from watchbill.interfaces.web.formats import moment, percent, time_of_day
from watchbill.interfaces.web.viewmodels.balance import Forecast, Strip, TermBar

WIDE, WIDEST, LEFT, TOP, GROUND = 300.0, 1000.0, 6.0, 8.0, 74.0
"""A chart among others, one by itself, and where its lines begin and end."""
TICKS_H = (0, 6, 12, 18, 24)
AXIS = 1.4
"""How far the axis of a load bar reaches beyond capacity; what is longer is cut there."""
STRIP_W, STRIP_LEFT, FAR = 300.0, 14.0, 3.0
"""The strip of loads: its width, its margin, and beyond how many medians a load is drawn at its end."""
LOOKS = ("begun", "fresh", "handed", "coming")
"""In progress, backlog, hand-offs in, incoming: from the surest to the least sure."""


def hours_text(minutes: float) -> str:
    """Hours of effort as people say them: "0.8 h", "14 h"."""
    hours = minutes / 60
    return f"{hours:.1f} h" if abs(hours) < 10 and round(hours, 1) != round(hours) else f"{round(hours):,} h"


def terms_text(load: Terms) -> str:
    """The four terms in hours, from the surest to the least sure: "4 + 8.5 + 0 + 0.4"."""
    return " + ".join(hours_text(minutes).removesuffix(" h") for minutes in _terms(load))


def _terms(load: Terms) -> tuple[float, ...]:
    return load.in_progress_min, load.backlog_min, load.handoffs_min, load.incoming.mean_min


def forecast_chart(
    name: str, hours: Sequence[Hour], *, now: datetime, zone: str, history_weeks: int, is_alone: bool = False
) -> Forecast:
    """Draw what falls due within a day, with its band, against what can be done in it; the only chart of a page goes all across."""
    wide = WIDEST if is_alone else WIDE
    most = max(max(hour.high_min, hour.capacity_min) for hour in hours) or 60.0
    xs = [round(LEFT + (wide - 2 * LEFT) * at / (len(hours) - 1), 1) for at in range(len(hours))]

    def y(minutes: float) -> float:
        return round(GROUND - (GROUND - TOP) * minutes / most, 1)

    upper = [f"{x},{y(hour.high_min)}" for x, hour in zip(xs, hours, strict=True)]
    lower = [f"{x},{y(hour.low_min)}" for x, hour in zip(xs, hours, strict=True)]
    over = passed_at(hours)
    at = now + timedelta(hours=over or 0)
    warning = (
        "" if over is None else "Over capacity now" if over == 0 else f"Over capacity from {moment(at, now, zone)}"
    )
    end = hours[-1]
    return Forecast(
        name=name,
        width=wide,
        summary=(
            f"{name}: of {hours_text(hours[0].all_min)} on hand {hours_text(hours[0].work_min)} fall due within a day, in"
            f" {len(hours) - 1} hours {hours_text(end.work_min)} ({hours_text(end.low_min)} to {hours_text(end.high_min)});"
            f" {hours_text(hours[0].capacity_min)} can be done in a day. {warning}"
        ),
        band=" ".join(["M", " L ".join(upper), "L", " L ".join(reversed(lower)), "Z"]),
        line="M " + " L ".join(f"{x},{y(hour.work_min)}" for x, hour in zip(xs, hours, strict=True)),
        capacity="M " + " L ".join(_steps(xs, [y(hour.capacity_min) for hour in hours])),
        ticks=[
            (xs[h], time_of_day(now + timedelta(hours=h), zone), _anchor(h, len(hours) - 1)) for h in TICKS_H if h < len(hours)
        ],
        rows=[
            [
                time_of_day(now + timedelta(hours=h), zone), hours_text(hour.work_min),
                f"{hours_text(hour.low_min)} to {hours_text(hour.high_min)}", hours_text(hour.capacity_min),
                hours_text(hour.all_min),
            ]
            for h, hour in enumerate(hours)
        ],
        note=_note(hours, history_weeks),
        warning=warning,
        mark=None if over is None else (xs[over], y(hours[over].work_min)),
    )  # fmt: skip


def _steps(xs: Sequence[float], ys: Sequence[float]) -> list[str]:
    """A line of steps: it holds until the hour is over."""
    points = [f"{xs[0]},{ys[0]}"]
    for at in range(1, len(xs)):
        points += [f"{xs[at]},{ys[at - 1]}", f"{xs[at]},{ys[at]}"]
    return points


def _anchor(hour: int, last: int) -> str:
    return "start" if hour == 0 else "end" if hour == last else "middle"


def _note(hours: Sequence[Hour], history_weeks: int) -> str:
    if not history_weeks:
        return "less than a week of history: incoming unknown"
    room = min(hour.capacity_min - hour.high_min for hour in hours)
    return f"room for {hours_text(room)} at least" if room > 0 else "may come close"


def term_bar(load: Load, horizon_h: int, *, title: str) -> TermBar | None:
    """Draw what falls due in the four terms against available time; off shift against a whole horizon, without a tick; None when there is nothing to draw."""
    available = load.available_min[horizon_h]
    terms = _terms(load.due)
    if available <= 0 and not load.total_min:
        return None
    whole = AXIS * (available if available > 0 else 60.0 * horizon_h)
    capacity = round(100 / AXIS, 1) if available > 0 else None
    parts, x = [], 0.0
    for look, minutes in zip(LOOKS, terms, strict=True):
        width = round(min(minutes / whole * 100, 100 - x), 1)
        if width > 0:
            parts.append((look, round(x, 1), width))
            x += width
    past = (capacity, round(x - capacity, 1)) if capacity is not None and x > capacity + 0.05 else None
    return TermBar(parts=parts, capacity=capacity, past=past, title=title)


def strip_chart(before: Mapping[PersonId, float], after: Mapping[PersonId, float], *, moves: int) -> Strip:
    """Draw everybody's load before and after *moves* on one axis; what is far beyond the others lies at its end."""
    loads_now = [1.0, *before.values()]
    most = min(max([*loads_now, *after.values()]), max(1.0, FAR * median(loads_now))) * 1.1

    def x(load: float) -> float:
        return round(STRIP_LEFT + (STRIP_W - 2 * STRIP_LEFT) * min(load / most, 1.0), 1)

    def dots(loads: Mapping[PersonId, float]) -> list[tuple[float, bool]]:
        return sorted((x(load), load > 1) for load in loads.values())

    now, then = percent(max(before.values(), default=0)), percent(max(after.values(), default=0))
    many = "1 move" if moves == 1 else f"{moves} moves"
    return Strip(
        before=dots(before),
        after=dots(after),
        capacity_x=x(1.0),
        before_text=f"Now, busiest {now}",
        after_text=f"After {many}, busiest {then}",
        summary=f"Loads of {len(before)} people: the busiest has {now} of capacity now, {then} after {many}",
    )
