"""Drafts of the assignment policy: what they name, on top of what is in force; all that is wrong with one is told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from watchbill.apps.decisions import models, queries
from watchbill.apps.decisions.routes import rules_slips
from watchbill.engine.assign.changes import Change, policy_changes
from watchbill.engine.assign.policy import RULES, Policy, read_values
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.slips import Slips


def draft_read(desk_id: int, body: Mapping[str, Any], *, now: datetime) -> Policy:
    """Return the whole policy that a draft means: what it does not name is as in force on the desk at *now*.

    ``delivered`` lists keys that are to be as Watchbill comes; ``all`` is every key that the draft does not name. Raises
    InvalidFacts for all slips at once, in the order of the draft.
    """
    slips = Slips()
    values = read_values(body, slips)
    if RULES in body:
        slips.found += rules_slips(desk_id, values.get(RULES) or ())
    slips.found += _version_slips(desk_id, values.get("version"))
    order = {key: place for place, key in enumerate(body)}
    slips.found.sort(key=lambda slip: _place(slip, order))
    slips.end()
    return replace(queries.policy_in_force(desk_id, now).policy, **values)


def _version_slips(desk_id: int, version: int | None) -> list[InvalidFacts]:
    """What is wrong with the number in a draft: it may only be one that the desk has, or that comes next."""
    if version is None:
        return []
    last = (
        models.AssignPolicy.objects.filter(desk_id=desk_id).order_by("-number").values_list("number", flat=True).first()
    )
    if 0 <= version <= (last or 0) + 1:
        return []
    said = f"version = {version}; expected none: the next version is {(last or 0) + 1}, whatever a draft says"
    return [InvalidFacts(said, key="version")]


def _place(slip: InvalidFacts, order: Mapping[str, int]) -> tuple[int, int]:
    key = re.fullmatch(r"([^.\[]*)(?:\[(\d+)\])?.*", str(slip.details.get("key", "")), re.DOTALL)
    return (order.get(key[1], len(order)), int(key[2] or 0)) if key else (len(order), 0)


def draft_changes(desk_id: int, policy: Policy, *, now: datetime) -> list[Change]:
    """Return everything in which a whole draft differs from what is in force at *now*."""
    return policy_changes(queries.policy_in_force(desk_id, now).policy, policy)


def version_changes(desk_id: int, number: int) -> list[Change]:
    """Return everything in which a published version differs from what held until then. Raises NotFound."""
    policy = queries.policy_version(desk_id, number)
    since = models.AssignPolicy.objects.filter(desk_id=desk_id, number=number).values("holds_from")[:1]
    earlier = models.AssignPolicy.objects.filter(desk_id=desk_id, number__lt=number, holds_from__lte=since)
    before = earlier.order_by("-holds_from", "-number").values_list("number", flat=True).first()
    return policy_changes(queries.policy_version(desk_id, before or 0), policy)
