"""A day in hindsight: how far a past day was from the best possible; asked for, on the way, told."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.flows.backtest.regretting import day_named, regret_ask, today_of
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.regretpage import day_page


@require_safe
@requires(Right.WORK_VIEW)
def regret(request: HttpRequest) -> HttpResponse:
    """Go to the day that is asked for, or to yesterday."""
    visit = visit_of(request)
    asked = text_of(request.GET, "day")
    day = (
        day_named(visit.desk.id, asked, visit.now) if asked else today_of(visit.desk.id, visit.now) - timedelta(days=1)
    )
    return HttpResponseRedirect(visit.href("regret-day", day.isoformat()))


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def regret_day(request: HttpRequest, day: str) -> HttpResponse:
    """Show one day."""
    shown = day_page(visit := visit_of(request), _day(visit, day))
    return page(request, "pages/regret.html", f"A day in hindsight, {shown.day}", current="whatif", page=shown)


@require_POST
@requires(Right.BREACH_CONFIRM)
def regret_new(request: HttpRequest, day: str) -> HttpResponse:
    """Ask for one day; the worker does it, and its page shows how far it is."""
    visit = visit_of(request)
    on = _day(visit, day)
    try:
        regret_ask(visit.desk.id, on, by=visit.actor, now=visit.now)
    except InvalidFacts as error:
        toast_add(request, error.message)
    return HttpResponseRedirect(visit.href("regret-day", on.isoformat()))


def _day(visit: Visit, text: str) -> date:
    try:
        return day_named(visit.desk.id, text, visit.now)
    except InvalidFacts:
        raise NotFound("There is no such day") from None


urls = [
    path("whatif/regret/", regret, name="regret"),
    path("whatif/regret/<str:day>/", regret_day, name="regret-day"),
    path("whatif/regret/<str:day>/ask/", regret_new, name="regret-ask"),
]
