"""CPU of this process and of the PostgreSQL backend that serves it, which work one after the other."""

from __future__ import annotations

import psutil


def cpu_s() -> float:
    """CPU seconds of both so far."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        pid = cursor.fetchone()[0]
    return sum(sum(psutil.Process(each).cpu_times()[:2]) for each in (None, pid))
