"""Open items whose clocks are to be made anew, too many for one act: whose, and how far that has come."""

from __future__ import annotations

from watchbill.apps.clocks import models


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
