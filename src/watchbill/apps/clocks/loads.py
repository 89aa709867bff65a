"""Reads for workload: who holds how much effort, what of it falls due when, and how soon what came in fell due. For the system itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from watchbill.apps.core.sql import literals, tuples
from watchbill.apps.work.efforts import EFFORT, JOINED, MINUTES, SOON, TOUCH_MOST_MIN, WEIGHT
from watchbill.engine.base.ids import PersonId, RegionId, SkillId, TeamId
from watchbill.engine.base.work import ACTIONABLE, State
from watchbill.engine.sense.deskwork import DueWork, Held, Part
from watchbill.engine.sense.due import AHEAD_H, SEEN_H
from watchbill.engine.sense.incoming import WEEK_H

Id = TypeVar("Id")
HOUR = timedelta(hours=1)
_ACTIONABLE = literals(ACTIONABLE)
_OURS = "due_at is not null and agreement <> 'uc'"
"""Promises that somebody of the desk works for; as in `queries.promises_of_items`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """What one person (None: nobody) holds, with what a list says beside: actionable items, P1 and P2, the oldest touch."""

    work: Held
    open: int
    p1: int
    p2: int
    touched_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """When a person is away: work that falls due from *leaves_at* to *returns_at* and that takes longer than *left_min*, passes on."""

    leaves_at: datetime
    returns_at: datetime
    left_min: float


def _hour_of(column: str, since: str = "%(now)s::timestamptz") -> str:
    """The hour from *since* in which an instant lies, as SQL: 0 when it has passed, %(seen)s when it is farther or not known."""
    hours = f"floor(date_part('epoch', {column} - {since}) / 3600)"
    return f"coalesce(greatest(0, least(%(seen)s, {hours})), %(seen)s)::int"


_SUMS = ", ".join(
    f"coalesce(sum(minutes) filter (where {which} and {begun}{passing}), 0)::float8"
    for which in ("true", "hour < %(horizon)s")
    for passing in ("", " and is_passing")
    for begun in (f"state = '{State.NEW}'", f"state <> '{State.NEW}'")
)
_HELD = f"""
with {EFFORT},
gap as (select * from unnest(%(owners)s::bigint[], %(leaves)s::timestamptz[], %(returns)s::timestamptz[], %(left)s::float8[])
    as a(owner_id, leaves_at, returns_at, left_min)),
w as (select i.id, i.owner_id, coalesce(i.team_id, q.team_id) as team_id, coalesce(i.skill_id, q.skill_id) as skill_id,
    i.state, i.priority, i.updated_at, i.next_step_due_at, i.state in ({_ACTIONABLE}) as is_actionable,
    case when i.next_step_due_at < %(soon)s then 1.0 else case i.state {WEIGHT} end end * {MINUTES} as minutes
    from work_item as i {JOINED} left join work_queue as q on q.id = i.queue_id
    where i.desk_id = %(desk)s and i.is_open),
d as (select w.*, least(minutes, {TOUCH_MOST_MIN}) as touch_min, c.done_at,
    least(c.act_at, case when not is_actionable and next_step_due_at < %(soon)s then next_step_due_at end) as act_at
    from w left join lateral (select min(due_at) filter (where kind = 'resolution') as done_at,
        min(due_at) filter (where kind <> 'resolution') as act_at
        from clocks_clock where item_id = w.id and status = 'running' and {_OURS}) as c on true),
h as materialized (select d.*, p.id is not null as is_owned, p.region_id,
    case when done_at is null and is_actionable then 0 else {_hour_of("done_at")} end as done_hour, {_hour_of("act_at")} as act_hour,
    is_actionable and g.owner_id is not null
        and ((done_at >= g.leaves_at and done_at < g.returns_at and minutes > g.left_min)
            or (act_at >= g.leaves_at and act_at < g.returns_at and touch_min > g.left_min)) as is_passing
    from d left join people_person as p on p.id = d.owner_id and p.is_active and not p.is_robot
    left join gap as g on g.owner_id = d.owner_id),
e_ as (select h.owner_id, h.team_id, h.skill_id, h.state, h.priority, h.is_actionable, h.updated_at, h.is_owned, h.region_id,
    coalesce(h.is_passing, false) as is_passing, case when h.is_owned then null else h.team_id end as idle_team,
    part.hour, part.minutes, part.is_first
    from h cross join lateral (values (least(h.act_hour, h.done_hour), h.touch_min, true),
        (h.done_hour, h.minutes - h.touch_min, false)) as part(hour, minutes, is_first) where part.is_first or part.minutes > 0)
select grouping(hour), owner_id, team_id, skill_id, is_owned, region_id, idle_team, is_passing, hour, sum(minutes)::float8, {_SUMS},
    count(*) filter (where is_first and is_actionable), count(*) filter (where is_first and priority = 1),
    count(*) filter (where is_first and priority = 2), min(updated_at) filter (where is_actionable)
from e_ group by grouping sets ((owner_id, team_id, skill_id), (is_owned, region_id, idle_team, is_passing, hour))
order by 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


def work_held(
    desk_id: int, now: datetime, *, gaps: Mapping[int, Gap], horizon_h: int
) -> tuple[list[HeldRow], list[DueWork]]:
    """Return a desk's open work by owner, team and skill, and what of it falls due in each of the next SEEN_H hours.

    One query, one pass over what is open. *gaps*: when people are away; what is promised for then, passes on. What falls
    due when is `sense.due.due_min` as SQL, for what can be worked on; what waits for others is due when its next step is.
    """
    people = sorted(gaps)
    rows = tuples(
        _HELD,
        {
            "desk": desk_id, "now": now, "soon": now + SOON, "owners": people, "horizon": horizon_h, "seen": SEEN_H,
            "leaves": [gaps[person].leaves_at for person in people],
            "returns": [gaps[person].returns_at for person in people],
            "left": [gaps[person].left_min for person in people],
        },
    )  # fmt: skip
    held = [
        HeldRow(
            work=Held(
                owner=_id(PersonId, r[1]), team=_id(TeamId, r[2]), skill=_id(SkillId, r[3]), all=_part(r[10:14]),
                due=_part(r[14:18]),
            ),
            open=r[18], p1=r[19], p2=r[20], touched_at=r[21],
        )
        for r in rows
        if r[0]
    ]  # fmt: skip
    due = [
        DueWork(
            is_owned=r[4],
            region=_id(RegionId, r[5]),
            team=_id(TeamId, r[6]),
            is_passing=r[7],
            hour=r[8],
            minutes=r[9],
        )
        for r in rows
        if not r[0] and r[8] < SEEN_H
    ]
    return held, due


def _id(kind: Callable[[int], Id], key: int | None) -> Id | None:
    return None if key is None else kind(key)


def _part(sums: Sequence[float]) -> Part:
    backlog, begun, passing_backlog, passing_begun = sums
    return Part(
        backlog_min=backlog, begun_min=begun, passing_backlog_min=passing_backlog, passing_begun_min=passing_begun
    )


_CAME_DUE = f"""
with {EFFORT},
a as (select i.id, coalesce(i.team_id, q.team_id) as team_id, {MINUTES} as minutes,
    floor(extract(epoch from i.opened_at - %(start)s::timestamptz) / 3600)::int as hour
    from work_item as i {JOINED} left join work_queue as q on q.id = i.queue_id
    where i.desk_id = %(desk)s and i.opened_at >= %(start)s and i.opened_at < %(now)s),
s as (select id, team_id, minutes, least(minutes, {TOUCH_MOST_MIN}) as touch_min, hour %% %(week)s as hour,
    %(start)s::timestamptz + hour / %(week)s * %(week)s * interval '1 hour' as since
    from a where hour %% %(week)s < %(hours)s),
d as (select s.*, case when c.has_end then {_hour_of("c.done_at", "s.since")} else s.hour end as done_hour,
    {_hour_of("c.act_at", "s.since")} as act_hour
    from s left join lateral (select min(due_at) filter (where kind = 'resolution' and {_OURS}) as done_at,
        min(due_at) filter (where kind = 'response' and {_OURS}) as act_at, bool_or(kind = 'resolution') as has_end
        from clocks_clock where item_id = s.id and status <> 'absent') as c on true)
select team_id, hour, part.due, sum(part.minutes)::float8
from d cross join lateral (values (least(act_hour, done_hour), touch_min), (done_hour, minutes - touch_min)) as part(due, minutes)
where part.due < %(seen)s group by 1, 2, 3
"""


def work_came_due(desk_id: int, now: datetime, *, weeks: int) -> dict[int | None, dict[int, dict[int, float]]]:
    """Return by team, for what came in the same AHEAD_H hours of each of the last *weeks* weeks, when it fell due: one query.

    Minutes by hour of arrival and hour of due, both from the beginning of the stretch, as `sense.incoming.Arrivals` has
    them. An item's promises are those that it has had last: pauses have moved them, as they will move those to come.
    """
    found: dict[int | None, dict[int, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    start = now - weeks * WEEK_H * HOUR
    for team_id, hour, due, minutes in tuples(
        _CAME_DUE,
        {"desk": desk_id, "now": now, "start": start, "week": WEEK_H, "hours": AHEAD_H, "seen": SEEN_H},
    ):
        found[team_id][hour][max(due, hour)] = found[team_id][hour].get(max(due, hour), 0.0) + minutes
    return found
