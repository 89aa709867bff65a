"""Calendars made of others: open where one of them is (union), or where all of them are (intersection).

Which hours a combination has, and in which zones: docs/algorithms/clocks.md, "Calendars made of others".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache, reduce
from itertools import chain

from watchbill.engine.base.calendar import WEEKDAYS, BusinessHours, Calendar, require_once, require_reached
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import MICROS_PER_DAY, Chunk, OpenTable, common, instant_of, merged
from watchbill.engine.base.jsonform import read_list, read_object, read_text, refuse
from watchbill.engine.base.zones import require_named

MAX_PARTS = 50
MAX_DEPTH = 8
"""How many calendars one may be made of, and how often what it is made of may be made of others again."""

MAX_SPANS = 24
"""Spans of hours that one day may have: what a calendar costs grows with them."""

_CHUNK_DAYS = 64
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Way(StrEnum):
    """How a calendar is made of others."""

    UNION = "union"
    INTERSECTION = "intersection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """What a combined calendar says: of which others, by name, it is made, and how. Their order does not matter."""

    way: Way
    names: frozenset[str]

    def __str__(self) -> str:
        between = " or " if self.way is Way.UNION else " and "
        return f"open while {between.join(sorted(self.names))} {'is' if self.way is Way.UNION else 'are'}"

    def as_json(self) -> dict[str, object]:
        """A plain dict that `from_json` reads back."""
        return {self.way.value: sorted(self.names)}

    @classmethod
    def from_json(cls, body: object, key: str = "calendar") -> Combination:
        """Read ``{"union": [name, name, ...]}`` or ``{"intersection": [...]}``: at least two, each once."""
        parts = read_object(body, key, keys=[way.value for way in Way])
        if len(parts) != 1:
            raise refuse(key, dict(parts), "either union or intersection, not both")
        way = Way(next(iter(parts)))
        names = read_list(parts[way.value], f"{key}.{way}", read_text)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise refuse(f"{key}.{way}", twice[0], "each calendar once")
        if not 2 <= len(names) <= MAX_PARTS:
            raise refuse(f"{key}.{way}", list(names), f"the names of 2 to {MAX_PARTS} calendars")
        return cls(way=way, names=frozenset(names))


Definition = Calendar | Combination
"""What one version of a calendar says."""


def is_combination(body: object) -> bool:
    """Whether the body of a calendar says that it is made of others."""
    return isinstance(body, Mapping) and any(way.value in body for way in Way)


def definition_of(body: object, key: str = "calendar") -> Definition:
    """Read either sort of calendar. Raises InvalidFacts naming the key, its value, and what was expected."""
    return Combination.from_json(body, key) if is_combination(body) else Calendar.from_json(body, key)


def definition_entered(body: object, key: str = "calendar") -> Definition:
    """Read a calendar that somebody has just written.

    Also refused is a date that is given twice or that no calendar reaches, a zone that only this machine knows, and more
    than `MAX_SPANS` spans of hours a day.
    """
    found = definition_of(body, key)
    if isinstance(found, Calendar) and isinstance(body, Mapping):
        require_named(found.zone, f"{key}.zone")
        closed = [date.fromisoformat(day) for day in body.get("closed_on", ())]
        require_once(closed, f"{key}.closed_on")
        require_reached(closed, f"{key}.closed_on")
        require_reached([special.on for special in found.special_on], f"{key}.special_on")
        days = {f"weekly.{name}": hours for name, hours in zip(WEEKDAYS, found.weekly, strict=True)}
        days |= {f"special_on.{special.on}": special.hours for special in found.special_on}
        for day, hours in days.items():
            if len(hours) > MAX_SPANS:
                raise refuse(f"{key}.{day}", len(hours), f"at most {MAX_SPANS} spans of hours a day")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedCalendar(BusinessHours):
    """The union or the intersection of other hours. ``zone`` is the one that all parts share, else UTC."""

    way: Way
    parts: frozenset[BusinessHours]
    zone: str = field(init=False, compare=False)
    __hash__ = BusinessHours.__hash__

    def __post_init__(self) -> None:
        zones = {part.zone for part in self.parts}
        object.__setattr__(self, "zone", zones.pop() if len(zones) == 1 else "UTC")

    def _compiled(self) -> OpenTable:
        return _table_of(self)

    def _moved(self, zone: str) -> BusinessHours:
        return combined(self.way, (part.in_zone(zone) for part in self.parts))


def combined(way: Way, parts: Iterable[BusinessHours]) -> BusinessHours:
    """The *way* of *parts*; parts that are all equal are it themselves."""
    found = frozenset(parts)
    return next(iter(found)) if len(found) == 1 else CombinedCalendar(way=way, parts=found)


def resolved(definitions: Mapping[str, Definition]) -> dict[str, BusinessHours]:
    """The hours of each definition, those that are made of others included.

    Raises InvalidFacts, naming the calendars, for a name that is not among them, for a circle, and for more than
    `MAX_DEPTH` made of one another.
    """
    found: dict[str, tuple[BusinessHours, int]] = {}

    def hours_of(name: str, above: tuple[str, ...]) -> tuple[BusinessHours, int]:
        """The hours of *name*, and how deep what it is made of goes; *above* are those that it is a part of."""
        if name in above:
            circle = (*above[above.index(name) :], name)
            raise InvalidFacts(f"Calendars in a circle: {', which is made of '.join(f'“{one}”' for one in circle)}")
        if name not in found:
            definition = definitions[name]
            if isinstance(definition, Calendar):
                found[name] = definition, 0
            else:
                found[name] = made_of(name, definition, above)
        return found[name]

    def made_of(name: str, definition: Combination, above: tuple[str, ...]) -> tuple[BusinessHours, int]:
        missing = definition.names - definitions.keys()
        if missing:
            known = ", ".join(sorted(definitions.keys() - {name})) or "none"
            raise InvalidFacts(f"“{name}” is made of “{min(missing)}”, which is not among the calendars: {known}")
        parts = [hours_of(part, (*above, name)) for part in sorted(definition.names)] if len(above) < MAX_DEPTH else []
        depth = 1 + max((depth for _, depth in parts), default=MAX_DEPTH)
        if depth > MAX_DEPTH:
            raise InvalidFacts(f"“{name}” is made of calendars that are made of others, more than {MAX_DEPTH} deep")
        return combined(definition.way, (hours for hours, _ in parts)), depth

    return {name: hours_of(name, ())[0] for name in definitions}


@lru_cache(maxsize=512)
def _table_of(hours: CombinedCalendar) -> OpenTable:
    """One table for all equal combinations: the spans of a piece of 64 UTC days are asked of the parts' tables."""
    tables = [part.table for part in hours.parts]

    def chunk_at(micros: int) -> int:
        return instant_of(micros).date().toordinal() // _CHUNK_DAYS

    def chunk_of(number: int) -> Chunk:
        lo, hi = ((n * _CHUNK_DAYS - _EPOCH_DAY) * MICROS_PER_DAY for n in (number, number + 1))
        spans = [table.spans(lo, hi) for table in tables]
        kept = merged(chain.from_iterable(spans)) if hours.way is Way.UNION else reduce(common, spans)
        return Chunk(lo, hi, list(kept))

    return OpenTable(chunk_at=chunk_at, chunk_of=chunk_of)
