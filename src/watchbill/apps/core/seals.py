"""Seals: a chain of digests over the rows of a stream, so that a row changed, added or taken away later shows.

How it is computed, how to check an export without Watchbill, and what it cannot show: docs/reference/rights.md.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.db import connection

from watchbill.apps.core import models
from watchbill.engine.base.errors import InvalidFacts, Unavailable

SEAL_ROWS = 5_000
"""Rows under one seal, at most: what `seals_verify` can narrow a change down to."""

SEAL_EVERY = timedelta(seconds=60)
"""Wall time between two seals of one stream, unless a full one is waiting."""

ANCHOR_PARTS = 3

Lines = Callable[[int, int], Iterable[tuple[int, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A table whose rows are only ever added.

    ``lines(first_id, last_id)`` gives (id, canonical text) of its rows in the order of their ids, a few at a time.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    lines: Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An id, and who might still add rows with ids up to it."""

    last_id: int
    writers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRange:
    """The first range of ids that is not as it was sealed, and why we think so."""

    first_id: int
    last_id: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What checking a stream found. ``anchor`` kept elsewhere proves everything up to it: see `seals_verify`.

    ``unsealed`` counts the rows after the last seal: nothing is known about them yet.
    """

    stream: str
    seals: int
    rows: int
    last_id: int
    anchor: str
    unsealed: int
    bad: BadRange | None = None

    @property
    def is_good(self) -> bool:
        return self.bad is None


@dataclass(slots=True)
class _Link:
    """One link being computed: the digest of its rows, then of itself with the link before."""

    rows: int = 0
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, line: str) -> None:
        self.rows += 1
        self._digest.update(line.encode() + b"\n")

    def close(self, before: bytes, *, stream: str, first_id: int, last_id: int) -> bytes:
        head = f"watchbill-seal-1\n{stream}\n{first_id}\n{last_id}\n{self.rows}\n".encode()
        return hashlib.sha256(before + head + self._digest.digest()).digest()


def mark_take(table: str) -> Mark:
    """Note the newest id of *table*, and the transactions that hold the table open for writing.

    Ids are drawn when a row is written but seen when it is committed, so a lower id may appear after a higher one.
    Whoever has drawn an id holds the table's writing lock until the end of the transaction; so once every
    transaction noted here is over, no row up to ``last_id`` can come any more. The id is read first, then the locks.
    """
    with connection.cursor() as cursor:
        cursor.execute(f'select coalesce(max(id), 0) from "{table}"')
        last_id = cursor.fetchone()[0]
    return Mark(last_id=last_id, writers=_writers(table))


def mark_is_settled(mark: Mark, table: str) -> bool:
    """Say whether every transaction that the mark noted is over."""
    return not mark.writers or mark.writers.isdisjoint(_writers(table))


def _writers(table: str) -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select virtualtransaction from pg_locks where locktype = 'relation' and granted"
            " and database = (select oid from pg_database where datname = current_database())"
            " and relation = %s::regclass and pid is distinct from pg_backend_pid()"
            " and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')",
            [table],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def seals_add(stream: Stream, *, last_id: int, most: int, is_due: bool = False, wall: datetime) -> int:
    """Seal the rows up to *last_id* (settled: see `mark_take`) that are not sealed yet; return how many rows.

    At most *most* seals are made in one call. A seal that would not be full waits until `SEAL_EVERY` has passed
    since the one before, unless *is_due*. Expects the caller to hold the named lock of sealing.
    """
    key = _key()
    before = models.Seal.objects.filter(stream=stream.name).order_by("-first_id").first()
    link = bytes(before.link) if before else b""
    first_id = before.last_id + 1 if before else 1
    # A clock that was set back must not put off the next seal until it has caught up.
    is_due = is_due or before is None or not timedelta(0) <= wall - before.sealed_at < SEAL_EVERY
    lines = iter(stream.lines(first_id, last_id))
    sealed = 0
    for _ in range(most):
        new = _Link()
        end = first_id - 1
        for end, line in islice(lines, SEAL_ROWS):  # noqa: B007 - the last id is read after the loop
            new.add(line)
        if not new.rows or (new.rows < SEAL_ROWS and not is_due):
            break
        link = new.close(link, stream=stream.name, first_id=first_id, last_id=end)
        models.Seal.objects.create(
            stream=stream.name, first_id=first_id, last_id=end, rows=new.rows, link=link, digest=_sign(key, link)
        )
        sealed += new.rows
        first_id = end + 1
    return sealed


def seals_verify(stream: Stream, *, anchors: Iterable[str] = ()) -> Verified:
    """Compute every seal of a stream again, a few rows at a time, and stop at the first that does not hold.

    *anchors* are texts ``stream:last_id:link`` that an earlier check gave and somebody kept elsewhere: a chain that
    was cut short or made anew no longer holds them. Raises InvalidFacts for an anchor that cannot be read.
    """
    wanted = dict(_anchor(text) for text in anchors if text.startswith(f"{stream.name}:"))
    key = _key()
    link, last_id, seals, rows = b"", 0, 0, 0
    unsealed = _unsealed(stream)

    def found(bad: BadRange | None) -> Verified:
        anchor = f"{stream.name}:{last_id}:{link.hex()}" if seals else ""
        return Verified(
            stream=stream.name, seals=seals, rows=rows, last_id=last_id, anchor=anchor, unsealed=unsealed, bad=bad
        )

    for seal in models.Seal.objects.filter(stream=stream.name).order_by("first_id").iterator(chunk_size=500):
        new = _Link()
        for _, line in stream.lines(last_id + 1, seal.last_id):
            new.add(line)
        now = new.close(link, stream=stream.name, first_id=seal.first_id, last_id=seal.last_id)
        if why := _fault(seal, now, rows=new.rows, expected_first=last_id + 1, key=key):
            return found(BadRange(first_id=min(seal.first_id, last_id + 1), last_id=seal.last_id, why=why))
        link, last_id, seals, rows = now, seal.last_id, seals + 1, rows + new.rows
        if wanted.pop(last_id, link.hex()) != link.hex():
            return found(BadRange(first_id=1, last_id=last_id, why="the chain was made anew since the anchor was kept"))
    if wanted:
        missing = min(wanted)
        why = "no seal ends where the anchor says: the chain was cut short or made anew"
        return found(BadRange(first_id=min(last_id, missing), last_id=max(last_id, missing), why=why))
    return found(None)


def _unsealed(stream: Stream) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f'select count(*) from "{stream.table}" where id > (select coalesce(max(last_id), 0) from core_seal where stream = %s)',
            [stream.name],
        )
        return int(cursor.fetchone()[0])


def _fault(seal: models.Seal, now: bytes, *, rows: int, expected_first: int, key: bytes) -> str:
    """Say what is wrong with a seal; empty when nothing is."""
    if seal.first_id != expected_first:
        return "a seal is missing before this range"
    if rows < seal.rows:
        return f"{seal.rows - rows} of {seal.rows} rows are missing"
    if rows > seal.rows:
        return f"{rows - seal.rows} rows were added after sealing"
    if not hmac.compare_digest(now, bytes(seal.link)):
        return "rows of this range were changed after sealing"
    if not hmac.compare_digest(_sign(key, now), bytes(seal.digest)):
        return "the seal was not made with this installation's key"
    return ""


def seals_list(stream: str, *, first_id: int = 1) -> Iterator[dict[str, object]]:
    """Give the seals of a stream that end at *first_id* or later, for an export that others can check."""
    for seal in models.Seal.objects.filter(stream=stream, last_id__gte=first_id).order_by("first_id").iterator():
        yield {
            "stream": seal.stream,
            "first_id": seal.first_id,
            "last_id": seal.last_id,
            "rows": seal.rows,
            "link": bytes(seal.link).hex(),
            "digest": bytes(seal.digest).hex(),
            "sealed_at": seal.sealed_at.isoformat(),
        }


def _anchor(text: str) -> tuple[int, str]:
    parts = text.split(":")
    if len(parts) != ANCHOR_PARTS or not parts[1].isdecimal():
        raise InvalidFacts(f"An anchor looks like work:12345:9f86d0..., got {text[:80]!r}", field="anchor")
    return int(parts[1]), parts[2]


def _key() -> bytes:
    key = models.Installation.objects.filter(id=1).values_list("seal_key", flat=True).first()
    if not key:
        raise Unavailable("This installation has no key to seal with. Run: watchbill migrate")
    return bytes(key)


def _sign(key: bytes, link: bytes) -> bytes:
    return hmac.digest(key, link, "sha256")
