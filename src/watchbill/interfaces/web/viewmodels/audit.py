"""The audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.interfaces.web.viewmodels.parts import Empty, Link, Option, Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailChange:
    """One field: what it was (empty when not known) and what it became."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailLine:
    """One event."""

    at: datetime
    shown: str
    recorded: str
    actor: str
    actor_href: str
    is_machine: bool
    act: str
    object_name: str
    object_href: str
    desk: str
    changes: Sequence[TrailChange]
    more: int
    reason: str
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealLine:
    """How far one stream is sealed, and what checking it found."""

    title: str
    state: str
    found: str = ""
    is_bad: bool = False
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """The whole page; verify and export are there only for those who may."""

    scope: str
    lines: Sequence[TrailLine]
    parts: Sequence[Link]
    scopes: Sequence[Link]
    hidden: Sequence[tuple[str, str]]
    actor: str
    actions: Sequence[Option]
    kinds: Sequence[Option]
    ref: str
    is_filtered: bool
    clear_href: str
    seals: Sequence[SealLine]
    pager: Pager
    verify_href: str = ""
    export_href: str = ""
    empty: Empty | None = None
