"""Reads for assignment: what waits for an owner, what people carry, and who knows whom. For the system itself."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchbill.apps.core.sql import literals, tuples
from watchbill.apps.work.efforts import EFFORT, JOINED, MINUTES, MULTIPLIER, SOON
from watchbill.apps.work.timeline import UNDONE_KINDS
from watchbill.engine.base.work import ACTIONABLE

_ACTIONABLE = literals(ACTIONABLE)
_WAITS = (
    f"i.desk_id = %(desk)s and i.is_open and ((i.state in ({_ACTIONABLE}) and i.owner_id is null) or i.owner_id in"
    " (select p.id from people_person as p where p.desk_id = %(desk)s and not p.is_active))"
)
"""Actionable items that nobody owns, and all of those who have left, also such as wait: somebody is to hear the answer."""

SAFE_WIDTH = 1000
"""Ids within which a transaction that began earlier may still bring events with smaller ids."""
LATELY = timedelta(days=90)
LAST_ITEMS = 20
"""How far continuity with a customer looks back: so many of its latest items, no older than that."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One item that waits for an owner: as much as is needed to see whether it changed."""

    id: int
    version: int
    priority: int
    queue_id: int | None


def items_waiting(desk_id: int, *, also: str = "", now: datetime | None = None) -> list[Waiting]:
    """Return the actionable items of a desk that nobody able to work owns, by id: one query.

    *also*: items with the ids of this subquery wait, too; it may ask for ``desk`` and ``now``.
    """
    chosen = f"({_WAITS}) or i.id in ({also})" if also else _WAITS
    return [
        Waiting(*row)
        for row in tuples(
            f"select i.id, i.version, i.priority, i.queue_id from work_item as i where {chosen} order by i.id",
            {"desk": desk_id, "now": now},
        )
    ]


_ITEM_CLEARANCES = (
    "case jsonb_typeof(i.attributes -> 'clearance')"
    " when 'string' then array[i.attributes ->> 'clearance']"
    " when 'array' then array(select jsonb_array_elements_text(i.attributes -> 'clearance')) else '{}' end"
)
"""What an item itself asks for: its attribute “clearance”, one text or several."""


@dataclass(frozen=True, slots=True)
class Competing:
    """One item with what it asks of an owner, by itself or through its queue."""

    id: int
    version: int
    reference: str
    title: str
    priority: int
    queue_id: int | None
    category: str
    state: str
    opened_at: datetime
    kind: str
    language: str
    customer_id: int | None
    tier: str
    owner_id: int | None
    team_id: int | None
    skill_id: int | None
    skill_level: int
    region_id: int | None
    clearances: Sequence[str]

    @property
    def classes(self) -> tuple[str, ...]:
        """Its classes of work."""
        return classes_of(self.kind, self.category)


def classes_of(kind: str, category: str) -> tuple[str, ...]:
    """Return the classes of work of an item, as limits name them."""
    return (f"kind:{kind}", f"category:{category}") if category else (f"kind:{kind}",)


_OWNED = f"i.desk_id = %(desk)s and i.is_open and i.state in ({_ACTIONABLE})"


def items_competing(
    desk_id: int,
    *,
    also: Sequence[int] = (),
    absent: Sequence[int] = (),
    with_owned: bool = False,
    only: Sequence[int] | None = None,
) -> list[Competing]:
    """Return items that wait for an owner, *also* those with these ids, those of owners who are *absent*, all owned if asked.

    Of all these, *only* those with these ids, if given. An item's own team and skill come before its queue's; its clearances are its own and its customer's. One query.
    """
    chosen = f"({_WAITS}) or ({_OWNED})" if with_owned else _WAITS
    if also:
        chosen = f"({chosen}) or (i.desk_id = %(desk)s and i.id = any(%(also)s))"
    if absent and not with_owned:
        chosen = f"({chosen}) or ({_OWNED} and i.owner_id = any(%(absent)s))"
    if only is not None:
        chosen = f"({chosen}) and i.id = any(%(only)s)"
    return _competing(chosen, {"desk": desk_id, "also": list(also), "absent": list(absent), "only": list(only or ())})


def items_held(desk_id: int, owner_ids: Sequence[int]) -> list[Competing]:
    """Return the actionable items that these people own: one query."""
    return _competing(f"{_OWNED} and i.owner_id = any(%(owners)s)", {"desk": desk_id, "owners": list(owner_ids)})


def items_of(desk_id: int, item_ids: Sequence[int]) -> list[Competing]:
    """Return these items of a desk, whatever they are and whoever owns them: one query."""
    return _competing("i.desk_id = %(desk)s and i.id = any(%(items)s)", {"desk": desk_id, "items": list(item_ids)})


def items_due_first(desk_id: int, now: datetime, *, most: int) -> list[int]:
    """Return the ids of actionable items, owned or not, at most *most*: what can still be kept first, the first due first. One query."""
    return [
        row[0]
        for row in tuples(
            f"select i.id from work_item as i where {_OWNED} order by i.due_sort_at < %(now)s, i.due_sort_at, i.id limit %(most)s",
            {"desk": desk_id, "now": now, "most": most},
        )
    ]


def items_to_pick(
    desk_id: int,
    queue_ids: Sequence[int],
    *,
    also: Sequence[int] = (),
    absent: Sequence[int] = (),
    but: str = "",
    now: datetime | None = None,
    most: int,
) -> list[Competing]:
    """Return items of queues that nobody able to work owns, *also* those with these ids and those of owners who are *absent*.

    *but* those with the ids of this subquery, which may ask for ``desk`` and ``now``. At most *most* of the highest priority, and
    as many due first. One query.
    """
    waits = (
        f"(({_WAITS}) or ({_OWNED} and (i.id = any(%(also)s) or i.owner_id = any(%(absent)s))))"
        f" and i.queue_id = any(%(queues)s){f' and i.id not in ({but})' if but else ''}"
    )
    return _competing(
        f"i.id in ((select i.id from work_item as i where {waits} order by i.priority, i.due_sort_at, i.id limit %(most)s)"
        f" union (select i.id from work_item as i where {waits} order by i.due_sort_at, i.id limit %(most)s))",
        {
            "desk": desk_id, "queues": list(queue_ids), "also": list(also), "absent": list(absent), "most": most, "now": now,
        },
    )  # fmt: skip


ASKS = (
    "coalesce(i.team_id, q.team_id), coalesce(i.skill_id, q.skill_id),"
    " case when i.skill_id is null then coalesce(q.skill_level, 1) else i.skill_level end, t.region_id,"
    f" coalesce(c.clearances, '{{}}') || {_ITEM_CLEARANCES}"
)
"""What an item asks of an owner: team, skill and level, and clearances, with the region of the team."""
ASKED = (
    "work_item as i left join work_queue as q on q.id = i.queue_id left join customers_customer as c on c.id = i.customer_id"
    " left join people_team as t on t.id = coalesce(i.team_id, q.team_id)"
)


def _competing(where: str, values: Mapping[str, object]) -> list[Competing]:
    return [
        Competing(*row)
        for row in tuples(
            "select i.id, i.version, i.reference, i.title, i.priority, i.queue_id, i.category, i.state, i.opened_at,"
            f" i.kind, i.language, i.customer_id, coalesce(c.tier, 'standard'), i.owner_id, {ASKS} from {ASKED}"
            f" where {where} order by i.id",
            values,
        )
    ]


def settings_of(item_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return, by item, the fields by which conditions look things up, as they are set now: one query."""
    names = ("kind", "category", "language", "queue_id", "customer_id", "site_id", "attributes")
    rows = tuples(f"select id, {', '.join(names)} from work_item where id = any(%(items)s)", {"items": list(item_ids)})
    return {
        item_id: {**dict(zip(names, values, strict=True)), "attributes": _object(values[-1])}
        for item_id, *values in rows
    }


def _object(value: Any) -> Any:
    """A JSON column as an object, whether the driver has read it or not."""
    return json.loads(value) if isinstance(value, str) else value


def items_asks(desk_id: int) -> list[tuple[int | None, int, str]]:
    """Return what the open items and the queues of a desk ask for: skill, level, and language ("" for none). One query."""
    return [
        (skill_id, level, language)
        for skill_id, level, language in tuples(
            "select coalesce(i.skill_id, q.skill_id),"
            " case when i.skill_id is null then coalesce(q.skill_level, 1) else i.skill_level end, i.language"
            " from work_item as i left join work_queue as q on q.id = i.queue_id"
            " where i.desk_id = %(desk)s and i.is_open group by 1, 2, 3"
            " union select skill_id, skill_level, '' from work_queue where desk_id = %(desk)s and is_active",
            {"desk": desk_id},
        )
    ]


@dataclass(frozen=True, slots=True)
class Carried:
    """What one person carries: effort minutes weighted by state, and actionable items, in all and by class of work."""

    load_min: float
    open_count: int
    by_class: Mapping[str, int]


_WEIGHT = " ".join(f"when '{state.value}' then {round(100 * weight)}" for state, weight in MULTIPLIER.items())
"""In hundredths, which add up to the same sum in any order."""
_CARRIED = f"""
with {EFFORT}
select i.owner_id,
    sum(case when i.next_step_due_at < %(soon)s then 100 else case i.state {_WEIGHT} end end
        * {MINUTES})::float8 / 100,
    count(*) filter (where i.state in ({_ACTIONABLE})),
    array_agg(i.kind) filter (where i.state in ({_ACTIONABLE}) and %(classes)s),
    array_agg(i.category) filter (where i.state in ({_ACTIONABLE}) and %(classes)s)
from work_item as i {JOINED}
where i.desk_id = %(desk)s and i.is_open and {{owned}}
group by i.owner_id
"""


def carried_by_person(
    desk_id: int, now: datetime, *, only: int | None = None, with_classes: bool = False
) -> dict[int, Carried]:
    """Return what people carry on a desk, by person, or what *only* this one does: one query, added up in the database as `EffortTable` would.

    By class of work only if asked for: where nothing limits a class, nobody needs to know.
    """
    values = {"desk": desk_id, "only": only, "soon": now + SOON, "classes": with_classes}
    # A list of everybody would be taken for a few people by a plan made before the list is known.
    owned = "i.owner_id is not null" if only is None else "i.owner_id = %(only)s"
    return {
        owner_id: Carried(
            load_min,
            open_count,
            Counter(each for of in zip(kinds or (), categories or (), strict=True) for each in classes_of(*of)),
        )
        for owner_id, load_min, open_count, kinds, categories in tuples(_CARRIED.format(owned=owned), values)
    }


def owners_before(item_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Return, by item, everybody who has owned it, but for what was undone: one query."""
    found: dict[int, list[int]] = defaultdict(list)
    for item_id, owner_id in tuples(
        "with u as materialized (select item_id, seq, (data ->> 'undoes')::int as undoes from work_event"
        " where item_id = any(%(items)s) and kind = any(%(kinds)s) and data ? 'undoes')"
        " select distinct item_id, owner_id from work_event as e where item_id = any(%(items)s) and owner_id is not null"
        " and not exists (select 1 from u where u.item_id = e.item_id and e.seq >= u.undoes and e.seq < u.seq)"
        " order by 1, 2",
        {"items": list(item_ids), "kinds": list(UNDONE_KINDS)},
    ):
        found[item_id].append(owner_id)
    return {item_id: tuple(owners) for item_id, owners in found.items()}


def owners_by_customer(customer_ids: Sequence[int], now: datetime) -> dict[int, tuple[int, ...]]:
    """Return, by customer, who owned its latest items: at most LAST_ITEMS each, no older than LATELY. One query."""
    found: dict[int, list[int]] = defaultdict(list)
    for customer_id, owner_id in tuples(
        "select distinct c.id, i.owner_id from unnest(%(customers)s::bigint[]) as c(id) cross join lateral"
        " (select owner_id from work_item where customer_id = c.id and updated_at > %(since)s order by id desc"
        " limit %(last)s) as i where i.owner_id is not null order by 1, 2",
        {"customers": list(customer_ids), "since": now - LATELY, "last": LAST_ITEMS},
    ):
        found[customer_id].append(owner_id)
    return {customer_id: tuple(owners) for customer_id, owners in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMark:
    """How far somebody has read a desk's events that set something, Watchbill's own decisions left out.

    ``last_id``: the newest seen. ``near``: how many lie within SAFE_WIDTH ids up to it, so that an event which was
    written earlier and committed later is noticed. ``since``: how many are new, or late, since the mark before (at
    most 2 * SAFE_WIDTH are counted).
    """

    last_id: int
    near: int
    since: int


def event_mark(desk_id: int, *, before: tuple[int, int] = (0, 0)) -> EventMark:
    """Return how far a desk's events reach, and how many came since *before* (``last_id`` and ``near`` of a mark)."""
    last_id, near = before
    ids = [
        row[0]
        for row in tuples(
            "select id from work_event where desk_id = %(desk)s and id > %(from)s and data ? 'set'"
            " and not (actor_kind = 'system' and kind in ('suggested', 'decided', 'clock'))"
            " order by id desc limit %(most)s",
            {"desk": desk_id, "from": last_id - SAFE_WIDTH, "most": 2 * SAFE_WIDTH},
        )
    ]
    newest = ids[0] if ids else last_id
    new = sum(1 for event_id in ids if event_id > last_id)
    late = 0 if len(ids) == 2 * SAFE_WIDTH else max(0, len(ids) - new - near)
    return EventMark(
        last_id=newest, near=sum(1 for event_id in ids if event_id > newest - SAFE_WIDTH), since=new + late
    )
