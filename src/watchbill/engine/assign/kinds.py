"""People folded into kinds: equal in everything that the musts and the points can see, except load and free slots."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from watchbill.engine.assign import rules
from watchbill.engine.assign.claims import admits, preferred
from watchbill.engine.assign.classes import Bools, Ints, Key, Need, fold
from watchbill.engine.assign.facts import Ask, PersonFacts, Snapshot
from watchbill.engine.assign.index import shift_step
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.ids import PersonId, SkillId

KIND_MUSTS = 10
"""The first ten musts of rules.MUSTS can be read off need and kind; free slots and declines belong to one person."""
_NOTHING: tuple[object, ...] = (None, (), frozenset())
"""What asks nothing of anybody."""
FEW = 2
"""An ability that more people at work have is not rare."""
CLASS_ROOM = 9
"""The last of them: an owner keeps what she holds, whether her class is full or not."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """P people folded into K kinds, over the S skills that the needs ask for.

    people: in tie order, a shuffle by the snapshot's seed. of_person: kind per person. shift_min: K steps of time left.
    levels: K x (S + 1), the last column all 0 for needs without a skill. skill_column: per need its column.
    failed: N x K, the number of the first must that fails, KIND_MUSTS when none does; eligible: whether none does.
    apart: N x K hundredths of points for the same region, by rules of the policy, and against what leaves rare abilities unused.
    """

    people: tuple[PersonFacts, ...]
    position: dict[PersonId, int]
    of_person: Ints
    shift_min: Ints
    skills: tuple[SkillId, ...]
    levels: Ints
    skill_column: Ints
    failed: Ints
    eligible: Bools
    apart: Ints


def kinds_of(snapshot: Snapshot, needs: Sequence[Need], rare: Mapping[PersonId, Mapping[Ask, float]]) -> Kinds:
    """Fold the people; *rare*: what few at work can do, by person. O(people + needs x kinds)."""
    policy = snapshot.policy
    people = sorted(snapshot.people, key=lambda person: person.id)
    random.Random(snapshot.seed).shuffle(people)  # noqa: S311 - settles ties, guards nothing
    skills = tuple(sorted({need.skill for need in needs if need.skill is not None}))
    teams = frozenset(need.team for need in needs if need.team is not None)
    languages = frozenset(need.language for need in needs if need.language is not None)
    touches = sorted({need.touch_min for need in needs})
    clearances = frozenset[str]().union(*(need.clearances for need in needs))
    tiers = frozenset(need.tier for need in needs if need.tier is not None)
    limited = tuple(sorted({name for need in needs for name in need.limited}))
    regions = frozenset(need.region for need in needs if need.region is not None)
    routes = tuple(dict.fromkeys(need.route for need in needs if need.route))

    columns = {skill: at for at, skill in enumerate(skills)}

    def key(person: PersonFacts) -> tuple[object, ...]:
        return (
            person.is_active,
            rules.is_present_and_on_shift_now(person, policy),
            person.teams & teams,
            frozenset([one for one in person.skills.items() if one[0] in columns and one[1]]),
            person.languages & languages,
            bisect_right(touches, rules.longest_touch_min(person, policy)),
            shift_step(person.shift_left_min),
            person.clearances & clearances,
            bool(person.tiers) and person.tiers & tiers if tiers else None,
            tuple(rules.has_room(person, name, policy) for name in limited),
            person.region if person.region in regions else None,
            tuple(sorted(rare[person.id].items(), key=repr)) if person.id in rare else (),
            tuple((admits(route, person), preferred(route, person)) for route in routes),
        )

    keys, of_person = fold(key(person) for person in people)
    first: dict[int, PersonFacts] = {}
    for person, kind in zip(people, of_person.tolist(), strict=True):
        first.setdefault(kind, person)
    models = [first[kind] for kind in range(len(keys))]
    levels = np.zeros((len(models), len(skills) + 1), dtype=np.int64)
    for row, model in enumerate(models):
        for skill, level in model.skills.items():
            if skill in columns:
                levels[row, columns[skill]] = level
    column = np.array([len(skills) if n.skill is None else columns[n.skill] for n in needs], dtype=np.int64)
    failed = _first_failed(needs, models, levels, column, policy)
    return Kinds(
        people=tuple(people),
        position={person.id: at for at, person in enumerate(people)},
        of_person=of_person,
        shift_min=np.array([shift_step(model.shift_left_min) for model in models], dtype=np.int64),
        skills=skills,
        levels=levels,
        skill_column=column,
        failed=failed,
        eligible=np.equal(failed, KIND_MUSTS),
        apart=_apart(needs, models, rare, policy),
    )


def _first_failed(
    needs: Sequence[Need], models: Sequence[PersonFacts], levels: Ints, column: Ints, policy: Policy
) -> Ints:
    """N x K: number of the first must that a kind fails for a need. The array twin of rules.MUSTS, tested against it."""
    teams, team_of = fold(need.team for need in needs)
    languages, language_of = fold(need.language for need in needs)
    clearances, clearance_of = fold(need.clearances for need in needs)
    tiers, tier_of = fold(need.tier for need in needs)
    limited, limited_of = fold(need.limited for need in needs)
    routes, route_of = fold(need.route for need in needs)
    touch = np.array([need.touch_min for need in needs], dtype=np.int64)
    required = np.array([need.min_level for need in needs], dtype=np.int64)
    shape = (len(needs), len(models))

    def each(keys: Sequence[Key], of: Ints, passes: Callable[[Key, PersonFacts], bool]) -> Bools:
        """Ask once per different key; N x K."""
        table = np.ones((len(keys), len(models)), dtype=np.bool_)
        for row, key in enumerate(keys):
            if key not in _NOTHING:
                table[row] = [passes(key, model) for model in models]
        return np.asarray(table[of], dtype=np.bool_)

    longest = np.array([rules.longest_touch_min(model, policy) for model in models], dtype=np.int64)
    skilled = levels.T[column] >= required[:, None]
    skilled |= (column == levels.shape[1] - 1)[:, None] | (not policy.needs_skill)
    passes = (
        np.broadcast_to(np.array([model.is_active for model in models], dtype=np.bool_), shape),
        np.broadcast_to(
            np.array([rules.is_present_and_on_shift_now(model, policy) for model in models], dtype=np.bool_), shape
        ),
        each(teams, team_of, lambda team, model: team is None or team in model.teams),
        skilled,
        each(languages, language_of, lambda spoken, model: spoken is None or spoken in model.languages),
        each(clearances, clearance_of, lambda asked, model: asked <= model.clearances),
        each(tiers, tier_of, lambda tier, model: tier is None or not model.tiers or tier in model.tiers),
        each(routes, route_of, lambda route, model: not route or admits(route, model)),
        touch[:, None] <= longest[None, :],
        each(limited, limited_of, lambda names, model: all(rules.has_room(model, name, policy) for name in names)),
    )
    failed = np.full(shape, KIND_MUSTS, dtype=np.int64)
    for number in reversed(range(KIND_MUSTS)):
        failed[~passes[number]] = number
    return failed


def _apart(
    needs: Sequence[Need],
    models: Sequence[PersonFacts],
    rare: Mapping[PersonId, Mapping[Ask, float]],
    policy: Policy,
) -> Ints:
    """N x K: the array twin of rules.same_region, rules.preferred_by_rule and rules.spares_rare."""
    points = np.zeros((len(needs), len(models)), dtype=np.int64)
    regions, region_of = fold(need.region for need in needs)
    if any(region is not None for region in regions):
        same = np.array([[r is not None and r == m.region for m in models] for r in regions], dtype=np.bool_)
        points += np.where(same[region_of], round(100 * policy.region_weight), 0)
    routes, route_of = fold(need.route for need in needs)
    if any(routes):
        liked = [[sum(round(100 * claim.points) for claim in preferred(r, m)) for m in models] for r in routes]
        points += np.array(liked, dtype=np.int64).reshape(len(routes), len(models))[route_of]
    asked, asked_of = fold((need.skill, need.min_level, need.language) for need in needs)
    for kind, model in enumerate(models):
        if model.id in rare:
            shares = [rules.unused(rare[model.id], *each) for each in asked]
            points[:, kind] -= np.array([round(100 * policy.rarity_weight * s) for s in shares], dtype=np.int64)[
                asked_of
            ]
    return points


def rare_of(snapshot: Snapshot) -> dict[PersonId, dict[Ask, float]]:
    """What few people at work can do: by person, each of the desk's asks that she and at most one other fulfil.

    The share is 1 for the only one, a half for each of two. Who is not at work spares nobody. O(people x their abilities).
    """
    if not snapshot.asks or not snapshot.policy.rarity_weight:
        return {}
    able: dict[Ask, list[PersonId]] = {}
    by_skill = _by_skill(snapshot.asks)
    for person in snapshot.people:
        if person.is_active and rules.is_present_and_on_shift_now(person, snapshot.policy):
            for ask in _fulfilled(person, by_skill):
                able.setdefault(ask, []).append(person.id)
    found: dict[PersonId, dict[Ask, float]] = {}
    for ask, people in able.items():
        if len(people) <= FEW:
            for person_id in people:
                found.setdefault(person_id, {})[ask] = 1 / len(people)
    return found


def _by_skill(asks: Iterable[Ask]) -> dict[SkillId | None, list[Ask]]:
    by_skill: dict[SkillId | None, list[Ask]] = {}
    for ask in asks:
        by_skill.setdefault(ask.skill, []).append(ask)
    return by_skill


def _fulfilled(person: PersonFacts, by_skill: Mapping[SkillId | None, Sequence[Ask]]) -> Iterator[Ask]:
    """The asks that a person fulfils, found through her own skills."""
    for skill, level in (*person.skills.items(), (None, 1)):
        for ask in by_skill.get(skill, ()):
            if level >= ask.level and (ask.language is None or ask.language in person.languages):
                yield ask
