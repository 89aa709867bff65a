"""Two people apply, or take back, one plan at the same moment, each on a connection of her own; and an end in the middle of it."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial

import pytest
from django.db import connection, transaction

from tests.factories import BOSS, EPOCH
from tests.flows.assign.small_desk import item_row, texts
from tests.flows.recover.test_rebalance import LATER, moved, uneven_desk, worked_out
from tests.flows.recover.test_recover import deferring, offered
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.decisions.deferrals import deferred_of
from watchbill.apps.decisions.moves import move_list
from watchbill.apps.decisions.recoveries import recovery_lock, recovery_row
from watchbill.apps.notices.models import Notice
from watchbill.apps.shifts.models import ExtraHours
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.engine.base.errors import Conflict
from watchbill.flows.recover import applying
from watchbill.flows.recover.applying import recovery_apply, recovery_undo

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(run_id, *acts):
    """What becomes of acts on one plan that begin together; the words of those that are refused."""
    done, refused = [], []

    def run(act):
        try:
            done.append(act())
        except Conflict as error:
            refused.append(error.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    with transaction.atomic():
        recovery_lock(run_id)  # so that all have begun before any can go on
        for thread in threads:
            thread.start()
        threads[0].join(timeout=0.5)
    for thread in threads:
        thread.join(timeout=30)
    return done, refused


@pytest.mark.parametrize("plan", ["rebalance", "hours"])
def test_a_plan_is_applied_once_by_two_at_once(plan):
    """One does it, the other is told who was first; nothing is done twice. So it is when both take it back."""
    desk = uneven_desk()
    if plan == "hours":  # both leave in an hour, and what is theirs is due four hours later
        for name in ("Ana", "Ben"):
            usual_hours_set(desk.people[name], desk_id=desk.id, week=[["06:00-14:00"]] * 7, by=BOSS, now=EPOCH)
    row = worked_out(desk, plan)
    done, refused = at_once(row.id, *[lambda: recovery_apply(row.id, plan, by=BOSS, now=LATER)] * 2)
    assert len(done) == 1
    assert refused == [f"{BOSS.name} has applied “{plan}” of {row.reference} already. Work the options out anew"]
    assert AuditEvent.objects.filter(action="recovery_applied").count() == 1
    if plan == "rebalance":
        assert len(move_list(desk.id)) == len(moved(row))
        assert all(sum("by plan" in text for text in texts(item, "note")) == 1 for item in moved(row))
    else:
        asked = row.option(plan)["cost"]["people_asked"]
        assert ExtraHours.objects.count() == Notice.objects.filter(kind="extra_hours").count() == asked
    done, refused = at_once(row.id, *[lambda: recovery_undo(row.id, by=BOSS, now=LATER)] * 2)
    assert len(done) == 1
    assert refused == [f"{BOSS.name} has undone this already"]


def test_what_is_killed_midway_is_not_done_at_all(monkeypatch):
    """The process ends after the items went over and before the plan is written down as applied: neither is so; then it can be done."""
    desk = uneven_desk()
    row = worked_out(desk)

    def killed(*_args, **_more):
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(applying, "recovery_applied", killed)
        with pytest.raises(SystemExit):
            recovery_apply(row.id, "rebalance", by=BOSS, now=LATER)
    assert {item_row(item)["owner_id"] for item in moved(row)} == {desk.people["Ana"]}
    assert not any("by plan" in text for item in moved(row) for text in texts(item, "note"))
    assert move_list(desk.id) == []
    assert recovery_row(row.id).applied_plan == ""
    recovery_apply(row.id, "rebalance", by=BOSS, now=LATER)
    with monkeypatch.context() as broken:
        broken.setattr(applying, "recovery_undone", killed)
        with pytest.raises(SystemExit):
            recovery_undo(row.id, by=BOSS, now=LATER)
    assert {item_row(item)["owner_id"] for item in moved(row)} == {desk.people["Ben"]}
    assert recovery_row(row.id).stands
    recovery_undo(row.id, by=BOSS, now=LATER)
    assert {item_row(item)["owner_id"] for item in moved(row)} == {desk.people["Ana"]}


def test_two_plans_of_one_desk_are_not_applied_at_once(monkeypatch):
    """Worked out from one desk, each would change what the other speaks of: the second of them is refused."""
    desk = uneven_desk()
    plans = [offered(desk, deferring(desk, desk.item(now=LATER, priority=4))) for _ in range(2)]
    both, real = threading.Barrier(2), applying.require_latest

    def slowly(row):
        real(row)
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)  # whoever may go on waits for the other, if she may as well

    monkeypatch.setattr(applying, "require_latest", slowly)
    done, refused = at_once(plans[0], *[partial(recovery_apply, plan, "defer", by=BOSS, now=LATER) for plan in plans])
    assert len(done) == 1
    assert len(refused) == 1
    assert "since these were worked out" in refused[0]
    assert len(deferred_of(desk.id, LATER)) == 1
