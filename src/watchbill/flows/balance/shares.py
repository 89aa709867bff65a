"""The fair-share ledger of four weeks: everybody's for managers, and a person's own for herself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.core.actor import Actor
from watchbill.apps.people.abilities import ability_list
from watchbill.apps.people.regions import team_regions
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.shifts.absences import Away, away_ahead
from watchbill.apps.shifts.extra import extra_ahead
from watchbill.apps.shifts.hours import Present, present_without, weeks_of
from watchbill.apps.work.loads import Received as ReceivedRow
from watchbill.apps.work.loads import work_received
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import NotAllowed
from watchbill.engine.base.ids import PersonId, TeamId
from watchbill.engine.base.intervals import Interval
from watchbill.engine.sense.shares import Received, Share, fair_shares

WINDOW = timedelta(weeks=4)
"""What the ledger covers, up to now."""
NOTHING = Present(all_min=0, unpopular_min=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person's share, with her name, her team's, and why items were hard (one item may be so for several reasons)."""

    share: Share
    name: str
    team: str
    top: int = 0
    reopened: int = 0
    bounced: int = 0
    long: int = 0


def shares_get(desk_id: int, *, by: Actor, now: datetime) -> list[Line]:
    """Return the ledger of a desk up to the last full hour, the busiest first: seven queries. For those who may change many items at once."""
    require(by, Right.WORK_BULK, desk_id)
    lines = _ledger(desk_id, _full_hour(now))
    return sorted(lines.values(), key=lambda line: (-(line.share.per_hour or 0.0), line.name))


def share_of(desk_id: int, person_id: int, *, by: Actor, now: datetime) -> Line | None:
    """Return one person's line, for herself and for those who may see all; None when she owned nothing and has no hours."""
    if by.person_id != person_id and not may(by, Right.WORK_BULK, desk_id):
        raise NotAllowed("A person's share is for herself and her managers", right=Right.WORK_BULK)
    require(by, Right.WORK_VIEW, desk_id)
    return _ledger(desk_id, _full_hour(now)).get(person_id)


def _full_hour(now: datetime) -> datetime:
    """The ledger of a desk is made once an hour in each process: it reads four weeks of events."""
    return now.replace(minute=0, second=0, microsecond=0)


@lru_cache(maxsize=16)
def _ledger(desk_id: int, now: datetime) -> dict[int, Line]:
    since = now - WINDOW
    closed_on = closed_dates(desk_id, now)
    able = [one for one in ability_list(desk_id) if one.is_active]
    teams = team_regions(desk_id)
    weeks = weeks_of(desk_id, closed_on=closed_on)
    away, extra = away_ahead(desk_id, since), extra_ahead(desk_id, since)
    got: Mapping[int, ReceivedRow] = {row.person_id: row for row in work_received(desk_id, now, since=since)}
    # A team is that of the first name; who is in several is compared once.
    team_of = {one.id: min(one.teams, key=lambda team: teams[team][0], default=None) for one in able}
    received = []
    for one in able:
        hours = _present(weeks.get(one.id), since, now, away.get(one.id, ()), extra.get(one.id, ()))
        row, team = got.get(one.id), team_of[one.id]
        if row is None and not hours.all_min:
            continue
        received.append(
            Received(
                person=PersonId(one.id),
                team=None if team is None else TeamId(team),
                items=row.items if row else 0,
                effort_min=row.effort_min if row else 0,
                hard=row.hard if row else 0,
                present_min=hours.all_min,
                unpopular_min=hours.unpopular_min,
            )
        )
    names = {one.id: one.name for one in able}
    return {
        share.person: _line(share, names[share.person], teams[share.team][0] if share.team else "", got.get(share.person))
        for share in fair_shares(received)
    }  # fmt: skip


def _present(
    week: Calendar | None, since: datetime, now: datetime, away: Sequence[Away], extra: Sequence[Interval]
) -> Present:
    return NOTHING if week is None else present_without(week, since, now, away, extra)


def _line(share: Share, name: str, team: str, row: ReceivedRow | None) -> Line:
    if row is None:
        return Line(share=share, name=name, team=team)
    return Line(
        share=share, name=name, team=team, top=row.top, reopened=row.reopened, bounced=row.bounced, long=row.long
    )
