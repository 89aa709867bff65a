"""What an expression asks an item for: its fields, and the names that they are to hold."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.engine.clocks.expressions import All, Any, Compare, Expression, Flag, Not, OneOf
from watchbill.engine.clocks.fields import TEXTS


def fields_of(expression: Expression) -> Iterator[str]:
    """The fields that an expression looks at."""
    match expression:
        case Not(part):
            yield from fields_of(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from fields_of(part)
        case Flag() | OneOf() | Compare():
            yield expression.field


def names_of(expression: Expression) -> Iterator[tuple[str, str]]:
    """The names that an expression asks for, each with the field that is to hold it: a queue, a team, a customer, ..."""
    match expression:
        case Not(part):
            yield from names_of(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from names_of(part)
        case OneOf(field, shown) if field in TEXTS:
            yield from ((field, word.strip('"')) for word in shown if word != "none")
