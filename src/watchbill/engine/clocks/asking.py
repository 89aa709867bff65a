"""What an expression asks an item for: its fields, and the names that they are to hold."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.engine.clocks.expressions import All, Any, Compare, Expression, Flag, Not, OneOf
from watchbill.engine.clocks.fields import TEXTS


def leaves_of(expression: Expression) -> Iterator[Flag | OneOf | Compare]:
    """The parts of an expression that look at one field each."""
    match expression:
        case Not(part):
            yield from leaves_of(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves_of(part)
        case Flag() | OneOf() | Compare():
            yield expression


def fields_of(expression: Expression) -> Iterator[str]:
    """The fields that an expression looks at."""
    return (leaf.field for leaf in leaves_of(expression))


def names_of(expression: Expression) -> Iterator[tuple[str, str]]:
    """The names that an expression asks for, each with the field that is to hold it: a queue, a team, a customer, ..."""
    for leaf in leaves_of(expression):
        if isinstance(leaf, OneOf) and leaf.field in TEXTS:
            yield from ((leaf.field, word.strip('"')) for word in leaf.shown if word != "none")
