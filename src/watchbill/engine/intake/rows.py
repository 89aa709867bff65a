"""From a row of text to a typed row: checked value by value, nothing guessed, nothing of the future read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from operator import getitem, itemgetter
from string import Formatter
from typing import Any, Generic, NamedTuple, TypeVar

from watchbill.engine.base.work import ActorKind, State
from watchbill.engine.intake.dates import Misread
from watchbill.engine.intake.profile import JOINT, Attribute, Choice, Name, Profile

TEXT_LIMIT = 200_000
"""Characters in one value: what a text of an item may hold."""

NAME_LIMIT = 500
"""Characters in the name of a person, team, queue, skill or customer, and in a title."""

CACHE_LIMIT = 30_000
"""Distinct values remembered per column; then it starts anew, so that memory stays flat."""

STATE_JOINT = "/"
SHOWN = 200

V = TypeVar("V")
Texts = tuple[str, ...]


class StagedRow(NamedTuple):
    """One accepted row, each field as the text that PostgreSQL reads; None where nothing was told.

    ``at`` and ``opened_at`` are moved by the shift, ``true_at`` and ``true_opened_at`` are not. A state of None means
    "the one before". ``key`` tells the row from every other row of its item, whatever file it stands in.
    """

    line: str
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


class Refused(ValueError):
    """A value does not fit its column."""

    def __init__(self, column: str, value: str, expected: str, *, is_disproof: bool = False) -> None:
        super().__init__(column)
        self.column, self.value, self.expected, self.is_disproof = column, value, expected, is_disproof


class _Known(dict[str, V], Generic[V]):
    """Remembers what a function returned for the values of a column; a value that is refused is asked anew."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[str], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, raw: str) -> V:
        made = self._make(raw)
        if len(self) >= CACHE_LIMIT:
            self.clear()
        self[raw] = made
        return made


class _KnownTogether(dict[Texts, V], Generic[V]):
    """The same for the values of several columns."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[Texts], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, raw: Texts) -> V:
        made = self._make(raw)
        if len(self) >= CACHE_LIMIT:
            self.clear()
        self[raw] = made
        return made


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

    A row costs one look-up per field: what a value means is worked out once and remembered.
    """

    def __init__(self, profile: Profile, header: Sequence[str], *, shift_weeks: int = 0) -> None:
        self._profile = profile
        self._place = {column: index for index, column in enumerate(header)}
        self._width = len(header)
        self._shift = timedelta(weeks=shift_weeks)
        self._item_at = self._place[profile.reference]
        self._missing = profile.missing
        self._at = _Known(self._instant_maker(profile.at))
        self._at_place = self._place[profile.at]
        self._opened = _Known(self._instant_maker(profile.opened_at)) if profile.opened_at else None
        self._opened_place = self._place[profile.opened_at] if profile.opened_at else 0
        self._state, self._state_of = self._cell(profile.state_columns, self._state_made)
        self._key, self._key_of = self._cell(profile.key, _key_made)
        self._pieces = {state: self._attribute_cells(state) for state in (None, *State)}
        self._last_attributes: tuple[object, Sequence[str], str] = (None, (), "{}")
        self._attribute_values = _texts_of([self._place[attribute.column] for attribute in profile.attributes])
        self._arrange_cells()

    def read(self, line: int, row: Sequence[str]) -> StagedRow | Refusal:
        """Return the typed row that ends at *line* of the file, or why it was not taken."""
        if len(row) != self._width:
            return Refusal(line, "(row)", f"{len(row)} values", f"{self._width} values, as many as the header has")
        try:
            return self._read(line, row)
        except Refused as refused:
            return Refusal(line, refused.column, shown(refused.value), refused.expected, refused.is_disproof)

    def _read(self, line: int, row: Sequence[str]) -> StagedRow:
        item = row[self._item_at].strip()
        if not item or item in self._missing:
            raise Refused(self._profile.reference, item, "the reference of an item")
        if len(item) > NAME_LIMIT or "\x00" in item:
            checked(self._profile.reference, item, limit=NAME_LIMIT)
        at, true_at = instants = self._at[row[self._at_place]]
        if self._opened is not None:
            instants = self._opened[row[self._opened_place]]
        state, is_unowned = self._state[self._state_of(row)]
        known = (
            str(line), item, at, true_at, *instants, state, self._attributes(state, row),
            f"{true_at}|{self._key[self._key_of(row)]}", *self._fixed, *map(getitem, self._single, self._singles_of(row)),
            *[known[values_of(row)] for known, values_of in self._several],
        )  # fmt: skip
        fields = StagedRow._make(self._arranged(known))
        return fields._replace(owner=None) if is_unowned else fields

    def _cell(self, columns: Sequence[str], make: Callable[[Texts], V]) -> tuple[Any, Callable[[Sequence[str]], Any]]:
        places = [self._place[column] for column in columns]
        if len(places) == 1:
            return _Known(_single(make)), itemgetter(*places)
        return _KnownTogether(make), itemgetter(*places)

    def _arrange_cells(self) -> None:
        """Sort the other fields by where they come from: fixed, told by one column, or by several together.

        One call then takes all single values out of a row, and one more puts everything into the order of `StagedRow`.
        """
        fixed: dict[str, str | None] = {}
        single: dict[str, tuple[int, _Known[str | None]]] = {}
        several: dict[str, tuple[Any, Callable[[Sequence[str]], Any]]] = {}
        for field, columns, make, otherwise in self._field_makers():
            if not columns:
                fixed[field] = otherwise
            elif len(columns) == 1:
                single[field] = (self._place[columns[0]], _Known(_single(_or(make, otherwise))))
            else:
                several[field] = self._cell(columns, _or(make, otherwise))
        self._fixed = tuple(fixed.values())
        self._single = [known for _, known in single.values()]
        self._singles_of = _texts_of([place for place, _ in single.values()])
        self._several = list(several.values())
        order = [*_DIRECT, *fixed, *single, *several]
        self._arranged = itemgetter(*(order.index(field) for field in StagedRow._fields))

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
            parts = [" ".join(part.split()) for part in raw]
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

    def _attribute_cells(self, state: State | None) -> list[_Known[str]]:
        """Return for each attribute what a value becomes in the item's JSON when it stands in *state*."""
        return [
            _Known(
                _piece_maker(attribute, self._missing)
                if attribute.states is None or state in attribute.states
                else lambda _: ""
            )
            for attribute in self._profile.attributes
        ]

    def _attributes(self, state: str | None, row: Sequence[str]) -> str:
        """Return the JSON of the attributes; rows that follow each other mostly have the same ones."""
        values = self._attribute_values(row)
        last_state, last_values, text = self._last_attributes
        if values != last_values or state != last_state:
            pieces = self._pieces[state]
            text = "{" + ",".join(filter(None, map(getitem, pieces, values))) + "}"
            self._last_attributes = (state, values, text)
        return text


_DIRECT = ("line", "item", "at", "true_at", "opened_at", "true_opened_at", "state", "attributes", "key")
"""Fields that `_read` makes one by one."""


def _nothing(_: Texts) -> str | None:
    return None


def _single(make: Callable[[Texts], V]) -> Callable[[str], V]:
    return lambda raw: make((raw,))


def _or(make: Callable[[Texts], str | None], otherwise: str | None) -> Callable[[Texts], str | None]:
    return make if otherwise is None else lambda raw: make(raw) or otherwise


def _texts_of(places: Sequence[int]) -> Callable[[Sequence[str]], Texts]:
    """Return what takes the values at *places* out of a row, as a tuple of any length."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


def _key_made(raw: Texts) -> str:
    if len(raw) == 1 and len(raw[0]) <= 40 and "\x00" not in raw[0]:
        return raw[0]
    return blake2b("\x1f".join(raw).encode(), digest_size=8).hexdigest()


def _folded(text: str, fold: str) -> str:
    if fold == "upper":
        return text.upper()
    return text.lower() if fold == "lower" else text


def _piece_maker(attribute: Attribute, missing: frozenset[str]) -> Callable[[str], str]:
    """Return what makes ``"name":"value"`` of a value, or nothing of a missing one."""
    head = json.dumps(attribute.name) + ":"

    def make(text: str) -> str:
        if text in missing:
            return ""
        if attribute.endings:
            kept = next((value for ending, value in attribute.endings if text.endswith(ending)), attribute.otherwise)
        else:
            kept = _folded(checked(attribute.column, text, limit=TEXT_LIMIT), attribute.fold)
        return head + json.dumps(kept, ensure_ascii=False)

    return make
