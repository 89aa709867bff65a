"""Long reckonings that are asked for, done by the worker and kept: waiting, running, ended; killed, they begin anew.

Each app keeps its own in a table of its own, with at least the columns ``state``, ``tries``, ``items``, ``items_done``, ``message``,
``result`` and ``finished_recorded_at``; what is done with such a row is the same for all.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from django.db import DatabaseError, connection, models
from django.db.models import F
from django.db.models.functions import Now

WAITING, RUNNING, DONE, REFUSED, STOPPED = "waiting", "running", "done", "refused", "stopped"
UNDER_WAY = (WAITING, RUNNING)


@contextmanager
def run_lock(name: str) -> Iterator[bool]:
    """Hold the lock of one run on this connection, or yield False at once when another process is at it."""
    key = zlib.crc32(name.encode())
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            with suppress(DatabaseError), connection.cursor() as cursor:  # a lost connection has lost its locks, too
                cursor.execute("select pg_advisory_unlock(%s)", [key])


def runs_open(table: models.Manager[Any]) -> list[int]:
    """Return the runs that wait or are under way, the first that was asked for first."""
    return list(table.filter(state__in=UNDER_WAY).order_by("id").values_list("id", flat=True))


def run_begin(table: models.Manager[Any], run_id: int, *, items: int) -> None:
    """Begin, or begin anew; the caller has forgotten what an earlier run that was killed has left."""
    table.filter(id=run_id).update(
        state=RUNNING, tries=F("tries") + 1, items=items, items_done=0, result=None, message=""
    )


def run_step(table: models.Manager[Any], run_id: int, *, items_done: int) -> None:
    """Note how far a run has come."""
    table.filter(id=run_id).update(items_done=items_done)


def run_put_back(table: models.Manager[Any], run_id: int, *, is_tried: bool = False) -> None:
    """Let a run wait again; that the worker was told to stop is no fault of the draft, and counts as no try."""
    table.filter(id=run_id).update(state=WAITING, tries=F("tries") - (0 if is_tried else 1))


def run_end(
    table: models.Manager[Any], run_id: int, *, state: str, message: str = "", result: Mapping[str, Any] | None = None
) -> None:
    """End a run: done with its result, or refused or stopped with a sentence."""
    table.filter(id=run_id).update(state=state, message=message, result=result, finished_recorded_at=Now())
