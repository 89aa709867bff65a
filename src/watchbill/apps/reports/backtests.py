"""Backtests of a desk: asked for, run by the worker, kept, listed, and stopped by those who may ask."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import BACKTEST, shown
from watchbill.apps.core.runs import STOPPED, UNDER_WAY, Run, Runs
from watchbill.apps.core.services import audit_add
from watchbill.apps.core.sql import records
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.reports import models
from watchbill.engine.base.errors import Conflict

LISTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRow(Run):
    """One backtest as it is kept; see `models.Backtest`."""

    prefix = BACKTEST
    also = ("doing", "depth", "policies", "drafts", "what_if")

    doing: str

    @property
    def depth(self) -> str:
        return str(self.policy["depth"])

    @property
    def policies(self) -> list[str]:
        return list(self.policy["policies"])

    @property
    def drafts(self) -> list[str]:
        """What its drafts are called."""
        return [draft["name"] for draft in self.policy["drafts"]]

    @property
    def changes(self) -> list[dict[str, str]]:
        """Under what all compete: each with its text, and what it says in a sentence."""
        return list(self.policy.get("what_if", ()))

    @property
    def what_if(self) -> list[str]:
        """What changes, in words."""
        return [change["says"] for change in self.changes]

    @property
    def share(self) -> float:
        return self.items_done / self.items if self.items else 0.0


BACKTESTS = Runs(
    table=models.Backtest.objects,
    row_type=BacktestRow,
    name="backtest",
    done="backtested",
    policy="assignment policy",
    ask="Compare it on the page What-if",
    may_view=lambda by, desk_id: may(by, Right.POLICY_VIEW, desk_id),
)
backtest_get, backtest_row = BACKTESTS.get, BACKTESTS.row


def asking_digest(asking: Mapping[str, Any]) -> str:
    """Return the fingerprint of what is asked."""
    return hashlib.blake2b(json.dumps(asking, sort_keys=True).encode(), digest_size=16).hexdigest()


def backtest_add(desk_id: int, asking: Mapping[str, Any], *, against: int, by: Actor, now: datetime) -> int:
    """Keep a backtest that is to be done and return its key, in the caller's transaction."""
    require(by, Right.POLICY_EDIT, desk_id)
    run_id = BACKTESTS.add(desk_id, policy=asking, digest=asking_digest(asking), against=against, by=by, now=now)
    told = {"policies": [*asking["policies"], *(draft["name"] for draft in asking["drafts"])], "depth": asking["depth"]}
    if "what_if" in asking:
        told["what_if"] = [change["text"] for change in asking["what_if"]]
    audit_add(
        "backtest_asked", object_kind="backtest", object_ref=shown(BACKTEST, run_id) or "", desk_id=desk_id, after=told,
        by=by, now=now,
    )  # fmt: skip
    return run_id


def backtest_cancel(run_id: int, *, by: Actor, now: datetime) -> None:
    """Stop a backtest that waits or is under way; whoever does it leaves off at its next step.

    Raises NotFound, NotAllowed, and Conflict when it has ended.
    """
    row = backtest_get(run_id, by=by)
    require(by, Right.POLICY_EDIT, row.desk_id)
    with transaction.atomic():
        if models.Backtest.objects.select_for_update().get(id=run_id).state not in UNDER_WAY:
            raise Conflict("This backtest has ended, so there is nothing to cancel")
        BACKTESTS.end(run_id, state=STOPPED, message=f"Cancelled by {by.name}")
        audit_add(
            "backtest_cancelled", object_kind="backtest", object_ref=row.reference, desk_id=row.desk_id, by=by, now=now
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestLine:
    """One backtest in a list: without its answer, of which only the grade, the sentence and the file's dates are read."""

    id: int
    state: str
    by_name: str
    asked_at: datetime
    recorded_at: datetime
    items: int
    items_done: int
    message: str
    doing: str
    depth: str
    policies: list[str]
    drafts: list[str]
    what_if: list[str]
    grade: str | None
    sentence: str | None
    best: str | None

    @property
    def reference(self) -> str:
        return shown(BACKTEST, self.id) or ""

    def as_json(self) -> dict[str, Any]:
        """Return what API and commands answer."""
        names = (
            "reference", "state", "items", "items_done", "doing", "message", "asked_at", "recorded_at", "depth", "policies",
            "drafts", "what_if", "grade", "sentence", "best",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names} | {"by": self.by_name}


def backtest_page(
    desk_id: int, *, before: int | None = None, only: str = "", limit: int = LISTED, by: Actor
) -> list[BacktestLine]:
    """Return backtests of a desk, the latest first, those with smaller keys than *before*, or *only* of a state: one query."""
    require(by, Right.POLICY_VIEW, desk_id)
    rows = records(
        "select id, state, by_name, asked_at, recorded_at, items, items_done, message, doing, policy ->> 'depth' as depth,"
        " policy -> 'policies' as policies, jsonb_path_query_array(policy, '$.drafts[*].name') as drafts,"
        " jsonb_path_query_array(policy, '$.what_if[*].says') as what_if,"
        " result -> 'twin' ->> 'grade' as grade, result -> 'verdict' ->> 'sentence' as sentence,"
        " result -> 'verdict' ->> 'best' as best from reports_backtest where desk_id = %(desk)s"
        f"{'' if before is None else ' and id < %(before)s'}{' and state = %(only)s' if only else ''}"
        " order by id desc limit %(limit)s",
        {"desk": desk_id, "before": before, "only": only, "limit": limit},
    )
    return [BacktestLine(**row) for row in rows]
