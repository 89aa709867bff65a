"""Queues: what lies in them, what Watchbill may do there, and how people answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.charts import Columns
from watchbill.interfaces.web.viewmodels.parts import Conflict, Empty, ErrorSummary, Option
from watchbill.interfaces.web.viewmodels.people import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One queue of the list. Counts of proposals are of the period that the page names."""

    name: str
    href: str
    asks: str
    open: int
    open_href: str
    open_width: float
    unassigned: int
    unassigned_href: str
    unassigned_width: float
    oldest: str
    mode: str
    mode_words: str
    rails: str
    proposed: int
    waiting: int
    taken: int
    against: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuesPage:
    """The whole list."""

    summary: str
    period: str
    lines: Sequence[QueueLine]
    chart: Columns
    on_autopilot: int
    stop_href: str = ""
    new_form: Form | None = None
    errors: ErrorSummary | None = None
    errors_prefix: str = ""
    empty: Empty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeForm:
    """What Watchbill may do in a queue."""

    action_href: str
    version: int
    modes: Sequence[tuple[Option, str]]
    per_hour: str
    load_percent: str
    priorities: Sequence[Option]
    people: Sequence[Option]
    reason: str
    per_hour_error: str = ""
    load_percent_error: str = ""
    priorities_error: str = ""
    errors: ErrorSummary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """One queue."""

    name: str
    back_href: str
    about: str
    numbers: Sequence[tuple[str, str, str]]
    mode: str
    mode_words: str
    rails: str
    period: str
    counts: Sequence[tuple[str, int, str]]
    refusals: Sequence[tuple[str, int]]
    overrides: str
    chart: Columns
    mode_form: ModeForm | None = None
    edit_form: Form | None = None
    conflict: Conflict | None = None
    errors: ErrorSummary | None = None
    errors_prefix: str = ""
