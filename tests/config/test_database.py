"""The embedded server: started, shared, killed, recovered, refused."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.pq import Ping

from tests.config.conftest import settings_for
from watchbill.config import cluster, database, server, supervisor
from watchbill.config.address import embedded_url, socket_folder
from watchbill.config.cluster import folder_of
from watchbill.config.database import database_ensure, database_stop
from watchbill.engine.base.errors import Unavailable


def start(home: Path, said: list[str] | None = None) -> str:
    return database_ensure(settings_for(home), durable=False, say=(said or []).append)


def postmaster(home: Path) -> psutil.Process:
    process = server.process_of(folder_of(home))
    assert process is not None
    return process


def kill_server(home: Path) -> None:
    """Kill the server as a crash would, and wait until its children have noticed."""
    process = postmaster(home)
    children = process.children()
    process.kill()
    psutil.wait_procs(children, timeout=20)


def test_it_starts_is_reused_and_stops(home):
    """The first call makes and starts the server, the second finds it, and stopping twice is no error."""
    url = start(home)
    first = postmaster(home).pid
    assert start(home) == url
    assert postmaster(home).pid == first
    with psycopg.connect(url) as connection:
        encoding = connection.execute("SHOW server_encoding").fetchone()
        listens = connection.execute("SHOW listen_addresses").fetchone()
    assert (encoding, listens) == (("UTF8",), ("",))
    assert database_stop(settings_for(home)) is True
    assert database_stop(settings_for(home)) is False


def test_it_keeps_others_out(home):
    """The folder of the data and that of the socket are closed to other users."""
    start(home)
    assert folder_of(home).stat().st_mode & 0o077 == 0
    assert socket_folder(home).stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("used")
def test_what_was_committed_survives_a_crash(home):
    """After kill -9 the next start recovers by itself, with every committed row."""
    url = database_ensure(settings_for(home), say=print)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    kill_server(home)
    said: list[str] = []
    database_ensure(settings_for(home), say=said.append)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    assert any("recovers by itself" in line for line in said)


@pytest.mark.usefixtures("used")
def test_a_stale_pid_file_that_names_somebody_else_is_removed(home):
    """After a restart of the machine the number in the pid file may belong to anybody."""
    start(home)
    database_stop(settings_for(home))
    (folder_of(home) / "postmaster.pid").write_text(f"{os.getpid()}\n{folder_of(home)}\n1\n5432\n\n\n")
    (socket_folder(home) / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    start(home)
    assert postmaster(home).pid != os.getpid()


def test_two_starters_at_once_make_one_server(home):
    """Processes that start together end up with the same server."""
    program = textwrap.dedent("""
        import sys
        from watchbill.config.database import database_ensure
        from watchbill.config.env import env_read
        import psycopg
        url = database_ensure(env_read({"WATCHBILL_DATA": sys.argv[1]}), durable=False)
        with psycopg.connect(url) as connection:
            print(connection.execute("SELECT pg_postmaster_start_time()").fetchone()[0])
            sys.stdout.flush()
            sys.stdin.read()
    """)
    starters = [
        subprocess.Popen([sys.executable, "-c", program, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    answers = {starter.stdout.readline() for starter in starters}
    for starter in starters:
        starter.communicate(timeout=60)
    assert len(answers) == 1
    assert answers != {b""}


@pytest.mark.usefixtures("used")
def test_the_last_user_stops_the_server(home):
    """While anybody uses the server it stays; when the last one ends, it stops."""
    program = textwrap.dedent("""
        import sys
        from watchbill.config.database import database_ensure
        from watchbill.config.env import env_read
        database_ensure(env_read({"WATCHBILL_DATA": sys.argv[1]}), durable=False)
        print("ready", flush=True)
        sys.stdin.read()
    """)
    users = [
        subprocess.Popen([sys.executable, "-c", program, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    for user in users:
        assert user.stdout.readline() == b"ready\n"
    users[0].communicate(timeout=60)
    assert server.ping(home) is Ping.OK
    users[1].communicate(timeout=60)
    assert server.ping(home) is Ping.NO_RESPONSE


@pytest.mark.parametrize(("version", "word"), [("99", "newer"), ("9", "older")])
def test_a_folder_of_another_version_is_named(home, version, word):
    """A folder of a version that the wheel does not bring is left alone, and the way out is said."""
    folder_of(home).mkdir()
    (folder_of(home) / "PG_VERSION").write_text(f"{version}\n")
    with pytest.raises(Unavailable, match=f"PostgreSQL {version}, which is {word}.*backup"):
        start(home)


def test_a_folder_of_something_else_is_left_alone(home):
    """A folder of that name without a database in it is not touched."""
    folder_of(home).mkdir()
    (folder_of(home) / "letter.txt").write_text("mine")
    with pytest.raises(Unavailable, match="not a folder of PostgreSQL"):
        start(home)
    assert (folder_of(home) / "letter.txt").read_text() == "mine"


def test_a_full_disk_is_said_before_anything_is_written(home, monkeypatch):
    """Too little space is refused with the figures."""
    monkeypatch.setattr(cluster, "FREE_BYTES_NEW", 1 << 60)
    with pytest.raises(Unavailable, match="is full: .* MB are free"):
        start(home)
    assert not folder_of(home).exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """A data folder below a file, or on a read-only disk, is one sentence."""
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be used"):
        start(tmp_path / "file" / "data")


def test_missing_programs_are_said(home, monkeypatch):
    """Without the wheel, the sentence names it and the way without it."""
    monkeypatch.setattr("watchbill.config.programs.WHEEL", "no_such_wheel")
    with pytest.raises(Unavailable, match="no_such_wheel cannot be found.*WATCHBILL_DATABASE_URL"):
        start(home)


def test_a_folder_whose_name_is_too_long_for_a_socket_works(home):
    """The socket moves to a short private folder, the data stay where they are."""
    deep = home / ("d" * 60) / ("e" * 60)
    home.chmod(0o711)
    deep.parent.mkdir(mode=0o711)
    try:
        url = start(deep)
        with psycopg.connect(url) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row == (str(folder_of(deep)),)
        assert socket_folder(deep).stat().st_mode & 0o077 == 0
    finally:
        database_stop(settings_for(deep))
        socket_folder(deep).rmdir()


@pytest.mark.usefixtures("used")
def test_a_broken_configuration_is_quoted(home):
    """What PostgreSQL itself refuses is passed on, with the place of its log."""
    start(home)
    database_stop(settings_for(home))
    (home / "postgresql.local.conf").write_text("shared_buffers = 'plenty'\n")
    (home / "postgresql.local.conf").chmod(0o644)
    with pytest.raises(Unavailable, match="could not be started: .*postgresql.log"):
        start(home)


@pytest.mark.usefixtures("used")
def test_a_socket_in_use_by_something_else_is_refused(home):
    """A server that answers on our socket but works on another folder is not taken for ours."""
    start(home)
    moved = home / "elsewhere"
    folder_of(home).rename(moved)
    folder_of(home).mkdir()
    try:
        with pytest.raises(Unavailable, match="does not answer as Watchbill's own"):
            start(home)
    finally:
        folder_of(home).rmdir()
        moved.rename(folder_of(home))


@pytest.mark.usefixtures("used")
def test_a_long_recovery_is_waited_for(home, monkeypatch):
    """While the server says that it is starting up, the wait goes on and says so."""
    start(home)
    answers = iter([Ping.REJECT] * 4 + [Ping.OK])
    monkeypatch.setattr(server, "ping", lambda _home: next(answers))
    monkeypatch.setattr(server, "SAY_EVERY_S", 0.0)
    said: list[str] = []
    server.server_wait(home, say=said.append, why=lambda: "gone")
    assert any("still recovering" in line for line in said)


def test_a_url_that_does_not_answer_is_one_sentence():
    """A named server that is not there is told apart from our own."""
    with pytest.raises(Unavailable, match="127.0.0.1 does not answer.*WATCHBILL_DATABASE_URL"):
        database_ensure(settings_for(Path("/nowhere"), WATCHBILL_DATABASE_URL="postgresql://a@127.0.0.1:1/desk"))


@pytest.mark.usefixtures("used")
def test_a_named_server_that_is_too_old_is_refused(home, monkeypatch):
    """The version of a named server is checked at once."""
    url = embedded_url(home)
    start(home)
    monkeypatch.setattr(database, "LEAST_VERSION", 99)
    with pytest.raises(Unavailable, match="Watchbill needs 99 or newer"):
        database_ensure(settings_for(home, WATCHBILL_DATABASE_URL=url))


@pytest.mark.usefixtures("used")
def test_a_watcher_brings_a_killed_server_back(home):
    """The supervisor's watch starts a crashed server again within seconds."""
    start(home)
    stop = threading.Event()
    said: list[str] = []
    watcher = threading.Thread(target=supervisor.database_keep, args=(settings_for(home), stop, said.append))
    watcher.start()
    try:
        os.kill(postmaster(home).pid, signal.SIGKILL)
        give_up_at = time.monotonic() + 60
        while "database: answers again" not in said and time.monotonic() < give_up_at:
            time.sleep(0.1)
        assert server.ping(home) is Ping.OK
    finally:
        stop.set()
        watcher.join()
    assert "database: answers again" in said
