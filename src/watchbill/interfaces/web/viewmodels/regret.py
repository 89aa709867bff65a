"""A past day beside the best that could have been made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Empty, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a bar, in per cent of its length. look: the class of its fill."""

    look: str
    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityLine:
    """Promises of one priority, or of all (no level); parts: kept, could have been kept, out of reach."""

    level: int | None
    due: str
    kept: str
    savable: str
    lost: str
    attainment: str
    bound: str
    regret: str
    bar: Sequence[Part]
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What minutes went into."""

    look: str
    label: str
    says: str
    span: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One missed promise. first: what was worked on before it; more: and how many others."""

    name: str
    href: str
    title: str
    level: int
    due: str
    late: str
    why: str
    spent: str
    bar: Sequence[Part]
    summary: str
    first: Sequence[Link]
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A day that was worked out."""

    sentence: str
    regret: str
    priorities: Sequence[PriorityLine]
    reasons: Sequence[Reason]
    savable: Sequence[CaseLine]
    lost: Sequence[CaseLine]
    more: str
    limits: Sequence[str]
    sweep: Sequence[tuple[str, str, str]]
    made: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """A day that was worked out, in the list."""

    label: str
    href: str
    says: str
    regret: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegretPage:
    """One day. live_href: while it is being worked out; ask_href: where it may be asked for, with ask_label."""

    back: Link
    sub: str
    day: str
    latest: str
    go_href: str
    hidden: Sequence[tuple[str, str]]
    before_href: str
    after_href: str
    live_href: str
    share: float
    doing: str
    message: str
    ask_href: str
    ask_label: str
    told: Told | None
    empty: Empty | None
    days: Sequence[DayLine]
