"""Names that the conditions of a draft ask for and its desk does not have: a slip, as a rule, and so a finding."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches

from watchbill.apps.customers.queries import customer_names
from watchbill.apps.people.teams import team_places
from watchbill.apps.work.queues import queues_of
from watchbill.apps.work.readthrough import categories_lately, categories_of
from watchbill.engine.clocks import ClockPolicy
from watchbill.engine.clocks.asking import names_of
from watchbill.engine.clocks.expressions import Expression
from watchbill.engine.clocks.replay import Finding

MOST = 10_000
"""Names of one sort that are looked at for the one that is near."""

LATEST = 10_000
"""Items of a desk whose categories are looked at first."""

KNOWN: Mapping[str, Callable[[int, list[str]], Iterable[str]]] = {
    "queue": lambda desk_id, _: queues_of(desk_id).values(),
    "team": lambda desk_id, _: [team.name for team in team_places(desk_id).values()],
    "category": lambda desk_id, asked: categories_of(desk_id, first=asked, limit=MOST),
    "customer": lambda desk_id, asked: customer_names(desk_id, first=asked, limit=MOST),
}
"""Fields of which the desk knows the names, and where."""


def names_unknown(desk_id: int, draft: ClockPolicy, *, items: int) -> list[Finding]:
    """Return a finding for each name that a condition asks for and the desk does not have; one statement a field asked for."""
    asked = [
        (clock.name, condition) for clock in draft.clocks for condition in (clock.when, *clock.conditions.values())
    ]
    return [Finding(f"no {field} {name}", items, said) for field, name, said in conditions_unknown(desk_id, asked)]


def conditions_unknown(desk_id: int, conditions: Iterable[tuple[str, Expression]]) -> list[tuple[str, str, str]]:
    """Return field, name and a sentence for each name that conditions ask for, each with whose it is, and nobody has."""
    asked: dict[str, dict[str, str]] = {}
    for whose, condition in conditions:
        for field, name in names_of(condition):
            asked.setdefault(field, {}).setdefault(name, whose)
    found = []
    for field in sorted(asked.keys() & KNOWN.keys()):
        known = {name.casefold(): name for name in KNOWN[field](desk_id, sorted(asked[field]))}
        for name, whose in asked[field].items():
            if name.casefold() in known:
                continue
            near = get_close_matches(name.casefold(), known, n=1)
            hint = f"; did you mean “{known[near[0]]}”?" if near else ""
            found.append((field, name, f"“{whose}” asks for the {field} “{name}”, which this desk does not have{hint}"))
    return found


def classes_unknown(desk_id: int, classes: Iterable[str]) -> list[str]:
    """Return a sentence for each class of work whose category no item of the desk has, letter for letter: its limit has no effect."""
    asked = [name.partition(":")[2] for name in classes if name.startswith("category:")]
    return [
        f"A limit names the class “category:{name}”, which no item of this desk is of"
        + (f"; did you mean “category:{near}”?" if near else "")
        for name, near in categories_unknown(desk_id, asked).items()
    ]


def categories_unknown(desk_id: int, asked: Collection[str]) -> dict[str, str]:
    """Return each category that no item of the desk has, letter for letter, with the one that was probably meant, "" for none.

    One statement, which does not grow with the desk; none where none is asked for. What was meant is a category of late.
    """
    known = categories_lately(desk_id, asked=asked, latest=LATEST, limit=MOST) if asked else []
    folded = {name.casefold(): name for name in known}
    found = {}
    for name in dict.fromkeys(asked):
        if name not in known:
            near = get_close_matches(name.casefold(), folded, n=1)
            found[name] = folded[near[0]] if near else ""
    return found
