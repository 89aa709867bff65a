"""From a row of text to a typed row: checked value by value, nothing guessed, nothing of the future read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from itertools import chain, repeat
from string import Formatter
from typing import NamedTuple

from watchbill.engine.base.work import ActorKind
from watchbill.engine.intake.dates import Misread
from watchbill.engine.intake.known import Cell, Known, Refused, Texts, V
from watchbill.engine.intake.moments import STATE_JOINT, Moments
from watchbill.engine.intake.profile import JOINT, Attribute, Choice, Name, Profile

TEXT_LIMIT = 200_000
"""Characters in one value: what a text of an item may hold."""

NAME_LIMIT = 500
"""Characters in the name of a person, team, queue, skill or customer, and in a title."""

_quoted = json.JSONEncoder(ensure_ascii=False).encode

SHOWN = 200


class StagedRow(NamedTuple):
    """One accepted row, each field as the text that PostgreSQL reads; None where nothing was told.

    ``at`` and ``opened_at`` are moved by the shift, ``true_at`` and ``true_opened_at`` are not. A state of None means
    "the one before". ``key`` tells the row from every other row of its item, whatever file it stands in. ``part``: which
    of the moments of one row of the file this is, from 0 on.
    """

    line: str
    part: str
    item: str
    at: str
    true_at: str
    opened_at: str
    true_opened_at: str
    state: str | None
    priority: str
    impact: str | None
    urgency: str | None
    title: str
    category: str
    language: str
    skill: str | None
    queue: str | None
    team: str | None
    owner: str | None
    customer: str | None
    actor: str
    actor_kind: str
    attributes: str
    key: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken. ``is_disproof``: its date shows that the file is written in another format."""

    line: int
    column: str
    value: str
    expected: str
    is_disproof: bool = False


def shown(value: str) -> str:
    """Return *value* as errors show it: cut, and without NUL characters, which no database text may hold."""
    return (value if len(value) <= SHOWN else value[:SHOWN] + "…").replace("\x00", "␀")


def checked(column: str, text: str, *, limit: int) -> str:
    """Return *text*, or raise Refused when no column of the database could hold it."""
    if len(text) > limit:
        raise Refused(column, text, f"at most {limit:,} characters")
    if "\x00" in text:
        raise Refused(column, text, "text without NUL characters")
    return text


class RowReader:
    """Reads the rows of one file by one profile.

    Parameters
    ----------
    profile: how the columns are read.
    header: the file's columns, among them every one that the profile names.
    shift_weeks: whole weeks by which ``at`` and ``opened_at`` are moved.

    Rows are read by the hundred, column by column: a value costs one look-up, because what it means is worked out once
    and remembered.
    """

    def __init__(self, profile: Profile, header: Sequence[str], *, shift_weeks: int = 0) -> None:
        self._profile = profile
        self._place = {column: index for index, column in enumerate(header)}
        self._width = len(header)
        self._shift = timedelta(weeks=shift_weeks)
        self._missing = profile.missing
        self._item = Known(self._item_made)
        self._at_place = self._place[profile.at] if profile.at else 0
        self._at = Known(self._instant_maker(profile.at or ""))
        self._opened = Known(self._instant_maker(profile.opened_at)) if profile.opened_at else None
        self._opened_place = self._place[profile.opened_at] if profile.opened_at else 0
        self._state = self._cell(profile.state_columns, self._state_made)
        self._moments = Moments(profile, header, self._instant_maker, self._state_made) if profile.moments else None
        self._key = self._cell(profile.key, _key_made)
        self._pieces = [Known(_piece_maker(attribute, profile.missing)) for attribute in profile.attributes]
        self._cells = self._field_cells()

    def read(self, line: int, row: Sequence[str]) -> StagedRow | Refusal:
        """Return the typed row that ends at *line* of the file, or why it was not taken."""
        return self.read_many([line], [row])[0]

    def read_many(self, lines: Sequence[int], rows: Sequence[Sequence[str]]) -> list[StagedRow | Refusal]:
        """Return for each of the rows, which end at *lines* of the file, the typed row or why it was not taken.

        All of them at once; where one is refused, each half by itself, so that one bad row in n costs log n as much.
        """
        if not rows:
            return []
        try:
            return list(self._read_columns(lines, rows))
        except (Refused, _Uneven) as error:
            if len(rows) > 1:
                half = len(rows) // 2
                return self.read_many(lines[:half], rows[:half]) + self.read_many(lines[half:], rows[half:])
            return [self._refusal(lines[0], rows[0], error)]

    def _refusal(self, line: int, row: Sequence[str], error: Refused | _Uneven) -> Refusal:
        if isinstance(error, Refused):
            return Refusal(line, error.column, shown(error.value), error.expected, error.is_disproof)
        return Refusal(line, "(row)", f"{len(row)} values", f"{self._width} values, as many as the header has")

    def _read_columns(self, lines: Sequence[int], rows: Sequence[Sequence[str]]) -> Iterable[StagedRow]:
        if {*map(len, rows)} != {self._width}:
            raise _Uneven
        parts: Iterable[str] = repeat("0", len(rows))
        if self._moments is not None:
            steps = [self._moments.of(row) for row in rows]
            lines = [line for line, many in zip(lines, steps, strict=True) for _ in many]
            rows = [row for row, many in zip(rows, steps, strict=True) for _ in many]
            at_pairs, states, are_unowned, keys, parts = zip(*chain.from_iterable(steps), strict=True)
            told = list(zip(*rows, strict=True))
        else:
            told = list(zip(*rows, strict=True))
            at_pairs = tuple(self._at.of(told[self._at_place]))
            states, are_unowned = zip(*self._state.of(told), strict=True)
            keys = tuple(self._key.of(told))
        at, true_at = zip(*at_pairs, strict=True)
        opened_at, true_opened_at = at, true_at
        if self._opened is not None:
            opened = self._opened.of(told[self._opened_place])
            opened_at, true_opened_at = zip(*opened, strict=True)
        found: dict[str, Iterable[str | None]] = {
            "line": map(str, lines), "part": parts, "item": self._item.of(told[self._place[self._profile.reference]]),
            "at": at, "true_at": true_at, "opened_at": opened_at, "true_opened_at": true_opened_at, "state": states,
            "attributes": self._attributes_of(states, told), "key": map("{}|{}".format, true_at, keys),
        }  # fmt: skip
        for field, cell in self._cells.items():
            if isinstance(cell, Cell):
                found[field] = cell.of(told)
            else:
                found[field] = repeat(cell, len(rows))
        if any(are_unowned):
            owners = found["owner"]
            found["owner"] = [
                None if is_unowned else owner for owner, is_unowned in zip(owners, are_unowned, strict=True)
            ]
        return map(StagedRow._make, zip(*(found[field] for field in StagedRow._fields), strict=True))

    def _item_made(self, raw: str) -> str:
        item = raw.strip()
        if not item or item in self._missing:
            raise Refused(self._profile.reference, item, "the reference of an item")
        return checked(self._profile.reference, item, limit=NAME_LIMIT)

    def _cell(self, columns: Sequence[str], make: Callable[[Texts], V]) -> Cell[V]:
        return Cell([self._place[column] for column in columns], make)

    def _field_cells(self) -> dict[str, Cell[str | None] | str | None]:
        """Return for each other field the columns that tell it and what their values mean, or what it always is."""
        return {
            field: self._cell(columns, _or(make, otherwise)) if columns else otherwise
            for field, columns, make, otherwise in self._field_makers()
        }

    def _field_makers(self) -> list[tuple[str, tuple[str, ...], Callable[[Texts], str | None], str | None]]:
        """Return for each field: its name, its columns, what their values mean, and what holds when they say nothing."""
        p = self._profile
        title = p.title_columns
        found: list[tuple[str, tuple[str, ...], Callable[[Texts], str | None], str | None]] = [
            ("title", title, self._title_made, None if title else p.item_title)
        ]
        names: list[tuple[str, Name | None, Callable[[Name], Callable[[Texts], str | None]], str | None]] = [
            ("category", p.category, self._name_maker, ""),
            ("language", p.language, self._name_maker, ""),
            ("skill", p.skill, self._name_maker, None),
            ("queue", p.queue, self._name_maker, p.queue_absent or None),
            ("team", p.team, self._name_maker, None),
            ("owner", p.owner, self._person_maker, None),
            ("customer", p.customer, self._name_maker, None),
            ("actor", p.actor, self._name_maker, "somebody"),
            ("actor_kind", p.actor, self._actor_kind_maker, ActorKind.PERSON.value),
        ]
        for field, name, maker, otherwise in names:
            found.append((field, name.columns if name else (), maker(name) if name else _nothing, otherwise))
        for field, choice in (("priority", p.priority), ("impact", p.impact), ("urgency", p.urgency)):
            if choice is None:
                found.append((field, (), _nothing, None))
            else:
                otherwise = None if choice.columns or choice.otherwise is None else str(choice.otherwise)
                found.append((field, choice.columns, self._choice_maker(choice), otherwise))
        return found

    def _instant_maker(self, column: str) -> Callable[[str], tuple[str, str]]:
        dates, zone = self._profile.dates, self._profile.zone

        def make(raw: str) -> tuple[str, str]:
            try:
                moved, true = dates.read(raw.strip(), zone, shift=self._shift)
            except Misread as misread:
                raise Refused(column, raw, dates.expected, is_disproof=misread.is_disproof) from None
            except OverflowError:
                raise Refused(column, raw, "a date between the years 1 and 9999, also when moved") from None
            text = true.isoformat()
            return (text if moved is true else moved.isoformat()), text

        return make

    def _state_made(self, raw: Texts) -> tuple[str | None, bool]:
        word = STATE_JOINT.join(part.strip() for part in raw)
        if word in self._profile.states_unknown:
            return None, word in self._profile.unowned
        state = self._profile.states.get(word)
        if state is None:
            known = ", ".join([*self._profile.states, *sorted(self._profile.states_unknown)])
            raise Refused(STATE_JOINT.join(self._profile.state_columns), word, f"one of {known}")
        return state.value, word in self._profile.unowned

    def _name_maker(self, name: Name) -> Callable[[Texts], str | None]:
        missing = self._profile.missing | name.missing

        def make(raw: Texts) -> str | None:
            parts = [
                checked(column, " ".join(part.split()), limit=NAME_LIMIT)
                for column, part in zip(name.columns, raw, strict=True)
            ]
            if parts[0] in missing:
                return None
            told = [part for part in (part if part not in missing else name.absent for part in parts) if part]
            return checked(name.columns[0], _folded(JOINT.join(told), name.fold), limit=NAME_LIMIT)

        return make

    def _person_maker(self, name: Name) -> Callable[[Texts], str | None]:
        """A name, unless it is a robot's: robots own nothing."""
        named = self._name_maker(name)
        return lambda raw: None if raw[0].strip() in self._profile.robots else named(raw)

    def _actor_kind_maker(self, _: Name) -> Callable[[Texts], str | None]:
        robots = self._profile.robots
        return lambda raw: (ActorKind.ROBOT if raw[0].strip() in robots else ActorKind.PERSON).value

    def _choice_maker(self, choice: Choice) -> Callable[[Texts], str | None]:
        def make(raw: Texts) -> str | None:
            word = STATE_JOINT.join(part.strip() for part in raw)
            if word in choice.values:
                return str(choice.values[word])
            if choice.otherwise is not None and word in self._missing:
                return str(choice.otherwise)
            raise Refused(STATE_JOINT.join(choice.columns), word, f"one of {', '.join(choice.values)}")

        return make

    def _title_made(self, raw: Texts) -> str:
        told = iter(raw)

        def value(field: str) -> str:
            text = " ".join(next(told).split())
            return field.partition("|")[2] if text in self._missing else text

        parts = Formatter().parse(self._profile.item_title)
        title = "".join(literal + (value(field) if field else "") for literal, field, _, _ in parts)
        return checked(self._profile.title_columns[0], title, limit=NAME_LIMIT)

    def _attributes_of(self, states: Sequence[str | None], told: Sequence[Texts]) -> Iterable[str]:
        """Return the JSON of the attributes of each row."""
        if not self._pieces:
            return repeat("{}", len(states))
        pieces: list[Iterable[str]] = []
        for attribute, known in zip(self._profile.attributes, self._pieces, strict=True):
            column, readable = told[self._place[attribute.column]], attribute.states
            if readable is None:
                pieces.append(known.of(column))
            else:
                pieces.append(
                    [known[text] if state in readable else "" for state, text in zip(states, column, strict=True)]
                )
        return ["{" + "".join(row)[1:] + "}" for row in zip(*pieces, strict=True)]


class _Uneven(ValueError):
    """A row has more or fewer values than the header."""


def _nothing(_: Texts) -> str | None:
    return None


def _or(make: Callable[[Texts], str | None], otherwise: str | None) -> Callable[[Texts], str | None]:
    return make if otherwise is None else lambda raw: make(raw) or otherwise


def _key_made(raw: Texts) -> str:
    if len(raw) == 1 and len(raw[0]) <= 40 and "\x00" not in raw[0]:
        return raw[0]
    return blake2b("\x1f".join(raw).encode(), digest_size=8).hexdigest()


def _folded(text: str, fold: str) -> str:
    if fold == "upper":
        return text.upper()
    return text.lower() if fold == "lower" else text


def _piece_maker(attribute: Attribute, missing: frozenset[str]) -> Callable[[str], str]:
    """Return what makes ``,"name":"value"`` of a value, or nothing where it is missing."""
    head = f",{_quoted(attribute.name)}:"

    def make(text: str) -> str:
        if text in missing:
            return ""
        if attribute.endings:
            kept = next((value for ending, value in attribute.endings if text.endswith(ending)), attribute.otherwise)
        else:
            kept = _folded(checked(attribute.column, text, limit=TEXT_LIMIT), attribute.fold)
        return head + _quoted(kept)

    return make
