"""Desks: which there are, a new one, and what to do next on one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import ErrorSummary
from watchbill.interfaces.web.viewmodels.people import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """One desk of the list, with the forms that rename it, and close it or open it again."""

    name: str
    slug: str
    zone: str
    href: str
    rename_form: Form
    close_form: Form
    closed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do next: why, where, and the command that does it, if it is one."""

    title: str
    text: str
    href: str
    label: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesksPage:
    """The whole page."""

    desks: Sequence[DeskLine]
    new_form: Form | None
    next_title: str
    steps: Sequence[Step]
    errors: ErrorSummary | None = None
    errors_prefix: str = ""
