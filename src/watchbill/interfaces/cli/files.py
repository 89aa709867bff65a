"""Files that people write by hand, in JSON or in TOML; what is wrong with one is said with its line and column."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from typing import Any

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.jsonform import SHOWN, found_in, not_json
from watchbill.engine.base.slips import slips_of, together
from watchbill.interfaces.cli.places import Place, places


class Written(dict[str, Any]):
    """The object that a file holds, with the file's name and text: so that what is wrong with a part is found in it again."""

    def __init__(self, body: dict[str, Any], *, name: str, text: str) -> None:
        super().__init__(body)
        self.name, self.text = name, text


EXPECTED = "expected one object, in JSON or TOML"


def file_object(file: Any) -> Written:
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
    return Written(body, name=name, text=text)


@contextmanager
def slips_placed(body: Written) -> Iterator[None]:
    """Say of everything that is refused inside where it stands in the file, with line and column, in the order of the file."""
    try:
        yield
    except InvalidFacts as error:
        known = places(body.text)
        found = sorted((_placed(slip, body, known) for slip in slips_of(error)), key=lambda one: one[0])
        raise together(slip for _, slip in found) from None


def _placed(error: InvalidFacts, body: Written, known: Mapping[str, Place]) -> tuple[int, InvalidFacts]:
    """Return where a slip stands, and what to say of it; what stands nowhere comes last, as it is."""
    key, at = str(error.details.get("key", "")), error.details.get("at")
    place = known.get(key) or known.get(f"policy.{key}")
    if place is None:
        return len(body.text), error
    is_keyed = place.key_at != place.value_at and not isinstance(at, int)
    start = place.key_at if is_keyed else place.character(at if isinstance(at, int) else 0)
    line, column = body.text.count("\n", 0, start) + 1, start - body.text.rfind("\n", 0, start)
    details = {**error.details, "file": body.name, "line": line, "column": column}
    return start, InvalidFacts(f"{error.message} ({body.name}, line {line}, column {column})", **details)


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
