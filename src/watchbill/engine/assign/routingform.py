"""Reading a rule out of its sentence: `when <condition> then ask team Core, only (Ana, Ben), prefer region EMEA by 10`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from textwrap import shorten
from typing import NamedTuple

from watchbill.engine.assign.routing import Demand, RoutingRule, Sense, Sort
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.jsonform import read_list, read_text
from watchbill.engine.base.slips import Slips
from watchbill.engine.clocks.asking import fields_of
from watchbill.engine.clocks.expressions import parse

MOST_RULES = 200
MOST_NAMES = 100
"""Names in one pair of parentheses."""
HIGHEST_LEVEL = 5
MOST_POINTS = 100.0
BEGINS = 50
"""So much of a rule is said where something is wrong with it."""
OF_EVENTS = frozenset({"event", "actor"})
"""Fields of what happened to an item, not of the item as it stands."""

_ASKED = (Sort.TEAM, Sort.SKILL, Sort.LANGUAGE, Sort.CLEARANCE, Sort.TIER)
_PREFERRED = (Sort.TEAM, Sort.SKILL, Sort.LANGUAGE, Sort.REGION, Sort.PERSON)
_VERBS = ("ask", "only", "never", "prefer", "hold")
_TOKEN = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<word>[\w.\-]+)|(?P<sign>[(),]))')
_THEN = re.compile(r'"[^"]*"|\bthen\b')


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


def read_rules(body: object, key: str, slips: Slips | None = None) -> tuple[RoutingRule, ...]:
    """Read the rules of a policy: a list of sentences. Raises InvalidFacts with key, place and what was expected there.

    Given *slips*, what is wrong with a sentence is kept there, and nothing stands in its place.
    """
    rules = read_list(body, key, _numbered, slips)
    if len(rules) > MOST_RULES:
        raise InvalidFacts(f"{key}: expected at most {MOST_RULES} rules, got {len(rules)}", key=key)
    return rules


def _numbered(text: object, key: str) -> RoutingRule:
    """Read one rule of a list. What is wrong is said of it by its number, from 1, and how it begins."""
    sentence = read_text(text, key)
    try:
        return read_rule(sentence, key)
    except InvalidFacts as error:
        number = int(re.sub(r"\D", "", key.rpartition("[")[2])) + 1
        begins = shorten(sentence, BEGINS, placeholder=" …")
        said = error.message.removeprefix(f"{key}: ")
        raise InvalidFacts(f"rule {number} (“{begins}”): {said}", **{"key": key, **error.details}) from None


def read_rule(text: str, key: str = "rule") -> RoutingRule:
    """Read one sentence. Raises InvalidFacts naming *key*, the character, and what was expected or meant."""
    start = len(text) - len(text.lstrip())
    if not re.match(r"when\b", text[start:]):
        raise _wrong(key, start, text[start:].split(" ", maxsplit=1)[0][:40] or "the end", "“when” and a condition")
    then = next((each for each in _THEN.finditer(text) if each[0] == "then"), None)
    if then is None:
        raise _wrong(key, len(text), "the end", "“then” and what is asked")
    # Blanks stand for what goes before, so that places are those of the sentence.
    when = parse(" " * (start + 4) + text[start + 4 : then.start()], key)
    unfit = sorted(OF_EVENTS.intersection(fields_of(when)))
    if unfit:
        raise InvalidFacts(
            f"{key}: a rule looks at the item as it stands, and “{unfit[0]}” is about what happened to it", key=key
        )
    return RoutingRule(when, _Demands(text, then.end(), key).all())


def _wrong(key: str, at: int, found: str, expected: str) -> InvalidFacts:
    return InvalidFacts(
        f"{key}: at character {at + 1} expected {expected}, got {found!r}", key=key, expected=expected, at=at
    )


class _Demands:
    """What follows “then”: demands with commas between them."""

    def __init__(self, text: str, start: int, key: str) -> None:
        self.text, self.key = text, key
        self.tokens = list(self._read(start))
        self.place = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.place]

    def _read(self, at: int) -> Iterator[_Token]:
        while at < len(self.text.rstrip()):
            match = _TOKEN.match(self.text, at)
            if match is None or match.lastgroup is None:
                start = at + len(self.text[at:]) - len(self.text[at:].lstrip())
                raise _wrong(self.key, start, self.text[start], "a word, a name in double quotes, or one of ( ) ,")
            yield _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
            at = match.end()
        yield _Token("end", "the end", len(self.text))

    def refuse(self, expected: str, known: Sequence[str] = ()) -> InvalidFacts:
        near = get_close_matches(self.here.text, known, n=1)
        hint = f" – did you mean {near[0]}?" if near else ""
        return _wrong(self.key, self.here.at, self.here.text, expected + hint)

    def take(self, *texts: str) -> bool:
        """Step over the present token if it is one of these, not quoted."""
        if self.here.kind in {"word", "sign"} and self.here.text in texts:
            self.place += 1
            return True
        return False

    def word(self, *texts: str) -> str:
        """Step over one of these words. Raises InvalidFacts with the one that is near."""
        if not self.take(*texts):
            raise self.refuse(f"“{texts[0]}”" if len(texts) == 1 else f"one of {', '.join(texts)}", texts)
        return self.tokens[self.place - 1].text

    def all(self) -> tuple[Demand, ...]:
        found = [self.demand()]
        while self.take(",", "and"):
            found.append(self.demand())
        if self.here.kind != "end":
            raise self.refuse("“,” and what more is asked, or the end")
        return tuple(found)

    def demand(self) -> Demand:
        match self.word(*_VERBS):
            case "ask":
                sort = Sort(self.word(*_ASKED))
                return Demand(sense=Sense.ASK, sort=sort, names=self.names(sort), level=self.level(sort))
            case "hold":
                self.word("for")
                self.word("region")
                return Demand(sense=Sense.ASK, sort=Sort.REGION, names=self.names(Sort.REGION))
            case "prefer":
                sort = Sort(self.word(*_PREFERRED))
                names, level = self.names(sort), self.level(sort)
                self.word("by")
                return Demand(sense=Sense.PREFER, sort=sort, names=names, level=level, points=self.points())
            case "never":
                return Demand(sense=Sense.NEVER, sort=Sort.PERSON, names=self.names(Sort.PERSON))
            case _:
                return Demand(sense=Sense.ASK, sort=Sort.PERSON, names=self.names(Sort.PERSON))

    def names(self, sort: Sort) -> tuple[str, ...]:
        if not self.take("("):
            return (self.name(sort),)
        found = [self.name(sort)]
        while self.take(","):
            found.append(self.name(sort))
        if not self.take(")"):
            raise self.refuse("“,” or “)”")
        if len(found) > MOST_NAMES:
            raise self.refuse(f"at most {MOST_NAMES} names")
        return tuple(dict.fromkeys(found))

    def name(self, sort: Sort) -> str:
        token = self.here
        if token.kind not in {"word", "quoted"} or not token.text.strip():
            raise self.refuse(f"the name of a {sort}, in double quotes if it has blanks")
        self.place += 1
        return token.text

    def level(self, sort: Sort) -> int:
        """`at level 3`; 1 when nothing is said."""
        if sort is not Sort.SKILL or not self.take("at"):
            return 1
        self.word("level")
        if not (self.here.kind == "word" and re.fullmatch(rf"[1-{HIGHEST_LEVEL}]", self.here.text)):
            raise self.refuse(f"a level from 1 to {HIGHEST_LEVEL}")
        self.place += 1
        return int(self.tokens[self.place - 1].text)

    def points(self) -> float:
        if not (self.here.kind == "word" and re.fullmatch(r"\d{1,3}(\.\d{1,2})?", self.here.text)):
            raise self.refuse(f"points above 0, at most {MOST_POINTS:g}")
        found = float(self.here.text)
        if not 0 < found <= MOST_POINTS:
            raise self.refuse(f"points above 0, at most {MOST_POINTS:g}")
        self.place += 1
        return found
