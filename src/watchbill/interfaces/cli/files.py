"""Files that people write by hand, in JSON or in TOML; what is wrong with one is said with its line and column."""

from __future__ import annotations

import json
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any


def file_object(file: Any) -> dict[str, Any]:
    """Read the one object that *file* holds: TOML if its name or its first sign says so, else JSON.

    Raises InvalidFacts that names the file, and the place in it when it cannot be read. Dates and times of TOML become
    text.
    """
    from watchbill.engine.base.errors import InvalidFacts

    name, text = Path(file.name).name, file.read()
    is_toml = name.endswith(".toml") or (not name.endswith(".json") and not text.lstrip().startswith(("{", "[{", '"')))
    body = _toml(text, name) if is_toml else _json(text, name)
    if not isinstance(body, dict):
        raise InvalidFacts(f"{name} must hold one object")
    return body


def _json(text: str, name: str) -> Any:
    from watchbill.engine.base.errors import InvalidFacts

    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise InvalidFacts(f"{name} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise InvalidFacts(f"{name} is nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that gives a key twice: the first would be without effect, and nobody would know."""
    from watchbill.engine.base.errors import InvalidFacts

    body = dict(pairs)
    if len(body) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidFacts(f"{twice}: expected each key once, got it {names.count(twice)} times", key=twice)
    return body


def _toml(text: str, name: str) -> Any:
    from watchbill.engine.base.errors import InvalidFacts

    try:
        return _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        said = str(error).replace("(at ", "at ").rstrip(")")
        raise InvalidFacts(f"{name} is not TOML: {said[:1].lower()}{said[1:]}") from None
    except RecursionError:
        raise InvalidFacts(f"{name} is nested too deeply") from None


def _plain(value: Any) -> Any:
    """Return what TOML holds as JSON would: dates and times as text."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | time) else value
