"""The outbox: messages written with what causes them, claimed by a worker, tried until they are taken or given up."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.notices import models
from watchbill.apps.notices.timing import PAUSES, retry_after
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.base.errors import Conflict, NotFound

LEASE = timedelta(minutes=2)
"""An attempt that has said nothing for so long was killed: the message is tried again, with the same key."""
MOST = len(PAUSES) + 1
"""Attempts of a message, those that nobody knows the end of included; then it is given up."""
RECENT = timedelta(days=1)
BATCH = 1_000
"""So many are forgotten in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to one address. ``key`` is unique for ever: what is written twice goes out once. ``bundle``: what may be gathered with it."""

    key: str
    desk_id: int
    kind: str
    channel: str
    address: str
    bundle: str
    subject: str
    text: str
    subject_ref: str = ""
    body: Mapping[str, Any]
    is_urgent: bool = False
    user_id: int | None = None
    endpoint_id: int | None = None
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Messages that this worker sends now as one: the first, and those gathered with it."""

    id: int
    attempt_id: int
    key: str
    channel: str
    address: str
    subject: str
    texts: tuple[str, ...]
    body: Mapping[str, Any]
    secret: str
    others: tuple[int, ...]
    attempts: int


def messages_add(new: Sequence[NewMessage], *, now: datetime) -> None:
    """Write messages in the caller's transaction; those whose key is known stay as they are."""
    models.Message.objects.bulk_create(
        [
            models.Message(
                key=one.key, desk_id=one.desk_id, kind=one.kind, channel=one.channel, address=one.address,
                bundle=one.bundle, subject=one.subject, text=one.text, subject_ref=one.subject_ref, body=dict(one.body),
                is_urgent=one.is_urgent, user_id=one.user_id, endpoint_id=one.endpoint_id, at=now, due_at=one.due_at,
            )
            for one in new
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def bundles_recent(bundles: Sequence[str], *, since: datetime) -> dict[str, list[datetime]]:
    """Return when messages of these bundles were written since an instant of wall time, by bundle."""
    rows = models.Message.objects.filter(bundle__in=list(bundles), recorded_at__gte=since).order_by("recorded_at")
    found: dict[str, list[datetime]] = {}
    for bundle, at in rows.values_list("bundle", "recorded_at"):
        found.setdefault(bundle, []).append(at)
    return found


def message_claim(wall: datetime) -> Claimed | None:
    """Take the next message that is due, with those gathered with it, for the length of a lease; None when nothing is due.

    Committed before anything is sent: a worker that is killed on the way leaves an attempt without an end, and the
    message comes due again, later each time. Several workers never take the same one. What is not to go out any more is
    settled here, with the reason: after `MOST` attempts, or because nobody is there to get it.
    """
    while True:
        with transaction.atomic():
            due = models.Message.objects.filter(state="waiting", due_at__lte=wall).order_by("due_at", "id")
            first = due.select_related("endpoint", "user").select_for_update(skip_locked=True, of=("self",)).first()
            if first is None:
                return None
            if (state_and_why := _settled(first)) is None:
                return _claimed(first, wall)
            state, why = state_and_why
            models.Message.objects.filter(id=first.id).update(state=state, error=why[:500], ended_at=wall)
            if state == "dropped":
                models.Message.objects.filter(bundle=first.bundle, digest_id=first.id).update(ended_at=wall)
            desk_changed(first.desk_id)


def _settled(first: models.Message) -> tuple[str, str] | None:
    """The state of a message that is not to be tried any more, and why; None for one that is."""
    if first.channel == "webhook" and first.endpoint is None:
        return "dropped", "Its endpoint was removed before it was sent"
    if first.endpoint is not None and not first.endpoint.is_active:
        return "dropped", f"{first.endpoint.name} was switched off before it was sent"
    if first.user is not None and not first.user.is_active:
        return "dropped", f"The account of {first.user.name} was closed before it was sent"
    if first.attempts >= MOST:
        return (
            "dead",
            f"{first.attempts} attempts, and the last one was cut off in the middle: the worker was stopped, or died of it",
        )
    return None


def _claimed(first: models.Message, wall: datetime) -> Claimed:
    """Take this message, which the caller has locked, and those gathered with it."""
    bundle = models.Message.objects.filter(bundle=first.bundle)
    others = list(bundle.filter(digest_id=first.id, state="merged").order_by("id"))
    if not first.is_urgent and first.attempts == 0:
        fresh = bundle.filter(state="waiting", due_at__lte=wall, is_urgent=False, attempts=0).exclude(id=first.id)
        others += fresh.order_by("due_at", "id").select_for_update(skip_locked=True)[:100]
    ids = [first.id, *(one.id for one in others)]
    lease = max(LEASE, retry_after(first.attempts + 1) or LEASE)
    models.Message.objects.filter(id=first.id).update(attempts=F("attempts") + 1, due_at=wall + lease)
    models.Message.objects.filter(id__in=ids[1:]).update(state="merged", digest_id=first.id)
    attempt = models.Attempt.objects.create(message_id=first.id, began_at=wall)
    endpoint = first.endpoint
    every = sorted([first, *others], key=lambda one: one.id)
    return Claimed(
        id=first.id, attempt_id=attempt.id, key=first.key, channel=first.channel,
        address=endpoint.url if endpoint else first.address,
        subject=first.subject if len(every) == 1 else f"{len(every)} alerts: {first.subject}",
        texts=tuple(one.text for one in every), body={**first.body, "gathered": [one.body for one in others]},
        secret=endpoint.secret if endpoint else "", others=tuple(ids[1:]), attempts=first.attempts + 1,
    )  # fmt: skip


def message_sent(claimed: Claimed, *, receipt: str, wall: datetime) -> None:
    """Keep that a message was taken, with the receipt."""
    with transaction.atomic():
        _attempt_end(claimed, is_ok=True, said=receipt, wall=wall)
        models.Message.objects.filter(id=claimed.id).update(
            state="sent", receipt=receipt[:500], error="", ended_at=wall
        )
        models.Message.objects.filter(id__in=claimed.others).update(ended_at=wall)


def message_failed(claimed: Claimed, *, error: str, is_final: bool, wall: datetime) -> None:
    """Keep that an attempt failed: the message is tried again later, or given up after the last one.

    What another attempt has sent meanwhile, because this one outlived its lease, stays sent.
    """
    pause = None if is_final else retry_after(claimed.attempts)
    with transaction.atomic():
        _attempt_end(claimed, is_ok=False, said=error, wall=wall)
        waiting = models.Message.objects.filter(id=claimed.id, state="waiting")
        if pause is None:
            waiting.update(state="dead", error=error[:500], ended_at=wall)
        else:
            waiting.update(error=error[:500], due_at=wall + pause)


def _attempt_end(claimed: Claimed, *, is_ok: bool, said: str, wall: datetime) -> None:
    models.Attempt.objects.filter(id=claimed.attempt_id).update(ended_at=wall, is_ok=is_ok, said=said[:500])


def message_again(key: str, *, by: Actor, now: datetime, wall: datetime) -> None:
    """Have a message sent again that was given up: with its own key. Raises NotFound, and Conflict for any other."""
    row = models.Message.objects.filter(key=key).values("id", "desk_id", "state").first()
    if row is None or not may(by, Right.WORK_VIEW, row["desk_id"]):
        raise NotFound(f"There is no message {key[:60]}, or you may not see it")
    require(by, Right.ALERT_ANSWER, row["desk_id"])
    with transaction.atomic():
        changed = models.Message.objects.filter(id=row["id"], state="dead").update(
            state="waiting", attempts=0, due_at=wall, ended_at=None
        )
        if not changed:
            raise Conflict("Only a message that was given up can be sent again")
        audit_add("message_sent_again", object_kind="message", object_ref=key, desk_id=row["desk_id"], by=by, now=now)
        desk_changed(row["desk_id"])


def keys_of(subject_ref: str) -> set[str]:
    """Return the keys of the messages about one thing: one query."""
    return set(models.Message.objects.filter(subject_ref=subject_ref).values_list("key", flat=True))


def messages_end(subject_ref: str, *, wall: datetime) -> int:
    """Drop what has not gone out about something that is over, and was never tried."""
    return models.Message.objects.filter(subject_ref=subject_ref, state="waiting", attempts=0).update(
        state="dropped", ended_at=wall, error="It was over before it was sent"
    )


def messages_forget(before: datetime) -> int:
    """Forget what was settled before that instant of wall time, with its attempts: `BATCH` a transaction; return how many."""
    settled = models.Message.objects.filter(ended_at__lt=before).exclude(state__in=("waiting", "dead")).order_by("id")
    done, last = 0, 0
    while ids := list(settled.filter(id__gt=last).values_list("id", flat=True)[:BATCH]):
        models.Message.objects.filter(id__in=ids).delete()
        done, last = done + len(ids), ids[-1]
    return done


def secret_make() -> str:
    """Return a new secret for signing webhooks."""
    return f"whsec_{secrets.token_urlsafe(32)}"
