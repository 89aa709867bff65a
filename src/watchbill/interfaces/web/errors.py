"""Errors of pages: the one table from families to statuses, and the words and forms in which people meet them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound, Unavailable, WatchbillError
from watchbill.interfaces.web import frame
from watchbill.interfaces.web.viewmodels import parts

STATUS: dict[type[WatchbillError], int] = {
    InvalidFacts: 422,
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Unavailable: 503,
}
TITLE = {
    400: "That request made no sense",
    403: "You may not do this",
    404: "There is nothing here",
    409: "Someone was faster",
    422: "There is a problem",
    500: "Something went wrong on our side",
    503: "Not available at the moment",
}
AS_IT_STANDS = "That is not possible as things stand"
"""Heads a conflict with nobody's change: a name that is taken, a desk that is closed."""

RETRY_S = 5
NOT_SENT = frozenset({"csrfmiddlewaretoken", "version"})
"""Fields of a form that "use mine" does not carry along: the token is made anew, the version is the present one."""


def status_of(error: WatchbillError) -> int:
    """Return the HTTP status of an error's family."""
    return next((status for family, status in STATUS.items() if isinstance(error, family)), 500)


def answer(request: HttpRequest, error: WatchbillError) -> HttpResponse:
    """Return the page, or for htmx the fragment, that says what went wrong and what to do."""
    status = status_of(error)
    clash = None
    if isinstance(error, Conflict) and "version" in request.POST and "version" in error.details:
        clash = conflict_of(request, error, keep_href=request.path)
    title = AS_IT_STANDS if isinstance(error, Conflict) and "changes" not in error.details else ""
    return page(request, status, error.message, title=title, conflict=clash)


def page(
    request: HttpRequest, status: int, message: str, *, title: str = "", conflict: parts.Conflict | None = None
) -> HttpResponse:
    """Return an error page: with the frame around it for somebody signed in, bare for everybody else."""
    title = title or TITLE.get(status, TITLE[500])
    context: dict[str, Any] = {"title": title, "message": message, "conflict": conflict, "has_errors": False}
    template = "pages/error_fragment.html" if request.headers.get("HX-Request") else "pages/error_bare.html"
    if template == "pages/error_bare.html" and status not in (500, 503):
        around = frame.frame_if_any(request, title)
        if around is not None:
            template = "pages/error.html"
            context["frame"] = around
    response = render(request, template, context, status=status)
    if status == 503:
        response["Retry-After"] = str(RETRY_S)
    return response


def summary_of(error: InvalidFacts | Conflict) -> parts.ErrorSummary:
    """Return the summary that heads a form: the field (empty: the form as a whole) and what to do about it."""
    return parts.ErrorSummary(errors=((str(error.details.get("field", "")), error.message),))


def message_for(error: InvalidFacts | Conflict | None, field: str) -> str:
    """Return what the error says about one field of a form, if it is about that one."""
    return error.message if error is not None and error.details.get("field") == field else ""


def conflict_of(
    request: HttpRequest,
    error: Conflict,
    *,
    keep_href: str,
    labels: Mapping[str, str] | None = None,
    shown: Mapping[str, str] | None = None,
) -> parts.Conflict:
    """Return the choice between what somebody else wrote and this form.

    *labels*: fields of the item as people call them; *shown*: what this form says, by field, in words. "Use mine"
    sends the same form again, on the version that stands now.
    """
    changes = error.details.get("changes")
    listed: Sequence[Mapping[str, Any]] = changes if isinstance(changes, list) else []
    latest = listed[-1] if listed else None
    carried = [(name, value) for name in request.POST if name not in NOT_SENT for value in request.POST.getlist(name)]
    return parts.Conflict(
        title=error.message,
        by=", ".join(dict.fromkeys(str(one["by"]) for one in listed)) or "Somebody",
        at=datetime.fromisoformat(str(latest["at"])) if latest else frame.now_of(request),
        changes=_changes(listed, labels or {}, shown or {}),
        action_href=request.get_full_path(),
        keep_href=keep_href,
        hidden=(*carried, ("version", str(error.details.get("version", "")))),
    )


def _changes(
    listed: Sequence[Mapping[str, Any]], labels: Mapping[str, str], shown: Mapping[str, str]
) -> list[parts.Change]:
    """One line a field, with the value that stands now; a note is a line of its own."""
    theirs: dict[str, str] = {}
    for one in listed:
        for name, value in one["set"].items():
            if not labels or name in labels:
                theirs[name] = _said(value)
        if one["text"]:
            theirs["text"] = str(one["text"])
    names = dict.fromkeys([*theirs, *shown])
    return [
        parts.Change(
            label=labels.get(name, "Note" if name == "text" else name.replace("_", " ").capitalize()),
            theirs=theirs.get(name, "unchanged"),
            mine=shown.get(name, "unchanged"),
        )
        for name in names
    ]


def _said(value: Any) -> str:
    """Return a value as people read it: lists and limits by name without their brackets."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_said(one)}" for name, one in value.items()) or "none"
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value or "none")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's form
    return page(request, 400, "The address or the form cannot be read. Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's form
    return page(request, 403, "You may not open this page.")


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's form
    """The token of a form is missing or old: the page stood open across a sign-in, or cookies are off."""
    return page(request, 403, "This form is too old, or cookies are switched off. Reload the page and try again.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's form
    return page(request, 404, "The address may be mistyped, or what was here is gone.")


def fault(request: HttpRequest) -> HttpResponse:
    return page(request, 500, "It is written in the server's log. Try again; if it stays, tell whoever runs Watchbill.")
