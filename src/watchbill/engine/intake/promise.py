"""What a profile says of the desk's promises: its table `[promise]`. Its form is in docs/reference/profiles.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from watchbill.engine.base.calendar import WallInterval
from watchbill.engine.base.jsonform import read_object, read_text, refuse
from watchbill.engine.base.work import Priority

ALWAYS = "24x7"
"""In place of the hours of a day: day and night."""
_DURATION = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)(h|min)")
_MINUTES = {"h": 60, "min": 1}
_KEYS = (*(priority.name for priority in Priority), "hours")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseSaid:
    """Targets to resolve, in business minutes by priority, and the hours of Monday to Friday in which they run.

    hours: such as 08:00-18:00, or ALWAYS. What is empty is not said.
    """

    targets_min: Mapping[Priority, int] = field(default_factory=dict)
    hours: str = ""


def read_promise(body: object, key: str = "promise") -> PromiseSaid:
    """Read the table. Raises InvalidFacts naming the key that makes no sense, and what was expected."""
    table = read_object(body, key, keys=_KEYS)
    if not table:
        raise refuse(key, body, 'a target by priority such as P1 = "4h"')
    return PromiseSaid(
        targets_min={p: read_minutes(table[p.name], f"{key}.{p.name}") for p in Priority if p.name in table},
        hours=read_hours(table["hours"], f"{key}.hours") if "hours" in table else "",
    )


def read_minutes(body: object, key: str) -> int:
    """Read a target such as 4h, 1.5h or 30min."""
    match = _DURATION.fullmatch(body.strip()) if isinstance(body, str) else None
    minutes = round(float(match[1]) * _MINUTES[match[2]]) if match else 0
    if minutes < 1:
        raise refuse(key, body, "hours or minutes in which they run, such as 4h, 1.5h or 30min")
    return minutes


def read_hours(body: object, key: str) -> str:
    """Read the hours of a day, or ALWAYS."""
    text = read_text(body, key).strip()
    return text if text == ALWAYS else str(WallInterval.parse(text, key))


def duration_of(minutes: int) -> str:
    """Write minutes as `read_minutes` reads them."""
    return f"{minutes / 60:g}h" if minutes % 30 == 0 else f"{minutes}min"
