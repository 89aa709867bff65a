"""Webhooks: a signed POST to an address that was looked up once and is not one of ours."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from watchbill.apps.notices.ports import Letter, NotSent, Refused, is_outside

TIMEOUT_S = 15.0
READ_MOST = 500
KEY_HEADER, SIGNATURE_HEADER = "Idempotency-Key", "Watchbill-Signature"
TRY_AGAIN = frozenset({408, 409, 423, 425, 429})
"""Answers of 4xx that are not the last word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Posts JSON. *is_open*: http, and addresses of this machine and its networks, are allowed."""

    is_open: bool = False

    def send(self, letter: Letter) -> str:
        """Post the body, signed, and return the status. Redirects are not followed. Raises NotSent, Refused."""
        parts = urlsplit(letter.address)
        if parts.scheme != "https" and not (self.is_open and parts.scheme == "http"):
            raise Refused("A webhook goes to an https address")
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        connection = _connection(parts.scheme, host, port, address=self._looked_up(host, port))
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        headers = {
            "Content-Type": "application/json", "User-Agent": "Watchbill", KEY_HEADER: letter.key,
            SIGNATURE_HEADER: signature(letter.secret, letter.body, at=int(time.time())),
        }  # fmt: skip
        try:
            connection.request("POST", path, body=letter.body, headers=headers)
            answer = connection.getresponse()
            said = answer.read(READ_MOST).decode(errors="replace").strip()
        except (OSError, http.client.HTTPException) as error:
            raise NotSent(f"{host} does not answer: {error or type(error).__name__}") from None
        finally:
            connection.close()
        if 200 <= answer.status < 300:
            return f"{answer.status} {said}".strip()
        kind = Refused if 300 <= answer.status < 500 and answer.status not in TRY_AGAIN else NotSent
        raise kind(f"{host} answered {answer.status} {said}".strip())

    def _looked_up(self, host: str, port: int) -> str:
        """The address to connect to: looked up once, so that what was allowed is what is connected to."""
        try:
            found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as error:
            raise NotSent(f"{host} is not found: {error}") from None
        if not self.is_open and (inner := [each for each in found if not is_outside(each)]):
            raise Refused(f"{host} is {inner[0]}, an address of this machine or its networks; those are not allowed")
        return found[0]


def from_settings() -> Webhook:
    """Return the sender of webhooks as this installation allows it."""
    return Webhook(is_open=settings.WEBHOOK_OPEN)


def signature(secret: str, body: bytes, *, at: int) -> str:
    """Return what proves the sender: the instant, and the HMAC-SHA256 of instant, dot and body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _connection(scheme: str, host: str, port: int, *, address: str) -> http.client.HTTPConnection:
    """A connection to *address* that speaks as to *host*, whose certificate is checked."""
    if scheme == "http":
        return _Plain(host, port, address=address)
    return _Tls(host, port, address=address)


class _Plain(http.client.HTTPConnection):
    def __init__(self, host: str, port: int, *, address: str) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), TIMEOUT_S)


class _Tls(_Plain):
    default_port = 443

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
