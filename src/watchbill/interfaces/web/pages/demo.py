"""The clock of a demo: play, pause, speed, jump, start again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows import clockwork
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formats import moment
from watchbill.interfaces.web.forms import back_of, number_of
from watchbill.interfaces.web.frame import toast_add


@require_POST
@requires(Right.CLOCK_MOVE)
def demo_clock(request: HttpRequest) -> HttpResponse:
    """Do what the pressed button says, and go back to the page that it stands on."""
    told = _move(visit_of(request))
    if told:
        toast_add(request, told)
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


urls = [path("demo/clock/", demo_clock, name="demo-clock")]
