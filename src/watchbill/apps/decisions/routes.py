"""Rules of an assignment policy beside the desk that they are for: names that it has, contradictions, what nobody is or has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from watchbill.apps.people.abilities import Ability, ability_list
from watchbill.apps.people.names import names_of_desk, names_spelt
from watchbill.engine.assign.contradictions import clashes, gaps, never_hold, unknown
from watchbill.engine.assign.facts import PersonFacts
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.routing import Names, RoutingRule, Sort
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId, RegionId, SkillId, TeamId
from watchbill.engine.base.work import TIERS

OF_PEOPLE = frozenset({Sort.LANGUAGE, Sort.CLEARANCE})
"""Sorts that no list of the desk holds: what people have is what there is."""


def names_for(desk_id: int, able: Iterable[Ability]) -> Names:
    """Return what rules may name on a desk, case-folded, with the keys behind it: one query."""
    staff = list(able)
    held = names_of_desk(desk_id)
    said: Mapping[Sort, Iterable[str]] = {
        Sort.LANGUAGE: {word for one in staff for word in one.languages},
        Sort.CLEARANCE: {word for one in staff for word in one.clearances},
        Sort.TIER: {*TIERS, *(word for one in staff for word in one.tiers)},
    }
    return {
        **{Sort(sort): named for sort, named in held.items()},
        **{sort: {word.casefold(): (word,) for word in words} for sort, words in said.items()},
    }


def rules_slips(desk_id: int, rules: Sequence[RoutingRule | None]) -> list[InvalidFacts]:
    """Return what is wrong with rules of a draft, a rule that could not be read being None.

    Names that the desk does not have, each with the one that is near; then, where all can be read, rules that leave nobody,
    with an example.
    """
    if not rules:
        return []
    able, spelt = ability_list(desk_id), names_spelt(desk_id)
    names = names_for(desk_id, able)
    kept = {sort: named for sort, named in names.items() if sort not in OF_PEOPLE}
    found = []
    for at, rule in enumerate(rules):
        for _, demand, name in unknown([rule], kept) if rule else ():
            near = get_close_matches(name.casefold(), kept[demand.sort], n=1)
            hint = f" – did you mean {spelt.get(demand.sort, {}).get(near[0], near[0])}?" if near else ""
            said = f"rule {at + 1}: “{demand}” names the {demand.sort} “{name}”, which this desk does not have{hint}"
            found.append(InvalidFacts(said, key=f"rules[{at}]"))
    read = [rule for rule in rules if rule]
    if not found and len(read) == len(rules):
        found += [
            InvalidFacts(clash.sentence, key=f"rules[{clash.second - 1}]")
            for clash in clashes(read, _staff(able), names)
        ]
    return found


def rules_notes(desk_id: int, policy: Policy) -> list[str]:
    """Return in words what rules ask and nobody of the desk is or has, which may be meant so, and rules that can never hold."""
    if not policy.rules:
        return []
    able = ability_list(desk_id)
    found = gaps(policy.rules, _staff(able), names_for(desk_id, able))
    return [*(gap.sentence for gap in found), *never_hold(policy.rules)]


def _staff(able: Iterable[Ability]) -> list[PersonFacts]:
    """What rules look at in people."""
    return [
        PersonFacts(
            id=PersonId(one.id),
            name=one.name,
            teams=frozenset(TeamId(team) for team in one.teams),
            skills={SkillId(skill): level for skill, level in one.skills.items()},
            languages=frozenset(one.languages),
            is_active=one.is_active,
            clearances=frozenset(one.clearances),
            tiers=frozenset(one.tiers),
            region=None if one.region_id is None else RegionId(one.region_id),
        )
        for one in able
    ]
