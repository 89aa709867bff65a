"""What stands in the tables, as tests compare it: without keys and wall times that differ from run to run."""

from __future__ import annotations

import json

from django.db import connection


def fetch(sql, values=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def events(ref):
    """The events of an item in order."""
    found = fetch(
        "select e.*, o.name as owner, q.name as queue from work_event as e join work_item as i on i.id = e.item_id"
        " left join people_person as o on o.id = e.owner_id left join work_queue as q on q.id = e.queue_id"
        " where i.external_ref = %s order by e.seq",
        [ref],
    )
    for event in found:
        event["data"] = json.loads(event["data"]) if isinstance(event["data"], str) else event["data"]
    return found


def item(ref):
    return fetch(
        "select i.*, o.name as owner, q.name as queue, c.name as customer, s.name as skill from work_item as i"
        " left join people_person as o on o.id = i.owner_id left join work_queue as q on q.id = i.queue_id"
        " left join customers_customer as c on c.id = i.customer_id left join people_skill as s on s.id = i.skill_id"
        " where i.external_ref = %s",
        [ref],
    )[0]


def picture(desk_id):
    """Everything that an import leaves on a desk, by names."""
    items = fetch(
        "select i.external_ref, kind, title, category, state, state_since, priority, impact, urgency, opened_at,"
        " updated_at, resolved_at, closed_at, owner_since, due_sort_at, i.version, attributes::text, o.name as owner,"
        " q.name as queue"
        " from work_item as i left join people_person as o on o.id = i.owner_id"
        " left join work_queue as q on q.id = i.queue_id where i.desk_id = %s order by external_ref",
        [desk_id],
    )
    told = fetch(
        "select i.external_ref, e.seq, e.kind, e.at, e.actor_kind, e.actor_name, e.state, e.priority, e.source_key,"
        " o.name as owner, (e.data - 'set')::text as data from work_event as e join work_item as i on i.id = e.item_id"
        " left join people_person as o on o.id = e.owner_id where e.desk_id = %s order by 1, 2",
        [desk_id],
    )
    clocks = fetch(
        "select i.external_ref, c.kind, c.status, c.elapsed_s, c.paused_s, c.due_at, c.stopped_at, c.breach_at, c.warn_at,"
        " c.told_at, c.next_at from clocks_clock as c join work_item as i on i.id = c.item_id where c.desk_id = %s"
        " order by 1, 2",
        [desk_id],
    )
    return {"items": items, "events": told, "clocks": clocks}


def rows_of_items():
    """Every item row whole, but for what a rebuild need not keep."""
    return fetch("select * from work_item order by id")
