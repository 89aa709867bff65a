"""The way of every write: who, when, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.idempotency import Answer, answer_once, fingerprint
from watchbill.apps.core.queries import now
from watchbill.interfaces.api.render import dumps, text_response

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"


def actor(request: HttpRequest) -> Actor:
    """Return who calls, as `access` found out."""
    return request.auth  # type: ignore[attr-defined]


def write(
    request: HttpRequest, do: Callable[[Actor, datetime], Any], *, status: int = 200, body: bytes | None = None
) -> HttpResponse:
    """Call *do* with the actor and desk time, and answer what it returns; once per idempotency key if one came.

    *body* stands for a body that was read already, as a form with a file is.
    """
    by, at = actor(request), now()

    def act() -> Answer:
        return Answer(status=status, body=dumps(do(by, at)))

    key = request.headers.get(HEADER)
    if key is None:
        return text_response(act().body, status=status)
    parts = (str(request.method).encode(), request.get_full_path().encode(), request.body if body is None else body)
    answer = answer_once(scope=f"user:{by.user_id}", key=key, fingerprint=fingerprint(*parts), do=act)
    response = text_response(answer.body, status=answer.status)
    if answer.is_replay:
        response[REPLAYED] = "true"
    return response
