"""The supervisor: restarts what falls, gives up in time, stops cleanly; ports in use are named."""

import os
import signal
import socket
import sys
import threading
import time
from typing import Self

import psutil
import psycopg
import pytest
from psycopg.pq import Ping

from tests.config.conftest import settings_for
from tests.waiting import wait_for
from watchbill.config import supervisor
from watchbill.config.supervisor import Part, port_check, ports_check, run_parts
from watchbill.engine.base.errors import Unavailable

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]
FALL = [sys.executable, "-c", "raise SystemExit(3)"]


class Running:
    """The supervisor at work in a thread."""

    def __init__(self, *parts: Part) -> None:
        self.parts = parts
        self.stop = threading.Event()
        self.said: list[str] = []
        self.code: int | None = None
        self.thread = threading.Thread(target=self.work)

    def work(self) -> None:
        self.code = run_parts(self.parts, stop=self.stop, say=self.said.append)

    def __enter__(self) -> Self:
        self.thread.start()
        wait_for(lambda: all(part.process for part in self.parts) or self.code is not None)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()


def test_a_part_that_is_killed_starts_again():
    """One part's end does not touch the others."""
    with Running(Part("web", SLEEP), Part("tick", SLEEP)) as running:
        web, tick = (part.process.pid for part in running.parts)
        os.kill(web, signal.SIGKILL)
        wait_for(lambda: running.parts[0].process is not None and running.parts[0].process.pid != web)
        assert running.parts[1].process.pid == tick
        running.restarted = running.parts[0].process.pid
        wait_for(lambda: running.said[-1].startswith("web: started again"))
    assert running.code == 0
    assert "web: ended with signal SIGKILL; it starts again in 0.5 s" in running.said
    assert f"web: started again (process {running.restarted})" in running.said


def test_what_a_killed_part_leaves_behind_is_ended():
    """Children of a part that was killed would keep its port."""
    program = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"
    with Running(Part("web", [sys.executable, "-c", program])) as running:
        process = psutil.Process(running.parts[0].process.pid)
        wait_for(lambda: bool(process.children()))
        child = process.children()[0]
        process.kill()
        wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_part_that_keeps_falling_ends_everything(monkeypatch):
    """A part that cannot run is given up with exit code 1, and the others are stopped."""
    monkeypatch.setattr(supervisor, "PAUSE_MOST_S", 0.0)
    with Running(Part("web", SLEEP), Part("tick", FALL)) as running:
        wait_for(lambda: running.code is not None)
    assert running.code == 1
    assert any("giving up" in line for line in running.said)
    assert running.parts[0].process.poll() is not None


def test_the_pause_grows_with_each_fall():
    """A part that falls at once is not started in a tight loop."""
    part = Part("tick", FALL)
    pauses = []
    for _ in range(3):
        part.start()
        part.process.wait()
        assert part.fell() == 3
        pauses.append(part.start_again_at - time.monotonic())
    assert pauses[0] < pauses[1] < pauses[2]


def test_a_part_that_does_not_stop_is_killed(monkeypatch):
    """The supervisor ends within its limit, whatever a part does."""
    monkeypatch.setattr(supervisor, "STOP_LIMIT_S", 0.5)
    with Running(Part("web", STUBBORN)) as running:
        time.sleep(0.5)
    assert running.code == 0
    assert any("is killed" in line for line in running.said)
    assert running.parts[0].process.poll() is not None


def test_a_port_in_use_is_named():
    """The sentence names the port, who has it, and the setting for another one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=rf"Port {port}.*process {os.getpid()}.*WATCHBILL_PORT={port + 10}"):
            port_check("127.0.0.1", port, other=f"WATCHBILL_PORT={port + 10}")


@pytest.mark.parametrize("is_live", [False, True])
def test_another_port_is_proposed_in_the_words_of_the_command(home, is_live):
    """`watchbill demo` is told --port, whichever of its two ports is taken; `serve` the setting."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        pages, live = (port - 1, port) if is_live else (port, port + 1)
        settings = settings_for(home, WATCHBILL_PORT=str(pages), WATCHBILL_LIVE_PORT=str(live))
        with pytest.raises(Unavailable, match=rf"choose another port: --port {pages + 10}$"):
            ports_check(settings, option="--port")
        setting = "WATCHBILL_LIVE_PORT" if is_live else "WATCHBILL_PORT"
        with pytest.raises(Unavailable, match=rf"choose another port: {setting}={port + 10}$"):
            ports_check(settings)


def test_a_free_port_passes():
    """A port that was closed a moment ago can be had again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert port_check("127.0.0.1", port, other="") is None


def test_the_watch_over_the_database_outlives_whatever_goes_wrong(home, monkeypatch):
    """A server that falls over again while it is looked at, or a full disk, is said, and tried again."""
    stop, said = threading.Event(), []
    trouble = iter(
        [psycopg.OperationalError("the server closed the connection"), OSError(28, "No space left on device")]
    )

    def ensure(*_args, **_named):
        if error := next(trouble, None):
            raise error
        stop.set()

    monkeypatch.setattr(supervisor, "WATCH_EVERY_S", 0.01)
    monkeypatch.setattr(supervisor, "TROUBLE_S", 0.01)
    monkeypatch.setattr(supervisor.server, "ping", lambda _home: Ping.NO_RESPONSE)
    monkeypatch.setattr(supervisor, "database_ensure", ensure)
    supervisor.database_keep(settings_for(home), stop, said.append)
    assert "database: the server closed the connection" in said
    assert "database: [Errno 28] No space left on device" in said
    assert "database: answers again" in said
