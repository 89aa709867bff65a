"""Comparisons of policies on the desk's own history: the list with its form, one on its way or done, and two side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.flows.backtest.report.shown import Report, Table
from watchbill.interfaces.web.viewmodels.parts import Chip, Empty, ErrorSummary, Link, Option, Pager
from watchbill.interfaces.web.viewmodels.shadows import Adopting, ShadowLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One policy of the form."""

    id: str
    name: str
    says: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeField:
    """One field of a change. sort: select, person, or the type of the input."""

    name: str
    label: str
    sort: str
    value: str
    options: Sequence[Option]
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePart:
    """The fields that one kind of change asks."""

    kind: str
    fields: Sequence[ChangeField]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change of a what-if: its kind, and the fields of all kinds, of which those of the chosen one are seen."""

    number: int
    kinds: Sequence[Option]
    parts: Sequence[ChangePart]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewForm:
    """What a new comparison is asked by. people: names that a change may speak of; span: the days that it may."""

    action_href: str
    usual: Sequence[Tick]
    own: Sequence[Tick]
    depths: Sequence[Option]
    has_demand: bool
    changes: Sequence[ChangeRow]
    people: Sequence[str]
    zone: str
    span: str
    errors: ErrorSummary | None
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One comparison of the list. *share*: how far one that runs has come."""

    name: str
    href: str
    state: Chip
    asked: str
    what: str
    says: str
    grade: str
    is_running: bool
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatifPage:
    """The list; *empty* says what is needed before anything can be compared. shadows: the latest shadow runs, wherever they were begun."""

    desk: str
    regret_href: str
    lines: Sequence[Line]
    shadows: Sequence[ShadowLine]
    live_href: str
    form: NewForm | None
    empty: Empty | None
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Two comparisons side by side: names, sentences, and tables of what they say of the same."""

    names: tuple[str, str]
    hrefs: tuple[str, str]
    grades: tuple[str, str]
    sentences: tuple[str, str]
    facts: Table
    policies: Table
    assumptions: Table | None
    close_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """One comparison; what is empty is not there yet."""

    title: str
    back: Link
    state: Chip
    sub: str
    what_if: str
    message: str
    alarm: str
    live_href: str
    share: float
    doing: str
    cancel_href: str
    report: Report | None
    adopting: Adopting | None
    files: Sequence[Link]
    new_href: str
    others: Sequence[Option]
    here_href: str
    hidden: Sequence[tuple[str, str]]
    beside: Beside | None
