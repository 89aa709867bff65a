"""The addresses of the API: /api/v1/..., its document /api/openapi.json and its page /api/docs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from watchbill.interfaces.api import (
    absences,
    alerts,
    audit,
    backtests,
    balance,
    bulk,
    clocks,
    customers,
    decisions,
    desks,
    dryruns,
    errors,
    imports,
    items,
    learn,
    notices,
    partners,
    people,
    picking,
    policies,
    recoveries,
    regions,
    regrets,
    replays,
    reports,
    risks,
    shadows,
    stuck,
    tunings,
)
from watchbill.interfaces.api.access import PUBLIC, Closed
from watchbill.interfaces.api.docs import DocsPage, docs_asset, public

ABOUT = """Everything that the pages do, for programs. Send an API key as `Authorization: Bearer wb_...`
(make one with `watchbill token issue USER`), or call it from a signed-in page with the CSRF token.

Instants are ISO 8601 with an offset. Lists are paged by key: send `next` of one page as `after` of the next.
Every error has the same shape: `code`, `message`, `details`. A write that carries an `Idempotency-Key` can be sent
again safely for 48 hours. Writes on an item take the `version` that you saw; when somebody was faster, the conflict
(409) names who changed what."""

api = NinjaAPI(
    title="Watchbill", version="1", description=ABOUT, docs=DocsPage(), docs_url="/docs", openapi_url="/openapi.json",
    docs_decorator=public, urls_namespace="api", auth=Closed(),
)  # fmt: skip
errors.install(api)
for room in (
    items,
    clocks,
    bulk,
    decisions,
    balance,
    imports,
    desks,
    people,
    regions,
    partners,
    absences,
    picking,
    customers,
    policies,
    replays,
    dryruns,
    tunings,
    backtests,
    regrets,
    shadows,
    recoveries,
    learn,
    reports,
    risks,
    alerts,
    notices,
    stuck,
    audit,
):
    api.add_router("/v1", room.router)


def shaped(view: Any) -> Callable[..., HttpResponse]:
    """Let a view answer a method that it does not know in the shape of every other error."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        return errors.of_method(request, response["Allow"]) if response.status_code == 405 else response

    return answer


@csrf_exempt
def nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer addresses that do not exist in the shape of every other error."""
    del rest
    return errors.problem(404, "not_found", f"There is nothing at {request.path[:200]}; /api/docs lists what there is")


nothing_here.watchbill_right = PUBLIC  # type: ignore[attr-defined]

operations, app, namespace = api.urls
for operation in operations:
    operation.callback = shaped(operation.callback)

urlpatterns = [
    path("docs/<str:name>", docs_asset, name="api-docs-asset"),
    path("", (operations, app, namespace)),
    path("<path:rest>", nothing_here, name="api-nothing"),
]
