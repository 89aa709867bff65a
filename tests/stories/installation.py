"""A throw-away installation: a database server of its own, databases in it, and Watchbill's own processes on them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.conf import settings

from tests.clusters import here
from tests.ports import free_port
from tests.waiting import wait_for
from watchbill.config import server
from watchbill.config.address import DATABASE_NAME, embedded_url
from watchbill.config.cluster import folder_of
from watchbill.config.database import database_ensure, database_stop
from watchbill.config.env import env_read
from watchbill.interfaces.ticker import LOCK

LIMIT_S = 60.0


class Server:
    """An embedded server of its own, that a test may kill; databases in it are copies of the one that is set up in *home*."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._settings = env_read({"WATCHBILL_DATA": str(home)})
        # What was acknowledged survives the death of the server, as in an installation; the disk itself is not waited for.
        (home / "postgresql.local.conf").write_text("synchronous_commit = on\n")
        self.start()

    def start(self) -> None:
        """Start it, after a crash or a stop, too."""
        database_ensure(self._settings, durable=False, say=lambda _: None)

    def stop(self) -> None:
        """Shut it down: every connection ends."""
        database_stop(self._settings)

    def kill(self) -> None:
        """Kill it as a crash would, and wait until its children have noticed."""
        process = server.process_of(folder_of(self.home))
        assert process is not None
        children = process.children()
        process.kill()
        psutil.wait_procs(children, timeout=20)

    def url(self, name: str) -> str:
        return embedded_url(self.home, database=name)

    def copy(self, name: str, *, of: str = DATABASE_NAME) -> Installation:
        """Make a database, as the one named stands, whose connections are closed."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as link:
            # A copy by the log would let sequences forget, in a crash, what they gave out since: PostgreSQL logs ahead.
            link.execute(f'create database "{name}" template "{of}" strategy file_copy')
        return Installation(server=self, name=name)


@dataclass
class Installation:
    """One database, and the processes of Watchbill that work on it."""

    server: Server
    name: str
    port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    @contextlib.contextmanager
    def here(self) -> Iterator[None]:
        """Let this process's Django work on this database; outside, it works on the one it had."""
        with here(self.url):
            yield

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database, by a connection of its own."""
        with psycopg.connect(self.url, autocommit=True) as link:
            return link.execute(sql).fetchall()

    def run(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `watchbill WORDS` on this database; its output goes to a file."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("WATCHBILL_", "DJANGO_"))}
        environment |= {
            "WATCHBILL_DATABASE_URL": self.url,
            "WATCHBILL_DATA": str(self.server.home / "data"),
            "WATCHBILL_SECRET_KEY": settings.SECRET_KEY,  # so that sessions made here are good there
            "WATCHBILL_PORT": str(self.port),
            "WATCHBILL_WEB_WORKERS": "1",
            **self.settings,
        }
        with self._output(len(self.processes)).open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "watchbill.config.main", *words],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def _output(self, number: int) -> Path:
        return self.server.home / f"{self.name}-{number}.log"

    def said(self, process: subprocess.Popen[bytes]) -> str:
        """Return what a process said so far."""
        return self._output(self.processes.index(process)).read_text(errors="replace")

    def done(self, *words: str) -> Any:
        """Run `watchbill WORDS --json` to its end; return its answer."""
        process = self.run(*words, "--json")
        code = process.wait(LIMIT_S)
        said = self.said(process)
        assert code == 0, said
        return json.loads(said.strip().splitlines()[-1])

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            kill(process)

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Ask the web process; status 0: nobody answers."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)
        try:
            link.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = link.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, {}, b""
        finally:
            link.close()

    def wait_for(self, claim: Callable[[], Any], what: str) -> Any:
        """Poll until *claim* holds; else fail with *what* did not happen, and all that the processes said."""
        return wait_for(claim, lambda: "\n".join([what, *(self.said(each) for each in self.processes)]))

    def answers(self) -> bool:
        """Whether the web process and its database answer."""
        return self.ask("GET", "/healthz")[0] == 200

    def has_ticker(self) -> bool:
        """Whether a ticker acts: holds its lock."""
        lock = zlib.crc32(LOCK.encode())
        return bool(self.rows(f"select 1 from pg_locks where locktype = 'advisory' and objid = {lock} and granted"))


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and those that it started, as kill -9 of all of them."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait(LIMIT_S)


class Gate:
    """Holds whoever writes to certain tables in the middle of the transaction, until it is opened.

    Triggers count statements; from a certain count on, each waits for a lock that the gate's own connection holds.
    The count survives a rollback, so that a write that is done again gets further.
    """

    LOCK = 4711

    def __init__(self, installation: Installation, *tables: str) -> None:
        self._installation = installation
        self._tables = tables
        self._link: psycopg.Connection[Any] | None = None
        with psycopg.connect(installation.url, autocommit=True) as link:
            link.execute("create sequence gate_count")
            link.execute("select nextval('gate_count')")
            link.execute("create table gate_from (count bigint)")
            link.execute("insert into gate_from values (null)")
            link.execute(
                "create function gate() returns trigger language plpgsql as $$ begin"
                "  if nextval('gate_count') >= (select count from gate_from) then"
                f"    perform pg_advisory_xact_lock_shared({self.LOCK});"
                "  end if; return null; end $$"
            )
            for table in tables:
                link.execute(
                    f"create trigger gate after insert or update on {table} for each statement execute function gate()"
                )

    def close(self, *, after: int = 0) -> None:
        """Hold everybody from the statement on that comes after the next *after* ones."""
        self._link = psycopg.connect(self._installation.url, autocommit=True)
        self._link.execute(f"select pg_advisory_lock({self.LOCK})")
        self._link.execute("update gate_from set count = (select last_value from gate_count) + 1 + %s", [after])

    def wait_until_held(self) -> None:
        """Wait until somebody stands before the gate."""
        waiting = f"select 1 from pg_locks where locktype = 'advisory' and not granted and objid = {self.LOCK}"
        self._installation.wait_for(lambda: self._installation.rows(waiting), "nobody came to the gate")

    def open(self) -> None:
        """Let everybody through; whoever was killed meanwhile is gone when this returns. Harmless after a crash."""
        if self._link is not None:
            with contextlib.suppress(psycopg.OperationalError):
                self._link.execute("update gate_from set count = null")
                self._link.execute(f"select pg_advisory_unlock({self.LOCK})")
                with self._link.transaction():
                    self._link.execute(f"lock table {', '.join(self._tables)} in share row exclusive mode")
            self._link.close()
            self._link = None
