"""The ASGI application of live updates: ``/events?desk=slug`` is a stream of server-sent events, and nothing else is here.

A message says that something of the desk changed, and the page asks the web process what. A beat now and then proves
that the stream lives. No facts travel here.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchbill.config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - after Django is ready
from django.db import Error as DatabaseError  # noqa: E402
from django.http.request import split_domain_port, validate_host  # noqa: E402

from watchbill.interfaces.live.hub import Hub, Stream  # noqa: E402
from watchbill.interfaces.live.visitors import (  # noqa: E402
    Refused,
    Visitor,
    origin_allowed,
    session_key_of,
    visitor_admit,
)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

GAP_S = 0.5
"""A stream is told at most twice a second."""
BEAT_S = 12.0
CHECK_S = 60.0
"""How often a session is looked at again, besides whenever rights change."""
RETRY_MS = 3000
"""How soon a browser comes back after the stream broke."""
MOST_STREAMS = 5000
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Live:
    """The application: its hub of streams, and threads for the questions that block."""

    def __init__(self, *, beat_s: float = BEAT_S, check_s: float = CHECK_S) -> None:
        self._hub = Hub()
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live")
        self._beat_s, self._check_s = beat_s, check_s
        self._end = asyncio.Event()
        self._is_waiting_for_end = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the server's own start and stop."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._hub.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._end.set()
                await self._hub.stop()
                self._threads.shutdown(wait=False, cancel_futures=True)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _wait_for_end(self) -> None:
        """End all streams when the server is told to stop: it waits for open answers before it says so by itself.

        The loop keeps its own handlers of these signals; ours is called beside them.
        """
        if self._is_waiting_for_end or threading.current_thread() is not threading.main_thread():
            return
        self._is_waiting_for_end = True
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._end.set))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._wait_for_end()
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        cors: list[tuple[bytes, bytes]] = []
        try:
            cors = _cors(headers)
            self._require_known(scope, headers)
            slug = parse_qs(scope["query_string"].decode("latin-1")).get("desk", [""])[0]
            visitor = await self._admit(session_key_of(headers.get(b"cookie", "")), slug)
        except Refused as refused:
            await _answer(send, refused.status, str(refused), cors)
            return
        except DatabaseError:
            await _answer(send, 503, "The database does not answer", cors)
            return
        await self._stream(visitor, receive, send, cors)

    def _require_known(self, scope: Scope, headers: dict[bytes, str]) -> None:
        """Raise Refused for an address or a method that is not ours, a foreign host, and when too many listen."""
        host, _port = split_domain_port(headers.get(b"host", ""))
        if not validate_host(host, settings.ALLOWED_HOSTS):
            raise Refused(400, "This host is not served here")
        if scope["path"] != "/events":
            raise Refused(404, "There is only /events here")
        if scope["method"] != "GET":
            raise Refused(405, "Only GET works here")
        if self._hub.count >= MOST_STREAMS:
            raise Refused(503, "Too many pages listen at the moment")

    async def _admit(self, session_key: str, slug: str) -> Visitor:
        return await asyncio.get_running_loop().run_in_executor(self._threads, visitor_admit, session_key, slug)

    async def _stream(self, visitor: Visitor, receive: Receive, send: Send, cors: list[tuple[bytes, bytes]]) -> None:
        self._hub.start()
        stream = self._hub.join(visitor.desk_id)
        gone = asyncio.create_task(_gone(receive))
        telling = asyncio.create_task(self._tell(visitor, stream, send, cors))
        ended = asyncio.create_task(self._end.wait())
        try:
            await asyncio.wait({gone, telling, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(stream)
            for task in (gone, telling, ended):
                task.cancel()
            await asyncio.gather(gone, telling, ended, return_exceptions=True)
        with suppress(Exception):  # the other end may have gone
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, visitor: Visitor, stream: Stream, send: Send, cors: list[tuple[bytes, bytes]]) -> None:
        """Tell one listener of changes, at most every GAP_S, and beat in between, until she may listen no more."""
        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *cors]})
        await _write(send, f"retry: {RETRY_MS}\nevent: beat\ndata: {{}}\n\n")
        word = json.dumps({"desk": visitor.slug})
        checked = time.monotonic()
        while True:
            await stream.wait(min(self._beat_s, self._check_s))
            if stream.is_to_check or time.monotonic() - checked >= self._check_s:
                stream.is_to_check, checked = False, time.monotonic()
                if not await self._may_stay(visitor):
                    return
            if stream.is_changed:
                stream.is_changed = False
                await _write(send, f"data: {word}\n\n")
                await asyncio.sleep(GAP_S)
            else:
                await _write(send, "event: beat\ndata: {}\n\n")

    async def _may_stay(self, visitor: Visitor) -> bool:
        """Whether the session is still in force; without a database nobody is sent away, for nothing is told either."""
        try:
            return (await self._admit(visitor.session_key, visitor.slug)).desk_id == visitor.desk_id
        except Refused:
            return False
        except DatabaseError:
            return True


def _cors(headers: dict[bytes, str]) -> list[tuple[bytes, bytes]]:
    """Return the headers that let the page's origin read the stream. Raises Refused for any other origin."""
    origin = headers.get(b"origin")
    if origin is None:
        return []
    if not origin_allowed(origin, headers.get(b"host", "")):
        raise Refused(403, "Pages of this origin may not listen here")
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


async def _answer(send: Send, status: int, text: str, cors: list[tuple[bytes, bytes]]) -> None:
    body = f"{text}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()), *cors]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive) -> None:
    """Return when the other end has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


application = Live()
