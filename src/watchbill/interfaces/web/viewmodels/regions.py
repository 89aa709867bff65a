"""Regions of a desk: which there are, and who is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Conflict, Empty, ErrorSummary
from watchbill.interfaces.web.viewmodels.people import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionLine:
    """One region of the list; forms are there only for those who may correct. *local*: what its clocks show now."""

    name: str
    zone: str
    local: str
    people: int
    teams: str
    is_active: bool
    edit_form: Form | None = None
    activity_form: Form | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionsPage:
    """The whole list."""

    back_href: str
    lines: Sequence[RegionLine]
    new_form: Form | None = None
    team_form: Form | None = None
    conflict: Conflict | None = None
    errors: ErrorSummary | None = None
    errors_prefix: str = ""
    empty: Empty | None = None
