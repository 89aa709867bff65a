"""Warnings and breaches are told once, at their true instants, however late the ticker comes."""

from __future__ import annotations

import pytest

from tests.factories import BOSS, EPOCH, NOW, make_desk, make_item, make_person, minutes, publish_replayed
from watchbill.apps.clocks import services as clock_services
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.clocks.telling import clock_next_at
from watchbill.apps.work import models
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.timeline import work_events
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.work import Priority, State
from watchbill.engine.clocks import default_policy
from watchbill.flows import clocks, firing
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note, item_priority, item_state

pytestmark = pytest.mark.django_db


def told(reference: str) -> list[tuple[object, str, str]]:
    events = work_events(work_get(reference, by=BOSS).id)
    return [(e.at, e.data["clock"], e.data["what"]) for e in reversed(events) if e.kind == "clock"]


def test_a_late_ticker_tells_all_at_their_true_instants():
    """Everything was down for two hours: the warning and the breach carry the instants at which they came."""
    reference = make_item(make_desk(), priority=Priority.P1)
    assert firing.tick(NOW + minutes(120)) == 3
    assert told(reference) == [
        (NOW + minutes(10), "response", "start_by"),
        (NOW + minutes(11.25), "response", "warning"),
        (NOW + minutes(15), "response", "breach"),
    ]


def test_a_second_tick_tells_nothing_again():
    """Running twice changes nothing, and the next instant moves on."""
    reference = make_item(make_desk(), priority=Priority.P1)
    assert clock_next_at() == NOW + minutes(10)
    assert firing.tick(NOW + minutes(12)) == 2
    assert firing.tick(NOW + minutes(12)) == 0
    assert clock_next_at() == NOW + minutes(15)
    assert len(told(reference)) == 2


def test_one_that_was_late_is_told_even_when_it_was_stopped_before_the_ticker_came():
    """Owned at minute 20, ticker at minute 30: the breach at minute 15 is a fact and is told."""
    desk = make_desk()
    reference = make_item(desk, priority=Priority.P1)
    item_assign(reference, make_person(desk), by=BOSS, now=NOW + minutes(20))
    firing.tick(NOW + minutes(30))
    assert (NOW + minutes(15), "response", "breach") in told(reference)


def test_nothing_is_told_while_paused():
    """A clock that stands still has no next instant."""
    desk = make_desk()
    reference = make_item(desk)
    item_assign(reference, make_person(desk), by=BOSS, now=NOW)
    item_state(reference, State.WAITING_CUSTOMER, by=BOSS, now=NOW + minutes(1))
    assert firing.tick(NOW + minutes(60 * 24 * 30)) == 0
    assert told(reference) == []


def test_a_new_policy_version_leaves_what_was_opened_before_it_alone():
    """Items keep the version in force when they were opened; those opened later follow the new one."""
    desk = make_desk()
    old = make_item(desk, priority=Priority.P1)
    body = default_policy(calendar="office").as_json()
    for clock in body["clocks"]:
        clock["targets_min"] = {"P1": 5, "P2": 5, "P3": 5, "P4": 5}
    publish_replayed(desk, body, holds_from=NOW + minutes(60))
    new = make_item(desk, priority=Priority.P1, now=NOW + minutes(61))
    item_ids = [work_get(reference, by=BOSS).id for reference in (old, new)]
    clocks.recompute(desk, item_ids, now=NOW + minutes(100_000))
    by_item = clocks_of_items(item_ids)
    assert [(c.policy_number, c.target_s) for c in by_item[item_ids[0]]] == [(1, 900), (1, 240 * 60)]
    assert [(c.policy_number, c.target_s) for c in by_item[item_ids[1]]] == [(2, 300), (2, 300)]


def test_recomputing_changes_nothing():
    """What is kept equals what the events say, also after pauses and a reopening."""
    desk = make_desk()
    reference = make_item(desk, priority=Priority.P2)
    item_assign(reference, make_person(desk), by=BOSS, now=NOW + minutes(3))
    for at, state in ((5, "waiting_vendor"), (9, "in_progress"), (20, "resolved"), (50, "in_progress")):
        item_state(reference, State(state), by=BOSS, now=NOW + minutes(at))
    item_id = work_get(reference, by=BOSS).id
    before = clocks_of_items([item_id]), work_get(reference, by=BOSS).due_sort_at
    clocks.recompute(desk, [item_id], now=NOW + minutes(100_000))
    assert (clocks_of_items([item_id]), work_get(reference, by=BOSS).due_sort_at) == before
    assert before[1] == NOW + minutes(480 + 4 + 30)


def test_a_calendar_published_for_later_never_rewrites_history():
    """An item opened before the new hours hold is counted on the old ones."""
    desk = make_desk()
    reference = make_item(desk, priority=Priority.P4)
    due = work_get(reference, by=BOSS).due_sort_at
    closed = Calendar.working_week("America/Sao_Paulo", "08:00-09:00").as_json()
    clock_services.calendar_publish(desk, "office", closed, holds_from=NOW + minutes(1), reason="x", by=BOSS, now=NOW)
    clocks.recompute(desk, [work_get(reference, by=BOSS).id], now=NOW + minutes(100_000))
    assert work_get(reference, by=BOSS).due_sort_at == due


def test_history_that_is_told_of_stays_silent():
    """What an import brings in as past is not told again; what comes after it is."""
    desk = make_desk()
    reference = make_item(desk, priority=Priority.P1)
    item_id = models.WorkItem.objects.get(reference=reference).id
    firing.tick(NOW + minutes(12))
    models.WorkItem.objects.filter(id=item_id).update(due_sort_at=EPOCH)
    clocks.recompute(desk, [item_id], now=NOW + minutes(12), told_at=NOW + minutes(12))
    firing.tick(NOW + minutes(12))
    assert len(told(reference)) == 2
    assert work_get(reference, by=BOSS).due_sort_at == NOW + minutes(15)


def test_one_item_that_cannot_be_written_silences_no_other(caplog):
    """Of three whose time ran out one is damaged: the two are told, on whichever desk, and the log names the third once."""
    references = [make_item(make_desk(), priority=Priority.P1) for _ in range(3)]
    item_note(references[1], "x", by=BOSS, now=NOW)
    models.WorkItem.objects.filter(reference=references[1]).update(version=1)
    damaged = models.WorkItem.objects.get(reference=references[1]).id
    assert firing.tick(NOW + minutes(120)) == 6
    assert firing.tick(NOW + minutes(121)) == 0
    assert [len(told(reference)) for reference in references] == [3, 0, 3]
    assert [record.id for record in caplog.records if record.levelname == "ERROR"] == [damaged]


def test_nothing_is_told_twice_when_a_clock_goes_and_comes_back():
    """P1 ran out and was told; P4 has no target; back at P1 the one news is that this breaks the promise at once."""
    desk = make_desk(has_clocks=False)
    clock = {"kind": "resolution", "calendar": "always", "targets_min": {"P1": 60}}
    clock_services.calendar_publish(
        desk, "always", Calendar.always("UTC").as_json(), holds_from=NOW, reason="test", by=BOSS, now=NOW
    )
    clock_services.policy_publish(desk, {"clocks": [clock]}, holds_from=NOW, reason="test", by=BOSS, now=NOW)
    reference = make_item(desk, priority=Priority.P1)
    firing.tick(NOW + minutes(70))
    before = told(reference)
    assert [what for _, _, what in before] == ["start_by", "warning", "breach"]
    item_priority(reference, priority=Priority.P4, text="calm", by=BOSS, now=NOW + minutes(70))
    assert clocks_of_items([work_get(reference, by=BOSS).id]) == {}
    item_priority(reference, priority=Priority.P1, text="no", by=BOSS, now=NOW + minutes(80))
    firing.tick(NOW + minutes(90))
    firing.tick(NOW + minutes(100))
    assert told(reference) == [*before, (NOW + minutes(80), "resolution", "breach")]
