"""Asking for a replay: a draft is read and checked, kept with what it is replayed against, and the worker woken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks.checking import held_at
from watchbill.apps.clocks.replays import REPLAYS
from watchbill.apps.core.actor import Actor
from watchbill.apps.people.rights import Right, require
from watchbill.engine.base.combined import Definition, definition_entered, resolved
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.clocks import ClockPolicy
from watchbill.engine.clocks.replay import calendars_used, draft_digest
from watchbill.flows.waking import wake

JOB = "replay_policies"
"""The worker's job that replays what waits."""


class Draft(NamedTuple):
    """A draft and every calendar that it counts on."""

    policy: ClockPolicy
    calendars: Mapping[str, Definition]


def draft_of(body: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the policy and the calendars of a draft: a policy by itself, or ``policy`` with ``calendars`` by name.

    Raises InvalidFacts for calendars that are none.
    """
    if "policy" not in body:
        return body, {}
    unknown = sorted(set(body) - {"policy", "calendars"})
    policy, calendars = body["policy"], body.get("calendars", {})
    if unknown or not isinstance(policy, Mapping) or not isinstance(calendars, Mapping):
        wrong = unknown[0] if unknown else "policy" if not isinstance(policy, Mapping) else "calendars"
        raise InvalidFacts(
            f"{wrong}: expected a policy under “policy”, and calendars by name under “calendars”", key=wrong
        )
    return policy, calendars


def draft_read(desk_id: int, policy: Mapping[str, Any], calendars: Mapping[str, Any], *, at: datetime) -> Draft:
    """Read a draft with its drafts of calendars, and those of the desk that hold *at*. Raises InvalidFacts, with the key."""
    drafted = {str(name): definition_entered(body, f"calendars.{name}") for name, body in calendars.items()}
    read = ClockPolicy.from_json({**policy, "version": 1})
    book = clocks.rulebook(desk_id)
    held = {name: each for name, each in held_at(book, at).items() if name not in book.retired}
    known = {**{name: clocks.definition(each.id) for name, each in held.items()}, **drafted}
    missing = sorted({clock.calendar for clock in read.clocks} - known.keys())
    if missing:
        names = ", ".join(sorted(known)) or "none"
        raise InvalidFacts(
            f"The draft names the calendar “{missing[0]}”, which this desk does not have now; it has {names}",
            field="calendar",
        )
    used = calendars_used(read, known)
    unused = sorted(drafted.keys() - used.keys())
    if unused:
        raise InvalidFacts(f"calendars.{unused[0]}: no clock of the draft counts on it", key=f"calendars.{unused[0]}")
    resolved(used)
    return Draft(read, used)


def replay_ask(
    desk_id: int,
    policy: Mapping[str, Any],
    calendars: Mapping[str, Any] | None = None,
    *,
    holds_from: datetime | None = None,
    is_waking: bool = True,
    by: Actor,
    now: datetime,
) -> int:
    """Keep a draft to be replayed over the history of a desk, beside what holds, as of *now*; return the replay's key.

    *calendars* are drafts of calendars by name; the others are those that hold at *holds_from* (None: *now*).
    The worker is woken, unless the caller runs it. The same draft that is under way already is that replay. Raises
    NotAllowed, and InvalidFacts naming the key for a draft that cannot be read.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    draft = draft_read(desk_id, policy, calendars or {}, at=holds_from or now)
    latest = next(iter(clocks.policy_versions(desk_id)), None)
    with transaction.atomic():
        replay_id = REPLAYS.add(
            desk_id,
            policy={key: value for key, value in policy.items() if key != "version"},
            calendars={name: calendar.as_json() for name, calendar in draft.calendars.items()},
            drafted=sorted(calendars or ()),
            holds_from=holds_from,
            digest=draft_digest(draft.policy, draft.calendars),
            against=latest["number"] if latest else 0,
            by=by,
            now=now,
        )
        if is_waking:
            wake(JOB)
    return replay_id
