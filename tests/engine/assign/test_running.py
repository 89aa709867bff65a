"""A desk kept from event to event answers as one looked at anew."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.assign.smalldesk import NOW, desk, due, item, person
from watchbill.engine.assign.decide import place, plan
from watchbill.engine.assign.facts import Snapshot
from watchbill.engine.assign.index import mean_touch_min
from watchbill.engine.assign.next import first_item, next_items
from watchbill.engine.assign.rules import MUSTS, PREFERENCES, Context
from watchbill.engine.assign.running import SILENT, Running
from watchbill.engine.assign.tables import scarcity_of, tables_of
from watchbill.engine.base.work import Priority

SKILLS = (1, 2, 3)


@st.composite
def items(draw, number):
    """Unowned, of one skill; a few were worked on before."""
    worked = tuple(draw(st.lists(st.integers(1, 5), max_size=2, unique=True)))
    effort = draw(st.sampled_from([10, 20, 45, 60, 61, 300]))
    return item(
        number,
        skill=draw(st.sampled_from(SKILLS)),
        priority=draw(st.sampled_from(Priority)),
        opened_at=NOW - timedelta(minutes=draw(st.integers(0, 3))),
        touch_min=min(60, effort),
        effort_min=effort,
        commitments=due(draw(st.sampled_from([-400, 20, 60, 61, 90, 400, 3000])), target_min=480),
        worked_before=worked,
        is_touched=bool(worked),
    )


@st.composite
def people(draw, number):
    return person(
        number,
        skills=draw(st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3), min_size=1)),
        shift_left_min=draw(st.sampled_from([5, 30, 45, 240, 480])),
        staffed_week_min=draw(st.sampled_from([480, 2400])),
        load_min=draw(st.sampled_from([0, 30, 500])),
        open_count=draw(st.integers(0, 2)),
        wip_limit=draw(st.integers(1, 3)),
    )


@st.composite
def desks(draw):
    """Up to eight items and five people."""
    work = [draw(items(number)) for number in range(1, 1 + draw(st.integers(1, 8)))]
    staff = [draw(people(number)) for number in range(1, 1 + draw(st.integers(1, 5)))]
    return desk(
        work, staff, seed=draw(st.integers(0, 2)), handover_min=draw(st.sampled_from([0, 15])),
        needs_shift_time=draw(st.booleans()),
    )  # fmt: skip


def kept(snapshot, *, gone=()):
    """The desk as it came about: others came and left again."""
    running = Running(snapshot.policy, seed=snapshot.seed)
    for who in snapshot.people:
        running.come(who.id, who.skills, who.shift_left_min)
    running.come(99, {1: 1, 3: 2}, 70)
    for work in (*snapshot.items, *gone):
        running.enter(work)
    for work in gone:
        running.leave(work)
    running.go(99, {1: 1, 3: 2})
    return running


def part_of(snapshot, work, staff):
    return Snapshot(now=snapshot.now, items=work, people=staff, policy=snapshot.policy, seed=snapshot.seed)


def able(snapshot, work):
    return [who for who in snapshot.people if work.skill in who.skills]


@settings(max_examples=300, deadline=None)
@given(desks(), st.data())
def test_incremental_place_equals_place_from_scratch(snapshot, data):
    """One item beside choices that take slots already: the same person, whatever entered and left before."""
    work = data.draw(st.sampled_from(snapshot.items))
    others = [one for one in snapshot.items if one is not work]
    given_to = st.sampled_from([None, *(who.id for who in snapshot.people)])
    current = {one.id: data.draw(given_to) for one in others if data.draw(st.booleans())}
    taken = {who.id: sum(given == who.id for given in current.values()) for who in snapshot.people}
    running = kept(snapshot, gone=[item(50, skill=2, effort_min=500), item(51, skill=1, touch_min=7)])
    best = running.best(part_of(snapshot, [work], able(snapshot, work)), 0, taken)
    assert (best[0] if best else None) == place(snapshot, work.id, current=current).person


@settings(max_examples=200, deadline=None)
@given(desks())
def test_rules_left_out_are_silent(snapshot):
    """Of items that nobody owns and that ask for a skill only: no must fails, and no preference says anything."""
    context = Context(
        policy=snapshot.policy, owners=frozenset(who.id for who in snapshot.people), urgency={}, scarcity={}
    )
    for work in snapshot.items:
        for who in snapshot.people:
            assert all(must(work, who, snapshot.policy) for must in MUSTS if must in SILENT)
            assert not any(rule(work, who, context) for rule, _ in PREFERENCES if rule in SILENT)


@settings(max_examples=200, deadline=None)
@given(desks())
def test_yardsticks_are_those_of_the_whole(snapshot):
    """The mean touch, how short each skill is, the minutes of a slot and the order of equals."""
    running, tables = kept(snapshot, gone=[item(50, skill=3)]), tables_of(snapshot)
    assert running.mean_min == mean_touch_min(snapshot.items)
    scarcity = scarcity_of(snapshot.items, snapshot.people, snapshot.policy)
    assert {skill: running.scarcity(skill, 0) for skill in SKILLS} == dict.fromkeys(SKILLS, 0.0) | scarcity
    for at, who in enumerate(tables.kinds.people):
        assert running.order(who.id) == at
        if tables.kinds.eligible[:, tables.kinds.of_person[at]].any():
            assert running.slot_min(who) == tables.slot_min[at]


@settings(max_examples=200, deadline=None)
@given(desks())
def test_a_plan_for_one_item_is_the_best_person_where_nobody_equals_her(snapshot):
    """Also beside items that nobody may take."""
    running = kept(snapshot)
    open_to = {one.id: running.best(part_of(snapshot, [one], able(snapshot, one)), 0, {}) for one in snapshot.items}
    (first, *others) = [number for number, best in open_to.items() if best] or [None]
    if first is not None and not others and len(open_to[first]) == 1:
        assert plan(snapshot).choices[first] == open_to[first][0]


@settings(max_examples=300, deadline=None)
@given(desks(), st.integers(1, 5))
def test_a_plan_for_one_person_is_her_best_item_where_the_class_is_clear(snapshot, number):
    """Everybody else has her hands full."""
    running = kept(snapshot)
    who = person(number, skills={1: 2, 2: 1}, wip_limit=1, shift_left_min=240)
    full = [person(one.id, skills=one.skills, wip_limit=1, open_count=1) for one in snapshot.people if one.id != number]
    there = part_of(snapshot, snapshot.items, [who, *full])
    running = kept(there)
    may = [one for one in there.items if one.skill in who.skills]
    if may and (only := running.only(part_of(there, may, [who]), 0)) is not None:
        choices = plan(there).choices
        assert [one for one, whom in choices.items() if whom is not None] == [only.id]
        assert choices[only.id] == number


def test_a_choice_among_equals_of_two_classes_is_left_to_the_solver():
    """Of two equal items of one class the older one; of two classes none, nor when she knows one and knowing counts nothing."""
    older, newer = item(1, skill=1), item(2, skill=1, opened_at=NOW)
    other, met, strange = item(3, skill=2), *(item(n, skill=1, is_touched=True, worked_before=(n,)) for n in (1, 2))
    who = person(skills={1: 1, 2: 1}, wip_limit=1)
    answers = []
    for work in ([newer, older], [older, other], [met, strange]):
        snapshot = desk(work, [who], breadth_weight=0.0, handover_min=0, continuity_item=0.0, continuity_customer=0.0)
        answers.append(kept(snapshot).only(snapshot, 0))
    assert answers == [older, None, None]


@settings(max_examples=200, deadline=None)
@given(desks(), st.data())
def test_the_first_item_is_the_first_line(snapshot, data):
    """Of what she may take, told the mean of the whole desk; owned items come as they are."""
    who = data.draw(st.sampled_from(snapshot.people))
    lines = next_items(snapshot, who.id, most=1)
    part = part_of(snapshot, [one for one in snapshot.items if one.skill in who.skills], [who])
    first = first_item(part, who.id, mean_min=mean_touch_min(snapshot.items))
    assert first == (lines[0].item if lines else None)


def test_an_empty_desk_has_the_yardsticks_of_an_empty_snapshot():
    """Sixty minutes, and nothing short."""
    running = kept(desk([], []))
    assert (running.mean_min, running.scarcity(1, 0)) == (mean_touch_min([]), 0.0)
    with pytest.raises(KeyError):
        running.order(99)
