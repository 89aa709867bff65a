"""Who acts: handed to every service as ``by``, written to every event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchbill.engine.base.work import ActorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A signed-in user, the holder of an API key, a person at the machine's console, or Watchbill itself.

    ``roles`` maps a desk's id to the names of the roles held there; the key None stands for every desk.
    What a role may do is decided in `watchbill.apps.people.rights` and nowhere else.
    """

    name: str
    kind: ActorKind = ActorKind.PERSON
    user_id: int | None = None
    person_id: int | None = None
    roles: Mapping[int | None, frozenset[str]] = field(default_factory=dict)
    is_trusted: bool = False


WATCHBILL = Actor(name="Watchbill", kind=ActorKind.SYSTEM, is_trusted=True)
"""Automation signs its own acts with this."""


def console(login: str) -> Actor:
    """Whoever can run commands on the machine, and so can read the database anyway."""
    return Actor(name=f"{login} (console)", is_trusted=True)
