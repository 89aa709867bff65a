"""What-if: policies compared on the desk's own history; asked for, on the way, done, side by side, taken away as a file."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people.rights import Right
from watchbill.apps.reports.backtests import BacktestRow, backtest_cancel, backtest_get
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows.backtest.asking import backtest_ask
from watchbill.flows.backtest.desk import names_of_desk
from watchbill.flows.backtest.report.page import html_of
from watchbill.flows.backtest.report.pdf import pdf_of
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.forms import number_of, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.sent import Sent
from watchbill.interfaces.web.whatifform import changes_of
from watchbill.interfaces.web.whatifpage import FORM, list_page, run_page

KINDS = {"json": "application/json", "html": "text/html; charset=utf-8", "pdf": "application/pdf"}


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def whatif(request: HttpRequest) -> HttpResponse:
    """List the comparisons of a desk, the latest first, with the form for a new one."""
    return _show(request)


def _show(request: HttpRequest, *, sent: Sent | None = None) -> HttpResponse:
    shown = list_page(visit_of(request), before=number_of(request.GET, "after", "After"), sent=sent)
    return page(
        request, "pages/whatif.html", "What-if", current="whatif", status=422 if sent else 200, has_errors=sent is not None,
        page=shown,
    )  # fmt: skip


@require_POST
@requires(Right.POLICY_EDIT)
def whatif_new(request: HttpRequest) -> HttpResponse:
    """Ask for a comparison; the worker does it, and its page shows how far it is."""
    visit = visit_of(request)
    names = names_of_desk(visit.desk.id, visit.now)
    changes, wrong = changes_of(request.POST, names)
    try:
        run_id = backtest_ask(
            visit.desk.id,
            request.POST.getlist("policies"),
            depth=text_of(request.POST, "depth"),
            what_if=changes,
            known=names,
            has_demand="demand" in request.POST,
            also=wrong,
            by=visit.actor,
            now=visit.now,
        )
    except InvalidFacts as error:
        return _show(request, sent=Sent.refused(FORM, request.POST, error))
    return HttpResponseRedirect(visit.href("whatif-run", run_id))


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def whatif_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show one comparison, or with ``against`` two of one desk side by side."""
    visit = visit_of(request)
    row = whatif_row(visit, run_id)
    key = number_of(request.GET, "against", "Against")
    other = None if key is None else backtest_get(key, by=visit.actor)
    if other is not None and (other.desk_id != row.desk_id or other.result is None or row.result is None):
        raise NotFound("There is no such comparison on this desk that has ended well")
    shown = run_page(visit, row, other)
    return page(request, "pages/whatif_run.html", shown.title, current="whatif", page=shown)


def run_show(request: HttpRequest, row: BacktestRow, *, sent: Sent) -> HttpResponse:
    """Show a comparison again with what is wrong with what was asked of it."""
    shown = run_page(visit_of(request), row, None, sent)
    return page(
        request, "pages/whatif_run.html", shown.title, current="whatif", status=422, has_errors=True, page=shown
    )


def whatif_row(visit: Visit, run_id: int) -> BacktestRow:
    """Return a comparison, its desk being the page's. Raises NotFound, NotAllowed."""
    row = backtest_get(run_id, by=visit.actor)
    visit.be_on(row.desk_id)
    return row


@require_POST
@requires(Right.POLICY_EDIT)
def whatif_cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """Stop a comparison that waits or is under way."""
    visit = visit_of(request)
    row = whatif_row(visit, run_id)
    try:
        backtest_cancel(row.id, by=visit.actor, now=visit.now)
    except Conflict as error:
        toast_add(request, error.message)
    return HttpResponseRedirect(visit.href("whatif-run", row.id))


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def whatif_file(request: HttpRequest, run_id: int, kind: str) -> HttpResponse:
    """Answer the whole comparison as a file: its data, or its report."""
    if kind not in KINDS:
        raise Http404
    row = whatif_row(visit_of(request), run_id)
    if row.result is None:
        raise NotFound("This comparison has no result")
    if kind == "json":
        body: str | bytes = json.dumps(row.result, ensure_ascii=False, indent=1)
    else:
        body = html_of(row.result) if kind == "html" else pdf_of(row.result)
    answer = HttpResponse(body, content_type=KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="backtest-{row.reference}.{kind}"'
    return answer


urls = [
    path("whatif/", whatif, name="whatif"),
    path("whatif/new/", whatif_new, name="whatif-new"),
    path("whatif/<int:run_id>/", whatif_run, name="whatif-run"),
    path("whatif/<int:run_id>/cancel/", whatif_cancel, name="whatif-cancel"),
    path("whatif/<int:run_id>/file/<str:kind>/", whatif_file, name="whatif-file"),
]
