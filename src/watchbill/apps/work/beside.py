"""Reads beside a list: the neighbours of one item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.queries import ItemRow, WorkFilter, filter_sql

COUNTED = 1_000
"""How far places in a list are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Where an item stands in a list: the references before and after it ("" at an end), its place and how many there are.

    ``place`` counts from 1; 0 when the item is not in the list (any more), or further down than is counted. ``total``
    of `COUNTED` + 1 means more than `COUNTED`.
    """

    before: str
    after: str
    place: int
    total: int


def work_beside(wanted: WorkFilter, row: ItemRow, *, by: Actor, now: datetime) -> Beside:
    """Return where *row* stands in the order of `queries.work_page`. One query, whatever the length of the list."""
    require(by, Right.WORK_VIEW, wanted.desk_id)
    where, values = filter_sql(wanted, by=by, now=now)
    key = wanted.key(row)
    values |= {"key_at": key.at, "key_id": key.id, "counted": COUNTED, "more": COUNTED + 1}
    if wanted.place:
        place, here = f"(i.{wanted.place}, i.id)", "(%(key_at)s, %(key_id)s)"
        steps = (("<", f"i.{wanted.place} desc, i.id desc"), (">", f"i.{wanted.place}, i.id"))
    else:
        place, here = "i.id", "%(key_id)s"
        steps = ((">", "i.id"), ("<", "i.id desc"))
    sides = [
        f"(select i.reference from work_item as i where {where} and {place} {step} {here} order by {order} limit 1)"
        for step, order in steps
    ]
    ahead_of = f"{where} and {place} {steps[0][0]} {here}"
    counts = [
        f"(select count(*) from (select 1 from work_item as i where {ahead_of} limit %(counted)s) as x)",
        f"(select count(*) from (select 1 from work_item as i where {where} limit %(more)s) as x)",
        f"exists (select 1 from work_item as i where {where} and i.id = %(key_id)s)",
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join([*sides, *counts])}", values)
        before, after, ahead, total, is_in = cursor.fetchone()
    is_placed = is_in and ahead < COUNTED
    return Beside(before=before or "", after=after or "", place=ahead + 1 if is_placed else 0, total=total)
