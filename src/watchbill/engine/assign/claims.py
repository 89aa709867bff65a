"""Whether a person fulfils what rules of the policy ask: by claim, and by the route that claims add up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from watchbill.engine.assign.facts import PersonFacts
from watchbill.engine.assign.routing import Claim, Route, Sense, Sort


def meets(claim: Claim, person: PersonFacts) -> bool:
    """Whether a person is, or has, one of what the claim names."""
    has = _HAS[claim.sort]
    return any(has(person, key, claim.level) for key in claim.keys)


_HAS: Mapping[Sort, Callable[[PersonFacts, Any, int], bool]] = {
    Sort.TEAM: lambda person, key, _: key in person.teams,
    Sort.SKILL: lambda person, key, level: person.skills.get(key, 0) >= level,
    Sort.LANGUAGE: lambda person, key, _: key in person.languages,
    Sort.CLEARANCE: lambda person, key, _: key in person.clearances,
    Sort.TIER: lambda person, key, _: not person.tiers or key in person.tiers,
    Sort.REGION: lambda person, key, _: person.region == key,
    Sort.PERSON: lambda person, key, _: person.id == key,
}


def failed_claims(route: Route, person: PersonFacts) -> Route:
    """The claims that keep a person out."""
    return tuple(
        claim
        for claim in route
        if claim.sense is not Sense.PREFER and meets(claim, person) is (claim.sense is Sense.NEVER)
    )  # fmt: skip


def admits(route: Route, person: PersonFacts) -> bool:
    """Whether the person is all that is asked, and not one of those who are named as never."""
    return not failed_claims(route, person)


def preferred(route: Route, person: PersonFacts) -> Route:
    """The claims that prefer a person."""
    return tuple(claim for claim in route if claim.sense is Sense.PREFER and meets(claim, person))
