"""Lists of whole numbers go to the database as bigint[], whatever their size: as the keys that they are compared with."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.adapt import PyFormat
from psycopg.types.array import ListDumper
from psycopg.types.numeric import Int8

BIGINTS = 1016
"""PostgreSQL's number of the type bigint[]."""
LARGEST = 2**63


class KeysDumper(ListDumper):
    """Lists as psycopg sends them, but of whole numbers always as bigint[].

    By itself it takes the smallest type that holds them. For “bigint = any(smallint[])” PostgreSQL makes no hash table, so
    that each row is compared with each number; and a statement is planned anew for each of the types.
    """

    def _find_list_element(self, numbers: list[Any], format: PyFormat) -> Any:  # noqa: A002 - psycopg's own name
        found = super()._find_list_element(numbers, format)
        return Int8(found) if type(found) is int and found < LARGEST else found

    def dump(self, obj: list[Any]) -> Any:
        if self.oid == BIGINTS and all(type(one) is int for one in obj):
            return f"{{{','.join(map(str, obj))}}}".encode()
        return super().dump(obj)


def keys_register() -> None:
    """Let all connections that are made from now on send lists so."""
    psycopg.adapters.register_dumper(list, KeysDumper)
