"""A person in a form: written by name, offered as she is typed, read back to her key."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.apps.people.queries import person_named, person_search
from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.viewmodels.parts import Field, Option

OFFERED = 12


def person_field(
    visit: Visit, name: str, label: str, *, value: str = "", hint: str = "", error: str = "",
    first: Sequence[Option] = (), is_required: bool = False,
) -> Field:  # fmt: skip
    """Return the field; *first* are the people offered before anything is typed."""
    href = visit.href("people-offered", name)
    return Field(
        name=name, label=label, kind="person", value=value, hint=hint, error=error, options=first, href=href,
        is_required=is_required,
    )  # fmt: skip


def person_of(visit: Visit, text: str, *, field: str, label: str = "The person") -> int | None:
    """Return the key of the one person that *text* names, whole or in part; None for nothing. Raises InvalidFacts."""
    if not text:
        return None
    try:
        return person_named(visit.desk.id, text, by=visit.actor)
    except NotFound:
        found = person_search(visit.desk.id, text, by=visit.actor, limit=4)
    if len(found) == 1:
        return int(found[0]["id"])
    if not found:
        raise InvalidFacts(f"This desk has nobody called “{text}”", field=field)
    names = ", ".join(row["name"] for row in found[:3])
    more = ", ..." if len(found) > 3 else ""
    raise InvalidFacts(f"{label} is not clear: “{text}” could be {names}{more}", field=field)
