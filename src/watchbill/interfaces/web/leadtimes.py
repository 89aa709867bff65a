"""What a desk has learned of how long its work takes, as lines of a page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchbill.interfaces.web import words
from watchbill.interfaces.web.formats import duration, moment, plural
from watchbill.interfaces.web.viewmodels.policies import LeadTimeLine

SHOWN = 60
"""Classes that a page shows: the widest ones; programs get all of them."""


def learned_lines(known: Mapping[str, Any]) -> list[LeadTimeLine]:
    """Return the widest classes, those with most items first among equals."""
    ordered = sorted(known["classes"], key=lambda row: (len(_parts(row)), -row["effort_items"], _parts(row)))
    return [
        LeadTimeLine(
            what=", ".join(_parts(row)) or "everything",
            pick_up=duration(row["pick_up_s"]),
            pick_up_p80=duration(row["pick_up_p80_s"]),
            effort=duration(row["effort_s"]),
            effort_p80=duration(row["effort_p80_s"]),
            items=max(row["pick_up_items"], row["effort_items"]),
        )
        for row in ordered[:SHOWN]
    ]


def learned_note(known: Mapping[str, Any], now: datetime) -> str:
    """Return from what and when it was learned."""
    if known["learned_at"] is None:
        return "Nothing was learned yet: until then, every latest safe moment rests on what is assumed"
    return f"Learned {moment(known['learned_at'], now)} UTC from the latest {plural(known['items'], 'case')}; renewed every day"


def _parts(row: Mapping[str, Any]) -> list[str]:
    kind = words.KIND[row["kind"]] if row["kind"] else ""
    parts = (kind, f"P{row['priority']}" if row["priority"] else "", row["category"] or "", row["queue"] or "")
    return [part for part in parts if part]
