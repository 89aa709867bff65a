"""Files that people write by hand, in JSON or in TOML; what is wrong with one is said with its line and column."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.jsonform import SHOWN, found_in, not_json

EXPECTED = "expected one object, in JSON or TOML"


def file_object(file: Any) -> dict[str, Any]:
    """Read the one object that *file* holds: TOML if its name or its first sign says so, else JSON.

    Raises InvalidFacts that names the file; of one that cannot be read, the place in it, what was found there and what
    was expected. Dates and times of TOML become text.
    """
    name, text = Path(file.name).name, _text(file)
    if not text.strip():
        raise InvalidFacts(f"{name} is empty: {EXPECTED}")
    looks_json = text.lstrip().startswith(("{", "[{", '"'))
    is_toml = name.endswith(".toml") or (not name.endswith(".json") and not looks_json)
    read, other, kind = (_toml, _json, "JSON") if is_toml else (_json, _toml, "TOML")
    try:
        body = read(text, name)
    except InvalidFacts as error:
        if not _reads(other, text):
            raise
        raise InvalidFacts(f"{error.message}. It is {kind}: call it {Path(name).stem}.{kind.lower()}") from None
    except RecursionError:
        raise InvalidFacts(f"{name} is nested too deeply") from None
    if not isinstance(body, dict):
        raise InvalidFacts(f"{name} must hold one object, and holds {json.dumps(body, default=str)[:SHOWN]}")
    return body


def _text(file: Any) -> str:
    """Return what is in *file*. Raises InvalidFacts for what is no text in UTF-8."""
    name = Path(file.name).name
    try:
        text: str = file.read()
    except UnicodeDecodeError as error:
        before: bytes = error.object[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        raise InvalidFacts(
            f"{name} is no text in UTF-8: byte {error.object[error.start]:#04x} at line {line}, column {column}; {EXPECTED}"
        ) from None
    if "\x00" in text:
        raise InvalidFacts(f"{name} is no text: it holds a NUL; {EXPECTED}")
    return text.removeprefix("\ufeff")


def _reads(read: Callable[[str, str], Any], text: str) -> bool:
    """Say whether *text* can be read in the other way, as an object."""
    try:
        return isinstance(read(text, ""), dict)
    except (InvalidFacts, RecursionError):
        return False


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise InvalidFacts(not_json(name, error)) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that gives a key twice: the first would be without effect, and nobody would know."""
    body = dict(pairs)
    if len(body) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidFacts(f"{twice}: expected each key once, got it {names.count(twice)} times", key=twice)
    return body


def _toml(text: str, name: str) -> Any:
    try:
        return _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        said, _, place = str(error).partition(" (at ")
        at = re.fullmatch(r"line (\d+), column (\d+)\)", place)
        lines = text.split("\n")
        line, column = (int(at[1]), int(at[2])) if at else (len(lines), len(lines[-1]) + 1)
        found = found_in("\n".join(lines[line - 1 :])[column - 1 :])
        raise InvalidFacts(
            f"{name} is not TOML: {said[:1].lower()}{said[1:]}, found {found} at line {line}, column {column}"
        ) from None


def _plain(value: Any) -> Any:
    """Return what TOML holds as JSON would: dates and times as text."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | time) else value
