"""Replays of drafts of the clock policy: one on its way or done, the items that stand otherwise, and publishing from there."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.clocks.replays import ReplayRow
from watchbill.apps.clocks.services import policy_publish
from watchbill.apps.clocks.using import policy_at
from watchbill.apps.people.rights import Right
from watchbill.engine.base.combined import definition_entered
from watchbill.flows.replay.drafts import replay_ask
from watchbill.interfaces.web import clockdraft as drafts
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.calendarbodies import calendar_body
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import page
from watchbill.interfaces.web.pages.policy import holds_from_of
from watchbill.interfaces.web.pages.runs import run_ask, run_ask_again, run_of, run_publish, run_show
from watchbill.interfaces.web.policykinds import calendar_kind, clocks_kind
from watchbill.interfaces.web.replaypage import REPLAY_PAGES, changed_page, replay_page
from watchbill.interfaces.web.sent import Sent


def _show(request: HttpRequest, visit: Visit, row: ReplayRow, sent: Sent | None = None) -> HttpResponse:
    return run_show(request, "pages/replay.html", replay_page(visit, row, sent), sent=sent)


def _holds_from(visit: Visit) -> datetime | None:
    return holds_from_of(visit) if text_of(visit.request.POST, "holds_from") else None


@require_POST
@requires(Right.POLICY_EDIT)
def replay_ask_for(request: HttpRequest) -> HttpResponse:
    """Replay what the form of the clock policy says; the worker does it, and the replay's page shows how far it is."""

    def ask(visit: Visit) -> int:
        body = drafts.body_of(request.POST)
        return replay_ask(visit.desk.id, body, holds_from=_holds_from(visit), by=visit.actor, now=visit.now)

    return run_ask(request, clocks_kind(visit_of(request)), REPLAY_PAGES, ask)


@require_POST
@requires(Right.POLICY_EDIT)
def replay_calendar(request: HttpRequest, name: str) -> HttpResponse:
    """Replay the clock policy that holds with the calendar that the form says, in place of its version."""

    def ask(visit: Visit) -> int:
        body = calendar_body(request.POST)
        definition_entered(body)  # a slip is told at its field
        holds_from = _holds_from(visit)
        policy = policy_at(visit.desk.id, holds_from or visit.now)
        return replay_ask(visit.desk.id, policy, {name: body}, holds_from=holds_from, by=visit.actor, now=visit.now)

    return run_ask(request, calendar_kind(visit_of(request), name), REPLAY_PAGES, ask)


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def replay(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Show one replay."""
    visit = visit_of(request)
    return _show(request, visit, run_of(visit, REPLAY_PAGES, replay_id))


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def replay_items(request: HttpRequest, replay_id: int) -> HttpResponse:
    """List the items whose result the draft changes."""
    visit = visit_of(request)
    shown = changed_page(visit, run_of(visit, REPLAY_PAGES, replay_id))
    return page(request, "pages/replay_items.html", f"Replay {shown.name}: items", current="policies", page=shown)


@require_POST
@requires(Right.POLICY_EDIT)
def replay_again(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Replay the same draft anew, beside what holds now."""
    visit = visit_of(request)
    row = run_of(visit, REPLAY_PAGES, replay_id)

    def ask() -> int:
        drafted = {name: row.calendars[name] for name in row.drafted}
        later = None if row.holds_from is None or row.holds_from <= visit.now else row.holds_from
        return replay_ask(visit.desk.id, row.policy, drafted, holds_from=later, by=visit.actor, now=visit.now)

    return run_ask_again(request, REPLAY_PAGES, ask, lambda sent: _show(request, visit, row, sent))


@require_POST
@requires(Right.POLICY_EDIT)
def replay_publish(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Publish the draft that was replayed; what it leaves undone must be ticked."""
    visit = visit_of(request)
    row = run_of(visit, REPLAY_PAGES, replay_id)
    leaves = request.POST.getlist("leaves")
    return run_publish(
        request, REPLAY_PAGES, row, policy_publish, lambda sent: _show(request, visit, row, sent), leaves=leaves
    )


urls = [
    path("policies/calendars/<str:name>/replay/", replay_calendar, name="policy-calendar-replay"),
    path("policies/clocks/replay/", replay_ask_for, name="policy-clocks-replay"),
    path("policies/clocks/replays/<int:replay_id>/", replay, name="policy-replay"),
    path("policies/clocks/replays/<int:replay_id>/items/", replay_items, name="policy-replay-items"),
    path("policies/clocks/replays/<int:replay_id>/again/", replay_again, name="policy-replay-again"),
    path("policies/clocks/replays/<int:replay_id>/publish/", replay_publish, name="policy-replay-publish"),
]
