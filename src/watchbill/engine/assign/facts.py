"""What comes in: items that compete for people, the people, and the policy, frozen at one instant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.routing import Route
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId, QueueId, RegionId, SkillId, TeamId
from watchbill.engine.base.time import require_instant
from watchbill.engine.base.work import Priority


class Presence(StrEnum):
    """What a person says about herself at the moment."""

    AVAILABLE = "available"
    AWAY = "away"
    OFF = "off"


class CommitmentKind(StrEnum):
    """What was promised: to the customer, or, as a stage such as the pick-up, between teams."""

    RESPONSE = "response"
    UPDATE = "update"
    STAGE = "stage"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """One running promise. A paused or absent clock is no commitment: leave it out.

    due_at: when the clock runs out (aware UTC); target_min: the promised business minutes, >= 1.
    """

    kind: CommitmentKind
    due_at: datetime
    target_min: int

    def __post_init__(self) -> None:
        _require("Commitment.target_min", self.target_min, at_least=1)
        require_instant(self.due_at, "Commitment.due_at")


class Ask(NamedTuple):
    """What the desk's work asks of people, now or at other times: a skill at a level, a language, or both at once."""

    skill: SkillId | None = None
    level: int = 1
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """One actionable item, owned or not. Waiting items do not compete: they only weigh in a person's load.

    touch_min: expected minutes of the next piece of work; effort_min: of all the work that remains (>= touch_min is usual).
    tier: looked up in the policy's tier factors; an unknown tier counts 1.
    is_touched: somebody has already worked on it, so a stranger needs to be handed it.
    worked_before: people who worked on this very item; knows_customer: people who lately worked for its customer.
    last_moved_at: when a plan or Balance last gave it to an owner, or such a move was asked for or answered.
    clearances: all of them are asked of a person. region: where it belongs. classes: names of its classes of work, for limits.
    route: what the rules of the policy that hold for it ask (`routing.route_of`).
    """

    id: ItemId
    queue: QueueId
    priority: Priority
    opened_at: datetime
    touch_min: int
    effort_min: int
    team: TeamId | None = None
    skill: SkillId | None = None
    min_level: int = 1
    language: str | None = None
    tier: str = "standard"
    commitments: tuple[Commitment, ...] = ()
    owner: PersonId | None = None
    is_touched: bool = False
    is_pinned: bool = False
    last_moved_at: datetime | None = None
    customer: int | None = None
    worked_before: tuple[PersonId, ...] = ()
    knows_customer: tuple[PersonId, ...] = ()
    declined_by: tuple[PersonId, ...] = ()
    clearances: frozenset[str] = frozenset()
    region: RegionId | None = None
    classes: tuple[str, ...] = ()
    route: Route = ()

    def __post_init__(self) -> None:
        _require("ItemFacts.touch_min", self.touch_min, at_least=1)
        _require("ItemFacts.effort_min", self.effort_min, at_least=1)
        _require("ItemFacts.min_level", self.min_level, at_least=1)
        if self.opened_at.tzinfo is None:
            require_instant(self.opened_at, "ItemFacts.opened_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """One person of the desk, on shift or not.

    skills: level by skill, 1 the lowest. shift_left_min: staffed minutes left in the shift that runs now, 0 off shift.
    staffed_week_min: staffed minutes in the next seven days. load_min: effort minutes of owned work, each state weighted as in
    docs/algorithms/assign.md, "Load". open_count: owned items that count towards wip_limit.
    next_shift_at: when the next shift starts, if known. since_change_min: minutes since her shift last began or ended, if lately.
    tiers: customer tiers that she may serve, empty for all. class_limits: her own limits by class of work, before those of
    the policy; open_by_class: owned items by class. is_absent: away for longer than a break; deputy: who then stands in.
    """

    id: PersonId
    name: str = ""
    teams: frozenset[TeamId] = frozenset()
    skills: Mapping[SkillId, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    presence: Presence = Presence.AVAILABLE
    is_active: bool = True
    is_on_shift: bool = True
    shift_left_min: int = 480
    staffed_week_min: int = 480
    load_min: int = 0
    open_count: int = 0
    wip_limit: int = 5
    next_shift_at: datetime | None = None
    since_change_min: int | None = None
    clearances: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    region: RegionId | None = None
    class_limits: Mapping[str, int] = field(default_factory=dict)
    open_by_class: Mapping[str, int] = field(default_factory=dict)
    is_absent: bool = False
    deputy: PersonId | None = None

    def __post_init__(self) -> None:
        if min(self.shift_left_min, self.staffed_week_min, self.load_min, self.open_count, self.wip_limit) < 0:
            for name in ("shift_left_min", "staffed_week_min", "load_min", "open_count", "wip_limit"):
                _require(f"PersonFacts.{name}", getattr(self, name), at_least=0)
        if self.class_limits or self.open_by_class:
            for name, numbers in (("class_limits", self.class_limits), ("open_by_class", self.open_by_class)):
                for key, number in numbers.items():
                    _require(f"PersonFacts.{name}.{key}", number, at_least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything a decision may know. The order of items and people does not matter; ids must be unique.

    asks: what the desk's work asks of people at other times too; whoever can do what few can is spared for it.
    seed: settles ties between equal people, and nothing else. skill_names, team_names: for words only.
    """

    now: datetime
    items: Sequence[ItemFacts]
    people: Sequence[PersonFacts]
    policy: Policy = field(default_factory=Policy)
    asks: frozenset[Ask] = frozenset()
    seed: int = 0
    skill_names: Mapping[SkillId, str] = field(default_factory=dict)
    team_names: Mapping[TeamId, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_instant(self.now, "Snapshot.now")
        if len({item.id for item in self.items}) != len(self.items):
            raise InvalidFacts("Snapshot.items must have unique ids")
        if len({person.id for person in self.people}) != len(self.people):
            raise InvalidFacts("Snapshot.people must have unique ids")


def facts_digest(snapshot: Snapshot, standing: Mapping[ItemId, PersonId | None]) -> str:
    """A stable fingerprint of everything that may change the answer: 32 hex digits, the same for any order of input.

    *standing*: the proposals that stand when the decision is made, each of which takes a slot. Names are left out,
    because they only make words. O(n log n) in items and people.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((snapshot.now.timestamp(), snapshot.seed, sorted(snapshot.policy.as_json().items()))).encode())
    for item in sorted(snapshot.items, key=lambda item: item.id):
        digest.update(_item_text(item).encode())
    for person in sorted(snapshot.people, key=lambda person: person.id):
        digest.update(_person_text(person).encode())
    digest.update(repr(sorted(standing.items())).encode())
    digest.update(repr(sorted((a.skill or 0, a.level, a.language or "") for a in snapshot.asks)).encode())
    return digest.hexdigest()


def _item_text(item: ItemFacts) -> str:
    commitments = sorted((str(c.kind), c.due_at.timestamp(), c.target_min) for c in item.commitments)
    return repr(
        (
            "item", item.id, item.queue, int(item.priority), item.opened_at.timestamp(), item.touch_min, item.effort_min,
            item.team, item.skill, item.min_level, item.language, item.tier, commitments, item.owner,
            item.is_touched, item.is_pinned, item.last_moved_at and item.last_moved_at.timestamp(), item.customer,
            sorted(item.worked_before), sorted(item.knows_customer), sorted(item.declined_by),
            sorted(item.clearances), item.region, sorted(item.classes), item.route,
        )
    )  # fmt: skip


def _person_text(person: PersonFacts) -> str:
    return repr(
        (
            "person", person.id, sorted(person.teams), sorted(person.skills.items()), sorted(person.languages),
            str(person.presence), person.is_active, person.is_on_shift, person.shift_left_min, person.staffed_week_min,
            person.load_min, person.open_count, person.wip_limit,
            person.next_shift_at and person.next_shift_at.timestamp(), person.since_change_min,
            sorted(person.clearances), sorted(person.tiers), person.region, sorted(person.class_limits.items()),
            sorted(person.open_by_class.items()), person.is_absent, person.deputy,
        )
    )  # fmt: skip


def _require(name: str, value: int, *, at_least: int) -> None:
    if value < at_least:
        raise InvalidFacts(f"{name} must be at least {at_least}, got {value}")
