"""The first page: where each visitor's day starts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchbill.interfaces.web.access import SIGNED_IN, public, visit_make
from watchbill.interfaces.web.frame import landing_href


@never_cache
@require_safe
@public
def start(request: HttpRequest) -> HttpResponse:
    """Send a signed-in visitor to the page of her role, and everybody else to the door."""
    visit = visit_make(request, SIGNED_IN)
    return HttpResponseRedirect(reverse("sign-in") if visit is None else landing_href(visit))


urls = [path("", start, name="home"), path("start/", start, name="start")]
