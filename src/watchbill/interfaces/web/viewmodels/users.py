"""Users, their roles and API keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import ErrorSummary
from watchbill.interfaces.web.viewmodels.people import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHeld:
    """A role of one user; *drop* is what its button sends."""

    label: str
    drop: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLine:
    """One user."""

    username: str
    name: str
    person: str
    person_href: str
    seen: str
    roles: Sequence[RoleHeld]
    is_active: bool
    is_me: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """One API key, without its secret."""

    label: str
    username: str
    made: str
    ends: str
    revoke_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersPage:
    """The whole page. *link* is a one-time link made just now: it is shown this once."""

    back_href: str
    users: Sequence[UserLine]
    keys: Sequence[KeyLine]
    roles: Sequence[tuple[str, Sequence[str]]]
    new_form: Form
    grant_form: Form
    act_href: str
    role_href: str
    link: str = ""
    link_for: str = ""
    errors: ErrorSummary | None = None
    errors_prefix: str = ""
