"""Queues: open, unassigned, oldest; off, advise, autopilot or pull, with guard-rails; and what people made of proposals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.decisions.services import autopilot_stop, mode_set
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queues import queue_save
from watchbill.engine.assign.rails import LEAST_LOAD, MOST_LOAD, MOST_PER_HOUR, GuardRails, Mode
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.errors import conflict_of
from watchbill.interfaces.web.formats import count, plural
from watchbill.interfaces.web.forms import number_of, required_number, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.queueforms import MODE_WORDS, edit_conflict
from watchbill.interfaces.web.queuepage import queue_of, queue_page, queues_page
from watchbill.interfaces.web.sent import Sent

# Reading


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def queues(request: HttpRequest) -> HttpResponse:
    """List the queues of a desk."""
    return _show_all(request, visit_of(request))


def _show_all(request: HttpRequest, visit: Visit, *, sent: Sent | None = None, status: int = 200) -> HttpResponse:
    shown = queues_page(visit, sent=sent)
    return page(
        request, "pages/queues.html", "Queues", current="queues", status=status, has_errors=sent is not None, page=shown
    )


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def queue(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Show one queue."""
    return _show_one(request, visit_of(request), queue_id)


def _show_one(
    request: HttpRequest, visit: Visit, queue_id: int, *, sent: Sent | None = None, conflict: Any = None
) -> HttpResponse:
    shown = queue_page(visit, queue_id, sent=sent, conflict=conflict)
    status = 422 if sent else 409 if conflict else 200
    return page(
        request,
        "pages/queue.html",
        shown.name,
        current="queues",
        status=status,
        has_errors=sent is not None,
        page=shown,
    )


# Writing


@require_POST
@requires(Right.AUTOPILOT_SET)
def queue_mode(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Switch a queue to off, advise, autopilot or pull, with guard-rails."""
    visit = visit_of(request)
    row = queue_of(visit, queue_id)
    try:
        rails = {
            "per_hour": required_number(request.POST, "per_hour", "Acts an hour"),
            "load_percent": required_number(request.POST, "load_percent", "The load"),
            "priorities": [int(one) for one in request.POST.getlist("priorities") if one.isdecimal()],
            "people": [int(one) for one in request.POST.getlist("people") if one.isdecimal()],
        }
        _require_rails(rails)
        mode_set(
            queue_id, mode=text_of(request.POST, "mode"), guard_rails=rails,
            version=required_number(request.POST, "version", "The version"), reason=text_of(request.POST, "reason"),
            by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        return _show_one(request, visit, queue_id, sent=Sent.refused("mode", request.POST, error, field_of=_rail_of))
    except Conflict as error:
        mine = {"mode": text_of(request.POST, "mode")}
        clash = conflict_of(
            request, error, keep_href=visit.href("queue", queue_id), labels={"mode": "Mode"}, shown=mine
        )
        return _show_one(request, visit, queue_id, conflict=clash)
    toast_add(request, f"{row['name']}: {MODE_WORDS[Mode(text_of(request.POST, 'mode'))].lower()}")
    return HttpResponseRedirect(visit.href("queue", queue_id))


def _require_rails(rails: Mapping[str, Any]) -> None:
    """Raise InvalidFacts in the words of the form."""
    if not 1 <= rails["per_hour"] <= MOST_PER_HOUR:
        raise InvalidFacts(f"Acts an hour: 1 to {count(MOST_PER_HOUR)}; to stop, choose “Off”", field="per_hour")
    if not LEAST_LOAD <= rails["load_percent"] <= MOST_LOAD:
        raise InvalidFacts(f"Load: {LEAST_LOAD} to {count(MOST_LOAD)} per cent", field="load_percent")
    if not rails["priorities"]:
        raise InvalidFacts("Choose at least one priority that autopilot may give away", field="priorities")
    GuardRails.from_json(rails)


def _rail_of(key: str) -> str:
    return key.partition("[")[0]


@require_POST
@requires(Right.AUTOPILOT_SET)
def queues_stop(request: HttpRequest) -> HttpResponse:
    """Switch every queue of the desk from autopilot back to advise, at once."""
    visit = visit_of(request)
    reason = text_of(request.POST, "reason")
    stopped = autopilot_stop(visit.desk.id, reason=reason, by=visit.actor, now=visit.now)
    toast_add(request, f"Autopilot stopped in {plural(stopped, 'queue')}; proposals go on")
    return HttpResponseRedirect(visit.href("queues"))


def _save(request: HttpRequest, visit: Visit, queue_id: int | None) -> int:
    return queue_save(
        visit.desk.id,
        queue_id=queue_id,
        name=text_of(request.POST, "name"),
        team_id=number_of(request.POST, "team", "The team"),
        skill_id=number_of(request.POST, "skill", "The skill"),
        skill_level=required_number(request.POST, "skill_level", "The level"),
        is_active=request.POST.get("is_active") == "1",
        version=None if queue_id is None else required_number(request.POST, "version", "The version"),
        by=visit.actor,
        now=visit.now,
    )


def _saved(
    request: HttpRequest, form: str, queue_id: int | None, refuse: Callable[[Sent], HttpResponse]
) -> HttpResponse:
    visit = visit_of(request)
    try:
        saved = _save(request, visit, queue_id)
    except InvalidFacts as error:
        return refuse(Sent.refused(form, request.POST, error))
    except Conflict as error:
        if queue_id is not None and "version" in error.details:
            row = queue_of(visit, queue_id)
            return _show_one(request, visit, queue_id, conflict=edit_conflict(visit, row, error))
        return refuse(Sent.refused(form, request.POST, InvalidFacts(error.message, field="name")))
    toast_add(request, "Kept")
    return HttpResponseRedirect(visit.href("queue", saved))


@require_POST
@requires(Right.QUEUE_EDIT)
def queue_new(request: HttpRequest) -> HttpResponse:
    """Make a queue."""
    return _saved(request, "new", None, lambda sent: _show_all(request, visit_of(request), sent=sent, status=422))


@require_POST
@requires(Right.QUEUE_EDIT)
def queue_edit(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Change a queue's name, team, skill, and whether it is in use."""
    queue_of(visit_of(request), queue_id)
    return _saved(request, "queue", queue_id, lambda sent: _show_one(request, visit_of(request), queue_id, sent=sent))


urls = [
    path("queues/", queues, name="queues"),
    path("queues/stop/", queues_stop, name="queues-stop"),
    path("queues/new/", queue_new, name="queue-new"),
    path("queues/<int:queue_id>/", queue, name="queue"),
    path("queues/<int:queue_id>/mode/", queue_mode, name="queue-mode"),
    path("queues/<int:queue_id>/edit/", queue_edit, name="queue-edit"),
]
