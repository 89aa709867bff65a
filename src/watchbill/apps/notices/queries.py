"""Reads of notices, and of what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from watchbill.apps.core.actor import Actor
from watchbill.apps.notices import models
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.base.errors import NotFound


def _mine(by: Actor) -> Q:
    """What is addressed to the actor: as a user, or as the person that she is."""
    mine = Q(pk=None)
    if by.user_id is not None:
        mine |= Q(user_id=by.user_id)
    if by.person_id is not None:
        mine |= Q(person_id=by.person_id)
    return mine


def notices_unread(*, by: Actor, limit: int = 50) -> list[dict[str, Any]]:
    """Return what is addressed to the actor and not read yet, newest first."""
    return [
        dict(row)
        for row in models.Notice.objects.filter(_mine(by), read_at=None)
        .order_by("-id")
        .values("id", "kind", "text", "subject_ref", "at", "is_urgent", "closed_at", "closed_note")[:limit]
    ]


def notices_unread_count(*, by: Actor, most: int = 100) -> int:
    """Return how many notices are not read yet, *most* at most: for the bell. What is over calls for nobody."""
    return len(models.Notice.objects.filter(_mine(by), read_at=None, closed_at=None).values_list("id")[:most])


def notice_page(*, before: int | None = None, limit: int = 50, by: Actor) -> list[dict[str, Any]]:
    """Return what is addressed to the actor, read or not, newest first, those with keys below *before*."""
    rows = models.Notice.objects.filter(_mine(by))
    if before is not None:
        rows = rows.filter(id__lt=before)
    wanted = ("id", "desk_id", "kind", "text", "subject_ref", "at", "is_urgent", "read_at", "closed_at", "closed_note")
    return [dict(row) for row in rows.order_by("-id").values(*wanted)[:limit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a user wants messages. Quiet hours in minutes after midnight of her zone; equal ones are none.

    digest_after: from so many of a kind on within digest_min minutes, the rest is sent as one.
    """

    is_mailed: bool = True
    muted: tuple[str, ...] = ()
    zone: str = "UTC"
    quiet_from: int = 0
    quiet_until: int = 0
    digest_after: int = 3
    digest_min: int = 30


def wishes_of(user_ids: list[int]) -> dict[int, Wish]:
    """Return how users want messages, those who have said: one query."""
    rows = models.Preference.objects.filter(user_id__in=user_ids).values("user_id", *Wish.__dataclass_fields__)
    return {row.pop("user_id"): Wish(**{**row, "muted": tuple(row["muted"])}) for row in map(dict, rows)}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRow:
    """Where webhooks go; its secret is known to the sender alone."""

    id: int
    desk_id: int
    name: str
    url: str
    kinds: tuple[str, ...]
    is_active: bool
    version: int


def endpoint_list(desk_id: int, *, by: Actor) -> list[EndpointRow]:
    """Return a desk's endpoints by name."""
    require(by, Right.CHANNEL_EDIT, desk_id)
    return _endpoints(desk_id)


def endpoints_for(desk_id: int, kind: str) -> list[EndpointRow]:
    """Return the active endpoints of a desk that want this kind. For flows."""
    return [row for row in _endpoints(desk_id) if row.is_active and (not row.kinds or kind in row.kinds)]


def _endpoints(desk_id: int) -> list[EndpointRow]:
    rows = models.Endpoint.objects.filter(desk_id=desk_id).order_by("name").values(*EndpointRow.__dataclass_fields__)
    return [EndpointRow(**{**row, "kinds": tuple(row["kinds"])}) for row in rows]


def message_page(
    desk_id: int, *, state: str = "", before: int | None = None, limit: int = 50, by: Actor
) -> list[dict[str, Any]]:
    """Return what was sent for a desk, or is to be, newest first, those with keys below *before*: without secrets."""
    require(by, Right.ALERT_ANSWER, desk_id)
    rows = models.Message.objects.filter(desk_id=desk_id)
    if state:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(id__lt=before)
    wanted = (
        "id", "key", "kind", "channel", "address", "subject", "subject_ref", "at", "state", "due_at", "attempts",
        "ended_at", "digest__key", "receipt", "error", "is_urgent",
    )  # fmt: skip
    return [{**row, "digest": row["digest__key"]} for row in rows.order_by("-id").values(*wanted)[:limit]]


def message_attempts(key: str, *, by: Actor) -> list[dict[str, Any]]:
    """Return every attempt to send one message, in order. Raises NotFound."""
    row = models.Message.objects.filter(key=key).values("id", "desk_id").first()
    if row is None or not may(by, Right.WORK_VIEW, row["desk_id"]):
        raise NotFound(f"There is no message {key[:60]}, or you may not see it")
    require(by, Right.ALERT_ANSWER, row["desk_id"])
    tries = models.Attempt.objects.filter(message_id=row["id"]).order_by("id")
    return [dict(each) for each in tries.values("began_at", "ended_at", "is_ok", "said")]


def messages_dead(desk_id: int) -> int:
    """Return how many messages of a desk were given up and wait for somebody to send them again."""
    return models.Message.objects.filter(desk_id=desk_id, state="dead").count()
