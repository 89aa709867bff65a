"""Balance: work against hours by region and person, moves that even it out, and who got what over four weeks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.core.references import ACT, key_of
from watchbill.apps.decisions.choices import MoveStatus
from watchbill.apps.decisions.moves import move_get
from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows.balance import answering
from watchbill.flows.balance.alerting import managers_alert
from watchbill.flows.balance.loads import loads_get
from watchbill.flows.balance.making import moves_make
from watchbill.interfaces.web import frame
from watchbill.interfaces.web.access import requires, visit_of
from watchbill.interfaces.web.balancemoves import FIRST, SHARES, moves_panel, shares_panel
from watchbill.interfaces.web.balancepage import ALERT_FORM, balance_page, horizon_of
from watchbill.interfaces.web.bulkacts import undo_href
from watchbill.interfaces.web.formats import plural
from watchbill.interfaces.web.forms import back_of, text_of
from watchbill.interfaces.web.sent import Sent
from watchbill.interfaces.web.tiles import tiles_forget

CHOSEN = "chosen"
"""What a form of moves sends beside them: that those ticked were chosen, even if it is none."""


@never_cache
@require_safe
@requires(Right.PEOPLE_VIEW)
def balance(request: HttpRequest) -> HttpResponse:
    """Show the desk's work against its people's hours."""
    return _show(request, [], status=200)


def _show(request: HttpRequest, left: list[tuple[str, str]], *, status: int, sent: Sent | None = None) -> HttpResponse:
    visit = visit_of(request)
    loads = loads_get(visit.desk.id, horizon_h=horizon_of(request.GET), by=visit.actor, now=visit.now)
    shown = balance_page(visit, loads, left=left, sent=sent)
    may_see_shares = visit.may(Right.WORK_BULK)
    return frame.page(
        request, "pages/balance.html", "Balance", current="balance", status=status, page=shown,
        may_see_shares=may_see_shares, has_errors=sent is not None,
    )  # fmt: skip


@never_cache
@require_safe
@requires(Right.PEOPLE_VIEW)
def moves(request: HttpRequest) -> HttpResponse:
    """Show the moves that help, and what those ticked lead to: a part of the page, or a page of its own."""
    visit = visit_of(request)
    loads = loads_get(visit.desk.id, horizon_h=horizon_of(request.GET), by=visit.actor, now=visit.now)
    kept = request.GET.getlist("move") if CHOSEN in request.GET else None
    panel = moves_panel(visit, loads, kept=kept)
    if request.headers.get("HX-Request"):
        return render(request, "parts/moves.html", {"panel": panel})
    return frame.page(request, "pages/balance_part.html", "Moves", current="balance", panel=panel, shares=None)


@never_cache
@require_safe
@requires(Right.WORK_BULK)
def shares(request: HttpRequest) -> HttpResponse:
    """Show the ledger of four weeks: a part of the page, or a page of its own."""
    is_part = bool(request.headers.get("HX-Request"))
    panel = shares_panel(visit_of(request), most=FIRST if is_part else SHARES)
    if is_part:
        return render(request, "parts/shares.html", {"shares": panel})
    return frame.page(request, "pages/balance_part.html", "Fair shares", current="balance", panel=None, shares=panel)


@require_POST
@requires(Right.WORK_BULK)
def make(request: HttpRequest) -> HttpResponse:
    """Make the moves that are ticked, as one act that can be undone; say what was asked of others, and what was left."""
    visit = visit_of(request)
    made = moves_make(visit.desk.id, request.POST.getlist("move"), by=visit.actor, now=visit.now)
    tiles_forget(visit.desk.id)
    said = [f"{plural(len(made.done), 'move')} made"] if made.done else []
    said += [f"{plural(len(made.asked), 'move')} asked of the other region"] if made.asked else []
    if said:
        undo = undo_href(visit, key_of(ACT, made.act)) if made.act else ""
        frame.toast_add(request, ", ".join(said), undo=undo)
    if made.left:
        return _show(request, made.left, status=200 if said else 409)
    return HttpResponseRedirect(back_of(request, visit.href("balance")))


@require_POST
@requires(Right.WORK_BULK)
def answer(request: HttpRequest, move_id: int, word: str) -> HttpResponse:
    """Agree to a move that the other region asked for, or refuse it with a reason."""
    visit = visit_of(request)
    if word not in {"accept", "refuse"}:
        raise NotFound("There is no such answer")
    visit.be_on(move_get(move_id, by=visit.actor).desk_id)
    if word == "accept":
        row = answering.move_accept(move_id, by=visit.actor, now=visit.now)
        if row.status is MoveStatus.GONE:
            raise Conflict(f"This move holds no more: {row.reason}", reference=row.reference)
        undo = undo_href(visit, key_of(ACT, row.act))
        frame.toast_add(request, f"{row.reference} given to {row.taker}", undo=undo)
    else:
        row = answering.move_refuse(move_id, text_of(request.POST, "reason"), by=visit.actor, now=visit.now)
        frame.toast_add(request, f"Move of {row.reference} refused")
    tiles_forget(visit.desk.id)
    return HttpResponseRedirect(back_of(request, visit.href("balance")))


@require_POST
@requires(Right.WORK_BULK)
def alert(request: HttpRequest) -> HttpResponse:
    """Tell the managers of a region, and of those beside it, how Balance stands."""
    visit, data = visit_of(request), request.POST
    try:
        row = managers_alert(
            visit.desk.id, text=text_of(data, "text"), region=text_of(data, "region"), horizon_h=horizon_of(data),
            by=visit.actor, now=visit.now,
        )  # fmt: skip
    except (InvalidFacts, Conflict) as error:
        refused = error if isinstance(error, InvalidFacts) else InvalidFacts(error.message, field="text")
        status = 422 if refused is error else 409
        return _show(request, [], status=status, sent=Sent.refused(ALERT_FORM, data, refused))
    frame.toast_add(request, f"{plural(row.recipients, 'manager')} told")
    return HttpResponseRedirect(visit.href("balance"))


urls = [
    path("balance/", balance, name="balance"),
    path("balance/moves/", moves, name="balance-moves"),
    path("balance/shares/", shares, name="balance-shares"),
    path("balance/alert/", alert, name="balance-alert"),
    path("balance/make/", make, name="balance-make"),
    path("balance/moves/<int:move_id>/<slug:word>/", answer, name="balance-answer"),
]
