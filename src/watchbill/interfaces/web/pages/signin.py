"""Signing in and out, and the one-time link that makes the first admin."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import now
from watchbill.apps.people import users
from watchbill.apps.people.queries import link_get
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.flows import clockwork
from watchbill.interfaces.web.access import SIGNED_IN, own, public, visit_make
from watchbill.interfaces.web.errors import message_for, summary_of
from watchbill.interfaces.web.forms import back_of, text_of
from watchbill.interfaces.web.frame import landing_href
from watchbill.interfaces.web.viewmodels.parts import ErrorSummary, Field

BACKEND = "django.contrib.auth.backends.ModelBackend"
NAME_LIMIT = 150
WRONG = "This name and password do not belong together, or the account is closed"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@public
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; too many wrong ones from one place close the account there for a while."""
    if request.method != "POST":
        return _form(request, HTTPStatus.OK) if not clockwork.demo_users_list() else _to_the_door(request)
    username = text_of(request.POST, "username").replace("\x00", "")[:NAME_LIMIT]
    user = authenticate(request, username=username, password=request.POST.get("password", ""))
    if user is None:
        users.signed_in(username, by=Actor(name=username or "nobody"), now=now(), is_ok=False)
        return _form(request, HTTPStatus.UNPROCESSABLE_ENTITY, username=username, problem=("username", WRONG))
    return enter(request, int(user.pk), way="password")


def _to_the_door(request: HttpRequest) -> HttpResponse:
    """A demo's users have no passwords: its door is the page of roles."""
    back = back_of(request, "")
    return HttpResponseRedirect(reverse("start") + (f"?{urlencode({'next': back})}" if back else ""))


def _form(
    request: HttpRequest, status: HTTPStatus, *, username: str = "", problem: tuple[str, str] | None = None
) -> HttpResponse:
    context = {
        "title": "Sign in",
        "has_errors": problem is not None,
        "errors": ErrorSummary(errors=(problem,)) if problem else None,
        "username": username,
        "back": back_of(request, ""),
    }
    return render(request, "pages/sign_in.html", context, status=status)


def locked_out(request: HttpRequest, *_unused: object) -> HttpResponse:
    """Answer, in place of the form's own answer, when there were too many wrong passwords (AXES_LOCKOUT_CALLABLE)."""
    wait_min = round(float(settings.AXES_COOLOFF_TIME) * 60)
    words = (
        f"After {settings.AXES_FAILURE_LIMIT} wrong passwords, signing in with this name is closed from here for"
        f" {wait_min} minutes. Wait, or ask somebody who may edit users for a one-time link"
    )
    return _form(request, HTTPStatus.TOO_MANY_REQUESTS, problem=("", words))


def enter(request: HttpRequest, user_id: int, *, way: str) -> HttpResponse:
    """Begin a session for an active user, write it down, and go where she wanted, or where her day starts."""
    user = ModelBackend().get_user(user_id)
    if user is None:
        raise NotAllowed("This account is closed")
    login(request, user, backend=BACKEND)
    visit = visit_make(request, SIGNED_IN)
    if visit is None:
        raise NotAllowed("This account is closed")
    users.signed_in(user.get_username(), by=visit.actor, now=visit.now, is_ok=True, way=way)
    return HttpResponseRedirect(back_of(request, landing_href(visit)))


@require_POST
@own
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return HttpResponseRedirect(reverse("sign-in"))


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@public
def one_time_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Make the first admin, or set a new password, by a link that opens once."""
    link = link_get(secret)
    if link is None:
        raise NotFound("This link was used, or is too old. Print a new one with: watchbill link")
    username = link.username or text_of(request.POST, "username")
    error = None
    if request.method == "POST":
        try:
            user_id = users.link_use(
                secret, username=username, password=request.POST.get("password", ""),
                by=Actor(name=username[:NAME_LIMIT] or "one-time link"), now=now(),
            )  # fmt: skip
        except InvalidFacts as problem:
            error = problem
        except Conflict as taken:
            error = InvalidFacts(taken.message, field="username")
        else:
            return enter(request, user_id, way="link")
    context = {
        "title": "Choose a new password" if link.username else "Make the first account",
        "has_errors": error is not None,
        "errors": summary_of(error) if error else None,
        "fields": _link_fields(link.username, username, error),
        "is_first": not link.username,
    }
    return render(request, "pages/link.html", context, status=422 if error else 200)


def _link_fields(known: str, username: str, error: InvalidFacts | None) -> list[Field]:
    password = Field(
        name="password", label="Password", kind="password", autocomplete="new-password", is_required=True,
        hint="At least 8 characters, not only a common word", error=message_for(error, "password"),
    )  # fmt: skip
    if known:
        return [password]
    name = Field(
        name="username", label="Name for signing in", value=username, autocomplete="username", is_required=True,
        hint="Without spaces", error=message_for(error, "username"),
    )  # fmt: skip
    return [name, password]


urls = [
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-out/", sign_out, name="sign-out"),
    path("link/<str:secret>/", one_time_link, name="link"),
]
