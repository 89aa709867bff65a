"""Moves that help: nothing that breaks a must, the effect on both sides, and no more than is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.assign.smalldesk import NOW, competing_items, context_of, desk, due, item, person, snapshots
from watchbill.engine.assign import rules
from watchbill.engine.assign.balance import MOST_TO_ONE, WEIGHED, outlook, suggest, weigh_each
from watchbill.engine.assign.lateness import Queued, late_by_item, worked_until
from watchbill.engine.assign.moves import BalanceFacts, Side
from watchbill.engine.assign.rules import failed_musts
from watchbill.engine.assign.takers import takers_of
from watchbill.engine.base.errors import InvalidFacts

DAY = ((0, 480),)


def side(total, *, available=480, region=None, spans=DAY):
    return Side(spans=spans, due_min=total, available_min=available, region=region)


def busy_desk(*, people=None, count=6, **policy):
    """Person 1 owns *count* items of two hours, promised within the day; person 2 is free."""
    items = [item(n, owner=1, touch_min=60, effort_min=120, commitments=due(60 * n + 60)) for n in range(1, count + 1)]
    staff = people or [person(1, open_count=count, wip_limit=20), person(2, wip_limit=20)]
    totals = {1: 120 * count}
    return BalanceFacts(snapshot=desk(items, staff, **policy), sides={p.id: side(totals.get(p.id, 0)) for p in staff})


def test_the_busiest_gives_and_the_free_one_takes():
    """Twelve hours for eight on one side, nothing on the other: work goes over, and fewer promises are late in all."""
    facts = busy_desk()
    moves = suggest(facts, most=8)
    assert moves
    assert {(move.giver, move.taker) for move in moves} == {(1, 2)}
    seen = outlook(facts, [(move.item, move.taker) for move in moves])
    assert seen.busiest_before == pytest.approx(1.5)
    assert seen.busiest_after < seen.busiest_before
    assert sum(seen.late_after.values()) < sum(seen.late_before.values())


def test_chances_that_are_known_stand_and_a_move_changes_them():
    """Present chances are those given, for whatever is known; moves change them by as much as they would without, as chances."""
    facts = busy_desk()
    known = {1: 0.35, 3: 0.9, 6: 0.05}
    given_facts = replace(facts, chances=known)
    bare, told = (outlook(one, ()) for one in (facts, given_facts))
    worst = {n: late_by_item(queue_of(facts), DAY, NOW)[n][0] for n in range(1, 7)}
    expected = bare.late_before[1] + sum(chance - worst[n] for n, chance in known.items())
    assert told.late_before[1] == pytest.approx(expected)
    for n, chance in known.items():
        (move,), (before,) = weigh_each(given_facts, [(n, 2)]), weigh_each(facts, [(n, 2)])
        assert move.late_before == pytest.approx(chance)
        change = before.late_after - before.late_before
        assert move.late_after == pytest.approx(min(1.0, max(0.0, chance + change)))


def queue_of(facts):
    """All items of person 1 as her own work, in order."""
    return [
        Queued(item=one, urgency=urgency, touch_min=one.touch_min, effort_min=one.effort_min)
        for one, urgency in zip(facts.snapshot.items, range(6, 0, -1), strict=True)
    ]


def test_what_is_not_due_weighs_nothing_until_it_is():
    """Load is of what falls due: a move of far promises changes nobody's load, one of near ones both sides'."""
    items = [
        item(1, owner=1, touch_min=60, effort_min=120, commitments=due(3000)),
        item(2, owner=1, touch_min=60, effort_min=120, commitments=due(600)),
    ]
    staff = [person(1, open_count=2, wip_limit=20), person(2, wip_limit=20)]
    facts = BalanceFacts(snapshot=desk(items, staff), sides={1: side(120), 2: side(0)})
    far, near = (outlook(facts, [(n, 2)]) for n in (1, 2))
    assert (far.after, near.after) == ({1: 0.25, 2: 0.0}, {1: 0.0, 2: 0.25})


def test_no_more_moves_than_asked_for():
    """The limit on churn holds, nobody is given more than three at once, and the best come first."""
    facts = busy_desk(count=12)
    assert len(suggest(facts, most=8)) == MOST_TO_ONE
    assert len(suggest(facts, most=1)) == 1
    assert suggest(facts, most=0) == ()
    assert suggest(facts, most=1)[0] == replace(suggest(facts, most=3)[0], second=suggest(facts, most=1)[0].second)


@pytest.mark.parametrize(
    "change",
    [
        {"is_on_shift": False},
        {"is_active": False},
        {"open_count": 20},
        {"shift_left_min": 30},
    ],
)
def test_nobody_gets_what_she_cannot_take(change):
    """Off shift, inactive, full, or too little time left: not one move."""
    facts = busy_desk(people=[person(1, wip_limit=20), person(2, **{"wip_limit": 20, **change})])
    assert suggest(facts, most=8) == ()


def test_a_skill_is_a_must():
    """What asks for a skill goes to who has it, though another is freer."""
    owned = [item(n, owner=1, skill=7, effort_min=120, commitments=due(60 * n)) for n in range(1, 7)]
    staff = [person(1, skills={7: 3}), person(2), person(3, skills={7: 2})]
    facts = BalanceFacts(snapshot=desk(owned, staff), sides={1: side(720), 2: side(0), 3: side(100)})
    assert {move.taker for move in suggest(facts, most=8)} == {3}


def test_what_rests_or_is_pinned_stays():
    """Moved an hour ago, or kept by a person: it stays; after a day it may go."""
    owned = [
        item(1, owner=1, effort_min=240, commitments=due(90), last_moved_at=NOW - timedelta(hours=1)),
        item(2, owner=1, effort_min=240, commitments=due(90), is_pinned=True),
        item(3, owner=1, effort_min=240, commitments=due(90), last_moved_at=NOW - timedelta(hours=25)),
    ]
    facts = BalanceFacts(snapshot=desk(owned, [person(1), person(2)]), sides={1: side(720), 2: side(0)})
    assert [move.item for move in suggest(facts, most=8)] == [3]
    assert weigh_each(facts, [(1, 2)]) == (None,)


def test_shifts_must_overlap():
    """Who is off until long after the taker has gone cannot tell her anything; who comes before that can."""
    away = person(1, is_on_shift=False, shift_left_min=0, next_shift_at=NOW + timedelta(hours=12))
    soon = replace(away, next_shift_at=NOW + timedelta(hours=4))
    assert suggest(busy_desk(people=[away, person(2, wip_limit=20)]), most=8) == ()
    assert suggest(busy_desk(people=[soon, person(2, wip_limit=20)]), most=8)


def test_equal_loads_are_left_alone():
    """Nobody is better off: no churn for its own sake."""
    items = [item(n, owner=1 + n % 2, commitments=due(600)) for n in range(4)]
    facts = BalanceFacts(snapshot=desk(items, [person(1), person(2)]), sides={1: side(120), 2: side(120)})
    assert suggest(facts, most=8) == ()


def test_lateness_of_a_worked_number():
    """Two touches of an hour, due after 90 minutes of work: sd 0.8 x sqrt(2) h, 30 min over: P = Phi(0.442) = 0.671."""
    one = item(1, commitments=due(60))
    two = item(2, commitments=due(90))
    queue = [Queued(item=x, urgency=u, touch_min=60, effort_min=60) for x, u in ((one, 9.0), (two, 5.0))]
    late = late_by_item(queue, DAY, NOW)
    assert late[1][0] == pytest.approx(0.5)
    assert late[2][0] == pytest.approx(0.6707, abs=1e-3)


def test_what_is_overdue_is_missed_and_far_dues_are_not():
    """No chance is left for the one, next to none against the other."""
    queue = [Queued(item=item(1, commitments=due(-5)), urgency=1, touch_min=60, effort_min=60)]
    assert late_by_item(queue, DAY, NOW)[1] == (1.0, 1.0)
    queue = [Queued(item=item(1, commitments=due(30 * 24 * 60)), urgency=1, touch_min=60, effort_min=60)]
    assert late_by_item(queue, DAY, NOW)[1][0] < 0.01
    assert worked_until(DAY, 96 * 60) == 960


def test_an_unknown_choice_is_refused():
    """An outlook of what nobody holds is a mistake of the caller."""
    with pytest.raises(InvalidFacts):
        outlook(busy_desk(), [(99, 2)])


def test_a_limit_by_class_holds_over_all_moves_together():
    """Person 2 may own one more red item: of many that would help her colleague one is suggested."""
    facts = busy_desk(
        people=[
            person(1, open_count=6, wip_limit=20),
            person(2, wip_limit=20, class_limits={"red": 2}, open_by_class={"red": 1}),
        ]
    )
    red = [replace(one, classes=("red",)) for one in facts.snapshot.items]
    facts = replace(facts, snapshot=replace(facts.snapshot, items=red))
    assert len(suggest(facts, most=8)) == 1


def test_moves_asked_for_together_are_weighed_one_after_the_other():
    """Two slots are free: of three items the third stays, as does one that is asked for twice; and loads are told as they become."""
    facts = busy_desk(people=[person(1, open_count=6, wip_limit=20), person(2, open_count=4, wip_limit=6)])
    first, again, second, third = weigh_each(facts, [(1, 2), (1, 2), (2, 2), (3, 2)])
    assert (again, third) == (None, None)
    assert second.taking.load_before == pytest.approx(first.taking.load_after)
    assert weigh_each(facts, [(3, 2)])[0].item == 3
    assert weigh_each(facts, [(99, 2), (1, 99)]) == (None, None)


people = st.builds(
    dict,
    is_on_shift=st.booleans(),
    skills=st.sampled_from([{}, {7: 1}, {7: 3}]),
    open_count=st.integers(0, 4),
    wip_limit=st.integers(0, 6),
)
items = st.builds(
    dict,
    owner=st.sampled_from([1, 2, 3]),
    skill=st.sampled_from([None, 7]),
    effort_min=st.integers(15, 240),
    minutes=st.integers(-60, 900),
    is_touched=st.booleans(),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(people, min_size=3, max_size=3),
    st.lists(items, max_size=6),
    st.lists(st.integers(0, 900), min_size=3, max_size=3),
)
def test_moves_never_break_a_must_nor_make_it_worse(staff, owned, totals):
    """In any small world: musts hold, nobody exceeds her slots, no item moves twice, both sides together are no later."""
    rows = [person(n, **facts) for n, facts in enumerate(staff, start=1)]
    work = [
        item(n, owner=one["owner"], skill=one["skill"], effort_min=one["effort_min"], touch_min=min(60, one["effort_min"]),
             is_touched=one["is_touched"], commitments=due(one["minutes"]))
        for n, one in enumerate(owned, start=1)
    ]  # fmt: skip
    facts = BalanceFacts(
        snapshot=desk(work, rows), sides={n: side(total) for n, total in enumerate(totals, start=1)}
    )  # fmt: skip
    moves = suggest(facts, most=5)
    by_id, by_person = {one.id: one for one in work}, {one.id: one for one in rows}
    assert len({move.item for move in moves}) == len(moves)
    for move in moves:
        assert move.giver == by_id[move.item].owner != move.taker
        assert failed_musts(by_id[move.item], by_person[move.taker], facts.snapshot.policy) == ()
        assert move.gain > 0
        assert (
            move.giving.late_after + move.taking.late_after <= move.giving.late_before + move.taking.late_before + 1e-6
        )
    for one in rows:
        assert one.open_count + sum(move.taker == one.id for move in moves) <= max(one.wip_limit, one.open_count)
    assert (
        suggest(replace(facts, snapshot=replace(facts.snapshot, items=work[::-1], people=rows[::-1])), most=5) == moves
    )


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(snapshots(most_items=6))
def test_the_table_of_takers_and_the_rules_agree_pair_by_pair(snapshot):
    """What balance reads of a pair says the same as the rules, one item and one person at a time; so do the musts."""
    context = context_of(snapshot)
    table = takers_of(snapshot, {person.id for person in snapshot.people})
    for work in competing_items(snapshot):
        bare = work if work.is_touched else replace(work, owner=None)
        for who in snapshot.people:
            at = table.row[work.id], table.column[who.id]
            said = sum(rule(work if rule is rules.stays_with_owner else bare, who, context) for rule in WEIGHED)
            assert table.points[at] == said
            assert table.able[at] == rules.fulfils_musts(replace(work, owner=None), who, snapshot.policy)
