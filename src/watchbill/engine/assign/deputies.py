"""Who stands in for whom: the deputy of an owner who is absent or gone, or the deputy's deputy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from watchbill.engine.assign.facts import PersonFacts
from watchbill.engine.base.ids import PersonId


def stand_ins_of(people: Iterable[PersonFacts]) -> dict[PersonId, PersonId]:
    """Who stands in, by each person who is absent or no longer active and has somebody to do so."""
    by_id = {person.id: person for person in people}
    found = {person.id: stand_in(person, by_id) for person in by_id.values() if _is_away(person)}
    return {owner: deputy for owner, deputy in found.items() if deputy is not None}


def stand_in(owner: PersonFacts, people: Mapping[PersonId, PersonFacts]) -> PersonId | None:
    """Follow the chain of deputies to the first who is there; None at its end, or when it leads back into itself."""
    passed = {owner.id}
    deputy = owner.deputy
    while deputy is not None and deputy in people and deputy not in passed:
        if not _is_away(people[deputy]):
            return deputy
        passed.add(deputy)
        deputy = people[deputy].deputy
    return None


def _is_away(person: PersonFacts) -> bool:
    return person.is_absent or not person.is_active
