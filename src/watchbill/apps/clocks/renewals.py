"""Open items whose clocks are to be made anew, too many for one act: whose, and how far that has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from watchbill.apps.clocks import models
from watchbill.apps.clocks.taking_over import DUE
from watchbill.apps.core.sql import tuples


def renewal_add(
    desk_id: int,
    *,
    customer_id: int | None = None,
    site_id: int | None = None,
    is_learned: bool = False,
    after: int = 0,
) -> None:
    """Let the clocks of open items above *after* be made anew, in the caller's transaction; one that was asked for before gives way."""
    whose = {"desk_id": desk_id, "customer_id": customer_id, "site_id": site_id, "is_learned": is_learned}
    models.Renewal.objects.filter(**whose).delete()
    models.Renewal.objects.create(**whose, last_item_id=after)


def renewals_waiting() -> list[int]:
    """Return those that wait, in turn: customers first, as promises to them depend on it."""
    return list(models.Renewal.objects.order_by("is_learned", "id").values_list("id", flat=True))


def renewal_find(renewal_id: int) -> models.Renewal | None:
    """Return one as it stands, None when it is done."""
    return models.Renewal.objects.filter(id=renewal_id).first()


def renewal_reach(renewal_id: int, *, last_item_id: int | None) -> None:
    """Note how far one has come, None for all of it, in the caller's transaction."""
    mine = models.Renewal.objects.filter(id=renewal_id)
    if last_item_id is None:
        mine.delete()
    else:
        mine.update(last_item_id=last_item_id)


_OUTDATED = f"""
select i.desk_id, i.id from work_item as i where i.id = any(%s) and i.is_open and (
    exists (
        select from clocks_renewal as r where not r.is_learned and r.desk_id = i.desk_id
        and (r.customer_id is null or r.customer_id = i.customer_id) and (r.site_id is null or r.site_id = i.site_id) and r.last_item_id < i.id
    ) or exists (
        select {DUE} and v.desk_id = i.desk_id and v.holds_from <= %s and v.holds_from > i.opened_at
        and coalesce(t.last_item_id, 0) < i.id
    )
) order by i.desk_id, i.id
"""


def items_outdated(item_ids: Sequence[int], now: datetime) -> dict[int, list[int]]:
    """Return, by desk, those of the items whose clocks stand as terms or a version made them that do not hold any more.

    Their turn to be made anew has not come. What only waits for what was learned is not among them: its dues hold.
    """
    found: dict[int, list[int]] = defaultdict(list)
    for desk_id, item_id in tuples(_OUTDATED, [list(item_ids), now]):
        found[desk_id].append(item_id)
    return found
