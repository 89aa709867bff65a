"""The snapshot as numbers: classes against kinds with their points, people with free slots and the cost of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from watchbill.engine.assign import rules
from watchbill.engine.assign.classes import Bools, Classes, Floats, Ints, classes_of
from watchbill.engine.assign.deputies import stand_ins_of
from watchbill.engine.assign.facts import Ask, ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.kinds import CLASS_ROOM, Kinds, kinds_of, rare_of
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.ids import ItemId, PersonId, SkillId


class Bond(NamedTuple):
    """What ties one person to one item, beside what her kind is."""

    has_worked: bool = False
    knows_customer: bool = False
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """All that the solver and the reasons look up. P people, K kinds, I items, C classes.

    index: item id to its place in classes.items. slot_min: per person the mean effort of a slot. holder: per item the place
    of an owner who may keep it, else -1; is_idle: it has an owner who fails a must at the moment; must_go: of these, one who
    is away for too long, so that staying is as dear as the queue.
    free: per person usable slots, held items included; held_min: effort of those held items, not counted as given.
    slot_costs: P x J, what the j-th slot of this plan costs, hundredths of a point, non-decreasing in j; J is the most free
    slots, or one more than there are items.
    arc_start, arc_kind, arc_points: eligible kinds of class c are arc_kind[arc_start[c]:arc_start[c + 1]], with their points.
    """

    snapshot: Snapshot
    context: rules.Context
    classes: Classes
    kinds: Kinds
    index: dict[ItemId, int]
    slot_min: Floats
    holder: Ints
    is_idle: Bools
    must_go: Bools
    free: Ints
    held_min: Ints
    slot_costs: Ints
    arc_start: Ints
    arc_kind: Ints
    arc_points: Ints

    def is_eligible(self, item: int, person: int) -> bool:
        """Every must except the free slot."""
        need = self.classes.need_of[item]
        return bool(self.holder[item] == person or self.kinds.eligible[need, self.kinds.of_person[person]]) and (
            self.kinds.people[person].id not in self.classes.items[item].declined_by
        )

    def familiar(self, item: ItemFacts) -> dict[int, Bond]:
        """People with a bond to the item, by place."""
        position = self.kinds.position
        known = {position[person]: Bond(knows_customer=True) for person in item.knows_customer if person in position}
        for person in (*item.worked_before, *(() if item.owner is None else (item.owner,))):
            if person in position:
                known[position[person]] = Bond(has_worked=True)
        deputy = None if item.owner is None else self.context.stand_ins.get(item.owner)
        if deputy is not None:
            known[position[deputy]] = known.get(position[deputy], Bond())._replace(stands_in=True)
        return known


def tables_of(snapshot: Snapshot, *, also: ItemId | None = None) -> Tables:
    """Fold the snapshot; *also* is one item to look at even when it does not compete. O(items + people + needs x kinds)."""
    policy = snapshot.policy
    classes = classes_of(snapshot, also=also)
    rare = rare_of(snapshot)
    kinds = kinds_of(snapshot, classes.needs, rare)
    count = len(kinds.people)
    context = context_of(snapshot, classes, rare)
    holder, is_idle, must_go = _holders(classes, kinds)
    held = np.bincount(holder[holder >= 0], minlength=count)
    effort = np.array([item.effort_min for item in classes.items], dtype=np.int64)
    held_min = np.bincount(holder[holder >= 0], weights=effort[holder >= 0], minlength=count).astype(np.int64)
    free = held + np.array([max(0, p.wip_limit - p.open_count) for p in kinds.people], dtype=np.int64)
    slot_min = _slot_minutes(classes, kinds, effort)
    start, arc_kind = _eligible_pairs(classes, kinds)
    return Tables(
        snapshot=snapshot,
        context=context,
        classes=classes,
        kinds=kinds,
        index={item.id: at for at, item in enumerate(classes.items)},
        slot_min=slot_min,
        holder=holder,
        is_idle=is_idle,
        must_go=must_go,
        free=free,
        held_min=held_min,
        slot_costs=_slot_costs(
            kinds.people, slot_min, held_min, min(int(free.max(initial=0)), len(classes.items) + 1), policy
        ),
        arc_start=start,
        arc_kind=arc_kind,
        arc_points=pair_points(
            classes,
            kinds,
            context.scarcity,
            policy,
            of=np.repeat(np.arange(len(start) - 1), np.diff(start)),
            kind=arc_kind,
        ),
    )


def context_of(snapshot: Snapshot, classes: Classes, rare: Mapping[PersonId, Mapping[Ask, float]]) -> rules.Context:
    """What preferences need beside item and person; *rare* as `kinds.rare_of` finds it."""
    competing = [item for item, c in zip(classes.items, classes.competes.tolist(), strict=True) if c]
    return rules.Context(
        policy=snapshot.policy,
        owners=frozenset(p.id for p in snapshot.people if p.is_active),
        urgency=classes.urgency,
        scarcity=scarcity_of(competing, snapshot.people, snapshot.policy),
        rare=rare,
        stand_ins=stand_ins_of(snapshot.people),
    )


def pair_points(
    classes: Classes,
    kinds: Kinds,
    scarcity: Mapping[SkillId, float],
    policy: Policy,
    *,
    of: Ints,
    kind: Ints,
    has_worked: Bools | None = None,
) -> Ints:
    """Points of pairs (class, kind) in hundredths, without continuity, churn and load: the array twin of rules.PREFERENCES.

    has_worked: pairs in which the person has worked on the item, so that nothing is handed over.
    """
    base, need = classes.base[of], classes.need[of]
    touch, column = classes.touch_min[need], kinds.skill_column[need]
    level = kinds.levels[kind, column]
    surplus = np.clip(level - classes.min_level[need], 0, rules.SURPLUS_LEVELS)
    speed = 1.0 + policy.speed_per_level * surplus
    slowed = base * touch / (touch / speed + policy.handover_min)
    is_stranger = classes.is_touched[of] if has_worked is None else classes.is_touched[of] & ~has_worked
    scarce = np.array([scarcity.get(skill, 0.0) for skill in kinds.skills] + [0.0])
    others = ((kinds.levels > 0) @ scarce)[kind] - np.where(level > 0, scarce[column], 0.0)
    breadth = np.minimum(policy.breadth_limit, np.maximum(0.0, others))
    fits = np.minimum(1.0, kinds.shift_min[kind] / classes.effort_min[of])
    points = (
        np.rint(100 * base)
        + np.rint(100 * base * (speed - 1.0))
        + np.where(is_stranger, np.rint(100 * (slowed - base * speed)), 0.0)
        + np.rint(100 * policy.shift_weight * fits)
        - np.rint(100 * policy.breadth_weight * breadth)
        + kinds.apart[need, kind]
    )
    return np.asarray(points, dtype=np.int64)


def scarcity_of(items: Iterable[ItemFacts], people: Iterable[PersonFacts], policy: Policy) -> dict[SkillId, float]:
    """How short each skill in demand is: effort asked for, divided by minutes left of those on shift who have it, at most 1.

    Rounded to a 64th, so that sums of it are exact in any order.
    """
    demand: dict[SkillId, int] = {}
    for item in items:
        if item.skill is not None:
            demand[item.skill] = demand.get(item.skill, 0) + item.effort_min
    capacity = dict.fromkeys(demand, 0)
    for person in people:
        if person.is_active and rules.is_present_and_on_shift_now(person, policy):
            for skill, level in person.skills.items():
                if level > 0 and skill in capacity:
                    capacity[skill] += person.shift_left_min
    return {s: round(64 * min(1.0, demand[s] / capacity[s])) / 64 if capacity[s] else 1.0 for s in demand}


def _holders(classes: Classes, kinds: Kinds) -> tuple[Ints, Bools, Bools]:
    holder = np.full(len(classes.items), -1, dtype=np.int64)
    is_idle = np.zeros(len(classes.items), dtype=np.bool_)
    must_go = np.zeros(len(classes.items), dtype=np.bool_)
    may_hold, need_of = kinds.failed >= CLASS_ROOM, classes.need_of
    for at, item in enumerate(classes.items):
        place = -1 if item.owner is None else kinds.position.get(item.owner, -1)
        if place < 0 or not kinds.people[place].is_active or not classes.competes[at]:
            continue
        if may_hold[need_of[at], kinds.of_person[place]] and item.owner not in item.declined_by:
            holder[at] = place
        else:
            is_idle[at] = True
            must_go[at] = rules.is_away_too_long(item, kinds.people[place])
    return holder, is_idle, must_go


def _slot_minutes(classes: Classes, kinds: Kinds, effort: Ints) -> Floats:
    """Per person, the mean remaining effort of the competing items that her kind may take; the mean of all if there is none."""
    weight = (classes.competes if classes.competes.any() else ~classes.competes).astype(np.float64)
    need_of, size = classes.need_of, len(classes.needs)
    counts = np.bincount(need_of, weights=weight, minlength=size)
    sums = np.bincount(need_of, weights=weight * effort, minlength=size)
    eligible = kinds.eligible.astype(np.float64)
    per_kind = counts @ eligible
    mean = sums.sum() / counts.sum() if counts.sum() else 60.0
    means = np.divide(sums @ eligible, per_kind, out=np.full(len(per_kind), mean), where=per_kind > 0)
    return np.asarray(means[kinds.of_person], dtype=np.float64)


def _slot_costs(people: tuple[PersonFacts, ...], slot_min: Floats, held_min: Ints, slots: int, policy: Policy) -> Ints:
    """P x J: the array twin of rules.even_load."""
    staffed = np.array([max(60, person.staffed_week_min) for person in people], dtype=np.float64)[:, None]
    given = np.array([person.load_min for person in people], dtype=np.int64)
    before = (np.maximum(0, given - held_min)[:, None] + np.arange(slots)[None, :] * slot_min[:, None]) / staffed
    rise = 100 * (load_cost(before + slot_min[:, None] / staffed, policy) - load_cost(before, policy))
    return np.minimum(rules.STEEPEST, np.rint(rise)).astype(np.int64)


def load_cost(load: Floats, policy: Policy) -> Floats:
    """The array twin of rules._load_cost."""
    above = np.maximum(0.0, load - policy.load_knee)
    cost: Floats = policy.load_weight * above * above + policy.spread_weight * load * load
    return cost


def _eligible_pairs(classes: Classes, kinds: Kinds) -> tuple[Ints, Ints]:
    """Per class its eligible kinds, in compressed rows."""
    rows, columns = np.nonzero(kinds.eligible)
    start_of_need = np.searchsorted(rows, np.arange(len(classes.needs) + 1))
    counts = np.diff(start_of_need)[classes.need]
    start = np.concatenate(([0], np.cumsum(counts)))
    offset = np.arange(start[-1]) - np.repeat(start[:-1], counts)
    return start, columns[np.repeat(start_of_need[:-1][classes.need], counts) + offset]
