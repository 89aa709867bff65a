"""Plain SQL for reads, as tuples or as rows by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import CharField, Func

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
