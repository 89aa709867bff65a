"""Where webhooks of a desk go: made, changed and switched off; the secret is told once and never again."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed, lock_take
from watchbill.apps.notices import models
from watchbill.apps.notices.outbox import secret_make
from watchbill.apps.notices.ports import is_outside
from watchbill.apps.people.rights import Right, require
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.alarms import AlertKind

NAME_MOST, URL_MOST = 80, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was saved. ``secret``: of a new endpoint, or one that was asked to change; else empty."""

    id: int
    secret: str


def endpoint_save(
    desk_id: int,
    *,
    name: str,
    url: str,
    kinds: Sequence[str] = (),
    is_active: bool = True,
    is_new_secret: bool = False,
    is_open: bool = False,
    by: Actor,
    now: datetime,
) -> Saved:
    """Make the endpoint of that name, or change it; two at one moment wait for each other. *is_open*: http is allowed."""
    require(by, Right.CHANNEL_EDIT, desk_id)
    name = name.strip()
    if not 1 <= len(name) <= NAME_MOST or not name.isprintable():
        raise InvalidFacts(f"A name has 1 to {NAME_MOST} characters", field="name")
    _check(url, is_open=is_open)
    if unknown := set(kinds) - set(AlertKind):
        raise InvalidFacts(f"There is no alert “{min(unknown)[:40]}”: {', '.join(AlertKind)}", field="kinds")
    with transaction.atomic():
        lock_take(f"endpoints:{desk_id}")
        row = models.Endpoint.objects.filter(desk_id=desk_id, name=name).first()
        secret = secret_make() if row is None or is_new_secret else ""
        before = None if row is None else _told(row)
        if row is None:
            row = models.Endpoint.objects.create(
                desk_id=desk_id, name=name, url=url, secret=secret, kinds=list(kinds), is_active=is_active
            )
        else:
            models.Endpoint.objects.filter(id=row.id).update(
                url=url, kinds=list(kinds), is_active=is_active, secret=secret or row.secret, version=F("version") + 1
            )
            row.refresh_from_db()
        audit_add(
            "endpoint_saved", object_kind="endpoint", object_ref=name, desk_id=desk_id, before=before, after=_told(row),
            reason="with a new secret" if secret and before else "", by=by, now=now,
        )  # fmt: skip
        desk_changed(desk_id)
    return Saved(id=row.id, secret=secret)


def _told(row: models.Endpoint) -> dict[str, object]:
    return {"url": row.url, "kinds": list(row.kinds), "is_active": row.is_active}


def _inside(host: str) -> str:
    """Return the address of ours that a host plainly is, "" for none; names are looked up when something is sent, and asked then."""
    if host == "localhost" or host.endswith(".localhost"):
        return host
    try:
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)]
    except (OSError, UnicodeError):
        return ""
    return next((each for each in found if not is_outside(each)), "")


def _check(url: str, *, is_open: bool) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidFacts("This is no address; one looks like https://hooks.example.org/x", field="url") from None
    del port
    if len(url) > URL_MOST or not url.isprintable() or not parts.hostname or " " in url:
        raise InvalidFacts("This is no address; one looks like https://hooks.example.org/x", field="url")
    if parts.scheme != "https" and not (is_open and parts.scheme == "http"):
        raise InvalidFacts("A webhook goes to an https address", field="url")
    if not is_open and (inner := _inside(parts.hostname)):
        said = parts.hostname if inner == parts.hostname else f"{parts.hostname} is {inner}"
        raise InvalidFacts(f"{said}: an address of this machine or its networks; those are not allowed", field="url")
    if parts.username or parts.password:
        raise InvalidFacts("An address holds no password; the signature says who sends", field="url")
