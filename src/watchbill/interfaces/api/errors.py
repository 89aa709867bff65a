"""Errors of the API: the one table from families to HTTP, and the one shape of their body."""

from __future__ import annotations

import json
import logging
from typing import Any

import pydantic
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from watchbill.apps.core.sql import meant
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound, Unavailable, WatchbillError
from watchbill.engine.base.jsonform import not_json
from watchbill.interfaces.api.render import json_response

log = logging.getLogger(__name__)

STATUS: dict[type[WatchbillError], int] = {
    InvalidFacts: 422,
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Unavailable: 503,
}
"""Families of errors as HTTP statuses."""

RETRY_S = 5


class Problem(Schema):
    """What every answer that is not a success holds."""

    code: str = Field(description="A stable word for programs")
    message: str = Field(description="A sentence that a user can act on")
    details: dict[str, Any] = Field(description="What else is known, by kind of error")


def problem(status: int, code: str, message: str, details: dict[str, Any] | None = None) -> HttpResponse:
    """Return an error as an answer."""
    response = json_response({"code": code, "message": message, "details": details or {}}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="watchbill"'
    if status == 503:
        response["Retry-After"] = str(RETRY_S)
    return response


def status_of(error: WatchbillError) -> int:
    """Return the HTTP status of an error's family."""
    return next((status for family, status in STATUS.items() if isinstance(error, family)), 500)


def of_watchbill(_request: HttpRequest, error: WatchbillError) -> HttpResponse:
    return problem(status_of(error), error.code, error.message, error.details)


def of_validation(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A request that does not have the form that the OpenAPI document describes."""
    fields = {".".join(str(part) for part in _place(each["loc"])): each["msg"] for each in error.errors}
    first, said = next(iter(fields.items()), ("body", "cannot be read"))
    return problem(422, InvalidFacts.code, f"{first}: {said}", {"fields": fields})


def _place(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """The path of a field as the sender knows it: without the name of our own argument that holds the body."""
    return loc[2:] if len(loc) > 2 and loc[0] in {"body", "query"} else loc[1:] or loc


def of_pydantic(_request: HttpRequest, error: pydantic.ValidationError) -> HttpResponse:
    return problem(422, InvalidFacts.code, str(error.errors()[0]["msg"]))


def of_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """An error of the framework: a body that is not JSON, a form without its CSRF token."""
    codes = {400: InvalidFacts.code, 403: NotAllowed.code, 404: NotFound.code}
    said = _slip_of(request) if error.status_code == 400 else ""
    return problem(error.status_code, codes.get(error.status_code, "error"), said or error.message)


def _slip_of(request: HttpRequest) -> str:
    """Say where and why the body is not JSON; "" where it is."""
    try:
        json.loads(request.body)
    except json.JSONDecodeError as error:
        return not_json("The body", error)
    except (UnicodeDecodeError, RecursionError):
        return "The body is not JSON in UTF-8, or is nested too deeply"
    return ""


def of_authentication(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problem(401, "not_signed_in", "Send an API key (Authorization: Bearer wb_...), or sign in")


def of_missing(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem(404, NotFound.code, "There is nothing at this address; /api/docs lists what there is")


def of_method(request: HttpRequest, allowed: str) -> HttpResponse:
    """A method that the address does not know; the header Allow names those that it does."""
    methods = sorted(allowed.split(", "))
    said = ", ".join(methods)
    answer = problem(
        405, "method_not_allowed", f"{request.method} is not possible here, but {said}", {"allowed": methods}
    )
    answer["Allow"] = said
    return answer


def of_database(request: HttpRequest, error: DatabaseError | InterfaceError) -> HttpResponse:
    """What the database refused, or that it went away; anything else that it says is a fault of ours."""
    said = meant(error)
    if said is None:
        return of_fault(request, error)
    if isinstance(said, Unavailable):
        log.warning("database_lost", exc_info=error, extra={"path": request.path})
        request.is_logged = True  # type: ignore[attr-defined]
    return of_watchbill(request, said)


def of_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    route = request.resolver_match.route if request.resolver_match else ""
    log.error("api_fault", exc_info=error, extra={"method": request.method, "route": route})
    return problem(500, "fault", "Something went wrong on our side; it is in the server's log")


def install(api: NinjaAPI) -> None:
    """Make *api* answer every error in the one shape."""
    for family, handler in (
        (Exception, of_fault),
        (DatabaseError, of_database),
        (InterfaceError, of_database),
        (Http404, of_missing),
        (HttpError, of_http),
        (AuthenticationError, of_authentication),
        (ValidationError, of_validation),
        (pydantic.ValidationError, of_pydantic),
        (WatchbillError, of_watchbill),
    ):
        api.add_exception_handler(family, handler)  # type: ignore[arg-type]
