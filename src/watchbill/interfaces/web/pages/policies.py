"""Policies of a desk: what holds, one card each; and making a new calendar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks.services import calendar_publish
from watchbill.apps.decisions import queries as decisions
from watchbill.apps.people.rights import Right
from watchbill.apps.work.weighing import effort_list, matrix_get
from watchbill.engine.base.combined import Combination, is_combination
from watchbill.engine.base.errors import InvalidFacts
from watchbill.interfaces.web import calendarbodies, words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.calendarforms import calendar_groups, others_offered
from watchbill.interfaces.web.calendarwords import draft_words
from watchbill.interfaces.web.formats import plural, since
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.pages.policy import holds_from_of
from watchbill.interfaces.web.policyforms import FORM, last_fields
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.parts import Field


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def policies(request: HttpRequest) -> HttpResponse:
    """Show what holds on a desk."""
    return page(request, "pages/policies.html", "Policies", current="policies", page=policies_page(visit_of(request)))


def policies_page(visit: Visit) -> model.PoliciesPage:
    """Return the overview: six queries."""
    desk_id = visit.desk.id
    assign = decisions.policy_in_force(desk_id, visit.now)
    book = clocks.rulebook(desk_id)
    rules = book.at(visit.now)
    assign_rows, clock_rows = decisions.policy_versions(desk_id), clocks.policy_versions(desk_id)
    efforts = effort_list(desk_id)
    cards = [
        model.PolicyCard(
            title="Assignment policy", href=visit.href("policy-assign"),
            text="Who may be given an item, and what is weighed: hard rules and weights. Try a draft on a case.",
            state=_state(assign.number, assign_rows),
        ),
        model.PolicyCard(
            title="What overrides teach", href=visit.href("learned"),
            text="What people decide otherwise, again and again, and which change of the assignment policy it would mean.",
            state="nothing is changed by it",
        ),
        model.PolicyCard(
            title="Clock policy", href=visit.href("policy-clocks"),
            text="Response and resolution targets by priority, on which calendar, and what starts, pauses and stops them.",
            state=_state(rules.policy.number if rules else 0, clock_rows) if clock_rows else "none published yet",
        ),
        model.PolicyCard(
            title="Priority matrix", href=visit.href("policy-matrix"),
            text="Which priority impact and urgency give together.",
            state="as delivered" if matrix_get(desk_id) is None else "the desk's own",
        ),
        model.PolicyCard(
            title="Assumed effort", href=visit.href("policy-effort"),
            text="Hands-on minutes by category and priority, assumed until they can be learned.",
            state=plural(len(efforts), "line"),
        ),
    ]  # fmt: skip
    if not clock_rows:
        cards = [card for card in cards if card.title != "Clock policy"]
    if visit.may(Right.USER_EDIT):
        cards.append(
            model.PolicyCard(
                title="Users and roles", href=visit.href("users"),
                text="Who may sign in, what each role allows, and API keys.", state="for the whole installation",
            )
        )  # fmt: skip
    calendars = _calendars(visit, rules)
    return model.PoliciesPage(
        desk=visit.desk.label,
        cards=cards,
        calendars=[card for card in calendars if card.title not in book.retired],
        retired=[card for card in calendars if card.title in book.retired],
        new_calendar_href=visit.href("policy-calendar-new") if visit.may(Right.POLICY_EDIT) else "",
    )


def _state(number: int, versions: list[dict[str, Any]]) -> str:
    row = next((row for row in versions if row["number"] == number), None)
    if row is None:
        return "as delivered"
    later = sum(version["number"] > number for version in versions)
    said = f"version {number} since {since(row['holds_from'])}"
    return said + (f", {plural(later, 'later version')}" if later else "")


def _calendars(visit: Visit, rules: clocks.Rules | None) -> list[model.PolicyCard]:
    rows: dict[str, dict[str, Any]] = {}
    for row in clocks.calendar_versions(visit.desk.id):
        held = rules.calendars.get(row["name"]) if rules else None
        if row["name"] not in rows or (held is not None and row["number"] == held.number):
            rows[row["name"]] = row
    return [
        model.PolicyCard(
            title=name,
            href=visit.href("policy-calendar", name),
            text=_week_words(row["body"]),
            state=f"version {row['number']} since {since(row['holds_from'])}",
        )
        for name, row in rows.items()
    ]


def _week_words(body: Mapping[str, Any]) -> str:
    """Return a week as runs of days with the same hours, "Mon to Fri 08:00-18:00", or of which others it is made."""
    if is_combination(body):
        return words.capital(str(Combination.from_json(body)))
    lines = list(calendarbodies.calendar_lines(body).items())[1:8]
    runs: list[list[str]] = []
    for label, hours in lines:
        if runs and runs[-1][2] == hours:
            runs[-1][1] = label
        else:
            runs.append([label, label, hours])
    said = [
        f"{first}{f' to {last}' if last != first else ''} {hours}" for first, last, hours in runs if hours != "closed"
    ]
    holidays = len(body.get("closed_on", ()))
    return (", ".join(said) or "never open") + (f"; {plural(holidays, 'holiday')}" if holidays else "")


# A new calendar


@never_cache
@require_safe
@requires(Right.POLICY_EDIT)
def calendar_new(request: HttpRequest) -> HttpResponse:
    """Show the form of a new calendar."""
    return _calendar_new(request, None)


def _calendar_new(
    request: HttpRequest, sent: Sent | None, *, draft_week: model.DraftWeek | None = None
) -> HttpResponse:
    visit = visit_of(request)
    body = {"zone": visit.desk.zone, "weekly": {name: ["09:00-17:00"] for name in ("mon", "tue", "wed", "thu", "fri")}}
    name = Field(
        name="name", label="Name", value=value_of(sent, FORM, "name"), error=message_of(sent, FORM, "name"),
        is_required=True, hint="Clock policies call it by this name",
    )  # fmt: skip
    groups = calendar_groups(body, sent, others=others_offered(visit, ""))
    form = model.PublishForm(
        action_href=visit.href("policy-calendar-make"), seen=0,
        groups=[model.FieldGroup(title="Calendar", fields=[name]), *groups],
        last=last_fields(sent), is_open=True, week_href=visit.href("policy-calendar-new-week"),
    )  # fmt: skip
    is_refused = sent is not None and draft_week is None
    return page(
        request, "pages/policy_new.html", "New calendar", current="policies", status=422 if is_refused else 200,
        has_errors=is_refused, form=form, back_href=visit.href("policies"), draft_week=draft_week,
        errors=summary_of(sent, FORM) if is_refused else None,
    )  # fmt: skip


@never_cache
@require_POST
@requires(Right.POLICY_EDIT)
def calendar_new_week(request: HttpRequest) -> HttpResponse:
    """Draw the week of a new calendar as the form stands; nothing is written."""
    visit = visit_of(request)
    try:
        body = calendarbodies.calendar_body(request.POST)
        week, text = draft_words(visit, body, text_of(request.POST, "name") or "the new calendar")
    except InvalidFacts as error:
        return _calendar_new(request, Sent.refused(FORM, request.POST, error, field_of=calendarbodies.calendar_field))
    return _calendar_new(request, Sent.kept(FORM, request.POST), draft_week=model.DraftWeek(week=week, text=text))


@require_POST
@requires(Right.POLICY_EDIT)
def calendar_make(request: HttpRequest) -> HttpResponse:
    """Publish the first version of a calendar."""
    visit = visit_of(request)
    name = text_of(request.POST, "name")
    try:
        _require_new(visit, name)
        calendar_publish(
            visit.desk.id, name, calendarbodies.calendar_body(request.POST), holds_from=holds_from_of(visit),
            reason=text_of(request.POST, "reason"), seen_number=0, by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        return _calendar_new(request, Sent.refused(FORM, request.POST, error, field_of=calendarbodies.calendar_field))
    toast_add(request, f"Calendar “{name}” published")
    return HttpResponseRedirect(visit.href("policy-calendar", name))


def _require_new(visit: Visit, name: str) -> None:
    if name in {row["name"] for row in clocks.calendar_versions(visit.desk.id)}:
        raise InvalidFacts("This desk has a calendar of this name; publish a version of it instead", field="name")


urls = [
    path("policies/", policies, name="policies"),
    path("policies/new-calendar/", calendar_new, name="policy-calendar-new"),
    path("policies/new-calendar/week/", calendar_new_week, name="policy-calendar-new-week"),
    path("policies/new-calendar/make/", calendar_make, name="policy-calendar-make"),
]
