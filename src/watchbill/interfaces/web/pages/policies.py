"""Policies of a desk: what holds, one card each; the priority matrix and the table of assumed effort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks.services import calendar_publish
from watchbill.apps.decisions import queries as decisions
from watchbill.apps.people.rights import Right
from watchbill.apps.work.efforts import DEFAULT_MIN
from watchbill.apps.work.weighing import effort_list, effort_set, effort_version, matrix_get, matrix_set, matrix_version
from watchbill.engine.base.combined import Combination, is_combination
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.base.work import Level
from watchbill.engine.intake.priority import DEFAULT_MATRIX
from watchbill.flows.lead_times import lead_times_told
from watchbill.interfaces.web import calendarbodies, words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.calendarforms import calendar_groups, others_offered
from watchbill.interfaces.web.calendarwords import draft_words
from watchbill.interfaces.web.errors import conflict_of
from watchbill.interfaces.web.formats import plural, since
from watchbill.interfaces.web.forms import number_of, required_number, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.leadtimes import learned_lines, learned_note
from watchbill.interfaces.web.pages.policy import holds_from_of
from watchbill.interfaces.web.policyforms import FORM, last_fields
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.viewmodels import parts
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.parts import Field, Option


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


# The priority matrix


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def matrix(request: HttpRequest) -> HttpResponse:
    """Show the priority matrix."""
    return _matrix(request, None)


def _matrix(request: HttpRequest, sent: Sent | None, *, conflict: parts.Conflict | None = None) -> HttpResponse:
    visit = visit_of(request)
    own = matrix_get(visit.desk.id)
    body = own or dict(DEFAULT_MATRIX)
    rows = []
    for impact in sorted(Level):
        cells = []
        for urgency in sorted(Level):
            cell = f"{int(impact)},{int(urgency)}"
            chosen = value_of(sent, "matrix", cell, body[cell])
            options = [Option(value=str(n), label=f"P{n}", is_chosen=str(n) == chosen) for n in (1, 2, 3, 4)]
            cells.append((cell, body[cell], options))
        rows.append((words.LEVEL[impact], cells))
    shown = model.MatrixPage(
        back_href=visit.href("policies"),
        levels=[words.LEVEL[level] for level in sorted(Level)],
        rows=rows,
        is_default=own is None,
        history_href=visit.href("audit", kind="priority_matrix") if visit.may(Right.AUDIT_VIEW) else "",
        action_href=visit.href("policy-matrix-set") if visit.may(Right.POLICY_EDIT) else "",
        reason=value_of(sent, "matrix", "reason"),
        version=matrix_version(visit.desk.id),
        bad_cell=sent.field if sent else "",
        conflict=conflict,
        errors=summary_of(sent, "matrix"),
    )
    return page(
        request, "pages/matrix.html", "Priority matrix", current="policies",
        status=422 if sent else 409 if conflict else 200, has_errors=sent is not None, page=shown,
    )  # fmt: skip


@require_POST
@requires(Right.POLICY_EDIT)
def matrix_save(request: HttpRequest) -> HttpResponse:
    """Set the priority matrix; it holds for what is opened or ranked from now on."""
    visit = visit_of(request)
    body = {
        f"{int(impact)},{int(urgency)}": number_of(request.POST, f"{int(impact)},{int(urgency)}", "A priority")
        for impact in Level
        for urgency in Level
    }
    try:
        matrix_set(
            visit.desk.id, body, reason=text_of(request.POST, "reason"),
            seen_version=required_number(request.POST, "version", "The version"), by=visit.actor, now=visit.now,
        )  # fmt: skip
    except Conflict as error:
        return _matrix(request, None, conflict=_clash(request, visit, error))
    except InvalidFacts as error:
        return _matrix(request, Sent.refused("matrix", request.POST, error))
    toast_add(request, "Priority matrix set")
    return HttpResponseRedirect(visit.href("policy-matrix"))


def _clash(request: HttpRequest, visit: Visit, error: Conflict) -> parts.Conflict:
    """Return the choice between the matrix that somebody else set and this form."""
    cells = {f"{int(i)},{int(u)}": f"Impact {words.LEVEL[i].lower()}, urgency {words.LEVEL[u].lower()}"
             for i in sorted(Level) for u in sorted(Level)}  # fmt: skip
    stands = matrix_get(visit.desk.id) or dict(DEFAULT_MATRIX)
    return replace(
        conflict_of(request, error, keep_href=visit.href("policy-matrix")),
        changes=[
            parts.Change(label=label, theirs=f"P{stands[cell]}", mine=f"P{request.POST[cell]}")
            for cell, label in cells.items()
            if cell in request.POST and request.POST[cell] != str(stands[cell])
        ],
    )


# Assumed effort


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def effort(request: HttpRequest) -> HttpResponse:
    """Show the table of assumed effort."""
    return _effort(request, None)


def _effort(request: HttpRequest, sent: Sent | None, *, conflict: parts.Conflict | None = None) -> HttpResponse:
    visit = visit_of(request)
    rows = effort_list(visit.desk.id)
    most = max([row["minutes"] for row in rows], default=1)
    chosen = value_of(sent, "effort", "priority")
    ranks = [Option(value="", label="any priority")]
    ranks += [Option(value=str(n), label=f"P{n}", is_chosen=str(n) == chosen) for n in (1, 2, 3, 4)]
    shown = model.EffortPage(
        back_href=visit.href("policies"),
        lines=[
            model.EffortLine(
                category=row["category"] or "any category",
                priority=f"P{row['priority']}" if row["priority"] else "any",
                minutes=row["minutes"],
                width=round(row["minutes"] / most * 100, 1),
                basis=row["basis"],
            )
            for row in rows
        ],
        learned=learned_lines(known := lead_times_told(visit.desk.id, by=visit.actor)),
        learned_note=learned_note(known, visit.now),
        history_href=visit.href("audit", kind="effort") if visit.may(Right.AUDIT_VIEW) else "",
        fields=[
            Field(name="category", label="Category", value=value_of(sent, "effort", "category"), hint="Empty: any category",
                  error=message_of(sent, "effort", "category")),
            Field(name="priority", label="Priority", kind="select", options=ranks),
            Field(name="minutes", label="Minutes", kind="number", value=value_of(sent, "effort", "minutes"),
                  hint="Empty: take the line away", error=message_of(sent, "effort", "minutes")),
        ],
        action_href=visit.href("policy-effort-set") if visit.may(Right.POLICY_EDIT) else "",
        version=effort_version(visit.desk.id),
        conflict=conflict,
        errors=summary_of(sent, "effort"),
    )  # fmt: skip
    return page(
        request, "pages/effort.html", "Assumed effort", current="policies",
        status=422 if sent else 409 if conflict else 200, has_errors=sent is not None, page=shown,
        default_min=DEFAULT_MIN,
    )  # fmt: skip


@require_POST
@requires(Right.POLICY_EDIT)
def effort_save(request: HttpRequest) -> HttpResponse:
    """Set one line of the table, or take it away."""
    visit = visit_of(request)
    try:
        priority = _rank_of(request)
        effort_set(
            visit.desk.id, category=text_of(request.POST, "category")[:200], priority=priority,
            minutes=number_of(request.POST, "minutes", "Minutes"),
            seen_version=required_number(request.POST, "version", "The version"), by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        return _effort(request, Sent.refused("effort", request.POST, error))
    except Conflict as error:
        mine = {"minutes": text_of(request.POST, "minutes") or "none"}
        clash = conflict_of(
            request, error, keep_href=visit.href("policy-effort"), labels={"minutes": "Minutes"}, shown=mine
        )
        return _effort(request, None, conflict=clash)
    toast_add(request, "Effort kept")
    return HttpResponseRedirect(visit.href("policy-effort"))


def _rank_of(request: HttpRequest) -> int | None:
    priority = number_of(request.POST, "priority", "The priority")
    if priority not in {None, 1, 2, 3, 4}:
        raise InvalidFacts("A priority is 1, 2, 3 or 4", field="priority")
    return priority


urls = [
    path("policies/", policies, name="policies"),
    path("policies/matrix/", matrix, name="policy-matrix"),
    path("policies/matrix/set/", matrix_save, name="policy-matrix-set"),
    path("policies/effort/", effort, name="policy-effort"),
    path("policies/effort/set/", effort_save, name="policy-effort-set"),
    path("policies/new-calendar/", calendar_new, name="policy-calendar-new"),
    path("policies/new-calendar/week/", calendar_new_week, name="policy-calendar-new-week"),
    path("policies/new-calendar/make/", calendar_make, name="policy-calendar-make"),
]
