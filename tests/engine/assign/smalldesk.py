"""Smallest valid facts, small random desks, and a second opinion on the optimum: try every assignment, one rule at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product

from hypothesis import strategies as st

from watchbill.engine.assign import rules
from watchbill.engine.assign.classes import does_compete
from watchbill.engine.assign.deputies import stand_ins_of
from watchbill.engine.assign.facts import Ask, Commitment, CommitmentKind, ItemFacts, PersonFacts, Presence, Snapshot
from watchbill.engine.assign.index import mean_touch_min, urgency_points
from watchbill.engine.assign.kinds import rare_of
from watchbill.engine.assign.network import LEAVE
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.routing import Claim, Sense, Sort
from watchbill.engine.assign.tables import scarcity_of
from watchbill.engine.base.work import Priority

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def item(number=1, **facts):
    """A P3 of one hour, opened an hour ago, without needs or promises."""
    default = {
        "queue": 1,
        "priority": Priority.P3,
        "opened_at": NOW - timedelta(hours=1),
        "touch_min": 60,
        "effort_min": 60,
    }
    return ItemFacts(id=number, **(default | facts))


def person(number=1, **facts):
    """Somebody on shift with five free slots."""
    return PersonFacts(id=number, **facts)


def desk(items, people, *, seed=0, now=NOW, **policy):
    return Snapshot(now=now, items=items, people=people, policy=Policy(**policy), seed=seed)


def due(minutes, *, kind=CommitmentKind.RESOLUTION, target_min=480):
    return (Commitment(kind=kind, due_at=NOW + timedelta(minutes=minutes), target_min=target_min),)


def context_of(snapshot):
    """What preferences look at, worked out from the facts alone."""
    people = {p.id: p for p in snapshot.people}
    competing = competing_items(snapshot)
    mean = mean_touch_min(snapshot.items)
    return rules.Context(
        policy=snapshot.policy,
        owners=frozenset(p for p, who in people.items() if who.is_active),
        urgency={i.id: urgency_points(i, snapshot, mean_min=mean) for i in snapshot.items},
        scarcity=scarcity_of(competing, snapshot.people, snapshot.policy),
        rare=rare_of(snapshot),
        stand_ins=stand_ins_of(snapshot.people),
    )


def competing_items(snapshot):
    owners = {p.id: p for p in snapshot.people}
    return [i for i in snapshot.items if does_compete(i, snapshot, owners)]


def fits(work, who, policy):
    """Every must except the free slot."""
    return set(rules.failed_musts(work, who, policy)) <= {"has_free_slot"}


def held_by(snapshot, who):
    """Competing items that a person holds by right of every must."""
    return [
        i for i in competing_items(snapshot) if i.owner == who.id and who.is_active and fits(i, who, snapshot.policy)
    ]


def free_slots(snapshot, who):
    return len(held_by(snapshot, who)) + max(0, who.wip_limit - who.open_count)


def slot_minutes(snapshot, who):
    """Mean remaining effort of the competing items which the person may take, declines aside."""
    competing = competing_items(snapshot)
    may = {"has_free_slot", "has_not_declined"}
    able = [i for i in competing if set(rules.failed_musts(replace(i, owner=None), who, snapshot.policy)) <= may]
    return sum(i.effort_min for i in able or competing) / len(able or competing)


class Costs:
    """What assignments of one desk cost, one rule at a time; however many are tried, each pair is asked once."""

    def __init__(self, snapshot):
        self.snapshot = snapshot
        self.people = {p.id: p for p in snapshot.people}
        self.items = competing_items(snapshot)
        pairs = [(i, p) for i in self.items for p in snapshot.people if fits(i, p, snapshot.policy)]
        context = context_of(snapshot)
        self.points = {(i.id, p.id): sum(rule(i, p, context) for rule, _ in rules.PREFERENCES) for i, p in pairs}
        self.loads = cache(self._loads)
        self.slots = cache(lambda person: free_slots(snapshot, self.people[person]))

    def _loads(self, person):
        """The points of even load by the slot that is taken."""
        who, snapshot = self.people[person], self.snapshot
        slot_min, held_min = slot_minutes(snapshot, who), sum(i.effort_min for i in held_by(snapshot, who))
        return [
            rules.even_load(who, taken=slot, slot_min=slot_min, policy=snapshot.policy, held_min=held_min)
            for slot in range(len(self.items))
        ]

    def has_too_many(self, who, choices):
        """Whether a person would be given more of a limited class than fits, what she owns already left out."""
        for name, limit in {**self.snapshot.policy.class_limits, **who.class_limits}.items():
            mine = [i for i in self.items if name in i.classes and i.owner == who.id]
            had = [i for i in self.items if name in i.classes and choices[i.id] == who.id]
            room = limit - who.open_by_class.get(name, 0) + len(mine)
            if len(had) > room and any(i.owner != who.id for i in had):
                return True
        return False

    def of(self, choices):
        """Cost of one assignment in hundredths (person by item; None leaves it), or None when it breaks something."""
        cost, taken = 0, Counter()
        for work in self.items:
            who = self.people.get(choices[work.id])
            owner = self.people.get(work.owner)
            is_owned = owner is not None and owner.is_active
            if who is None:
                if is_owned:
                    return None
                cost += LEAVE
            elif (work.id, who.id) in self.points:
                cost -= self.points[work.id, who.id]
                taken[who.id] += 1
            elif who is owner:
                if not is_owned:
                    return None
                cost += LEAVE if rules.is_away_too_long(work, owner) else 0
            else:
                return None
        for who in self.snapshot.people:
            if taken[who.id] > self.slots(who.id) or self.has_too_many(who, choices):
                return None
            if taken[who.id]:
                cost -= sum(self.loads(who.id)[: taken[who.id]])
        return cost

    def best(self):
        """The optimum by trying everything: (people + 1) to the power of items."""
        options, numbers = [*self.people, None], [i.id for i in self.items]
        tried = (self.of(dict(zip(numbers, picks, strict=True))) for picks in product(options, repeat=len(numbers)))
        return min(cost for cost in tried if cost is not None)


ids = st.integers(1, 3)
people_ids = st.lists(st.integers(1, 3), unique=True, max_size=2).map(tuple)


claims = st.one_of(
    st.builds(
        Claim, st.sampled_from([Sense.ASK, Sense.PREFER]), st.just(Sort.SKILL), st.tuples(ids), ids, st.just(5.0), ids
    ),
    st.builds(
        Claim, st.sampled_from([Sense.ASK, Sense.PREFER]), st.sampled_from([Sort.TEAM, Sort.REGION]), st.tuples(ids),
        st.just(1), st.just(2.5), ids,
    ),
    st.builds(
        Claim, st.sampled_from(Sense), st.just(Sort.PERSON), st.tuples(ids, ids), st.just(1), st.just(8.0), ids
    ),
)  # fmt: skip
"""What rules ask, by keys that the people of these desks have, or not."""


@st.composite
def snapshots(draw, *, most_items=4, most_people=3, policy=None, has_limits=False):
    """A desk small enough to try everything, with every feature switched on at random; limits by class if asked for."""
    people = [
        PersonFacts(
            id=number,
            teams=draw(st.frozensets(st.integers(1, 2))),
            skills=draw(st.dictionaries(st.integers(1, 2), st.integers(1, 5), max_size=2)),
            languages=draw(st.frozensets(st.sampled_from(["en", "pt"]))),
            presence=draw(st.sampled_from([Presence.AVAILABLE, Presence.AVAILABLE, Presence.AWAY])),
            is_active=draw(st.sampled_from([True, True, True, False])),
            is_on_shift=draw(st.sampled_from([True, True, True, True, False])),
            shift_left_min=draw(st.sampled_from([0, 20, 50, 200, 480])),
            staffed_week_min=draw(st.sampled_from([0, 60, 240, 480])),
            load_min=draw(st.integers(0, 600)),
            open_count=draw(st.integers(0, 3)),
            wip_limit=draw(st.integers(0, 5)),
            since_change_min=draw(st.sampled_from([None, None, 10, 45])),
            clearances=draw(st.frozensets(st.sampled_from(["export", "bank"]))),
            tiers=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"standard", "premier"})])),
            region=draw(st.none() | st.integers(1, 2)),
            class_limits=draw(st.sampled_from([{}, {}, {"red": 1}])) if has_limits else {},
            open_by_class=draw(st.dictionaries(st.sampled_from(["red", "blue"]), st.integers(0, 3))),
            is_absent=draw(st.sampled_from([False, False, False, True])),
            deputy=draw(st.none() | st.integers(1, 4)),
            next_shift_at=draw(st.sampled_from([None, NOW + timedelta(hours=2), NOW + timedelta(hours=20)])),
        )
        for number in range(1, 1 + draw(st.integers(0, most_people)))
    ]
    items = [draw(_items(number)) for number in range(1, 1 + draw(st.integers(0, most_items)))]
    rules_ = policy or Policy(
        is_rebalancing=draw(st.booleans()),
        needs_team=draw(st.booleans()),
        needs_language=draw(st.sampled_from([True, True, False])),
        needs_clearance=draw(st.sampled_from([True, True, False])),
        class_limits={"red": draw(st.integers(0, 3)), "blue": 2} if has_limits else {},
    )
    asks = draw(
        st.frozensets(st.builds(Ask, st.none() | ids, st.integers(1, 3), st.none() | st.just("pt")), max_size=4)
    )
    return Snapshot(now=NOW, items=items, people=people, policy=rules_, asks=asks, seed=draw(st.integers(0, 3)))


@st.composite
def _items(draw, number):
    touch = draw(st.sampled_from([15, 30, 60]))
    promises = draw(st.lists(st.tuples(st.sampled_from(CommitmentKind), st.integers(-600, 900)), max_size=2))
    return ItemFacts(
        id=number,
        queue=1,
        priority=draw(st.sampled_from(Priority)),
        opened_at=NOW - timedelta(minutes=draw(st.sampled_from([0, 60, 600]))),
        touch_min=touch,
        effort_min=touch * draw(st.integers(1, 4)),
        team=draw(st.none() | st.integers(1, 2)),
        skill=draw(st.none() | st.integers(1, 2)),
        min_level=draw(st.integers(1, 3)),
        language=draw(st.none() | st.just("en")),
        tier=draw(st.sampled_from(["standard", "premier", "unlisted"])),
        commitments=tuple(
            Commitment(kind=kind, due_at=NOW + timedelta(minutes=left), target_min=240) for kind, left in promises
        ),
        owner=draw(st.none() | st.integers(1, 4)),
        is_touched=draw(st.booleans()),
        is_pinned=draw(st.sampled_from([False, False, True])),
        last_moved_at=draw(st.none() | st.just(NOW - timedelta(hours=1))),
        worked_before=draw(people_ids),
        knows_customer=draw(people_ids),
        declined_by=draw(people_ids),
        clearances=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"export"})])),
        region=draw(st.none() | st.integers(1, 3)),
        classes=draw(st.lists(st.sampled_from(["red", "blue", "other"]), unique=True, max_size=2).map(tuple)),
        route=draw(st.just(()) | st.lists(claims, max_size=2).map(tuple)),
    )
