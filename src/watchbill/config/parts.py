"""The four parts of a running Watchbill: web, live, worker, tick. Each runs in a process of its own until told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from watchbill.config.env import Env
from watchbill.config.logs import log_settings

if TYPE_CHECKING:
    from procrastinate import App

log = logging.getLogger(__name__)

RETRY_FIRST_S = 0.5
RETRY_MOST_S = 5.0
STEADY_S = 30.0
DATABASE_LOOK_S = 2.0
WORKER_JOBS = 7  # at once: an import, a replay, a backtest, a look back, recovery options and a reading of minutes must not keep the audit trail's sealing waiting
FOLLOW_S = 0.5
WEB_FINISH_S = 10.0  # for requests in hand when the web process is told to stop
WORKER_FINISH_S = 20.0  # for jobs in hand when the worker is told to stop
THREAD_IDLE_S = 600  # an idle web thread keeps its database connection this long; granian allows no more


def run_web(settings: Env) -> None:
    """Pages and the API: Django by WSGI, in processes with a few threads each."""
    from granian.constants import Interfaces

    static_collect()
    _granian(
        "watchbill.config.wsgi:application",
        settings,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=settings.web_threads,
        blocking_threads_idle_timeout=THREAD_IDLE_S,
    )


def run_live(settings: Env) -> None:
    """Server-sent events: one small ASGI process, fed by LISTEN/NOTIFY."""
    from granian.constants import Interfaces

    _granian(
        "watchbill.interfaces.live.asgi:application",
        settings,
        port=settings.live_port,
        interface=Interfaces.ASGI,
        workers=1,
    )


def _granian(target: str, settings: Env, **options: object) -> None:
    from django.db import connections
    from granian import Granian
    from granian.log import LogLevels

    connections.close_all()  # workers are forked, and two processes must not speak on one connection

    quiet = log_settings(settings.log_level)
    quiet["loggers"] |= {"_granian": {"level": "WARNING"}, "granian.access": {"level": "WARNING"}}
    Granian(
        target,
        address=settings.listen,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=quiet,
        respawn_failed_workers=True,
        workers_kill_timeout=int(WEB_FINISH_S),
        **options,  # type: ignore[arg-type]
    ).serve(target_loader=application_load)


def application_load(target: str) -> Any:
    """Return what *target* names, as ``module:name``: granian's own way would look in the current folder first."""
    follow_maker()
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def run_worker(_settings: Env) -> None:
    """Wall-time jobs from the queue in the database; it connects anew when the database comes back."""
    import psycopg
    from procrastinate import exceptions
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.utils import connector_params

    stop = stop_on_signals()

    def work() -> None:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
        with app.replace_connector(connector) as worker:
            asyncio.run(_work(worker, connector_params(), stop))

    keep_trying(work, stop=stop, failures=(exceptions.ConnectorException, psycopg.OperationalError, OSError))


async def _work(worker: App, connection: dict[str, Any], stop: threading.Event) -> None:
    """Run one worker until *stop*, or until the database goes away; jobs in hand are finished first.

    The worker itself would outlive its lost connection, but not listen any more; so it is made anew.
    """
    async with worker.open_async():
        running = asyncio.create_task(
            worker.run_worker_async(
                concurrency=WORKER_JOBS, install_signal_handlers=False, shutdown_graceful_timeout=WORKER_FINISH_S
            )
        )
        ends = [asyncio.create_task(_told_to_stop(stop)), asyncio.create_task(_database_lost(connection))]
        await asyncio.wait({running, *ends}, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        await asyncio.wait({running})
        for end in ends:
            end.cancel()
        outcomes = await asyncio.gather(running, *ends, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _told_to_stop(stop: threading.Event) -> None:
    while not stop.is_set():  # noqa: ASYNC110 - set by a signal handler, outside the loop
        await asyncio.sleep(0.2)


async def _database_lost(connection: dict[str, Any]) -> None:
    """Raise as soon as the database does not answer."""
    import psycopg

    async with await psycopg.AsyncConnection.connect(**connection) as guard:
        await guard.set_autocommit(True)
        while True:
            await asyncio.sleep(DATABASE_LOOK_S)
            await guard.execute("SELECT 1")


def run_tick(_settings: Env) -> None:
    """The ticker: business instants as they come due."""
    from django.db import DatabaseError, InterfaceError, connections

    from watchbill.interfaces import ticker

    stop = stop_on_signals()

    def tick() -> None:
        try:
            ticker.run(stop)
        finally:
            connections.close_all()

    keep_trying(tick, stop=stop, failures=(DatabaseError, InterfaceError, OSError))


def keep_trying(work: Callable[[], None], *, stop: threading.Event, failures: tuple[type[BaseException], ...]) -> None:
    """Run *work* until it ends or *stop* is set, and again after a pause when it fails for want of the database."""
    pause_s = RETRY_FIRST_S
    while not stop.is_set():
        began = time.monotonic()
        try:
            work()
        except failures as error:
            pause_s = RETRY_FIRST_S if time.monotonic() - began > STEADY_S else min(RETRY_MOST_S, pause_s * 2)
            log.warning("database lost, trying again", extra={"pause_s": pause_s, "reason": _first_line(error)})
            stop.wait(pause_s)
        else:
            return


def _first_line(error: BaseException) -> str:
    return (str(error.__cause__ or error).strip() or type(error).__name__).splitlines()[0]


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def follow_parent() -> None:
    """Stop this process when the supervisor is gone: its end of our standard input closes, however it died."""

    def watch() -> None:
        # Read below Python's own buffer: its lock would be copied, held, into every process that is forked.
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


def follow_maker() -> None:
    """Stop this process, forked to serve, when the one that forked it is gone: nobody else would, and it holds the port."""
    maker = os.getppid()

    def watch() -> None:
        while os.getppid() == maker:
            time.sleep(FOLLOW_S)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(WEB_FINISH_S)
        os._exit(1)

    threading.Thread(target=watch, name="follow-maker", daemon=True).start()


def static_collect() -> None:
    """Put scripts, styles and fonts into the data folder under names with their hash; unchanged ones are left."""
    from django.conf import settings
    from django.core.management import call_command

    if settings.DEBUG:
        return
    logging.getLogger("django.contrib.staticfiles").setLevel(logging.ERROR)
    call_command("collectstatic", interactive=False, verbosity=0)


PARTS: dict[str, Callable[[Env], None]] = {"web": run_web, "live": run_live, "worker": run_worker, "tick": run_tick}
