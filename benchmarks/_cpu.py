"""CPU of this process and of the PostgreSQL backend that serves it, which work one after the other; and what they wait for."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import psutil


def cpu_s() -> float:
    """CPU seconds of both so far."""
    backend = _backend()
    told = _scheduled(backend)
    return time.process_time() + (told[0] if told else sum(psutil.Process(backend).cpu_times()[:2]))


def queued_s(*, with_backend: bool = True) -> float:
    """Seconds so far in which this process, or the backend, could have gone on and had no core: others had them.

    What is left of the wall's time without it is what a quiet machine takes. Linux tells it; elsewhere it is 0.
    """
    told = [_scheduled(each) for each in (os.getpid(), *([_backend()] if with_backend else []))]
    return sum(each[1] for each in told if each)


def _scheduled(pid: int) -> tuple[float, float] | None:
    """Seconds that a process has had a core, and has waited for one, to the nanosecond; None where nobody tells."""
    with suppress(OSError):
        had, waited, _ = map(int, Path(f"/proc/{pid}/schedstat").read_text().split())
        return had / 1e9, waited / 1e9
    return None


def _backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])
