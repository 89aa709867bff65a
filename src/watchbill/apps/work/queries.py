"""Reads of work: one item, pages of a queue, and the tiles of the Board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import literals, records
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.engine.base.work import ACTIONABLE, REFERENCE_PREFIX, WAITING

SOON = timedelta(minutes=60)


class View(StrEnum):
    """The named parts of a desk's work."""

    ACTIONABLE = "actionable"
    UNASSIGNED = "unassigned"
    WAITING = "waiting"
    MINE = "mine"
    OPEN = "open"
    DONE = "done"
    BREACHED = "breached"
    DUE_SOON = "due-soon"
    TOP = "p1-p2"
    NO_NEXT_STEP = "no-next-step"
    ANY = "any"


class Order(StrEnum):
    """What comes first in a list of open items: the latest safe moment to act, or the due instant."""

    ACT_BY = "act_by"
    DUE = "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFilter:
    """Which items of a desk, in which order. Empty means: do not ask.

    ``due_by``: only what is due at that instant or before; ``due_after``: only what is due later. Views that are about the
    due are ordered by it unless asked otherwise, and finished work comes newest first.
    """

    desk_id: int
    view: View = View.OPEN
    queue_id: int | None = None
    owner_id: int | None = None
    customer_id: int | None = None
    priorities: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    text: str = ""
    due_by: datetime | None = None
    due_after: datetime | None = None
    order: Order | None = None

    @property
    def place(self) -> str:
        """The column that the list is ordered by; "" for newest first."""
        if self.view in NEWEST_FIRST:
            return ""
        by_due = self.order is Order.DUE or (self.order is None and self.view in BY_DUE)
        return "due_sort_at" if by_due else "act_by_at"

    def key(self, row: ItemRow) -> Key:
        """Where a page ends of which *row* is the last."""
        return Key(at=row.due_sort_at if self.place == "due_sort_at" else row.act_by_at, id=row.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Where the page before ended: the instant that its last row is ordered by, and its id."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> Key | None:
        """Read what ``str`` wrote; empty text is no key. Raises InvalidFacts."""
        if not text:
            return None
        instant, _, number = text.rpartition("_")
        try:
            at = datetime.fromisoformat(instant.replace(" ", "+"))
            key = cls(at=at, id=int(number))
        except ValueError:
            raise InvalidFacts(f"“{text}” is not a place in a list", field="after") from None
        if at.tzinfo is None or not -(2**63) <= key.id < 2**63:
            raise InvalidFacts(f"“{text}” is not a place in a list", field="after")
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item as lists show it."""

    id: int
    desk_id: int
    reference: str
    external_ref: str
    kind: str
    title: str
    category: str
    state: str
    state_since: datetime
    priority: int
    opened_at: datetime
    updated_at: datetime
    due_sort_at: datetime
    act_by_at: datetime
    queue_id: int | None
    queue: str | None
    owner_id: int | None
    owner: str | None
    owner_since: datetime | None
    customer_id: int | None
    customer: str | None
    customer_tier: str | None
    is_sensitive: bool
    next_step: str
    next_step_due_at: datetime | None
    is_taken_over: bool
    version: int


CLEARANCE = "clearance"
"""The attribute in which an item keeps the clearances that it asks for: one text or several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDetail(ItemRow):
    """One item whole."""

    description: str
    language: str
    impact: int | None
    urgency: int | None
    team_id: int | None
    team: str | None
    skill_id: int | None
    skill: str | None
    skill_level: int
    next_step_owner_id: int | None
    next_step_owner: str | None
    resolved_at: datetime | None
    closed_at: datetime | None
    external_source: str
    attributes: Mapping[str, Any]
    site_id: int | None
    site: str | None

    @property
    def clearances(self) -> tuple[str, ...]:
        """What the item itself asks for of whoever works on it."""
        kept = self.attributes.get(CLEARANCE)
        return (kept,) if isinstance(kept, str) else tuple(kept) if isinstance(kept, list) else ()


_ROW = (
    "i.id, i.desk_id, i.reference, i.external_ref, i.kind, i.title, i.category, i.state, i.state_since, i.priority,"
    " i.opened_at, i.updated_at, i.due_sort_at, i.act_by_at, i.queue_id, q.name as queue, i.owner_id, o.name as owner, i.owner_since,"
    " i.customer_id, c.name as customer, c.tier as customer_tier, coalesce(c.is_sensitive, false) as is_sensitive,"
    " i.next_step, i.next_step_due_at, i.is_taken_over, i.version"
)
_ROW_FROM = (
    " left join work_queue as q on q.id = i.queue_id left join people_person as o on o.id = i.owner_id"
    " left join customers_customer as c on c.id = i.customer_id"
)
_DETAIL = (
    _ROW + ", i.description, i.language, i.impact, i.urgency, i.team_id, i.skill_id, i.skill_level,"
    " (select name from people_team where id = i.team_id) as team,"
    " (select name from people_skill where id = i.skill_id) as skill, i.next_step_owner_id,"
    " (select name from people_person where id = i.next_step_owner_id) as next_step_owner, i.resolved_at, i.closed_at,"
    " i.external_source, i.attributes, i.site_id, (select name from customers_site where id = i.site_id) as site"
)
"""Four names come by subquery rather than by join: with six joins, planning takes ten times as long as reading."""


_VIEW_SQL: dict[View, str] = {
    View.OPEN: "i.is_open",
    View.ACTIONABLE: f"i.is_open and i.state in ({literals(ACTIONABLE)})",
    View.WAITING: f"i.is_open and i.state in ({literals(WAITING)})",
    View.UNASSIGNED: "i.is_open and i.owner_id is null",
    View.MINE: "i.is_open and i.owner_id = %(me)s",
    View.DONE: "not i.is_open",
    View.BREACHED: "i.is_open and i.due_sort_at <= %(now)s",
    View.DUE_SOON: "i.is_open and i.due_sort_at > %(now)s and i.due_sort_at <= %(soon)s",
    View.TOP: "i.is_open and i.priority <= 2",
    View.ANY: "true",
    View.NO_NEXT_STEP: "i.is_open and i.owner_id is not null and i.next_step_due_at is null",
}


NEWEST_FIRST = frozenset({View.DONE, View.ANY})
"""Views with finished work, which has no due instant to sort by."""
BY_DUE = frozenset({View.BREACHED, View.DUE_SOON})
"""Views that say what is due."""


def filter_sql(wanted: WorkFilter, *, by: Actor, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return a filter as a condition on ``work_item as i``, and the values of its parameters."""
    clauses = ["i.desk_id = %(desk)s", _VIEW_SQL[wanted.view]]
    values: dict[str, Any] = {"desk": wanted.desk_id, "me": by.person_id, "now": now, "soon": now + SOON}
    for name, column in (("queue_id", "queue_id"), ("owner_id", "owner_id"), ("customer_id", "customer_id")):
        if getattr(wanted, name) is not None:
            clauses.append(f"i.{column} = %({name})s")
            values[name] = getattr(wanted, name)
    if wanted.due_by is not None:
        clauses.append("i.due_sort_at <= %(due_by)s")
        values["due_by"] = wanted.due_by
    if wanted.due_after is not None:
        clauses.append("i.due_sort_at > %(due_after)s")
        values["due_after"] = wanted.due_after
    if wanted.priorities:
        clauses.append("i.priority = any(%(priorities)s)")
        values["priorities"] = list(wanted.priorities)
    if wanted.states:
        clauses.append("i.state = any(%(states)s)")
        values["states"] = list(wanted.states)
    if wanted.text.strip():
        clauses.append(_TEXT_SQL)
        values |= _text_values(wanted.text)
    return " and ".join(clauses), values


_TEXT_SQL = (
    "(i.search @@ to_tsquery('simple', %(words)s) or i.reference = any(%(exact)s)"
    " or (i.desk_id = %(desk)s and i.external_ref = %(as_written)s) or i.customer_id = any(array("
    "select id from customers_customer where desk_id = %(desk)s and strpos(lower(name), lower(%(as_written)s)) > 0"
    " limit 50)))"
)


def _text_values(text: str) -> dict[str, Any]:
    """Return what a search looks for; a bare number is a reference as lists print it, whatever the item's kind."""
    words = ["".join(c for c in word if c.isalnum() or c in "-_") for word in text.replace("\x00", " ").split()[:12]]
    terms = [f"'{word}':*" for word in words if word]
    exact = text.replace("\x00", "").strip()
    numbered = [f"{prefix}-{exact}" for prefix in sorted(set(REFERENCE_PREFIX.values()))] if exact.isdecimal() else []
    return {"words": " & ".join(terms), "exact": [exact.upper(), *numbered], "as_written": exact}


def work_page(
    wanted: WorkFilter, *, after: Key | None = None, limit: int = 50, by: Actor, now: datetime
) -> list[ItemRow]:
    """Return a page of items in the order that is wanted, then by id. One query, paged by key (`WorkFilter.key`).

    Ask for one row more than the page shows to know whether there is a next page.
    """
    require(by, Right.WORK_VIEW, wanted.desk_id)
    where, values = filter_sql(wanted, by=by, now=now)
    values["limit"] = limit
    if wanted.place:
        order = f"i.{wanted.place}, i.id"
        seek = f" and (i.{wanted.place}, i.id) > (%(key_at)s, %(key_id)s)" if after else ""
    else:
        order = "i.id desc"
        seek = " and i.id < %(key_id)s" if after else ""
    if after is not None:
        values |= {"key_at": after.at, "key_id": after.id}
    inner = f"select i.* from work_item as i where {where}{seek} order by {order} limit %(limit)s"
    rows = records(f"select {_ROW} from ({inner}) as i{_ROW_FROM} order by {order}", values)
    return [ItemRow(**row) for row in rows]


def work_count(wanted: WorkFilter, *, at_most: int = 10_000, by: Actor, now: datetime) -> int:
    """Return how many items there are, counting no further than *at_most*."""
    require(by, Right.WORK_VIEW, wanted.desk_id)
    where, values = filter_sql(wanted, by=by, now=now)
    values["at_most"] = at_most
    sql = f"select count(*) as n from (select 1 from work_item as i where {where} limit %(at_most)s) as x"
    return int(records(sql, values)[0]["n"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """What needs a person on one desk at an instant: exact counts."""

    open: int
    breached: int
    oldest_due_at: datetime | None
    due_soon: int
    unassigned: int
    top: int
    waiting: int
    no_next_step: int


def work_tiles(desk_id: int, *, by: Actor, now: datetime) -> Tiles:
    """Return the Board's counts: one scan of the index over open items."""
    require(by, Right.WORK_VIEW, desk_id)
    waiting = literals(WAITING)
    rows = records(
        "select count(*) as open, count(*) filter (where due_sort_at <= %(now)s) as breached,"
        " min(due_sort_at) filter (where due_sort_at <= %(now)s) as oldest_due_at,"
        " count(*) filter (where due_sort_at > %(now)s and due_sort_at <= %(soon)s) as due_soon,"
        " count(*) filter (where owner_id is null) as unassigned, count(*) filter (where priority <= 2) as top,"
        f" count(*) filter (where state in ({waiting})) as waiting,"
        " count(*) filter (where owner_id is not null and next_step_due_at is null) as no_next_step"
        " from work_item where desk_id = %(desk)s and is_open",
        {"desk": desk_id, "now": now, "soon": now + SOON},
    )
    return Tiles(**rows[0])


def work_get(reference: str, *, by: Actor) -> ItemDetail:
    """Return one item by its reference. Raises NotFound when it does not exist or is on a desk not to be seen."""
    return _detail("i.reference = %(key)s", reference.strip().upper(), f"There is no item {reference}", by=by)


def work_get_by_id(item_id: int, *, by: Actor) -> ItemDetail:
    """Return one item by its key inside the product. Raises NotFound."""
    return _detail("i.id = %(key)s", item_id, "There is no such item", by=by)


def _detail(where: str, key: object, missing: str, *, by: Actor) -> ItemDetail:
    rows = records(f"select {_DETAIL} from work_item as i{_ROW_FROM} where {where}", {"key": key})
    if not rows or not may(by, Right.WORK_VIEW, rows[0]["desk_id"]):
        raise NotFound(f"{missing}, or you may not see it")
    return ItemDetail(**rows[0])


def work_rows(desk_id: int, references: Sequence[str], *, by: Actor) -> list[ItemRow]:
    """Return items of one desk by reference, in no order: one query."""
    require(by, Right.WORK_VIEW, desk_id)
    rows = records(
        f"select {_ROW} from work_item as i{_ROW_FROM} where i.desk_id = %s and i.reference = any(%s)",
        [desk_id, list(references)],
    )
    return [ItemRow(**row) for row in rows]


def open_items_of(customer_id: int, *, site_id: int | None = None, after: int = 0, limit: int) -> list[int]:
    """Return open items of a customer, or of one of its sites, with keys above *after*, in the order in which items are locked."""
    rows = records(
        "select id from work_item where customer_id = %(customer)s and is_open"
        " and id > %(after)s and (%(site)s::bigint is null or site_id = %(site)s) order by id limit %(limit)s",
        {"customer": customer_id, "site": site_id, "after": after, "limit": limit},
    )
    return [row["id"] for row in rows]


def open_items_before(desk_id: int, opened_before: datetime, *, after: int, limit: int) -> list[int]:
    """Return open items of a desk that were opened before an instant, with keys above *after*, in their order."""
    rows = records(
        "select id from work_item where desk_id = %(desk)s and is_open and id > %(after)s and opened_at < %(before)s"
        " order by id limit %(limit)s",
        {"desk": desk_id, "after": after, "before": opened_before, "limit": limit},
    )
    return [row["id"] for row in rows]


def open_by_customer(customer_ids: Sequence[int]) -> dict[int, int]:
    """Return how many open items customers have; none for who has none. Whoever asks has listed them."""
    rows = records(
        "select customer_id, count(*) as open from work_item where customer_id = any(%s) and is_open group by customer_id",
        [list(customer_ids)],
    )
    return {row["customer_id"]: row["open"] for row in rows}


def owner_load(desk_id: int, *, only: int | None = None, by: Actor) -> dict[int, dict[str, int]]:
    """Return open items by owner of a desk, or of *only* this one: how many, P1 and P2, waiting. One query."""
    require(by, Right.WORK_VIEW, desk_id)
    waiting = literals(WAITING)
    rows = records(
        "select owner_id, count(*) as open, count(*) filter (where priority <= 2) as top,"
        f" count(*) filter (where state in ({waiting})) as waiting from work_item"
        f" where desk_id = %(desk)s and is_open and {'owner_id is not null' if only is None else 'owner_id = %(only)s'}"
        " group by owner_id",
        {"desk": desk_id, "only": only},
    )
    return {row.pop("owner_id"): row for row in rows}
