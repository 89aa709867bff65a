"""Fair shares: what each person received for each hour present, how much of it was hard, and how unpopular her hours were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId, TeamId

LEAST = 4
"""In a team of fewer people with hours there is no interval: it would tell whose figure is whose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One person's four weeks: items and minutes of effort received, hard ones among them, minutes present and unpopular ones."""

    person: PersonId
    team: TeamId | None = None
    items: int = 0
    effort_min: float = 0.0
    hard: int = 0
    present_min: float = 0.0
    unpopular_min: float = 0.0

    def __post_init__(self) -> None:
        if min(self.items, self.effort_min, self.hard, self.present_min, self.unpopular_min) < 0:
            raise InvalidFacts("Received: nothing of it can be negative")
        if self.hard > self.items or self.unpopular_min > self.present_min:
            raise InvalidFacts("Received: hard items are items, and unpopular hours are hours present")


@dataclass(frozen=True, slots=True, kw_only=True)
class Middle:
    """A team's median of one figure, with the interval in which the middle half of its people lies (None: too few of them)."""

    median: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A person's figures beside her team's middle. Each is None when there is nothing to divide by.

    per_hour: effort hours received per hour present. hard: share of items that were hard. unpopular: share of hours present.
    """

    person: PersonId
    team: TeamId | None
    received: Received
    per_hour: float | None
    hard: float | None
    unpopular: float | None
    team_per_hour: Middle | None
    team_hard: Middle | None
    team_unpopular: Middle | None


def fair_shares(received: Sequence[Received]) -> tuple[Share, ...]:
    """Put each person's figures beside the middle of her team, herself included; in order of persons.

    People of no team are compared with each other. Somebody without hours present, or without items, has no such figure and
    is not in the middle. Medians and quartiles, not means: one unusual week does not move them. O(n log n).
    """
    if len({one.person for one in received}) != len(received):
        raise InvalidFacts("fair_shares: each person once")
    by_team: dict[TeamId | None, list[Received]] = defaultdict(list)
    for one in received:
        by_team[one.team].append(one)
    middles = {
        team: (_middle([_per_hour(p) for p in people]), _middle([_hard(p) for p in people]), _middle([_unpopular(p) for p in people]))
        for team, people in by_team.items()
    }  # fmt: skip
    return tuple(
        Share(
            person=one.person, team=one.team, received=one, per_hour=_per_hour(one), hard=_hard(one),
            unpopular=_unpopular(one), team_per_hour=middles[one.team][0], team_hard=middles[one.team][1],
            team_unpopular=middles[one.team][2],
        )
        for one in sorted(received, key=lambda one: one.person)
    )  # fmt: skip


def _per_hour(one: Received) -> float | None:
    return one.effort_min / one.present_min if one.present_min > 0 else None


def _hard(one: Received) -> float | None:
    return one.hard / one.items if one.items else None


def _unpopular(one: Received) -> float | None:
    return one.unpopular_min / one.present_min if one.present_min > 0 else None


def _middle(figures: Sequence[float | None]) -> Middle | None:
    known = [figure for figure in figures if figure is not None]
    if not known:
        return None
    if len(known) < LEAST:
        return Middle(median=median(known))
    low, _, high = quantiles(known, n=4, method="inclusive")
    return Middle(median=median(known), low=low, high=high)
