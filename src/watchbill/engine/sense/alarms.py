"""When a desk is told that something is out of the usual, and when that is over: settings and verdicts, without memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.surges import BINS, CALM_DEVIATIONS, Limits, Usual

HOUR = timedelta(hours=1)
BIN = HOUR / BINS
EASED = 0.8
"""An alert on a fixed limit is over below this share of it, so that it does not flicker."""
FEW = 2
"""So many more than usual call for nobody."""
_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001 - of no zone: local time is reckoned from it


class AlertKind(StrEnum):
    """What alerts are about; of the last, what a manager tells the others of Balance."""

    INCOMING = "incoming"
    UNASSIGNED = "unassigned"
    FTS = "fts"
    RISK = "risk"
    LOAD = "load"
    FALLBACK = "fallback"
    NOBODY = "nobody"
    BALANCE = "balance"


LEARNED = (AlertKind.INCOMING, AlertKind.UNASSIGNED, AlertKind.FTS)
"""What has limits learned from history: these share the false alarms that are allowed."""


class Verdict(StrEnum):
    RAISE = "raise"
    KEEP = "keep"
    OVER = "over"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a desk wants to be told of.

    per_week: false alarms that all learned series together may give a week. risk_items: so many open items in danger are
    one alert. load_percent: work held by those on shift, of what their limits allow. off: kinds that are not watched.
    """

    per_week: float = 1.0
    risk_items: int = 10
    load_percent: int = 100
    off: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0.05 <= self.per_week <= 50:
            raise InvalidFacts("False alarms a week are 0.05 to 50", field="per_week")
        if not 1 <= self.risk_items <= 100_000:
            raise InvalidFacts("Items in danger are 1 to 100,000", field="risk_items")
        if not 10 <= self.load_percent <= 1000:
            raise InvalidFacts("Load is 10 to 1,000 per cent of the limits", field="load_percent")
        if unknown := set(self.off) - set(AlertKind):
            raise InvalidFacts(f"There is no alert “{min(unknown)[:40]}”: {', '.join(AlertKind)}", field="off")

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Settings:
        """Return the settings that a desk keeps; what it does not name is as usual."""
        known = {field.name for field in fields(cls)}
        given: dict[str, Any] = {name: value for name, value in body.items() if name in known}
        return cls(**{**given, "off": tuple(given.get("off", ()))})

    def as_json(self) -> dict[str, Any]:
        """Return all of them as JSON."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"off": list(self.off)}


def verdict(value: float, *, limit: float, ease: float, is_open: bool) -> Verdict:
    """Say what a number above its limit, or back below *ease*, means for an alert that is open or not."""
    if is_open:
        return Verdict.OVER if value <= ease else Verdict.KEEP
    return Verdict.RAISE if value > limit else Verdict.NOTHING


def limit_at(of: Limits, hour: int) -> float:
    """Above which level what waits is an alert: its limit, and `FEW` more than usual at least, however still it was before."""
    return max(of.limits[hour], of.middles[hour] + FEW)


def eases_at(of: Limits, hour: int) -> float:
    """Below which level what waits is usual again: half of the way from the middle of that hour to its limit."""
    return (of.middles[hour] + limit_at(of, hour)) / 2


def band(of: Usual | Limits, hour: int) -> tuple[float, float]:
    """The usual band of an hour of the week, for people: from and to."""
    if isinstance(of, Limits):
        return 0.0, limit_at(of, hour)
    mean = of.means[hour]
    wide = CALM_DEVIATIONS * sqrt(mean + mean * mean / of.size)
    return max(0.0, mean - wide), mean + wide


def hour_start(at: datetime, zone: str) -> datetime:
    """The whole local hour that *at* is in: in Kolkata it begins half an hour after one of UTC. PostgreSQL's date_trunc says the same."""
    here = at.astimezone(ZoneInfo(zone))
    past = timedelta(minutes=here.minute, seconds=here.second, microseconds=here.microsecond)
    return at.astimezone(UTC) - past


def hours_between(since: datetime, until: datetime, zone: str) -> Iterator[datetime]:
    """Every local hour that begins in [since, until); *since* is the beginning of one."""
    at = since
    while at < until:
        yield at
        at = hour_start(at + HOUR, zone)


def hour_of_week(at: datetime, zone: str) -> int:
    """The hour of the local week, 0 to 167 from Monday midnight."""
    here = at.astimezone(ZoneInfo(zone))
    return here.weekday() * 24 + here.hour


def bin_number(at: datetime, zone: str) -> int:
    """The 15 minutes of local time that *at* is in, counted from a Monday midnight."""
    here = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return (here - _MONDAY) // BIN


def by_local_time(
    values: Mapping[datetime, float],
    zone: str,
    *,
    since: datetime,
    until: datetime,
    step: timedelta = HOUR,
    is_level: bool = False,
) -> list[int]:
    """Numbers by local hour (or another *step*), in order of local time from *since*, a whole hour, to *until*; those without one are 0.

    Every day has 24 hours. Of what comes, the one that a clock change takes away is 0, and the one that it gives twice is one
    sum; of what waits (*is_level*) the first is as the hour before, and the second as it was in the end.
    """
    start, last = (at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in (since, until))
    found = [0] * max(0, (last - start) // HOUR) * (HOUR // step)
    seen = set()
    for at in sorted(values):
        place = (at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - start) // step
        if 0 <= place < len(found):
            found[place] = int(values[at]) + (0 if is_level else found[place])
            seen.add(place)
    if is_level:
        for place in range(1, len(found)):
            if place not in seen:
                found[place] = found[place - 1]
    return found


def share(per_week: float, series: int) -> float:
    """What one of so many series may give of the false alarms of all."""
    return per_week / max(series, 1)


def usual_as_json(of: Usual, limit: Sequence[float]) -> dict[str, Any]:
    """Return what is usual of arrivals, with the thresholds of its watch, as JSON."""
    means = [round(mean, 4) for mean in of.means]
    return {"means": means, "size": of.size, "weeks": of.weeks, "thresholds": list(limit)}


def usual_of(body: Mapping[str, Any]) -> Usual:
    return Usual(means=tuple(body["means"]), size=body["size"], weeks=body["weeks"])


def limits_as_json(of: Limits) -> dict[str, Any]:
    """Return limits of something that waits as JSON."""
    return {
        "middles": list(of.middles), "limits": [round(limit, 2) for limit in of.limits], "per_week": of.per_week,
        "weeks": of.weeks,
    }  # fmt: skip


def limits_of(body: Mapping[str, Any]) -> Limits:
    return Limits(
        middles=tuple(body["middles"]), limits=tuple(body["limits"]), per_week=body["per_week"], weeks=body["weeks"]
    )


def learned_of(body: Mapping[str, Any]) -> Usual | Limits:
    """Return what was learned of a series, whichever it is."""
    return usual_of(body) if "means" in body else limits_of(body)
