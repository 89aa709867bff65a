"""The embedded PostgreSQL server as a process: found, started, waited for, stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
from psycopg.pq import PGconn, Ping

from watchbill.config import programs as tools
from watchbill.config.address import PORT, embedded_url, socket_folder
from watchbill.config.cluster import Cluster, folder_of
from watchbill.engine.base.errors import Unavailable

RECOVERY_LIMIT_S = 900.0  # a long recovery after a crash is work, not a failure
ANSWER_LIMIT_S = 60.0  # a server that lives but says nothing at all
FIRST_WORD_S = 3.0  # how long a new server may take to write its pid file
SAY_EVERY_S = 5.0
STOP_LIMIT_S = 120

# What PostgreSQL writes when it cannot start, and how to mend it.
REASONS = (
    ("No space left on device", "The disk of {home} is full. Free some space and start again."),
    ("Read-only file system", "The data folder {home} is read-only. Name a writable one in WATCHBILL_DATA."),
    ("Permission denied", "PostgreSQL may not use {home} ({line}). Make the folder belong to the user who runs it."),
    (
        "Address already in use",
        "The database's socket in {socket} is in use by something else. Stop it, or name another WATCHBILL_DATA.",
    ),
    (
        "already exists",
        "The database in {home} is in use by something else ({line}). Stop it, or name another WATCHBILL_DATA.",
    ),
    (
        "shared memory",
        "PostgreSQL gets too little memory ({line}). Write shared_buffers = '64MB' into {home}/postgresql.local.conf.",
    ),
    (
        "incompatible with server",
        "The database in {home} was made by another version of PostgreSQL ({line}). Restore a backup instead.",
    ),
)

Say = Callable[[str], None]


def ping(home: Path) -> Ping:
    """Whether a server answers on the socket: OK, REJECT (starting, recovering or stopping) or NO_RESPONSE."""
    return Ping(PGconn.ping(embedded_url(home, database="postgres").encode()))


def process_of(folder: Path) -> psutil.Process | None:
    """The live server that the pid file of *folder* names; None for a stale file, whoever has that number now."""
    process = _named_in(folder / "postmaster.pid")
    return process if process and _works_in(process, folder) is not False else None


def _named_in(file: Path) -> psutil.Process | None:
    """The live PostgreSQL process whose number begins *file*."""
    try:
        process = psutil.Process(int(file.read_text(encoding="utf-8").split()[0]))
        is_server = process.status() != psutil.STATUS_ZOMBIE and process.name().startswith("postgres")
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return process if is_server else None


def _works_in(process: psutil.Process, folder: Path) -> bool | None:
    """Whether *process* works in *folder*, as all of PostgreSQL's processes do; None if that cannot be seen."""
    try:
        return Path(process.cwd()).resolve() == folder.resolve()
    except (psutil.Error, OSError):
        return None


def server_start(cluster: Cluster, *, say: Say) -> None:
    """Start the server of *cluster* and wait until it answers; the caller holds the starter's lock."""
    _clear_stale(cluster, say=say)
    seen = cluster.log.stat().st_size
    command = [cluster.programs.path("pg_ctl"), "start", "--no-wait", "--silent"]
    done = tools.run(
        [*command, f"--pgdata={cluster.folder}", f"--log={cluster.log}"],
        user=cluster.user,
    )
    if done.returncode:
        raise Unavailable(_why(cluster, seen, default=done.stderr.strip()))
    server_wait(cluster.home, say=say, why=lambda: _why(cluster, seen, default="it gave no reason"))


def server_wait(home: Path, *, say: Say, why: Callable[[], str]) -> None:
    """Poll until the server answers; raises Unavailable with *why* when it has gone, or took far too long."""
    began = said = time.monotonic()
    while (answer := ping(home)) is not Ping.OK:
        waited = time.monotonic() - began
        if waited > FIRST_WORD_S and process_of(folder_of(home)) is None and answer is not Ping.REJECT:
            raise Unavailable(why())
        limit = RECOVERY_LIMIT_S if answer is Ping.REJECT else ANSWER_LIMIT_S
        if waited > limit:
            raise Unavailable(
                f"The database has not answered for {waited:.0f} s. It may still be recovering: wait and try again, "
                f"and see {home / 'postgresql.log'}."
            )
        if time.monotonic() - said > SAY_EVERY_S:
            said = time.monotonic()
            say(f"The database is still recovering what was in hand when it was stopped ({waited:.0f} s) ...")
        time.sleep(0.05 if waited < 5 else 0.5)


def _why(cluster: Cluster, seen: int, *, default: str) -> str:
    """The reason why the server did not start, from what it wrote after the first *seen* bytes of its log."""
    with cluster.log.open("rb") as log:
        log.seek(seen)
        lines = log.read().decode("utf-8", "replace").splitlines()
    spoken = [line for line in lines if "FATAL" in line or "PANIC" in line or "could not" in line]
    for line in spoken:
        for mark, sentence in REASONS:
            if mark in line:
                short = line.split(":  ", 1)[-1]
                return sentence.format(home=cluster.home, socket=cluster.socket, line=short)
    last = spoken[-1] if spoken else default
    return f"The database could not be started: {last} (more in {cluster.log})"


def _clear_stale(cluster: Cluster, *, say: Say) -> None:
    """Remove the pid files of a server that is gone, once no process of that server is left.

    PostgreSQL does so by itself, except when the number now belongs to another process of the same user
    (after a restart of the machine), or to a dead one that nobody has collected (in a container).
    """
    _end_orphans(cluster.folder)
    left = cluster.folder / "postmaster.pid"
    if left.exists():
        left.unlink()
        say("The database was not shut down cleanly last time; it recovers by itself now.")
    lock = cluster.socket / f".s.PGSQL.{PORT}.lock"
    if lock.exists() and _named_in(lock) is None:
        lock.unlink()


def _end_orphans(folder: Path) -> None:
    """Wait for what a crashed server left behind, which would write into the folder beside a new one; else end it."""
    orphans = [
        process
        for process in psutil.process_iter(["name"])
        if (process.info["name"] or "").startswith("postgres") and _works_in(process, folder)
    ]
    _, alive = psutil.wait_procs(orphans, timeout=10)
    for process in alive:
        process.terminate()
    _, alive = psutil.wait_procs(alive, timeout=10)
    if alive:
        raise Unavailable(
            f"Processes of a database that crashed still work in {folder} ({', '.join(str(p.pid) for p in alive)}). "
            "End them, then start again."
        )


def server_stop(home: Path) -> bool:
    """Stop the server of *home* cleanly; false when none was running. Raises Unavailable when it does not stop."""
    folder = folder_of(home)
    process = process_of(folder)
    if process is None:
        return False
    programs = tools.programs_all()[int((folder / "PG_VERSION").read_text(encoding="ascii"))]
    user = tools.server_user(folder)
    command = [tools.programs_for(programs, user, store=home).path("pg_ctl"), "stop", "--silent", "--mode=fast"]
    done = tools.run(
        [*command, f"--pgdata={folder}", f"--timeout={STOP_LIMIT_S}"], user=user, timeout_s=STOP_LIMIT_S + 30
    )
    if done.returncode and process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        raise Unavailable(f"The database did not stop: {done.stderr.strip()} (process {process.pid})")
    return True


def is_ours(home: Path) -> bool:
    """Whether the server that answers on our socket works in our folder: it reads us our own pid file."""
    with psycopg.connect(embedded_url(home, database="postgres"), connect_timeout=10) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    try:
        return row == ((folder_of(home) / "postmaster.pid").read_text(encoding="utf-8"),)
    except OSError:
        return False


def foreign_server(home: Path) -> str:
    """The sentence for a server that works on our folder, or our socket, but is not one that we can use."""
    process = process_of(folder_of(home))
    who = f"the PostgreSQL server with process number {process.pid}" if process else "another PostgreSQL server"
    return (
        f"{who[0].upper()}{who[1:]} uses {home}, but does not answer as Watchbill's own in {socket_folder(home)}. "
        "Stop it, or name another data folder in WATCHBILL_DATA."
    )
