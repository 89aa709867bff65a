"""Backups: the whole database into one file while Watchbill runs, and back again wholly or not at all."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

import psycopg

from watchbill.config import programs as tools
from watchbill.config.database import database_ensure
from watchbill.config.env import Env
from watchbill.config.server import Say
from watchbill.config.way import Way, client_way
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound, Unavailable

MAGIC = b"PGDMP"  # how a file in pg_dump's own format begins
# Drops everything in the schema but what belongs to an extension: that is the server's owner's, not ours, and a role
# that owns the database alone may not drop it, nor always the schema.
EMPTY_FIRST = """
    DO $$
    DECLARE statement text;
    BEGIN
        FOR statement IN
            SELECT format(command, quote_ident(nspname) || '.' || name)
            FROM (
                SELECT CASE relkind WHEN 'v' THEN 1 WHEN 'm' THEN 2 WHEN 'S' THEN 4 ELSE 3 END AS place,
                    CASE relkind WHEN 'v' THEN 'DROP VIEW IF EXISTS %s CASCADE'
                        WHEN 'm' THEN 'DROP MATERIALIZED VIEW IF EXISTS %s CASCADE'
                        WHEN 'S' THEN 'DROP SEQUENCE IF EXISTS %s CASCADE'
                        WHEN 'f' THEN 'DROP FOREIGN TABLE IF EXISTS %s CASCADE'
                        ELSE 'DROP TABLE IF EXISTS %s CASCADE' END AS command,
                    quote_ident(relname) AS name, relnamespace AS namespace, oid, 'pg_class'::regclass AS catalog
                FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
                UNION ALL
                SELECT 5, 'DROP ROUTINE IF EXISTS %s CASCADE',
                    quote_ident(proname) || '(' || pg_get_function_identity_arguments(oid) || ')',
                    pronamespace, oid, 'pg_proc'::regclass
                FROM pg_proc
                UNION ALL
                SELECT 6, 'DROP TYPE IF EXISTS %s CASCADE', quote_ident(typname), typnamespace, oid, 'pg_type'::regclass
                FROM pg_type
                WHERE typtype IN ('e', 'd', 'r')
                    OR typrelid IN (SELECT relation.oid FROM pg_class relation WHERE relation.relkind = 'c')
            ) AS object
            JOIN pg_namespace ON pg_namespace.oid = namespace
            WHERE nspname = 'public' AND NOT EXISTS (
                SELECT FROM pg_depend WHERE classid = catalog AND objid = object.oid AND deptype = 'e'
            )
            ORDER BY place
        LOOP
            EXECUTE statement;
        END LOOP;
    END $$;
"""
# Written by newer tools than the server may understand; it limits nothing that we use.
UNKNOWN_TO_OLD_SERVERS = b"SET transaction_timeout = 0;\n"
COMMIT = b"\nCOMMIT;\n"
TABLES = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
"""
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


LEAVING_S = 2.0
"""How long whoever uses the database may take to be gone: the server needs a moment to see that a client has ended."""


def backup_write(settings: Env, file: Path, *, overwrite: bool, say: Say) -> dict[str, object]:
    """Write the database into *file* as it is at this instant; returns file, bytes and tables.

    The file appears whole or not at all, is readable by this user only, and holds no secret key.
    """
    if file.exists() and not overwrite:
        raise Conflict(f"{file} exists. Name another file, or say --overwrite.")
    url = database_ensure(settings, say=say)
    client = _client(url)
    tables = _count(url, TABLES)
    if not tables:
        raise NotFound("The database is empty: there is nothing to back up.")
    draft = file.with_name(f"{file.name}.part")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        command = [client.path("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--exclude-extension=*"]
        with client_way(url) as way:
            done = tools.run(
                [*command, f"--file={draft.absolute()}", f"--dbname={way.server}"],
                timeout_s=24 * 3600,
                environment=way.environment,
            )
        if done.returncode:
            raise Unavailable(f"The backup failed: {_reason(done.stderr)}")
        draft.replace(file)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}. Name a file in a writable folder.") from error
    finally:
        draft.unlink(missing_ok=True)
    return {"file": str(file), "bytes": file.stat().st_size, "tables": tables}


def _others_left(url: str) -> int:
    """Return how many other connections use the database, after a moment for those that are just leaving."""
    give_up_at = time.monotonic() + LEAVING_S
    while (others := _count(url, OTHERS)) and time.monotonic() < give_up_at:
        time.sleep(LEAVING_S / 20)
    return others


def backup_restore(settings: Env, file: Path, *, replace: bool, say: Say) -> dict[str, object]:
    """Fill the database from *file* in one transaction; returns file and tables.

    Raises Conflict when the database holds tables and *replace* is false, or when anybody is connected to it.
    """
    _check_file(file)
    url = database_ensure(settings, say=say)
    client = _client(url)
    if _count(url, TABLES) and not replace:
        raise Conflict(
            "The database is not empty. Write a backup of it first (watchbill backup FILE); "
            "to put the restored one in its place, say --replace."
        )
    if others := _others_left(url):
        raise Conflict(f"{others} connections use the database. Stop Watchbill (and whoever else), then restore.")
    with client_way(url) as way:
        _replay(client, file.absolute(), way)
    return {"file": str(file), "tables": _count(url, TABLES)}


def _check_file(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            start = opened.read(len(MAGIC))
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}.") from error
    if start != MAGIC:
        raise InvalidFacts(f"{file} is not a backup written by watchbill backup (or by pg_dump --format=custom).")


def _client(url: str) -> tools.Programs:
    """The wheel's client programs; raises Unavailable when the server is newer than they are."""
    client = tools.programs_newest()
    with psycopg.connect(url, connect_timeout=10) as connection:
        found = connection.info.server_version // 10000
    if found > client.major:
        raise Unavailable(
            f"The server is PostgreSQL {found}, newer than the tools that Watchbill brings ({client.major}). "
            f"Use that server's own: pg_dump --format=custom, pg_restore."
        )
    return client


def _count(url: str, query: str) -> int:
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def _replay(client: tools.Programs, file: Path, way: Way) -> None:
    """Empty the database and run the backup's statements in it, all in one transaction, which only COMMIT ends.

    psql's own --single-transaction also commits when its input just stops, as it does when this process is killed.
    """
    read = [client.path("pg_restore"), "--file=-", "--no-owner", "--no-privileges", str(file)]
    write = [client.path("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    write += ["--command=BEGIN", f"--command={EMPTY_FIRST}", "--file=-", f"--dbname={way.server}"]
    with tempfile.TemporaryFile() as read_errors, tempfile.TemporaryFile() as write_errors:
        reader = subprocess.Popen(read, stdout=subprocess.PIPE, stderr=read_errors, env=way.environment)
        writer = subprocess.Popen(
            write, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=write_errors, env=way.environment
        )
        is_whole = _pump(reader, writer)
        if reader.wait() or not is_whole:
            writer.kill()  # what it has run so far is not committed
        writer.wait()
        for process, errors in ((reader, read_errors), (writer, write_errors)):
            if process.returncode:
                reason = _reason(_text(errors)) or "the backup is damaged"
                raise Unavailable(f"The restore failed and changed nothing: {reason}")


def _pump(reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes]) -> bool:
    """Hand the statements over, less what old servers do not know; false when either side gave up.

    The writer is told to commit only after the reader has ended well.
    """
    source, target = reader.stdout, writer.stdin
    if source is None or target is None:
        return False
    try:
        for line in source:
            if line == UNKNOWN_TO_OLD_SERVERS:
                break
            target.write(line)
        while block := source.read1(1 << 20):  # type: ignore[attr-defined]
            target.write(block)
        if reader.wait():
            return False
        target.write(COMMIT)
        target.close()
    except BrokenPipeError:
        reader.kill()
        return False
    return True


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _reason(text: str) -> str:
    """The line that says what went wrong."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    spoken = [line for line in lines if "error" in line.lower()]
    return (spoken or lines or [""])[0].removeprefix("pg_dump: ").removeprefix("pg_restore: ")
