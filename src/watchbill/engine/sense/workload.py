"""How much work there is for whom, in hours of effort: four terms, and what of them falls due against the hours until then."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId, RegionId, SkillId, TeamId
from watchbill.engine.sense.deskwork import DeskWork, Held, Spans, Worker
from watchbill.engine.sense.due import AHEAD_H, SEEN_H, Hour, hours_ahead
from watchbill.engine.sense.incoming import NOTHING, Expected, due_share, due_shares, expected

HORIZONS = (4, 8, 24)
"""Hours ahead for which available time is told."""

# -- outcome --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The four terms in minutes of effort. incoming: with its band."""

    incoming: Expected = NOTHING
    backlog_min: float = 0.0
    handoffs_min: float = 0.0
    in_progress_min: float = 0.0

    @property
    def own_min(self) -> float:
        """What there is already: backlog, hand-offs in and work in progress."""
        return self.backlog_min + self.handoffs_min + self.in_progress_min

    @property
    def total_min(self) -> float:
        """All four terms."""
        return self.own_min + self.incoming.mean_min


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Terms):
    """All work in its four terms, *due*: what of each falls due until the horizon, and minutes available by horizon."""

    due: Terms = Terms()
    available_min: Mapping[int, float] = field(default_factory=lambda: dict.fromkeys(HORIZONS, 0.0))

    def ratio(self, horizon_h: int) -> float | None:
        """Work that falls due over available time until the horizon; None when nobody is available."""
        available = self.available_min[horizon_h]
        return self.due.total_min / available if available > 0 else None


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


# -- decide ---------------------------------------------------------------------------------------------------------------


def workload(work: DeskWork, *, horizon_h: int = 24) -> Workload:
    """Add up the work of a desk in four terms, all and what falls due until the horizon, and forecast each region.

    Parameters
    ----------
    work: people with their hours, open work by owner, team and skill, what of it falls due when, arrivals by team.
    horizon_h: 4, 8 or 24; incoming work counts up to there, and the due parts of *work.held* must be of it.

    Returns
    -------
    Workload
        Incoming work of a team is shared among its members by the hours that they have until the horizon (in a day, when
        they have none), that of no team among all; a region has what its people have, plus work of nobody in the same
        shares. Work that passes on while its owner is away leaves her region's terms, and is a hand-off into the region of
        most available hours among the others; with one region it stays where it is.

    Definitions with a worked number: docs/algorithms/balance.md, "Workload". O(people + held + weeks x hours x teams).
    """
    if horizon_h not in HORIZONS:
        raise InvalidFacts(f"The horizon is 4, 8 or 24 hours, got {horizon_h}")
    return _Sum(work, horizon_h).workload()


class _Tally:
    """Terms as they are added up: all work, and what of it is due."""

    __slots__ = ("all", "available_min", "due", "incoming", "incoming_due")

    def __init__(self) -> None:
        self.all, self.due = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]  # backlog, hand-offs in, in progress
        self.incoming, self.incoming_due = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]  # mean, low, high
        self.available_min = dict.fromkeys(HORIZONS, 0.0)

    def hold(self, held: Held, share: float = 1.0) -> None:
        """Backlog and work in progress, whoever passes some of it on."""
        for sums, part in ((self.all, held.all), (self.due, held.due)):
            sums[0] += part.backlog_min * share
            sums[2] += part.begun_min * share

    def pass_on(self, held: Held) -> None:
        """Let go what comes with the sun to somebody else."""
        for sums, part in ((self.all, held.all), (self.due, held.due)):
            sums[0] -= part.passing_backlog_min
            sums[2] -= part.passing_begun_min

    def take_over(self, held: Held) -> None:
        """Hand-offs in."""
        for sums, part in ((self.all, held.all), (self.due, held.due)):
            sums[1] += part.passing_backlog_min + part.passing_begun_min

    def expect(self, incoming: Expected, due: Expected, share: float = 1.0) -> None:
        for sums, one in ((self.incoming, incoming), (self.incoming_due, due)):
            sums[0] += one.mean_min * share
            sums[1] += one.low_min * share
            sums[2] += one.high_min * share

    def have(self, available_min: Mapping[int, float]) -> None:
        for horizon, minutes in available_min.items():
            self.available_min[horizon] += minutes

    def load(self) -> Load:
        incoming, incoming_due = (
            Expected(mean_min=mean, low_min=low, high_min=high)
            for mean, low, high in (self.incoming, self.incoming_due)
        )
        due = Terms(incoming=incoming_due, **_terms(self.due))
        return Load(incoming=incoming, due=due, available_min=self.available_min, **_terms(self.all))


def _terms(sums: Sequence[float]) -> dict[str, float]:
    backlog, handoffs, begun = (max(0.0, one) for one in sums)
    return {"backlog_min": backlog, "handoffs_min": handoffs, "in_progress_min": begun}


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
        self._next = self._next_regions()
        self._known_weights: dict[TeamId | None, dict[PersonId, float]] = {}
        self._known_shares: dict[TeamId | None, dict[RegionId | None, float]] = {}

    def workload(self) -> Workload:
        until = {team: self._until(team) for team in self._coming}
        people = self._people_tallies(until)
        regions = {region: tally.load() for region, tally in self._region_tallies(until).items()}
        return Workload(
            horizon_h=self._horizon_h,
            people={person: tally.load() for person, tally in people.items()},
            teams=self._team_loads(until),
            regions=regions,
            skills=self._skill_loads(),
            desk=_sum(regions.values()),
            forecast={region: self._forecast(region, load) for region, load in regions.items()},
            history_weeks=max((one.weeks for one in self._work.arrivals.values()), default=0),
        )

    def _until(self, team: TeamId | None) -> tuple[Expected, Expected]:
        """What comes in for a team until the horizon, and what of that falls due until then."""
        incoming = self._coming[team][self._horizon_h - 1]
        return incoming, incoming.times(due_share(self._work.arrivals[team], hours=self._horizon_h))

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

    def _region_shares(self, team: TeamId | None) -> dict[RegionId | None, float]:
        if team not in self._known_shares:
            shares: dict[RegionId | None, float] = defaultdict(float)
            for person, share in self._weights(team).items():
                shares[self._people[person].region] += share
            self._known_shares[team] = shares
        return self._known_shares[team]

    def _next_regions(self) -> dict[RegionId | None, RegionId | None]:
        """Who takes over from each region: the one of most available hours until the horizon among the others."""
        hours: dict[RegionId | None, float] = defaultdict(float)
        for person in self._work.people:
            hours[person.region] += self._hours[person.id][self._horizon_h]
        known = [region for region in self._regions if region is not None]
        return {
            here: max((one for one in known if one != here), key=lambda one: (hours[one], -one), default=here)
            for here in self._regions
        }

    def _people_tallies(self, until: Mapping[TeamId | None, tuple[Expected, Expected]]) -> dict[PersonId, _Tally]:
        found = {person: _Tally() for person in self._people}
        for person, tally in found.items():
            tally.have(self._hours[person])
        for held in self._work.held:
            if held.owner in found:
                found[held.owner].hold(held)
        for team, (incoming, due) in until.items():
            for person, share in self._weights(team).items():
                found[person].expect(incoming, due, share)
        return found

    def _region_tallies(
        self, until: Mapping[TeamId | None, tuple[Expected, Expected]]
    ) -> dict[RegionId | None, _Tally]:
        found = {region: _Tally() for region in self._regions}
        for person in self._work.people:
            found[person.region].have(self._hours[person.id])
        for held in self._work.held:
            if held.owner not in self._people:
                for region, share in self._region_shares(held.team).items():
                    found[region].hold(held, share)
                continue
            here = self._people[held.owner].region
            found[here].hold(held)
            if (to := self._next[here]) != here:
                found[here].pass_on(held)
                found[to].take_over(held)
        for team, (incoming, due) in until.items():
            for region, share in self._region_shares(team).items():
                found[region].expect(incoming, due, share)
        return found

    def _team_loads(self, until: Mapping[TeamId | None, tuple[Expected, Expected]]) -> dict[TeamId, Load]:
        """Of a team, work that passes on is a hand-off to its own other members."""
        found: dict[TeamId, _Tally] = defaultdict(_Tally)
        for team, members in self._members.items():
            if team is not None:
                found[team].expect(*until.get(team, (NOTHING, NOTHING)))
                for person in members:
                    found[team].have(self._hours[person])
        for held in self._work.held:
            if held.team is not None:
                _hold_alone(found[held.team], held)
        return {team: tally.load() for team, tally in found.items()}

    def _skill_loads(self) -> dict[SkillId, Load]:
        """Of a skill: the open work that asks for it, and the hours of all who have it. Incoming work is not told by skill."""
        found: dict[SkillId, _Tally] = defaultdict(_Tally)
        for person in self._work.people:
            for skill in person.skills:
                found[skill].have(self._hours[person.id])
        for held in self._work.held:
            if held.skill is not None:
                _hold_alone(found[held.skill], held)
        return {skill: tally.load() for skill, tally in found.items()}

    def _forecast(self, region: RegionId | None, load: Load) -> tuple[Hour, ...]:
        """Hour by hour what falls due within the day from then on, as work comes in and is worked off."""
        spans = _distinct(person for person in self._work.people if person.region == region)
        capacity = _by_hour(spans)
        shares = {team: share for team in self._coming if (share := self._region_shares(team).get(region, 0.0))}
        coming = [NOTHING] * AHEAD_H
        for team, share in shares.items():
            coming = [one.plus(more.times(share)) for one, more in zip(coming, self._coming[team], strict=True)]
        due = self._due_in(region)
        later = max(0.0, load.own_min - sum(due))
        return hours_ahead(
            due, later, coming, due_shares(self._work.arrivals, shares, hours=AHEAD_H, seen_h=SEEN_H), capacity
        )

    def _due_in(self, region: RegionId | None) -> list[float]:
        """Minutes of a region's own work that fall due in each hour, hand-offs in among them and those out not."""
        found = [0.0] * SEEN_H
        for one in self._work.due:
            if not one.is_owned:
                share = self._region_shares(one.team).get(region, 0.0)
            else:
                here = self._next.get(one.region, one.region) if one.is_passing else one.region
                share = float(here == region)
            found[one.hour] += one.minutes * share
        return found


def _distinct(people: Iterable[Worker]) -> Counter[tuple[tuple[int, int], ...]]:
    """How many people are at work at the same times: usual weeks are few, people many."""
    return Counter(tuple(person.spans) for person in people)


def _by_hour(spans: Mapping[tuple[tuple[int, int], ...], int]) -> list[float]:
    """Minutes at work in each of the next SEEN_H hours, of so many people with the same times."""
    found = [0.0] * SEEN_H
    for times, people in spans.items():
        for start, end in times:
            for hour in range(max(0, start // 60), min(SEEN_H, -(-end // 60))):
                found[hour] += people * (min(end, 60 * hour + 60) - max(start, 60 * hour))
    return found


def _hold_alone(tally: _Tally, held: Held) -> None:
    """Hold work of which what passes on is a hand-off to others of the same kind."""
    tally.hold(held)
    tally.pass_on(held)
    tally.take_over(held)


def _sum(loads: Iterable[Load]) -> Load:
    """The sum of loads; bands are added, which holds when all go up or down together, and is too wide otherwise."""
    whole = _Tally()
    for one in loads:
        for sums, terms in ((whole.all, one), (whole.due, one.due)):
            for place, minutes in enumerate((terms.backlog_min, terms.handoffs_min, terms.in_progress_min)):
                sums[place] += minutes
        whole.expect(one.incoming, one.due.incoming)
        whole.have(one.available_min)
    return whole.load()
