"""A visitor with a real browser in front of the running product."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue


class Visitor:
    """One signed-in person with her own browser window; everything that the browser complains of is kept."""

    def __init__(self, context, base, *, expected=()):
        self.context = context
        self.base = base
        self.page = context.new_page()
        self.complaints = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self._expected = ("ERR_CONNECTION_REFUSED", *expected)

    def _console(self, message):
        if message.type in {"error", "warning"} and not any(word in message.text for word in self._expected):
            self.complaints.append(message.text)

    def go(self, path):
        self.page.goto(self.base + path)
        self.page.evaluate("document.fonts.ready")
        return self.page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)

    def turns(self, *keys):
        """Press keys of which the last one loads a page, and wait for it."""
        with self.page.expect_event("load"):
            self.press(*keys)


class _Stream(BaseHTTPRequestHandler):
    """Says to its listener what is put into its queue."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        for name, value in (
            ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("Connection", "close"),
            ("Access-Control-Allow-Origin", self.headers.get("Origin", "*")),
            ("Access-Control-Allow-Credentials", "true"),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"retry: 200\n\n")
        self.wfile.flush()
        words = Queue()
        self.server.listeners.append(words)
        while not self.server.is_over.is_set():
            try:
                self.wfile.write(words.get(timeout=0.1))
                self.wfile.flush()
            except Empty:
                continue
            except OSError:
                return

    def log_message(self, *_args):
        """Say nothing on the terminal."""


@contextmanager
def stream_of_events():
    """A server of events that a test speaks through: one queue in ``listeners`` for each page that has come."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Stream)
    server.daemon_threads = True
    server.listeners, server.is_over = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()
