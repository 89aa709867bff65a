"""Rules that leave nobody: one by itself, or two that can hold for the same item, each with an example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from watchbill.engine.assign.claims import admits, meets
from watchbill.engine.assign.facts import PersonFacts
from watchbill.engine.assign.routing import (
    Claim,
    Demand,
    Names,
    RoutingRule,
    Sense,
    Sort,
    claims_of,
    fields_asked,
)
from watchbill.engine.assign.words import name_of
from watchbill.engine.base.work import ACTIONABLE
from watchbill.engine.clocks.asking import leaves_of
from watchbill.engine.clocks.expressions import Compare, Expression, ExpressionFailed, OneOf
from watchbill.engine.clocks.fields import CLOSED, FLAGS, WORDS, Value, Values

MOST_STEPS = 20_000
"""Examples tried for one pair of rules; conditions that people write need some hundred."""
SHOWN = 3
"""People who are named in a sentence."""
OTHER = "something else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Two rules (numbers from 1) that can hold together and leave nobody; the same number twice for one against itself."""

    first: int
    second: int
    example: Values
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A demand of a rule that nobody fulfils."""

    rule: int
    sentence: str


def clashes(rules: Sequence[RoutingRule], people: Sequence[PersonFacts], names: Names) -> list[Clash]:
    """Find rules that leave nobody of the active *people*, though each demand, or each rule, leaves somebody.

    Whether two conditions can hold at once is decided exactly: by trying, for each field that they look at, the values that
    they tell apart. O(pairs of rules without anybody in common x values tried, at most MOST_STEPS a pair).
    """
    staff = [person for person in people if person.is_active]
    claims = [claims_of(rule, number, names) for number, rule in enumerate(rules, 1)]
    left = [frozenset(person.id for person in staff if admits(each, person)) for each in claims]
    called = {person.id: name_of(person) for person in staff}
    found = []
    for at, rule in enumerate(rules):
        if not staff or any(not _fulfilled(claim, staff) for claim in claims[at]):
            continue  # a gap, or a desk without people: not a contradiction
        if not left[at]:
            example = can_hold_together([rule])
            if example is not None:
                said = f"rule {at + 1} contradicts itself: nobody is all that it asks, as for {example_words(example)}"
                found.append(Clash(first=at + 1, second=at + 1, example=example, sentence=said))
            continue
        for other in range(at):
            if not left[other] or left[at] & left[other]:
                continue
            example = can_hold_together([rules[other], rule])
            if example is not None:
                sides = [f"rule {n + 1} leaves {_listed([called[p] for p in sorted(left[n])])}" for n in (other, at)]
                said = (
                    f"rule {at + 1} contradicts rule {other + 1}: both hold for {example_words(example)}, and then nobody"
                    f" may take it ({' and '.join(sides)})"
                )
                found.append(Clash(first=other + 1, second=at + 1, example=example, sentence=said))
    return found


def gaps(rules: Sequence[RoutingRule], people: Sequence[PersonFacts], names: Names) -> list[Gap]:
    """Find demands that no active person fulfils; for a skill it is said who comes nearest."""
    staff = [person for person in people if person.is_active]
    return [
        Gap(rule=number, sentence=f"rule {number}: “{demand}” leaves nobody{_nearest(claim, staff)}")
        for number, rule in enumerate(rules, 1)
        for demand, claim in zip(rule.demands, claims_of(rule, number, names), strict=True)
        if not _fulfilled(claim, staff)
    ]


def unknown(rules: Sequence[RoutingRule], names: Names) -> Iterator[tuple[int, Demand, str]]:
    """The names in demands that the desk does not have: place of the rule, demand and name. Only where names are kept."""
    for at, rule in enumerate(rules):
        for demand in rule.demands:
            for name in demand.names:
                if demand.sort in names and name.casefold() not in names[demand.sort]:
                    yield at, demand, name


def _fulfilled(claim: Claim, staff: Sequence[PersonFacts]) -> bool:
    """Whether anybody is left by a must; a preference leaves everybody."""
    return claim.sense is Sense.PREFER or any(meets(claim, one) is (claim.sense is Sense.ASK) for one in staff)


def _nearest(claim: Claim, staff: Sequence[PersonFacts]) -> str:
    if claim.sort is not Sort.SKILL:
        return ""
    levels = {
        one.id: max((level for skill, level in one.skills.items() if skill in claim.keys), default=0) for one in staff
    }
    able = sorted((one for one in staff if levels[one.id]), key=lambda one: (-levels[one.id], one.id))
    named = [f"{name_of(one)} (level {levels[one.id]})" for one in able]
    return f"; nearest: {_listed(named)}" if named else "; nobody has that skill at all"


def _listed(named: Sequence[str]) -> str:
    more = len(named) - SHOWN
    return ", ".join(named[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def example_words(example: Values) -> str:
    """An item in words: “an item with priority P1, category network”."""
    said = [
        name if value is True else f"not {name}" if value is False else f"{name} {'none' if value is None else value}"
        for name, value in example.items()
    ]
    return f"an item with {', '.join(said)}" if said else "any item"


# -- can conditions hold together? --------------------------------------------------------------------------------------


def can_hold_together(rules: Sequence[RoutingRule]) -> Values | None:
    """An item for which all the rules hold; None when there is none (or none was found within MOST_STEPS)."""
    return _tried(rules)[0]


def never_hold(rules: Sequence[RoutingRule]) -> list[str]:
    """The rules that hold for no item whatever, as sentences; of one that takes more than MOST_STEPS nothing is said."""
    tried = ((number, *_tried([rule])) for number, rule in enumerate(rules, 1))
    return [
        f"rule {number} can never hold: no item is as its condition asks, so it is without effect"
        for number, example, steps in tried
        if example is None and steps <= MOST_STEPS
    ]


def _tried(rules: Sequence[RoutingRule]) -> tuple[Values | None, int]:
    """An item for which all the rules hold, if one was found, and the steps that it took."""
    domains = {name: _values_of(name, [rule.when for rule in rules]) for name in fields_asked(rules)}
    steps = [0]

    def search(values: dict[str, Value], fields: Sequence[str]) -> Values | None:
        steps[0] += 1
        if steps[0] > MOST_STEPS or any(_is_out(rule.when, values) for rule in rules):
            return None
        if not fields:
            return values if all(rule.holds(values) for rule in rules) else None
        for value in domains[fields[0]]:
            found = search({**values, fields[0]: value}, fields[1:])
            if found is not None:
                return found
        return None

    return search({}, list(domains)), steps[0]


def _is_out(when: Expression, values: Values) -> bool:
    """Whether a condition cannot hold any more, whatever the other fields are."""
    try:
        return when.may_hold(values) is False
    except ExpressionFailed:
        return False  # decided when all fields are there


def _values_of(field: str, conditions: Sequence[Expression]) -> list[Value]:
    """The values of a field that the conditions can tell apart, those that they name first."""
    if field in FLAGS:
        return [True, False]
    if field == "state":
        return [*sorted(state.value for state in ACTIONABLE)]
    if field in WORDS or field in CLOSED:
        return [*WORDS.get(field, ()), *CLOSED.get(field, ())]
    leaves = [leaf for condition in conditions for leaf in leaves_of(condition) if leaf.field == field]
    named: dict[Value, None] = {}
    for leaf in leaves:
        if isinstance(leaf, OneOf):
            named |= dict.fromkeys(word.strip('"') for word in leaf.shown if word != "none")
    limits = sorted({leaf.number for leaf in leaves if isinstance(leaf, Compare)})
    numbers: list[Value] = []
    if limits:
        between = [(low + high) / 2 for low, high in pairwise(limits)]
        numbers = [*limits, *between, limits[0] - 1, limits[-1] + 1]
    return [*named, *numbers, OTHER, None]
