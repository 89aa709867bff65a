"""Who is at the other end of a request, for counting wrong passwords."""

from __future__ import annotations

from django.http import HttpRequest

from watchbill.config.env import env


def client_address(request: HttpRequest) -> str:
    """The address of the browser: as the proxy in front says if there is one, else the peer's.

    Of several forwarded addresses only the last one was written by our own proxy; the others are hearsay.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if env().behind_proxy else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
