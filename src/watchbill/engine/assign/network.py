"""The class network: a min-cost flow that is exact for unit slots, and its deterministic decomposition into choices.

Nodes: one per class, per group (items of a class that differ from it by owner, continuity or declines), per kind, per person,
and the sink. Arcs: class -> kind -> person -> sink, the last as parallel unit arcs of rising cost; private arcs group ->
person; class -> sink for what stays in the queue. Costs are points with the sign turned, in hundredths.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from watchbill.engine.assign import rules
from watchbill.engine.assign.classes import Ints
from watchbill.engine.assign.greedy import UNPLACED
from watchbill.engine.assign.rooms import IDLE_STAY
from watchbill.engine.assign.tables import Bond, Tables, pair_points
from watchbill.engine.base.errors import Unavailable

LEAVE = 500_000
"""Cost of leaving one item in the queue: 5,000 points, above any path through a person, so nobody eligible stays idle."""
GroupKey = tuple[int, int, bool, bool, tuple[tuple[int, Bond], ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Flow:
    """The optimum. chosen: per item the place of a person, UNPLACED or IDLE_STAY. cost: of the whole flow, hundredths."""

    chosen: Ints
    cost: int


@dataclass(slots=True)
class _Group:
    """Items that share a class, an owner, the people who know them and the people who declined; equal in every cost."""

    of: int
    owner: int
    is_idle: bool
    must_go: bool
    familiar: tuple[tuple[int, Bond], ...]
    declined: tuple[int, ...]
    members: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Arcs:
    """Arcs collected block by block: each block is tail, head, capacity, cost."""

    blocks: list[tuple[Ints, Ints, Ints, Ints]] = field(default_factory=list)
    count: int = 0

    def add(self, tail: Ints, head: Ints, capacity: Ints, cost: Ints) -> slice:
        """Append a block; the slice finds its flows again."""
        self.blocks.append((tail, head, capacity, cost))
        place = slice(self.count, self.count + len(tail))
        self.count += len(tail)
        return place


@dataclass(frozen=True, slots=True)
class Arcs:
    """A whole network as arrays: arcs with tail, head, capacity and cost, and the supply of each node."""

    tail: Ints
    head: Ints
    capacity: Ints
    cost: Ints
    supply: Ints


Run = Callable[[Arcs], tuple[Ints, int]]
"""Computes the flow of every arc, and the cost of all; raises Unavailable when it cannot."""


def flows_here(arcs: Arcs) -> tuple[Ints, int]:
    """Solve the network in this process: the flow of every arc, and the cost of all.

    Raises Unavailable when the solver gives up, which no valid input should cause.
    """
    from ortools.graph.python import min_cost_flow

    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(arcs.tail, arcs.head, arcs.capacity, arcs.cost)
    solver.set_nodes_supplies(np.arange(len(arcs.supply)), arcs.supply)
    if (status := solver.solve()) != solver.OPTIMAL:
        raise Unavailable(f"the solver stopped with status {status.name}")
    return solver.flows(np.arange(len(arcs.tail))), int(solver.optimal_cost())


def solve(tables: Tables, run: Run = flows_here) -> Flow:
    """Place every competing item at least cost.

    Exact for unit slots on the bucketed points: loads are convex in the number of slots, so parallel arcs fill in order, and a
    network matrix with integer data has an integer optimum. Decomposition: oldest item first, then id; any other has the
    same cost. Raises Unavailable when *run* does.

    References
    ----------
    Ahuja, Magnanti, Orlin (1993), Network Flows, chapters 10 and 14.
    """
    return _Network(tables).solve(run) if len(tables.classes.items) else Flow(np.empty(0, dtype=np.int64), 0)


class _Network:
    """Built once, solved once."""

    def __init__(self, tables: Tables) -> None:
        self.t = tables
        self.plain, self.groups = _grouped(tables)
        classes, kinds = len(tables.classes.need), len(tables.kinds.shift_min)
        self.class_at = 1
        self.kind_at = self.class_at + classes
        self.person_at = self.kind_at + kinds
        self.group_at = self.person_at + len(tables.kinds.people)
        self.nodes = self.group_at + len(self.groups)
        self.arcs = _Arcs()
        self.arc_class = np.repeat(np.arange(classes), np.diff(tables.arc_start))

    def solve(self, run: Run) -> Flow:
        shared = self.arcs.add(*self._class_to_kind())
        to_person = self.arcs.add(*self._kind_to_person())
        self.arcs.add(*self._person_to_sink())
        self.arcs.add(*self._class_to_sink())
        private, private_tail, private_head = self._group_arcs()
        tail, head, capacity, cost = (np.concatenate(parts) for parts in zip(*self.arcs.blocks, strict=True))
        flows, total = run(Arcs(tail, head, capacity, cost, self._supplies()))
        chosen = self._decompose(flows[shared], flows[to_person], flows[private], private_tail, private_head)
        return Flow(chosen, total)

    # -- arcs ---------------------------------------------------------------------------------------------------------

    def _class_to_kind(self) -> tuple[Ints, Ints, Ints, Ints]:
        t = self.t
        capacity = np.full(len(t.arc_kind), len(t.classes.items), dtype=np.int64)
        return self.class_at + self.arc_class, self.kind_at + t.arc_kind, capacity, -t.arc_points

    def _kind_to_person(self) -> tuple[Ints, Ints, Ints, Ints]:
        t = self.t
        people = np.arange(len(t.kinds.people))
        capacity = np.minimum(t.free, len(t.classes.items))
        return self.kind_at + t.kinds.of_person, self.person_at + people, capacity, np.zeros_like(people)

    def _person_to_sink(self) -> tuple[Ints, Ints, Ints, Ints]:
        """One arc per run of slots of equal cost."""
        t = self.t
        slots = t.slot_costs.shape[1]
        usable = np.arange(slots)[None, :] < t.free[:, None]
        person, slot = np.nonzero(usable)
        cost = t.slot_costs[person, slot]
        starts = np.ones(len(cost), dtype=np.bool_)
        starts[1:] = (person[1:] != person[:-1]) | (cost[1:] != cost[:-1])
        first = np.nonzero(starts)[0]
        length = np.diff(np.append(first, len(cost)))
        return self.person_at + person[first], np.zeros(len(first), dtype=np.int64), length, cost[first]

    def _class_to_sink(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Leaving in the queue; owned items never go back there."""
        classes = np.nonzero(~self.t.classes.is_owned)[0]
        size = np.full(len(classes), len(self.t.classes.items), dtype=np.int64)
        return self.class_at + classes, np.zeros_like(classes), size, np.full(len(classes), LEAVE, dtype=np.int64)

    def _group_arcs(self) -> tuple[slice, Ints, Ints]:
        """Arcs of groups; returned are their place, their tails and their heads (person, kind, class or sink)."""
        rows: list[tuple[int, int, int, int]] = []
        pairs: list[tuple[int, int, bool]] = []
        t = self.t
        for number, group in enumerate(self.groups):
            node, item = self.group_at + number, t.classes.items[group.members[0]]
            moved = rules.churn(item, t.context.policy) if group.owner >= 0 or group.is_idle else 0
            for person, bond in group.familiar:
                extra = moved if person != group.owner else 0
                rows.append((node, self.person_at + person, len(pairs), extra - _bond_points(t, bond)))
                pairs.append((group.of, int(t.kinds.of_person[person]), bond.has_worked))
            if group.is_idle:
                rows.append((node, 0, -1, LEAVE if group.must_go else 0))
            if group.declined:
                rows.extend(self._around_declined(group, node, moved, pairs))
            else:
                rows.append((node, self.class_at + group.of, -1, moved))
        if not rows:
            empty = np.empty(0, dtype=np.int64)
            return self.arcs.add(empty, empty, empty, empty), empty, empty
        table = np.array(rows, dtype=np.int64)
        cost = table[:, 3].copy()
        has_pair = table[:, 2] >= 0
        if pairs:
            of, kind, worked = (np.array(column) for column in zip(*pairs, strict=True))
            points = pair_points(
                t.classes, t.kinds, t.context.scarcity, t.context.policy, of=of, kind=kind, has_worked=worked
            )
            cost[has_pair] -= points[table[has_pair, 2]]
        sizes = np.array([len(group.members) for group in self.groups], dtype=np.int64)
        place = self.arcs.add(table[:, 0], table[:, 1], sizes[table[:, 0] - self.group_at], cost)
        return place, table[:, 0], table[:, 1]

    def _around_declined(
        self, group: _Group, node: int, moved: int, pairs: list[tuple[int, int, bool]]
    ) -> list[tuple[int, int, int, int]]:
        """Arcs to kinds in which nobody declined, to the others' people one by one, and to the queue."""
        t = self.t
        kinds = t.arc_kind[t.arc_start[group.of] : t.arc_start[group.of + 1]].tolist()
        touched = {int(t.kinds.of_person[person]) for person in group.declined}
        heads = [self.kind_at + kind for kind in kinds if kind not in touched]
        rows = [(node, 0, -1, LEAVE + moved)] if group.owner < 0 and not group.is_idle else []
        for kind in kinds:
            if kind in touched:
                members = np.nonzero(t.kinds.of_person == kind)[0].tolist()
                heads.extend(self.person_at + person for person in members if person not in group.declined)
        for head in heads:
            kind = head - self.kind_at if head < self.person_at else int(t.kinds.of_person[head - self.person_at])
            rows.append((node, head, len(pairs), moved))
            pairs.append((group.of, kind, False))
        return rows

    def _supplies(self) -> Ints:
        supplies = np.zeros(self.nodes, dtype=np.int64)
        for of, members in self.plain.items():
            supplies[self.class_at + of] = len(members)
        for number, group in enumerate(self.groups):
            supplies[self.group_at + number] = len(group.members)
        supplies[0] = -supplies.sum()
        return supplies

    # -- decomposition --------------------------------------------------------------------------------------------------

    def _decompose(self, shared: Ints, to_person: Ints, private: Ints, tails: Ints, heads: Ints) -> Ints:
        """Turn flows into a choice per item, oldest first on every step."""
        t = self.t
        chosen = np.full(len(t.classes.items), UNPLACED, dtype=np.int64)
        in_class: dict[int, list[int]] = defaultdict(list, {of: list(members) for of, members in self.plain.items()})
        in_kind: dict[int, list[int]] = defaultdict(list)
        self._decompose_groups(private, tails, heads, chosen, in_class, in_kind)

        waiting = {of: iter(sorted(members)) for of, members in in_class.items()}
        used = np.nonzero(shared)[0]
        order = used[np.lexsort((t.arc_kind[used], -t.arc_points[used], self.arc_class[used]))]
        for arc, amount in zip(order.tolist(), shared[order].tolist(), strict=True):
            pool = waiting[int(self.arc_class[arc])]
            in_kind[int(t.arc_kind[arc])].extend(next(pool) for _ in range(amount))
        ready = {kind: iter(sorted(members)) for kind, members in in_kind.items()}
        for person in np.nonzero(to_person)[0].tolist():
            pool = ready[int(t.kinds.of_person[person])]
            for _ in range(int(to_person[person])):
                chosen[next(pool)] = person
        return chosen

    def _decompose_groups(
        self,
        private: Ints,
        tails: Ints,
        heads: Ints,
        chosen: Ints,
        in_class: dict[int, list[int]],
        in_kind: dict[int, list[int]],
    ) -> None:
        """Give each group's members, oldest first, to people, kinds, its class, and last the queue."""
        rest = [iter(group.members) for group in self.groups]
        used = np.nonzero(private)[0]
        # People first (highest nodes), then kinds, then the class, then the sink: oldest items are placed first.
        order = used[np.lexsort((-heads[used], tails[used]))]
        for arc in order.tolist():
            number, head = int(tails[arc]) - self.group_at, int(heads[arc])
            members = [next(rest[number]) for _ in range(int(private[arc]))]
            if head >= self.person_at:
                chosen[members] = head - self.person_at
            elif head >= self.kind_at:
                in_kind[head - self.kind_at].extend(members)
            elif head >= self.class_at:
                in_class[head - self.class_at].extend(members)
            elif self.groups[number].is_idle:
                chosen[members] = IDLE_STAY


def _bond_points(tables: Tables, bond: Bond) -> int:
    """The twin of rules.continuity and rules.stands_in."""
    policy = tables.context.policy
    points = round(100 * policy.deputy_weight) if bond.stands_in else 0
    if bond.has_worked:
        return points + round(100 * max(policy.continuity_item, policy.continuity_customer))
    return points + (round(100 * policy.continuity_customer) if bond.knows_customer else 0)


def _grouped(tables: Tables) -> tuple[dict[int, list[int]], Sequence[_Group]]:
    """Competing items by class, and apart those with an owner, familiar people or declines that matter."""
    t = tables
    plain: dict[int, list[int]] = defaultdict(list)
    groups: dict[GroupKey, _Group] = {}
    of_item, competes, holder, idle = (
        t.classes.of_item.tolist(),
        t.classes.competes.tolist(),
        t.holder.tolist(),
        t.is_idle.tolist(),
    )
    must_go = t.must_go.tolist()
    for at, item in enumerate(t.classes.items):
        if not competes[at]:
            continue
        of, owner = of_item[at], holder[at]
        is_special = item.worked_before or item.knows_customer or item.declined_by or item.owner is not None
        if not is_special:
            plain[of].append(at)
            continue
        familiar, declined = _relations(tables, at)
        if not familiar and not declined and owner < 0 and not idle[at]:
            plain[of].append(at)
            continue
        key = (of, owner, idle[at], must_go[at], familiar, declined)
        groups.setdefault(key, _Group(*key)).members.append(at)
    return plain, list(groups.values())


def _relations(tables: Tables, at: int) -> tuple[tuple[tuple[int, Bond], ...], tuple[int, ...]]:
    """Familiar people who may take the item and have a slot, and eligible people who declined it; both in place order."""
    t, item = tables, tables.classes.items[at]
    if not (item.worked_before or item.knows_customer or item.declined_by or item.owner in t.context.stand_ins):
        holder = int(t.holder[at])
        return (((holder, Bond(has_worked=True)),) if holder >= 0 else ()), ()
    eligible = t.kinds.eligible[t.classes.need_of[at]]
    familiar = tuple(
        sorted(
            (person, bond) for person, bond in t.familiar(item).items() if t.is_eligible(at, person) and t.free[person]
        )
    )
    places = (t.kinds.position.get(person, -1) for person in item.declined_by)
    return familiar, tuple(sorted(p for p in places if p >= 0 and eligible[t.kinds.of_person[p]]))
