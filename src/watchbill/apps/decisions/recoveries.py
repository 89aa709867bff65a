"""Recovery options of a desk: asked for, worked out by the worker, kept; one plan of them applied once, and taken back once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.functions import Now

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import RECOVERY, shown
from watchbill.apps.core.runs import Run, Runs
from watchbill.apps.core.services import audit_add, lock_take
from watchbill.apps.core.sql import records
from watchbill.apps.decisions import models
from watchbill.apps.people.rights import Right, may
from watchbill.engine.base.errors import Conflict

MOST_STANDING = 5
"""Plans that stand beside the latest options, of which one is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRow(Run):
    """Recovery options as they are kept; see `models.Recovery`."""

    prefix = RECOVERY
    also = ("hours", "applied_plan", "applied_at", "applied_by_name", "undone_at", "undone_by_name")

    hours: int
    applied_plan: str
    applied_at: datetime | None
    applied_by_name: str
    receipt: Mapping[str, Any] | None
    undone_at: datetime | None
    undone_by_name: str

    @property
    def stands(self) -> bool:
        """Whether a plan of it was applied and not taken back."""
        return bool(self.applied_plan) and self.undone_at is None

    def option(self, code: str) -> Mapping[str, Any] | None:
        """Return the option with this code, if it is offered."""
        found = (one for one in (self.result or {}).get("options", ()) if one["code"] == code)
        return next(found, None)


RECOVERIES = Runs(
    table=models.Recovery.objects,
    row_type=RecoveryRow,
    name="recovery",
    done="worked out",
    policy="assignment policy",
    ask="Work options out on the page Recover, or with watchbill recover",
    same=("digest", "hours"),
    may_view=lambda by, desk_id: may(by, Right.PEOPLE_VIEW, desk_id),
)
recovery_get, recovery_row, recovery_list = RECOVERIES.get, RECOVERIES.row, RECOVERIES.latest


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPlan:
    """A plan that was applied and not taken back, without all that was worked out beside it. passing: what partners do of it, and which."""

    id: int
    plan: str
    name: str
    passing: Mapping[str, Any]
    applied_at: datetime
    applied_by_name: str

    @property
    def reference(self) -> str:
        return shown(RECOVERY, self.id) or ""


def recovery_standing(desk_id: int, *, since: datetime, but: int | None = None) -> list[StandingPlan]:
    """Return the plans of a desk that were applied *since* then and not taken back, the latest first, but that of one run: one query."""
    rows = records(
        "select id, applied_plan as plan, applied_at, applied_by_name, coalesce(o.told ->> 'name', applied_plan) as name,"
        " jsonb_build_object('partners', o.told -> 'partners', 'passed', o.told -> 'passed') as passing"
        " from decisions_recovery left join lateral (select one as told from jsonb_array_elements(result -> 'options') as one"
        " where one ->> 'code' = applied_plan limit 1) as o on true where desk_id = %(desk)s and applied_at >= %(since)s"
        " and undone_at is null and id is distinct from %(but)s order by id desc limit %(most)s",
        {"desk": desk_id, "since": since, "but": but, "most": MOST_STANDING},
    )
    return [StandingPlan(**row) for row in rows]


def recovery_lock(run_id: int) -> RecoveryRow:
    """Return options, locked with all of the desk until the caller's transaction ends: of two who apply at once, one is first."""
    lock_take(f"recovery plans:{recovery_row(run_id).desk_id}")
    models.Recovery.objects.select_for_update().get(id=run_id)
    return recovery_row(run_id)


def recovery_asked(run_id: int, *, by: Actor, now: datetime) -> None:
    """Write down who asked for options, in the caller's transaction."""
    _audit("recovery_asked", run_id, {"hours": recovery_row(run_id).hours}, by=by, now=now)


def recovery_applied(run_id: int, plan: str, receipt: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    """Write down that a plan was applied, in the caller's transaction, which holds the lock."""
    models.Recovery.objects.filter(id=run_id).update(
        applied_plan=plan, applied_at=now, applied_by_name=by.name, receipt=receipt, acted_recorded_at=Now()
    )
    _audit("recovery_applied", run_id, {"plan": plan, **receipt}, by=by, now=now)


def recovery_undone(run_id: int, told: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    """Write down that the plan was taken back, in the caller's transaction, which holds the lock."""
    models.Recovery.objects.filter(id=run_id).update(undone_at=now, undone_by_name=by.name, acted_recorded_at=Now())
    _audit("recovery_undone", run_id, told, by=by, now=now)


def _audit(action: str, run_id: int, after: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    row = recovery_row(run_id)
    audit_add(
        action, object_kind="recovery", object_ref=row.reference, desk_id=row.desk_id, after=dict(after), by=by, now=now
    )


def require_latest(row: RecoveryRow) -> None:
    """Raise Conflict when a plan of other options of the desk was applied, or taken back, after these were begun to be worked out."""
    others = models.Recovery.objects.filter(desk_id=row.desk_id).exclude(id=row.id).order_by("-acted_recorded_at")
    other = others.filter(acted_recorded_at__gte=row.begun_recorded_at or row.recorded_at).first()
    if other is None:
        return
    what = f"a plan of {RECOVERY}-{other.pk}"
    did = (
        f"{other.applied_by_name} has applied {what}"
        if other.undone_at is None
        else f"{other.undone_by_name} has taken {what} back"
    )
    raise Conflict(f"{did} since these were worked out. Work them out anew")
