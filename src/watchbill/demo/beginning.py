"""The beginning of the story, kept as a database of its own, so that it can be told again within seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, connections
from psycopg import sql

from watchbill.apps.core.listening import listen_settings

SESSIONS = "session_key, session_data, expire_date"
KEYS = (
    "select format('%I.%I', schemaname, sequencename), last_value from pg_sequences"
    " where schemaname = current_schema() and sequencename like '%\\_id\\_seq' and last_value is not null"
)
"""The sequences that tables draw their keys from; references of items are drawn from another, and begin again."""


def _names() -> tuple[str, str, str]:
    """The databases: the one in use, the kept beginning, and the next one to be used."""
    name = str(connection.settings_dict["NAME"])
    return name, f"{name}_beginning", f"{name}_next"


@contextmanager
def _server() -> Iterator[psycopg.Connection[Any]]:
    """A connection to the server that is in none of our databases; our own are let go first."""
    connections.close_all()
    with psycopg.connect(**{**listen_settings(), "dbname": "postgres"}, autocommit=True) as link:
        yield link


def _drop(link: psycopg.Connection[Any], name: str) -> None:
    link.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _copy(link: psycopg.Connection[Any], source: str, target: str) -> None:
    """Copy a database file by file; whoever is still connected to the source is sent away.

    The server's own housekeeping, which has no user, is not ours to send: `create database` does so itself.
    """
    link.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pg_has_role(usesysid, 'usage')",
        [source],
    )
    link.execute(
        sql.SQL("create database {} template {} strategy file_copy").format(
            sql.Identifier(target), sql.Identifier(source)
        )
    )


def beginning_keep() -> None:
    """Keep the database as it is now, swept, and with fresh statistics: what was just filled is planned well from the start."""
    name, kept, _ = _names()
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze)")
    with _server() as link:
        _drop(link, kept)
        _copy(link, name, kept)


def beginning_copy(suffix: str) -> str:
    """Make another database that holds the beginning, named after ours and *suffix*; return its name."""
    name, kept, _ = _names()
    with _server() as link:
        _drop(link, f"{name}_{suffix}")
        _copy(link, kept, f"{name}_{suffix}")
    return f"{name}_{suffix}"


def database_use(name: str) -> None:
    """Let Django use the database *name* of the same server from now on."""
    connections.close_all()
    connection.settings_dict["NAME"] = name


def beginning_is_kept() -> bool:
    """Whether there is a beginning to go back to."""
    _, kept, _ = _names()
    with _server() as link:
        return link.execute("select from pg_database where datname = %s", [kept]).fetchone() is not None


def beginning_restore(*, migrate: Callable[[], int]) -> None:
    """Put the beginning in the place of the database in use; whoever is signed in stays so.

    It may have been kept by an earlier version: *migrate* brings its tables up to date, and then it is kept anew.

    The new database is made beside the old one and then takes its name, so that others miss it for a moment only. Keys
    go on from where they were: processes that run on remember policies by their keys, which must not come twice.
    """
    name, kept, following = _names()
    sessions, keys = _fetch(f"select {SESSIONS} from django_session where expire_date > now()"), _fetch(KEYS)
    with _server() as link:
        _drop(link, following)
        _copy(link, kept, following)
        _drop(link, name)
        link.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(following), sql.Identifier(name)))
    if migrate():
        beginning_keep()
    _write(f"insert into django_session ({SESSIONS}) values (%s, %s, %s) on conflict do nothing", sessions)
    _write("select setval(%s, greatest(%s, nextval(%s)))", [(key, last, key) for key, last in keys])


def beginning_forget(*copies: str) -> None:
    """Drop the kept beginning, and databases that were made from it."""
    _, kept, following = _names()
    with _server() as link:
        for name in (kept, following, *copies):
            _drop(link, name)


def database_empty() -> None:
    """Put an empty database in the place of the one in use."""
    name, _, _ = _names()
    with _server() as link:
        _drop(link, name)
        link.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def _fetch(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def _write(statement: str, rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
