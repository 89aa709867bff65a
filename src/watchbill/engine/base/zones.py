"""Names of time zones: which there are, and which one was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import available_timezones

from watchbill.engine.base.jsonform import refuse


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    """All IANA names in order, without what only looks like one: this machine's own zone, and that of none."""
    return tuple(sorted(available_timezones() - {"localtime", "Factory"}))


def require_named(name: str, key: str = "zone") -> None:
    """Raise InvalidFacts for a zone that is no IANA name, though this machine has a file of it (``localtime``)."""
    if name not in _names():
        raise refuse(key, name, f"an IANA time zone such as {nearest_zone(name) or 'Europe/Dublin'}")


@lru_cache(maxsize=256)
def nearest_zone(name: str) -> str:
    """The IANA name most like *name*, a city alone included ("kolkata"); "" when none is like it."""
    wanted = _plain(name)[:60]
    known = {_plain(zone): zone for zone in _names()}
    cities = {plain.rpartition("/")[2]: zone for plain, zone in known.items() if "/" in plain}
    city = wanted.rpartition("/")[2]
    for asked, names in ((wanted, known), (city, cities)):
        if asked in names:
            return names[asked]
    for asked, names in ((wanted, known), (city, cities)):
        found = get_close_matches(asked, names, n=1, cutoff=0.75)
        if found:
            return names[found[0]]
    return ""


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")
