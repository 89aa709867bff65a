"""One audit trail out of two streams, work and settings: newest first, page by page."""

from __future__ import annotations

import heapq
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.trail import AuditFilter, SealState, audit_page, seal_state
from watchbill.apps.work.events import Floor, event_floor, event_page
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.audit import STREAMS, desks_read

ITEM = "item"
"""The kind of object that work events are about."""


class Part(StrEnum):
    """Which of the streams."""

    ALL = "all"
    WORK = "work"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """Which events; empty fields ask for nothing. ``desk_id`` None: of every desk that the actor may audit."""

    desk_id: int | None = None
    part: Part = Part.ALL
    actor: str = ""
    action: str = ""
    kind: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailKey:
    """Where a page ended: the lowest id shown of each stream; None when none was shown yet."""

    work: int | None = None
    settings: int | None = None

    def __str__(self) -> str:
        return f"{self.work or 0}.{self.settings or 0}"

    @classmethod
    def parse(cls, text: str) -> TrailKey:
        """Read what ``str`` wrote; empty text is the beginning. Raises InvalidFacts."""
        if not text:
            return cls()
        found = re.fullmatch(r"(\d{1,18})\.(\d{1,18})", text, re.ASCII)
        if found is None:
            raise InvalidFacts(f"“{text[:40]}” is not a place in the trail", field="after")
        return cls(work=int(found[1]) or None, settings=int(found[2]) or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRow:
    """One event. Of work, ``after`` holds the fields that changed, and ``before`` what is known of them."""

    part: Part
    id: int
    at: datetime
    recorded_at: datetime
    desk_id: int | None
    actor_kind: str
    actor_name: str
    action: str
    object_kind: str
    object_ref: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailPage:
    """Some events and where the next page begins (None: this is the last).

    ``looked_to``: a search by actor or act has looked back to this instant of recording and not further.
    """

    rows: tuple[TrailRow, ...]
    next_key: TrailKey | None
    looked_to: datetime | None = None


def trail_page(wanted: TrailFilter, *, key: TrailKey, limit: int = 50, by: Actor) -> TrailPage:
    """Return events of both streams by the instant at which they were recorded, newest first: one query a stream.

    A search by actor or act looks through so many work events at once, and the next page goes on from there; events of
    settings from before that wait for it, so that the order holds over all pages.

    Raises NotAllowed. Events of no desk (users, keys, the clock) are for those who may read the trail everywhere.
    """
    desk_ids = desks_read(wanted.desk_id, by)
    floor = _floor(wanted, key.work)
    work = _work(wanted, desk_ids, key.work, limit + 1, down_to=floor.id if floor else None)
    settings = _settings(wanted, desk_ids, key.settings, limit + 1)
    if floor and len(work) <= limit:
        settings = [row for row in settings if row.recorded_at >= floor.at]
    merged = list(heapq.merge(work, settings, key=lambda row: row.recorded_at, reverse=True))
    shown = tuple(merged[:limit])
    lowest = {part: min((row.id for row in shown if row.part is part), default=None) for part in Part}
    next_key = TrailKey(work=lowest[Part.WORK] or key.work, settings=lowest[Part.SETTINGS] or key.settings)
    if len(merged) > limit:
        return TrailPage(rows=shown, next_key=next_key)
    if floor:
        return TrailPage(rows=shown, next_key=replace(next_key, work=floor.id), looked_to=floor.at)
    return TrailPage(rows=shown, next_key=None)


def _has_work(wanted: TrailFilter) -> bool:
    return wanted.part is not Part.SETTINGS and wanted.kind in ("", ITEM)


def _floor(wanted: TrailFilter, below: int | None) -> Floor | None:
    """Return how far a search through work events goes at once; an item's own events are found by its index."""
    is_search = _has_work(wanted) and not wanted.ref and bool(wanted.actor or wanted.action)
    return event_floor(below) if is_search else None


def _work(
    wanted: TrailFilter, desk_ids: Collection[int] | None, below: int | None, limit: int, *, down_to: int | None
) -> list[TrailRow]:
    if not _has_work(wanted):
        return []
    events = event_page(
        desk_ids=desk_ids, actor_name=wanted.actor, kind=wanted.action, reference=wanted.ref.upper(), below=below,
        down_to=down_to, limit=limit,
    )  # fmt: skip
    return [
        TrailRow(
            part=Part.WORK,
            id=event.id,
            at=event.at,
            recorded_at=event.recorded_at,
            desk_id=event.desk_id,
            actor_kind=event.actor_kind,
            actor_name=event.actor_name,
            action=event.kind,
            object_kind=ITEM,
            object_ref=event.reference,
            before=event.before,
            after=event.data.get("set") or {},
            reason=str(event.data.get("text", "")),
        )
        for event in events
    ]


def _settings(wanted: TrailFilter, desk_ids: Collection[int] | None, below: int | None, limit: int) -> list[TrailRow]:
    if wanted.part is Part.WORK or wanted.kind == ITEM:
        return []
    asked = AuditFilter(action=wanted.action, object_kind=wanted.kind, object_ref=wanted.ref, actor_name=wanted.actor)
    return [
        TrailRow(part=Part.SETTINGS, **row) for row in audit_page(asked, desk_ids=desk_ids, after=below, limit=limit)
    ]


def seal_states(*, by: Actor) -> list[SealState]:
    """Return how far each stream is sealed. Raises NotAllowed for who may read no trail."""
    desks_read(None, by)
    return [seal_state(stream.name, stream.table) for stream in STREAMS.values()]
