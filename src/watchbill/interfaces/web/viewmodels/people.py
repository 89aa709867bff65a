"""People: the list, one person's page, and one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.balance import ShareLine
from watchbill.interfaces.web.viewmodels.board import QueueRow
from watchbill.interfaces.web.viewmodels.charts import Week
from watchbill.interfaces.web.viewmodels.parts import (
    Chip,
    Conflict,
    Empty,
    ErrorSummary,
    Field,
    Link,
    LoadBar,
    Option,
    Pager,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """One person of the list. *shift* says until when she is on, or from when."""

    name: str
    href: str
    teams: str
    bar: LoadBar
    held: str
    held_href: str
    top: int
    waiting: int
    shift: str
    is_on: bool
    chips: Sequence[Chip] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceLine:
    """One absence of a person that is not over. Without an address it cannot be taken back by who looks."""

    reference: str
    when: str
    what: str
    note: str
    cancel_href: str = ""
    cancel_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """The whole list."""

    summary: str
    place: str
    lines: Sequence[PersonLine]
    views: Sequence[Link]
    view: str
    text: str
    teams: Sequence[Option]
    desk: str
    regions_href: str
    partners_href: str
    pager: Pager
    new_form: Form | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of a page: absent without an address. *name* is also the prefix of its fields."""

    name: str
    title: str
    action_href: str
    submit: str
    fields: Sequence[Field]
    errors: ErrorSummary | None = None
    hidden: Sequence[tuple[str, str]] = ()
    is_open: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One fact about a person (a team, a skill) and how it is known."""

    name: str
    how: str
    level: int = 0
    is_confirmed: bool = False
    href: str = ""
    drop_href: str = ""
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign:
    """The form that gives a person's open work to somebody else."""

    action_href: str
    people: Sequence[Option]
    total: int
    version: int
    errors: ErrorSummary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRow:
    """One item of what next."""

    reference: str
    href: str
    title: str
    priority: int
    is_own: bool
    why: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPanel:
    """What a person does next; with an address, she may pick *pick_reference*. *note*: why nothing is to pick for her."""

    rows: Sequence[NextRow]
    sub: str
    note: str
    pick_href: str = ""
    pick_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """One person. Forms are there only for those who may correct."""

    name: str
    about: str
    chips: Sequence[Chip]
    notices: Sequence[str]
    rows: Sequence[QueueRow]
    rows_total: int
    rows_href: str
    skills: Sequence[Known]
    teams: Sequence[Known]
    week: Week
    week_how: str
    facts: Sequence[tuple[str, str, str]]
    absences: Sequence[AbsenceLine]
    absence_form: Form | None
    bar: LoadBar
    held: str
    forms: Sequence[Form]
    next: NextPanel | None = None
    history_href: str = ""
    skill_form: Form | None = None
    team_form: Form | None = None
    hours_form: Form | None = None
    reassign: Reassign | None = None
    conflict: Conflict | None = None
    errors: ErrorSummary | None = None
    errors_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """One message to the signed-in person."""

    id: int
    at: str
    text: str
    href: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One next step that she promised."""

    reference: str
    href: str
    title: str
    text: str
    due: str
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPage:
    """The signed-in agent's own page."""

    name: str
    person_href: str
    shift: str
    held: str
    bar: LoadBar | None
    rows: Sequence[QueueRow]
    rows_total: int
    rows_href: str
    live_href: str
    steps: Sequence[StepLine]
    notices: Sequence[NoticeLine]
    read_href: str
    next: NextPanel | None = None
    presence: Form | None = None
    share: ShareLine | None = None
    empty: Empty | None = None
