"""The whole house as a person starts it: `watchbill serve`, its parts killed one by one, its database killed, its end."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from tests.ports import free_port
from tests.waiting import wait_for
from watchbill.config import server
from watchbill.config.cluster import folder_of

pytestmark = pytest.mark.slow
LIMIT_S = 90.0
POISON = ("six", "django", "json", "jinja2", "watchbill", "procrastinate", "psycopg", "sitecustomize")
"""Modules of these names lie in the folder in which Watchbill is started: nothing of them may run."""


class Serving:
    """`watchbill serve` on free ports, with an embedded database of its own."""

    def __init__(self, home, environment, log, *, cwd) -> None:
        self.home = home
        self.port = free_port()
        self.log = log
        self.cwd = cwd
        self.environment = environment | {
            "WATCHBILL_DATA": str(home),
            "WATCHBILL_PORT": str(self.port),
            "WATCHBILL_LIVE_PORT": str(free_port()),
        }
        # As the installed command starts it: the current folder is not where modules are looked for.
        command = [sys.executable, "-P", "-m", "watchbill.config.main", "serve"]
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                command,
                cwd=cwd,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def health(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def part(self, name: str) -> psutil.Process | None:
        """The process of one part."""
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # it may end while it is looked at
                if child.status() != psutil.STATUS_ZOMBIE and name in child.cmdline():
                    return child
        return None

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT_S)


@pytest.fixture
def serving(home, environment, tmp_path):
    folder = tmp_path / "current"
    folder.mkdir()
    for name in POISON:
        (folder / f"{name}.py").write_text("import os, sys\nopen('poisoned', 'a').write(__name__)\nos._exit(9)\n")
    made = Serving(home, environment, tmp_path / "serve.log", cwd=folder)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def test_everything_that_is_killed_comes_back_and_everything_stops(serving):
    """Web, live, worker, ticker and database each survive kill -9; SIGTERM leaves nothing running."""
    wait_for(lambda: "Watchbill opens at" in serving.log.read_text(), "it opens")
    assert serving.health() == 200, "the address is said when the page answers, not before"
    assert "the first one opens this link" in serving.log.read_text()

    for name in ("web", "live", "worker", "tick"):
        old = wait_for(lambda name=name: serving.part(name), f"{name} runs")
        old.kill()
        new = wait_for(
            lambda name=name, old=old: (new := serving.part(name)) is not None and new.pid != old.pid and new,
            f"{name} runs again",
        )
        line = f"{name}: started again (process {new.pid})"
        wait_for(lambda line=line: line in serving.log.read_text(), f"{name}'s new process is told")
    wait_for(lambda: serving.health() == 200, "web answers again")

    old_server = server.process_of(folder_of(serving.home))
    assert old_server is not None
    old_server.kill()
    wait_for(
        lambda: (new := server.process_of(folder_of(serving.home))) is not None and new.pid != old_server.pid,
        "the database runs again",
    )
    wait_for(lambda: serving.health() == 200, "web finds the database again")

    family = psutil.Process(serving.process.pid).children(recursive=True)
    assert serving.end() == 0, serving.log.read_text()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    assert server.process_of(folder_of(serving.home)) is None
    assert not (serving.cwd / "poisoned").exists(), "nothing in the current folder is executed"


@pytest.mark.usefixtures("ready")
def test_when_all_who_watch_are_killed_at_once_nobody_goes_on_serving(serving):
    """The supervisor and its parts die in the same moment: the processes that they forked hold no port any more."""
    wait_for(lambda: serving.health() == 200, "it opens")
    family = psutil.Process(serving.process.pid).children(recursive=True)
    for process in [serving.process, *(serving.part(name) for name in ("web", "live", "worker", "tick"))]:
        process.kill()
    serving.process.wait()
    database = server.process_of(folder_of(serving.home))
    apart = {database.pid, *(child.pid for child in database.children())}
    _, alive = psutil.wait_procs([one for one in family if one.pid not in apart], timeout=LIMIT_S)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    database.kill()


@pytest.mark.usefixtures("ready")
def test_a_second_one_is_told_and_the_parts_follow_their_supervisor(serving):
    """A second serve on the same ports is refused in a sentence; when the first is killed, its parts stop."""
    wait_for(lambda: serving.health() == 200, "it opens")
    second = subprocess.run(
        [sys.executable, "-m", "watchbill.config.main", "serve"],
        env=serving.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert second.returncode == 6
    assert f"Port {serving.port} on 127.0.0.1 cannot be used" in second.stderr
    assert "/link/" not in second.stderr, "no secret for an address that another program answers"
    assert "Traceback" not in second.stderr
    doctor = subprocess.run(
        [sys.executable, "-m", "watchbill.config.main", "doctor", "--json"],
        env=serving.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    findings = {finding["name"]: finding for finding in json.loads(doctor.stdout)["findings"]}
    assert findings["ports"]["ok"]
    assert "Watchbill runs" in findings["ports"]["text"]

    family = psutil.Process(serving.process.pid).children(recursive=True)
    os.kill(serving.process.pid, signal.SIGKILL)
    serving.process.wait()
    _, alive = psutil.wait_procs(family, timeout=LIMIT_S)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
