"""The list of cases, the form for a new one, and everybody who was weighed for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.board import QueueRow
from watchbill.interfaces.web.viewmodels.parts import BulkBar, Chip, Empty, ErrorSummary, Field, Link, Pager, SavedViews


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkActLine:
    """One act on many cases: what, by whom and when; taken back by *undone_by*, or where it can be."""

    text: str
    by: str
    undone_by: str = ""
    undo_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesPage:
    """The list with its filter. *shown_filters* are what narrows it now, each with the address without it.

    *acts*: the latest acts on many; taking one back leads to *here*.
    """

    desk: str
    rows: Sequence[QueueRow]
    pager: Pager
    filter_href: str
    filter_fields: Sequence[Field]
    shown_filters: Sequence[Chip]
    saved: SavedViews
    export_href: str
    stuck_href: str
    traffic_href: str
    new_href: str = ""
    bulk: BulkBar | None = None
    empty: Empty | None = None
    left: Sequence[tuple[str, str]] = ()
    acts: Sequence[BulkActLine] = ()
    here: str = ""
    errors: ErrorSummary | None = None
    errors_prefix: str = "f"
    desk_slug: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCasePage:
    """The form for a new case; without fields on a desk that is closed."""

    action_href: str
    back: Link
    fields: Sequence[Field]
    errors: ErrorSummary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWeighed:
    """One person as seen from one item."""

    name: str
    href: str
    score: str
    words: str
    reasons: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryonePage:
    """Everybody for one item: those who may take it, best first, then the others with what they lack."""

    reference: str
    case_href: str
    about: str
    able: Sequence[PersonWeighed]
    left_out: Sequence[PersonWeighed]
