"""The plan against a second opinion: brute force on tiny desks, invariants on random ones."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engine.assign.smalldesk import (
    NOW,
    Costs,
    competing_items,
    context_of,
    desk,
    due,
    fits,
    free_slots,
    item,
    person,
    snapshots,
)
from watchbill.engine.assign import rules
from watchbill.engine.assign.decide import explain, place, plan
from watchbill.engine.assign.facts import facts_digest
from watchbill.engine.assign.kinds import KIND_MUSTS
from watchbill.engine.assign.network import LEAVE, solve
from watchbill.engine.assign.outcome import Verdict
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.tables import pair_points, tables_of
from watchbill.engine.base.errors import Unavailable

quick = settings(max_examples=80, deadline=None)


@quick
@given(snapshots(most_items=3))
def test_plan_equals_brute_force(snapshot):
    """On desks small enough to try every assignment, the plan costs exactly as much as the best of them."""
    assume(competing_items(snapshot))
    costs = Costs(snapshot)
    assert costs.of(plan(snapshot).choices) == costs.best() == solve(tables_of(snapshot)).cost


@quick
@given(snapshots(most_items=3, has_limits=True))
def test_limits_by_class_are_held_exactly_and_cost_little(snapshot):
    """With limits by class the plan breaks none, and every choice it makes is one that brute force allows too."""
    assume(competing_items(snapshot))
    decided, costs = plan(snapshot), Costs(snapshot)
    cost, best = costs.of(decided.choices), costs.best()
    assert cost is not None
    assert best <= cost
    unlimited = replace(
        snapshot,
        policy=replace(snapshot.policy, class_limits={}),
        people=[replace(p, class_limits={}) for p in snapshot.people],
    )
    free = plan(unlimited)
    if costs.of(free.choices) is not None:
        assert free.points <= decided.points + 0.01 or cost == best


@quick
@given(snapshots(most_items=6, has_limits=True))
def test_the_index_rule_breaks_no_must_and_leaves_nobody_idle(snapshot):
    """Without a solver every choice is allowed, owned items stay, and what is left nobody with room could take."""
    decided = plan(snapshot, run=broken)
    assert decided.fallback == ("the solver is out" if competing_items(snapshot) else "")
    assert not competing_items(snapshot) or Costs(snapshot).of(decided.choices) is not None
    assert decided.choices == plan(snapshot, run=broken).choices
    for work in competing_items(snapshot):
        again = place(snapshot, work.id, current=decided.choices)
        if decided.choices[work.id] is None:
            assert again.verdict in {Verdict.WAIT, Verdict.NO_ONE}


def broken(_arcs):
    raise Unavailable("the solver is out")


@quick
@given(snapshots(most_items=8))
def test_no_must_is_broken_and_nobody_gets_more_than_her_slots(snapshot):
    """Everybody who is given an item fulfils every must for it, and counts stay within free slots."""
    people = {p.id: p for p in snapshot.people}
    given_to, choices = dict.fromkeys(people, 0), plan(snapshot).choices
    for work in competing_items(snapshot):
        chosen = choices[work.id]
        if chosen is None:
            continue
        if chosen == work.owner and not fits(work, people[chosen], snapshot.policy):
            continue  # stays with an owner who cannot work on it now
        assert fits(work, people[chosen], snapshot.policy)
        given_to[chosen] += 1
    assert all(given_to[p] <= free_slots(snapshot, people[p]) for p in people)


@quick
@given(snapshots(most_items=8, policy=Policy()))
def test_nobody_eligible_stays_free_while_work_waits(snapshot):
    """An item is left in the queue only when everybody who may take it has used every slot."""
    decided = plan(snapshot)
    for work in competing_items(snapshot):
        if decided.choices[work.id] is None:
            for who in snapshot.people:
                used = sum(chosen == who.id for chosen in decided.choices.values())
                assert not fits(work, who, snapshot.policy) or used >= free_slots(snapshot, who)


@quick
@given(snapshots(most_items=6, policy=Policy()), st.randoms(use_true_random=False))
def test_order_of_input_does_not_matter(snapshot, random):
    """Shuffled facts give the same choices, scores and digest."""
    items, people = list(snapshot.items), list(snapshot.people)
    random.shuffle(items)
    random.shuffle(people)
    shuffled = replace(snapshot, items=items, people=people)
    one, other = plan(snapshot), plan(shuffled)
    assert (one.choices, one.scores) == (other.choices, other.scores)
    assert list(one.decisions()) == list(other.decisions())
    assert facts_digest(snapshot, {}) == facts_digest(shuffled, {})


@quick
@given(snapshots(most_items=6), st.integers(0, 5))
def test_the_seed_settles_ties_and_nothing_else(snapshot, seed):
    """Another seed may name other people, but the plan is worth exactly as much; the same seed repeats itself."""
    other = replace(snapshot, seed=seed)
    assert plan(snapshot).points == plan(other).points
    assert plan(other).choices == plan(other).choices


@quick
@given(snapshots(most_items=6, policy=Policy()))
def test_one_more_free_person_never_hurts(snapshot):
    """Somebody more to choose from makes the optimum better or leaves it as it is."""
    extra = person(99, skills={1: 3}, teams=frozenset({1}), languages=frozenset({"en"}))
    more = replace(snapshot, people=[*snapshot.people, extra])
    assert solve(tables_of(more)).cost <= solve(tables_of(snapshot)).cost


@quick
@given(snapshots(most_items=1))
def test_place_equals_plan_on_a_queue_of_one(snapshot):
    """The two public functions agree on verdict and score when there is nothing else to decide."""
    for work in competing_items(snapshot):
        alone, whole = place(snapshot, work.id), plan(snapshot).decision(work.id)
        assert (alone.verdict, alone.score, alone.eligible, alone.rejected) == (
            whole.verdict,
            whole.score,
            whole.eligible,
            whole.rejected,
        )


@quick
@given(snapshots(most_items=6))
def test_placing_an_item_of_the_plan_again_does_not_better_it(snapshot):
    """Beside the other choices of a plan, no single item can be placed at a higher score than the plan gives it."""
    decided = plan(snapshot)
    for work in competing_items(snapshot):
        chosen = decided.decision(work.id)
        again = place(snapshot, work.id, current=decided.choices)
        if chosen.verdict in {Verdict.ASSIGN, Verdict.MOVE} or chosen.contributions:
            assert again.score == chosen.score


@quick
@given(snapshots(most_items=6))
def test_arrays_and_rules_agree_pair_by_pair(snapshot):
    """The arrays that the solver reads say the same as the rules, one item and one person at a time."""
    tables, context = tables_of(snapshot), context_of(snapshot)
    names = [must.__name__ for must in rules.MUSTS[:KIND_MUSTS]]
    for at, work in enumerate(tables.classes.items):
        for at_person, who in enumerate(tables.kinds.people):
            kind = int(tables.kinds.of_person[at_person])
            failed = [name for name in rules.failed_musts(work, who, snapshot.policy) if name in names]
            code = int(tables.kinds.failed[tables.classes.need_of[at], kind])
            assert code == (names.index(failed[0]) if failed else KIND_MUSTS)
            worked = rules.has_worked_on(work, who.id)
            points = pair_points(
                tables.classes,
                tables.kinds,
                tables.context.scarcity,
                snapshot.policy,
                of=tables.classes.of_item[at : at + 1],
                kind=np.array([kind]),
                has_worked=np.array([worked]),
            )
            apart = {"continuity", "stays_with_owner", "stands_in"}
            assert int(points[0]) == sum(
                rule(work, who, context) for rule, _ in rules.PREFERENCES if rule.__name__ not in apart
            )


@quick
@given(snapshots(most_items=6))
def test_reasons_add_up(snapshot):
    """Contributions sum to the score, people left out and eligible sum to all people, alternatives are ranked."""
    decided = plan(snapshot)
    for work in competing_items(snapshot):
        decision = decided.decision(work.id)
        assert decision.score == round(sum(part.points for part in decision.contributions), 2)
        assert decision.score == decided.scores[work.id]
        assert decision.eligible + sum(r.people for r in decision.rejected) == len(snapshot.people)
        scores = [other.score for other in decision.alternatives]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) <= 3
        if decision.contributions:
            assert all(other.score <= decision.score for other in decision.alternatives if other.has_slot)
        assert (decision.person is None) == (decision.verdict in {Verdict.WAIT, Verdict.NO_ONE})


@quick
@given(snapshots(most_items=4))
def test_explain_lists_everybody_once_and_agrees_with_the_rules(snapshot):
    """People without a failed must have a score, the others have their failed musts."""
    for work in snapshot.items:
        considered = explain(snapshot, work.id).considered
        assert sorted(c.person for c in considered) == sorted(p.id for p in snapshot.people)
        by_id = {p.id: p for p in snapshot.people}
        for c in considered:
            assert c.failed == rules.failed_musts(work, by_id[c.person], snapshot.policy)
            assert (c.score is None) == bool(c.failed)


def test_an_urgent_item_gets_the_last_slot():
    """Two items, one slot: the one that can still be saved goes first, however old the other is."""
    old = item(1, opened_at=NOW - timedelta(days=3), commitments=due(3000))
    urgent = item(2, commitments=due(61))
    decided = plan(desk([old, urgent], [person(wip_limit=1)]))
    assert decided.choices == {1: None, 2: 1}
    assert decided.left == 1
    assert decided.decision(1).verdict is Verdict.WAIT


def test_equal_items_go_oldest_first():
    """Members of one class are told apart by age, then by id."""
    young, old = item(1, opened_at=NOW - timedelta(hours=1)), item(2, opened_at=NOW - timedelta(hours=2))
    assert plan(desk([young, old], [person(wip_limit=1)])).choices == {1: None, 2: 1}


def test_an_empty_queue_and_an_empty_house_are_answers():
    """No items, or no people: nothing to choose, and no error."""
    assert plan(desk([], [person()])).choices == {}
    assert plan(desk([item()], [])).decision(1).reason == "No one can take this: there are no people."


def test_leaving_work_is_dearer_than_any_person():
    """Even the most loaded person costs less than the queue."""
    work = item(commitments=())
    swamped = person(load_min=100_000, staffed_week_min=60)
    assert plan(desk([work], [swamped])).choices == {1: 1}
    assert LEAVE > rules.STEEPEST
