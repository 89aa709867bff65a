"""From when a version of a policy or a calendar may hold: the one rule for all of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchbill.apps.work import models
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.time import require_instant

AFTER = timedelta(microseconds=1)


def require_holds(desk_id: int, holds_from: datetime, *, is_for_history: bool, now: datetime) -> datetime:
    """Return from when a version holds that is to hold from *holds_from* on, so that it changes nothing promised or decided.

    An item keeps the versions that held when it was opened; one that holds from before now would change them under
    it. So a version holds from now on at the earliest. *is_for_history* is the stated exception, for setting up a desk
    before its history is imported: the past is open as far back as the desk has no item that was opened since. An item
    that was opened at this very instant, or by another clock a little later, keeps what held, too: the version holds from
    just after it. Raises InvalidFacts for a version that would reach back.
    """
    require_instant(holds_from, "holds_from")
    if holds_from >= now:
        newest = models.WorkItem.objects.filter(desk_id=desk_id).order_by("-id").values_list("opened_at", flat=True)
        return max([holds_from, *(opened_at + AFTER for opened_at in newest[:1])])
    if not is_for_history:
        raise InvalidFacts(
            "A version cannot hold from before now; what was promised and decided stands", field="holds_from"
        )
    opened = models.WorkItem.objects.filter(desk_id=desk_id, opened_at__gte=holds_from).order_by("opened_at").first()
    if opened is not None:
        raise InvalidFacts(
            f"{opened.reference} was opened since then, under the version that held: what was promised stands",
            field="holds_from",
        )
    return holds_from
