"""A real mail server and a real receiver of webhooks, small ones, each on a port of its own while a test runs."""

from __future__ import annotations

import socketserver
import ssl
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

HELD_S = 60.0
CERTIFICATES = Path(__file__).parent / "certificates"


class Smtp(socketserver.StreamRequestHandler):
    """The words of RFC 5321 that a client needs; mails are kept by the server, which may refuse recipients."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def secure(self):
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def handle(self):
        """Speak until the client goes; one that does not trust the certificate is gone in the middle of it."""
        with suppress(ssl.SSLError, ConnectionError):
            if self.server.is_tls_first:
                self.secure()
            self.converse()

    def converse(self):
        self.say("220 mail.test")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "EHLO":
                self.say("250-mail.test")
                if self.server.tls is not None and not isinstance(self.connection, ssl.SSLSocket):
                    self.say("250-STARTTLS")
                self.say("250 8BITMIME")
            elif word == "STARTTLS" and self.server.tls is not None:
                self.say("220 Go on")
                self.secure()
            elif word == "RCPT" and (answer := self.server.answers.pop(0) if self.server.answers else None):
                self.say(answer)
            elif word == "DATA":
                self.say("354 Go on")
                lines = []
                while (data := self.rfile.readline()).rstrip(b"\r\n") != b".":
                    lines.append(data)
                self.server.kept.append(b"".join(lines))
                self.server.is_open.wait(HELD_S)
                self.say(f"250 Kept as {len(self.server.kept)}")
            elif word == "QUIT":
                self.say("221 Bye")
                return
            else:
                self.say("250 OK")


class Receiver(BaseHTTPRequestHandler):
    """Keeps what is posted, and answers as it is told to, else 200."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.kept.append((self.path, dict(self.headers), body))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        if status in {301, 302}:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(b"thanks")

    def log_message(self, *_args):
        """Say nothing."""


@contextmanager
def serving(server):
    server.kept, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def smtp(certificate="", *, is_tls_first=False):
    """A mail server; with the name of a certificate it speaks TLS, after STARTTLS or from the first byte.

    While `is_open` is cleared it keeps what comes and does not answer.
    """
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)
    server.tls, server.is_tls_first, server.is_open = None, is_tls_first, threading.Event()
    server.is_open.set()
    if certificate:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
    return serving(server)


def receiver():
    return serving(HTTPServer(("127.0.0.1", 0), Receiver))
