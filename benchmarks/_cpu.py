"""CPU of this process and of the PostgreSQL backend that serves it, which work one after the other; and waiting for a core."""

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


def queued_s() -> float:
    """Seconds so far in which this process could have gone on and had no core, as others had them: the wall without them is a quiet machine's.

    Linux tells it; elsewhere it is 0.
    """
    told = _scheduled(os.getpid())
    return told[1] if told else 0.0


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
