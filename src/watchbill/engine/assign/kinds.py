"""People folded into kinds: equal in everything that the musts and the points can see, except load and free slots."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from watchbill.engine.assign import rules
from watchbill.engine.assign.classes import Bools, Ints, Need, fold
from watchbill.engine.assign.facts import PersonFacts, Snapshot
from watchbill.engine.assign.index import shift_step
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.ids import PersonId, SkillId

KIND_MUSTS = 6
"""The first six musts of rules.MUSTS can be read off need and kind; free slots and declines belong to one person."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """P people folded into K kinds, over the S skills that the needs ask for.

    people: in tie order, a shuffle by the snapshot's seed. of_person: kind per person. shift_min: K steps of time left.
    levels: K x (S + 1), the last column all 0 for needs without a skill. skill_column: per need its column.
    failed: N x K, the number of the first must that fails, KIND_MUSTS when none does; eligible: whether none does.
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


def kinds_of(snapshot: Snapshot, needs: Sequence[Need]) -> Kinds:
    """Fold the people. O(people + needs x kinds)."""
    policy = snapshot.policy
    people = sorted(snapshot.people, key=lambda person: person.id)
    random.Random(snapshot.seed).shuffle(people)  # noqa: S311 - settles ties, guards nothing
    skills = tuple(sorted({need.skill for need in needs if need.skill is not None}))
    teams = frozenset(need.team for need in needs if need.team is not None)
    languages = frozenset(need.language for need in needs if need.language is not None)
    touches = sorted({need.touch_min for need in needs})

    def key(person: PersonFacts) -> tuple[object, ...]:
        return (
            person.is_active,
            rules.is_present_and_on_shift_now(person, policy),
            person.teams & teams,
            tuple(person.skills.get(skill, 0) for skill in skills),
            person.languages & languages,
            bisect_right(touches, rules.longest_touch_min(person, policy)),
            shift_step(person.shift_left_min),
        )

    keys, of_person = fold(key(person) for person in people)
    first: dict[int, PersonFacts] = {}
    for person, kind in zip(people, of_person.tolist(), strict=True):
        first.setdefault(kind, person)
    models = [first[kind] for kind in range(len(keys))]
    levels = np.zeros((len(models), len(skills) + 1), dtype=np.int64)
    for row, model in enumerate(models):
        levels[row, :-1] = [model.skills.get(skill, 0) for skill in skills]
    columns = {skill: at for at, skill in enumerate(skills)}
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
    )


def _first_failed(
    needs: Sequence[Need], models: Sequence[PersonFacts], levels: Ints, column: Ints, policy: Policy
) -> Ints:
    """N x K: number of the first must that a kind fails for a need. The array twin of rules.MUSTS, tested against it."""
    teams, team_of = fold(need.team for need in needs)
    languages, language_of = fold(need.language for need in needs)
    touch = np.array([need.touch_min for need in needs], dtype=np.int64)
    required = np.array([need.min_level for need in needs], dtype=np.int64)
    shape = (len(needs), len(models))

    in_team = np.array([[t is None or t in m.teams for m in models] for t in teams], dtype=np.bool_)
    speaks = np.array([[s is None or s in m.languages for m in models] for s in languages], dtype=np.bool_)
    longest = np.array([rules.longest_touch_min(model, policy) for model in models], dtype=np.int64)
    skilled = levels.T[column] >= required[:, None]
    skilled |= (column == levels.shape[1] - 1)[:, None] | (not policy.needs_skill)
    passes = (
        np.broadcast_to(np.array([model.is_active for model in models], dtype=np.bool_), shape),
        np.broadcast_to(
            np.array([rules.is_present_and_on_shift_now(model, policy) for model in models], dtype=np.bool_), shape
        ),
        in_team.reshape(len(teams), len(models))[team_of],
        skilled,
        speaks.reshape(len(languages), len(models))[language_of],
        touch[:, None] <= longest[None, :],
    )
    failed = np.full(shape, KIND_MUSTS, dtype=np.int64)
    for number in reversed(range(KIND_MUSTS)):
        failed[~passes[number]] = number
    return failed
