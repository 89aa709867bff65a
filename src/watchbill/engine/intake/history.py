"""What a history says about people: teams, skills, usual hours, and who may be whom. Facts with evidence, not truths.

Everything here is inferred and may be corrected by hand; how and why: docs/algorithms/intake.md, "Inference".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.engine.base.ids import PersonId, SkillId, TeamId

LEAST_ITEMS = 3
"""Items with a team, or resolved with a skill, below which nothing is inferred."""

LEAST_SHARE = 0.05
"""Share of a person's items below which a team is one that she helped out, not one that she belongs to."""

LEVEL_FROM = (3, 10, 30, 100, 300)
"""Resolved items from which on the level is 1, 2, 3, 4 and 5: each about three times the one before."""

CONFIDENCE = 0.1
"""Share of weeks in which somebody was active in a granule, from which on it is kept (methods 3a.2)."""

COVERAGE = 0.7
"""Share of a person's activity that the kept granules must cover; otherwise the team's hours count (methods 3a.2)."""

LEAST_WEEKS = 2
"""Weeks of activity below which somebody's own hours are not looked at."""

LEAST_ACTS = 50
"""Acts below which hours are guesswork: in the UCI log people with fewer came out at 12 hours a week, the others at 47."""

LEAST_TOGETHER = 10
"""Items on which two names must have met before one is said to be the other."""

GRANULE_MIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when to when something was seen; aware UTC, both ends are instants of events."""

    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """How many items a person owned while they lay with a team."""

    person: PersonId
    team: TeamId
    items: int
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """How many items that ask for a skill a person owned when they were resolved."""

    person: PersonId
    skill: SkillId
    items: int
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """Activity of one person in one granule: weekday 0..6 (Monday first), hour 0..23 of the local day.

    ``weeks`` counts the weeks with any activity there, ``events`` the acts.
    """

    person: PersonId
    weekday: int
    hour: int
    weeks: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """How often a name of another number space acted on items that a person owned, at the moment of resolving."""

    person: PersonId
    name: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    person: PersonId
    team: TeamId
    items: int
    share: float
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Skilled:
    person: PersonId
    skill: SkillId
    level: int
    items: int
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Usual hours of one person: (weekday, opens, closes) in minutes after local midnight, sorted, not overlapping.

    ``basis`` is "own", "team" or "desk"; ``coverage`` is the share of the person's own activity that lies inside.
    """

    person: PersonId
    intervals: tuple[tuple[int, int, int], ...]
    basis: str
    weeks: int
    events: int
    coverage: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A name that is probably this person: on ``items`` of the ``of`` items both were there."""

    person: PersonId
    name: str
    items: int
    of: int


def memberships(owned: Sequence[Owned]) -> tuple[Member, ...]:
    """Who belongs to which team: at least three items and 5 % of hers; everybody with items belongs to one at least."""
    by_person: dict[PersonId, list[Owned]] = defaultdict(list)
    for fact in owned:
        by_person[fact.person].append(fact)
    found = []
    for person in sorted(by_person):
        facts = sorted(by_person[person], key=lambda fact: (-fact.items, fact.team))
        total = sum(fact.items for fact in facts)
        for place, fact in enumerate(facts):
            share = fact.items / total
            if place == 0 or (fact.items >= LEAST_ITEMS and share >= LEAST_SHARE):
                found.append(
                    Member(person=person, team=fact.team, items=fact.items, share=round(share, 3), period=fact.period)
                )
    return tuple(found)


def level_of(items: int) -> int:
    """The level that a number of resolved items stands for: 0 (none said) to 5."""
    return sum(items >= least for least in LEVEL_FROM)


def skills(resolved: Sequence[Resolved]) -> tuple[Skilled, ...]:
    """Who can do what, at which level: from three resolved items on."""
    return tuple(
        Skilled(person=f.person, skill=f.skill, level=level_of(f.items), items=f.items, period=f.period)
        for f in sorted(resolved, key=lambda fact: (fact.person, fact.skill))
        if level_of(f.items)
    )


def likenesses(met: Sequence[Met]) -> tuple[Likeness, ...]:
    """For each person the name that she most probably has in another number space; nobody is merged by this.

    A name is proposed when the two met on at least ten items, and each is the other's most frequent company.
    """
    by_person: dict[PersonId, list[Met]] = defaultdict(list)
    by_name: dict[str, list[Met]] = defaultdict(list)
    for fact in met:
        by_person[fact.person].append(fact)
        by_name[fact.name].append(fact)
    found = []
    for person in sorted(by_person):
        best = min(by_person[person], key=lambda fact: (-fact.items, fact.name))
        back = min(by_name[best.name], key=lambda fact: (-fact.items, fact.person))
        if best.items >= LEAST_TOGETHER and back.person == person:
            total = sum(fact.items for fact in by_person[person])
            found.append(Likeness(person=person, name=best.name, items=best.items, of=total))
    return tuple(found)


def usual_hours(
    active: Sequence[Active], weeks: Mapping[PersonId, int], teams: Mapping[TeamId, Sequence[PersonId]]
) -> tuple[Hours, ...]:
    """When people usually work, in granules of an hour of the week.

    Parameters
    ----------
    active: activity by person and granule, each granule at most once per person.
    weeks: by person, the weeks from her first to her last act, both counted.
    teams: who belongs to which team, for those whose own activity says too little.

    Returns
    -------
    tuple[Hours, ...]
        One per person for whom her own activity, her team's or the desk's says something, in the order of ids. A granule
        is kept where she was active in a tenth of the weeks; the kept ones must cover 70 % of her acts, and those be at
        least 50, else the team's granules are taken, kept by the same rule over all its members. A team of fewer acts,
        and who has none, goes by the desk's: everybody's together. A single open granule between two kept ones counts as
        kept (an hour without a keystroke is not an hour off).

    References
    ----------
    Lopez-Pintado & Dumas (2022), "Business process simulation with differentiated resources", section 4.2.
    """
    by_person: dict[PersonId, list[Active]] = defaultdict(list)
    for fact in active:
        by_person[fact.person].append(fact)
    acts = {person: sum(fact.events for fact in facts) for person, facts in by_person.items()}
    team_of = {person: team for team in sorted(teams, reverse=True) for person in teams[team]}
    granules_of_team = {team: _team_granules(teams[team], by_person, weeks) for team in sorted(teams)}
    acts_of_team = {team: sum(acts.get(person, 0) for person in teams[team]) for team in teams}
    everybody = sorted(set(by_person) | set(team_of))
    granules_of_desk = _team_granules(everybody, by_person, weeks)
    found = []
    for person in everybody:
        facts = by_person.get(person, [])
        events = acts.get(person, 0)
        own = _granules(facts, weeks.get(person, 0))
        basis, granules = "own", own
        if events < LEAST_ACTS or weeks.get(person, 0) < LEAST_WEEKS or _covered(facts, own) < COVERAGE:
            team = team_of.get(person, TeamId(0))
            basis, granules = "team", granules_of_team.get(team, frozenset())
            if not granules or acts_of_team[team] < LEAST_ACTS:
                basis, granules = "desk", granules_of_desk
        if granules:
            filled = _without_single_gaps(granules)
            found.append(
                Hours(
                    person=person, intervals=_intervals(filled), basis=basis, weeks=weeks.get(person, 0),
                    events=events, coverage=round(_covered(facts, filled), 3),
                )
            )  # fmt: skip
    return tuple(found)


Granule = tuple[int, int]
"""Weekday and hour."""


def _granules(facts: Sequence[Active], weeks: int) -> frozenset[Granule]:
    return frozenset((fact.weekday, fact.hour) for fact in facts if weeks and fact.weeks / weeks >= CONFIDENCE)


def _team_granules(
    members: Sequence[PersonId], by_person: Mapping[PersonId, Sequence[Active]], weeks: Mapping[PersonId, int]
) -> frozenset[Granule]:
    total = sum(weeks.get(person, 0) for person in members)
    counted: dict[Granule, int] = defaultdict(int)
    for person in members:
        for fact in by_person.get(person, ()):
            counted[fact.weekday, fact.hour] += fact.weeks
    return frozenset(granule for granule, active in counted.items() if total and active / total >= CONFIDENCE)


def _covered(facts: Sequence[Active], granules: frozenset[Granule]) -> float:
    events = sum(fact.events for fact in facts)
    inside = sum(fact.events for fact in facts if (fact.weekday, fact.hour) in granules)
    return inside / events if events else 0.0


def _without_single_gaps(granules: frozenset[Granule]) -> frozenset[Granule]:
    gaps = {(day, hour) for day in range(7) for hour in range(1, 23)} - granules
    return granules | {(day, hour) for day, hour in gaps if {(day, hour - 1), (day, hour + 1)} <= granules}


def _intervals(granules: frozenset[Granule]) -> tuple[tuple[int, int, int], ...]:
    found: list[tuple[int, int, int]] = []
    for day, hour in sorted(granules):
        opens = hour * GRANULE_MIN
        if found and found[-1][0] == day and found[-1][2] == opens:
            found[-1] = (day, found[-1][1], opens + GRANULE_MIN)
        else:
            found.append((day, opens, opens + GRANULE_MIN))
    return tuple(found)
