"""The ticker: everything happens when its time comes, once, whoever kills it and whatever goes away."""

from __future__ import annotations

import itertools
import json
import logging
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection, connections, transaction

from tests.demo import small_story
from tests.demo.small_story import BEGINS, ENDS, EVENTS_OF_ITEM
from tests.factories import BOSS, make_desk, make_item
from tests.flows.intake import read
from tests.waiting import desk_now, wait_for, wall_passes
from watchbill.apps.clocks.models import Clock
from watchbill.apps.core.listening import listen
from watchbill.apps.core.queries import Story, clock_get, wall_now
from watchbill.apps.core.services import clock_move, desk_changed, story_set
from watchbill.apps.inbox.queries import held_count
from watchbill.apps.work.services import projection_rebuild
from watchbill.flows import clockwork, watch
from watchbill.flows.intake.held import release
from watchbill.flows.watch import STEP
from watchbill.interfaces import ticker
from watchbill.interfaces.ticker import LOCK, Ticker

pytestmark = pytest.mark.django_db(transaction=True)
ITEMS = 40
LIMIT_S = 60


@pytest.fixture
def desk(tmp_path):
    return small_story.begin(tmp_path, items=ITEMS)


@pytest.fixture
def running():
    """A ticker in a thread of its own; how to stop it comes back with it."""
    stop = threading.Event()

    def run():
        try:
            ticker.run(stop)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    yield stop
    stop.set()
    thread.join(LIMIT_S)
    assert not thread.is_alive()


def test_live_clock_tells_a_breach_when_it_has_come():
    """With a live clock, one turn tells of what has come due, and says how long nothing is."""
    desk_id = make_desk()
    reference = make_item(desk_id, now=wall_now() - timedelta(days=30))
    assert 0 < Ticker().turn() <= 5
    told = [event["data"]["what"] for event in _events_of(reference) if event["kind"] == "clock"]
    assert sorted(told) == ["breach", "breach", "start_by", "start_by", "warning", "warning"]
    before = len(_events_of(reference))
    Ticker().turn()
    assert len(_events_of(reference)) == before


def test_breach_does_not_wait_for_a_long_plan(running, monkeypatch):
    """While the ticker plans for as long as it likes, a clock that runs out is told within two seconds."""
    desk_id = make_desk()
    reference = make_item(desk_id, now=wall_now() - timedelta(days=30))
    wait_for(lambda: any(event["kind"] == "clock" for event in _events_of(reference)))
    with monkeypatch.context() as patched:
        _rest(patched)
    released = threading.Event()
    monkeypatch.setattr(watch, "assign_tick", lambda _: (released.wait(LIMIT_S), ())[1])
    desk_changed(desk_id)
    due_at = wall_now() + timedelta(seconds=2)
    Clock.objects.filter(kind="resolution").update(
        status="running", breach_at=due_at, next_at=due_at, told_at=due_at - timedelta(seconds=1)
    )
    desk_changed(desk_id)
    try:
        wait_for(lambda: any(event["at"] == due_at for event in _events_of(reference)))
    finally:
        released.set()
    (late,) = (event["recorded_at"] - due_at for event in _events_of(reference) if event["at"] == due_at)
    assert timedelta(0) <= late < timedelta(seconds=2)


def _rest(patched):
    """Wait until whole turns have found nothing more to do: one on its way would make the clock anew that the test sets."""
    rests, turn = [], Ticker.turn
    patched.setattr(watch, "LONGEST_REST_S", 0.3)
    patched.setattr(Ticker, "turn", lambda self: (rests.append(turn(self)), rests[-1])[1])
    wait_for(lambda: len(rests) > 2 and min(rests[-2:]) > 0)


def test_telling_sleeps_until_what_is_next_or_a_word_of_a_change(monkeypatch):
    """With nothing due for hours it looks once in five seconds; words that come one after the other make it look once a second."""
    desk_id, looks = make_desk(), []
    make_item(desk_id)
    real = ticker._tell
    monkeypatch.setattr(ticker, "_tell", lambda: (looks.append(time.monotonic()), real())[1])
    with ticker._telling():
        wait_for(lambda: looks)
        time.sleep(2.5)
        assert len(looks) == 1
        for _ in range(20):
            desk_changed(desk_id)
            time.sleep(0.1)
        wait_for(lambda: len(looks) > 1)
    assert len(looks) <= 4
    assert all(later - sooner > 0.9 for sooner, later in itertools.pairwise(looks))


def test_machine_clock_that_jumps_back_harms_nothing(monkeypatch):
    """What was told is not told again, and what is due later is told then."""
    desk_id = make_desk()
    reference = make_item(desk_id, now=wall_now() - timedelta(days=30))
    Ticker().turn()
    before = len(_events_of(reference))
    real = wall_now()
    monkeypatch.setattr(ticker, "wall_now", lambda: real - timedelta(hours=2))
    assert 0 < Ticker().turn() <= 5
    assert len(_events_of(reference)) == before


def _events_of(reference):
    found = read.fetch(
        "select e.* from work_event as e join work_item as i on i.id = e.item_id where i.reference = %s order by e.seq",
        [reference],
    )
    for event in found:
        event["data"] = json.loads(event["data"]) if isinstance(event["data"], str) else event["data"]
    return found


def test_played_time_lets_incidents_arrive_when_they_did(desk):
    """At one minute a second, ten seconds bring ten incidents, each at its own instant."""
    clockwork.play(by=BOSS, now=BEGINS)
    turning = Ticker()
    for _ in range(10):
        turning.turn()
        wall_passes(1)
    turning.turn()
    items = read.fetch("select opened_at from work_item order by opened_at")
    assert 9 <= len(items) <= 12
    assert items[0]["opened_at"] == BEGINS + timedelta(minutes=1)
    assert clock_get().done_at <= desk_now()


def test_desk_time_never_runs_far_ahead_of_what_is_done(desk):
    """A machine that stood still for an hour finds two seconds' worth of time gone by, not an hour's."""
    clockwork.play(by=BOSS, now=BEGINS)
    Ticker().turn()
    wall_passes(3600)
    assert desk_now() == BEGINS + timedelta(minutes=2)


def test_standing_clock_lets_nothing_happen(desk):
    """Paused, no incident arrives, however often the ticker looks."""
    wall_passes(100)
    for _ in range(3):
        Ticker().turn()
    assert read.fetch("select id from work_item") == []
    assert desk_now() == BEGINS


def test_jump_brings_everything_in_between_in_order(desk):
    """In a jump by four hours nothing is more than one step out of its order, and decisions are made on the way."""
    goal = clockwork.jump(hours=4, by=BOSS, now=BEGINS)
    turning, seen = Ticker(), [BEGINS]
    while clock_get().jump_to_at is not None:
        turning.turn()
        seen.append(desk_now())
    assert seen == sorted(seen)
    assert len(seen) > 20
    assert seen[-1] == goal
    assert len(read.fetch("select id from work_item")) == ITEMS
    latest = BEGINS
    for event in read.fetch("select at from work_event where source_key is not null order by id"):
        assert event["at"] >= latest - STEP
        latest = max(latest, event["at"])
    assert read.fetch("select id from decisions_decision")


@pytest.mark.parametrize("rest_s", [2.0, 0.02], ids=["at full speed", "in uneven steps"])
def test_jump_leaves_what_playing_the_same_hours_leaves(desk, rest_s):
    """Eight hours by a jump and eight hours played: the same items, the same notes of the log and of the clocks.

    Played at full speed, decisions fall on the same instants too; in other steps they are made in between.
    """
    goal = BEGINS + timedelta(hours=8)
    story_set(Story(desk="uci", starts_at=BEGINS, ends_at=goal, weeks=0))
    Ticker().turn()  # what is to be decided at the beginning is decided, as when a demo is loaded
    left = []
    for go in (_jumped, partial(_played, rest_s=rest_s)):
        with transaction.atomic():
            go(goal)
            left.append((_items(), _told(is_with_proposals=rest_s > 1)))
            transaction.set_rollback(True)
    assert len(left[0][0]) == ITEMS
    assert left[0] == left[1]


def _jumped(goal):
    clockwork.jump(to=goal, by=BOSS, now=BEGINS)
    turning = Ticker()
    while clock_get().jump_to_at is not None:
        turning.turn()


def _played(goal, *, rest_s):
    clockwork.play(speed=30, by=BOSS, now=BEGINS)
    turning = Ticker()
    while clock_get().done_at < goal:
        wall_passes(rest_s)
        turning.turn()


def _items():
    return read.fetch(
        "select external_ref, state, priority, owner_id, team_id, queue_id, is_open, is_taken_over, due_sort_at"
        " from work_item order by external_ref"
    )


def _told(*, is_with_proposals):
    """Every event but for its words, which name decisions by number."""
    return read.fetch(
        "select i.external_ref, e.at, e.kind, e.state, e.priority, e.owner_id, e.data -> 'set' as set,"
        " e.data -> 'decision' -> 'chosen' as chosen from work_event as e join work_item as i on i.id = e.item_id"
        " where e.kind <> 'suggested' or %s order by 1, 2, 3, 4, 8",
        [is_with_proposals],
    )


def test_story_that_ends_stands_still(desk):
    """At the end of the log everything held has been told, and time goes no further."""
    clockwork.jump(to=ENDS, by=BOSS, now=BEGINS)
    turning = Ticker()
    while clock_get().jump_to_at is not None:
        turning.turn()
    clock = clock_get()
    assert (held_count(desk), clock.done_at) == (0, ENDS)
    state = clockwork.demo_state(clock, now=desk_now())
    assert state.is_over
    wall_passes(1000)
    turning.turn()
    assert desk_now() == ENDS


def test_second_ticker_stands_by(desk, running):
    """While one acts, another waits; when the first ends, the second goes on."""
    wait_for(_is_locked)
    stop = threading.Event()
    turns = []
    second = threading.Thread(target=_stand_by, args=(stop, turns))
    second.start()
    time.sleep(0.5)
    assert turns == []
    running.set()
    wait_for(lambda: turns)
    stop.set()
    second.join(LIMIT_S)


def _is_locked():
    with listen() as ears:
        return not ears.lock_hold(LOCK)


def _stand_by(stop, turns):
    class Counting(Ticker):
        def turn(self):
            turns.append(1)
            return super().turn()

    try:
        with listen() as ears:
            ticker._watch(Counting(), ears, stop)
    finally:
        connections.close_all()


def test_word_of_a_change_wakes_the_ticker(running):
    """A live ticker that rests for seconds is at it within one when something changes."""
    desk_id = make_desk()
    wait_for(_is_locked)
    wait_for(lambda: read.fetch("select * from decisions_desktick where desk_id = %s", [desk_id]))
    began = time.monotonic()
    reference = make_item(desk_id, now=wall_now() - timedelta(days=30))
    desk_changed(desk_id)
    wait_for(lambda: any(event["kind"] == "clock" for event in _events_of(reference)))
    assert time.monotonic() - began < 4


def test_database_that_goes_away_is_waited_for(desk, running, caplog):
    """Its connections cut again and again: the ticker says so once, and goes on when it can."""
    caplog.set_level(logging.INFO, logger="watchbill.interfaces.ticker")
    clockwork.play(speed=30, by=BOSS, now=BEGINS)
    wait_for(lambda: clock_get().done_at > BEGINS + timedelta(minutes=5))
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid()"
        )
    cut_at = clock_get().done_at
    wait_for(lambda: clock_get().done_at > cut_at + timedelta(minutes=60))
    said = [record.message for record in caplog.records if record.name == "watchbill.interfaces.ticker"]
    assert said == ["ticker stopped, trying again until it goes on", "database answers again"]


def test_fact_that_cannot_be_handled_does_not_end_the_watch(running, monkeypatch, caplog):
    """A turn that fails is logged, and the next one is taken."""
    monkeypatch.setattr(ticker, "PAUSE_MOST_S", 0.05)
    calls = []

    def broken(until):
        calls.append(until)
        if len(calls) < 3:
            raise ValueError("a fact nobody thought of")
        return real(until)

    real = ticker.step
    monkeypatch.setattr(ticker, "step", broken)
    clock_move(desk_at=BEGINS, rate=60, limit_at=None, by=BOSS, now=BEGINS)
    wait_for(lambda: len(calls) > 3)
    assert "a turn failed" in caplog.text


def test_ticker_killed_again_and_again_loses_and_doubles_nothing(desk, tmp_path):
    """kill -9 in the middle of a jump, three times; then to the end: the same as if nobody had been killed."""
    clockwork.jump(to=ENDS, by=BOSS, now=BEGINS)
    for share in (0.2, 0.4, 0.6):
        child = _tick(tmp_path)
        wait_for(lambda share=share: held_count(desk) < ITEMS * EVENTS_OF_ITEM * (1 - share))
        child.kill()
        child.wait()
    last = _tick(tmp_path)
    wait_for(lambda: clock_get().jump_to_at is None)
    last.terminate()
    assert last.wait(LIMIT_S) == 0

    log_events = read.fetch(
        "select item_id, source_key, count(*) from work_event where source_key is not null group by 1, 2"
    )
    assert len(log_events) == ITEMS * EVENTS_OF_ITEM
    assert {row["count"] for row in log_events} == {1}
    assert {row["state"] for row in read.fetch("select state from work_item")} == {"closed"}
    told = read.fetch(
        "select item_id, data ->> 'clock', data ->> 'what', count(*) from work_event where kind = 'clock' group by 1, 2, 3"
    )
    assert {row["count"] for row in told} <= {1}
    before = read.rows_of_items()
    projection_rebuild()
    assert read.rows_of_items() == before
    assert release(datetime(2017, 1, 1, tzinfo=UTC), now=ENDS).events == 0


def _tick(folder):
    return subprocess.Popen(
        small_story.part_command("tick"), env=small_story.child_environment(folder), stdin=subprocess.PIPE
    )
