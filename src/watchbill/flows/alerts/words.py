"""What alerts say: a title, a sentence with the numbers, and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from watchbill.apps.decisions.alerts import NewAlert
from watchbill.engine.sense.alarms import BIN, AlertKind
from watchbill.engine.sense.surges import Surge
from watchbill.flows.alerts.cover import Gap, Part

SHOWN = 5
"""People named in an alert; the others are counted."""


def incoming(surge: Surge, *, until: datetime, zone: str) -> NewAlert:
    """More comes than usual: how much since when. *until*: the end of the 15 minutes that showed it."""
    since = until - (surge.bin - surge.since + 1) * BIN
    here = since.astimezone(ZoneInfo(zone))
    return NewAlert(
        key=AlertKind.INCOMING.value,
        kind=AlertKind.INCOMING,
        title="More comes in than usual",
        text=f"{surge.came} came since {here:%H:%M} ({zone}); {surge.expected:.1f} are usual",
        value=surge.came,
        told={"expected": round(surge.expected, 1), "limit": round(surge.expected, 1), "since": since.isoformat()},
    )


def unassigned(waits: int, middle: float, limit: float) -> NewAlert:
    """More waits without an owner than usual at this hour."""
    return NewAlert(
        key=AlertKind.UNASSIGNED.value,
        kind=AlertKind.UNASSIGNED,
        title="The unassigned queue is longer than usual",
        text=f"{waits} items wait without an owner; {middle:.0f} are usual at this hour, up to {limit:.0f} are no surprise",
        value=waits,
        told={"expected": middle, "limit": limit},
    )


def handed_over(count: int, middle: float, limit: float, region_id: int, region: str) -> NewAlert:
    """More is handed over to a region than usual at this hour."""
    return NewAlert(
        key=f"{AlertKind.FTS.value}:{region_id}",
        kind=AlertKind.FTS,
        title=f"More is handed over to {region} than usual",
        text=f"{count} items came from other regions in this hour; {middle:.0f} are usual, up to {limit:.0f} are no surprise",
        value=count,
        told={"expected": middle, "limit": limit},
        region_id=region_id,
    )


def endangered(count: int, limit: int, *, is_scored: bool = False) -> NewAlert:
    """Many commitments are likely to be missed: by their scores, or by how long such work usually takes."""
    what = (
        "are more likely to miss a promise than not"
        if is_scored
        else "are past the latest moment at which such work is usually begun in time"
    )
    return NewAlert(
        key=AlertKind.RISK.value,
        kind=AlertKind.RISK,
        title="Many items are in danger",
        text=f"{count} open items {what}; the limit is {limit}",
        value=count,
        told={"limit": limit},
        is_urgent=True,
    )


def loaded(
    people: Sequence[tuple[str, int, int]], percent: float, limit: int, region_id: int | None, region: str
) -> NewAlert:
    """Those on shift hold more than their limits allow. *people*: name, items that can be worked on, limit."""
    over = sorted((one for one in people if one[1] > one[2]), key=lambda one: (one[2] - one[1], one[0]))
    named = ", ".join(f"{name} {held} of {most}" for name, held, most in over[:SHOWN])
    more = f" and {len(over) - SHOWN} more" if len(over) > SHOWN else ""
    whom = f"; over their own limit: {named}{more}" if over else ""
    where = f" in {region}" if region else ""
    return NewAlert(
        key=f"{AlertKind.LOAD.value}:{region_id}" if region_id else AlertKind.LOAD.value,
        kind=AlertKind.LOAD,
        title=f"People on shift{where} hold more than {'they can carry' if limit >= 100 else f'{limit} % of what they can carry'}",
        text=f"{len(people)} people hold {percent:.0f} % of what their limits allow; this alert's limit is {limit} %{whom}",
        value=round(percent, 1),
        told={"limit": limit, "people": len(people)},
        region_id=region_id,
    )


def nobody(count: int, until: datetime | None, *, zone: str) -> NewAlert:
    """Nobody of the desk is there before promises fall due. *until*: when the first one is back, None when nobody is known to be."""
    back = (
        f"until {until.astimezone(ZoneInfo(zone)):%a %d %b %H:%M} ({zone})"
        if until
        else "and nobody is known to come back"
    )
    return NewAlert(
        key=AlertKind.NOBODY.value,
        kind=AlertKind.NOBODY,
        title="Nobody is there to take work",
        text=f"Everybody is off shift or away {back}; before that, promises of {count} open items fall due",
        value=count,
        told={"limit": 0, "until": until.isoformat() if until else None},
        is_urgent=True,
    )


def uncovered(gap: Gap, *, queue: str, region: str, zone: str) -> NewAlert:
    """Nobody who may take work of a queue is there before its promises fall due, though others are at work."""
    parts = sorted(gap.parts, key=lambda part: (-part.count, part.asked))
    named = "; ".join(_part(part, zone) for part in parts[:SHOWN])
    more = f"; and {len(parts) - SHOWN} other kinds" if len(parts) > SHOWN else ""
    items = "1 open item" if gap.count == 1 else f"{gap.count:,} open items"
    where = f"{queue or 'work without a queue'}{f' in {region}' if region else ''}"
    return NewAlert(
        key=f"{AlertKind.NOBODY.value}:{gap.region_id or 0}:{gap.queue_id or 0}",
        kind=AlertKind.NOBODY,
        title=f"Nobody is there for {where}",
        text=f"Promises of {items} fall due before anybody who may take them is at work: {named}{more}",
        value=gap.count,
        told={"limit": 0, "queue": queue or None},
        region_id=gap.region_id,
    )


def _part(part: Part, zone: str) -> str:
    asks = f"{part.count:,} {'asks' if part.count == 1 else 'ask'} for {part.asked}"
    if part.until is None:
        return f"{asks}, and nobody such is known to come"
    return f"{asks}, and {part.back} is the first one back, {part.until.astimezone(ZoneInfo(zone)):%a %d %b %H:%M} ({zone})"


def fallback(why: str) -> NewAlert:
    """The solver does not decide."""
    return NewAlert(
        key=AlertKind.FALLBACK.value,
        kind=AlertKind.FALLBACK,
        title="Proposals are made by the index rule",
        text=f"They are made without the whole queue in view, because {why}",
        value=1,
        told={"limit": 0},
    )
