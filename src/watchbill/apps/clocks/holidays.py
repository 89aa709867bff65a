"""Public holidays of a country, from the `holidays` library, for calendars that close on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from watchbill.apps.clocks import models
from watchbill.apps.clocks.services import calendar_publish
from watchbill.apps.core.actor import Actor
from watchbill.engine.base.errors import InvalidFacts, NotFound

YEARS = range(1990, 2101)


def holidays_of(country: str, years: Sequence[int], *, subdivision: str | None = None) -> dict[date, str]:
    """Return the public holidays of a country (ISO 3166 code, such as BR) in order, with their names in English.

    Raises InvalidFacts for a country, subdivision or year that the library does not know, naming the known ones.
    """
    import holidays  # takes a tenth of a second; only this function needs it

    known = holidays.list_supported_countries()
    if country not in known:
        raise InvalidFacts(
            f"“{country}” is not a country code with known holidays, such as BR, DE or IN", field="country"
        )
    if subdivision is not None and subdivision not in known[country]:
        there = ", ".join(sorted(known[country])) or "none"
        raise InvalidFacts(f"{country} has no subdivision “{subdivision}”; known are: {there}", field="subdivision")
    wrong = [year for year in years if year not in YEARS]
    if wrong or not years:
        raise InvalidFacts(f"Give years from {YEARS[0]} to {YEARS[-1]}", field="years")
    found = holidays.country_holidays(country, subdiv=subdivision, years=sorted(set(years)), language="en_US")
    return dict(sorted(found.items()))


def holidays_add(
    desk_id: int,
    name: str,
    *,
    country: str,
    years: Sequence[int],
    subdivision: str | None = None,
    holds_from: datetime,
    reason: str,
    by: Actor,
    now: datetime,
) -> tuple[int, dict[date, str]]:
    """Publish the latest version of a calendar with a country's holidays added; return its number and what was added.

    Raises NotFound when the desk has no such calendar, and InvalidFacts when every holiday is in it already.
    """
    body: Mapping[str, Any] | None = (
        models.CalendarVersion.objects.filter(desk_id=desk_id, name=name)
        .order_by("-number")
        .values_list("body", flat=True)
        .first()
    )
    if body is None:
        raise NotFound(f"This desk has no calendar “{name}”")
    closed = set(body.get("closed_on", []))
    found = holidays_of(country, years, subdivision=subdivision)
    added = {day: title for day, title in found.items() if day.isoformat() not in closed}
    if not added:
        raise InvalidFacts(f"The calendar “{name}” closes on all of these days already")
    grown = {**body, "closed_on": sorted(closed | {day.isoformat() for day in added})}
    number = calendar_publish(desk_id, name, grown, holds_from=holds_from, reason=reason, by=by, now=now)
    return number, added
