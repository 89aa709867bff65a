"""One connection listens for all streams, and each stream is told of its own desk, gently."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict

import psycopg

from watchbill.apps.core.listening import listen_settings
from watchbill.apps.core.services import ACCESS_WORD, CHANNEL, CLOCK_WORD, RESTART_WORD

log = logging.getLogger(__name__)

PAUSE_FIRST_S, PAUSE_MOST_S = 0.5, 5.0
LOOK_EVERY_S = 10.0
"""How often a silent connection is asked whether it still lives."""


class Stream:
    """What one listener has still to hear. Words that come while she is being told are gathered into one."""

    def __init__(self, desk_id: int) -> None:
        self.desk_id = desk_id
        self.is_changed = False
        self.is_to_check = False
        self._bell = asyncio.Event()

    def tell(self) -> None:
        """Something of the desk changed."""
        self.is_changed = True
        self._bell.set()

    def check(self) -> None:
        """Whether she may still listen is to be looked at now."""
        self.is_to_check = True
        self._bell.set()

    async def wait(self, longest_s: float) -> None:
        """Wait for a word, *longest_s* at most."""
        try:
            async with asyncio.timeout(longest_s):
                await self._bell.wait()
        except TimeoutError:
            pass
        self._bell.clear()


class Hub:
    """The streams that are open, and the task that listens for them."""

    def __init__(self) -> None:
        self._streams: dict[int, set[Stream]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen, in the running loop; once."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def join(self, desk_id: int) -> Stream:
        """Open a stream for a desk."""
        stream = Stream(desk_id)
        self._streams[desk_id].add(stream)
        return stream

    def leave(self, stream: Stream) -> None:
        """Forget a stream."""
        self._streams[stream.desk_id].discard(stream)
        if not self._streams[stream.desk_id]:
            del self._streams[stream.desk_id]

    @property
    def count(self) -> int:
        """How many streams are open."""
        return sum(len(streams) for streams in self._streams.values())

    def hear(self, word: str) -> None:
        """Pass on one word of the channel."""
        if word.isdecimal():
            for stream in self._streams.get(int(word), ()):
                stream.tell()
            return
        for streams in self._streams.values():
            for stream in streams:
                if word in {ACCESS_WORD, RESTART_WORD}:
                    stream.check()
                elif word == CLOCK_WORD:
                    stream.tell()

    async def _listen(self) -> None:
        """Listen for ever; without a database say so once and keep trying. Whatever was missed, pages look anew."""
        pause_s, is_lost = PAUSE_FIRST_S, False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**listen_settings(), autocommit=True) as link:
                    await link.execute(f"listen {CHANNEL}")
                    if is_lost:
                        log.info("database answers again")
                        self._tell_all()
                    pause_s, is_lost = PAUSE_FIRST_S, False
                    await self._pass_on(link)
            except (psycopg.Error, OSError) as error:
                if not is_lost:
                    log.warning("no word from the database, trying again", extra={"reason": str(error).strip()})
                is_lost = True
                await asyncio.sleep(pause_s)
                pause_s = min(PAUSE_MOST_S, pause_s * 2)

    async def _pass_on(self, link: psycopg.AsyncConnection) -> None:
        while True:
            async for note in link.notifies(timeout=LOOK_EVERY_S):
                self.hear(note.payload)
            await link.execute("select 1")

    def _tell_all(self) -> None:
        for streams in self._streams.values():
            for stream in streams:
                stream.check()
                stream.tell()
