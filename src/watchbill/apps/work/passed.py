"""What lies with service partners."""

from __future__ import annotations

from watchbill.apps.core.sql import tuples
from watchbill.engine.base.work import State

_PASSED = """
select (e.data ->> 'partner_id')::bigint, count(*)
from work_item as i cross join lateral (
    select data from work_event where item_id = i.id and kind = 'state' order by seq desc limit 1
) as e
where i.desk_id = %(desk)s and i.is_open and i.state = %(state)s and e.data ? 'partner_id'
group by 1
"""


def passed_open(desk_id: int) -> dict[int, int]:
    """Return how many open items each partner has: those that were passed to it and wait since. One query, O(items that wait for a vendor)."""
    return dict(tuples(_PASSED, {"desk": desk_id, "state": State.WAITING_VENDOR}))
