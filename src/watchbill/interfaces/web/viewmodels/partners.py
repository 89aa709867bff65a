"""Partners of a desk: which there are, and what they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Conflict, Empty, ErrorSummary
from watchbill.interfaces.web.viewmodels.people import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerLine:
    """One partner of the list; forms are there only for those who may correct.

    *takes*: priorities; *of*: categories, *warned*: what is odd about them; *begins*: how long after it is asked; *held*: what it has now.
    """

    reference: str
    name: str
    takes: str
    of: str
    warned: Sequence[str]
    begins: str
    at_once: str
    most: str
    held: str
    price: str
    email: str
    note: str
    is_active: bool
    forms: Sequence[Form] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnersPage:
    """The whole list. *recover_href* leads to where partners are asked."""

    back_href: str
    recover_href: str
    desk: str
    lines: Sequence[PartnerLine]
    new_form: Form | None = None
    conflict: Conflict | None = None
    errors: ErrorSummary | None = None
    errors_prefix: str = ""
    empty: Empty | None = None
