"""A calendar in words and pictures: its week as it is written, or the week that comes out of what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from watchbill.apps.clocks.checking import calendar_resolved, version_notes
from watchbill.engine.base.calendar import DAY_MIN, BusinessHours, Calendar, first_instant
from watchbill.engine.base.combined import Combination, definition_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import instant_of
from watchbill.engine.clocks.durations import minutes_words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.charts import week_chart
from watchbill.interfaces.web.formats import plural
from watchbill.interfaces.web.viewmodels.charts import Week
from watchbill.interfaces.web.viewmodels.parts import Link

WEEK_DAYS = 7


def calendar_words(visit: Visit, body: Mapping[str, Any], name: str, since: datetime | None = None) -> dict[str, Any]:
    """Return a calendar's week as a chart, its hours added up, and its dates; *since*: from when the version holds."""
    found = definition_of(body)
    notes = version_notes(visit.desk.id, name, body, holds_from=since or visit.now, now=visit.now)
    if isinstance(found, Combination):
        drawn, text = made_week(visit, found, name, since or visit.now)
        links = [Link(label=part, href=visit.href("policy-calendar", part)) for part in sorted(found.names)]
        return {"week": drawn, "week_text": text, "links": links, "notes": notes}
    week = [[(hours.start_min, hours.end_min) for hours in day] for day in found.weekly]
    total = sum(closes - opens for day in week for opens, closes in day)
    return {
        "week": week_chart(week, zone=found.zone, now=visit.now, what=f"Opening hours of {name}"),
        "week_text": f"{minutes_words(total)} a week, {plural(sum(bool(day) for day in week), 'day')} open, "
        f"local time of {found.zone}",
        "closed": [_day(day) for day in sorted(found.closed_on)],
        "special": [f"{_day(one.on)}: {', '.join(str(hours) for hours in one.hours) or 'closed'}"
                    for one in sorted(found.special_on, key=lambda one: one.on)],
        "listed": [f"{one} until {one.until_year}" for one in found.holidays],
        "notes": notes,
    }  # fmt: skip


def draft_words(visit: Visit, body: Mapping[str, Any], name: str) -> tuple[Week | None, str]:
    """Return the week of a draft that is not published: picture and text. Raises InvalidFacts."""
    found = definition_of(body)
    if isinstance(found, Calendar):
        words = calendar_words(visit, body, name)
        return words["week"], words["week_text"]
    return made_week(visit, found, name, visit.now)


def made_week(visit: Visit, made: Combination, name: str, since: datetime) -> tuple[Week | None, str]:
    """Return the present week of a combination, or the first one in which it holds; on the desk's wall if zones differ."""
    begin = max(since, visit.now)
    try:
        hours = calendar_resolved(visit.desk.id, name, made, begin)
    except InvalidFacts as error:  # a draft, or a version from before what it is made of now
        return None, error.message
    here = ZoneInfo(hours.zone if hours.zone != "UTC" else visit.desk.zone)
    monday = begin.astimezone(here).date() - timedelta(days=begin.astimezone(here).weekday())
    week = [_open_on(hours, monday + timedelta(days=number), here) for number in range(WEEK_DAYS)]
    total = sum(closes - opens for day in week for opens, closes in day)
    text = (
        f"{minutes_words(total)} in the week of {_day(monday)}: {made}; on the wall of {here.key}"
        if total
        else f"not open in the week of {_day(monday)}: {made}"
    )
    return week_chart(week, zone=here.key, now=visit.now, what=f"Opening hours of {name}"), text


def _open_on(hours: BusinessHours, day: date, here: ZoneInfo) -> list[tuple[int, int]]:
    """Return what is open on a local day, in minutes after its midnight."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall time; the zone comes with the rule
    begin, end = (first_instant(midnight + timedelta(days=ahead), here) for ahead in (0, 1))
    found = []
    for span in hours.open_intervals(instant_of(begin), instant_of(end)):
        walls = [at.astimezone(here) for at in (span.start_at, span.end_at)]
        opens, closes = (wall.hour * 60 + wall.minute for wall in walls)
        found.append((opens, closes if walls[1].date() == day else DAY_MIN))
    return [(opens, closes) for opens, closes in found if opens < closes]


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b} {day.year}"
