"""Connections that listen for what PostgreSQL tells: each is apart from those that read and write."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import psycopg
from django.db import connection

from watchbill.apps.core.services import CHANNEL

SLICE_S = 0.25
"""How long one look at the socket lasts, so that a listener hears in time that it is to stop."""


def listen_settings() -> dict[str, Any]:
    """Return what psycopg needs to connect to Django's database by itself; what belongs to Django is left out."""
    settings = connection.get_connection_params()
    return {name: value for name, value in settings.items() if name not in {"context", "cursor_factory"}}


class Ears:
    """One connection that listens, and may hold a lock for as long as it lives."""

    def __init__(self, link: psycopg.Connection[Any]) -> None:
        self._link = link

    def lock_hold(self, name: str) -> bool:
        """Take the named lock until this connection ends; False when another process holds it."""
        row = self._link.execute("select pg_try_advisory_lock(%s)", [zlib.crc32(name.encode())]).fetchone()
        return bool(row and row[0])

    def hear(self, longest_s: float, *, until_set: Event, deaf_to: int = 0) -> set[str]:
        """Wait until something is told, *longest_s* have passed or *until_set* is set; return what was told.

        What the server process *deaf_to* tells is passed over: whoever listens need not hear herself.
        """
        give_up_at = time.monotonic() + longest_s
        while True:
            left_s = max(0.0, give_up_at - time.monotonic())
            notes = self._link.notifies(timeout=min(SLICE_S, left_s), stop_after=1)
            heard = {note.payload for note in notes if note.pid != deaf_to}
            if heard or until_set.is_set() or left_s <= 0:
                return heard

    def forget(self) -> None:
        """Pass over what has been told meanwhile."""
        for _ in self._link.notifies(timeout=0):
            pass


@contextmanager
def listen() -> Iterator[Ears]:
    """Listen on Watchbill's channel with a connection of one's own. Raises psycopg.OperationalError without a database."""
    with psycopg.connect(**listen_settings(), autocommit=True) as link:
        link.execute(f"listen {CHANNEL}")
        yield Ears(link)


def own_process() -> int:
    """Return the number of the server process of Django's connection in this thread; 0 before it is made."""
    return 0 if connection.connection is None else int(connection.connection.info.backend_pid)
