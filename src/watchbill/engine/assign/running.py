"""A desk kept from event to event: `place` for a queue that nobody owns, without folding all of it each time."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.index import bucket_of, effort_step, urgency_points
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.rules import (
    MUSTS,
    PREFERENCES,
    Context,
    even_load,
    has_clearance,
    has_room_in_class,
    has_worked_on,
    is_asked_for,
    is_in_team,
    longest_touch_min,
    preferred_by_rule,
    same_region,
    spares_rare,
    speaks_language,
    stands_in,
    stays_with_owner,
)
from watchbill.engine.base.ids import PersonId, SkillId

SILENT = {
    is_in_team, speaks_language, has_clearance, is_asked_for, has_room_in_class,
    spares_rare, same_region, preferred_by_rule, stands_in, stays_with_owner,
}  # fmt: skip
"""Rules that say nothing of an item without an owner that asks for a skill and nothing else, whoever the person."""
_MUSTS = tuple(must for must in MUSTS if must not in SILENT)
_PREFERENCES = tuple(rule for rule, _ in PREFERENCES if rule not in SILENT)


@dataclass(slots=True)
class _Line:
    """What waits for one skill: effort by touch, as count and sum of minutes, and all of it. longest_min: no touch is longer."""

    count: int = 0
    effort_min: int = 0
    longest_min: int = 0
    by_touch: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, item: ItemFacts, sign: int) -> None:
        count, effort = self.by_touch.get(item.touch_min, (0, 0))
        count, effort = count + sign, effort + sign * item.effort_min
        if count:
            self.by_touch[item.touch_min] = count, effort
        else:
            del self.by_touch[item.touch_min]
        self.longest_min = max(self.longest_min, item.touch_min)
        self.count += sign
        self.effort_min += sign * item.effort_min

    def fitting(self, longest_min: int) -> tuple[int, int]:
        """Count and effort of what is no longer than a touch may be."""
        if self.longest_min <= longest_min:
            return self.count, self.effort_min
        fits = [each for touch, each in self.by_touch.items() if touch <= longest_min]
        return sum(count for count, _ in fits), sum(effort for _, effort in fits)


class Running:
    """The yardsticks by which `tables_of` weighs one item against all others, changed by whatever enters, leaves, comes and goes.

    For a queue of items without an owner that ask for a skill and nothing else, among people who all are present; asks are none.
    Then the answers are those of a snapshot of everything, to the last hundredth of a point (docs/algorithms/assign.md, "Event
    by event"). Minutes count from any beginning.
    """

    def __init__(self, policy: Policy, *, seed: int = 0) -> None:
        self.policy, self.seed = policy, seed
        self._count = self._touch_min = 0
        self._lines: dict[SkillId, _Line] = defaultdict(_Line)
        self._until: dict[PersonId, int] = {}
        self._there: dict[SkillId, tuple[int, int]] = {}
        self._order: dict[PersonId, int] = {}

    # -- what happens -------------------------------------------------------------------------------------------------

    def enter(self, item: ItemFacts) -> None:
        """An item waits now."""
        self._change(item, 1)

    def leave(self, item: ItemFacts) -> None:
        """An item, with the same facts as when it came, waits no more."""
        self._change(item, -1)

    def _change(self, item: ItemFacts, sign: int) -> None:
        self._count += sign
        self._touch_min += sign * item.touch_min
        if item.skill is not None:
            self._lines[item.skill].add(item, sign)

    def come(self, person: PersonId, skills: Iterable[SkillId], until_min: int) -> None:
        """Somebody is on shift until a minute."""
        self._until[person] = until_min
        self._staff(skills, 1, until_min)
        self._order = {}

    def go(self, person: PersonId, skills: Iterable[SkillId]) -> None:
        """Somebody is off shift again."""
        self._staff(skills, -1, -self._until.pop(person))
        self._order = {}

    def _staff(self, skills: Iterable[SkillId], count: int, until_min: int) -> None:
        for skill in skills:
            before, until = self._there.get(skill, (0, 0))
            self._there[skill] = before + count, until + until_min

    # -- yardsticks ---------------------------------------------------------------------------------------------------

    @property
    def mean_min(self) -> float:
        """The twin of index.mean_touch_min."""
        return self._touch_min / self._count if self._count else 60.0

    def order(self, person: PersonId) -> int:
        """Her place among equals: the shuffle of kinds.kinds_of."""
        if not self._order:
            people = sorted(self._until)
            random.Random(self.seed).shuffle(people)  # noqa: S311 - settles ties, guards nothing
            self._order = {one: at for at, one in enumerate(people)}
        return self._order[person]

    def slot_min(self, person: PersonFacts) -> float:
        """The twin of tables._slot_minutes for somebody who may take something."""
        longest, items, minutes = longest_touch_min(person, self.policy), 0, 0
        for skill in person.skills:
            if skill in self._lines:
                count, effort = self._lines[skill].fitting(longest)
                items, minutes = items + count, minutes + effort
        return minutes / items

    def scarcity(self, skill: SkillId, now_min: int) -> float:
        """The twin of tables.scarcity_of."""
        if skill not in self._lines or not (demand := self._lines[skill].effort_min):
            return 0.0
        count, until = self._there.get(skill, (0, 0))
        capacity = until - count * now_min
        return round(64 * min(1.0, demand / capacity)) / 64 if capacity else 1.0

    def context(self, part: Snapshot, now_min: int) -> Context:
        """What preferences need for the items and people of a part of the desk."""
        skills = {skill for person in part.people for skill in person.skills}
        mean = self.mean_min
        return Context(
            policy=self.policy,
            owners=frozenset(),
            urgency={item.id: urgency_points(item, part, mean_min=mean) for item in part.items},
            scarcity={skill: self.scarcity(skill, now_min) for skill in skills},
        )

    # -- answers --------------------------------------------------------------------------------------------------------

    def best(self, part: Snapshot, now_min: int, taken: Mapping[PersonId, int]) -> list[PersonId]:
        """The person whom `place` names for the one item of *part*, and after her whoever is as good; empty for nobody.

        part: the item, and at least everybody who has its skill and a free slot. taken: slots that other choices take. O(people
        of the part).
        """
        (item,) = part.items
        context = self.context(part, now_min)
        found: list[tuple[int, PersonId]] = []
        for person in part.people:
            given = taken.get(person.id, 0)
            if given < person.wip_limit - person.open_count and self._may(item, person):
                points = _points(item, person, context)
                points += even_load(person, taken=given, slot_min=self.slot_min(person), policy=self.policy)
                found.append((points, person.id))
        most = max(found, default=(0, 0))[0]
        return sorted((person for points, person in found if points == most), key=self.order)

    def _may(self, item: ItemFacts, person: PersonFacts) -> bool:
        """The twin of rules.fulfils_musts."""
        for must in _MUSTS:  # noqa: SIM110 - as there
            if not must(item, person, self.policy):
                return False
        return True

    def only(self, part: Snapshot, now_min: int) -> ItemFacts | None:
        """The item that `plan` gives to the one person of *part*, who has one slot; None where the solver must choose among equals.

        part: she, and the items that she may take, all of which nobody else may. The best of one class is its oldest.
        """
        (person,) = part.people
        context = self.context(part, now_min)
        points = [_points(item, person, context) for item in part.items]
        best = [item for item, each in zip(part.items, points, strict=True) if each == max(points)]
        is_plain = not any(has_worked_on(item, person.id) for item in best)
        if len(best) > 1 and not (is_plain and len({_class_of(item, context) for item in best}) == 1):
            return None
        return min(best, key=lambda item: (item.opened_at, item.id))


def _points(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """The twin of rules.preference_points."""
    points = 0
    for rule in _PREFERENCES:
        points += rule(item, person, context)
    return points


def _class_of(item: ItemFacts, context: Context) -> tuple[object, ...]:
    """What makes items equal for the solver: the twin of classes.classes_of."""
    return (
        item.skill,
        item.touch_min,
        bucket_of(context.urgency[item.id]),
        effort_step(item.effort_min),
        item.is_touched,
    )
