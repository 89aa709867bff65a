"""Which commitments of a desk count on a calendar, and from when on a version of it counts for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from watchbill.apps.clocks.checking import held_at, touched, version_notes
from watchbill.apps.clocks.queries import Rulebook, calendar_versions, definition, policy_versions, rulebook
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.clocks import ClockPolicy
from watchbill.engine.clocks.definition import ClockDefinition


class Use(NamedTuple):
    """A version of the clock policy, in force or to come, with its definitions that count on a calendar."""

    number: int
    holds_from: datetime
    is_in_force: bool
    clocks: tuple[ClockDefinition, ...]

    @property
    def when(self) -> str:
        return "in force" if self.is_in_force else f"from {self.holds_from:%d %b %Y %H:%M} UTC"


def policies_using(desk_id: int, book: Rulebook, names: Collection[str], at: datetime) -> list[Use]:
    """Return the versions of the clock policy that hold *at* or later and name one of these calendars."""
    rules = book.at(at)
    found = []
    for row in policy_versions(desk_id):
        is_in_force = rules is not None and row["id"] == rules.policy.id
        if is_in_force or row["holds_from"] > at:
            whole = ClockPolicy.from_json(row["body"], is_stored=True).clocks
            if clocks := tuple(clock for clock in whole if clock.calendar in names):
                found.append(Use(row["number"], row["holds_from"], is_in_force, clocks))
    return found


def policy_at(desk_id: int, at: datetime) -> Mapping[str, Any]:
    """Return the body of the clock policy that holds at an instant. Raises InvalidFacts where none does."""
    rules = rulebook(desk_id).at(at)
    rows = policy_versions(desk_id) if rules is not None else []
    body = next((row["body"] for row in rows if rules is not None and row["id"] == rules.policy.id), None)
    if body is None:
        raise InvalidFacts("No clock policy of this desk holds by then", field="holds_from")
    return {name: value for name, value in body.items() if name != "version"}


def calendar_uses(desk_id: int, name: str, at: datetime) -> list[str]:
    """Say which commitments count on a calendar, or on one that is made of it, *at* an instant or later."""
    book = rulebook(desk_id)
    definitions = {one: definition(version.id) for one, version in held_at(book, at).items()}
    names = {name, *(touched(definitions, name) if name in definitions else ())}
    return [
        f"{' and '.join(dict.fromkeys(f'“{clock.name}”' for clock in use.clocks))} of version {use.number} of the clock"
        f" policy ({use.when})"
        for use in policies_using(desk_id, book, names, at)
    ]


def published_notes(desk_id: int, name: str, *, holds_from: datetime, now: datetime) -> list[str]:
    """Return what is worth saying of the version of a calendar that was just published.

    What `version_notes` says of it, and what it means for the commitments that count on it.
    """
    since = max(holds_from, now)
    body = calendar_versions(desk_id, name)[0]["body"]
    return version_notes(desk_id, name, body, holds_from=holds_from, now=now) + [
        f"It counts for {uses}: for items opened from {since:%d %b %Y %H:%M} UTC on; what is open by then keeps the version"
        " that it began under. What it would have changed in the history, a replay of the policy with this calendar says"
        for uses in calendar_uses(desk_id, name, since)
    ]
