"""Bodies of calendars: as lines that can be compared, and out of the fields of a form. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from watchbill.engine.base.calendar import WEEKDAYS
from watchbill.engine.base.combined import Combination, Way, is_combination
from watchbill.engine.base.errors import InvalidFacts
from watchbill.interfaces.web.charts import DAYS

OWN = "own"
WAYS = {OWN: "Written here", Way.UNION.value: "Union of others", Way.INTERSECTION.value: "Intersection of others"}
"""How a calendar comes by its hours."""


def calendar_lines(body: Mapping[str, Any]) -> dict[str, str]:
    """Return a calendar as label -> value."""
    if is_combination(body):
        made = Combination.from_json(body)
        return {"How": WAYS[made.way.value], "Made of": ", ".join(sorted(made.names))}
    weekly = body.get("weekly", {})
    lines = {"Time zone": str(body.get("zone", ""))}
    for name, label in zip(WEEKDAYS, DAYS, strict=True):
        lines[label] = ", ".join(weekly.get(name, ())) or "closed"
    lines |= {f"Closed on {day}": "yes" for day in body.get("closed_on", ())}
    lines |= {f"Hours on {day}": ", ".join(hours) or "closed" for day, hours in body.get("special_on", {}).items()}
    return lines | {f"Holidays of {_place(one)}": f"listed until {one['until']}" for one in body.get("holidays", ())}


def calendar_body(data: QueryDict) -> dict[str, Any]:
    """Read the form of a calendar; what it says is checked by the calendar itself."""
    made = data.get("made", OWN)
    if made not in WAYS:
        raise InvalidFacts("Choose how the calendar is made", field="made")
    if made != OWN:
        return {made: data.getlist("parts")}
    weekly = {name: _parts(data.get(name, "")) for name in WEEKDAYS}
    special: dict[str, list[str]] = {}
    for line in _lines(data, "special_on"):
        day, colon, hours = line.partition(":")
        if not colon:
            raise InvalidFacts("Write a date and its hours, such as 2026-12-24: 09:00-12:00", field="special_on")
        if day.strip() in special:
            raise InvalidFacts(f"{day.strip()} is there twice", field="special_on")
        special[day.strip()] = [] if hours.strip().lower() in {"closed", ""} else _parts(hours)
    body: dict[str, Any] = {
        "zone": data.get("zone", "").strip(),
        "weekly": {name: hours for name, hours in weekly.items() if hours},
        "closed_on": data.get("closed_on", "").replace(",", " ").split(),
        "special_on": special,
    }
    holidays = [_holidays(line) for line in _lines(data, "holidays")]
    return body | ({"holidays": holidays} if holidays else {})


def _lines(data: QueryDict, name: str) -> list[str]:
    return [line for line in data.get(name, "").splitlines() if line.strip()]


def _holidays(line: str) -> dict[str, Any]:
    found = re.fullmatch(r"\s*(\w+)(?:-(\w+))?\s+(\d{4})\s*", line)
    if found is None:
        raise InvalidFacts("Write a country and the last year listed, such as BR 2028 or BR-SP 2028", field="holidays")
    return {"country": found[1].upper(), "subdivision": (found[2] or "").upper(), "until": int(found[3])}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def special_text(special: Mapping[str, Sequence[str]]) -> str:
    """Write days with hours of their own for the form."""
    return "\n".join(f"{day}: {', '.join(hours) or 'closed'}" for day, hours in special.items())


def holidays_text(holidays: Sequence[Mapping[str, Any]]) -> str:
    """Write for the form of which countries holidays are listed, and until when."""
    return "\n".join(f"{_place(one)} {one['until']}" for one in holidays)


def _place(one: Mapping[str, Any]) -> str:
    return "-".join(filter(None, (one["country"], one.get("subdivision", ""))))


def years_of(text: str) -> list[int]:
    """Read years as people list them. Raises InvalidFacts."""
    years = text.replace(",", " ").split()
    if not all(re.fullmatch(r"[0-9]{4}", year) for year in years):
        raise InvalidFacts("Write years such as 2026 2027", field="years")
    return [int(year) for year in years]


def calendar_field(key: str) -> str:
    """Turn the key of a calendar's body into the name of its field."""
    found = re.match(r"calendar\.(?:weekly\.(\w+)|(\w+))", key)
    if found is None:
        day = re.match(r"weekly\.(\w+)", key)
        return day[1] if day else "special_on" if key.startswith("special_on") else key
    name = found[1] or found[2]
    return "parts" if name in set(Way) else name
