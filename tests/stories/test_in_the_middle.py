"""One in the middle of a transaction, another beside it: the order of locks is stated, and nothing is lost or doubled."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from tests.factories import BOSS, NOW, make_desk, make_item, minutes
from tests.flows.assign.small_desk import item_row, kinds, make_small_desk
from watchbill.apps.decisions.services import autopilot_stop
from watchbill.apps.work.bulk import STEP_COLUMNS, work_load
from watchbill.apps.work.models import WorkEvent, WorkItem
from watchbill.apps.work.services import items_lock, projection_rebuild
from watchbill.engine.base.work import Kind, State
from watchbill.flows import firing
from watchbill.flows.act.items import item_note, item_state

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT_S = 30.0


@contextmanager
def beside(*acts: Callable[[], Any]):
    """Run acts in threads of their own, the next begun when the one before it waits for a lock that the body holds."""

    def run(act: Callable[[], Any]) -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:

        def begin() -> list[Future[Any]]:
            begun = []
            for count, act in enumerate(acts, start=1):
                begun.append(pool.submit(run, act))
                wait_until_waiting(count)
            return begun

        yield begin


def wait_until_waiting(count: int) -> None:
    """Wait until so many connections to this database wait for a lock, as a connection of its own sees it."""
    give_up_at = time.monotonic() + LIMIT_S
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": None}, autocommit=True) as link:
        while True:
            found = link.execute(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            ).fetchone()
            if found and found[0] >= count:
                return
            assert time.monotonic() < give_up_at, f"fewer than {count} wait for a lock"


def sequence(reference):
    return list(WorkEvent.objects.filter(item__reference=reference).order_by("seq").values_list("seq", "kind"))


def test_rebuilding_beside_an_act_loses_nothing():
    """The act is under way when its item's turn comes: the row says afterwards what its events say."""
    reference = make_item(make_desk())
    with beside(projection_rebuild) as begin:
        with transaction.atomic():
            item_state(reference, State.RESOLVED, by=BOSS, now=NOW + minutes(5))
            (rebuilt,) = begin()
        assert rebuilt.result(LIMIT_S) == 1
    item = WorkItem.objects.get(reference=reference)
    assert (item.state, item.version) == ("resolved", 2)
    item_note(reference, "All is well", by=BOSS, now=NOW + minutes(6))
    assert sequence(reference) == [(1, "opened"), (2, "state"), (3, "note")]


def test_acting_on_an_item_while_its_breach_is_told():
    """Items before clocks, whoever writes: the person's act goes through, and the breach before it is told."""
    desk = make_desk()
    reference = make_item(desk)
    later = NOW + minutes(60 * 24)
    with beside(lambda: firing.tick(later)) as begin:
        with transaction.atomic():
            item_note(reference, "I am on it", by=BOSS, now=later)
            (told,) = begin()
            item_state(reference, State.RESOLVED, by=BOSS, now=later)
        assert told.result(LIMIT_S) > 0
    assert [kind for _, kind in sequence(reference)].count("clock") == told.result()
    assert WorkItem.objects.get(reference=reference).state == "resolved"


def test_loading_a_log_beside_people():
    """A note is written while the log's next event of the item is loaded: both stand, one after the other."""
    desk = make_desk()
    reference = make_item(desk, external_source="snow", external_ref="INC1")

    def load():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"create temporary table told ({STEP_COLUMNS}) on commit drop")
            cursor.execute(
                "insert into told values (1, 'INC1', %s, 1, %s, false, 'person', 'Ann', 'k1',"
                """ '{"state": "in_progress"}', '{}')""",
                [NOW, NOW + minutes(3)],
            )
            return work_load("told", desk_id=desk, kind=Kind.CASE, source="snow", is_live=True)

    with beside(load) as begin:
        with transaction.atomic():
            item_note(reference, "I had a look", by=BOSS, now=NOW + minutes(2))
            (loaded,) = begin()
        assert loaded.result(LIMIT_S).events_added == 1
    assert sequence(reference) == [(1, "opened"), (2, "note"), (3, "state")]


def test_the_off_switch_waits_for_a_run_that_has_begun():
    """Who is told that autopilot is off can rely on it: nothing is given away after the answer."""
    desk = make_small_desk()
    desk.mode("Mail", "autopilot")
    item = desk.item()
    with beside(desk.tick, lambda: autopilot_stop(desk.id, reason="stop", by=BOSS, now=NOW)) as begin:
        with transaction.atomic():
            items_lock([item])
            run, stopped = begin()
            assert not stopped.done()
        assert stopped.result(LIMIT_S) == 1
        assert run.result(LIMIT_S).applied.applied == 1
    given_to = item_row(item)["owner_id"]
    other = desk.item()
    desk.tick(NOW + minutes(10))
    assert given_to is not None
    assert item_row(other)["owner_id"] is None
    assert kinds(other) == ["opened", "suggested"]


def test_two_bulk_writers_wait_in_one_order():
    """A decided item among two, and a bulk act over both: whoever is second waits, nobody in a ring."""
    desk = make_desk()
    first, second = make_item(desk), make_item(desk)

    def both():
        with transaction.atomic():
            items_lock(list(WorkItem.objects.filter(desk_id=desk).order_by("-id").values_list("id", flat=True)))

    with beside(both) as begin:
        with transaction.atomic():
            item_note(first, "one", by=BOSS, now=NOW)
            (done,) = begin()
            item_note(second, "two", by=BOSS, now=NOW)
        done.result(LIMIT_S)
    assert sequence(second)[-1][1] == "note"
