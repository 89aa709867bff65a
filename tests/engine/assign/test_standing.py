"""A standing proposal is left alone when another person is hardly better, and only then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from watchbill.engine.assign.decide import place, plan
from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.standing import STANDING_POINTS, place_beside, plan_beside
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.ids import ItemId, PersonId, QueueId
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
