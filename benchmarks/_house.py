"""The web part as `watchbill web` starts it, and the CPU that it and PostgreSQL use."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

START_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running web part."""

    port: int
    web: psutil.Process
    postgres: psutil.Process

    def cpu_s(self) -> float:
        """CPU seconds so far of all web processes and of PostgreSQL with all its backends."""
        return _tree_s(self.web) + _tree_s(self.postgres)

    def web_s(self) -> float:
        return _tree_s(self.web)

    def peak_mb(self) -> float:
        """Resident memory of the web processes now, in MB."""
        processes = [self.web, *self.web.children(recursive=True)]
        return round(sum(process.memory_info().rss for process in processes) / 1024**2, 1)


@contextmanager
def web_running() -> Iterator[House]:
    """Run `watchbill web` on the database that Django is connected to, on a free port, until the block ends."""
    port = _free_port()
    environment = {
        **os.environ,
        "WATCHBILL_DATABASE_URL": _database_url(),
        "WATCHBILL_PORT": str(port),
        "WATCHBILL_LOG_LEVEL": "ERROR",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    with tempfile.TemporaryFile() as said:
        command = [sys.executable, "-m", "watchbill.config.main", "web"]
        web = subprocess.Popen(command, env=environment, stderr=said)
        try:
            if not _answers(port, web):
                said.seek(0)
                raise RuntimeError(f"watchbill web did not start: {said.read()[-2000:].decode(errors='replace')}")
            yield House(port=port, web=psutil.Process(web.pid), postgres=_postmaster())
        finally:
            web.terminate()
            web.wait(30)


def _tree_s(root: psutil.Process) -> float:
    """CPU seconds of a process, its living children and those that it has waited for."""
    total = 0.0
    for process in [root, *root.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _database_url() -> str:
    """The URL of the very database that Django is connected to."""
    from django.db import connection

    from watchbill.config.address import database_url, url_with_database
    from watchbill.config.env import env

    return url_with_database(database_url(env()), connection.settings_dict["NAME"])


def _postmaster() -> psutil.Process:
    """The server's first process; the parent of the backend that serves us."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])
    parent = backend.parent()
    if parent is None or "postgres" not in parent.name():
        raise RuntimeError("CPU can be measured only of a PostgreSQL server on this machine")
    return parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int, web: subprocess.Popen[bytes]) -> bool:
    """Wait until the part answers; False when it ended, or took too long."""
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until and web.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return True
        except OSError:
            time.sleep(0.1)
    return False
