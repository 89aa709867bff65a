"""The short references by which people, decisions and imports go outside: PER-12, DEC-40, IMP-3."""

from __future__ import annotations

import re

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.queries import person_named
from watchbill.engine.base.errors import NotFound

PERSON, DECISION, IMPORT = "PER", "DEC", "IMP"
_PERSON = re.compile(r"PER-\d{1,18}", re.IGNORECASE)


def shown(prefix: str, key: int | None) -> str | None:
    """Return the reference of a row, or None for no row."""
    return None if key is None else f"{prefix}-{key}"


def key_of(prefix: str, reference: str) -> int:
    """Return the key inside a reference. Raises NotFound for anything that is none."""
    found = re.fullmatch(rf"{prefix}-(\d{{1,18}})", reference.strip().upper())
    if found is None:
        raise NotFound(f"There is no {reference[:60]!r}; a reference looks like {prefix}-12")
    return int(found[1])


def person_key(desk_id: int, person: str, *, by: Actor) -> int:
    """Return the key of a person given by reference or by whole name. Raises NotFound."""
    if _PERSON.fullmatch(person.strip()):
        return key_of(PERSON, person)
    return person_named(desk_id, person.strip(), by=by)
