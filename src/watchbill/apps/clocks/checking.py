"""What must be true of a desk's calendars together before one of them gets a version, and what is worth saying of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from watchbill.apps.clocks.queries import Rulebook, Version, definition, rulebook
from watchbill.apps.people.queries import desk_by_id, desk_ids
from watchbill.engine.base.calendar import BusinessHours, Calendar, zone_of
from watchbill.engine.base.combined import Combination, Definition, definition_of, resolved
from watchbill.engine.base.errors import InvalidFacts

AHEAD = timedelta(days=366)
"""How far ahead a calendar must open for the first time."""

LISTED_AHEAD = timedelta(days=183)
"""How long before the last listed holidays end somebody is told to add the next ones."""

FEWEST = 3
"""How many closed dates of the year past or to come make a list of holidays, in a calendar that names no country."""

SHOWN_SPANS = 3

LONG_CLOSED = timedelta(days=14)
"""A time without an open hour from which on it is worth saying."""


def require_sound(book: Rulebook, name: str, new: Definition, *, holds_from: datetime, now: datetime) -> None:
    """Raise InvalidFacts unless every calendar of the desk is whole and open, from *holds_from* on, with *new* as *name*.

    A week has an open hour. A combination is made of calendars that hold by then and are not retired, in no circle; and
    its parts have open time together, at each instant from which a version of any of them holds. So a version of a part,
    too, is refused that would leave a combination without any.
    """
    if isinstance(new, Calendar):
        if not any(new.weekly) and not any(special.hours for special in new.special_on):
            raise InvalidFacts(
                "weekly: expected at least one open hour; without any, no clock on this calendar would ever run",
                key="weekly.mon",
            )
    elif retired := new.names & book.retired.keys():
        raise InvalidFacts(f"The calendar “{min(retired)}” is retired; bring it back first", field="parts")
    for instant in sorted({holds_from, *(v.holds_from for v in book.calendars if v.holds_from > holds_from)}):
        held = held_at(book, instant)
        if name not in held or held[name].holds_from <= holds_from:
            _require_whole({n: definition(v.id) for n, v in held.items()} | {name: new}, book, name, instant, now)


def calendar_resolved(desk_id: int, name: str, new: Definition, at: datetime) -> BusinessHours:
    """Return the hours of a calendar that says *new*, among the others of its desk as they hold at *at*.

    Raises InvalidFacts when what it is made of does not hold by then, or closes a circle.
    """
    held = held_at(rulebook(desk_id), at)
    return resolved({n: definition(version.id) for n, version in held.items()} | {name: new})[name]


def held_at(book: Rulebook, instant: datetime) -> dict[str, Version]:
    """Return which version of each calendar holds at *instant*, by name."""
    held: dict[str, Version] = {}
    for version in book.calendars:
        if version.holds_from <= instant:
            held.setdefault(version.name, version)
    return held


def _require_whole(
    definitions: Mapping[str, Definition], book: Rulebook, name: str, instant: datetime, now: datetime
) -> None:
    try:
        hours = resolved(definitions)
    except InvalidFacts as error:
        raise InvalidFacts(f"{error.message}{_later(book, definitions[name])}", field="parts") from None
    since = max(instant, now)
    for one in sorted(touched(definitions, name) - book.retired.keys()):
        if hours[one].next_opening(since, horizon=AHEAD) is None:
            whose = "This calendar" if one == name else f"With this version “{one}”, which is made of “{name}”,"
            found = definitions[one]
            parts = found.names if isinstance(found, Combination) else frozenset[str]()
            week = (since - timedelta(days=since.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
            shown = "; ".join(f"“{part}” is open {_week_words(hours[part], week)}" for part in sorted(parts))
            raise InvalidFacts(
                f"{whose} would not open for a year, so no clock on it would run. In the week of"
                f" {week.day} {week:%b %Y}, in UTC: {shown}",
                field="parts" if one == name else "mon",
            )


def _later(book: Rulebook, found: Definition) -> str:
    """Say which of the parts of a combination hold only later."""
    names = found.names if isinstance(found, Combination) else frozenset[str]()
    first = {version.name: version.holds_from for version in book.calendars if version.name in names}
    return "".join(f" (“{name}” holds from {since:%d %b %Y %H:%M} UTC on)" for name, since in sorted(first.items()))


def touched(definitions: Mapping[str, Definition], name: str) -> set[str]:
    """Return the combinations whose hours depend on what *name* says, itself included when it is one."""
    found, waiting = {name}, [name]
    while waiting:
        part = waiting.pop()
        for one, what in definitions.items():
            if one not in found and isinstance(what, Combination) and part in what.names:
                found.add(one)
                waiting.append(one)
    return {one for one in found if isinstance(definitions[one], Combination)}


def _week_words(hours: BusinessHours, week: datetime) -> str:
    """Say when a calendar is open in the week from a Monday on: its first spans, and how many more."""
    spans = [
        f"{one.start_at:%a %H:%M}-{one.end_at:%H:%M}" for one in hours.open_intervals(week, week + timedelta(days=7))
    ]
    more = f" and {len(spans) - SHOWN_SPANS} times more" if len(spans) > SHOWN_SPANS else ""
    return ", ".join(spans[:SHOWN_SPANS]) + more if spans else "never"


def versions_made_of(book: Rulebook, name: str, now: datetime) -> Iterator[tuple[str, datetime]]:
    """Give the calendars that are made of *name* at *now* or later, with the instant from which they are."""
    held = {version.id for version in held_at(book, now).values()}
    for version in book.calendars:
        found = definition(version.id)
        if (version.id in held or version.holds_from > now) and isinstance(found, Combination) and name in found.names:
            yield version.name, version.holds_from


def version_notes(
    desk_id: int, name: str, body: Mapping[str, Any], *, holds_from: datetime, now: datetime
) -> list[str]:
    """Return what is worth saying of a version of a calendar of a desk, and of the calendars that are made of it.

    `calendar_notes`, and the longest time without an open hour that begins in its first year. Without that where its parts
    do not hold by then.
    """
    since = max(holds_from, now)
    held = {one: definition(version.id) for one, version in held_at(rulebook(desk_id), since).items()}
    definitions = held | {name: definition_of(body)}
    notes = calendar_notes(body, now.date())
    for one in (name, *sorted(touched(definitions, name) - {name})):
        try:
            hours = resolved({part: definitions[part] for part in _parts(definitions, one)})[one]
        except InvalidFacts:
            continue
        notes += _closed_note(hours, "it" if one == name else f"“{one}”, which is made of it,", since)
    return notes


def _parts(definitions: Mapping[str, Definition], name: str) -> set[str]:
    """Return *name* and, of what is known, all that it is made of."""
    found, waiting = set[str](), [name]
    while waiting:
        part = waiting.pop()
        if part in definitions and part not in found:
            found.add(part)
            what = definitions[part]
            waiting += sorted(what.names) if isinstance(what, Combination) else ()
    return found


def _closed_note(hours: BusinessHours, what: str, since: datetime) -> list[str]:
    """Say the longest time without an open hour that begins within a year, when it is long."""
    closes, longest = since, (since, since)
    for span in hours.open_intervals(since, since + AHEAD):
        longest = max(longest, (closes, span.start_at), key=lambda gap: gap[1] - gap[0])
        closes = span.end_at
    opens = hours.next_opening(closes, horizon=AHEAD) if closes < since + AHEAD else None
    longest = max(longest, (closes, opens or closes), key=lambda gap: gap[1] - gap[0])
    if longest[1] - longest[0] < LONG_CLOSED:
        return []
    here = zone_of(hours.zone)
    begins, ends = (f"{at.astimezone(here):%d %b %Y %H:%M}" for at in longest)
    days = (longest[1] - longest[0]).days
    return [f"From {begins} to {ends} {hours.zone} {what} has no open hour, {days} days: no clock on it runs meanwhile"]


def calendar_notes(body: Mapping[str, Any], today: date) -> list[str]:
    """Return what is right about a calendar and yet worth saying: hours that never come, holidays that end soon."""
    found = definition_of(body)
    if not isinstance(found, Calendar):
        return []
    lost = [
        f"On {on:%d %b %Y} clocks in {found.zone} skip {hours}: these hours are no open time"
        for on, hours in found.swallowed()
    ]
    return lost + [
        f"{said[0].upper()}{said[1:]}; after that, this calendar is open on holidays. Add the next years"
        for said in _ending(found, today)
    ]


def _ending(found: Definition, today: date) -> list[str]:
    """Say which holidays of a calendar end soon; of dates written by hand, those that were kept up to now."""
    if not isinstance(found, Calendar):
        return []
    soon = today + LISTED_AHEAD
    if not found.holidays:
        kept = [day for day in found.closed_on if today - AHEAD < day]
        ends = len(kept) >= FEWEST and max(kept) < soon
        return [f"the last date on which it is closed is {max(kept):%d %b %Y}"] if ends else []
    return [
        f"holidays of {one} are listed until the end of {one.until_year}"
        for one in found.holidays
        if date(one.until_year, 12, 31) < soon
    ]


def holidays_ending(now: datetime) -> list[str]:
    """Return the calendars of all open desks, as they hold now, whose listed holidays end soon: desk, name, until when."""
    found = []
    for desk_id in desk_ids():
        desk, book = desk_by_id(desk_id), rulebook(desk_id)
        for name, version in sorted(held_at(book, now).items()):
            if name not in book.retired:
                found += [f"{name} of {desk.slug}: {said}" for said in _ending(definition(version.id), now.date())]
    return found
