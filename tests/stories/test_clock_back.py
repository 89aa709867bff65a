"""The machine's clock is set back: desk time does not follow, and nothing that goes by the wall breaks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from tests.factories import BOSS, NOW, make_desk, make_item, make_person
from tests.flows.intake import read
from tests.interfaces.office import office_open
from watchbill.apps.core.idempotency import idempotency_forget
from watchbill.apps.core.queries import clock_get, wall_now
from watchbill.apps.core.services import audit_add, clock_jump, clock_move, clock_rate
from watchbill.apps.people.models import User
from watchbill.apps.work.services import Change, projection_rebuild, work_change
from watchbill.engine.base.work import EventKind, State
from watchbill.flows import audit, clocks
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note, item_state
from watchbill.flows.watch import step
from watchbill.interfaces import ticker
from watchbill.interfaces.ticker import Ticker

pytestmark = pytest.mark.django_db
BACK = timedelta(hours=3)


@pytest.fixture
def set_back(monkeypatch):
    """Set the machine's clock back: this process's, and the database's as seen by what the database wrote before."""

    def _set_back() -> None:
        for module in (ticker, audit):
            monkeypatch.setattr(module, "wall_now", lambda: wall_now() - BACK)
        with connection.cursor() as cursor:
            cursor.execute("update core_installation set wall_anchor_at = wall_anchor_at + %s", [BACK])
            cursor.execute("update core_idempotencykey set created_at = created_at + %s", [BACK])

    return _set_back


def desk_time():
    """Desk time as a page reads it now."""
    return clock_get().at(wall_now())


def test_a_moved_desk_clock_stands_and_then_goes_on(set_back):
    """Desk time never goes back: it waits, and with the ticker's next turn it runs again."""
    make_desk()
    clock_move(desk_at=NOW, rate=60, limit_at=None, by=BOSS, now=NOW)
    before = desk_time()
    set_back()
    assert desk_time() == NOW
    assert before - NOW < timedelta(minutes=5)
    seen = [desk_time()]
    clock_rate(120, by=BOSS, now=desk_time())
    seen.append(desk_time())
    clock_jump(desk_time() + timedelta(minutes=20), by=BOSS, now=desk_time())
    while clock_get().jump_to_at is not None:
        Ticker().turn()
        seen.append(desk_time())
    assert seen == sorted(seen)
    assert seen[-1] >= NOW + timedelta(minutes=20)


def test_work_that_goes_on_under_a_live_clock_stays_sound():
    """Acts that carry earlier instants than those before them keep their order, and rows and clocks add up."""
    desk = make_desk()
    person = make_person(desk)
    reference = make_item(desk, now=NOW)
    item_assign(reference, person, by=BOSS, now=NOW + timedelta(minutes=30))
    earlier = NOW - BACK
    item_note(reference, "The clock was set back", by=BOSS, now=earlier)
    assert step(earlier).told == 0
    work_change(Change(item_id=read.rows_of_items()[0]["id"], kind=EventKind.DECIDED), by=BOSS, now=earlier)
    item_state(reference, State.WAITING_CUSTOMER, by=BOSS, now=earlier + timedelta(minutes=1))
    item_state(reference, State.IN_PROGRESS, by=BOSS, now=earlier + timedelta(minutes=2))
    item_state(reference, State.RESOLVED, by=BOSS, now=NOW + timedelta(minutes=40))
    rows, kept = read.rows_of_items(), clocks_kept()
    projection_rebuild()
    clocks.recompute(desk, [rows[0]["id"]], now=NOW + timedelta(days=1))
    assert read.rows_of_items() == rows
    assert clocks_kept() == kept
    events = read.fetch("select seq, at from work_event order by id")
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5, 6, 7]
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    assert rows[0]["state"] == "resolved"
    assert all(row["elapsed_s"] >= 0 and row["paused_s"] >= 0 for row in kept)


def clocks_kept():
    return read.fetch("select kind, status, elapsed_s, paused_s, due_at, stopped_at from clocks_clock order by kind")


def test_seals_are_made_as_before(set_back):
    """A seal that is not full waits a minute, and not until the machine's clock has caught up; the chain holds."""
    note("before")
    audit.seal_all()
    set_back()
    note("after")
    assert audit.tick() == 1
    assert [found.bad for found in audit.verify(by=BOSS, now=NOW)] == [None, None]


def note(text):
    audit_add("tested", object_kind="clock", reason=text, by=BOSS, now=NOW)


def test_whoever_is_in_stays_in_and_a_key_is_still_answered_once(set_back):
    """Sessions, API keys and idempotency keys go on as they were."""
    office = office_open()
    browser = Client()
    browser.force_login(User.objects.get(username="manager"), backend="django.contrib.auth.backends.ModelBackend")
    headers = {"Authorization": f"Bearer {office.keys['coordinator']}", "Idempotency-Key": "k1"}

    def send():
        body = {"desk": "north", "title": "Once", "queue": "Mail"}
        return Client().post("/api/v1/items", body, content_type="application/json", headers=headers)

    first = send()
    set_back()
    assert idempotency_forget() == 0
    again = send()
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert read.fetch("select count(*) as n from work_item") == [{"n": 1}]
    assert browser.get("/board/", {"desk": "north"}).status_code == 200
