"""Writes of policies, calendars and clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from watchbill.apps.clocks import models
from watchbill.apps.clocks.checking import held_at, require_sound
from watchbill.apps.clocks.queries import definition, rulebook
from watchbill.apps.clocks.replays import replay_published, replay_required
from watchbill.apps.clocks.telling import NEXT
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.versions import version_publish
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.readthrough import has_items
from watchbill.apps.work.versions import require_holds
from watchbill.engine.base.combined import definition_entered, definition_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.clocks import ClockPolicy
from watchbill.engine.clocks.replay import draft_digest

NAME_LIMIT = 80
"""Characters of a calendar's name, which is part of its page's address."""


def calendar_publish(
    desk_id: int,
    name: str,
    body: Mapping[str, Any],
    *,
    holds_from: datetime,
    is_for_history: bool = False,
    reason: str,
    seen_number: int | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Add a version of the desk's calendar *name*; return its number. It never changes what came before: `require_holds`.

    The body is a week of hours, or says of which other calendars it is made (``union`` or ``intersection``).
    ``seen_number`` is the version that the writer edited: Conflict when another has come since. Raises InvalidFacts
    naming the key, the value and what was expected.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    name = name.strip()
    if not 1 <= len(name) <= NAME_LIMIT or not any(map(str.isalnum, name)) or any(c in "/\\" or c < " " for c in name):
        raise InvalidFacts(
            f"A calendar's name has 1 to {NAME_LIMIT} characters, a letter or digit among them, and no slash",
            field="name",
        )
    holds_from = require_holds(desk_id, holds_from, is_for_history=is_for_history, now=now)

    def checked(_: int) -> Mapping[str, Any]:
        book = rulebook(desk_id)
        if name in book.retired:
            raise InvalidFacts(f"The calendar “{name}” is retired; bring it back first", field="name")
        require_sound(book, name, definition_entered(body), holds_from=holds_from, now=now)
        return body

    return version_publish(
        models.CalendarVersion.objects,
        checked,
        desk_id=desk_id,
        name=name,
        kind="calendar",
        what=f"calendar “{name}”",
        holds_from=holds_from,
        reason=reason,
        seen_number=seen_number,
        plain=definition_of,
        by=by,
        now=now,
    )


def policy_publish(
    desk_id: int,
    body: Mapping[str, Any],
    *,
    holds_from: datetime,
    is_for_history: bool = False,
    reason: str,
    seen_number: int | None = None,
    leaves: Sequence[str] = (),
    by: Actor,
    now: datetime,
) -> int:
    """Add a version of the desk's clock policy; return its number. Items keep the version they started under: `require_holds`.

    The version's number is written into the body. Every calendar that it names must exist. On a desk that has items, it
    must have been replayed over them, exactly as it is and beside the newest version (`replays.replay_required`); what
    the replay shows that it leaves undone must be said in *leaves*. Raises InvalidFacts, and Conflict when another
    version than ``seen_number`` is the latest.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    holds_from = require_holds(desk_id, holds_from, is_for_history=is_for_history, now=now)

    def numbered(number: int) -> Mapping[str, Any]:
        whole = {**body, "version": number}
        policy = ClockPolicy.from_json(whole)
        book = rulebook(desk_id)
        calendars = [version for version in book.calendars if version.name not in book.retired]
        known = {version.name for version in calendars if version.holds_from <= holds_from}
        missing = {clock.calendar for clock in policy.clocks} - known
        if missing:
            name = min(missing)
            later = min((version.holds_from for version in calendars if version.name == name), default=None)
            why = (
                "is retired" if name in book.retired
                else f"holds only from {later:%d %b %Y %H:%M} UTC on" if later else "this desk does not have"
            )  # fmt: skip
            raise InvalidFacts(
                f"The policy names the calendar “{name}”, which {why}"
                f" (by then it has {', '.join(sorted(known)) or 'none'})",
                field="calendar",
            )
        return whole

    with transaction.atomic():
        number = version_publish(
            models.PolicyVersion.objects,
            numbered,
            desk_id=desk_id,
            kind="clock_policy",
            what="clock policy",
            holds_from=holds_from,
            reason=reason,
            seen_number=seen_number,
            plain=lambda body: ClockPolicy.from_json({**body, "version": 1}),
            by=by,
            now=now,
        )
        if has_items(desk_id):
            held = held_at(rulebook(desk_id), holds_from)
            calendars = {name: definition(version.id) for name, version in held.items()}
            digest = draft_digest(ClockPolicy.from_json({**body, "version": 1}), calendars)
            replay = replay_required(desk_id, digest=digest, against=number - 1, leaves=leaves)
            replay_published(replay, number=number, leaves=leaves)
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockWrite:
    """One clock as it is to be kept; durations in business seconds."""

    item_id: int
    desk_id: int
    name: str
    kind: str
    agreement: str = "sla"
    cycle: int = 1
    status: str
    policy_id: int
    calendar_id: int
    target_s: int
    elapsed_s: int
    paused_s: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    resumes_at: datetime | None = None
    warn_at: datetime | None
    warn_ats: Sequence[datetime] | None = None
    safe_at: datetime | None = None
    breach_at: datetime | None


COLUMNS: tuple[tuple[str, str], ...] = (
    ("item_id", "bigint"),
    ("desk_id", "bigint"),
    ("name", "text"),
    ("kind", "text"),
    ("agreement", "text"),
    ("cycle", "int"),
    ("status", "text"),
    ("policy_id", "bigint"),
    ("calendar_id", "bigint"),
    ("target_s", "int"),
    ("elapsed_s", "int"),
    ("paused_s", "int"),
    ("started_at", "timestamptz"),
    ("due_at", "timestamptz"),
    ("stopped_at", "timestamptz"),
    ("resumes_at", "timestamptz"),
    ("warn_at", "timestamptz"),
    ("warn_ats", "text"),
    ("safe_at", "timestamptz"),
    ("breach_at", "timestamptz"),
)
"""The columns of a `ClockWrite` in order, with the types in which they are sent (a list of lists has none)."""

_NAMES = ", ".join(name for name, _ in COLUMNS)
_VALUES = _NAMES.replace("warn_ats", "warn_ats::timestamptz[]")
_WRITE = (
    f"insert into clocks_clock as c ({_NAMES}, told_at, next_at)"
    f" select {_VALUES}, %(told_at)s::timestamptz, {NEXT.format('n', '%(told_at)s::timestamptz')}"
    f" from unnest({', '.join(f'%({name})s::{kind}[]' for name, kind in COLUMNS)}) as n({_NAMES})"
    " on conflict (item_id, name) do update set "
    + ", ".join(f"{name} = excluded.{name}" for name, _ in COLUMNS if name not in {"item_id", "name"})
    + f", next_at = {NEXT.format('excluded', 'c.told_at')}"
)


def clocks_write(clocks: Sequence[ClockWrite], *, told_at: datetime | None = None) -> None:
    """Keep clocks, new or changed, in one statement.

    A changed clock keeps what has been told of it; of a new one, what lies before *told_at* counts as told (so that
    the import of a year of history does not tell of every breach in it).
    """
    if not clocks:
        return
    values: dict[str, Any] = {name: [getattr(clock, name) for clock in clocks] for name, _ in COLUMNS}
    values["warn_ats"] = [array_text(clock.warn_ats) for clock in clocks]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {**values, "told_at": told_at})


def array_text(instants: Sequence[datetime] | None) -> str | None:
    """Write instants as an array of the database."""
    return None if instants is None else "{" + ",".join(f'"{at}"' for at in instants) + "}"


def clocks_end(pairs: Sequence[tuple[int, str]]) -> None:
    """Keep clocks that promise nothing any more, as (item id, name), as absent: only what was told of them is remembered."""
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update clocks_clock as c set status = 'absent', due_at = null, warn_at = null, breach_at = null,"
            " warn_ats = null, safe_at = null, resumes_at = null, stopped_at = null, next_at = null"
            " from unnest(%s::bigint[], %s::text[]) as d(item_id, name) where c.item_id = d.item_id and c.name = d.name",
            [[item_id for item_id, _ in pairs], [name for _, name in pairs]],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleWrite:
    """One ended cycle of a commitment as it is to be kept; durations in business seconds."""

    item_id: int
    desk_id: int
    name: str
    kind: str
    agreement: str
    cycle: int
    status: str
    policy_id: int
    calendar_id: int
    target_s: int
    elapsed_s: int
    paused_s: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime
    breach_at: datetime | None


_CYCLE_COLUMNS = (
    *((name, kind) for name, kind in COLUMNS if name not in {"resumes_at", "warn_at", "warn_ats", "safe_at"}),
)
_CYCLE_NAMES = ", ".join(name for name, _ in _CYCLE_COLUMNS)


def cycles_write(item_ids: Sequence[int], cycles: Sequence[CycleWrite]) -> None:
    """Keep the ended cycles of items in place of those that were kept: at most two statements."""
    if not item_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute("delete from clocks_cycle where item_id = any(%s)", [list(item_ids)])
        if cycles:
            cursor.execute(
                f"insert into clocks_cycle ({_CYCLE_NAMES}) select * from"
                f" unnest({', '.join(f'%({name})s::{kind}[]' for name, kind in _CYCLE_COLUMNS)})",
                {name: [getattr(each, name) for each in cycles] for name, _ in _CYCLE_COLUMNS},
            )
