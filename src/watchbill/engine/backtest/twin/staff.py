"""Who worked when, and on whose work: usual hours, leave, holidays and teams as the history shows them.

docs/algorithms/backtest.md, "People".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.backtest.facts import Span
from watchbill.engine.backtest.hours import Hours
from watchbill.engine.backtest.twin.history import NOBODY, History, Ints, local_minutes
from watchbill.engine.backtest.twin.legs import NEVER, Legs
from watchbill.engine.base.calendar import first_instant
from watchbill.engine.base.ids import PersonId, TeamId
from watchbill.engine.base.intervals import instant_of, merged
from watchbill.engine.intake.history import Active, Owned, Period, memberships, usual_hours
from watchbill.engine.intake.history import Hours as UsualHours

Floats = NDArray[np.float64]
DAY_MIN, WEEK_MIN = 1440, 10_080
MINUTE_US = 60_000_000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
CLOSED_SHARE = 0.25
"""A day with less than this share of what its weekday usually brings is a holiday."""
CLOSED_LEAST = 10
"""Acts that a weekday must bring usually before a quiet one says anything."""
LEAVE_DAYS = 7
LEAVE_GAPS = 3
"""Away: no act for longer than a week, and than so many times the longest but few of her pauses (their 90th percentile)."""
HOURS = 168
MONDAY_MIN = 4 * DAY_MIN
"""1970-01-05, a Monday, in minutes since 1970."""
ALL = -2
"""In place of a team: all of them."""
SHRINK_HOURS = 200
"""Pieces at which a team's own hours of the week count half, and those of all half."""
RECENT_DAYS = 28
"""What was longer ago than this says less about the hours of the day than about hours gone by."""
TAIL_DAYS = 14
"""Somebody whose last act is closer to the end than this is still there afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Days, as ordinals, on which somebody was not there: before first, after last, and in any [start, end) of away."""

    first: int
    last: int
    away: tuple[Span, ...]

    def is_there(self, day: int) -> bool:
        return self.first <= day <= self.last and not any(start <= day < end for start, end in self.away)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """People as the history shows them.

    hours: usual hours by person; leave: when each was there; closed: ordinals of days on which hardly anybody was. teams: members by
    team; a team without members is not in it. busy: by team, and for NOBODY's of all, how busy each hour of the week is against the
    busiest, from Monday 00:00. zone: of the hours.
    """

    zone: ZoneInfo
    hours: Mapping[int, UsualHours]
    leave: Mapping[int, Leave]
    closed: frozenset[int]
    teams: Mapping[int, tuple[int, ...]]
    busy: Mapping[int, Floats]

    def working(self, origin_us: int, until_us: int) -> dict[int, Hours]:
        """By team, and for ALL: the clock by which its work goes on, in minutes since *origin_us*.

        Each hour is open for as much of it as it is busy against the busiest hour of the week, so that what is measured and then
        spent on this clock ends at the times of day at which the team ends things. O(teams x hours).
        """
        walls = _Walls(self.zone, origin_us)
        days = range(_ordinal(origin_us, self.zone), _ordinal(until_us, self.zone) + 1)
        open_days = [day for day in days if day not in self.closed]
        starts = np.array([walls.minute(day, 60 * hour) for day in open_days for hour in range(24)], dtype=np.int64)
        place = np.array([24 * ((day - 1) % 7) + hour for day in open_days for hour in range(24)], dtype=np.int64)
        far = (until_us - origin_us) // MINUTE_US
        found = {}
        for team, busy in self.busy.items():
            minutes = np.round(60 * busy).astype(np.int64)[place] if place.size else place
            keep = (minutes > 0) & (starts < far) & (starts >= 0)
            found[team] = Hours(zip(starts[keep].tolist(), (starts + minutes)[keep].tolist(), strict=True))
        return found

    def spans(self, origin_us: int, until_us: int) -> dict[int, list[Span]]:
        """When each person works, in minutes since *origin_us*, sorted. O(people x hours)."""
        walls = _Walls(self.zone, origin_us)
        days = np.arange(_ordinal(origin_us, self.zone), _ordinal(until_us, self.zone) + 1)
        grid = np.array([[walls.minute(int(day), 60 * hour) for hour in range(25)] for day in days], dtype=np.int64)
        far = (until_us - origin_us) // MINUTE_US
        is_open = ~np.isin(days, sorted(self.closed))
        found: dict[int, list[Span]] = {}
        for person, hours in self.hours.items():
            leave = self.leave[person]
            here = is_open & np.array([leave.is_there(int(day)) for day in days])
            at = _week_of(hours).reshape(7, 24)[(days - 1) % 7]
            day, hour = np.nonzero(at & here[:, None])
            starts, ends = np.maximum(0, grid[day, hour]), np.minimum(far, grid[day, hour + 1])
            found[person] = list(merged(zip(starts.tolist(), ends.tolist(), strict=True)))
        return found


class _Walls(dict[tuple[int, int], int]):
    """Minutes since the origin of a wall clock's reading."""

    def __init__(self, zone: ZoneInfo, origin_us: int) -> None:
        super().__init__()
        self.zone, self.origin_us = zone, origin_us

    def minute(self, day: int, minute: int) -> int:
        return self[day, minute]

    def __missing__(self, key: tuple[int, int]) -> int:
        day, minute = key
        wall = datetime.fromordinal(day) + timedelta(minutes=minute)
        return self.setdefault(key, (first_instant(wall, self.zone) - self.origin_us) // MINUTE_US)


def _ordinal(us: int, zone: ZoneInfo) -> int:
    return instant_of(us).astimezone(zone).date().toordinal()


def staff_of(history: History, legs: Legs) -> Staff:
    """What the events of *history* say about its people; see the module's page. O(events).

    Acts after the last opening say nothing about who was there: the work that they were busy with then is not in the log.
    """
    is_act = (history.owner != NOBODY) & ~history.is_robot & (history.at_us > history.opened_us[history.item])
    acted = is_act & (history.at_us <= history.opened_us[-1] + DAY_MIN * MINUTE_US)
    who, minute = history.owner[acted], local_minutes(history.at_us[acted], history.zone)
    day, last_day = minute // DAY_MIN, int(local_minutes(history.opened_us[-1:], history.zone)[0]) // DAY_MIN
    teams = _teams(legs)
    weeks = _weeks(who, day)
    cells = _cells(who, minute, day)
    active = [Active(person=PersonId(p), weekday=w, hour=h, weeks=n, events=e) for p, w, h, n, e in cells]
    found = usual_hours(
        active, {PersonId(p): n for p, n in weeks.items()},
        {TeamId(t): [PersonId(p) for p in members] for t, members in teams.items()},
    )  # fmt: skip
    hours = {int(one.person): one for one in found if int(one.person) in weeks}
    return Staff(
        zone=history.zone,
        hours=hours,
        leave={person: _leave(np.unique(day[who == person]), last_day) for person in hours},
        closed=_closed(day),
        teams={team: kept for team, members in teams.items() if (kept := tuple(p for p in members if p in hours))},
        busy=busy_of(history, legs, teams),
    )


def busy_of(history: History, legs: Legs, teams: Mapping[int, Sequence[int]]) -> dict[int, Floats]:
    """Against the busiest hour of the week: pieces of work that people ended in the last weeks, those of a team drawn towards all."""
    last = int(history.opened_us[-1])
    ended = (legs.ended_us != NEVER) & (legs.worker != NOBODY) & (legs.ended_us <= last)
    ended &= legs.ended_us > last - RECENT_DAYS * DAY_MIN * MINUTE_US
    hour = (local_minutes(legs.ended_us[ended], history.zone) - MONDAY_MIN) % WEEK_MIN // 60
    of_all = np.bincount(hour, minlength=HOURS).astype(float)
    share = of_all / max(1.0, of_all.sum())
    found = {ALL: _against_most(of_all)}
    for team in teams:
        mine = np.bincount(hour[legs.team[ended] == team], minlength=HOURS)
        found[team] = _against_most(mine + SHRINK_HOURS * share)
    return found


def _against_most(counts: Floats) -> Floats:
    most = float(counts.max())
    return counts / most if most else np.ones(HOURS)


def _teams(legs: Legs) -> dict[int, list[int]]:
    """Members by team, by the rule of an import: who ended enough of its work. NOBODY's work is a team, too."""
    ended = (legs.ended_us != NEVER) & (legs.worker != NOBODY)
    pairs, counts = np.unique(np.stack((legs.worker[ended], legs.team[ended])), axis=1, return_counts=True)
    never = Period(first_at=instant_of(0), last_at=instant_of(0))
    owned = [
        Owned(person=PersonId(person), team=TeamId(team), items=count, period=never)
        for person, team, count in zip(*pairs.tolist(), counts.tolist(), strict=True)
    ]
    found: dict[int, list[int]] = defaultdict(list)
    for member in memberships(owned):
        found[int(member.team)].append(int(member.person))
    return dict(sorted(found.items()))


def _weeks(who: Ints, day: Ints) -> dict[int, int]:
    """Calendar weeks from each person's first to her last act, both counted. Weeks begin on a Monday."""
    week = (day + 3) // 7
    return {int(p): int(week[who == p].max() - week[who == p].min()) + 1 for p in np.unique(who)}


def _cells(who: Ints, minute: Ints, day: Ints) -> list[tuple[int, int, int, int, int]]:
    """Person, weekday, hour, weeks with an act, acts."""
    weekday, hour, week = (day + 3) % 7, minute // 60 % 24, (day + 3) // 7
    once, acts = np.unique(np.stack((who, weekday, hour, week)), axis=1, return_counts=True)
    cells, place, weeks = np.unique(once[:3], axis=1, return_inverse=True, return_counts=True)
    events = np.bincount(place.reshape(-1), weights=acts).astype(int)
    return list(zip(*cells.tolist(), weeks.tolist(), events.tolist(), strict=True))


def _week_of(usual: UsualHours) -> NDArray[np.bool_]:
    """Which hours of the week are hers."""
    found = np.zeros(HOURS, dtype=bool)
    for weekday, opens, closes in usual.intervals:
        found[24 * weekday + opens // 60 : 24 * weekday + -(-closes // 60)] = True
    return found


def _leave(days: Ints, last_day: int) -> Leave:
    """From the days, since 1970, on which somebody acted."""
    ordinals = days + EPOCH_ORDINAL
    gaps = np.diff(ordinals)
    longest = max(LEAVE_DAYS, LEAVE_GAPS * float(np.quantile(gaps, 0.9)) if gaps.size else 0)
    away = [(int(ordinals[at]) + 1, int(ordinals[at + 1])) for at in np.flatnonzero(gaps > longest)]
    stays = last_day - int(days[-1]) <= TAIL_DAYS
    return Leave(first=int(ordinals[0]), last=date.max.toordinal() if stays else int(ordinals[-1]), away=tuple(away))


def _closed(day: Ints) -> frozenset[int]:
    if not day.size:
        return frozenset()
    first = int(day.min())
    counts = np.bincount(day - first)
    weekday = (np.arange(counts.size) + first + 3) % 7
    usual = np.array([np.median(counts[weekday == w]) if (weekday == w).any() else 0.0 for w in range(7)])[weekday]
    return frozenset(
        (np.flatnonzero((usual >= CLOSED_LEAST) & (counts < CLOSED_SHARE * usual)) + first + EPOCH_ORDINAL).tolist()
    )
