"""Dry runs of drafts of the assignment policy: on the way, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.runs import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """Choices of one priority or queue."""

    label: str
    choices: int
    differs: int
    agree_in_force: str
    agree_draft: str
    nobody_in_force: int
    nobody_draft: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonBars:
    """Hours that one person was given, and would have been: numbers, and widths in per cent of the most."""

    name: str
    hours: Sequence[str]
    widths: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One choice on which the draft differs."""

    reference: str
    href: str
    at: str
    priority: int
    decided: str
    in_force: str
    draft: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunPage:
    """One dry run; what is empty is not there yet."""

    run: Run
    groups: Sequence[GroupLine]
    people: Sequence[PersonBars]
    spread: Sequence[tuple[str, str]]
    nobody_by: Sequence[tuple[str, int]]
    examples: Sequence[Example]
    limits: Sequence[str]
