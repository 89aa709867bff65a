"""The fields of an item that events may set: one list, from which the statements that write and rebuild are made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import DONE, State

TEXT_LIMIT = 200_000
"""Characters; a longer text is refused rather than cut."""

LINE_LIMIT = 500
LINES = frozenset({"title", "category", "language", "next_step"})
"""Texts that lists show whole: a line, not a page."""

REF_LIMIT = 200
"""Characters of an external reference and its source: together they must fit an index."""

REQUIRED: dict[str, str] = {
    "kind": "text",
    "title": "text",
    "description": "text",
    "category": "text",
    "language": "text",
    "skill_level": "smallint",
    "state": "text",
    "state_since": "timestamptz",
    "priority": "smallint",
    "next_step": "text",
    "is_taken_over": "boolean",
    "attributes": "jsonb",
}
"""Columns that always hold a value, with their types."""

OPTIONAL: dict[str, str] = {
    "customer_id": "bigint",
    "site_id": "bigint",
    "queue_id": "bigint",
    "skill_id": "bigint",
    "team_id": "bigint",
    "owner_id": "bigint",
    "owner_since": "timestamptz",
    "impact": "smallint",
    "urgency": "smallint",
    "next_step_owner_id": "bigint",
    "next_step_due_at": "timestamptz",
    "resolved_at": "timestamptz",
    "closed_at": "timestamptz",
}
"""Columns that may be empty, with their types."""

EMPTY: dict[str, str] = {
    "title": "''",
    "description": "''",
    "category": "''",
    "language": "''",
    "skill_level": "1",
    "next_step": "''",
    "is_taken_over": "false",
    "attributes": "'{}'::jsonb",
}
"""What a required column holds until an event sets it."""


def value_of(name: str, patch: str) -> str:
    """Return the SQL expression that reads field *name* out of the JSON expression *patch*."""
    if name == "attributes":
        return f"({patch} -> 'attributes')"
    kind = REQUIRED.get(name) or OPTIONAL[name]
    text = f"({patch} ->> '{name}')"
    return text if kind == "text" else f"{text}::{kind}"


def assignments(item: str, patch: str) -> str:
    """Return the SET list that lays the JSON expression *patch* over the row *item*."""
    required = [f"{name} = coalesce({value_of(name, patch)}, {item}.{name})" for name in REQUIRED]
    optional = [
        f"{name} = case when {patch} ? '{name}' then {value_of(name, patch)} else {item}.{name} end"
        for name in OPTIONAL
    ]
    return ",\n    ".join(required + optional)


def columns() -> str:
    """Return the list of all settable columns."""
    return ", ".join([*REQUIRED, *OPTIONAL])


def values(patch: str) -> str:
    """Return the expressions for `columns` of a row that nothing but *patch* has set."""
    required = [
        f"coalesce({value_of(name, patch)}, {EMPTY[name]})" if name in EMPTY else value_of(name, patch)
        for name in REQUIRED
    ]
    return ", ".join(required + [value_of(name, patch) for name in OPTIONAL])


def completed(patch: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Return *patch* with the fields that follow from it, and instants as text.

    A new state sets since when, and when the item was resolved or closed; a new owner sets since when; unless the patch
    says these itself, as undoing does. Raises InvalidFacts for an unknown field, a missing value where one is required,
    and a text that is too long.
    """
    follows: dict[str, Any] = {}
    if "state" in patch:
        state = State(patch["state"])
        follows["state_since"] = at
        if state is State.RESOLVED:
            follows |= {"resolved_at": at, "closed_at": None}
        elif state not in DONE:
            follows |= {"resolved_at": None, "closed_at": None}
        else:
            follows["closed_at"] = at
    if "owner_id" in patch:
        follows["owner_since"] = at if patch["owner_id"] is not None else None
    whole = follows | dict(patch)
    for name, value in whole.items():
        _require_value(name, value)
        if isinstance(value, datetime):
            whole[name] = value.isoformat()
    return whole


def _require_value(name: str, value: object) -> None:
    if name not in REQUIRED and name not in OPTIONAL:
        raise InvalidFacts(f"An item has no field “{name}”", field=name)
    if value is None and name in REQUIRED:
        raise InvalidFacts(f"The field “{name}” cannot be empty", field=name)
    if isinstance(value, str):
        require_text(name, value, limit=LINE_LIMIT if name in LINES else TEXT_LIMIT)


def require_text(name: str, text: str, *, limit: int = TEXT_LIMIT) -> None:
    """Raise InvalidFacts for a text that is too long or holds what no text may."""
    if len(text) > limit:
        raise InvalidFacts(f"“{name.replace('_', ' ')}” has {len(text)} characters; at most {limit} fit", field=name)
    if "\x00" in text:
        raise InvalidFacts(f"“{name.replace('_', ' ')}” holds a NUL character, which no text may", field=name)


def require_data(data: Mapping[str, Any]) -> None:
    """Raise InvalidFacts unless every text of an event's data, the note above all, may be kept."""
    for name, value in data.items():
        if isinstance(value, str):
            require_text(name, value)
