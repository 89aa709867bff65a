"""Replays of drafts of the clock policy: one on its way or done, the items that stand otherwise, and publishing from there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.clocks.replays import ReplayRow, replay_get
from watchbill.apps.clocks.services import policy_publish
from watchbill.apps.clocks.using import policy_at
from watchbill.apps.people.rights import Right
from watchbill.engine.base.combined import definition_entered
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.flows.replay.drafts import replay_ask
from watchbill.interfaces.web import clockdraft as drafts
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.calendarbodies import calendar_body
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.pages.policy import holds_from_of, policy_show
from watchbill.interfaces.web.policyforms import FORM as POLICY_FORM
from watchbill.interfaces.web.policykinds import calendar_kind, clocks_kind
from watchbill.interfaces.web.policypage import named
from watchbill.interfaces.web.replaypage import FORM, changed_page, replay_page
from watchbill.interfaces.web.sent import Sent


def _row(visit: Visit, replay_id: int) -> ReplayRow:
    """Return the replay, its desk being the page's."""
    row = replay_get(replay_id, by=visit.actor)
    visit.be_on(row.desk_id)
    return row


def _show(request: HttpRequest, visit: Visit, row: ReplayRow, *, sent: Sent | None = None) -> HttpResponse:
    shown = replay_page(visit, row, sent=sent)
    return page(
        request, "pages/replay.html", f"Replay {shown.name}", current="policies", status=422 if sent else 200,
        has_errors=sent is not None, page=shown,
    )  # fmt: skip


@require_POST
@requires(Right.POLICY_EDIT)
def replay_ask_for(request: HttpRequest) -> HttpResponse:
    """Replay what the form of the clock policy says; the worker does it, and the replay's page shows how far it is."""
    visit = visit_of(request)
    kind = clocks_kind(visit)
    try:
        body = drafts.body_of(request.POST)
        holds_from = holds_from_of(visit) if text_of(request.POST, "holds_from") else None
        new = replay_ask(visit.desk.id, body, holds_from=holds_from, by=visit.actor, now=visit.now)
    except InvalidFacts as error:
        refused = Sent.refused(POLICY_FORM, request.POST, error, field_of=kind.field_of)
        return policy_show(request, visit, kind, sent=named(visit, kind, refused))
    return HttpResponseRedirect(visit.href("policy-replay", new))


@require_POST
@requires(Right.POLICY_EDIT)
def replay_calendar(request: HttpRequest, name: str) -> HttpResponse:
    """Replay the clock policy that holds with the calendar that the form says, in place of its version."""
    visit = visit_of(request)
    kind = calendar_kind(visit, name)
    try:
        body = calendar_body(request.POST)
        definition_entered(body)  # a slip is told at its field
        holds_from = holds_from_of(visit) if text_of(request.POST, "holds_from") else None
        policy = policy_at(visit.desk.id, holds_from or visit.now)
        new = replay_ask(visit.desk.id, policy, {name: body}, holds_from=holds_from, by=visit.actor, now=visit.now)
    except InvalidFacts as error:
        refused = Sent.refused(POLICY_FORM, request.POST, error, field_of=kind.field_of)
        return policy_show(request, visit, kind, sent=named(visit, kind, refused))
    return HttpResponseRedirect(visit.href("policy-replay", new))


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def replay(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Show one replay."""
    visit = visit_of(request)
    return _show(request, visit, _row(visit, replay_id))


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def replay_items(request: HttpRequest, replay_id: int) -> HttpResponse:
    """List the items whose result the draft changes."""
    visit = visit_of(request)
    shown = changed_page(visit, _row(visit, replay_id))
    return page(request, "pages/replay_items.html", f"Replay {shown.name}: items", current="policies", page=shown)


@require_POST
@requires(Right.POLICY_EDIT)
def replay_again(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Replay the same draft anew, beside what holds now."""
    visit = visit_of(request)
    row = _row(visit, replay_id)
    drafted = {name: row.calendars[name] for name in row.drafted}
    later = None if row.holds_from is None or row.holds_from <= visit.now else row.holds_from
    try:
        new = replay_ask(visit.desk.id, row.policy, drafted, holds_from=later, by=visit.actor, now=visit.now)
    except InvalidFacts as error:
        return _show(request, visit, row, sent=Sent.refused(FORM, request.POST, error))
    return HttpResponseRedirect(visit.href("policy-replay", new))


@require_POST
@requires(Right.POLICY_EDIT)
def replay_publish(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Publish the draft that was replayed; what it leaves undone must be ticked."""
    visit = visit_of(request)
    row = _row(visit, replay_id)
    try:
        number = policy_publish(
            visit.desk.id, row.policy, holds_from=holds_from_of(visit), reason=text_of(request.POST, "reason"),
            seen_number=row.against, leaves=request.POST.getlist("leaves"), by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        return _show(request, visit, row, sent=Sent.refused(FORM, request.POST, error))
    except Conflict as error:
        return _show(request, visit, row, sent=Sent.refused(FORM, request.POST, InvalidFacts(error.message)))
    toast_add(request, f"Clock policy: version {number} published")
    return HttpResponseRedirect(visit.href("policy-clocks", v=number))


urls = [
    path("policies/calendars/<str:name>/replay/", replay_calendar, name="policy-calendar-replay"),
    path("policies/clocks/replay/", replay_ask_for, name="policy-clocks-replay"),
    path("policies/clocks/replays/<int:replay_id>/", replay, name="policy-replay"),
    path("policies/clocks/replays/<int:replay_id>/items/", replay_items, name="policy-replay-items"),
    path("policies/clocks/replays/<int:replay_id>/again/", replay_again, name="policy-replay-again"),
    path("policies/clocks/replays/<int:replay_id>/publish/", replay_publish, name="policy-replay-publish"),
]
