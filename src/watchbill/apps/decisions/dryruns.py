"""Dry runs of drafts of the assignment policy: asked for, run by the worker, kept, and needed to publish."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchbill.apps.core import runs
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import DRY_RUN, shown
from watchbill.apps.core.services import lock_take
from watchbill.apps.decisions import models
from watchbill.apps.people.rights import Right, may
from watchbill.apps.work.choices import choices_since
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import InvalidFacts, NotFound

HISTORY, LATELY = 20, timedelta(days=14)
"""A desk that gave away so many items in so long has a history to hold a draft beside."""
KEPT = 10
"""Dry runs of a desk that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunRow:
    """One dry run as it is kept; see `models.DryRun`."""

    id: int
    desk_id: int
    by_name: str
    by_user_id: int | None
    asked_at: datetime
    recorded_at: datetime
    finished_recorded_at: datetime | None
    policy: Mapping[str, Any]
    days: int
    digest: str
    against: int
    state: str
    tries: int
    items: int
    items_done: int
    message: str
    result: Mapping[str, Any] | None
    published: int | None

    @property
    def is_under_way(self) -> bool:
        return self.state in runs.UNDER_WAY

    def as_json(self) -> dict[str, Any]:
        """Return what API and commands answer."""
        names = (
            "state", "days", "items", "items_done", "message", "asked_at", "recorded_at", "finished_recorded_at", "against",
            "digest", "published", "result",
        )  # fmt: skip
        return {
            "reference": shown(DRY_RUN, self.id), "by": self.by_name, **{name: getattr(self, name) for name in names}
        }  # fmt: skip


_COLUMNS = tuple(DryRunRow.__dataclass_fields__)


def draft_digest(body: Mapping[str, Any]) -> str:
    """Return the fingerprint of a draft: the same for the same policy, however it was written."""
    policy = Policy.from_json({**body, "version": 1}).as_json()
    return hashlib.blake2b(json.dumps(policy, sort_keys=True).encode(), digest_size=16).hexdigest()


def dry_run_get(run_id: int, *, by: Actor) -> DryRunRow:
    """Return one dry run. Raises NotFound, also for those who may not read the desk's policies."""
    row = dry_run_row(run_id)
    if not may(by, Right.POLICY_VIEW, row.desk_id):
        raise NotFound("There is no such dry run")
    return row


def dry_run_row(run_id: int) -> DryRunRow:
    """Return one dry run for those who run it. Raises NotFound."""
    values = models.DryRun.objects.filter(id=run_id).values(*_COLUMNS).first()
    if values is None:
        raise NotFound("There is no such dry run")
    return DryRunRow(**values)


def dry_run_list(desk_id: int, *, limit: int = KEPT) -> list[DryRunRow]:
    """Return the latest dry runs of a desk, the latest first."""
    rows = models.DryRun.objects.filter(desk_id=desk_id).order_by("-id").values(*_COLUMNS)[:limit]
    return [DryRunRow(**row) for row in rows]


def dry_run_add(desk_id: int, body: Mapping[str, Any], *, days: int, against: int, by: Actor, now: datetime) -> int:
    """Keep a dry run that is to be done, and return its key; the same one that is under way is not begun twice.

    Two who ask at one moment wait for each other: it belongs into the caller's transaction.
    """
    digest = draft_digest(body)
    lock_take(f"dry_runs:{desk_id}")
    same = models.DryRun.objects.filter(
        desk_id=desk_id, digest=digest, against=against, days=days, state__in=runs.UNDER_WAY
    ).first()
    if same is not None:
        return int(same.pk)
    row = models.DryRun.objects.create(
        desk_id=desk_id, policy=dict(body), days=days, digest=digest, against=against, by_name=by.name,
        by_user_id=by.user_id, asked_at=now,
    )  # fmt: skip
    return int(row.pk)


def dry_run_required(desk_id: int, body: Mapping[str, Any], *, against: int, now: datetime) -> int | None:
    """Return the finished dry run of exactly this draft beside the newest version; None where the desk needs none.

    A desk that gave away HISTORY items in the last LATELY needs one. Raises InvalidFacts that says what to do when there is none.
    """
    if choices_since(desk_id, now - LATELY, now, most=HISTORY) < HISTORY:
        return None
    rows = models.DryRun.objects.filter(desk_id=desk_id, digest=draft_digest(body)).order_by("-id")
    found = [DryRunRow(**row) for row in rows.values(*_COLUMNS)[:KEPT]]
    done = next((row for row in found if row.state == runs.DONE and row.against == against), None)
    if done is not None:
        return done.id
    ask = "Run it dry over the last days first: the button “Run it dry” of its page, or watchbill assign dry-run"
    if any(row.is_under_way for row in found):
        said = "The dry run of this draft is still under way; publish when it has ended"
    elif any(row.state == runs.DONE for row in found):
        said = f"This draft was run dry before version {against} of the assignment policy was published. {ask}"
    else:
        said = f"This very draft has not been run dry. {ask}"
    raise InvalidFacts(said, field="dry_run")


def dry_run_published(run_id: int, *, number: int) -> None:
    """Note which version was published on the strength of a dry run."""
    models.DryRun.objects.filter(id=run_id).update(published=number)


def dry_run_lock(run_id: int) -> AbstractContextManager[bool]:
    """Hold the lock of one dry run, or yield False at once when another process is at it."""
    return runs.run_lock(f"dry_run:{run_id}")


def dry_runs_open() -> list[int]:
    """Return the dry runs that wait or are under way, the first that was asked for first."""
    return runs.runs_open(models.DryRun.objects)


def dry_run_begin(run_id: int, *, items: int) -> None:
    """Begin, or begin anew."""
    runs.run_begin(models.DryRun.objects, run_id, items=items)


def dry_run_step(run_id: int, *, items_done: int) -> None:
    """Note how far a dry run has come."""
    runs.run_step(models.DryRun.objects, run_id, items_done=items_done)


def dry_run_put_back(run_id: int, *, is_tried: bool = False) -> None:
    """Let a dry run wait again; that the worker was told to stop counts as no try."""
    runs.run_put_back(models.DryRun.objects, run_id, is_tried=is_tried)


def dry_run_end(run_id: int, *, state: str, message: str = "", result: Mapping[str, Any] | None = None) -> None:
    """End a dry run: done with its result, or stopped with a sentence."""
    runs.run_end(models.DryRun.objects, run_id, state=state, message=message, result=result)
