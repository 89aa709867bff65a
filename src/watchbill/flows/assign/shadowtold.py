"""A shadow run as it is told: where it stands, what it has come to, where the draft differs; the same for page, API and command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.decisions import shadows
from watchbill.apps.decisions.shadows import ShadowDiffers, ShadowRow, ShadowSums
from watchbill.apps.people.queries import person_names

LIMITS = (
    "Nothing that the draft decides is done, so each decision is asked in the situation that the policy in force has made.",
    "Of one run of the ticker at most 25 decisions are compared, the most urgent first; of each item the latest counts, and a difference stays though both agree later.",
    "Each item is placed by itself under both policies, as a new item is; what a whole plan would exchange is not seen.",
    "The chance of a miss is that of the live balance: each person works what she owns in the order of urgency, in her known hours.",
    "A draft that gives work to somebody where the policy in force finds nobody is not credited with it.",
)
"""What a shadow run cannot say, in words, with every one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowTold:
    """One run at an instant. refused: why it cannot be adopted yet; names: of the people in differs."""

    row: ShadowRow
    now: datetime
    sums: ShadowSums
    differs: list[ShadowDiffers]
    names: dict[int, str]
    refused: str

    def as_json(self) -> dict[str, Any]:
        """Return what API and command answer."""
        row = self.row
        return {
            "reference": row.reference, "draft": row.name, "says": row.says, "backtest": row.backtest or None,
            "state": row.phase(self.now).value, "message": row.message, "days": row.days,
            "days_done": round(row.days_done(self.now), 2), "asked_at": row.asked_at, "ends_at": row.ends_at, "ended_at": row.ended_at,
            "by": row.by_name, "against": row.against, "stop_rule": dict(row.rule), "turns": row.turns, "seconds": round(row.seconds, 3),
            "published": row.published, "adoptable": not self.refused, "why_not": self.refused, **self.sums.as_json(),
            "differs": [
                {
                    "item": one.reference, "priority": one.priority, "at": one.at, "done": self.names.get(one.done_id or 0),
                    "draft": self.names.get(one.draft_id or 0), "difference": one.difference, "reason": one.reason,
                }
                for one in self.differs
            ],
            "limits": list(LIMITS),
        }  # fmt: skip


def shadow_told(shadow_id: int, *, by: Actor, now: datetime) -> ShadowTold:
    """Return one run with all that is said of it: some six queries."""
    row = shadows.shadow_get(shadow_id, by=by)
    sums, differs = shadows.shadow_sums(shadow_id), shadows.shadow_differs(shadow_id)
    people = {who for one in differs for who in (one.done_id, one.draft_id) if who is not None}
    return ShadowTold(
        row=row, now=now, sums=sums, differs=differs, names=person_names(sorted(people)),
        refused=shadows.adopt_refused(row, sums, now=now),
    )  # fmt: skip


def line_of(row: ShadowRow, now: datetime) -> dict[str, Any]:
    """Return one run in a list, plain."""
    return {
        "reference": row.reference, "draft": row.name, "state": row.phase(now).value, "days": row.days,
        "days_done": round(row.days_done(now), 2), "asked_at": row.asked_at, "ends_at": row.ends_at, "by": row.by_name,
        "message": row.message, "published": row.published,
    }  # fmt: skip
