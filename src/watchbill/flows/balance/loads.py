"""The workload of a desk as it stands: facts gathered in a handful of queries, added up by the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from watchbill.apps.clocks.loads import HeldRow, work_came_due, work_held
from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.core.actor import Actor
from watchbill.apps.people.abilities import Ability, ability_list
from watchbill.apps.people.queries import skill_list
from watchbill.apps.people.regions import region_names, team_regions
from watchbill.apps.people.rights import Right, require
from watchbill.apps.shifts.hours import Spans, off_until, spans_ahead
from watchbill.apps.shifts.queries import Staffed, hours_book
from watchbill.apps.work.loads import work_arrived, work_newest
from watchbill.engine.assign.moves import Side
from watchbill.engine.base.ids import PersonId, RegionId, SkillId, TeamId
from watchbill.engine.sense.deskwork import DeskWork, Worker
from watchbill.engine.sense.due import SEEN_H
from watchbill.engine.sense.incoming import WEEK_H, WEEKS, Arrivals
from watchbill.engine.sense.workload import Workload, workload
from watchbill.flows.balance.gaps import gaps_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a list says of one person beside her load: actionable items, P1 and P2, and the oldest touch among them."""

    open: int = 0
    p1: int = 0
    p2: int = 0
    touched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """The workload of a desk at *now*, with what pages and moves need beside. Everything by key; people are the active ones."""

    desk_id: int
    now: datetime
    workload: Workload
    people: Mapping[int, Ability]
    shifts: Mapping[int, Staffed]
    spans: Mapping[int, Spans]
    holdings: Mapping[int, Holding]
    regions: Mapping[int, str]
    teams: Mapping[int, str]
    skills: Mapping[int, str]

    @property
    def history_until(self) -> datetime:
        """The last full hour: incoming work is learned from what came in up to there, and expected from there on."""
        return _full_hour(self.now)

    def side(self, person_id: int) -> Side:
        """What balance knows of a person: hours, work and region."""
        load = self.workload.people[PersonId(person_id)]
        region = self.people[person_id].region_id
        return Side(
            spans=self.spans.get(person_id, ()), due_min=load.due.total_min,
            available_min=load.available_min[self.workload.horizon_h],
            region=None if region is None else RegionId(region),
        )  # fmt: skip

    def region_of(self, person_id: int) -> int | None:
        return self.people[person_id].region_id if person_id in self.people else None


def loads_get(desk_id: int, *, horizon_h: int = 24, by: Actor, now: datetime) -> Loads:
    """Return the workload of a desk until *horizon_h* hours ahead (4, 8 or 24): about ten queries, whatever its size.

    Effort is what the desk's effort table assumes of each class. Needs the right to see people.
    """
    require(by, Right.PEOPLE_VIEW, desk_id)
    closed_on = closed_dates(desk_id, now)
    able = {one.id: one for one in ability_list(desk_id) if one.is_active}
    book = hours_book(desk_id, now)
    shifts, weeks = book.at(now, closed_on=closed_on), book.weeks(closed_on=closed_on)
    until = now + timedelta(hours=SEEN_H)
    spans = spans_ahead(weeks, now, until=until, off=off_until(desk_id, now), away=book.away, extra=book.extra)
    gaps = gaps_of(able, shifts, spans, weeks, book, horizon_h=horizon_h, now=now)
    held, due = work_held(desk_id, now, gaps=gaps, horizon_h=horizon_h)
    teams = team_regions(desk_id)
    facts = DeskWork(
        people=[_worker(one, spans.get(one.id, ())) for one in able.values()],
        held=[row.work for row in held],
        due=due,
        arrivals=_arrivals(desk_id, now),
    )
    return Loads(
        desk_id=desk_id,
        now=now,
        workload=workload(facts, horizon_h=horizon_h),
        people=able,
        shifts=shifts,
        spans=spans,
        holdings=_holdings(held),
        regions=region_names(desk_id),
        teams={team: name for team, (name, _) in teams.items()},
        skills={row["id"]: row["name"] for row in skill_list(desk_id, by=by)},
    )


def _worker(one: Ability, spans: Spans) -> Worker:
    return Worker(
        id=PersonId(one.id),
        region=None if one.region_id is None else RegionId(one.region_id),
        teams=frozenset(TeamId(team) for team in one.teams),
        skills={SkillId(skill): level for skill, level in one.skills.items()},
        spans=spans,
    )


def _arrivals(desk_id: int, now: datetime) -> Mapping[TeamId | None, Arrivals]:
    """What came in up to the last full hour, kept in this process until there is another, or older work becomes known."""
    hour = _full_hour(now)
    return arrivals_until(desk_id, hour, work_newest(desk_id, before=hour))


def _full_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


@lru_cache(maxsize=8)
def arrivals_until(desk_id: int, hour: datetime, _newest: int) -> Mapping[TeamId | None, Arrivals]:
    """What came in by team, in whole weeks of the desk's own history: what was before its first item is not zero but unknown."""
    arrived, known_h = work_arrived(desk_id, hour, hours=WEEKS * WEEK_H)
    weeks = known_h // WEEK_H
    due = work_came_due(desk_id, hour, weeks=weeks) if weeks else {}
    start = (WEEKS - weeks) * WEEK_H
    return {
        None if team is None else TeamId(team): Arrivals(
            counts=counts[start:], effort_min=minutes[start:], due_min=due.get(team, {})
        )
        for team, (counts, minutes) in arrived.items()
    }


def _holdings(held: list[HeldRow]) -> dict[int, Holding]:
    found: dict[int, list[HeldRow]] = defaultdict(list)
    for row in held:
        if row.work.owner is not None:
            found[row.work.owner].append(row)
    return {
        owner: Holding(
            open=sum(row.open for row in rows),
            p1=sum(row.p1 for row in rows),
            p2=sum(row.p2 for row in rows),
            touched_at=min((row.touched_at for row in rows if row.touched_at is not None), default=None),
        )
        for owner, rows in found.items()
    }
