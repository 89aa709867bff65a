"""When the queue is planned anew, when one item is placed, and when nothing is done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watchbill.engine.assign.schedule import PLACE_MOST, Situation, Step, next_step

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def situation(*, ran_min=10, planned_min=10, change_in_min=None, **values):
    """Ten minutes after a run and a plan, five items waiting, nothing new."""
    facts = {"waiting": 5, "changed": 0, "gone": 0, "is_urgent": False, "events": 0, "is_reset": False, **values}
    return Situation(
        now=NOW,
        ran_at=None if ran_min is None else NOW - timedelta(minutes=ran_min),
        planned_at=None if planned_min is None else NOW - timedelta(minutes=planned_min),
        next_change_at=None if change_in_min is None else NOW + timedelta(minutes=change_in_min),
        **facts,
    )


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({}, Step.NOTHING),
        ({"ran_min": None, "planned_min": None}, Step.PLAN),
        ({"ran_min": -1}, Step.PLAN),
        ({"is_reset": True, "ran_min": 0, "planned_min": 0}, Step.PLAN),
        ({"change_in_min": -1}, Step.PLAN),
        ({"change_in_min": 0}, Step.PLAN),
        ({"change_in_min": 1}, Step.NOTHING),
        ({"change_in_min": -1, "planned_min": 4}, Step.NOTHING),
        ({"change_in_min": -1, "waiting": 0}, Step.PLAN),
        ({"changed": 1}, Step.PLACE),
        ({"gone": 1}, Step.PLACE),
        ({"gone": 1, "waiting": 0}, Step.PLACE),
        ({"changed": 1, "ran_min": 0.5}, Step.NOTHING),
        ({"changed": 1, "ran_min": 0.5, "is_urgent": True}, Step.PLACE),
        ({"changed": PLACE_MOST + 1, "waiting": 60}, Step.PLAN),
        ({"changed": PLACE_MOST + 1, "waiting": 60, "planned_min": 4}, Step.PLACE),
        ({"changed": 50, "waiting": 500}, Step.PLACE),
        ({"changed": 51, "waiting": 500}, Step.PLAN),
        ({"events": PLACE_MOST}, Step.NOTHING),
        ({"events": PLACE_MOST + 1}, Step.PLAN),
        ({"events": 1, "planned_min": 29}, Step.NOTHING),
        ({"events": 1, "planned_min": 30}, Step.PLAN),
        ({"events": 1, "planned_min": 30, "waiting": 0}, Step.NOTHING),
        ({"planned_min": 59}, Step.NOTHING),
        ({"planned_min": 60}, Step.PLAN),
        ({"planned_min": 600, "waiting": 0}, Step.NOTHING),
    ],
)
def test_the_step_follows_from_the_situation(facts, step):
    """Each line is one sentence of the schedule."""
    assert next_step(situation(**facts)) is step


def test_two_plans_lie_five_minutes_apart_unless_rules_change():
    """However much happens, the whole queue is not solved again and again."""
    busy = {"events": 900, "changed": 400, "waiting": 500, "change_in_min": -1, "ran_min": 4, "planned_min": 4}
    assert next_step(situation(**busy)) is not Step.PLAN
    assert next_step(situation(**{**busy, "planned_min": 5})) is Step.PLAN
