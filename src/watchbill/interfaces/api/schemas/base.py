"""What the shapes of several resources share: texts and numbers with their limits, and the body of a write."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

Text = Annotated[str, StringConstraints(max_length=200_000)]
Short = Annotated[str, StringConstraints(max_length=500)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=50)]


def _rank(value: object) -> object:
    """A priority as people write it, P2, as its number; anything else as it is."""
    text = value.strip().upper() if isinstance(value, str) else ""
    return int(text[1:]) if text in {"P1", "P2", "P3", "P4"} else value


_NUMBER, _WORD = {"type": "integer", "minimum": 1, "maximum": 4}, {"type": "string", "enum": ["P1", "P2", "P3", "P4"]}
OneToFour = Annotated[
    int, BeforeValidator(_rank), Field(ge=1, le=4), WithJsonSchema({"anyOf": [_NUMBER, _WORD]}, mode="validation")
]
"""A priority: 2, or P2. Answers have the number."""
OneToThree = Annotated[int, Field(ge=1, le=3)]
OneToFive = Annotated[int, Field(ge=1, le=5)]
Limit = Annotated[int, Field(ge=1, le=200, description="How many rows at most")]
Clearances = Annotated[list[Short], Field(max_length=50)]
Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="The version you saw; another writer makes it a conflict")
]
Seen = Annotated[int, Field(ge=0, le=2**31 - 1, description="The version you saw (0: the first is yet to come)")]
Place = Annotated[str, StringConstraints(max_length=100)]


class In(Schema):
    """A body: a key that is not known is refused, so that a misspelt one is not silently without effect."""

    model_config = ConfigDict(extra="forbid")
