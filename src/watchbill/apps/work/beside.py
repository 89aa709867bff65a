"""Reads beside a list: the neighbours of one item."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.queries import NEWEST_FIRST, Key, WorkFilter, filter_sql


def work_beside(wanted: WorkFilter, key: Key, *, by: Actor, now: datetime) -> tuple[str, str]:
    """Return the references before and after *key* in the order of `queries.work_page`; "" at an end. One query."""
    require(by, Right.WORK_VIEW, wanted.desk_id)
    where, values = filter_sql(wanted, by=by, now=now)
    values |= {"key_due": key.due_sort_at, "key_id": key.id}
    if wanted.view in NEWEST_FIRST:
        place, here = "i.id", "%(key_id)s"
        steps = ((">", "i.id"), ("<", "i.id desc"))
    else:
        place, here = "(i.due_sort_at, i.id)", "(%(key_due)s, %(key_id)s)"
        steps = (("<", "i.due_sort_at desc, i.id desc"), (">", "i.due_sort_at, i.id"))
    sides = [
        f"(select i.reference from work_item as i where {where} and {place} {step} {here} order by {order} limit 1)"
        for step, order in steps
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(sides)}", values)
        before, after = cursor.fetchone()
    return before or "", after or ""
