"""Who may call what: every operation names its right, is closed without one, and says so in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware
from ninja import Router
from ninja.security import APIKeyCookie, HttpBearer
from ninja.security.base import AuthBase

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.queries import actor_of_token, actor_of_user
from watchbill.apps.people.rights import Right, may_somewhere, sentence_of
from watchbill.engine.base.errors import NotAllowed
from watchbill.interfaces.api.errors import Problem

PUBLIC = "public"
"""What `watchbill_right` says of the few addresses that ask for nobody's name."""

IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Send the same key again to get the same answer without the write being done twice.",
}


def _allow(actor: Actor | None, right: Right) -> Actor | None:
    """Let somebody pass who holds *right* on any desk; which desk is asked by the flow, service or query."""
    if actor is not None and not may_somewhere(actor, right):
        raise NotAllowed(f"This needs the right “{sentence_of(right)}”", right=right)
    return actor


class _Csrf(CsrfViewMiddleware):
    """Django's check, without the page that it shows to people."""

    def _reject(self, _request: HttpRequest, reason: str) -> HttpResponseForbidden:
        return HttpResponseForbidden(reason)


def csrf_check(request: HttpRequest) -> None:
    """Raise NotAllowed when a write by cookie comes without the token of a page of ours."""
    check = _Csrf(lambda _request: HttpResponseForbidden())
    request.csrf_processing_done = False  # type: ignore[attr-defined]
    check.process_request(request)
    if check.process_view(request, lambda _request: HttpResponseForbidden(), (), {}) is not None:
        raise NotAllowed("A write from a page needs its CSRF token (header X-CSRFToken); programs send an API key")


class ApiKey(HttpBearer):
    """An API key: ``Authorization: Bearer wb_...``. Make one with ``watchbill token issue USER``."""

    def __init__(self, right: Right) -> None:
        super().__init__()
        self.right = right

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:  # noqa: ARG002 - ninja's form
        return _allow(actor_of_token(token.strip()), self.right)


class SessionCookie(APIKeyCookie):
    """The cookie of somebody who signed in on this host; writes need the CSRF token, too."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, right: Right) -> None:
        super().__init__(csrf=True)
        self.right = right

    def __call__(self, request: HttpRequest) -> Actor | None:
        if self.param_name not in request.COOKIES:
            return None
        csrf_check(request)
        return self.authenticate(request, request.COOKIES[self.param_name])

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:  # noqa: ARG002 - ninja's form
        if not request.user.is_authenticated:
            return None
        return _allow(actor_of_user(request.user.pk), self.right)


class Closed(AuthBase):
    """Lets nobody pass: what an operation has that names no right."""

    openapi_type = "http"

    def __call__(self, _request: HttpRequest) -> None:
        return None


def reads(router: Router, path: str, *, right: Right, out: Any, **more: Any) -> Callable[[Callable[..., Any]], Any]:
    """Register a GET operation that needs *right* and answers in the shape *out*."""
    return _register(router, ["GET"], path, right=right, responses={200: out}, is_write=False, **more)


def writes(
    router: Router, method: str, path: str, *, right: Right, out: Any, status: int = 200, **more: Any
) -> Callable[[Callable[..., Any]], Any]:
    """Register a writing operation that needs *right*, takes an idempotency key and answers *out* with *status*."""
    return _register(router, [method], path, right=right, responses={status: out}, is_write=True, **more)


def _register(
    router: Router, methods: list[str], path: str, *, right: Right, responses: dict[int, Any], is_write: bool,
    **more: Any,
) -> Callable[[Callable[..., Any]], Any]:  # fmt: skip
    errors = [400, 401, 403, 404, 422, 503, *([409] if is_write else [])]
    extra: dict[str, Any] = {"x-right": right.value}
    if is_write:
        extra["parameters"] = [IDEMPOTENCY]

    def decorate(view: Callable[..., Any]) -> Any:
        view.watchbill_right = right  # type: ignore[attr-defined]
        operation = router.api_operation(
            methods, path, auth=[ApiKey(right), SessionCookie(right)], operation_id=view.__name__,
            summary=(view.__doc__ or "").strip().splitlines()[0].rstrip("."),
            description=f"{(view.__doc__ or '').strip()}\n\nNeeds the right: {sentence_of(right)}.",
            response={**responses, **dict.fromkeys(sorted(errors), Problem)}, openapi_extra=extra, **more,
        )  # fmt: skip
        return operation(view)

    return decorate
