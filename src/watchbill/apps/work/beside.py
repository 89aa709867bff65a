"""Reads beside a list: the neighbours of one item, the names that forms offer, saved views."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import models
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


def queue_names(desk_id: int, *, by: Actor) -> dict[int, str]:
    """Return the names of a desk's active queues by id, in the order of their names: one query, without counts."""
    require(by, Right.WORK_VIEW, desk_id)
    queues = models.Queue.objects.filter(desk_id=desk_id, is_active=True).order_by("name")
    return dict(queues.values_list("id", "name"))


def saved_views(desk_id: int, *, by: Actor) -> list[dict[str, Any]]:
    """Return the actor's saved views of a desk and those that others share, by name."""
    views = models.SavedView.objects.filter(Q(user_id=by.user_id) | Q(is_shared=True), desk_id=desk_id)
    rows = views.order_by("name").values_list("id", "name", "query", "is_shared", "user_id")
    return [
        {"id": key, "name": name, "query": query, "is_shared": is_shared, "is_own": user_id == by.user_id}
        for key, name, query, is_shared, user_id in rows
    ]
