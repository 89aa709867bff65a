"""Writes of policies, modes and decisions. Whoever writes items too writes the items first, then their decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import PERSON, shown
from watchbill.apps.core.services import audit_add, desk_changed, lock_take
from watchbill.apps.core.versions import changed_since, require_reason, version_publish
from watchbill.apps.decisions import models
from watchbill.apps.decisions.choices import Status
from watchbill.apps.decisions.drafts import draft_read
from watchbill.apps.decisions.dryruns import DRY_RUNS, LATELY, dry_run_required
from watchbill.apps.decisions.queries import policies_held, policy_version
from watchbill.apps.people.models import Person
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.work.models import Queue
from watchbill.apps.work.versions import require_holds
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.rails import GuardRails, Mode
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound

# Policies and modes


def policy_publish(
    desk_id: int,
    body: Mapping[str, Any],
    *,
    holds_from: datetime,
    is_for_history: bool = False,
    reason: str,
    seen_number: int | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Add a version of the desk's assignment policy; return its number. It never changes what came before: `require_holds`.

    What *body* does not name stays as it is in force (`drafts.draft_read`); kept is the whole. ``seen_number`` is the version
    that the writer edited (0: the built-in one): Conflict when another has come since. Raises InvalidFacts, naming key, value
    and expectation, for a body that does not fit or a missing reason, and on a desk with history for a draft that was not run
    dry beside the newest version (`dryruns.dry_run_required`).
    """
    require(by, Right.POLICY_EDIT, desk_id)
    require_holds(desk_id, holds_from, is_for_history=is_for_history, now=now)
    dry_runs: list[int | None] = []

    def checked(number: int) -> Mapping[str, Any]:
        policy = draft_read(desk_id, body, now=now)
        if not is_for_history:
            dry_runs.append(dry_run_required(desk_id, policy, against=number - 1, now=now))
        return replace(policy, version=number).as_json()

    with transaction.atomic():
        number = policy_version_add(
            desk_id, checked, holds_from=holds_from, reason=reason, seen_number=seen_number, by=by, now=now
        )
        for run_id in dry_runs:
            if run_id is not None:
                DRY_RUNS.published(run_id, number=number)
    return number


def policy_take_back(
    desk_id: int, number: int, *, reason: str, seen_number: int | None = None, by: Actor, now: datetime
) -> int:
    """Publish an earlier version again, from now on, whole and as it was; return the number of the new one.

    A version that held within the last two weeks needs no dry run: it is known how it works. ``number`` 0 is as delivered;
    ``seen_number`` and what else is refused: `policy_publish`. Rules are not held against the desk again. Raises NotFound.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    require_reason(reason)
    policy = policy_version(desk_id, number)

    def whole(new: int) -> Mapping[str, Any]:
        if number not in policies_held(desk_id, since=now - LATELY, now=now):
            dry_run_required(desk_id, policy, against=new - 1, now=now)
        return replace(policy, version=new).as_json()

    said = f"{f'Version {number}' if number else 'What is delivered'} again: {reason.strip()}"
    with transaction.atomic():
        return policy_version_add(desk_id, whole, holds_from=now, reason=said, seen_number=seen_number, by=by, now=now)


def policy_version_add(
    desk_id: int, body_of: Callable[[int], Mapping[str, Any]], *, holds_from: datetime, reason: str,
    seen_number: int | None, by: Actor, now: datetime,
) -> int:  # fmt: skip
    return version_publish(
        models.AssignPolicy.objects,
        body_of,
        desk_id=desk_id,
        kind="assign_policy",
        what="assignment policy",
        holds_from=holds_from,
        reason=reason,
        seen_number=seen_number,
        plain=lambda body: Policy.from_json({**body, "version": 1}, is_stored=True),
        delivered=Policy().as_json(),
        by=by,
        now=now,
    )


def mode_set(
    queue_id: int,
    *,
    mode: str,
    guard_rails: Mapping[str, Any] | None = None,
    version: int | None = None,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> int:
    """Switch a queue to off, advise, autopilot or pull, with guard-rails (None: as they were); return the new version.

    ``version`` is the one that the writer saw (0: never set): Conflict when it was set since. Raises NotFound, and
    InvalidFacts for an unknown mode, rails that do not fit, or people of another desk.
    """
    queue = Queue.objects.filter(id=queue_id).values("desk_id", "name").first()
    if queue is None or not may(by, Right.WORK_VIEW, queue["desk_id"]):
        raise NotFound("There is no such queue, or you may not see it")
    require(by, Right.AUTOPILOT_SET, queue["desk_id"])
    if mode not in set(Mode):
        raise InvalidFacts(f"A queue's mode is one of {', '.join(Mode)}, got “{mode}”", field="mode")
    with transaction.atomic():
        settings_hold(queue["desk_id"])
        row = models.QueueMode.objects.filter(queue_id=queue_id).first()
        seen = row.version if row else 0
        if version is not None and version != seen:
            raise changed_since(
                f"changed the mode of {queue['name']} since you opened the page",
                object_kind="queue_mode", object_ref=queue["name"], desk_id=queue["desk_id"], version=seen,
            )  # fmt: skip
        body = guard_rails if guard_rails is not None else (row.guard_rails if row else {})
        rails = GuardRails.from_json(body)
        _require_people_of(queue["desk_id"], rails)
        before = {"mode": row.mode, "guard_rails": row.guard_rails} if row else {"mode": Mode.ADVISE}
        after = {"mode": mode, "guard_rails": rails.as_json()}
        models.QueueMode.objects.update_or_create(queue_id=queue_id, defaults={**after, "version": seen + 1})
        audit_add(
            "queue_mode_set",
            object_kind="queue_mode",
            object_ref=queue["name"],
            desk_id=queue["desk_id"],
            before=before,
            after=after,
            reason=reason,
            by=by,
            now=now,
        )
        desk_changed(queue["desk_id"])
    return seen + 1


def _require_people_of(desk_id: int, rails: GuardRails) -> None:
    known = set(Person.objects.filter(desk_id=desk_id, id__in=list(rails.people)).values_list("id", flat=True))
    if rails.people - known:
        raise InvalidFacts(f"people: {shown(PERSON, min(rails.people - known))} is nobody of this desk", key="people")


def settings_hold(desk_id: int) -> None:
    """Keep the desk's policy and modes as they are until the caller's transaction ends.

    Whoever switches autopilot off waits for a run that has begun; when she has her answer, nothing more is given away.
    """
    lock_take(f"decisions:{desk_id}")


def autopilot_stop(desk_id: int, *, reason: str, by: Actor, now: datetime) -> int:
    """Switch every queue of a desk that is on autopilot back to advise, at once; return how many."""
    require(by, Right.AUTOPILOT_SET, desk_id)
    with transaction.atomic():
        lock_take(f"decisions:{desk_id}")
        running = models.QueueMode.objects.filter(queue__desk_id=desk_id, mode=Mode.AUTOPILOT)
        rows = list(running.order_by("queue_id").select_related("queue"))
        for row in rows:
            row.mode, row.version = Mode.ADVISE, row.version + 1
            audit_add(
                "autopilot_stopped",
                object_kind="queue_mode",
                object_ref=row.queue.name,
                desk_id=desk_id,
                before={"mode": Mode.AUTOPILOT},
                after={"mode": Mode.ADVISE},
                reason=reason,
                by=by,
                now=now,
            )
        models.QueueMode.objects.bulk_update(rows, ["mode", "version"])
        if rows:
            desk_changed(desk_id)
    return len(rows)


# Decisions


def _as_json(rows: Sequence[Any]) -> str:
    """Return records of one class as a JSON list. Their values are JSON already, so nothing is copied on the way."""
    names = [column.name for column in fields(rows[0])]
    return json.dumps([{name: getattr(row, name) for name in names} for row in rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A decision to keep: open, or already applied by autopilot when ``receipt`` is there."""

    desk_id: int
    item_id: int
    item_version: int
    queue_id: int | None
    mode: str
    chosen_id: int | None
    score: float | None
    outcome: Mapping[str, Any]
    policy_number: int
    facts_digest: str
    receipt: Mapping[str, Any] | None = None


_RECORD = (
    "desk_id bigint, item_id bigint, item_version int, queue_id bigint, mode text, chosen_id bigint, score float8,"
    " outcome jsonb, policy_number int, facts_digest text, receipt jsonb"
)
_ADD = f"""
insert into decisions_decision (desk_id, item_id, item_version, queue_id, status, mode, chosen_id, score, outcome,
    policy_number, facts_digest, proposed_at, answered_at, answered_recorded_at, answered_by_name, given_to_id, receipt,
    refusal, reason, undone_by_name)
select desk_id, item_id, item_version, queue_id, case when receipt is null then 'proposed' else 'applied' end, mode,
    chosen_id, score, outcome, policy_number, facts_digest, %(now)s,
    case when receipt is not null then %(now)s::timestamptz end,
    case when receipt is not null then statement_timestamp() end,
    case when receipt is null then '' else %(by)s end, case when receipt is not null then chosen_id end, receipt,
    '', '', ''
from jsonb_to_recordset(%(rows)s::jsonb) as r({_RECORD}) order by item_id
returning item_id, id
"""


def decision_add_many(decisions: Sequence[NewDecision], *, by: Actor, now: datetime) -> dict[int, int]:
    """Keep decisions in one statement; return their ids by item. An item has at most one open proposal."""
    if not decisions:
        return {}
    rows = _as_json(decisions)
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {"rows": rows, "now": now, "by": by.name})
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """An open proposal whose choice stands: of which version of the item, and in which queue, and why, if that changed."""

    id: int
    item_version: int
    queue_id: int | None
    mode: str
    outcome: Mapping[str, Any] | None = None
    score: float | None = None
    facts_digest: str | None = None


def decision_refresh_many(proposals: Sequence[Refreshed]) -> None:
    """Bring open proposals up to date in one statement; those that were answered meanwhile stay as they are."""
    if not proposals:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update decisions_decision as d set item_version = r.item_version, queue_id = r.queue_id, mode = r.mode,"
            " outcome = coalesce(r.outcome, d.outcome), score = case when r.outcome is null then d.score else r.score end,"
            " facts_digest = coalesce(r.facts_digest, d.facts_digest)"
            " from jsonb_to_recordset(%s::jsonb) as r(id bigint, item_version int, queue_id bigint, mode text, outcome jsonb,"
            " score float8, facts_digest text)"
            " where d.id = r.id and d.status = 'proposed'",
            [_as_json(proposals)],
        )


def decision_supersede_for(item_ids: Sequence[int], *, now: datetime) -> int:
    """Close the open proposals of items that somebody decided by hand, or that need none any more; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update decisions_decision set status = 'superseded', answered_at = %s,"
            " answered_recorded_at = statement_timestamp() where id in (select id from decisions_decision"
            " where item_id = any(%s) and status = 'proposed' order by id for update)",
            [now, list(item_ids)],
        )
        return int(cursor.rowcount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one open proposal; ``queue_id``: where the item was when autopilot gave it away."""

    decision_id: int
    status: Status
    mode: str | None = None
    queue_id: int | None = None
    given_to_id: int | None = None
    refusal: str = ""
    reason: str = ""
    receipt: Mapping[str, Any] | None = None


def decision_answer_many(answers: Sequence[Answer], *, by: Actor, now: datetime) -> None:
    """Answer open proposals in one statement. Raises Conflict, writing nothing, if one of them is open no more."""
    if not answers:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update decisions_decision as d set status = r.status, mode = coalesce(r.mode, d.mode),"
            " queue_id = coalesce(r.queue_id, d.queue_id),"
            " given_to_id = r.given_to_id, refusal = r.refusal, reason = r.reason, receipt = r.receipt,"
            " answered_at = %(now)s, answered_recorded_at = statement_timestamp(), answered_by_name = %(name)s,"
            " answered_by_user_id = %(user)s"
            " from jsonb_to_recordset(%(rows)s::jsonb) as r(decision_id bigint, status text, mode text, queue_id bigint,"
            " given_to_id bigint, refusal text, reason text, receipt jsonb)"
            " where d.id = r.decision_id and d.status = 'proposed'",
            {"rows": _as_json(answers), "now": now, "name": by.name, "user": by.user_id},
        )
        if cursor.rowcount != len(answers):
            raise answered_before(answers[0].decision_id)


def answered_before(decision_id: int) -> Conflict | NotFound:
    """Return the error for an answer that came second: it names who answered, and how."""
    row = (
        models.Decision.objects.filter(id=decision_id)
        .values("status", "answered_by_name", "answered_at", "item__reference", "given_to__name")
        .first()
    )
    if row is None:
        return NotFound("There is no such decision, or you may not see it")
    reference, name = row["item__reference"], row["answered_by_name"]
    details = {
        "reference": reference,
        "status": row["status"],
        "by": name,
        "at": row["answered_at"] and row["answered_at"].isoformat(),
    }
    if row["status"] == Status.SUPERSEDED:
        return Conflict(f"This proposal for {reference} holds no more: the item or the plan has changed", **details)
    given = f", and it went to {row['given_to__name']}" if row["given_to__name"] else ""
    return Conflict(f"{name} has answered this proposal for {reference} already: {row['status']}{given}", **details)


def decision_undo(decision_id: int, *, by: Actor, now: datetime) -> None:
    """Mark an answered decision as undone. Raises Conflict when it was undone before, or never answered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update decisions_decision set undone_at = %s, undone_by_name = %s where id = %s and undone_at is null"
            " and status in ('accepted', 'changed', 'refused', 'applied')",
            [now, by.name, decision_id],
        )
        if cursor.rowcount == 1:
            return
    row = models.Decision.objects.filter(id=decision_id).values("undone_by_name", "undone_at", "status").first()
    if row and row["undone_at"]:
        raise Conflict(f"{row['undone_by_name']} has undone this already", by=row["undone_by_name"])
    raise Conflict("There is nothing to undo: this proposal was not answered")


def tick_seen_set(
    desk_id: int, *, planned_at: datetime, seen: Mapping[str, Any], next_change_at: datetime | None, now: datetime
) -> None:
    """Keep how far the tick has seen on a desk."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into decisions_desktick (desk_id, ran_at, planned_at, seen, next_change_at)"
            " values (%(desk)s, %(now)s, %(planned)s, %(seen)s, %(next)s) on conflict (desk_id) do update set"
            " ran_at = excluded.ran_at, planned_at = excluded.planned_at, seen = excluded.seen,"
            " next_change_at = excluded.next_change_at",
            {"desk": desk_id, "now": now, "planned": planned_at, "seen": json.dumps(seen), "next": next_change_at},
        )
