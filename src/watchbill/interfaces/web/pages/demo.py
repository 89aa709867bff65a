"""The clock of a demo: play, pause, speed, jump, start again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.flows import clockwork
from watchbill.interfaces.web import frame
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.demoband import demo_time
from watchbill.interfaces.web.formats import moment
from watchbill.interfaces.web.forms import back_of, number_of


@require_POST
@requires(Right.CLOCK_MOVE)
def demo_clock(request: HttpRequest) -> HttpResponse:
    """Do what the pressed button says, and go back to the page that it stands on."""
    told = _move(visit_of(request))
    if told:
        frame.toast_add(request, told)
    return HttpResponseRedirect(back_of(request, reverse("home")))


def _move(visit: Visit) -> str:
    form, by, now = visit.request.POST, visit.actor, visit.now
    if speed := number_of(form, "rate", "The speed"):
        clockwork.speed_set(speed, by=by, now=now)
        return ""
    if hours := number_of(form, "jump", "The jump"):
        goal = clockwork.jump(hours=hours, by=by, now=now)
        return f"Time moves ahead to {moment(goal, now)} UTC"
    match form.get("act"):
        case "play":
            clockwork.play(by=by, now=now)
        case "pause":
            clockwork.pause(by=by, now=now)
        case "restart":
            clockwork.restart(by=by, now=now)
            return "The story begins again in a few seconds"
        case _:
            raise InvalidFacts("Say what the clock is to do", field="act")
    return ""


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def demo_band(request: HttpRequest) -> HttpResponse:
    """Answer the band and the desk's clock as they are now, for a page on which a jump is under way."""
    around = frame.clocks_of(visit_of(request), here=back_of(request, reverse("home")))
    if around.demo is None:
        raise NotFound("The clock of a real installation is not moved")
    return render(request, "parts/demo_update.html", {"frame": around})


@never_cache
@require_safe
@requires(Right.CLOCK_MOVE)
def demo_restart(request: HttpRequest) -> HttpResponse:
    """Ask whether the story is to begin again: the question that scripts ask on the page itself."""
    if demo_time(visit_of(request)) is None:
        raise NotFound("The clock of a real installation is not moved")
    return frame.page(
        request, "pages/demo_restart.html", "Start the story again?", back=back_of(request, reverse("home"))
    )


urls = [
    path("demo/clock/", demo_clock, name="demo-clock"),
    path("demo/band/", demo_band, name="demo-band"),
    path("demo/restart/", demo_restart, name="demo-restart"),
]
