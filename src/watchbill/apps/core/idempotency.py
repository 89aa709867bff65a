"""Answers given once: a write that comes from outside twice with the same key is done once and answered twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from watchbill.apps.core.queries import wall_now
from watchbill.engine.base.errors import InvalidFacts

KEY_LIMIT = 255
KEPT = timedelta(hours=48)
"""How long an answer is kept; a key that comes later is a new one. docs/reference/api.md promises it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a write answered: an HTTP-like status, and the text of its body."""

    status: int
    body: str
    is_replay: bool = False


def fingerprint(*parts: bytes) -> str:
    """Return what tells one request from another: the SHA-256 of its parts, each with its length."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def answer_once(*, scope: str, key: str, fingerprint: str, do: Callable[[], Answer]) -> Answer:
    """Call *do* and keep its answer under *key*; give the kept answer when the key comes again.

    *scope* keeps the keys of different users apart. *do* runs in one transaction with the keeping: when it raises,
    nothing of both is left and the key stays free. Of two at once, the second waits on the first one's row (the
    unique index is the lock) and then gets its answer, or does the write when the first one failed.
    Raises InvalidFacts for a key that was used for another request, and for one that is empty or too long.
    """
    if not key.strip() or len(key) > KEY_LIMIT or not key.isprintable():
        raise InvalidFacts(f"An idempotency key has 1 to {KEY_LIMIT} printable characters", field="Idempotency-Key")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into core_idempotencykey (scope, key, fingerprint) values (%s, %s, %s)"
            " on conflict (scope, key) do nothing returning id",
            [scope, key, fingerprint],
        )
        made = cursor.fetchone()
        if made is None:
            return _kept(scope=scope, key=key, fingerprint=fingerprint)
        answer = do()
        cursor.execute(
            "update core_idempotencykey set status = %s, answer = to_jsonb(%s::text) where id = %s",
            [answer.status, answer.body, made[0]],
        )
        return answer


def _kept(*, scope: str, key: str, fingerprint: str) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute(
            "select fingerprint, status, answer #>> '{}' from core_idempotencykey where scope = %s and key = %s",
            [scope, key],
        )
        known, status, body = cursor.fetchone()
    if known != fingerprint:
        raise InvalidFacts(
            "This idempotency key was used for another request; take a new key for a new request",
            field="Idempotency-Key",
        )
    return Answer(status=status, body=body, is_replay=True)


def idempotency_forget() -> int:
    """Remove the answers older than `KEPT` by the wall; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("delete from core_idempotencykey where created_at < %s", [wall_now() - KEPT])
        return cursor.rowcount
