"""Imports: how they went, what was not taken, and what was inferred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Alarm, Chip, Empty, ErrorSummary, Pager
from watchbill.interfaces.web.viewmodels.people import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """One import of the list. *share* of 0 to 1: of the file's bytes while it is read, of its items while applied.

    *note* says how one that was interrupted goes on.
    """

    name: str
    href: str
    file: str
    status: Chip
    is_running: bool
    share: float
    read: int
    accepted: int
    accepted_width: float
    rejected: int
    items: int
    when: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """What was inferred of one sort: the sentence with its counts, and where it can be looked at."""

    title: str
    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportsPage:
    """The whole list."""

    lines: Sequence[ImportLine]
    inferences: Sequence[Inference]
    held: str
    note: str
    is_running: bool
    live_href: str
    empty: Empty | None = None
    command: str = ""
    form: Form | None = None
    errors: ErrorSummary | None = None
    infer_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectLine:
    """One row that was not taken."""

    line: int
    column: str
    value: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage:
    """One import."""

    name: str
    back_href: str
    line: ImportLine
    message: str
    alarm: Alarm
    live_href: str
    numbers: Sequence[tuple[str, str]]
    facts: Sequence[tuple[str, str]]
    rejects: Sequence[RejectLine]
    rejects_href: str
    pager: Pager | None = None
