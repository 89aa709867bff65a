"""The second desk's loading, beside everything else that the demo does: begun, ended in the middle, gone on with."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from django.db import DatabaseError, connection

from watchbill.apps.core.queries import story_get
from watchbill.demo.company import desk
from watchbill.engine.base.errors import Conflict

log = logging.getLogger(__name__)

RETRY_S = 2.0
PATIENCE_S = 30.0
"""Seconds within which whoever loads hears that it is to end: a batch of items is not cut."""
NICENESS = 10
WORKERS = 1
"""One connection: pages and the clock come first."""


class _Ended(Exception):
    """It was told to end."""


class SecondDesk:
    """A thread that loads the second desk, unless it is there. What it has done stays done, whenever it is ended."""

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Load what is missing, in the background."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="second desk", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop where it is, after what is under way."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=PATIENCE_S)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Stand still while somebody changes the database, and begin anew afterwards if it had been begun."""
        was_begun = self._thread is not None
        self.end()
        yield
        if was_begun:
            self.begin()

    def _run(self) -> None:
        if sys.platform == "linux":  # there a thread has a niceness of its own, which those that it starts inherit
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        try:
            while not self._stop.is_set():
                try:
                    self._load()
                    break
                except (DatabaseError, psycopg.Error, Conflict) as error:
                    log.warning("second desk not loaded yet, trying again", extra={"reason": str(error).strip()})
                    connection.close()
                    self._stop.wait(RETRY_S)
        except _Ended:
            pass
        except Exception:
            log.exception("the second desk could not be loaded; the demo goes on without it")
        finally:
            connection.close()

    def _load(self) -> None:
        story = story_get()
        if story is None or desk.is_complete():
            return
        began = time.perf_counter()
        self._say(f"Second desk, {desk.NAME} (generated): being made in the background ...")
        summary = desk.company_load(begins_at=story.starts_at, ends_at=story.ends_at, workers=WORKERS, tell=self._tell)
        self._say(
            f"Second desk ready after {time.perf_counter() - began:.0f} s: {summary.items:,} cases, {summary.events:,} events."
        )

    def _tell(self, _what: str, _share: float) -> None:
        """Progress stands in the import's own row, where pages read it; here it is asked whether to go on."""
        if self._stop.is_set():
            raise _Ended
