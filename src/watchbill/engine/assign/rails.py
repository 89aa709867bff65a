"""What Watchbill may do by itself in a queue: its mode, and the guard-rails that hold an act back for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.jsonform import read_list, read_object, read_whole
from watchbill.engine.base.work import Priority

MOST_PER_HOUR = 10_000
LEAST_LOAD, MOST_LOAD = 10, 10_000
"""Bounds of load_percent."""


class Mode(StrEnum):
    """What happens with the engine's answers in a queue."""

    OFF = "off"
    """Nothing: unassigned items of the queue are not looked at."""
    ADVISE = "advise"
    """They are proposed, and a person answers."""
    AUTOPILOT = "autopilot"
    """Those inside the guard-rails are applied at once; the others are proposed."""
    PULL = "pull"
    """Nothing is proposed: people pick what is next from an ordered list."""


PROPOSING = frozenset({Mode.ADVISE, Mode.AUTOPILOT})
"""Modes in which unassigned items are decided on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRails:
    """The limits of autopilot in one queue.

    per_hour: acts in any sixty minutes of desk time, 1 to 10,000. priorities: those it may give away, at least one.
    people: who may be given work; empty means everybody. load_percent: whoever carries more than so many per cent of her
    staffed time of the next seven days already is given nothing more, 10 to 10,000.
    """

    per_hour: int = 20
    priorities: frozenset[Priority] = frozenset({Priority.P3, Priority.P4})
    people: frozenset[PersonId] = frozenset()
    load_percent: int = 150

    def __post_init__(self) -> None:
        if not 1 <= self.per_hour <= MOST_PER_HOUR:
            raise InvalidFacts(
                f"per_hour: expected 1 to {MOST_PER_HOUR:,} acts an hour, got {self.per_hour}; to stop, use “off”",
                key="per_hour",
            )
        if not self.priorities:
            raise InvalidFacts("priorities: expected at least one of 1, 2, 3, 4", key="priorities")
        if not LEAST_LOAD <= self.load_percent <= MOST_LOAD:
            raise InvalidFacts(
                f"load_percent: expected {LEAST_LOAD} to {MOST_LOAD:,} per cent, got {self.load_percent}",
                key="load_percent",
            )

    def as_json(self) -> dict[str, object]:
        """The rails as plain JSON values, in a fixed order."""
        return {
            "per_hour": self.per_hour,
            "priorities": sorted(int(priority) for priority in self.priorities),
            "people": sorted(self.people),
            "load_percent": self.load_percent,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, object]) -> GuardRails:
        """Read stored or edited rails; missing keys take their default. Raises InvalidFacts naming key and value."""
        read_object(body, "", keys=("per_hour", "priorities", "people", "load_percent"))
        default = cls()
        return cls(
            per_hour=read_whole(body.get("per_hour", default.per_hour), "per_hour", low=1, high=MOST_PER_HOUR),
            priorities=frozenset(
                Priority(number)
                for number in read_list(
                    body.get("priorities", sorted(default.priorities)),
                    "priorities",
                    lambda value, key: read_whole(value, key, low=1, high=4),
                )
            ),
            people=frozenset(
                PersonId(number)
                for number in read_list(
                    body.get("people", []), "people", lambda value, key: read_whole(value, key, low=1, high=2**62)
                )
            ),
            load_percent=read_whole(
                body.get("load_percent", default.load_percent), "load_percent", low=LEAST_LOAD, high=MOST_LOAD
            ),
        )


def held_back(
    rails: GuardRails, *, priority: Priority, person: PersonId, load_ratio: float, acts_in_hour: int, was_undone: bool
) -> str | None:
    """Why a person has to answer this proposal, in words; None when autopilot may act.

    load_ratio: work that the person carries already, by her staffed time of the coming week. acts_in_hour: what autopilot did
    in this queue in the sixty minutes of desk time before. was_undone: somebody took back what was decided about this item
    before, so that it is left to people.
    """
    if was_undone:
        return "a person undid a decision about this item, so it is left to people"
    if priority not in rails.priorities:
        return f"autopilot may not give away P{int(priority)} in this queue"
    if rails.people and person not in rails.people:
        return "autopilot may not give work of this queue to this person"
    if load_ratio > rails.load_percent / 100:
        return f"autopilot gives nobody more who carries over {rails.load_percent} % of her coming week already"
    if acts_in_hour >= rails.per_hour:
        return f"autopilot has used its {rails.per_hour} acts of this hour in this queue"
    return None
