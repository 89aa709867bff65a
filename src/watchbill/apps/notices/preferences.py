"""How a user wants messages: read and set by herself."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add
from watchbill.apps.notices import models
from watchbill.apps.notices.queries import Wish, wishes_of
from watchbill.engine.base.calendar import zone_of
from watchbill.engine.base.errors import InvalidFacts, NotAllowed

DAY_MIN = 1440


def wish_of(*, by: Actor) -> Wish:
    """Return how the actor wants messages; who has never said is mailed everything, at any hour."""
    return Wish() if by.user_id is None else wishes_of([by.user_id]).get(by.user_id, Wish())


def wish_set(wish: Wish, *, by: Actor, now: datetime) -> None:
    """Keep how the actor wants messages. Raises InvalidFacts naming the field; NotAllowed for who is no user."""
    if by.user_id is None:
        raise NotAllowed("Only users have wishes; name one with --as")
    zone_of(wish.zone)
    for name in ("quiet_from", "quiet_until"):
        if not 0 <= getattr(wish, name) < DAY_MIN:
            raise InvalidFacts("Quiet hours begin and end within a day", field=name)
    if not 2 <= wish.digest_after <= 1000:
        raise InvalidFacts("2 to 1,000 are sent one by one before the rest is gathered", field="digest_after")
    if not 1 <= wish.digest_min <= DAY_MIN:
        raise InvalidFacts("1 to 1,440 minutes", field="digest_min")
    with transaction.atomic():
        before = wish_of(by=by)
        after = {**asdict(wish), "muted": list(wish.muted)}
        models.Preference.objects.update_or_create(user_id=by.user_id, defaults=after)
        if before != wish:
            audit_add(
                "notice_wish_set", object_kind="user", object_ref=by.name, after=after,
                before={**asdict(before), "muted": list(before.muted)}, by=by, now=now,
            )  # fmt: skip
