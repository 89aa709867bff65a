"""Public holidays of a country, from the `holidays` library, for calendars that close on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from watchbill.apps.clocks import models
from watchbill.apps.clocks.services import calendar_publish
from watchbill.apps.core.actor import Actor
from watchbill.apps.people.rights import Right, require
from watchbill.engine.base.calendar import Calendar, CountryHolidays
from watchbill.engine.base.combined import is_combination
from watchbill.engine.base.errors import InvalidFacts, NotFound

YEARS = range(1990, 2101)


YEARS_AHEAD = 3
"""How many years are added when nobody says which: the present one and those after it."""


def holidays_of(country: str, years: Sequence[int], *, subdivision: str | None = None) -> dict[date, str]:
    """Return the public holidays of a country (ISO 3166 code, such as BR) in order, with their names in English.

    Raises InvalidFacts for a country, subdivision or year that the library does not know, naming the known ones, and for
    a year of which it lists none: some countries announce their holidays year by year.
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
    empty = set(years) - {day.year for day in found}
    if empty:
        raise InvalidFacts(
            f"No holidays of {country} are known for {min(empty)}; the calendar would be open on all of them",
            field="years",
        )
    return {day: found[day] for day in sorted(found) if day.year in years}


def holidays_ahead(country: str, now: datetime, *, subdivision: str | None = None) -> dict[date, str]:
    """Return the holidays of the present year and of those after it, as far as they are known: `YEARS_AHEAD` years."""
    found = holidays_of(country, [now.year], subdivision=subdivision)
    for year in range(now.year + 1, now.year + YEARS_AHEAD):
        try:
            found |= holidays_of(country, [year], subdivision=subdivision)
        except InvalidFacts:
            break
    return found


def holidays_add(
    desk_id: int,
    name: str,
    *,
    country: str,
    years: Sequence[int] = (),
    subdivision: str | None = None,
    holds_from: datetime,
    reason: str,
    seen_number: int | None = None,
    by: Actor,
    now: datetime,
) -> tuple[int, dict[date, str]]:
    """Publish the latest version of a calendar with a country's holidays added; return its number and what was added.

    Without *years*: those ahead, as far as they are known. The version says until which year they are listed
    (`checking.calendar_notes` warns before that). Raises NotFound when the desk has no such calendar, and InvalidFacts
    when every holiday is in it already, or when it is made of others.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    latest = models.CalendarVersion.objects.filter(desk_id=desk_id, name=name).order_by("-number").first()
    if latest is None:
        raise NotFound(f"This desk has no calendar “{name}”")
    if is_combination(latest.body):
        raise InvalidFacts(f"“{name}” is made of other calendars; add the holidays to those", field="country")
    found = (
        holidays_of(country, years, subdivision=subdivision)
        if years
        else holidays_ahead(country, now, subdivision=subdivision)
    )
    body: Mapping[str, Any] = latest.body
    closed = set(body.get("closed_on", []))
    added = {day: title for day, title in found.items() if day.isoformat() not in closed}
    listed = _listed(Calendar.from_json(body).holidays, country, subdivision or "", {day.year for day in found})
    grown = {
        **body,
        "closed_on": sorted(closed | {day.isoformat() for day in added}),
        "holidays": [
            {"country": one.country, "subdivision": one.subdivision, "until": one.until_year} for one in listed
        ],
    }
    if not added and listed == Calendar.from_json(body).holidays:
        raise InvalidFacts(f"The calendar “{name}” closes on all of these days already", field="country")
    number = calendar_publish(
        desk_id, name, grown, holds_from=holds_from, reason=reason, seen_number=seen_number, by=by, now=now
    )
    return number, added


def _listed(
    present: Sequence[CountryHolidays], country: str, subdivision: str, years: Collection[int]
) -> tuple[CountryHolidays, ...]:
    """Return until when each country's holidays are listed with those of *years* added: no year between is missing."""
    found = {(one.country, one.subdivision): one.until_year for one in present}
    until = found.get((country, subdivision), min(years))
    while until + 1 in years:
        until += 1
    found[country, subdivision] = until
    return tuple(CountryHolidays(country=c, subdivision=s, until_year=year) for (c, s), year in sorted(found.items()))
