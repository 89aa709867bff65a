"""The root of all addresses: pages, the API, and a sign of life for supervisors and proxies."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchbill.interfaces.web.access import public


@never_cache
@require_safe
@public
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 when this process and its database answer, 503 when the database does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"ok": False, "database": "does not answer"}, status=503)
    return JsonResponse({"ok": True})


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/", include("watchbill.interfaces.api.urls")),
    path("", include("watchbill.interfaces.web.urls")),
]

handler400 = "watchbill.interfaces.web.errors.bad_request"
handler403 = "watchbill.interfaces.web.errors.forbidden"
handler404 = "watchbill.interfaces.web.errors.not_found"
handler500 = "watchbill.interfaces.web.errors.fault"
