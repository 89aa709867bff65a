"""One process that runs all parts for a small site: starts, watches, restarts and stops them, the database too."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil
import psycopg
from psycopg.pq import Ping

from watchbill.config import server
from watchbill.config.database import database_ensure
from watchbill.config.env import Env
from watchbill.engine.base.errors import Unavailable, WatchbillError

PARTS = ("web", "live", "worker", "tick")
STEADY_S = 60.0  # a part that ran this long has recovered from whatever ailed it
MOST_FALLS = 6  # falls in a row, none after a steady run, before the supervisor gives up
PAUSE_MOST_S = 20.0
STOP_LIMIT_S = 30.0
FURTHER = 10
"""So much further on is the port that is proposed for one that is taken."""
WATCH_EVERY_S = 1.0
TROUBLE_S = 5.0  # between two tries to bring a database back that does not come
ASK_EVERY_S, ASK_LIMIT_S = 0.1, 10.0

Say = Callable[[str], None]


@dataclass(slots=True)
class Part:
    """One part: the command that runs it, its process, and how it has fared."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # monotonic
    start_again_at: float = 0.0
    falls: int = 0
    codes: list[int] = field(default_factory=list)

    def start(self) -> None:
        """Start the process in a group of its own, so that Ctrl-C reaches it only through the supervisor."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, start_new_session=True)

    def end(self, number: signal.Signals) -> None:
        """Send a signal to the process, or to whatever it left behind when that is to be killed."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if number is signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def fell(self) -> int | None:
        """The exit code, once, when the process has ended by itself."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.end(signal.SIGKILL)  # children of a part that was killed would keep its port
        self.process = None
        self.falls = 1 if time.monotonic() - self.started_at > STEADY_S else self.falls + 1
        self.start_again_at = time.monotonic() + self.pause_s
        self.codes.append(code)
        return code

    @property
    def pause_s(self) -> float:
        """How long it rests after its latest fall: longer with each one in a row."""
        return float(min(PAUSE_MOST_S, 0.5 * 2 ** (self.falls - 1)))


def part_command(name: str) -> list[str]:
    """How a part is run as a process of its own: with -P, so that nothing in the current folder passes for a module."""
    return [sys.executable, "-P", "-m", "watchbill.config.main", name, "--supervised"]


def supervise(settings: Env, *, say: Say, opened: Callable[[], None]) -> int:
    """Run all parts until SIGTERM or SIGINT; 0 after a clean stop, 1 when a part keeps falling over.

    The database is in place already. *opened* is called once, as soon as the pages answer. Raises Unavailable when a
    port is taken.
    """
    ports_check(settings)
    stop = threading.Event()
    with _signals(stop):
        database = threading.Thread(target=database_keep, args=(settings, stop, say), daemon=True)
        database.start()
        threading.Thread(target=_open, args=(settings, stop, opened), name="open", daemon=True).start()
        parts = [Part(name, part_command(name)) for name in PARTS]
        try:
            return run_parts(parts, stop=stop, say=say)
        finally:
            stop.set()
            database.join(timeout=5)


def _open(settings: Env, stop: threading.Event, opened: Callable[[], None]) -> None:
    """Call *opened* when the pages answer for the first time."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.listen, settings.listen.strip("[]"))  # noqa: S104 - asked only
    while not stop.wait(ASK_EVERY_S):
        pages = http.client.HTTPConnection(host, settings.port, timeout=ASK_LIMIT_S)
        try:
            pages.request("GET", "/healthz")
            is_open = pages.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            is_open = False
        finally:
            pages.close()
        if is_open:
            opened()
            return


def run_parts(parts: Sequence[Part], *, stop: threading.Event, say: Say) -> int:
    """Start the parts, restart those that fall, and stop them all in the end."""
    for part in parts:
        part.start()
        say(f"{part.name}: started (process {part.process.pid if part.process else '-'})")
    try:
        while not stop.wait(0.2):
            for part in parts:
                if not _tend(part, say=say):
                    return 1
        return 0
    finally:
        _stop_all(parts, say=say)


def _tend(part: Part, *, say: Say) -> bool:
    """Look after one part; false when it has fallen too often."""
    code = part.fell()
    if code is not None:
        if part.falls >= MOST_FALLS:
            say(f"{part.name}: ended {part.falls} times in a row (last with {_ending(code)}); giving up")
            return False
        say(f"{part.name}: ended with {_ending(code)}; it starts again in {part.pause_s:g} s")
    if part.process is None and time.monotonic() >= part.start_again_at:
        part.start()
        say(f"{part.name}: started again (process {part.process.pid if part.process else '-'})")
    return True


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    named = {each.value: each.name for each in signal.Signals}
    return f"signal {named.get(-code, -code)}"


def _stop_all(parts: Sequence[Part], *, say: Say) -> None:
    """Ask every part to end, the first-started last; kill what does not within the limit."""
    give_up_at = time.monotonic() + STOP_LIMIT_S
    for part in reversed(parts):
        part.end(signal.SIGTERM)
    for part in reversed(parts):
        if part.process is None:
            continue
        try:
            part.process.wait(max(0.1, give_up_at - time.monotonic()))
            say(f"{part.name}: stopped")
        except subprocess.TimeoutExpired:
            say(f"{part.name}: did not stop within {STOP_LIMIT_S:.0f} s and is killed")
        part.end(signal.SIGKILL)
        part.process.wait()


@contextlib.contextmanager
def _signals(stop: threading.Event):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a context manager
    """Let SIGTERM, SIGINT and SIGHUP set *stop*, and put back what was there before."""
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def database_keep(settings: Env, stop: threading.Event, say: Say) -> None:
    """Start the embedded server again whenever it has gone, until *stop*; of several watchers one does it."""
    if not settings.is_embedded:
        return
    while not stop.wait(WATCH_EVERY_S):
        if server.ping(settings.data_folder) is Ping.NO_RESPONSE and not stop.wait(WATCH_EVERY_S):
            try:
                say("database: does not answer; starting it again")
                database_ensure(settings, say=say)
                say("database: answers again")
            except (WatchbillError, psycopg.Error, OSError) as error:  # whatever it was, the next try may succeed
                said = str(error).strip() or type(error).__name__
                say(f"database: {said.splitlines()[0]}")
                stop.wait(TROUBLE_S)


def ports_check(settings: Env, *, option: str = "") -> None:
    """Raise Unavailable, naming who has it, when a port of the pages or of their live updates cannot be had.

    *option*: of the command that was called, by which both are chosen; else they are settings.
    """
    for setting, port in (("WATCHBILL_PORT", settings.port), ("WATCHBILL_LIVE_PORT", settings.live_port)):
        other = f"{option} {settings.port + FURTHER}" if option else f"{setting}={port + FURTHER}"
        port_check(settings.listen, port, other=other)


def port_check(host: str, port: int, *, other: str) -> None:
    """Raise Unavailable, naming who has it, when *port* cannot be had; *other*: how another one is chosen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise Unavailable(
                f"Port {port} on {host} cannot be used: {port_owner(port) or error.strerror}. "
                f"Stop that program, or choose another port: {other}"
            ) from error


def port_owner(port: int) -> str:
    """Which process listens on *port*, as far as this user may see it; empty when that is hidden."""
    with contextlib.suppress(psutil.Error, OSError):
        for each in psutil.net_connections("tcp"):
            if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port and each.pid:
                return f"'{psutil.Process(each.pid).name()}' (process {each.pid}) listens there"
    return ""
