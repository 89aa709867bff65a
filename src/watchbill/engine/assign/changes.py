"""What differs between two assignment policies, key by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from watchbill.engine.assign.policy import KEYS, Policy


class Change(NamedTuple):
    """One value that differs between two policies; None where a table does not have it."""

    key: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.key}: {_said(self.before)} -> {_said(self.after)}"


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(f"({number}) {rule}" for number, rule in enumerate(value, 1)) or "none"
    return "none" if value is None else f"{value:.15g}"


def policy_changes(before: Policy, after: Policy) -> list[Change]:
    """Everything in which *after* differs from *before*, in the order of the page; a table number by number, the rules as a whole."""
    old, new, found = before.as_json(), after.as_json(), list[Change]()
    for key in KEYS[1:]:
        one, other = old[key], new[key]
        if isinstance(one, Mapping):
            names = dict.fromkeys([*one, *other])
            found += [Change(f"{key}.{n}", one.get(n), other.get(n)) for n in names if one.get(n) != other.get(n)]
        elif one != other:
            found.append(Change(key, one, other))
    return found
