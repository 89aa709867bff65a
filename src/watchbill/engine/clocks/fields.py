"""The fields of an item that conditions may look at, and the words that they know."""

from __future__ import annotations

from collections.abc import Mapping

from watchbill.engine.base.work import (
    ACTIONABLE,
    DONE,
    OPEN,
    TIERS,
    WAITING,
    ActorKind,
    EventKind,
    Kind,
    Priority,
    State,
)

Value = str | float | bool | None
Values = Mapping[str, Value]
"""What the fields of an item hold after an event; a field that is not there holds nothing."""

STATE_GROUPS: Mapping[str, frozenset[State]] = {
    "open": OPEN, "actionable": ACTIONABLE, "waiting": WAITING, "done": DONE,
}  # fmt: skip
"""Words that stand for several states."""

WORDS: Mapping[str, tuple[str, ...]] = {
    "event": tuple(EventKind),
    "state": tuple(State),
    "actor": tuple(ActorKind),
    "kind": tuple(Kind),
    "priority": tuple(f"P{each.value}" for each in Priority),
}
"""Fields that hold one of a few words."""
FLAGS = ("owned", "sensitive")
TEXTS = ("queue", "team", "category", "language", "customer", "tier", "contract", "site")
CLOSED: Mapping[str, tuple[str, ...]] = {"tier": TIERS}
"""Those of them that hold one of a few words; what stands in a stored policy is read whatever it names."""
FIELDS = (*WORDS, *FLAGS, *TEXTS)
ATTRIBUTE = "attributes."
"""What an import knew beyond our own fields: `attributes.region is emea`, `attributes.devices > 20`."""
