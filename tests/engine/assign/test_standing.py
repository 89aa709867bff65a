"""A standing proposal is left alone when another person is hardly better, and only then."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchbill.engine.assign.decide import place, plan
from watchbill.engine.assign.facts import Commitment, CommitmentKind, ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.standing import STANDING_POINTS, place_beside, plan_beside
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.ids import ItemId, PersonId, QueueId, SkillId
from watchbill.engine.base.work import Priority

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def item(number, **facts):
    return ItemFacts(
        id=ItemId(number), queue=QueueId(1), priority=Priority.P3, opened_at=NOW, touch_min=30, effort_min=60, **facts
    )


def person(number, **facts):
    return PersonFacts(id=PersonId(number), **facts)


def chosen(snapshot, standing):
    return dict(plan_beside(plan(snapshot), standing).choices())


EQUALS = Snapshot(now=NOW, items=[item(1)], people=[person(n) for n in range(1, 9)])


@pytest.mark.parametrize("standing", [PersonId(n) for n in range(1, 9)])
def test_among_equals_the_one_proposed_stays(standing):
    """Whoever stands, stands; by plan and by place alike."""
    assert chosen(EQUALS, {ItemId(1): standing}) == {1: standing}
    assert place_beside(EQUALS, ItemId(1), current={ItemId(1): standing}).person == standing


def test_a_clearly_better_person_replaces_the_one_proposed():
    """Continuity is worth more than the margin."""
    better = replace(EQUALS, items=[item(1, worked_before=(PersonId(5),), is_touched=True)])
    assert chosen(better, {ItemId(1): PersonId(2)}) == {1: 5}
    assert place_beside(better, ItemId(1), current={ItemId(1): PersonId(2)}).person == 5


def test_what_is_given_up_is_no_more_than_the_margin():
    """The kept person's score is at most STANDING_POINTS below the best."""
    people = [person(n, load_min=4 * n) for n in range(1, 9)]
    snapshot = replace(EQUALS, people=people)
    best = place(snapshot, ItemId(1), current={}).score
    for standing in range(1, 9):
        kept = place_beside(snapshot, ItemId(1), current={ItemId(1): PersonId(standing)})
        assert best - kept.score <= STANDING_POINTS
        assert kept.person in {standing, 1}


@pytest.mark.parametrize(
    "unable", [{"is_on_shift": False}, {"is_active": False}, {"open_count": 5}], ids=["off shift", "inactive", "full"]
)
def test_a_must_is_never_bent_for_a_standing_proposal(unable):
    """Who may not take it any more is replaced."""
    people = [person(1, **unable), person(2)]
    snapshot = replace(EQUALS, people=people)
    assert chosen(snapshot, {ItemId(1): PersonId(1)}) == {1: 2}
    assert place_beside(snapshot, ItemId(1), current={ItemId(1): PersonId(1)}).person == 2


def test_nobody_is_kept_beyond_her_free_slots():
    """Of three standing proposals for one person with two free slots, at most two stay."""
    people = [person(1, wip_limit=2), person(2), person(3)]
    snapshot = replace(EQUALS, items=[item(n) for n in (1, 2, 3)], people=people)
    choices = chosen(snapshot, {ItemId(n): PersonId(1) for n in (1, 2, 3)})
    assert list(choices.values()).count(1) <= 2
    assert None not in choices.values()


def test_the_kept_choice_comes_with_its_own_reasons():
    """The decision speaks of the person who stays, and its points add up."""
    beside = plan_beside(plan(EQUALS), {ItemId(1): PersonId(4)})
    decision = beside.decision(ItemId(1))
    assert decision.person == 4
    assert decision.score == pytest.approx(sum(reason.points for reason in decision.contributions))
    assert 4 not in {other.person for other in decision.alternatives}


def test_without_standing_proposals_the_plan_is_the_plan():
    """Nothing stands, nothing changes."""
    snapshot = replace(EQUALS, items=[item(n) for n in range(1, 20)])
    made = plan(snapshot)
    assert chosen(snapshot, {}) == dict(made.choices)


def test_an_unknown_item_is_refused():
    """As place does."""
    with pytest.raises(NotFound):
        place_beside(EQUALS, ItemId(9), current={})


def test_equal_items_exchange_their_people_rather_than_their_names():
    """When everybody is full, two alike items swap so that both standing proposals stay; nobody's load changes."""
    people = [person(n, wip_limit=1) for n in (1, 2)]
    snapshot = replace(EQUALS, items=[item(n) for n in (1, 2)], people=people)
    made = dict(plan(snapshot).choices)
    crossed = {ItemId(1): made[ItemId(2)], ItemId(2): made[ItemId(1)]}
    assert chosen(snapshot, crossed) == crossed


def test_an_item_that_waits_exchanges_with_an_equal_one_that_got_the_slot():
    """Of three alike items for one slot, the one that was proposed keeps it, whichever the plan picked."""
    snapshot = replace(EQUALS, items=[item(n) for n in (1, 2, 3)], people=[person(1, wip_limit=1)])
    for standing in (1, 2, 3):
        choices = chosen(snapshot, {ItemId(standing): PersonId(1)})
        assert choices == {n: 1 if n == standing else None for n in (1, 2, 3)}


def test_a_more_urgent_item_takes_the_slot_from_a_standing_proposal():
    """Exchange never costs more than the margin: a P1 due now is not kept waiting for a P3."""
    urgent = ItemFacts(
        id=ItemId(2), queue=QueueId(1), priority=Priority.P1, opened_at=NOW, touch_min=30, effort_min=60,
        commitments=(Commitment(kind=CommitmentKind.RESPONSE, due_at=NOW + timedelta(minutes=30), target_min=30),),
    )  # fmt: skip
    snapshot = replace(EQUALS, items=[item(1), urgent], people=[person(1, wip_limit=1)])
    assert chosen(snapshot, {ItemId(1): PersonId(1)}) == {1: None, 2: 1}


def test_exchanges_give_up_no_more_than_they_may():
    """However proposals stand, each kept one costs at most the margin, and every must and slot holds."""
    draw = random.Random(5)
    people = [person(n, wip_limit=2, load_min=draw.randrange(300), skills={SkillId(1): 1}) for n in range(1, 7)]
    items = [item(n, skill=SkillId(1), worked_before=(PersonId(draw.randint(1, 6)),)) for n in range(1, 15)]
    snapshot = replace(EQUALS, items=items, people=people)
    before = plan(snapshot)
    for _ in range(20):
        standing = {ItemId(n): PersonId(draw.randint(1, 6)) for n in range(1, 15)}
        choices = chosen(snapshot, standing)
        taken = Counter(p for p in choices.values() if p is not None)
        assert all(count <= 2 for count in taken.values())
        assert sum(p is not None for p in choices.values()) == len(before.choices) - before.left


def test_why_nobody_is_the_short_form_of_the_decision():
    """Verdict and musts agree with the decision spelled out."""
    people = [person(1, wip_limit=1), person(2, is_on_shift=False), person(3, is_active=False)]
    beside = plan_beside(plan(replace(EQUALS, items=[item(1), item(2)], people=people)), {})
    left = next(number for number, taker in beside.choices() if taker is None)
    decision = beside.decision(left)
    assert beside.why_nobody(left) == (decision.verdict, tuple(one.rule for one in decision.rejected))
