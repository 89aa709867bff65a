"""Warnings, latest safe moments, ends of pauses and breaches are written into their items when they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from watchbill.apps.clocks import telling as clocks
from watchbill.apps.clocks.telling import Telling
from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.core.services import lock_try
from watchbill.apps.work import services as work_services
from watchbill.apps.work.told import Told, items_tell
from watchbill.flows.apart import apart
from watchbill.flows.renewing import renew_outdated

BATCH = 1000
"""Clocks handled in one transaction."""

_TIMES = {"response": "time to respond", "resolution": "time to resolve", "next_update": "time to the next update"}
_WITH = {"ola": ", agreed between teams", "uc": ", agreed with the vendor"}
_SHARES = {0.25: "A quarter", 0.5: "Half", 0.75: "Three quarters", 0.9: "Nine tenths"}


def tick(now: datetime) -> int:
    """Write all that clocks have to tell by *now* into their items, each with its true instant; return how much it was.

    Nothing is swept: the index over the next instant of each clock says which are due. Safe to run twice, and to kill:
    a batch is told whole or not at all. One runner at a time. An item that cannot be written is left out, and said; the
    others are told all the same. Six statements a batch, whatever is in it, and a few a desk where terms have changed.
    """
    told, failed = 0, set[int]()
    while True:
        with lock_try("clocks") as is_mine:
            due = clocks.items_due(now, without=failed, limit=BATCH) if is_mine else []
            tellings, left = apart(due, lambda item_ids: _tell(item_ids, now), what="clocks of item")
        told += sum(tellings)
        failed.update(left)
        if not due:
            return told


def _tell(item_ids: Sequence[int], now: datetime) -> int:
    """Tell all that the clocks of these items have to tell, under what holds now. Items are locked first, as by every act."""
    begun = work_services.items_lock(item_ids)
    renew_outdated(item_ids, now)
    tellings = clocks.clocks_to_tell(item_ids, now)
    items_tell(
        [Told(item_id=each.item_id, at=each.at, data=_data(each, is_begun=each.item_id in begun)) for each in tellings],
        by=WATCHBILL,
    )
    clocks.clocks_told(tellings)
    return len(tellings)


def _data(telling: Telling, *, is_begun: bool) -> dict[str, Any]:
    ratio = telling.ratio
    return {
        "text": words(telling, is_begun=is_begun),
        "clock": telling.name,
        "kind": telling.kind,
        "agreement": telling.agreement,
        "what": telling.what,
        "target_s": telling.target_s,
        **({} if ratio is None else {"ratio": ratio}),
    }


def words(telling: Telling, *, is_begun: bool = False) -> str:
    """Return what is told, as a sentence without its full stop. *is_begun*: the item's owner is at it already."""
    is_plain = telling.name.replace("-", "_") == telling.kind
    time = _TIMES.get(telling.kind, f"time for “{telling.name}”") if is_plain else f"time for “{telling.name}”"
    time += _WITH.get(telling.agreement, "")
    if telling.what == "breach":
        return f"The {time} ran out"
    if telling.what == "start_by":
        act = "Go on" if is_begun else "Start"
        return f"{act} by now to make it: what is left of the {time} is what such work usually takes"
    if telling.what == "resumed":
        return f"The pause has lasted as long as one may: the {time} runs on"
    return _warning(time, telling.ratio)


def _warning(time: str, ratio: float | None) -> str:
    if ratio is None:
        return f"The {time} is nearly used up"
    share = _SHARES.get(ratio, f"{ratio * 100:g} %")
    return f"{share} of the {time} {'are' if share.endswith('s') else 'is'} gone"
