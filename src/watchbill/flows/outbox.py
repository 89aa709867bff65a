"""What goes out: written with what causes it, sent by a worker at least once, each with the same key at every attempt."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from watchbill.apps.core.queries import wall_now
from watchbill.apps.notices import outbox
from watchbill.apps.notices.outbox import Claimed, NewMessage
from watchbill.apps.notices.ports import Channel, Letter, NotSent, Refused
from watchbill.apps.notices.queries import Wish, endpoints_for, wishes_of
from watchbill.apps.notices.timing import due_at
from watchbill.apps.people.managers import Manager
from watchbill.flows.waking import wake

log = logging.getLogger(__name__)

JOB = "send_messages"
MAIL, WEBHOOK = "mail", "webhook"
KEPT = timedelta(days=90)
"""What was settled is forgotten after so long, by the wall."""


def messages_write(
    desk_id: int, *, key: str, kind: str, subject: str, text: str, body: Mapping[str, Any], subject_ref: str,
    is_urgent: bool, told: Sequence[Manager], heard: str = "", now: datetime,
) -> int:  # fmt: skip
    """Write mails to those who want them and webhooks to the desk's endpoints, in the caller's transaction; return how many.

    *told*: nobody where only endpoints are to hear of it. *heard*: the key of an earlier message; only endpoints that it was
    written to hear of this one.
    """
    wall = wall_now()
    wishes = wishes_of([one.user_id for one in told])
    mailed = [(one, wishes.get(one.user_id, Wish())) for one in told if one.email] if settings.SMTP_URL else []
    mailed = [(one, wish) for one, wish in mailed if wish.is_mailed and (is_urgent or kind not in wish.muted)]
    bundles = {one.user_id: f"{MAIL}:{one.user_id}:{desk_id}:{kind}" for one, _ in mailed}
    recent = outbox.bundles_recent(list(bundles.values()), since=wall - outbox.RECENT)
    before = outbox.keys_of(subject_ref) if heard else None
    common: dict[str, Any] = {
        "desk_id": desk_id, "kind": kind, "subject": subject, "text": text, "subject_ref": subject_ref,
        "is_urgent": is_urgent, "body": body,
    }  # fmt: skip
    new = [
        NewMessage(
            key=f"{key}:{MAIL}:{one.user_id}", channel=MAIL, address=one.email, bundle=bundles[one.user_id],
            user_id=one.user_id,
            due_at=due_at(wish, wall, recent=recent.get(bundles[one.user_id], ()), is_urgent=is_urgent), **common,
        )
        for one, wish in mailed
    ] + [
        NewMessage(
            key=f"{key}:{WEBHOOK}:{one.id}", channel=WEBHOOK, address=one.url, bundle=f"{key}:{WEBHOOK}:{one.id}",
            endpoint_id=one.id, due_at=wall, **common,
        )
        for one in endpoints_for(desk_id, kind)
        if before is None or f"{heard}:{WEBHOOK}:{one.id}" in before
    ]  # fmt: skip
    if new:
        outbox.messages_add(new, now=now)
        wake(JOB)
    return len(new)


@contextmanager
def woken() -> Iterator[None]:
    """Wake the worker in the transaction of what it is to send."""
    with transaction.atomic():
        yield
        wake(JOB)


def messages_send(channels: Mapping[str, Channel] | None = None, *, most: int = 500) -> int:
    """Send what is due; return how many attempts were made. Safe on several workers at once, and to kill."""
    found, done = installed() if channels is None else channels, 0
    while done < most and (claimed := outbox.message_claim(wall_now())) is not None:
        _send(claimed, found.get(claimed.channel))
        done += 1
    return done


def _send(claimed: Claimed, channel: Channel | None) -> None:
    missing = f"No way to send {claimed.channel} is set up on this machine"
    if channel is None:
        outbox.message_failed(claimed, error=missing, is_final=False, wall=wall_now())
        return
    try:
        receipt = channel.send(_letter(claimed))
    except NotSent as error:
        outbox.message_failed(claimed, error=error.message, is_final=isinstance(error, Refused), wall=wall_now())
    except Exception as error:
        log.exception("a message could not be sent, it is tried again", extra={"channel": claimed.channel})
        said = f"{type(error).__name__}: {error}"
        outbox.message_failed(claimed, error=said, is_final=False, wall=wall_now())
    else:
        outbox.message_sent(claimed, receipt=receipt, wall=wall_now())


def _letter(claimed: Claimed) -> Letter:
    foot = f"\n\n{settings.PUBLIC_URL}/alerts/" if settings.PUBLIC_URL else ""
    body = {key: value for key, value in claimed.body.items() if key != "gathered" or value}
    return Letter(
        key=claimed.key, address=claimed.address, subject=claimed.subject, text="\n\n".join(claimed.texts) + foot,
        body=json.dumps({"key": claimed.key, **body}, ensure_ascii=False, separators=(",", ":")).encode(),
        secret=claimed.secret,
    )  # fmt: skip


@cache
def installed() -> dict[str, Channel]:
    """Return the ways out that this installation has, loaded from the settings, once a process."""
    made = {name: import_string(path)() for name, path in settings.NOTICE_CHANNELS.items()}
    return {name: channel for name, channel in made.items() if channel is not None}


def messages_forget() -> int:
    """Forget what was settled long ago."""
    return outbox.messages_forget(wall_now() - KEPT)
