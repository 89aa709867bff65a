"""How much work there is for whom, in hours of effort: four terms against the skilled hours that are available."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId, RegionId, SkillId, TeamId
from watchbill.engine.sense.incoming import NOTHING, Arrivals, Expected, expected

HORIZONS = (4, 8, 24)
"""Hours ahead for which available time is told."""
AHEAD_H = 24
"""How far the forecast of a region goes."""
SEEN_H = 2 * AHEAD_H
"""Hours of available time that facts must tell: the last hour of the forecast looks a day further."""

# -- facts ----------------------------------------------------------------------------------------------------------------

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
class Held:
    """Open work of one owner (None: nobody's), team and skill, in minutes of effort that remains, each state weighted.

    backlog_min: not begun; begun_min: in progress, with what waits for others weighing little. passing_backlog_min and
    passing_begun_min: the part of both whose promise falls due while its owner is off shift and before she is back.
    """

    owner: PersonId | None = None
    team: TeamId | None = None
    skill: SkillId | None = None
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
class DeskWork:
    """Everything about a desk that its workload depends on; no order matters. *arrivals*: by team, None for those of no team."""

    people: Sequence[Worker]
    held: Sequence[Held]
    arrivals: Mapping[TeamId | None, Arrivals] = field(default_factory=dict)
    team_regions: Mapping[TeamId, RegionId] = field(default_factory=dict)


# -- outcome --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The four terms in minutes of effort, and minutes available by horizon. incoming: with its band."""

    incoming: Expected = NOTHING
    backlog_min: float = 0.0
    handoffs_min: float = 0.0
    in_progress_min: float = 0.0
    available_min: Mapping[int, float] = field(default_factory=lambda: dict.fromkeys(HORIZONS, 0.0))

    @property
    def own_min(self) -> float:
        """What there is already: backlog, hand-offs in and work in progress."""
        return self.backlog_min + self.handoffs_min + self.in_progress_min

    @property
    def total_min(self) -> float:
        """All four terms."""
        return self.own_min + self.incoming.mean_min

    def ratio(self, horizon_h: int) -> float | None:
        """Work over available time until the horizon; None when nobody is available."""
        available = self.available_min[horizon_h]
        return self.total_min / available if available > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """The end of one hour of a region's forecast: work on hand, its band, and minutes available in the day from then on."""

    work_min: float
    low_min: float
    high_min: float
    capacity_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Loads until a horizon by person, team, region and skill (None: no region), and of the whole desk.

    forecast: by region, from now to AHEAD_H hours ahead. history_weeks: whole weeks that incoming work is learned from;
    0 says that nothing is known of it.
    """

    horizon_h: int
    people: Mapping[PersonId, Load]
    teams: Mapping[TeamId, Load]
    regions: Mapping[RegionId | None, Load]
    skills: Mapping[SkillId, Load]
    desk: Load
    forecast: Mapping[RegionId | None, tuple[Hour, ...]]
    history_weeks: int


# -- rules ----------------------------------------------------------------------------------------------------------------


def available_min(spans: Spans, start_min: float, end_min: float) -> float:
    """Minutes of *spans* within [start, end)."""
    return float(sum(max(0.0, min(end, end_min) - max(start, start_min)) for start, end in spans))


def passed_at(hours: Sequence[Hour]) -> int | None:
    """The first hour, 0 for now, at which the work on hand is more than can be done in the day from then on."""
    return next((at for at, hour in enumerate(hours) if hour.work_min > hour.capacity_min), None)


# -- decide ---------------------------------------------------------------------------------------------------------------


def workload(work: DeskWork, *, horizon_h: int = 24) -> Workload:
    """Add up the work of a desk in four terms, and forecast each region.

    Parameters
    ----------
    work: people with their hours, open work by owner, team and skill, arrivals by team.
    horizon_h: 4, 8 or 24; incoming work counts up to there.

    Returns
    -------
    Workload
        Incoming work of a team is shared among its members by the hours that they have until the horizon (in a day, when
        they have none), that of no team among all; a region has what its people have, plus work of nobody in the same
        shares. Work that passes on while its owner is away leaves her region's terms, and is a hand-off into the region of
        most available hours among the others; with one region it stays where it is.

    Definitions with a worked number: docs/algorithms/sense.md, "Workload". O(people + held + weeks x hours x teams).
    """
    if horizon_h not in HORIZONS:
        raise InvalidFacts(f"The horizon is 4, 8 or 24 hours, got {horizon_h}")
    return _Sum(work, horizon_h).workload()


class _Sum:
    """One addition: shares first, then terms."""

    def __init__(self, work: DeskWork, horizon_h: int) -> None:
        self._work = work
        self._horizon_h = horizon_h
        self._people = {person.id: person for person in work.people}
        weeks = {spans: {h: available_min(spans, 0, 60 * h) for h in HORIZONS} for spans in _distinct(work.people)}
        self._hours = {person.id: weeks[tuple(person.spans)] for person in work.people}
        self._coming = {team: expected(one, hours=AHEAD_H) for team, one in work.arrivals.items()}
        self._members = self._members_by_team()
        self._regions: list[RegionId | None] = sorted({p.region for p in work.people}, key=lambda region: region or 0)
        self._known_weights: dict[TeamId | None, dict[PersonId, float]] = {}
        self._known_shares: dict[TeamId | None, dict[RegionId | None, float]] = {}

    def workload(self) -> Workload:
        backlog, begun = self._own()
        until = {team: ahead[self._horizon_h - 1] for team, ahead in self._coming.items()}
        incoming = {team: self._shared(team, one) for team, one in until.items()}
        by_person: dict[PersonId, Expected] = defaultdict(Expected)
        for shares in incoming.values():
            for person, part in shares.items():
                by_person[person] = _plus(by_person[person], part)
        people = {
            person: Load(
                incoming=by_person[person], backlog_min=backlog[person], in_progress_min=begun[person],
                available_min=self._hours[person],
            )
            for person in self._people
        }  # fmt: skip
        regions = self._region_loads(people)
        return Workload(
            horizon_h=self._horizon_h,
            people=people,
            teams=self._team_loads(until),
            regions=regions,
            skills=self._skill_loads(),
            desk=_sum(regions.values()),
            forecast={region: self._forecast(region, regions[region]) for region in self._regions},
            history_weeks=max((one.weeks for one in self._work.arrivals.values()), default=0),
        )

    def _members_by_team(self) -> dict[TeamId | None, list[PersonId]]:
        members: dict[TeamId | None, list[PersonId]] = defaultdict(list)
        for person in sorted(self._work.people, key=lambda person: person.id):
            members[None].append(person.id)
            for team in person.teams:
                members[team].append(person.id)
        return members

    def _weights(self, team: TeamId | None) -> dict[PersonId, float]:
        """How work of a team that nobody owns is shared: by hours until the horizon, else in a day, else alike."""
        if team not in self._known_weights:
            self._known_weights[team] = self._weigh(team)
        return self._known_weights[team]

    def _weigh(self, team: TeamId | None) -> dict[PersonId, float]:
        members = self._members.get(team) or self._members.get(None, [])
        for horizon in (self._horizon_h, AHEAD_H):
            hours = {person: self._hours[person][horizon] for person in members}
            if total := sum(hours.values()):
                return {person: one / total for person, one in hours.items() if one}
        return {person: 1 / len(members) for person in members}

    def _shared(self, team: TeamId | None, whole: Expected) -> dict[PersonId, Expected]:
        return {person: _times(whole, share) for person, share in self._weights(team).items()}

    def _own(self) -> tuple[dict[PersonId, float], dict[PersonId, float]]:
        backlog: dict[PersonId, float] = defaultdict(float)
        begun: dict[PersonId, float] = defaultdict(float)
        for held in self._work.held:
            if held.owner is not None:
                backlog[held.owner] += held.backlog_min
                begun[held.owner] += held.begun_min
        return backlog, begun

    def _region_of(self, held: Held) -> RegionId | None:
        return self._people[held.owner].region if held.owner in self._people else None

    def _next_region(self, region: RegionId | None) -> RegionId | None:
        """Who takes over from a region: the one of most available hours until the horizon among the others."""
        others = [one for one in self._regions if one != region and one is not None]
        return max(others, key=lambda one: (self._region_min(one, self._horizon_h), -one), default=region)

    def _region_min(self, region: RegionId | None, horizon: int) -> float:
        return sum(self._hours[person.id][horizon] for person in self._work.people if person.region == region)

    def _region_loads(self, people: Mapping[PersonId, Load]) -> dict[RegionId | None, Load]:
        parts: dict[RegionId | None, list[Load]] = {region: [] for region in self._regions}
        for person in self._work.people:
            parts[person.region].append(people[person.id])
        next_region = {region: self._next_region(region) for region in self._regions}
        for held in self._work.held:
            if held.owner not in self._people:
                for region, share in self._region_shares(held.team).items():
                    parts[region].append(
                        Load(backlog_min=held.backlog_min * share, in_progress_min=held.begun_min * share)
                    )
                continue
            here = self._region_of(held)
            to = next_region[here]
            if to == here:
                continue
            passing = held.passing_backlog_min + held.passing_begun_min
            leaving = Load(backlog_min=-held.passing_backlog_min, in_progress_min=-held.passing_begun_min)
            parts[here].append(leaving)
            parts[to].append(Load(handoffs_min=passing))
        return {region: _sum(loads) for region, loads in parts.items()}

    def _region_shares(self, team: TeamId | None) -> dict[RegionId | None, float]:
        if team not in self._known_shares:
            shares: dict[RegionId | None, float] = defaultdict(float)
            for person, share in self._weights(team).items():
                shares[self._people[person].region] += share
            self._known_shares[team] = shares
        return self._known_shares[team]

    def _team_loads(self, until: Mapping[TeamId | None, Expected]) -> dict[TeamId, Load]:
        """Of a team, work that passes on is a hand-off to its own other members."""
        parts: dict[TeamId, list[Load]] = defaultdict(list)
        for team, members in self._members.items():
            if team is not None:
                hours = {h: sum(self._hours[person][h] for person in members) for h in HORIZONS}
                parts[team].append(Load(incoming=until.get(team, Expected()), available_min=hours))
        for held in self._work.held:
            if held.team is not None:
                parts[held.team].append(_own_load(held))
        return {team: _sum(loads) for team, loads in parts.items()}

    def _skill_loads(self) -> dict[SkillId, Load]:
        """Of a skill: the open work that asks for it, and the hours of all who have it. Incoming work is not told by skill."""
        parts: dict[SkillId, list[Load]] = defaultdict(list)
        for person in self._work.people:
            for skill in person.skills:
                parts[skill].append(Load(available_min=self._hours[person.id]))
        for held in self._work.held:
            if held.skill is not None:
                parts[held.skill].append(_own_load(held))
        return {skill: _sum(loads) for skill, loads in parts.items()}

    def _forecast(self, region: RegionId | None, load: Load) -> tuple[Hour, ...]:
        """Work on hand as it comes in and is worked off, hour by hour; the band from the band of what comes in."""
        spans = _distinct(person for person in self._work.people if person.region == region)
        by_hour = [
            sum(people * available_min(one, 60 * h, 60 * (h + 1)) for one, people in spans.items())
            for h in range(SEEN_H)
        ]
        coming = self._coming_to(region)
        on_hand = [load.own_min] * 3
        before = Expected()
        hours = [_hour(on_hand, sum(by_hour[:AHEAD_H]))]
        for hour in range(AHEAD_H):
            now = coming[hour]
            steps = (
                now.mean_min - before.mean_min, max(0.0, now.low_min - before.low_min),
                max(0.0, now.high_min - before.high_min),
            )  # fmt: skip
            on_hand = [max(0.0, held + step - by_hour[hour]) for held, step in zip(on_hand, steps, strict=True)]
            before = now
            hours.append(_hour(on_hand, sum(by_hour[hour + 1 : hour + 1 + AHEAD_H])))
        return tuple(hours)

    def _coming_to(self, region: RegionId | None) -> list[Expected]:
        ahead = [Expected()] * AHEAD_H
        for team, coming in self._coming.items():
            if share := self._region_shares(team).get(region, 0.0):
                ahead = [_plus(one, _times(more, share)) for one, more in zip(ahead, coming, strict=True)]
        return ahead


def _distinct(people: Iterable[Worker]) -> Counter[tuple[tuple[int, int], ...]]:
    """How many people are at work at the same times: usual weeks are few, people many."""
    return Counter(tuple(person.spans) for person in people)


def _hour(on_hand: Sequence[float], capacity: float) -> Hour:
    mean, low, high = on_hand
    return Hour(work_min=mean, low_min=min(low, mean), high_min=max(high, mean), capacity_min=capacity)


def _own_load(held: Held) -> Load:
    return Load(
        backlog_min=held.backlog_min - held.passing_backlog_min,
        in_progress_min=held.begun_min - held.passing_begun_min,
        handoffs_min=held.passing_backlog_min + held.passing_begun_min,
    )


def _plus(one: Expected, other: Expected) -> Expected:
    return Expected(
        mean_min=one.mean_min + other.mean_min,
        low_min=one.low_min + other.low_min,
        high_min=one.high_min + other.high_min,
    )


def _times(one: Expected, share: float) -> Expected:
    return Expected(mean_min=one.mean_min * share, low_min=one.low_min * share, high_min=one.high_min * share)


def _sum(loads: Iterable[Load]) -> Load:
    """The sum of loads; bands are added, which holds when all go up or down together, and is too wide otherwise."""
    found = list(loads)
    incoming = Expected()
    for one in found:
        incoming = _plus(incoming, one.incoming)
    return Load(
        incoming=incoming,
        backlog_min=max(0.0, sum(one.backlog_min for one in found)),
        handoffs_min=sum(one.handoffs_min for one in found),
        in_progress_min=max(0.0, sum(one.in_progress_min for one in found)),
        available_min={h: sum(one.available_min[h] for one in found) for h in HORIZONS},
    )
