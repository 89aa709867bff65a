"""Doing what a form of a listing asks: refused, the listing again with the form as it was sent, or with what somebody else has set."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.interfaces.web.access import Visit, visit_of
from watchbill.interfaces.web.errors import conflict_of
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import toast_add
from watchbill.interfaces.web.sent import Sent


def form_act(
    request: HttpRequest,
    act: Callable[[Visit], str],
    *,
    form: str,
    field: str,
    here: str,
    labels: Mapping[str, str],
    show: Callable[..., HttpResponse],
) -> HttpResponse:
    """Do what a form asks, say so, and go back to the listing.

    act: does it, and returns what to say. form: its name on the page; field: where a conflict with nobody's change stands, such as
    a name that is taken. here: the view of the listing, which *show* renders with ``status`` and ``sent`` or ``conflict``. labels:
    of the fields that two may have set at once.
    """
    visit = visit_of(request)
    href = visit.href(here)
    try:
        said = act(visit)
    except InvalidFacts as error:
        return show(request, status=422, sent=Sent.refused(form, request.POST, error))
    except Conflict as error:
        if "version" in error.details:
            said_here = {name: text_of(request.POST, name) for name in labels if name in request.POST}
            clash = conflict_of(request, error, keep_href=href, labels=labels, shown=said_here)
            return show(request, status=409, conflict=clash)
        refused = InvalidFacts(error.message, field=field)
        return show(request, status=422, sent=Sent.refused(form, request.POST, refused))
    toast_add(request, said)
    return HttpResponseRedirect(href)
