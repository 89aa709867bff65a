"""A whole history read through in blocks of items, for what is replayed over all of it: a few statements a block, none an item."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from watchbill.apps.core.sql import tuples
from watchbill.apps.work import models
from watchbill.apps.work.timeline import IS_SEEN, UNDONE_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Items of a desk with keys from *first* to *last*: *items* of them."""

    first: int
    last: int
    items: int


class Read(NamedTuple):
    """An item's events as most items have them: instants in microseconds since 1970, and a code for each (`CODE`).

    ``codes`` is one text with commas between: items that went the same way have the same. An item of which something was
    undone, or into which another was merged, has none: it must be read as one.
    """

    item_id: int
    micros: list[int]
    codes: str


CODE = "kind, state, priority and actor of an event, with a hyphen between, and a plus sign where somebody owned the item after it"
_CODE = (
    "kind || '-' || state || '-' || priority || '-' || actor_kind || case when owner_id is null then '' else '+' end"
)


def has_items(desk_id: int) -> bool:
    """Say whether a desk has any item at all."""
    return models.WorkItem.objects.filter(desk_id=desk_id).exists()


def reference_of(item_id: int) -> str:
    """Return what people call an item."""
    return str(models.WorkItem.objects.values_list("reference", flat=True).get(id=item_id))


def blocks_of(desk_id: int, *, size: int) -> list[Block]:
    """Return the items of a desk, as they are now, in blocks of *size* keys in order: one walk over an index."""
    rows = tuples(
        "select min(id), max(id), count(*) from"
        " (select id, (row_number() over (order by id) - 1) / %(size)s as block from work_item where desk_id = %(desk)s) as i"
        " group by block order by block",
        {"desk": desk_id, "size": size},
    )
    return [Block(first=first, last=last, items=items) for first, last, items in rows]


def block_items(desk_id: int, block: Block) -> dict[int, tuple[int | None, int | None]]:
    """Return the queue and the customer of each item of a block, by its key, in order."""
    rows = tuples(
        "select id, queue_id, customer_id from work_item where desk_id = %s and id between %s and %s order by id",
        [desk_id, block.first, block.last],
    )
    return {item_id: (queue_id, customer_id) for item_id, queue_id, customer_id in rows}


def block_events(block: Block, *, until: datetime) -> Iterator[Read]:
    """Give the items of a block that have events up to *until*, in order, of whatever desk they are."""
    rows = tuples(
        "select item_id, string_agg(((extract(epoch from at) * 1000000)::bigint)::text, ' ' order by seq),"
        f" string_agg({_CODE}, ',' order by seq),"
        " bool_or(kind = 'merged' or (kind = any(%(undone)s) and data ? 'undoes')) from work_event"
        " where item_id between %(first)s and %(last)s and at <= %(until)s"
        f" and {IS_SEEN} group by item_id order by item_id",
        {"undone": list(UNDONE_KINDS), "first": block.first, "last": block.last, "until": until},
    )
    for item_id, micros, codes, is_odd in rows:
        yield Read(item_id, [], "") if is_odd else Read(item_id, list(map(int, micros.split())), codes)


def categories_of(desk_id: int, *, first: Collection[str], limit: int) -> list[str]:
    """Return categories of a desk's items, first those in *first*, whatever the case. One statement, over all items."""
    rows = tuples(
        "select category from (select distinct category from work_item where desk_id = %s and category <> '') as c"
        " order by lower(category) = any(%s) desc, category limit %s",
        [desk_id, [name.lower() for name in first], limit],
    )
    return [name for (name,) in rows]


def categories_lately(desk_id: int, *, asked: Collection[str], latest: int, limit: int) -> list[str]:
    """Return categories of the *latest* items of a desk, and those in *asked* that any older item has, letter for letter.

    One statement; what is not among the latest is sought by its words in the index for searching, so that a desk may be large.
    """
    rows = tuples(
        "with lately as materialized (select distinct category from"
        " (select category from work_item where desk_id = %(desk)s order by id desc limit %(latest)s) as i where category <> ''),"
        " older as (select name from unnest(%(asked)s::text[]) as name cross join lateral"
        " (with said as materialized (select desk_id, category from work_item where search @@ plainto_tsquery('simple', name))"
        " select from said where desk_id = %(desk)s and category = name limit 1) as found"
        " where numnode(plainto_tsquery('simple', name)) > 0 and name not in (select category from lately)),"
        # Without a word in it, such as “???”, nothing is indexed of it.
        " bare as (select name from unnest(%(asked)s::text[]) as name"
        " where numnode(plainto_tsquery('simple', name)) = 0 and name not in (select category from lately)"
        " and exists (select from work_item where desk_id = %(desk)s and category = name))"
        " (select name from older union select name from bare) union all (select category from lately"
        " order by lower(category) = any(%(lower)s) desc, category limit %(limit)s)",
        {
            "desk": desk_id, "latest": latest, "asked": list(asked), "lower": [name.lower() for name in asked],
            "limit": limit,
        },
    )  # fmt: skip
    return [name for (name,) in rows]
