"""Who may listen: the session of the page, looked at when the stream opens and again while it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import close_old_connections
from django.http import HttpRequest

from watchbill.apps.people.queries import actor_of_user, desk_get
from watchbill.engine.base.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A listener who was let in: her session's key, and the desk that she watches."""

    session_key: str
    slug: str
    desk_id: int


class Refused(Exception):
    """The stream is not for this caller."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def session_key_of(cookie_header: str) -> str:
    """Return the session's key out of a Cookie header; empty when there is none."""
    try:
        morsel = SimpleCookie(cookie_header).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def visitor_admit(session_key: str, slug: str) -> Visitor:
    """Return the visitor of this session on desk *slug*. Raises Refused: 401 without a session that is in force, 403 for a
    desk that is not to be seen.

    A blocking call, with a connection of its thread. A user who was deactivated, signed out or changed her password has
    no session in force.
    """
    close_old_connections()
    store = cast("type[SessionBase]", import_module(settings.SESSION_ENGINE).SessionStore)
    request: Any = SimpleNamespace(session=store(session_key or None), META={})
    user = get_user(cast("HttpRequest", request)) if session_key else None
    actor = actor_of_user(user.pk) if user is not None and user.is_authenticated else None
    if actor is None:
        raise Refused(401, "Sign in first")
    try:
        desk = desk_get(slug, by=actor)
    except NotFound as error:
        raise Refused(403, error.message) from None
    return Visitor(session_key=session_key, slug=slug, desk_id=desk.id)


def origin_allowed(origin: str, host_header: str) -> bool:
    """Say whether a page of *origin* may listen with the visitor's cookies.

    The public origin, where one is set; else any page of this very host, whatever its port, as long as the host is one
    that Watchbill answers to.
    """
    if settings.PUBLIC_URL:
        parts = urlsplit(settings.PUBLIC_URL)
        return origin == f"{parts.scheme}://{parts.netloc}"
    asked, page = urlsplit(f"//{host_header}").hostname, urlsplit(origin)
    return page.scheme in {"http", "https"} and page.hostname is not None and page.hostname == asked
