"""Plain SQL for reads, as tuples or as rows by name; and what the database's own errors mean to whoever asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import psycopg
from django.db import DatabaseError, DataError, InterfaceError, OperationalError, connection
from django.db.models import CharField, Func

from watchbill.engine.base.errors import Conflict, InvalidFacts, Unavailable, WatchbillError

JSONB = 3802
"""PostgreSQL's number of the type jsonb, which Django hands to plain SQL as text."""


_PADDED = r"regexp_replace(regexp_replace(%(expressions)s, '\d+', '00000000\&', 'g'), '\d*(\d{9})', '\1', 'g')"


class Natural(Func):
    """A name as people order it, its numbers by their size: "Resolver 2" before "Resolver 10"."""

    template = _PADDED
    output_field = CharField()


def natural(column: str) -> str:
    """Return `Natural` of a column, as plain SQL without parameters."""
    return _PADDED % {"expressions": column}


def literals(codes: Iterable[StrEnum]) -> str:
    """Return codes of ours as a list for plain SQL, sorted: 'in_progress', 'new'."""
    return ", ".join(repr(code.value) for code in sorted(codes))


def tuples(sql: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of one statement as they come."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def records(sql: str, values: Mapping[str, Any] | Sequence[Any]) -> list[dict[str, Any]]:
    """Return the rows of one statement by the names of their columns, with what is JSON in them read."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        for name in (column.name for column in cursor.description if column.type_code == JSONB):
            for row in rows:
                if row[name] is not None:
                    row[name] = json.loads(row[name])
        return rows


def meant(error: DatabaseError | InterfaceError) -> WatchbillError | None:
    """Return what an error of the database means to whoever asked; None for one that is a fault of ours."""
    if isinstance(error.__cause__, psycopg.errors.RaiseException) and "desk is closed" in str(error):
        return Conflict("This desk is closed; it takes no new work")
    too_large = isinstance(error, OperationalError) and isinstance(error.__cause__, psycopg.errors.ProgramLimitExceeded)
    if isinstance(error, DataError) or too_large:
        return InvalidFacts("A text holds a NUL character, or a text or a number is too large to be kept")
    if isinstance(error, OperationalError | InterfaceError):
        return Unavailable("The database does not answer at the moment; try again in a few seconds")
    return None
