"""While the solver works nothing is held: people go on, and what has changed meanwhile is left for the next run."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from tests.factories import BOSS
from tests.flows.assign.small_desk import NOW, item_row, make_small_desk
from watchbill.apps.decisions.models import Decision
from watchbill.apps.decisions.services import autopilot_stop, policy_publish
from watchbill.apps.people.services import person_activity_set
from watchbill.apps.work.models import WorkItem
from watchbill.engine.assign.network import flows_here
from watchbill.engine.assign.rails import Mode
from watchbill.engine.assign.schedule import Step
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign import tick
from watchbill.flows.assign.answers import decision_accept


@pytest.fixture
def meanwhile(monkeypatch):
    """Let *act* happen while the solver works."""

    def set_(act):
        def run(arcs):
            act()
            return flows_here(arcs)

        monkeypatch.setattr(tick, "flows_within", lambda _seconds: run)

    return set_


def owner(item):
    return WorkItem.objects.get(id=item).owner_id


@pytest.mark.parametrize("mode", [Mode.ADVISE, Mode.AUTOPILOT])
def test_an_item_changed_during_the_solve_is_not_overwritten(desk, meanwhile, mode):
    """Somebody takes one of two items: it stays hers and nothing is proposed for it; the other one is decided."""
    desk.mode("Mail", mode)
    taken, other = desk.item(), desk.item()
    meanwhile(lambda: item_assign(item_row(taken)["reference"], desk.people["Ben"], by=BOSS, now=NOW))
    run = desk.tick(step=Step.PLAN)
    assert owner(taken) == desk.people["Ben"]
    assert not Decision.objects.filter(item_id=taken).exists()
    assert run.applied.proposed + run.applied.applied == 1
    assert Decision.objects.filter(item_id=other).count() == 1


def test_who_leaves_during_the_solve_is_given_nothing(desk, meanwhile):
    """Autopilot gives her nothing more; the next run decides anew."""
    desk.mode("Network", Mode.AUTOPILOT)
    item = desk.item("Network")
    meanwhile(lambda: person_activity_set(desk.people["Ana"], is_active=False, reason="left", by=BOSS, now=NOW))
    assert desk.tick(step=Step.PLAN).applied.applied == 0
    assert owner(item) is None


def test_autopilot_stopped_during_the_solve_gives_nothing(desk, meanwhile):
    """Who has stopped it has her answer at once, and what was planned is proposed instead."""
    desk.mode("Mail", Mode.AUTOPILOT)
    item = desk.item()
    meanwhile(lambda: autopilot_stop(desk.id, reason="stop", by=BOSS, now=NOW))
    run = desk.tick(step=Step.PLAN)
    assert (run.applied.applied, run.applied.proposed) == (0, 1)
    assert owner(item) is None


def test_under_another_policy_all_is_planned_anew(desk, meanwhile):
    """Nothing of the old plan is written; the next run, which follows at once, does it."""
    item = desk.item()
    body = {"load_weight": 7}
    meanwhile(lambda: policy_publish(desk.id, body, holds_from=NOW, reason="test", by=BOSS, now=NOW))
    run = desk.tick(step=Step.PLAN)
    assert (run.applied.proposed, run.is_cut) == (0, True)
    meanwhile(lambda: None)
    assert desk.tick().applied.proposed == 1
    assert desk.proposal(item).policy_number == 1


@pytest.mark.django_db(transaction=True)
def test_people_are_not_blocked_and_a_second_planner_leaves_at_once(monkeypatch):
    """A slow solve in another process: a proposal is accepted and autopilot stopped while it lasts, and nobody else plans."""
    desk = make_small_desk()
    first, second = desk.item(), desk.item()
    desk.tick()
    begins, may_end = threading.Event(), threading.Event()

    def slow(arcs):
        begins.set()
        assert may_end.wait(timeout=30)
        return flows_here(arcs)

    monkeypatch.setattr(tick, "flows_within", lambda _seconds: slow)
    runs = []

    def planner():
        try:
            runs.append(desk.tick(step=Step.PLAN))
        finally:
            connection.close()

    thread = threading.Thread(target=planner)
    thread.start()
    try:
        assert begins.wait(timeout=30)
        decision_accept(desk.proposal(first).id, by=BOSS, now=NOW)
        autopilot_stop(desk.id, reason="stop", by=BOSS, now=NOW)
        assert desk.tick(step=Step.PLAN) is None
    finally:
        may_end.set()
        thread.join(timeout=30)
    assert len(runs) == 1
    assert owner(first) is not None
    assert (desk.proposal(first), owner(second)) == (None, None)
    assert desk.proposal(second) is not None


@pytest.mark.django_db(transaction=True)
def test_a_planner_that_dies_in_the_solve_lets_the_desk_go(monkeypatch):
    """Its connection ends, as when it is killed: nothing of it was written, and the next one plans."""
    desk = make_small_desk()
    item = desk.item()

    def dies(_arcs):
        connection.connection.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(tick, "flows_within", lambda _seconds: dies)
    with pytest.raises(KeyboardInterrupt):
        desk.tick(step=Step.PLAN)
    connection.close()
    monkeypatch.undo()
    assert desk.proposal(item) is None
    assert desk.tick(step=Step.PLAN).applied.proposed == 1
