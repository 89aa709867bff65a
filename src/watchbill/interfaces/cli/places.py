"""Where the keys and values of a JSON or TOML text stand, for whoever says what is wrong with one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\ufeff]+|\#[^\n]*)|(?P<line>\n)|(?P<sign>[\[\]{},=:])"""
    r'''|(?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')|(?P<word>[^\s\[\]{},=:"'#]+)''',
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\.|.", re.DOTALL)
_NAME = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|[^."\'\s]+')


class Place(NamedTuple):
    """Where a key begins, and its value; the value as it is written."""

    key_at: int
    value_at: int
    written: str

    def character(self, at: int) -> int:
        """Return where a character of a text stands that is the value, escapes counted."""
        quote = re.match(r'"""\n?|\'\'\'\n?|["\']?', self.written)
        start = quote.end() if quote else 0
        signs = [found.start() for found in _ESCAPED.finditer(self.written, start)] if self.written[:1] == '"' else ()
        return self.value_at + (signs[at] if at < len(signs) else start + at)


def places(text: str) -> Mapping[str, Place]:
    """Return where each key of a text stands that was read before, by its path: ``rules[2]``, ``tier_factors.gold``."""
    return _Walk(text).found


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


class _Walk:
    """One walk over the signs of a text. JSON is taken as TOML on one line, with a colon for the sign of equality."""

    def __init__(self, text: str) -> None:
        self.found: dict[str, Place] = {}
        self.counts: dict[str, int] = {}
        self.text = text
        kinds = [(str(one.lastgroup), one[0], one.start()) for one in _TOKEN.finditer(text)]
        self.tokens = [_Token(*one) for one in kinds if one[0] != "blank"] + [_Token("end", "", len(text))]
        self.place = 0
        self.lines("")

    @property
    def here(self) -> _Token:
        return self.tokens[self.place]

    def blank_lines(self) -> None:
        while self.here.kind == "line":
            self.place += 1

    def lines(self, table: str) -> None:
        """Read pairs, and the heads of tables, to the end; a JSON text is one object."""
        self.blank_lines()
        while self.here.kind != "end":
            if self.here.text == "[":
                table = self.head()
            elif self.here.text == "{":
                self.value("")
            else:
                self.pair(table)
            self.blank_lines()

    def head(self) -> str:
        """Read the head of a table, ``[a.b]`` or ``[[a]]``, and return its path."""
        at, is_list = self.here.at, self.tokens[self.place + 1].text == "["
        while self.here.kind not in {"line", "end"}:
            self.place += 1
        path = _path(self.text[at : self.here.at].partition("#")[0].strip("[] \t\r"))
        if is_list:
            self.counts[path] = self.counts.get(path, -1) + 1
            path = f"{path}[{self.counts[path]}]"
        self.found.setdefault(path, Place(at, at, ""))
        return path

    def pair(self, table: str) -> None:
        """Read a key, which may have points, and its value."""
        at, signs = self.here.at, {"=", ":"}
        while self.here.text not in signs and self.here.kind not in {"line", "end"}:
            self.place += 1
        key = _path(self.text[at : self.here.at])
        self.place += 1
        self.value(f"{table}.{key}" if table else key, at)

    def value(self, path: str, key_at: int | None = None) -> None:
        """Read a value with all that it holds."""
        self.blank_lines()
        start = self.here
        if start.text in {"[", "{"}:
            self.place += 1
            self.parts(path, is_list=start.text == "[")
        else:
            while self.here.kind not in {"line", "end"} and self.here.text not in {",", "]", "}"}:
                self.place += 1
        end = self.tokens[self.place - 1]
        if path:
            written = self.text[start.at : end.at + len(end.text)]
            self.found.setdefault(path, Place(start.at if key_at is None else key_at, start.at, written))

    def parts(self, path: str, *, is_list: bool) -> None:
        """Read what stands between brackets, the closing one included."""
        number = 0
        self.blank_lines()
        while self.here.kind != "end" and self.here.text not in {"]", "}"}:
            if self.here.text == ",":
                self.place, number = self.place + 1, number + 1
            elif is_list:
                self.value(f"{path}[{number}]")
            else:
                self.pair(path)
            self.blank_lines()
        self.place += 1


def _path(written: str) -> str:
    """Return a key as it is named in errors: without quotes, its parts with points between them."""
    return ".".join(name.strip("\"'") for name in _NAME.findall(written))
