"""The small language of conditions: `event is reply and actor is person`, `state in (waiting_customer, waiting_vendor)`.

Grammar: docs/algorithms/clocks.md, "Conditions are sentences". An expression looks at the item as it stands after an
event, and at that event; nothing else.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import NamedTuple

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.clocks.fields import ATTRIBUTE, FIELDS, FLAGS, STATE_GROUPS, WORDS, Value, Values

_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_KEYWORDS = frozenset({"and", "or", "not", "is", "in", "none", "always", "never"})
_TOKEN = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<word>[\w.\-]+)|(?P<sign><=|>=|!=|[<>=(),]))')
LONGEST = 2_000
"""Characters of one expression."""
DEEPEST = 40
"""How far parentheses and `not` may be nested."""


class ExpressionFailed(InvalidFacts):
    """An expression that cannot be answered for an item: it compares as a number what is none."""


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Fixed:
    """`always` or `never`."""

    is_true: bool

    def holds(self, _: Values) -> bool:
        return self.is_true

    def may_hold(self, _: Values) -> bool | None:
        return self.is_true

    def __str__(self) -> str:
        return "always" if self.is_true else "never"


@dataclass(frozen=True, slots=True)
class Flag:
    """`owned`, `sensitive`: true or not."""

    field: str

    def holds(self, values: Values) -> bool:
        return bool(values.get(self.field))

    def may_hold(self, values: Values) -> bool | None:
        return bool(values[self.field]) if self.field in values else None

    def __str__(self) -> str:
        return self.field


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field holds one of these; None among them: it holds nothing. Texts are compared without regard to case."""

    field: str
    shown: tuple[str, ...]
    values: frozenset[Value]

    def holds(self, values: Values) -> bool:
        value = values.get(self.field)
        return (value.casefold() if type(value) is str else _plain(value)) in self.values

    def may_hold(self, values: Values) -> bool | None:
        return self.holds(values) if self.field in values else None

    def __str__(self) -> str:
        return (
            f"{self.field} is {self.shown[0]}" if len(self.shown) == 1 else f"{self.field} in ({', '.join(self.shown)})"
        )


@dataclass(frozen=True, slots=True)
class Compare:
    """A field's number is below or above another. Fails where it holds nothing, or no number."""

    field: str
    order: str
    number: float

    def holds(self, values: Values) -> bool:
        value = values.get(self.field)
        found = _number(value)
        if found is None:
            raise ExpressionFailed(
                f"“{self}” needs a number, and {self.field} is {'empty' if value is None else repr(value)}",
                field=self.field, value=value,
            )  # fmt: skip
        return _ORDERS[self.order](found, self.number)

    def may_hold(self, values: Values) -> bool | None:
        return self.holds(values) if self.field in values else None

    def __str__(self) -> str:
        return f"{self.field} {self.order} {_plain(self.number)}"


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression

    def holds(self, values: Values) -> bool:
        return not self.part.holds(values)

    def may_hold(self, values: Values) -> bool | None:
        told = self.part.may_hold(values)
        return None if told is None else not told

    def __str__(self) -> str:
        return f"not {_bracketed(self.part, Any, All)}"


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Expression, ...]

    def holds(self, values: Values) -> bool:
        return all(part.holds(values) for part in self.parts)

    def may_hold(self, values: Values) -> bool | None:
        told = [part.may_hold(values) for part in self.parts]
        return False if False in told else None if None in told else True

    def __str__(self) -> str:
        return " and ".join(_bracketed(part, Any) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple[Expression, ...]

    def holds(self, values: Values) -> bool:
        return any(part.holds(values) for part in self.parts)

    def may_hold(self, values: Values) -> bool | None:
        told = [part.may_hold(values) for part in self.parts]
        return True if True in told else None if None in told else False

    def __str__(self) -> str:
        return " or ".join(str(part) for part in self.parts)


Expression = Fixed | Flag | OneOf | Compare | Not | All | Any
ALWAYS, NEVER = Fixed(True), Fixed(False)


def parse(text: str, key: str = "condition") -> Expression:
    """Read an expression. Raises InvalidFacts naming *key*, the place in the text, and what was expected there."""
    if len(text) > LONGEST:
        raise InvalidFacts(f"{key}: expected at most {LONGEST:,} characters, got {len(text):,}", key=key)
    parser = _Parser(text, key)
    found = parser.alternatives(0)
    if parser.here.kind != "end":
        raise parser.refuse("“and”, “or” or the end")
    if len(str(found)) > LONGEST:
        raise InvalidFacts(
            f"{key}: expected at most {LONGEST:,} characters once spaced, got {len(str(found)):,}", key=key
        )
    return found


def one_of(field: str, words: Iterable[str]) -> OneOf:
    """A field holds one of *words*, as `parse` would read them."""
    shown = tuple(words)
    found: set[Value] = set()
    for word in shown:
        found |= {state.value for state in STATE_GROUPS[word]} if field == "state" and word in STATE_GROUPS else {
            word.casefold()
        }  # fmt: skip
    return OneOf(field, shown, frozenset(found))


def any_of(parts: Iterable[Expression]) -> Expression:
    """Return one expression that holds when any of *parts* does; of none: never."""
    listed = tuple(parts)
    return listed[0] if len(listed) == 1 else Any(listed) if listed else NEVER


def reason(expression: Expression, values: Values) -> str:
    """Return in words why *expression* holds: the first of its alternatives that does."""
    if isinstance(expression, Any):
        return next((reason(part, values) for part in expression.parts if part.holds(values)), str(expression))
    return str(expression)


def _bracketed(part: Expression, *kinds: type[object]) -> str:
    return f"({part})" if isinstance(part, kinds) else str(part)


def _plain(value: Value) -> str | None:
    """A value as it would be written, with all its digits."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0").replace("e+", "e")
    return value if value is None else str(value).casefold()


def _number(value: Value) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


def _flat(kind: type[All | Any], parts: Sequence[Expression]) -> Expression:
    """One part as it is; several without those of the same kind inside, as they would be written."""
    if len(parts) == 1:
        return parts[0]
    return kind(tuple(inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))))


class _Parser:
    """Recursive descent: alternatives > claims joined by and > not > claim."""

    def __init__(self, text: str, key: str) -> None:
        self.text, self.key = text, key
        self.tokens = list(self._read())
        self.place = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.place]

    def _read(self) -> Iterator[_Token]:
        at = 0
        while at < len(self.text.rstrip()):
            match = _TOKEN.match(self.text, at)
            if match is None or match.lastgroup is None:
                start = len(self.text) - len(self.text[at:].lstrip())
                raise self._wrong(start, self.text[start], "a word, a text in double quotes, or one of ( ) , < > =")
            kind, text = match.lastgroup, match[match.lastgroup]
            yield _Token("key" if kind == "word" and text in _KEYWORDS else kind, text, match.start(match.lastgroup))
            at = match.end()
        yield _Token("end", "the end", len(self.text))

    def _wrong(self, at: int, found: str, expected: str) -> InvalidFacts:
        return InvalidFacts(
            f"{self.key}: at character {at + 1} expected {expected}, got {found!r}",
            key=self.key, expected=expected, at=at,
        )  # fmt: skip

    def refuse(self, expected: str) -> InvalidFacts:
        return self._wrong(self.here.at, self.here.text, expected)

    def step(self) -> _Token:
        """The present token, and on to the next."""
        self.place += 1
        return self.tokens[self.place - 1]

    def take(self, kind: str, *texts: str) -> bool:
        """Step over the present token if it is this."""
        if self.here.kind == kind and self.here.text in texts:
            self.place += 1
            return True
        return False

    def alternatives(self, depth: int) -> Expression:
        parts = [self.joined(depth)]
        while self.take("key", "or"):
            parts.append(self.joined(depth))
        return _flat(Any, parts)

    def joined(self, depth: int) -> Expression:
        parts = [self.claim(depth)]
        while self.take("key", "and"):
            parts.append(self.claim(depth))
        return _flat(All, parts)

    def claim(self, depth: int) -> Expression:
        if depth > DEEPEST:
            raise self.refuse(f"no more than {DEEPEST} levels")
        if self.take("key", "not"):
            return Not(self.claim(depth + 1))
        if self.take("key", "always"):
            return ALWAYS
        if self.take("key", "never"):
            return NEVER
        if self.take("sign", "("):
            inner = self.alternatives(depth + 1)
            if not self.take("sign", ")"):
                raise self.refuse("“)”")
            return inner
        return self.about(self.field(), depth)

    def field(self) -> str:
        token = self.here
        is_attribute = token.text.startswith(ATTRIBUTE) and token.text != ATTRIBUTE
        if token.kind == "word" and (token.text in FIELDS or is_attribute):
            self.place += 1
            return token.text
        raise self.refuse(f"a field ({', '.join(FIELDS)}, {ATTRIBUTE}…){_hint(token.text, FIELDS)}")

    def about(self, field: str, depth: int) -> Expression:
        """What is said about a field."""
        if field in FLAGS:
            return Flag(field)
        if self.here.text in _ORDERS and field.startswith(ATTRIBUTE):
            return Compare(field, self.step().text, self.number())
        is_not = self.here.text == "!="
        if is_not or self.here.text == "=" or self.here[:2] == ("key", "is"):
            self.step()
            is_not = is_not or self.take("key", "not")
            claim = self.one(field, [self.value(field)])
        else:
            is_not = self.take("key", "not")
            if not self.take("key", "in"):
                orders = " or < <= > >=" if field.startswith(ATTRIBUTE) else ""
                raise self.refuse(f"“is”, “is not”, “in”, “not in”{orders}")
            claim = self.among(field)
        if is_not and depth >= DEEPEST:  # it is written as “not …”, one level deeper
            raise self.refuse(f"no more than {DEEPEST} levels")
        return Not(claim) if is_not else claim

    def among(self, field: str) -> OneOf:
        if not self.take("sign", "("):
            raise self.refuse("“(” and a list, such as (new, in_progress)")
        words = [self.value(field)]
        while self.take("sign", ","):
            words.append(self.value(field))
        if not self.take("sign", ")"):
            raise self.refuse("“,” or “)”")
        return self.one(field, words)

    def one(self, field: str, words: list[str | None]) -> OneOf:
        named = one_of(field, (word for word in words if word is not None))
        if None not in words:
            return OneOf(field, tuple(map(_quoted, named.shown)), named.values)
        return OneOf(field, (*map(_quoted, named.shown), "none"), named.values | {None, ""})

    def value(self, field: str) -> str | None:
        token = self.here
        if token == ("key", "none", token.at) and field not in WORDS:
            self.place += 1
            return None
        if token.kind not in {"word", "quoted"}:
            raise self.refuse(f"what {field} is")
        known = (*WORDS.get(field, ()), *(STATE_GROUPS if field == "state" else ()))
        word = token.text.upper() if field == "priority" else token.text
        if known and word not in known:
            raise self.refuse(f"one of {', '.join(known)}{_hint(word, known)}")
        self.place += 1
        return word

    def number(self) -> float:
        found = _number(self.here.text)
        if found is None:
            raise self.refuse("a number")
        self.place += 1
        return found


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w.\-]+", word) and word not in _KEYWORDS else f'"{word}"'


def _hint(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f" – did you mean {close[0]}?" if close else ""
