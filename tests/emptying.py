"""The database after a test whose rows others could see: the tables that it filled are emptied, and only those.

Django empties all of them and then makes each kind of thing and each permission anew, which takes longer than most of the tests.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from django.db import OperationalError, connection, transaction
from django.test import TransactionTestCase
from psycopg.errors import DeadlockDetected

KEPT = {"django_content_type", "auth_permission"}
"""What Django puts back by itself after it has emptied them: the same rows."""
PATIENCE = timedelta(seconds=30)
"""How long a request is waited for."""
TRIES = 5
"""A request may want a table that we hold while we wait for its own; then one of the two is stopped, perhaps ours."""


def installation_ensure() -> None:
    """Put the installation's one row back, with a new key, where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into core_installation (id, name, clock_is_moved, rate, seal_key)"
            " values (1, 'Watchbill', false, 1, sha256(uuid_send(gen_random_uuid()))) on conflict do nothing"
        )


def tables_empty(_case: TransactionTestCase) -> None:
    """Empty what is not empty, in one statement: of few rows each is sooner deleted than its file is made anew.

    A request of the test may still write: it is waited for, and what it writes goes too.
    """
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                _empty()
        except OperationalError as error:
            if not left or not isinstance(error.__cause__, DeadlockDetected):
                raise
        else:
            break
    installation_ensure()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set local lock_timeout = {round(PATIENCE / timedelta(milliseconds=1))}")
        names = ", ".join(connection.ops.quote_name(name) for name in _tables())
        cursor.execute(f"lock table {names} in share row exclusive mode")
        cursor.execute(_which_are_filled())
        filled = [connection.ops.quote_name(name) for (name,) in cursor.fetchall()]
        if filled and connection.connection.info.parameter_status("is_superuser") == "on":
            deletes = "; ".join(f"delete from {name}" for name in filled)
            # A replica asks neither triggers nor foreign keys.
            cursor.execute(f"set local session_replication_role = replica; {deletes}")
        elif filled:
            cursor.execute(f"truncate {', '.join(filled)} cascade")


@cache
def _tables() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted({*names} - KEPT)


@cache
def _which_are_filled() -> str:
    return " union all ".join(
        f"select '{name}' where exists (select from {connection.ops.quote_name(name)})" for name in _tables()
    )
