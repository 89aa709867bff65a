"""Reading a JSON body: every refusal names the key, the value that is there, and what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from json import JSONDecodeError
from typing import TypeVar

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.slips import MOST_SLIPS, Slips

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

SHOWN = 20
"""Characters that are shown of what was found in place of something else."""


def refuse(key: str, value: object, expected: str, *, meant: object = None) -> InvalidFacts:
    """The error to raise when *value* under *key* is not what was *expected*; *meant*: what it nearly is."""
    shown = repr(value)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    hint = "" if meant is None else f" – did you mean {meant}?"
    return InvalidFacts(f"{key}: expected {expected}, got {shown}{hint}", key=key, expected=expected)


def near(value: object, known: Iterable[str]) -> str | None:
    """The one of *known* that *value* nearly is."""
    close = get_close_matches(str(value).casefold(), list(known), n=1)
    return close[0] if close else None


def not_json(what: str, error: JSONDecodeError) -> str:
    """Say why *what* is not JSON: what was expected, what was found, and where."""
    said = f"{error.msg[:1].lower()}{error.msg[1:]}".replace("expecting", "expected")
    found = found_in(error.doc[error.pos :])
    return f"{what} is not JSON: {said}, found {found} at line {error.lineno}, column {error.colno}"


def found_in(rest: str) -> str:
    """Show what stands at a place, from which on the text is *rest*: the word, or the sign."""
    if not rest:
        return "the end of the file"
    word = re.match(r"[\w.\-]+|.", rest)
    return f"“{word[0][:SHOWN]}”" if word else "the end of the line"


def read_object(body: object, key: str, *, keys: Collection[str]) -> Mapping[str, object]:
    """*body* as an object that has no keys but *keys* (a misspelt key would otherwise be silently without effect)."""
    slips = Slips()
    found = read_parts(body, key, keys=keys, slips=slips)
    slips.end()
    return found


def read_parts(body: object, key: str, *, keys: Collection[str], slips: Slips) -> Mapping[str, object]:
    """*body* as an object whose parts can be read, whatever else it has: every key but *keys* is one of *slips*."""
    if not isinstance(body, Mapping):
        raise refuse(key, body, "an object")
    expected = f"one of the keys {', '.join(sorted(keys))}"
    for name in body:
        if name not in keys and len(slips.found) < MOST_SLIPS:
            slips.found.append(refuse(f"{key}.{name}" if key else str(name), name, expected, meant=near(name, keys)))
    return body


def read_list(body: object, key: str, read: Callable[[object, str], T], slips: Slips | None = None) -> tuple[T, ...]:
    """*body* as a list of which each element is read by *read*; what is wrong with several is told together.

    Given *slips*, it is kept there, and such elements are nothing.
    """
    if not isinstance(body, list | tuple):
        raise refuse(key, body, "a list")
    outer, slips, found = slips, slips or Slips(), list[T]()
    for index, value in enumerate(body):
        found.append(slips.of(read, value, f"{key}[{index}]"))
        if len(slips.found) >= MOST_SLIPS:
            break
    if outer is None:
        slips.end()
    return tuple(found)


def read_text(body: object, key: str) -> str:
    """*body* as text that is not empty."""
    if not isinstance(body, str) or not body.strip():
        raise refuse(key, body, "a text")
    return body


def read_one(body: object, key: str, known: Collection[str]) -> str:
    """*body* as one of the *known* words."""
    if not isinstance(body, str) or body not in known:
        raise refuse(key, body, f"one of {', '.join(known)}", meant=near(body, known))
    return body


def read_whole(body: object, key: str, *, low: int, high: int) -> int:
    """*body* as a whole number from *low* to *high*."""
    if isinstance(body, bool) or not isinstance(body, int) or not low <= body <= high:
        raise refuse(key, body, f"a whole number from {low:,} to {high:,}")
    return body


def read_choice(body: object, key: str, choices: type[E]) -> E:
    """*body* as one of the words of *choices*."""
    try:
        return choices(body)  # type: ignore[arg-type]
    except ValueError:
        raise refuse(key, body, f"one of {', '.join(choices)}", meant=near(body, choices)) from None
