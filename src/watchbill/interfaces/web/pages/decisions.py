"""Answers to proposals: accept, somebody else, refuse, undo. Each leads back to where it was given."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.decisions.queries import decision_get
from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows.assign import answers
from watchbill.flows.assign.answers import Answered
from watchbill.interfaces.web import frame
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.cards import Refused
from watchbill.interfaces.web.forms import back_of, required_number, text_of
from watchbill.interfaces.web.others import others_of
from watchbill.interfaces.web.pages.case import item_of, page_of
from watchbill.interfaces.web.tiles import tiles_forget
from watchbill.interfaces.web.toolate import too_late_page


def _accept(visit: Visit, decision_id: int) -> tuple[Answered, str]:
    done = answers.decision_accept(decision_id, by=visit.actor, now=visit.now)
    return done, f"{done.reference} given to {done.decision.given_to}"


def _change(visit: Visit, decision_id: int) -> tuple[Answered, str]:
    form = visit.request.POST
    person_id, why = required_number(form, "person", "The person"), text_of(form, "text")
    if "against" in form and not why:
        raise InvalidFacts("Say why this is to be done against a rule", field="text")
    done = answers.decision_change(decision_id, person_id, reason=why, by=visit.actor, now=visit.now)
    return done, f"{done.reference} given to {done.decision.given_to}"


def _refuse(visit: Visit, decision_id: int) -> tuple[Answered, str]:
    form = visit.request.POST
    done = answers.decision_refuse(
        decision_id, text_of(form, "reason"), text=text_of(form, "text"), by=visit.actor, now=visit.now
    )
    return done, f"Declined {done.decision.chosen} for {done.reference}"


def _undo(visit: Visit, decision_id: int) -> tuple[Answered, str]:
    done = answers.decision_undo(decision_id, by=visit.actor, now=visit.now)
    return done, f"Undone: {done.reference} is as it was before"


ACTS: dict[str, Callable[[Visit, int], tuple[Answered, str]]] = {
    "accept": _accept,
    "change": _change,
    "refuse": _refuse,
    "undo": _undo,
}


def _asked_again(visit: Visit, decision_id: int, error: InvalidFacts) -> HttpResponse:
    """Return the case with the form of the no open, as it was sent; the next answer leads where this one would have."""
    form = visit.request.POST
    row = decision_get(decision_id, by=visit.actor)
    refused = Refused(reason=form.get("reason", ""), text=form.get("text", ""), error=error.message)
    item = item_of(visit, row.reference)
    back = back_of(visit.request, visit.href("case", row.reference))
    return page_of(visit, item, refused=refused, back=back, status=422)


def _too_late(visit: Visit, decision_id: int, error: Conflict) -> HttpResponse:
    """Return what happened instead, what is proposed now, and the ways on."""
    row = decision_get(decision_id, by=visit.actor)
    item = item_of(visit, row.reference)
    tiles_forget(item.desk_id)
    back = back_of(visit.request, visit.href("case", row.reference))
    shown = too_late_page(visit, row, item, said=error.message, back=back)
    return frame.page(visit.request, "pages/too_late.html", "Someone was faster", status=409, page=shown)


@require_POST
@requires(Right.DECISION_ANSWER)
def answer(request: HttpRequest, decision_id: int, act: str) -> HttpResponse:
    """Give an answer, offer to undo it for half a minute, and go back."""
    if act not in ACTS:
        raise NotFound("There is no such answer")
    visit = visit_of(request)
    try:
        done, text = ACTS[act](visit, decision_id)
    except InvalidFacts as error:
        if act != "refuse" or error.details.get("field") != "text":
            raise
        return _asked_again(visit, decision_id, error)
    except Conflict as error:
        return _too_late(visit, decision_id, error)
    tiles_forget(done.decision.desk_id)
    frame.toast_add(request, text, undo="" if act == "undo" else visit.href("decision-answer", decision_id, "undo"))
    return HttpResponseRedirect(back_of(request, visit.href("case", done.reference)))


@never_cache
@require_safe
@requires(Right.DECISION_ANSWER)
def others(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Answer who else may be chosen, among the names that fit what is typed."""
    visit = visit_of(request)
    row = decision_get(decision_id, by=visit.actor)
    visit.be_on(row.desk_id)
    typed = text_of(request.GET, "q").replace("\x00", "")[:100]
    found = others_of(visit, row, typed, back=back_of(request, visit.href("case", row.reference)))
    return render(request, "parts/others_offered.html", {"others": found})


urls = [
    path("decisions/<int:decision_id>/others/", others, name="decision-others"),
    path("decisions/<int:decision_id>/<slug:act>/", answer, name="decision-answer"),
]
