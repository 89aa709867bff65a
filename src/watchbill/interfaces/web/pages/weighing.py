"""How a desk weighs its work: the priority matrix and the table of assumed effort."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people.rights import Right
from watchbill.apps.work.efforts import DEFAULT_MIN
from watchbill.apps.work.weighing import effort_list, effort_set, effort_version, matrix_get, matrix_set, matrix_version
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.base.work import Level
from watchbill.engine.intake.priority import DEFAULT_MATRIX
from watchbill.flows.lead_times import lead_times_told
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.errors import conflict_of
from watchbill.interfaces.web.forms import number_of, required_number, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.leadtimes import learned_lines, learned_note
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.viewmodels import parts
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.parts import Field, Option

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
    path("policies/matrix/", matrix, name="policy-matrix"),
    path("policies/matrix/set/", matrix_save, name="policy-matrix-set"),
    path("policies/effort/", effort, name="policy-effort"),
    path("policies/effort/set/", effort_save, name="policy-effort-set"),
]
