"""Facts of a desk's workload: people with their hours, the work that is held, what of it falls due when, and what comes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId, RegionId, SkillId, TeamId
from watchbill.engine.sense.due import SEEN_H
from watchbill.engine.sense.incoming import Arrivals

Spans = Sequence[tuple[int, int]]
"""Minutes from now, [start, end), sorted and apart, within SEEN_H."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One active person, and when she is at work. *skills*: level by skill."""

    id: PersonId
    region: RegionId | None = None
    teams: frozenset[TeamId] = frozenset()
    skills: Mapping[SkillId, int] = field(default_factory=dict)
    spans: Spans = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Open work in minutes of effort that remains, each state weighted.

    backlog_min: not begun; begun_min: in progress, with what waits for others weighing little. passing_backlog_min and
    passing_begun_min: the part of both that comes with the sun: its promise falls due while its owner is away.
    """

    backlog_min: float = 0.0
    begun_min: float = 0.0
    passing_backlog_min: float = 0.0
    passing_begun_min: float = 0.0

    def __post_init__(self) -> None:
        if min(self.backlog_min, self.begun_min, self.passing_backlog_min, self.passing_begun_min) < 0:
            raise InvalidFacts("Held: work cannot be negative")
        if self.passing_backlog_min > self.backlog_min + 1e-6 or self.passing_begun_min > self.begun_min + 1e-6:
            raise InvalidFacts("Held: what passes on is part of what is held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Open work of one owner (None: nobody's), team and skill: all of it, and what of it falls due until the horizon."""

    owner: PersonId | None = None
    team: TeamId | None = None
    skill: SkillId | None = None
    all: Part = Part()
    due: Part = Part()


@dataclass(frozen=True, slots=True, kw_only=True)
class DueWork:
    """Minutes of open work that fall due in one hour from now (0: by its end, or before now), below SEEN_H.

    region: of the owner, if *is_owned*; else *team* says who shares it. *is_passing*: it comes with the sun.
    """

    hour: int
    minutes: float
    region: RegionId | None = None
    team: TeamId | None = None
    is_owned: bool = True
    is_passing: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.hour < SEEN_H or self.minutes < 0:
            raise InvalidFacts(f"DueWork: hours are 0 to {SEEN_H - 1} and work is not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskWork:
    """Everything about a desk that its workload depends on; no order matters. *arrivals*: by team, None for those of no team.

    *due*: of all that is held, what falls due within SEEN_H hours, by hour.
    """

    people: Sequence[Worker]
    held: Sequence[Held]
    due: Sequence[DueWork] = ()
    arrivals: Mapping[TeamId | None, Arrivals] = field(default_factory=dict)
