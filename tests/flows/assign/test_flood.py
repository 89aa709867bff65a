"""More work than one run may look at or write: in parts, the most urgent first, and nothing proposed beyond anybody's slots."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.factories import minutes
from tests.flows.assign.small_desk import NOW
from watchbill.apps.decisions.models import Decision
from watchbill.apps.people.models import Person
from watchbill.engine.assign.schedule import Step
from watchbill.flows.assign import tick


@pytest.fixture
def flood(desk, monkeypatch):
    """A run looks at four waiting items and writes three."""
    monkeypatch.setattr(tick, "VIEW_MOST", 4)
    monkeypatch.setattr(tick, "PLACE_MOST", 2)
    monkeypatch.setattr(tick, "WRITE_MOST", 3)
    return desk


def test_a_long_plan_is_written_in_parts_the_most_urgent_first(flood):
    """Three a run, P1 first; the next run goes on at once, and the last one leaves nothing to do."""
    items = [flood.item(priority=priority) for priority in (4, 3, 4, 3, 4, 3, 4, 1)]
    first = flood.tick()
    assert (first.step, first.applied.proposed, first.is_cut) == (Step.PLAN, 3, True)
    assert flood.proposal(items[7]) is not None
    assert [flood.tick().applied.proposed for _ in range(3)] == [3, 2, 0]
    assert all(flood.proposal(item) for item in items)
    last = flood.tick()
    assert (last.step, last.is_cut) == (Step.NOTHING, False)


def test_a_p1_that_comes_while_a_plan_is_written_is_not_made_to_wait_for_the_rest(flood):
    """Eight in parts of three: the P1 that comes after the first part is placed by the next run, then the plan goes on to its end."""
    items = [flood.item(priority=4) for _ in range(8)]
    assert flood.tick().is_cut
    urgent = flood.item(priority=1)
    placed = flood.tick()
    assert (placed.step, placed.is_cut) == (Step.PLACE, True)
    assert flood.proposal(urgent) is not None
    while (run := flood.tick()).is_cut:
        assert run.step is Step.PLAN
    assert all(flood.proposal(item) for item in items)


def test_more_than_fits_with_nobody_free_ends_too(flood):
    """Nobody has a slot: each item is told once, and the runs come to an end."""
    Person.objects.filter(desk_id=flood.id).update(wip_limit=0)
    items = [flood.item(priority=priority) for priority in (1, 1, 1, 1, 1, 4, 4, 4)]
    steps = [flood.tick().step for _ in range(8)]
    assert steps[-1] is Step.NOTHING
    assert Decision.objects.filter(item_id__in=items, status="proposed", chosen=None).count() == len(items)


def test_a_p1_in_a_flood_is_placed_at_once_beside_what_is_proposed_out_of_view(flood):
    """Eight wait and all slots but one are proposed out of view: the P1 gets that one, and nobody more than her slots."""
    Person.objects.filter(desk_id=flood.id).update(wip_limit=4)
    for _ in range(7):
        flood.item(priority=4)
    while flood.tick().step is not Step.NOTHING:
        pass
    urgent = flood.item(priority=1, now=NOW + minutes(2))
    run = flood.tick(NOW + minutes(2))
    assert run.step is Step.PLACE
    assert flood.proposal(urgent).chosen_id is not None
    given = Counter(Decision.objects.filter(status="proposed").values_list("chosen_id", flat=True))
    assert max(given.values()) <= 4
    assert Decision.objects.filter(status="superseded").count() == 0
