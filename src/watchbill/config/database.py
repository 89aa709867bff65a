"""The database that this process uses: the embedded server, started when needed, or the one that was named."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import errors, sql
from psycopg.pq import Ping

from watchbill.config import server
from watchbill.config.address import DATABASE_NAME, database_url, embedded_url, url_parts
from watchbill.config.cluster import cluster_prepare, folder_of, home_prepare
from watchbill.config.env import Env
from watchbill.engine.base.errors import Unavailable

LEAST_VERSION = 15
LOCK_LIMIT_S = 900.0

_in_use: dict[Path, int] = {}  # data folder -> our open file of its users' lock


def database_ensure(settings: Env, *, durable: bool = True, say: server.Say | None = None) -> str:
    """Make sure that the database answers, starting the embedded server if need be, and return its URL.

    Several processes share one embedded server: each holds a lock as its user until it ends, and the last
    one to leave stops the server. Raises Unavailable with what is wrong and how to mend it.
    """
    if settings.is_embedded:
        _embedded_ensure(settings.data_folder, durable=durable, say=say or _say)
    url = database_url(settings)
    server_check(url)
    return url


def database_stop(settings: Env) -> bool:
    """Stop the embedded server, whoever else uses it; false when there is none or none is running."""
    if not settings.is_embedded or not folder_of(settings.data_folder).exists():
        return False
    with _starter(settings.data_folder):
        return server.server_stop(settings.data_folder)


def server_check(url: str) -> None:
    """Connect once and see that server, database and role will do; raises Unavailable with how to mend."""
    url_parts(url)
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            trouble = _unfit(connection)
    except psycopg.OperationalError as error:
        raise Unavailable(_cannot_connect(url, str(error))) from error
    if trouble:
        raise Unavailable(trouble)


def _unfit(connection: psycopg.Connection) -> str | None:
    """Why Watchbill cannot work with what *connection* leads to, and how to mend it; None when it can."""
    info = connection.info
    found, encoding = info.server_version // 10000, info.parameter_status("server_encoding")
    if found < LEAST_VERSION:
        return (
            f"The database server is PostgreSQL {found}; Watchbill needs {LEAST_VERSION} or newer. Upgrade it, "
            "or leave WATCHBILL_DATABASE_URL empty to use the embedded server."
        )
    if encoding != "UTF8":
        return (
            f"The database '{info.dbname}' keeps text as {encoding}. Make another one: "
            f"createdb --encoding=UTF8 --template=template0 NAME, and name it in WATCHBILL_DATABASE_URL."
        )
    if "on" in {info.parameter_status("in_hot_standby"), info.parameter_status("default_transaction_read_only")}:
        return (
            f"The database '{info.dbname}' can only be read. Name the server that takes writes in "
            "WATCHBILL_DATABASE_URL, not its copy."
        )
    may_make = connection.execute("SELECT has_schema_privilege(current_schema(), 'CREATE')").fetchone()
    if may_make != (True,):
        return (
            f"The user '{info.user}' may not make tables in the database '{info.dbname}'. Make it the owner: "
            f'ALTER DATABASE "{info.dbname}" OWNER TO "{info.user}"; if that is so already: '
            f'GRANT USAGE, CREATE ON SCHEMA public TO "{info.user}"'
        )
    return None


def _cannot_connect(url: str, reason: str) -> str:
    parts = url_parts(url)
    where = f"{parts.get('host', 'the local socket')}"
    name = parts["dbname"]
    line = reason.strip().splitlines()[0].rsplit("failed: ", 1)[-1].removeprefix("FATAL:").strip()
    if "does not exist" in reason and f'"{name}"' in reason and "role" not in reason:
        return f"The server at {where} has no database '{name}'. Make it: createdb {name} --encoding=UTF8"
    if "password authentication failed" in reason or "no password supplied" in reason:
        return f"The server at {where} refused the user or password of WATCHBILL_DATABASE_URL."
    return f"The database at {where} does not answer: {line}. Check WATCHBILL_DATABASE_URL, and that it is running."


def _embedded_ensure(home: Path, *, durable: bool, say: server.Say) -> None:
    home_prepare(home)
    with _starter(home):
        _register(home)
        if server.ping(home) is not Ping.OK:
            _start_or_wait(home, durable=durable, say=say)
        if not server.is_ours(home):
            raise Unavailable(server.foreign_server(home))
        _make_database(home)


def _start_or_wait(home: Path, *, durable: bool, say: server.Say) -> None:
    """Start the server, unless one is already on its way up."""
    if server.ping(home) is Ping.REJECT or server.process_of(folder_of(home)):
        server.server_wait(home, say=say, why=lambda: server.foreign_server(home))
    else:
        server.server_start(cluster_prepare(home, durable=durable), say=say)


def _make_database(home: Path) -> None:
    with psycopg.connect(embedded_url(home, database="postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone()
        if not found:
            with contextlib.suppress(errors.DuplicateDatabase):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE_NAME)))


@contextlib.contextmanager
def _starter(home: Path) -> Iterator[None]:
    """Hold the lock of those who start or stop the server of *home*, one at a time."""
    handle = os.open(home / "postgresql.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        give_up_at = time.monotonic() + LOCK_LIMIT_S
        while not _try_lock(handle, fcntl.LOCK_EX):
            if time.monotonic() > give_up_at:
                raise Unavailable(f"Another Watchbill has been starting or stopping the database in {home} for long.")
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _register(home: Path) -> None:
    """Become one of the server's users, until this process ends."""
    if home in _in_use:
        return
    handle = os.open(home / "postgresql.users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    _in_use[home] = handle
    atexit.register(_leave, home, os.getpid())


def _leave(home: Path, pid: int) -> None:
    """Stop being a user of the server, and stop it if that was the last one."""
    if pid != os.getpid() or home not in _in_use:
        return
    handle = _in_use.pop(home)
    try:
        if folder_of(home).exists():
            with _starter(home):
                if _try_lock(handle, fcntl.LOCK_EX):
                    server.server_stop(home)
    except (Unavailable, OSError) as error:
        _say(str(error))
    finally:
        os.close(handle)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - a person waits at the terminal
