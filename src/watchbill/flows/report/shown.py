"""Figures as plain data under the names that programs know: the same for the API and for commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import BREACH, CUSTOMER, EXCLUSION, PERSON, key_of, shown
from watchbill.apps.people.desks import DeskRow
from watchbill.apps.people.queries import person_key, team_list
from watchbill.apps.reports import queries
from watchbill.apps.reports.attainment import Attained, CommitmentRow, attainment, commitment_page, summed
from watchbill.apps.reports.choices import By, ExclusionStatus, PausedBy, PauseSort, Result, Sort
from watchbill.apps.reports.codes import code_labels, code_list
from watchbill.apps.reports.queries import BreachRow, ExclusionRow, PauseRow, PauseRule
from watchbill.apps.reports.slices import Slice, place_of, place_shown
from watchbill.apps.work.queues import queue_find
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.time import require_instant
from watchbill.engine.report import Compared, Proportion
from watchbill.flows.report.answering import Confirmed

Row = TypeVar("Row")
Page = dict[str, Any]
"""A page of a list, and under ``next`` where the following one goes on (None: that was all)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Which commitments, as people say it: names and references. Empty means: any."""

    since: datetime | None = None
    until: datetime | None = None
    commitment: str = ""
    agreement: str | None = None
    priority: int | None = None
    queue: str | None = ""
    team: str | None = ""
    owner: str | None = ""
    customer: str | None = ""


def slice_of(desk: DeskRow, named: Named, *, by: Actor) -> Slice:
    """Return the slice that is meant, names as keys. Raises NotFound for what the desk does not have."""
    team = None
    if named.team:
        team = next((each["id"] for each in team_list(desk.id, by=by) if each["name"] == named.team), None)
        if team is None:
            raise NotFound(f"This desk has no team “{named.team}”", field="team")
    return Slice(
        desk_id=desk.id,
        since=None if named.since is None else require_instant(named.since, "since"),
        until=None if named.until is None else require_instant(named.until, "until"),
        commitment=named.commitment,
        agreement=named.agreement or "",
        priority=named.priority,
        queue_id=queue_find(desk.id, name=named.queue)["id"] if named.queue else None,
        team_id=team,
        owner_id=person_key(desk.id, named.owner, by=by) if named.owner else None,
        customer_id=key_of(CUSTOMER, named.customer) if named.customer else None,
        zone=desk.zone,
    )


def attainment_shown(wanted: Slice, dividing: By, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Return attainment by one slice, with and without what is excluded, and that of all."""
    rows = attainment(wanted, dividing, by=by, now=now)
    slices = [_attained(row, dividing) for row in rows]
    return {"by": dividing.value, "slices": slices, "all": _attained(summed(rows), dividing)}


def commitments_shown(
    wanted: Slice, result: Result, *, has_excluded: bool = True, after: str = "", limit: int, by: Actor, now: datetime
) -> Page:
    """Return the commitments behind a number, the latest first."""
    rows = commitment_page(
        wanted, result, has_excluded=has_excluded, before=place_of(after), limit=limit + 1, by=by, now=now
    )
    return _page("commitments", rows, _commitment, lambda row: place_shown(row.at, row.id), limit)


def breaches_shown(
    wanted: Slice, *, reason: str, is_confirmed: bool | None, after: str = "", limit: int, by: Actor
) -> Page:
    """Return breaches, the latest first, and how many each reason explains."""
    before = place_of(after)
    rows = queries.breach_page(
        wanted, reason=reason, is_confirmed=is_confirmed, before=before, limit=limit + 1, by=by
    )  # fmt: skip
    labels = code_labels(wanted.desk_id, Sort.BREACH)
    page = _page("breaches", rows, breach_shown, lambda row: place_shown(row.breach_at, row.id), limit)
    return page | {
        "reasons": [
            {"code": one.code, "label": labels.get(one.code, one.code), "confirmed": one.confirmed,
             "suggested": one.suggested}
            for one in queries.reason_counts(wanted, by=by)
        ]
    }  # fmt: skip


def exclusions_shown(
    desk_id: int, *, status: ExclusionStatus | None, after: str = "", limit: int, by: Actor
) -> Page:  # fmt: skip
    """Return exclusions of a desk, the latest first."""
    before = key_of(EXCLUSION, after) if after else None
    rows = queries.exclusion_list(desk_id, status=status, before=before, limit=limit + 1, by=by)
    return _page("exclusions", rows, exclusion_shown, lambda row: shown(EXCLUSION, row.id), limit)


def audit_shown(wanted: Slice, rule: PauseRule, counted: PausedBy, *, by: Actor) -> dict[str, Any]:
    """Return how often pauses begin late or without a message, by person or team, beside everybody else's."""
    found = queries.pause_audit(wanted, rule, counted, by=by)
    return {
        "late": share_shown(found.late),
        "silent": share_shown(found.silent) if found.has_messages else None,
        "rows": [
            {"key": one.key, "name": one.name, "late": _compared(one.late), "silent": _compared(one.silent)}
            for one in found.rows
        ],
    }


def pauses_shown(
    wanted: Slice, rule: PauseRule, which: PauseSort, counted: PausedBy, *, key: str, after: str = "", limit: int, by: Actor
) -> Page:  # fmt: skip
    """Return the pauses behind a number, the latest first; *key* is that of a row of the audit."""
    rows = queries.pause_page(
        wanted, rule, which, counted=counted, key=key, before=place_of(after), limit=limit + 1, by=by
    )
    return _page("pauses", rows, _pause, lambda row: place_shown(row.began_at, row.id), limit)


def _page(
    name: str,
    rows: Sequence[Row],
    show: Callable[[Row], dict[str, Any]],
    place: Callable[[Row], str | None],
    limit: int,
) -> Page:
    """Return a page of *limit* rows, of which one more was read to know whether any follow."""
    listed = rows[:limit]
    return {name: [show(row) for row in listed], "next": place(listed[-1]) if len(rows) > limit else None}


def share_shown(counted: Proportion) -> dict[str, Any]:
    """Return a share that was counted, with its interval."""
    low, high = counted.interval
    return {"hits": counted.hits, "total": counted.total, "share": counted.share, "low": low, "high": high,
            "is_small": counted.is_small}  # fmt: skip


def _attained(row: Attained, dividing: By) -> dict[str, Any]:
    prefix = {By.OWNER: PERSON, By.CUSTOMER: CUSTOMER}.get(dividing)
    key = shown(prefix, row.key) if prefix and isinstance(row.key, int) else row.key
    if dividing in {By.QUEUE, By.TEAM} and row.key is not None:
        key = row.label
    return {
        "key": "" if key is None else key.isoformat() if isinstance(key, date) else str(key), "label": row.label,
        "attainment": share_shown(row.counted), "with_excluded": share_shown(row.all), "excluded": row.excluded,
        "broken": row.broken,
    }  # fmt: skip


def _commitment(row: CommitmentRow) -> dict[str, Any]:
    names = ("title", "priority", "owner", "queue", "customer", "agreement", "cycle", "status", "target_s", "elapsed_s",
             "at", "reason", "is_confirmed", "exclusion")  # fmt: skip
    return {"item": row.reference, "commitment": row.name, **{name: getattr(row, name) for name in names}}


def breach_shown(row: BreachRow) -> dict[str, Any]:
    """Return a breach with its reasons, suggested and confirmed."""
    names = ("title", "priority", "agreement", "cycle", "breach_at", "suggested", "confirmed", "note", "confirmed_at",
             "exclusion")  # fmt: skip
    return {
        "reference": shown(BREACH, row.id), "item": row.reference, "commitment": row.name,
        **{name: getattr(row, name) for name in names}, "confirmed_by": row.confirmed_by_name,
        "shares": row.evidence.get("shares", {}), "counted_s": row.evidence.get("counted_s", 0),
        "handovers": row.evidence.get("handovers", 0),
    }  # fmt: skip


def exclusion_shown(row: ExclusionRow) -> dict[str, Any]:
    """Return an exclusion: who asked for it and why, and what became of it."""
    names = ("cycle", "code", "text", "asked_at", "answered_at", "answer", "withdrawn_at")
    return {
        "reference": shown(EXCLUSION, row.id), "item": row.reference, "commitment": row.name, "status": row.status.value,
        "asked_by": row.asked_by_name, "answered_by": row.answered_by_name, "withdrawn_by": row.withdrawn_by_name,
        **{name: getattr(row, name) for name in names},
    }  # fmt: skip


def confirmed_shown(done: Confirmed) -> dict[str, Any]:
    """Return which breaches were confirmed, and which were left and why."""
    return {
        "done": [shown(BREACH, row.id) for row in done.done],
        "left": [{"item": item, "reason": reason} for item, reason in done.left],
    }


def codes_shown(desk_id: int) -> dict[str, Any]:
    """Return a desk's codes for breaches and exclusions."""
    names = ("code", "label", "is_active", "is_standard")
    return {
        sort.value: [{name: getattr(row, name) for name in names} for row in code_list(desk_id, sort)] for sort in Sort
    }


def _compared(one: Compared[str] | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"own": share_shown(one.own), "others": share_shown(one.others), "stands_out": one.stands_out}


def _pause(row: PauseRow) -> dict[str, Any]:
    names = ("title", "began_at", "ended_at", "gone_ratio", "message_s", "state", "team")
    return {
        "item": row.reference, "commitment": row.name, "by": row.by_name, **{name: getattr(row, name) for name in names}
    }  # fmt: skip
