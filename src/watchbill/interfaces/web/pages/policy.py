"""One policy with its versions: read, compared, tried on a case, and published anew with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.clocks import retiring
from watchbill.apps.clocks import services as clock_services
from watchbill.apps.clocks.holidays import holidays_add
from watchbill.apps.decisions import services as decision_services
from watchbill.apps.people.rights import Right
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows.assign import asking
from watchbill.interfaces.web import clockdraft
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.calendarbodies import calendar_body, years_of
from watchbill.interfaces.web.calendarforms import HOLIDAYS
from watchbill.interfaces.web.calendarwords import draft_words
from watchbill.interfaces.web.formats import plural
from watchbill.interfaces.web.forms import number_of, required_number, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.instants import instant_of
from watchbill.interfaces.web.policydiff import clash
from watchbill.interfaces.web.policyforms import FORM
from watchbill.interfaces.web.policykinds import Kind, assign_kind, calendar_kind, clocks_kind
from watchbill.interfaces.web.policypage import RETIRE, TAKE_BACK, named, policy_page
from watchbill.interfaces.web.policytrial import trial_shown
from watchbill.interfaces.web.sent import Sent
from watchbill.interfaces.web.viewmodels import parts
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.clockpolicy import ClockTrial


def policy_show(
    request: HttpRequest, visit: Visit, kind: Kind, *, sent: Sent | None = None,
    conflict: parts.Conflict | None = None, trial: model.Trial | None = None, draft: QueryDict | None = None,
    draft_week: model.DraftWeek | None = None, diff: model.Diff | None = None, clock_trial: ClockTrial | None = None,
) -> HttpResponse:  # fmt: skip
    shown = policy_page(
        visit, kind, sent=sent, conflict=conflict, trial=trial, draft=draft, draft_week=draft_week, diff=diff,
        clock_trial=clock_trial,
    )  # fmt: skip
    status = 422 if sent else 409 if conflict else 200
    return page(
        request, "pages/policy.html", kind.title, current="policies", status=status, has_errors=sent is not None,
        page=shown,
    )  # fmt: skip


def holds_from_of(visit: Visit) -> datetime:
    """Return from when a new version holds: now, unless the form says when."""
    at = instant_of(text_of(visit.request.POST, "holds_from"), now=visit.now, zone=visit.desk.zone, field="holds_from")
    return at or visit.now


def _publish(
    request: HttpRequest, kind: Kind, body_of: Callable[[], Mapping[str, Any]], publish: Callable[..., int]
) -> HttpResponse:
    """Publish what the form says; refused, show it again with its input, at the field or beside what came before."""
    visit = visit_of(request)
    body: Mapping[str, Any] | None = None
    try:
        body = body_of()
        number = publish(
            body, holds_from=holds_from_of(visit), reason=text_of(request.POST, "reason"),
            seen_number=required_number(request.POST, "seen", "The version"), by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        refused = Sent.refused(FORM, request.POST, error, field_of=kind.field_of)
        return policy_show(request, visit, kind, sent=named(visit, kind, refused))
    except Conflict as error:
        found = clash(request, visit, kind, error, body or {})
        return policy_show(request, visit, kind, conflict=found, draft=request.POST)
    toast_add(request, f"{kind.title}: version {number} published")
    return HttpResponseRedirect(kind.href(visit, v=number))


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def assign(request: HttpRequest) -> HttpResponse:
    """Show the assignment policy."""
    visit = visit_of(request)
    return policy_show(request, visit, assign_kind(visit))


@require_POST
@requires(Right.POLICY_EDIT)
def assign_publish(request: HttpRequest) -> HttpResponse:
    """Publish a version of the assignment policy."""
    visit = visit_of(request)
    kind = assign_kind(visit)

    def body() -> dict[str, Any]:
        return bodies.assign_body(request.POST, Policy.from_json(kind.latest["body"], is_stored=True).as_json())

    def publish(new: Mapping[str, Any], **more: Any) -> int:
        return decision_services.policy_publish(visit.desk.id, new, **more)

    return _publish(request, kind, body, publish)


@require_POST
@requires(Right.POLICY_EDIT)
def assign_take_back(request: HttpRequest, number: int) -> HttpResponse:
    """Publish an earlier version again, from now on."""
    visit = visit_of(request)
    kind = assign_kind(visit)
    try:
        new = decision_services.policy_take_back(
            visit.desk.id, number, reason=text_of(request.POST, "reason"),
            seen_number=required_number(request.POST, "seen", "The version"), by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        refused = InvalidFacts(error.message, field="reason")
        return policy_show(request, visit, kind, sent=Sent.refused(f"{TAKE_BACK}-{number}", request.POST, refused))
    except Conflict as error:
        return policy_show(request, visit, kind, conflict=clash(request, visit, kind, error, kind.get(number)["body"]))
    toast_add(request, f"{kind.title}: version {new} published")
    return HttpResponseRedirect(kind.href(visit, v=new))


@never_cache
@require_POST
@requires(Right.POLICY_VIEW)
def assign_try(request: HttpRequest) -> HttpResponse:
    """Say what the draft, or the version shown, would decide about one case; nothing is written."""
    visit = visit_of(request)
    kind = assign_kind(visit)
    reference = text_of(request.POST, "reference")
    is_draft = "reason" in request.POST
    try:
        _require_reference(reference)
        base = kind.latest if is_draft else kind.get(number_of(request.POST, "v", "The version"))
        whole = Policy.from_json(base["body"], is_stored=True).as_json()
        body = bodies.assign_body(request.POST, whole) if is_draft else whole
        found = asking.policy_try(body, reference, by=visit.actor, now=visit.now)
    except (InvalidFacts, NotFound) as error:
        problem = error if isinstance(error, InvalidFacts) else InvalidFacts(error.message, field="reference")
        return policy_show(request, visit, kind, sent=Sent.refused(FORM, request.POST, problem), draft=request.POST)
    name = "The draft" if is_draft else "The version shown"
    return policy_show(request, visit, kind, trial=trial_shown(visit, found, name), draft=request.POST)


def _require_reference(reference: str) -> None:
    if not reference:
        raise InvalidFacts("Paste the reference of an open case, such as CASE-10042", field="reference")


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def clock(request: HttpRequest) -> HttpResponse:
    """Show the clock policy."""
    visit = visit_of(request)
    return policy_show(request, visit, clocks_kind(visit))


@require_POST
@requires(Right.POLICY_EDIT)
def clock_publish(request: HttpRequest) -> HttpResponse:
    """Publish a version of the clock policy; items keep the version that they started under."""
    visit = visit_of(request)

    def publish(new: Mapping[str, Any], **more: Any) -> int:
        return clock_services.policy_publish(visit.desk.id, new, **more)

    return _publish(request, clocks_kind(visit), lambda: clockdraft.body_of(request.POST), publish)


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def calendar(request: HttpRequest, name: str) -> HttpResponse:
    """Show one calendar."""
    visit = visit_of(request)
    return policy_show(request, visit, calendar_kind(visit, name))


@require_POST
@requires(Right.POLICY_EDIT)
def calendar_publish(request: HttpRequest, name: str) -> HttpResponse:
    """Publish a version of a calendar."""
    visit = visit_of(request)

    def publish(new: Mapping[str, Any], **more: Any) -> int:
        return clock_services.calendar_publish(visit.desk.id, name, new, **more)

    return _publish(request, calendar_kind(visit, name), lambda: calendar_body(request.POST), publish)


@never_cache
@require_POST
@requires(Right.POLICY_VIEW)
def calendar_week(request: HttpRequest, name: str) -> HttpResponse:
    """Draw the week of the draft; nothing is written."""
    visit = visit_of(request)
    kind = calendar_kind(visit, name)
    try:
        week, text = draft_words(visit, calendar_body(request.POST), name)
    except InvalidFacts as error:
        refused = Sent.refused(FORM, request.POST, error, field_of=kind.field_of)
        return policy_show(request, visit, kind, sent=named(visit, kind, refused))
    return policy_show(request, visit, kind, draft=request.POST, draft_week=model.DraftWeek(week=week, text=text))


@require_POST
@requires(Right.POLICY_EDIT)
def calendar_holidays(request: HttpRequest, name: str) -> HttpResponse:
    """Close a calendar on the public holidays of a country."""
    visit = visit_of(request)
    kind = calendar_kind(visit, name)
    try:
        number, added = holidays_add(
            visit.desk.id, name, country=text_of(request.POST, "country").upper(), years=years_of(text_of(request.POST, "years")),
            subdivision=text_of(request.POST, "subdivision").upper() or None, holds_from=visit.now,
            reason=text_of(request.POST, "reason"), seen_number=required_number(request.POST, "seen", "The version"),
            by=visit.actor, now=visit.now,
        )  # fmt: skip
    except (InvalidFacts, Conflict) as error:
        problem = error if isinstance(error, InvalidFacts) else InvalidFacts(error.message, field="country")
        return policy_show(request, visit, kind, sent=Sent.refused(HOLIDAYS, request.POST, problem))
    toast_add(request, f"{kind.title}: version {number} published with {plural(len(added), 'holiday')} more")
    return HttpResponseRedirect(kind.href(visit, v=number))


@require_POST
@requires(Right.POLICY_EDIT)
def calendar_retire(request: HttpRequest, name: str) -> HttpResponse:
    """Take a calendar out of what new policies may name."""
    return _retire(request, name, retiring.calendar_retire, "is retired")


@require_POST
@requires(Right.POLICY_EDIT)
def calendar_restore(request: HttpRequest, name: str) -> HttpResponse:
    """Offer a retired calendar again."""
    return _retire(request, name, retiring.calendar_restore, "is offered again")


def _retire(request: HttpRequest, name: str, act: Callable[..., None], said: str) -> HttpResponse:
    visit = visit_of(request)
    kind = calendar_kind(visit, name)
    try:
        act(visit.desk.id, name, reason=text_of(request.POST, "reason"), by=visit.actor, now=visit.now)
    except (InvalidFacts, Conflict) as error:
        refused = InvalidFacts(error.message, field="reason")
        return policy_show(request, visit, kind, sent=Sent.refused(RETIRE, request.POST, refused))
    toast_add(request, f"The calendar “{name}” {said}")
    return HttpResponseRedirect(kind.href(visit))


urls = [
    path("policies/assign/", assign, name="policy-assign"),
    path("policies/assign/publish/", assign_publish, name="policy-assign-publish"),
    path("policies/assign/<int:number>/take-back/", assign_take_back, name="policy-assign-take-back"),
    path("policies/assign/try/", assign_try, name="policy-assign-try"),
    path("policies/clocks/", clock, name="policy-clocks"),
    path("policies/clocks/publish/", clock_publish, name="policy-clocks-publish"),
    path("policies/calendars/<str:name>/", calendar, name="policy-calendar"),
    path("policies/calendars/<str:name>/publish/", calendar_publish, name="policy-calendar-publish"),
    path("policies/calendars/<str:name>/week/", calendar_week, name="policy-calendar-week"),
    path("policies/calendars/<str:name>/holidays/", calendar_holidays, name="policy-calendar-holidays"),
    path("policies/calendars/<str:name>/retire/", calendar_retire, name="policy-calendar-retire"),
    path("policies/calendars/<str:name>/restore/", calendar_restore, name="policy-calendar-restore"),
]
