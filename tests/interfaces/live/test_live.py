"""The live process, as a browser meets it: a real server, real cookies, a real stream."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from tests.demo import small_story
from tests.interfaces.office import BY, NOW, office_open
from tests.ports import free_port
from watchbill.apps.core.services import desk_changed
from watchbill.apps.people.models import User
from watchbill.apps.people.services import person_activity_set
from watchbill.apps.people.users import role_grant, user_activity_set

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT_S = 30
ROOT = Path(__file__).parents[3]


@pytest.fixture
def office():
    return office_open()


@pytest.fixture
def server(tmp_path):
    """The live part on a free port, beating twice a second."""
    port = free_port()
    environment = small_story.child_environment(tmp_path) | {"WATCHBILL_LIVE_PORT": str(port), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from tests.interfaces.live.quick import serve; serve()"]
    child = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, start_new_session=True)
    try:
        give_up_at = time.monotonic() + LIMIT_S
        while not _answers(port):
            assert time.monotonic() < give_up_at, "the live process did not start"
            time.sleep(0.05)
        yield port, child
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # the server and its worker
        child.wait()


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def signed_in(username):
    """A session of *username*; its cookie."""
    user = User.objects.get(username=username)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return f"watchbill_session={store.session_key}"


class Stream:
    """A browser's event source."""

    def __init__(self, port, cookie="", *, desk="north", path="/events", origin=None, host=None):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
        headers = {"Cookie": cookie} if cookie else {}
        headers |= {"Origin": origin} if origin else {}
        headers |= {"Host": host} if host else {}
        self.http.request("GET", f"{path}?desk={desk}", headers=headers)
        self.answer = self.http.getresponse()
        self.status = self.answer.status

    def event(self):
        """The next event as (name, data); None when the stream has ended."""
        name, data = "message", ""
        while True:
            line = self.answer.fp.readline() if not self.answer.chunked else self.answer.readline()
            if not line:
                return None
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: "):
                data = text.removeprefix("data: ")
            elif not text and data:
                return name, data

    def until(self, name, *, longest_s=LIMIT_S):
        give_up_at = time.monotonic() + longest_s
        while time.monotonic() < give_up_at:
            event = self.event()
            if event is None or event[0] == name:
                return event
        raise AssertionError(f"no {name} came")


def test_stranger_is_refused(server, office):
    """Without a session, or with one that nobody has: 401, and no stream."""
    port, _ = server
    assert Stream(port).status == 401
    assert Stream(port, "watchbill_session=made-up").status == 401
    assert Stream(port, "watchbill_session=").status == 401


def test_desk_of_others_is_refused(server, office):
    """A user of another desk, and a desk that does not exist: 403, told apart by nothing."""
    port, _ = server
    cookie = signed_in("ann")
    other, none = Stream(port, cookie, desk="south"), Stream(port, cookie, desk="none")
    assert (other.status, none.status) == (403, 403)
    assert Stream(port, cookie, desk="north").status == 200


def test_change_of_the_desk_arrives(server, office):
    """A message with the desk's name, and nothing else of the work."""
    port, _ = server
    stream = Stream(port, signed_in("ann"))
    assert stream.answer.headers["Content-Type"].startswith("text/event-stream")
    assert stream.event()[0] == "beat"
    time.sleep(0.3)
    office.item()
    assert stream.until("message") == ("message", json.dumps({"desk": "north"}))


def test_change_of_another_desk_does_not(server, office):
    """Only beats come while others work."""
    port, _ = server
    stream = Stream(port, signed_in("ann"))
    stream.event()
    for _ in range(3):
        office.item("south")
        assert stream.event()[0] == "beat"


def test_many_changes_are_told_gently(server, office):
    """However much happens, a stream is told about twice a second."""
    port, _ = server
    stream = Stream(port, signed_in("ann"))
    stream.event()
    began = time.monotonic()
    told = 0
    while time.monotonic() - began < 2:
        desk_changed(office.desks["north"])
    while time.monotonic() - began < 3:
        told += stream.event()[0] == "message"
    assert 2 <= told <= 8


def test_beats_prove_that_the_stream_lives(server, office):
    """Without any change, a beat comes now and then."""
    port, _ = server
    stream = Stream(port, signed_in("ann"))
    assert [stream.event()[0] for _ in range(4)] == ["beat"] * 4


def test_deactivated_user_is_cut_off_at_once(server, office):
    """The stream ends, and does not open again."""
    port, _ = server
    cookie = signed_in("ann")
    stream = Stream(port, cookie)
    stream.event()
    began = time.monotonic()
    person_activity_set(office.people["Ann North"], is_active=False, reason="left", by=BY, now=NOW)
    while stream.event() is not None:
        assert time.monotonic() - began < 10
    assert Stream(port, cookie).status == 401


def test_user_who_loses_her_role_is_cut_off(server, office):
    """So is one whose role on the desk was taken, and one who was deactivated as a user."""
    port, _ = server
    streams = [Stream(port, signed_in("ann")), Stream(port, signed_in("chief"))]
    for stream in streams:
        stream.event()
    role_grant("ann", "agent", desk_id=office.desks["north"], is_granted=False, by=BY, now=NOW)
    user_activity_set("chief", is_active=False, by=BY, now=NOW)
    for stream in streams:
        assert stream.until("never", longest_s=10) is None


def test_pages_of_other_origins_may_not_listen(server, office):
    """The page's own host may, on whatever port; others are refused before anything is looked at."""
    port, _ = server
    cookie = signed_in("ann")
    ours = Stream(port, cookie, origin="http://127.0.0.1:8000")
    assert ours.status == 200
    assert ours.answer.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1:8000"
    assert ours.answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert Stream(port, cookie, origin="https://elsewhere.example").status == 403
    assert Stream(port, cookie, origin="null").status == 403


def test_unknown_addresses_and_hosts_are_refused(server, office):
    """There is one address, and only for the hosts that Watchbill answers to."""
    port, _ = server
    assert Stream(port, signed_in("ann"), path="/").status == 404
    assert Stream(port, signed_in("ann"), host="elsewhere.example").status == 400


def test_database_that_comes_back_is_listened_to_again(server, office):
    """All its connections cut, the stream stays open and hears of the next change."""
    port, _ = server
    stream = Stream(port, signed_in("ann"))
    stream.event()
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid()"
        )
    assert stream.until("message")[0] == "message"
    stream.event()
    office.item()
    assert stream.until("message")[0] == "message"


def test_process_ends_cleanly_with_open_streams(server, office):
    """Told to stop, it lets its listeners go and ends by itself."""
    port, child = server
    stream = Stream(port, signed_in("ann"))
    stream.event()
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    assert child.wait(LIMIT_S) == 0
    assert time.monotonic() - began < 8


def test_session_that_has_expired_is_none(server, office):
    """Old cookies open nothing."""
    port, _ = server
    cookie = signed_in("ann")
    with connection.cursor() as cursor:
        cursor.execute("update django_session set expire_date = expire_date - %s", [timedelta(days=365)])
    assert Stream(port, cookie).status == 401
