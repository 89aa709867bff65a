"""Geometry of a number by hour against its usual band: pure, from hours to paths."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from watchbill.flows.alerts.shown import Hour, SeriesShown
from watchbill.interfaces.web.formats import count, plural
from watchbill.interfaces.web.viewmodels.alerts import SeriesChart

WIDTH, HEIGHT, LEFT, TOP, FOOT = 400.0, 130.0, 30.0, 10.0, 20.0
EVERY_H = 12


def series_chart(one: SeriesShown, *, zone: str) -> SeriesChart:
    """Draw the hours of a series. What is above its band is marked by its own shape, not by colour alone."""
    most = max([1.0, *(v for hour in one.hours for v in (hour.value, hour.high) if v is not None)])
    points = [_point(n, hour.value, len(one.hours), most) for n, hour in enumerate(one.hours)]
    above = [
        point
        for point, hour in zip(points, one.hours, strict=True)
        if point and hour.high is not None and hour.value is not None and hour.value > hour.high
    ]
    now = next((hour for hour in reversed(one.hours) if hour.value is not None), None)
    if one.weeks:
        learned = f"Usual: learned from {plural(one.weeks, 'week')}; at most {one.per_week:.2g} {'false alarm' if one.per_week == 1 else 'false alarms'} a week"
    else:
        learned = "Three weeks of history are needed to say what is usual"
    latest = "no number yet" if now is None or now.value is None else f"{count(round(now.value))} in the latest hour"
    usual = "" if now is None or now.high is None else f", up to {now.high:.0f} are usual"
    return SeriesChart(
        title=one.title,
        note=learned,
        summary=f"{one.title} over {len(one.hours)} hours: {latest}{usual}; {plural(len(above), 'hour')} above the band",
        width=WIDTH,
        height=HEIGHT,
        band=_band(one.hours, most),
        line=_line(points),
        ticks=[
            (_x(n, len(one.hours)), f"{hour.at.astimezone(ZoneInfo(zone)):%a %H}")
            for n, hour in enumerate(one.hours)
            if hour.at.astimezone(ZoneInfo(zone)).hour % EVERY_H == 0
        ],
        grid=[(_y(share * most, most), f"{share * most:.0f}") for share in ((0, 0.5, 1) if most >= 4 else (0, 1))],
        rows=[
            (
                f"{hour.at.astimezone(ZoneInfo(zone)):%a %H:00}",
                "-" if hour.value is None else f"{hour.value:g}",
                "-" if hour.low is None or hour.high is None else f"{hour.low:.1f} to {hour.high:.1f}",
            )
            for hour in one.hours
        ],
        high=[point for point in above if point],
    )


def _x(place: int, places: int) -> float:
    return round(LEFT + place / max(places - 1, 1) * (WIDTH - LEFT - 6), 1)


def _y(value: float, most: float) -> float:
    return round(HEIGHT - FOOT - value / most * (HEIGHT - FOOT - TOP), 1)


def _point(place: int, value: float | None, places: int, most: float) -> tuple[float, float] | None:
    return None if value is None else (_x(place, places), _y(value, most))


def _line(points: Sequence[tuple[float, float] | None]) -> str:
    """A path through the points; it begins anew after each gap."""
    parts, is_open = [], False
    for point in points:
        if point is not None:
            parts.append(f"{'L' if is_open else 'M'}{point[0]} {point[1]}")
        is_open = point is not None
    return " ".join(parts)


def _band(hours: Sequence[Hour], most: float) -> str:
    """The closed outline of the band; nothing where it is not known."""
    known = [(n, hour.low, hour.high) for n, hour in enumerate(hours) if hour.low is not None and hour.high is not None]
    if len(known) < 2:
        return ""
    upper = [f"{_x(n, len(hours))} {_y(high, most)}" for n, _, high in known]
    lower = [f"{_x(n, len(hours))} {_y(low, most)}" for n, low, _ in reversed(known)]
    return f"M{' L'.join([*upper, *lower])} Z"
