"""A profile: how the columns of one kind of file are read. Its form as TOML is in docs/reference/profiles.md."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from watchbill.engine.base.calendar import zone_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.jsonform import read_choice, read_list, read_object, read_text, read_whole, refuse
from watchbill.engine.base.work import STATES_OF, Kind, State
from watchbill.engine.intake.dates import DateFormat
from watchbill.engine.intake.promise import PromiseSaid, read_promise

JOINT = " · "
"""What stands between the parts of a name that is made of several columns."""

FOLDS = ("upper", "lower")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name made of one or more columns, for example of a person: first name and country.

    ``missing``: further markers that mean "not told" in these columns; ``absent``: what stands in for a missing part
    (none: the name is missing when its first part is); ``fold``: write every value in one case.
    """

    columns: tuple[str, ...]
    missing: frozenset[str] = frozenset()
    absent: str = ""
    fold: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A column of which each value is looked up in a table; ``otherwise`` is for a missing value (None: refused)."""

    columns: tuple[str, ...]
    values: Mapping[str, int]
    otherwise: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A column that is kept with the item under a name of its own.

    ``states``: where the column holds its *final* value on every row, the states in which it may be read; None
    otherwise. ``endings``: keep not the value but what its ending stands for (``otherwise`` when none fits).
    """

    name: str
    column: str
    states: frozenset[State] | None = None
    endings: tuple[tuple[str, str], ...] = ()
    otherwise: str = ""
    fold: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one kind of file is read. Every column that is named must be in the file's header; others are not read.

    With ``moments`` a row tells of a whole item: each of them is a state and the column with the instant at which the item
    entered it, and ``at``, if it is named, the instant at which it stood as the state's columns say. Without them a row is
    one update, and ``at`` its instant. ``promise`` is what a backtest judges by; an import does not look at it.

    Raises InvalidFacts, from `from_toml`, naming the key that makes no sense and what was expected.
    """

    name: str
    title: str
    kind: Kind
    source: str
    delimiter: str
    encoding: str
    missing: frozenset[str]
    zone: ZoneInfo
    dates: DateFormat
    multiline: frozenset[str]
    sheet: str
    reference: str
    at: str | None
    opened_at: str | None
    moments: tuple[tuple[State, str], ...]
    key: tuple[str, ...]
    item_title: str
    state_columns: tuple[str, ...]
    states: Mapping[str, State]
    states_unknown: frozenset[str]
    unowned: frozenset[str]
    category: Name | None
    skill: Name | None
    language: Name | None
    queue: Name | None
    queue_absent: str
    team: Name | None
    owner: Name | None
    customer: Name | None
    actor: Name | None
    robots: frozenset[str]
    priority: Choice
    impact: Choice | None
    urgency: Choice | None
    attributes: tuple[Attribute, ...]
    promise: PromiseSaid | None = None

    @property
    def title_columns(self) -> tuple[str, ...]:
        """The columns that the title is made of, in order."""
        return tuple(name.split("|")[0] for _, name, _, _ in string.Formatter().parse(self.item_title) if name)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, each once."""
        names = [self.category, self.skill, self.language, self.queue, self.team, self.owner, self.customer, self.actor]
        choices = [self.priority, self.impact, self.urgency]
        wanted = [self.reference, *filter(None, (self.at, self.opened_at)), *self.key]
        wanted += [*(column for _, column in self.moments), *self.title_columns, *self.state_columns]
        for part in (*names, *choices):
            wanted += part.columns if part else ()
        wanted += [attribute.column for attribute in self.attributes]
        return tuple(dict.fromkeys(wanted))

    @property
    def attributes_later(self) -> tuple[str, ...]:
        """The attributes that nobody knows of a new item, because their column holds a value of the future."""
        return tuple(each.name for each in self.attributes if each.states is not None and State.NEW not in each.states)

    @classmethod
    def from_toml(cls, body: Mapping[str, object]) -> Profile:
        """Read a profile from the tables of a TOML file."""
        top = read_object(body, "", keys=_TOP_KEYS)
        item = read_object(_of(top, "item"), "item", keys=("reference", "at", "opened_at", "key", "title"))
        moments = _moments(top["moments"], _kind(top)) if "moments" in top else ()
        is_short = bool(moments) and "at" not in item and "state" not in top
        state = read_object(
            {} if is_short else _of(top, "state"), "state", keys=("columns", "map", "unknown", "unowned")
        )
        fields = read_object(top.get("fields", {}), "fields", keys=_FIELDS)
        levels = read_object(top.get("levels", {}), "levels", keys=("priority", "impact", "urgency"))
        actor = read_object(top.get("actor", {}), "actor", keys=("columns", "missing", "absent", "fold", "robots"))
        kind = _kind(top)
        names = {name: _name(fields[name], f"fields.{name}") for name in fields if name != "queue_absent"}
        priority = _choice(_of(levels, "priority", "levels."), "levels.priority", top=4)
        profile = cls(
            name=read_text(_of(top, "name"), "name"),
            title=read_text(_of(top, "title"), "title"),
            kind=kind,
            source=read_text(_of(top, "source"), "source"),
            delimiter=_delimiter(top.get("delimiter", ",")),
            encoding=read_text(top.get("encoding", "utf-8"), "encoding"),
            missing=frozenset(read_list(top.get("missing", [""]), "missing", _any_text)),
            zone=zone_of(read_text(_of(top, "zone"), "zone")),
            dates=DateFormat.parse(read_text(_of(top, "dates"), "dates")),
            multiline=frozenset(read_list(top.get("multiline", []), "multiline", read_text)),
            sheet=_any_text(top.get("sheet", ""), "sheet"),
            reference=read_text(_of(item, "reference", "item."), "item.reference"),
            at=read_text(_of(item, "at", "item."), "item.at") if "at" in item or not moments else None,
            opened_at=read_text(_of(item, "opened_at", "item."), "item.opened_at")
            if "opened_at" in item or moments
            else None,
            moments=moments,
            key=() if moments else _some(item.get("key"), "item.key"),
            item_title=_template(_of(item, "title", "item.")),
            state_columns=() if is_short else _some(state.get("columns"), "state.columns"),
            states={} if is_short else _states(state.get("map"), kind),
            states_unknown=frozenset(read_list(state.get("unknown", []), "state.unknown", read_text)),
            unowned=frozenset(read_list(state.get("unowned", []), "state.unowned", read_text)),
            category=names.get("category"),
            skill=names.get("skill"),
            language=names.get("language"),
            queue=names.get("queue"),
            queue_absent=_any_text(fields.get("queue_absent", ""), "fields.queue_absent"),
            team=names.get("team"),
            owner=names.get("owner"),
            customer=names.get("customer"),
            actor=_name({key: actor[key] for key in actor if key != "robots"}, "actor") if actor else None,
            robots=frozenset(read_list(actor.get("robots", []), "actor.robots", read_text)),
            priority=priority or Choice(columns=(), values={}, otherwise=3),
            impact=_choice(levels.get("impact"), "levels.impact", top=3),
            urgency=_choice(levels.get("urgency"), "levels.urgency", top=3),
            attributes=_attributes(top.get("attributes", {})),
            promise=read_promise(top["promise"]) if "promise" in top else None,
        )
        if profile.dates.has_offset and "zone" not in top:
            raise refuse("zone", None, "the zone in which people read these dates")
        return profile


_TOP_KEYS = (
    "name", "title", "kind", "source", "delimiter", "encoding", "missing", "zone", "dates", "multiline", "sheet", "item",
    "moments", "state", "fields", "levels", "actor", "attributes", "promise",
)  # fmt: skip
_FIELDS = ("category", "skill", "language", "queue", "queue_absent", "team", "owner", "customer")


def _of(table: Mapping[str, object], key: str, path: str = "") -> object:
    if key not in table:
        raise InvalidFacts(f"The profile lacks “{path}{key}”", key=f"{path}{key}")
    return table[key]


def _kind(top: Mapping[str, object]) -> Kind:
    return read_choice(_of(top, "kind"), "kind", Kind)


def _moments(body: object, kind: Kind) -> tuple[tuple[State, str], ...]:
    """Read which column says when the item entered which state, in the order of a life."""
    table = read_object(body, "moments", keys=[state.value for state in STATES_OF[kind] if state is not State.NEW])
    if not table:
        raise refuse("moments", body, "a table of state = column")
    return tuple((state, read_text(table[state.value], f"moments.{state}")) for state in State if state.value in table)


def _any_text(body: object, key: str) -> str:
    if not isinstance(body, str):
        raise refuse(key, body, "a text")
    return body


def _some(body: object, key: str) -> tuple[str, ...]:
    names = read_list(body, key, read_text)
    if not names:
        raise refuse(key, body, "at least one column")
    return names


def _delimiter(body: object) -> str:
    if not isinstance(body, str) or len(body) != 1:
        raise refuse("delimiter", body, "one character")
    return body


def _fold(body: object, key: str) -> str:
    if body not in ("", *FOLDS):
        raise refuse(key, body, f"one of {', '.join(FOLDS)}")
    return str(body)


def _name(body: object, key: str) -> Name:
    if isinstance(body, str):
        return Name(columns=(read_text(body, key),))
    table = read_object(body, key, keys=("columns", "missing", "absent", "fold"))
    return Name(
        columns=_some(table.get("columns"), f"{key}.columns"),
        missing=frozenset(read_list(table.get("missing", []), f"{key}.missing", _any_text)),
        absent=_any_text(table.get("absent", ""), f"{key}.absent"),
        fold=_fold(table.get("fold", ""), f"{key}.fold"),
    )


def _choice(body: object, key: str, *, top: int) -> Choice | None:
    if body is None:
        return None
    table = read_object(body, key, keys=("columns", "values", "otherwise"))
    otherwise = table.get("otherwise")
    values = table.get("values", {})
    if not isinstance(values, Mapping):
        raise refuse(f"{key}.values", values, "a table of value = number")
    return Choice(
        columns=read_list(table.get("columns", []), f"{key}.columns", read_text),
        values={str(word): read_whole(values[word], f"{key}.values.{word}", low=1, high=top) for word in values},
        otherwise=None if otherwise is None else read_whole(otherwise, f"{key}.otherwise", low=1, high=top),
    )


def _states(body: object, kind: Kind) -> dict[str, State]:
    if not isinstance(body, Mapping) or not body:
        raise refuse("state.map", body, "a table of value = state")
    states = {str(word): read_choice(body[word], f"state.map.{word}", State) for word in body}
    for word, state in states.items():
        if state not in STATES_OF[kind]:
            raise refuse(f"state.map.{word}", state.value, f"a state of a {kind.value}")
    return states


def _template(body: object) -> str:
    text = read_text(body, "item.title")
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise refuse("item.title", text, f"a text with {{column}} or {{column|stand-in}} ({error})") from None
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise refuse("item.title", text, "a text with {column} or {column|stand-in} and nothing else in braces")
    return text


def _attributes(body: object) -> tuple[Attribute, ...]:
    if not isinstance(body, Mapping):
        raise refuse("attributes", body, "a table of name = column")
    return tuple(_attribute(str(name), body[name]) for name in body)


def _attribute(name: str, body: object) -> Attribute:
    key = f"attributes.{name}"
    if isinstance(body, str):
        return Attribute(name=name, column=read_text(body, key))
    table = read_object(body, key, keys=("column", "states", "endings", "otherwise", "fold"))
    endings = table.get("endings", {})
    if not isinstance(endings, Mapping):
        raise refuse(f"{key}.endings", endings, "a table of ending = value")
    states = None
    if "states" in table:
        states = frozenset(
            read_list(table["states"], f"{key}.states", lambda value, path: read_choice(value, path, State))
        )
    return Attribute(
        name=name,
        column=read_text(table.get("column"), f"{key}.column"),
        states=states,
        endings=tuple(sorted(((str(e), str(endings[e])) for e in endings), key=lambda pair: -len(pair[0]))),
        otherwise=_any_text(table.get("otherwise", ""), f"{key}.otherwise"),
        fold=_fold(table.get("fold", ""), f"{key}.fold"),
    )
