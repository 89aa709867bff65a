"""The door of the pages: no view without a declared right, nobody in without it, every error in words."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from watchbill.apps.core.sql import meant
from watchbill.apps.people.rights import Right, may_somewhere, sentence_of
from watchbill.engine.base.errors import NotAllowed, Unavailable, WatchbillError
from watchbill.interfaces.web import errors
from watchbill.interfaces.web.access import PUBLIC, SIGNED_IN, visit_make

log = logging.getLogger(__name__)

API = "ninja"
"""The name under which the API's addresses are included; its operations declare and check their own rights."""


class AccessMiddleware:
    """Let a request through to its view only when the view says who may come, and the visitor is one of those."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        right: Right | str | None = getattr(view, "watchbill_right", None)
        if right == PUBLIC or _is_api(request):
            return None
        if right is None:
            log.error("view_without_right", extra={"view": f"{view.__module__}.{view.__qualname__}"})
            return errors.answer(request, NotAllowed("This page does not say who may open it, so nobody may"))
        try:
            return self._admit(request, right)
        except (DatabaseError, InterfaceError) as error:
            answer = self.process_exception(request, error)
            if answer is None:
                raise
            return answer

    def _admit(self, request: HttpRequest, right: Right | str) -> HttpResponse | None:
        """Give the request its visit, or the answer that keeps the visitor out."""
        visit = visit_make(request, right)
        if visit is None:
            return _to_sign_in(request)
        request.visit = visit  # type: ignore[attr-defined]
        if right != SIGNED_IN and not may_somewhere(visit.actor, Right(right)):
            sentence = sentence_of(Right(right))
            return errors.answer(request, NotAllowed(f"This needs the right “{sentence}”", right=right))
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if _is_api(request):
            return None
        if isinstance(error, WatchbillError):
            return errors.answer(request, error)
        if not isinstance(error, DatabaseError | InterfaceError) or (said := meant(error)) is None:
            return None
        if isinstance(said, Unavailable):
            log.warning("database_lost", exc_info=error, extra={"path": request.path})
            request.is_logged = True  # type: ignore[attr-defined]
        return errors.answer(request, said)


def _is_api(request: HttpRequest) -> bool:
    return request.resolver_match is not None and API in request.resolver_match.app_names


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a name; a fragment cannot do so, so its whole page is sent there."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = reverse("sign-in")
        return response
    wanted = request.get_full_path() if request.method == "GET" else ""
    query = f"?{urlencode({'next': wanted})}" if wanted not in ("", "/") else ""
    return HttpResponseRedirect(reverse("sign-in") + query)
