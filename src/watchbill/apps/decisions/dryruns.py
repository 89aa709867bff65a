"""Dry runs of drafts of the assignment policy: asked for, run by the worker, kept, and needed to publish."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchbill.apps.core.references import DRY_RUN
from watchbill.apps.core.runs import Run, Runs
from watchbill.apps.decisions import models
from watchbill.apps.people.rights import Right, may
from watchbill.apps.work.choices import choices_since
from watchbill.engine.assign.policy import Policy

HISTORY, LATELY = 20, timedelta(days=14)
"""A desk that gave away so many items in so long has a history to hold a draft beside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunRow(Run):
    """One dry run as it is kept; see `models.DryRun`."""

    prefix = DRY_RUN
    also = ("days",)

    days: int


DRY_RUNS = Runs(
    table=models.DryRun.objects,
    row_type=DryRunRow,
    name="dry_run",
    done="run dry",
    policy="assignment policy",
    ask="Run it dry over the last days first: the button “Run it dry” of its page, or watchbill assign dry-run",
    same=("digest", "against", "days"),
    may_view=lambda by, desk_id: may(by, Right.POLICY_VIEW, desk_id),
)
dry_run_get, dry_run_row, dry_run_list = DRY_RUNS.get, DRY_RUNS.row, DRY_RUNS.latest


def draft_digest(policy: Policy) -> str:
    """Return the fingerprint of a whole draft: the same for the same policy, whichever version it is."""
    body = replace(policy, version=1).as_json()
    return hashlib.blake2b(json.dumps(body, sort_keys=True).encode(), digest_size=16).hexdigest()


def dry_run_required(desk_id: int, policy: Policy, *, against: int, now: datetime) -> int | None:
    """Return the dry run on the strength of which a draft is published (`Runs.required`); None where the desk needs none.

    A desk that gave away HISTORY items in the last LATELY needs one.
    """
    if choices_since(desk_id, now - LATELY, now, most=HISTORY) < HISTORY:
        return None
    return DRY_RUNS.required(desk_id, digest=draft_digest(policy), against=against).id
