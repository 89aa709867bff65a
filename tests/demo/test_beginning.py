"""The kept beginning: told again within a moment, and whoever is signed in stays so."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error as DatabaseError
from django.db import connection, connections

from tests.demo import small_story
from tests.demo.small_story import BEGINS
from tests.factories import BOSS
from tests.flows.intake import read
from tests.waiting import wait_for
from watchbill.apps.core.queries import clock_get, wall_now
from watchbill.apps.decisions.services import policy_publish
from watchbill.demo import beginning
from watchbill.demo.stage import Stage
from watchbill.flows import clockwork, watch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept(tmp_path):
    """A small demo whose beginning is kept; it is forgotten afterwards."""
    desk_id = small_story.begin(tmp_path, items=10)
    beginning.beginning_keep()
    yield desk_id
    beginning.beginning_forget()


def test_restored_database_is_as_it_was(kept):
    """What was done since is gone; a session made since is still there."""
    watch.step(BEGINS.replace(hour=20))
    session = SessionStore()
    session["who"] = "somebody"
    session.save()
    assert len(read.fetch("select id from work_item")) == 10
    beginning.beginning_restore()
    assert read.fetch("select id from work_item") == []
    assert SessionStore(session.session_key)["who"] == "somebody"
    assert beginning.beginning_is_kept()


def test_keys_do_not_come_twice_and_references_do(kept):
    """What was published before the restart and after it have different keys; items are called as before."""
    keys, names = [], []
    for _ in range(2):
        publish = {"reason": "test", "by": BOSS, "now": BEGINS, "holds_from": BEGINS}
        policy_publish(kept, {"needs_skill": True}, **publish)
        watch.step(BEGINS + timedelta(minutes=30))
        keys.append(read.fetch("select max(id) from decisions_assignpolicy")[0]["max"])
        names.append([row["reference"] for row in read.fetch("select reference from work_item order by reference")])
        beginning.beginning_restore()
    assert keys[0] < keys[1]
    assert names[0] == names[1]


def test_forgotten_beginning_is_no_more(kept):
    """Nothing is left on the server."""
    beginning.beginning_forget()
    assert not beginning.beginning_is_kept()


def test_page_that_asks_for_a_restart_gets_one(kept):
    """While the demo runs, its story begins again soon after somebody asks, and time plays."""
    watch.step(BEGINS.replace(hour=20))
    stage = Stage(migrate=lambda: 0, say=lambda _: None)
    with stage.listening():
        wait_for(_somebody_listens)
        clockwork.restart(by=BOSS, now=clock_get().at(wall_now()))
        connections.close_all()
        wait_for(_has_begun_again)
    assert clock_get().rate == 60


def _somebody_listens():
    return read.fetch("select from pg_stat_activity where datname = current_database() and query like 'listen%%'")


def _has_begun_again():
    try:
        return read.fetch("select id from work_item") == [] and clock_get().rate > 0
    except DatabaseError:  # it is being put in its place
        connection.close()
        return False


def test_stage_ends_at_once(kept):
    """The thread that listens does not hold the command up."""
    stage = Stage(migrate=lambda: 0, say=lambda _: None)
    began = time.monotonic()
    with stage.listening():
        wait_for(_somebody_listens)
    assert time.monotonic() - began < 5
    assert not [thread for thread in threading.enumerate() if thread.name == "demo" and thread.is_alive()]
