"""A saved answer read back: every field there, of its type, of the form that this version writes."""

from __future__ import annotations

import math
import types
import unicodedata
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from watchbill.engine.backtest.answer import SCHEMA, Answer
from watchbill.engine.base.errors import InvalidFacts

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")
"""Characters that turn the text around them, and those that no document may hold; beside control characters and halves of pairs."""


def answer_from_json(saved: Mapping[str, Any]) -> Answer:
    """Return the answer of a file that `Answer.as_json` wrote. Raises InvalidFacts with what is wrong, and where."""
    schema = saved.get("schema") if isinstance(saved, Mapping) else None
    if schema != SCHEMA:
        said = "no schema" if schema is None else f"the schema {cleaned(str(schema))[:60]!r}"
        raise InvalidFacts(
            f"This file has {said}; this version of Watchbill reads {SCHEMA!r}. Run the backtest again to get such a file"
        )
    body = {name: value for name, value in saved.items() if name != "schema"}
    answer: Answer = _read(Answer, body, "answer")
    return answer


def cleaned(text: str) -> str:
    """Return the text in one line, without what recolours terminals, turns lines around or breaks documents."""
    return "".join(_seen(sign) for sign in text)


def _seen(sign: str) -> str:
    if sign in "\t\n\r":
        return " "
    return "\ufffd" if unicodedata.category(sign) in ("Cc", "Cs") or sign in TURNING else sign


def cleaned_all(value: Any) -> Any:
    """Clean every text of a JSON value, names of its parts included."""
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, Mapping):
        return {cleaned(str(name)): cleaned_all(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned_all(each) for each in value]
    return value


def _read(wanted: Any, value: Any, where: str) -> Any:
    """Return *value* as *wanted*: a dataclass, a tuple, a mapping, a choice or a plain value."""
    if wanted is Any:
        return value
    origin, parts = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in parts:
            return None
        return _read(next(part for part in parts if part is not type(None)), value, where)
    if origin is tuple:
        return _read_tuple(parts, value, where)
    if origin is dict:
        _require(isinstance(value, Mapping), where, "an object", value)
        return {str(name): _read(parts[1], each, f"{where}.{name}") for name, each in value.items()}
    return (_read_fields if is_dataclass(wanted) else _read_plain)(wanted, value, where)


def _read_fields(wanted: Any, value: Any, where: str) -> Any:
    _require(isinstance(value, Mapping), where, "an object", value)
    hints, found = get_type_hints(wanted), {}
    for one in fields(wanted):
        if one.name in value:
            found[one.name] = _read(hints[one.name], value[one.name], f"{where}.{one.name}")
        elif one.default is MISSING and one.default_factory is MISSING:
            raise InvalidFacts(f"{where}.{one.name} is missing in this file")
    return wanted(**found)


def _read_tuple(parts: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    _require(isinstance(value, list | tuple), where, "a list", value)
    if len(parts) == 2 and parts[1] is Ellipsis:
        return tuple(_read(parts[0], each, f"{where}[{place}]") for place, each in enumerate(value))
    _require(len(value) == len(parts), where, f"a list of {len(parts)}", value)
    return tuple(
        _read(part, each, f"{where}[{place}]") for place, (part, each) in enumerate(zip(parts, value, strict=True))
    )


def _read_plain(wanted: type, value: Any, where: str) -> Any:
    if issubclass(wanted, StrEnum):
        _require(value in list(wanted), where, f"one of {', '.join(wanted)}", value)
        return wanted(value)
    if wanted is float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        _require(is_number, where, "a number", value)
        return float(value)
    _require(
        isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool)), where, wanted.__name__, value
    )
    return value


def _require(is_met: bool, where: str, wanted: str, value: Any) -> None:  # noqa: FBT001 - a condition reads best in place
    if not is_met:
        raise InvalidFacts(f"{cleaned(where)} should be {wanted}, and is {cleaned(repr(value))[:60]}")
