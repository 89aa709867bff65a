"""A long history made by statements over whole sets: N items of about six clock events each, as an import leaves them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

STARTS_AT = datetime(2024, 1, 1, tzinfo=UTC)
SECONDS = 2 * 365 * 86_400
"""Items are opened evenly over two years."""
CHUNK = 50_000
QUEUES, CUSTOMERS, OWNERS = 40, 800, 300

# Numbers that look drawn, and are the same every time: `draw` of an item's number and a salt is from 0 to 999,999.
_DRAW = "(('x' || substr(md5(({0})::text || '{1}'), 1, 8))::bit(32)::bigint & 2147483647) %% 1000000"

_ITEMS = f"""
insert into work_item (desk_id, reference, external_source, external_ref, kind, title, description, category, language,
    skill_level, state, state_since, priority, next_step, is_taken_over, attributes, opened_at, updated_at, due_sort_at, act_by_at,
    version, customer_id, queue_id, owner_id)
select %(desk)s, %(slug)s || '-' || g, 'bench', 'INC' || g, 'incident', 'The printer of room ' || g || ' does not print',
    'It did yesterday. It did yesterday. It did yesterday.', 'category ' || g %% 60, '', 1,
    'resolved', %(since)s, 1 + ({_DRAW.format("g", "priority")} / 300000), '', false, '{{}}',
    %(since)s + make_interval(secs => g::float * {SECONDS} / %(items)s), %(since)s, 'infinity', 'infinity', 6,
    (%(customers)s::bigint[])[1 + {_DRAW.format("g", "customer")} %% {CUSTOMERS}],
    (%(queues)s::bigint[])[1 + {_DRAW.format("g", "queue")} %% {QUEUES}],
    1 + {_DRAW.format("g", "owner")} %% {OWNERS}
from generate_series(%(first)s::int, %(last)s) as g order by g
"""

# Opened; taken; three to six steps of work, waiting, a note, now and then another priority or a reopening; resolved.
_EVENTS = f"""
insert into work_event (item_id, desk_id, seq, kind, at, recorded_at, actor_kind, actor_name, state, priority, queue_id,
    owner_id, source_key, data)
select i.id, i.desk_id, s,
    case when s = 1 then 'opened' when s = 2 then 'assigned' when s = n + 1 then 'note'
        when what < 100000 and s > 3 then 'priority' else 'state' end,
    i.opened_at + make_interval(secs => (s - 1) * gap + what / 1000.0), i.opened_at, 'person', 'Person',
    case when s = 1 then 'new' when s >= n then 'resolved' when s = 3 and what < 500000 then 'waiting_customer'
        when s = 4 and what < 200000 then 'waiting_vendor' else 'in_progress' end,
    case when what < 100000 and s > 3 and s < n then 1 + what %% 4 else i.priority end,
    i.queue_id, case when s = 1 then null else i.owner_id end, s::text, '{{}}'
from (select *, {_DRAW.format("id", "gap")} * 0.08 + 1200 as gap, 5 + {_DRAW.format("id", "long")} %% 3 as n
      from work_item where desk_id = %(desk)s and id between %(low)s and %(high)s) as i
cross join lateral (select s, {_DRAW.format("i.id * 10 + s", "what")} as what from generate_series(1, n + 1) as s) as e
order by i.id, e.s
"""


def history_make(desk_id: int, *, items: int, slug: str = "BENCH") -> int:
    """Fill a desk with *items* items that are over; return how many events they have. Foreign keys hold; owners are made up."""
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")  # no trigger and no key is looked up, row by row
        try:
            names = _names(desk_id)
            for first in range(1, items + 1, CHUNK):
                last = min(items, first + CHUNK - 1)
                cursor.execute(
                    _ITEMS,
                    {
                        "desk": desk_id,
                        "slug": slug,
                        "since": STARTS_AT,
                        "items": items,
                        "first": first,
                        "last": last,
                        **names,
                    },
                )
                cursor.execute(
                    "select min(id), max(id) from work_item where reference = any(%s)",
                    [[f"{slug}-{first}", f"{slug}-{last}"]],
                )
                low, high = cursor.fetchone()
                cursor.execute(_EVENTS, {"desk": desk_id, "low": low, "high": high})
        finally:
            cursor.execute("set session_replication_role = default")
        cursor.execute("vacuum analyze work_item, work_event")
        cursor.execute("select count(*) from work_event where desk_id = %s", [desk_id])
        return int(cursor.fetchone()[0])


def _names(desk_id: int) -> dict[str, list[int]]:
    """Make queues and customers; return their keys."""
    from watchbill.apps.customers.models import Customer
    from watchbill.apps.work.models import Queue

    queues = Queue.objects.bulk_create([Queue(desk_id=desk_id, name=f"Queue {n:02}") for n in range(QUEUES)])
    customers = Customer.objects.bulk_create([Customer(desk_id=desk_id, name=f"C{n}") for n in range(CUSTOMERS)])
    return {"queues": [each.id for each in queues], "customers": [each.id for each in customers]}
