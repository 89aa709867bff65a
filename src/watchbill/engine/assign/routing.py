"""Rules of the policy, by condition: what they ask of whoever takes an item, and whom they prefer, added up to its route."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from watchbill.engine.clocks.asking import fields_of
from watchbill.engine.clocks.expressions import Expression, ExpressionFailed
from watchbill.engine.clocks.fields import Values


class Sense(StrEnum):
    """How a demand is meant. What is asked, or never, is a must; what is preferred adds points."""

    ASK = "ask"
    NEVER = "never"
    PREFER = "prefer"


class Sort(StrEnum):
    """What a demand names."""

    TEAM = "team"
    SKILL = "skill"
    LANGUAGE = "language"
    CLEARANCE = "clearance"
    TIER = "tier"
    REGION = "region"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One thing that a rule says about people: any one of *names* is enough.

    level: of a skill, at least. points: what a preference adds.
    """

    sense: Sense
    sort: Sort
    names: tuple[str, ...]
    level: int = 1
    points: float = 0.0

    def __str__(self) -> str:
        listed = [name if re.fullmatch(r"[\w.\-]+", name) else f'"{name}"' for name in self.names]
        names = listed[0] if len(listed) == 1 else f"({', '.join(listed)})"
        what = f"{self.sort} {names}" + (f" at level {self.level}" if self.level > 1 else "")
        if self.sense is Sense.PREFER:
            return f"prefer {what} by {self.points:g}"
        if self.sort is Sort.PERSON:
            return f"{'never' if self.sense is Sense.NEVER else 'only'} {names}"
        return f"hold for {what}" if self.sort is Sort.REGION else f"ask {what}"


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """When an item is like this, then that is asked of people. Written and read as one sentence."""

    when: Expression
    demands: tuple[Demand, ...]

    def __str__(self) -> str:
        return f"when {self.when} then {', '.join(map(str, self.demands))}"

    def holds(self, values: Values) -> bool:
        """Whether the rule is about an item; a number asked of what is none does not hold."""
        try:
            return self.when.holds(values)
        except ExpressionFailed:
            return False


class Claim(NamedTuple):
    """A demand with the keys of what it names on the desk; what the desk does not have stays a name, which nobody has.

    rule: the number of the rule, from 1, for words.
    """

    sense: Sense
    sort: Sort
    keys: tuple[int | str, ...]
    level: int
    points: float
    rule: int


Route = tuple[Claim, ...]
"""All that the rules which hold for an item ask; empty for most."""
Names = Mapping[Sort, Mapping[str, tuple[int | str, ...]]]
"""The keys behind the names of a desk, case-folded: a name may be that of two people."""


def fields_asked(rules: Iterable[RoutingRule]) -> tuple[str, ...]:
    """The fields of an item that the conditions look at, sorted."""
    return tuple(sorted({name for rule in rules for name in fields_of(rule.when)}))


def claims_of(rule: RoutingRule, number: int, names: Names) -> Route:
    """What one rule asks, by key."""
    return tuple(
        Claim(
            each.sense, each.sort, keys_of(each, names), each.level, each.points, number
        )
        for each in rule.demands
    )  # fmt: skip


def keys_of(demand: Demand, names: Names) -> tuple[int | str, ...]:
    """The keys that a demand names; a name that is not known stands for itself."""
    known = names.get(demand.sort, {})
    return tuple(key for name in demand.names for key in known.get(name.casefold(), (name,)))


def route_of(rules: Sequence[RoutingRule], values: Values, names: Names) -> Route:
    """What all rules that hold for an item ask of a person, in the order of the policy. O(rules)."""
    return tuple(
        claim
        for number, rule in enumerate(rules, 1)
        if rule.holds(values)
        for claim in claims_of(rule, number, names)
    )  # fmt: skip
