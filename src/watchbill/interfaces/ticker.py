"""The ticker: it alone owns business instants, and lets everything happen when its time comes."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

import psycopg
from django.db import InterfaceError, OperationalError, connection, connections

from watchbill.apps.clocks.telling import clock_next_at
from watchbill.apps.core.listening import Ears, listen, own_process
from watchbill.apps.core.queries import DeskClock, clock_get, story_get, wall_now
from watchbill.apps.core.services import clock_done, clock_reach
from watchbill.apps.inbox.queries import held_next_at
from watchbill.engine.base.errors import Unavailable
from watchbill.flows import firing, taking_over
from watchbill.flows.watch import LONGEST_REST_S, due_next_at, rest_s, step, target_at

log = logging.getLogger(__name__)

LOCK = "ticker"
"""Held by the one ticker that acts; others stand by."""
STANDBY_S = 2.0
GATHER_S = 0.4
"""Whoever changes one thing often changes the next at once: words are gathered for so long."""
TOLD_EVERY_S = 1.0
AHEAD_S = 2.0
"""How many seconds of the machine a moved clock may run beyond what has been done."""
MEASURED_S, MEASURED_LEAST_S = 10.0, 2.0
LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError, OSError, Unavailable)
"""The database is away. Anything else is a fault, and is told as one."""
TELL_GATHER_S = 1.0
"""While words of changes come one after the other, what clocks have to tell is looked for once in so long."""
PAUSE_FIRST_S, PAUSE_MOST_S = 0.5, 10.0


def run(stop: threading.Event) -> None:
    """Watch until *stop* is set. While the database is away: say so once, and keep trying."""
    pause_s, is_lost = PAUSE_FIRST_S, False
    while not stop.is_set():
        try:
            with listen() as ears:
                if is_lost:
                    log.info("database answers again")
                    pause_s, is_lost = PAUSE_FIRST_S, False
                _watch(Ticker(), ears, stop)
        except LOST as error:
            if not is_lost:
                log.warning("ticker stopped, trying again until it goes on", extra={"reason": _first_line(error)})
            is_lost = True
            _forget_connection()
            stop.wait(pause_s)
            pause_s = min(PAUSE_MOST_S, pause_s * 2)
        except Exception:
            # One fact that cannot be handled must not end the watch over all the others.
            log.exception("a turn failed, the next one is taken all the same")
            _forget_connection()
            stop.wait(PAUSE_MOST_S)


def _watch(ticker: Ticker, ears: Ears, stop: threading.Event) -> None:
    """Take turns as long as this is the one ticker that acts."""
    is_first = False
    with ExitStack() as while_first:
        while not stop.is_set():
            if not is_first and ears.lock_hold(LOCK):
                is_first = True
                while_first.enter_context(_telling())
            longest_s = ticker.turn() if is_first else STANDBY_S
            if is_first and not gc.get_freeze_count():
                gc.freeze()  # what the first turn has loaded stays: looking through it again delays a P1 by half
            if ears.hear(longest_s, until_set=stop, deaf_to=own_process()) and is_first:
                stop.wait(GATHER_S)
                ears.forget()


@contextmanager
def _telling() -> Iterator[None]:
    """Tell what live clocks have to tell beside the turns, which may plan for longer than a breach should wait."""
    over = threading.Event()

    def run() -> None:
        try:
            while not over.is_set():
                try:
                    with listen() as ears:
                        while not over.is_set():
                            _sleep(ears, _tell(), over)
                except LOST:  # the turns say so, and this is tried again
                    _forget_connection()
                    over.wait(PAUSE_FIRST_S)
                except Exception:
                    log.exception("telling failed, it is tried again")
                    _forget_connection()
                    over.wait(PAUSE_MOST_S)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, name="telling")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _tell() -> float:
    """Tell what has come; return how long to sleep, in seconds: until what is next, unless a word of a change comes first.

    Nothing is told that what came before would have changed: versions of policies take over first, and where a log still
    has events to give, and on moved clocks, the turns tell, which keep order.
    """
    clock, wall = clock_get(), wall_now()
    held = held_next_at()
    if clock.is_moved or (held is not None and held <= wall):
        return LONGEST_REST_S
    taking_over.tick(wall)
    firing.tick(wall)
    return rest_s(clock, now=wall, due_at=clock_next_at(after=wall), is_behind=False)


def _sleep(ears: Ears, rest_s: float, over: threading.Event) -> None:
    """Sleep so long; a word of a change that comes meanwhile ends it when others that follow have been gathered."""
    wake_at = time.monotonic() + rest_s
    if ears.hear(rest_s, until_set=over, deaf_to=own_process()):
        over.wait(min(TELL_GATHER_S, max(0.0, wake_at - time.monotonic())))
        ears.forget()


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _forget_connection() -> None:
    """Close Django's connection, so that the next query makes a new one."""
    try:
        connection.close()
    except LOST:
        connection.connection = None


class Ticker:
    """What one ticker remembers between its turns; the database knows everything that matters."""

    def __init__(self) -> None:
        self._told = 0.0
        self._pace: deque[tuple[float, datetime]] = deque()
        self._pull: tuple[float, datetime | None] = (0.0, None)

    def turn(self) -> float:
        """Let everything that is due happen, or the next part of it; return how long to rest, in seconds."""
        clock, wall = clock_get(), wall_now()
        if not clock.is_moved:
            is_behind = step(wall).is_behind
            return rest_s(clock, now=wall, due_at=due_next_at(after=wall), is_behind=is_behind)
        return self._moved_turn(clock, wall)

    def _moved_turn(self, clock: DeskClock, wall: datetime) -> float:
        """Bring a moved clock's desks nearer to where time has got, or is to jump to."""
        began = time.monotonic()
        goal = clock.jump_to_at or clock.at(wall)
        done = clock.done_at or goal
        target = target_at(done_at=done, goal_at=max(goal, done), due_at=due_next_at())
        if clock.jump_to_at is not None:
            clock_reach(target)
        stepped = step(target)
        story = story_get()
        clock_done(
            target,
            ahead_s=AHEAD_S,
            ends_at=story.ends_at if story else None,
            reached_rate=self._reached(clock, began, done, target),
            is_told=self._is_to_tell(clock),
        )
        return rest_s(clock, now=target, due_at=None, is_behind=target < goal or stepped.is_behind)

    def _reached(self, clock: DeskClock, began: float, done: datetime, target: datetime) -> float | None:
        """Return desk seconds a second over the last ten seconds; None while that cannot be said."""
        pull = (clock.rate, clock.jump_to_at)
        if pull != self._pull:
            self._pull = pull
            self._pace.clear()
        self._pace.append((began, done))
        now = time.monotonic()
        while now - self._pace[0][0] > MEASURED_S and len(self._pace) > 2:
            self._pace.popleft()
        first, since = self._pace[0]
        is_running = clock.rate > 0 or clock.jump_to_at is not None
        return (
            (target - since).total_seconds() / (now - first) if is_running and now - first > MEASURED_LEAST_S else None
        )

    def _is_to_tell(self, clock: DeskClock) -> bool:
        """Whether pages are to hear how far time may run: once a second while it does."""
        is_due = time.monotonic() - self._told > TOLD_EVERY_S and (clock.rate > 0 or clock.jump_to_at is not None)
        if is_due:
            self._told = time.monotonic()
        return is_due
