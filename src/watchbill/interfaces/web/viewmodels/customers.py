"""Customers: the list, and one with its open cases, sites and terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.board import QueueRow
from watchbill.interfaces.web.viewmodels.parts import Chip, Conflict, Empty, ErrorSummary, Pager
from watchbill.interfaces.web.viewmodels.people import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLine:
    """One customer of the list."""

    name: str
    href: str
    tier: str
    contract: str
    zone: str
    open: int
    open_href: str
    chips: Sequence[Chip] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersPage:
    """The whole list."""

    lines: Sequence[CustomerLine]
    text: str
    desk: str
    pager: Pager
    empty: Empty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLine:
    """One site, with the form that changes it for who may. *was*: names and zones of before, the latest first."""

    name: str
    zone: str
    is_active: bool
    was: Sequence[str] = ()
    form: Form | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsLine:
    """How the customer stands from an instant on; *is_now*: these hold."""

    since: str
    tier: str
    contract: str
    zone: str
    handling: str
    by: str
    reason: str
    is_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """The whole page of one customer."""

    name: str
    about: str
    back_href: str
    chips: Sequence[Chip]
    rows: Sequence[QueueRow]
    rows_total: int
    rows_href: str
    every_href: str
    sites: Sequence[SiteLine]
    terms: Sequence[TermsLine]
    facts: Sequence[tuple[str, str]]
    clearances_form: Form | None = None
    terms_form: Form | None = None
    site_form: Form | None = None
    history_href: str = ""
    conflict: Conflict | None = None
    errors: ErrorSummary | None = None
    errors_prefix: str = ""
