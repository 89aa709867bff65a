"""The sorts of versioned policy of a desk: assignment, clocks, calendars; each with its versions and what holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.decisions import queries as decisions
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import NotFound
from watchbill.interfaces.web import calendarbodies
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.clockdraft import clock_field

Lines = Callable[[Mapping[str, Any]], dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One sort of versioned policy: where it stands, its versions (latest first), and what holds now."""

    name: str
    title: str
    versions: Sequence[Mapping[str, Any]]
    in_force: int
    lines: Lines
    field_of: Callable[[str], str]
    calendar: str = ""
    is_retired: bool = False

    @property
    def latest(self) -> Mapping[str, Any]:
        return self.versions[0]

    def get(self, number: int | None) -> Mapping[str, Any]:
        """Return a version: the one in force unless a number is asked for. Raises NotFound."""
        wanted = self.in_force if number is None else number
        for version in self.versions:
            if version["number"] == wanted:
                return version
        if number is None:
            return self.latest
        raise NotFound(f"The {self.title.lower()} has no version {number}")

    def href(self, visit: Visit, **query: object) -> str:
        args = (self.calendar,) if self.calendar else ()
        return visit.href(self.name, *args, **query)

    def act_href(self, visit: Visit, act: str) -> str:
        args = (self.calendar,) if self.calendar else ()
        return visit.href(f"{self.name}-{act}", *args)


def delivered() -> dict[str, Any]:
    """Return the assignment policy that Watchbill comes with, as a version of its own."""
    return {
        "number": 0, "holds_from": None, "body": Policy().as_json(), "by_name": "Watchbill", "reason": "as delivered",
        "recorded_at": None,
    }  # fmt: skip


def assign_kind(visit: Visit) -> Kind:
    """Return the assignment policy of the desk."""
    return Kind(
        name="policy-assign",
        title="Assignment policy",
        versions=[*decisions.policy_versions(visit.desk.id), delivered()],
        in_force=decisions.policy_in_force(visit.desk.id, visit.now).number,
        lines=bodies.assign_lines,
        field_of=bodies.assign_field,
    )


def clocks_kind(visit: Visit) -> Kind:
    """Return the clock policy of the desk. Raises NotFound before its first version."""
    versions = clocks.policy_versions(visit.desk.id)
    if not versions:
        raise NotFound("This desk has no clock policy yet; publish one by: watchbill policy publish")
    rules = clocks.rulebook(visit.desk.id).at(visit.now)
    return Kind(
        name="policy-clocks",
        title="Clock policy",
        versions=versions,
        in_force=rules.policy.number if rules else 0,
        lines=bodies.clock_lines,
        field_of=clock_field,
    )


def calendar_kind(visit: Visit, name: str) -> Kind:
    """Return a calendar of the desk. Raises NotFound."""
    versions = clocks.calendar_versions(visit.desk.id, name)
    if not versions:
        raise NotFound(f"This desk has no calendar “{name[:60]}”")
    book = clocks.rulebook(visit.desk.id)
    rules = book.at(visit.now)
    held = rules.calendars.get(name) if rules else None
    return Kind(
        name="policy-calendar",
        title=f"Calendar “{name}”",
        versions=versions,
        in_force=held.number if held else 0,
        lines=calendarbodies.calendar_lines,
        field_of=calendarbodies.calendar_field,
        calendar=name,
        is_retired=name in book.retired,
    )
