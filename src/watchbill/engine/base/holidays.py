"""On which dates people do not work: those of the calendar of the place where they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from watchbill.engine.base.calendar import DAY_MIN, Calendar, WallInterval

NO_DATES: frozenset[date] = frozenset()
_WHOLE_DAY = (WallInterval(0, DAY_MIN),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """Closed dates of a desk. everywhere: where no calendar tells of a place; by_zone: by IANA zone, empty sets too."""

    everywhere: frozenset[date] = NO_DATES
    by_zone: Mapping[str, frozenset[date]] = field(default_factory=dict)

    def of(self, *zones: str | None) -> frozenset[date]:
        """The dates of the first of *zones*, of the person and then of her region, that calendars tell of; else everywhere."""
        return next((self.by_zone[zone] for zone in zones if zone and zone in self.by_zone), self.everywhere)


NO_HOLIDAYS = Holidays()


def holidays_of(calendars: Iterable[Calendar]) -> Holidays:
    """Closed dates by the zones of a desk's calendars, and everywhere: those that all with closed dates share.

    Of one zone, too, those count that all calendars with closed dates share, so that a calendar of one customer closes
    nobody's day. One that never closes, for the clocks of P1, tells of no place and opens nothing. O(n) in dates.
    """
    places: dict[str, list[frozenset[date]]] = defaultdict(list)
    for calendar in calendars:
        if calendar.closed_on or any(day != _WHOLE_DAY for day in calendar.weekly):
            places[calendar.zone].append(calendar.closed_on)
    shared = {zone: _shared(dates) for zone, dates in places.items()}
    return Holidays(everywhere=_shared([dates for each in places.values() for dates in each]), by_zone=shared)


def _shared(found: Iterable[frozenset[date]]) -> frozenset[date]:
    closed = [dates for dates in found if dates]
    return frozenset.intersection(*closed) if closed else NO_DATES
