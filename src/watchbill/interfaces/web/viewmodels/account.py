"""One's own account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import ErrorSummary, Field


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """A role on a desk, with what it allows."""

    role: str
    desk: str
    may: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """One API key, without its secret."""

    label: str
    made: str
    ends: str
    revoke_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """The whole page. *secret* is a key made just now: it is shown this once."""

    name: str
    username: str
    roles: Sequence[RoleRow]
    keys: Sequence[KeyRow]
    password_href: str
    password_fields: Sequence[Field]
    key_href: str
    key_fields: Sequence[Field]
    secret: str = ""
    password_is_open: bool = False
    errors: ErrorSummary | None = None
