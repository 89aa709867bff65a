"""The stage of the demo: its story loaded when there is none, begun again when somebody asks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

import psycopg
from django.db import DatabaseError

from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.core.listening import listen
from watchbill.apps.core.queries import Story, clock_get, story_get, wall_now
from watchbill.apps.core.services import RESTART_WORD
from watchbill.apps.people.queries import desk_ids
from watchbill.demo import beginning, dates
from watchbill.demo.desk import desk_load
from watchbill.demo.second import SecondDesk
from watchbill.flows import clockwork

log = logging.getLogger(__name__)

LOOK_S = 5.0
RETRY_S = 1.0


class Stage:
    """What the command does to the demo's database, before and while the four parts run."""

    def __init__(self, *, migrate: Callable[[], int], say: Callable[[str], None]) -> None:
        self._migrate, self._say = migrate, say
        self._second = SecondDesk(say=say)
        self._is_deaf = False  # that the database went away is said once

    def set_up(self, *, restart: bool) -> None:
        """Make sure that there is a story to tell: go on with the one begun, begin it again, or load it."""
        today, story = wall_now().astimezone(dates.LOCAL).date(), story_get()
        if story is not None and not restart:
            self._say(_where(story, today))
        elif story is not None and _is_of(story, today) and beginning.beginning_is_kept():
            self._begin_again()
        else:
            self._load(today)

    def _load(self, today: date) -> None:
        weeks, begins_at = dates.weeks_to_shift(today), dates.begins_at(today)
        self._say(
            f"The log's dates move by {weeks} weeks, so that today falls in its eighth week; the story begins on "
            f"{begins_at:%A %d %B %Y, %H:%M} in São Paulo."
        )
        if today != begins_at.date():
            self._say(
                "(From Thursday to Sunday of that week the log's office was closed, so the story begins on its Monday.)"
            )
        if desk_ids():
            beginning.database_empty()
            self._migrate()
        desk_load(weeks=weeks, begins_at=begins_at, say=self._say)
        beginning.beginning_keep()
        self._play()

    def opened(self) -> None:
        """The first page can be seen: begin to load the second desk."""
        self._second.begin()

    def _begin_again(self) -> None:
        with self._second.away():
            beginning.beginning_restore(migrate=self._migrate)
        self._say("The story begins again.")
        self._play()

    @staticmethod
    def _play() -> None:
        clockwork.play(by=WATCHBILL, now=clock_get().at(wall_now()))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While the parts run, begin the story again whenever a page asks for it."""
        stop = threading.Event()
        thread = threading.Thread(target=self._listen, args=(stop,), name="demo", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(timeout=LOOK_S)
            self._second.end()

    def _listen(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                if self._is_asked(stop):
                    self._begin_again()
            except (DatabaseError, psycopg.Error) as error:
                if not self._is_deaf:
                    log.warning("demo cannot hear, trying again", extra={"reason": str(error).strip()})
                self._is_deaf = True
                stop.wait(RETRY_S)

    def _is_asked(self, stop: threading.Event) -> bool:
        """Wait until a page asks for a new beginning; False when everything ends."""
        with listen() as ears:
            self._is_deaf = False
            while not stop.is_set():
                if RESTART_WORD in ears.hear(LOOK_S, until_set=stop):
                    return True
        return False


def _is_of(story: Story, today: date) -> bool:
    """Whether the story was loaded for today: the same week, and the same day to begin with."""
    return story.weeks == dates.weeks_to_shift(today) and story.starts_at == dates.begins_at(today)


def _where(story: Story, today: date) -> str:
    """Say where the story goes on, and how to have it moved to this week."""
    now: datetime = clock_get().at(wall_now()).astimezone(ZoneInfo(dates.ZONE))
    where = f"The story goes on at {now:%A %d %B %Y, %H:%M} in São Paulo."
    return (
        where if story.weeks == dates.weeks_to_shift(today) else f"{where} It is of another week: --restart moves it."
    )
