"""What people do on the pages of replays and dry runs: ask for one from the form of a policy, ask anew, publish the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from watchbill.apps.core.runs import Run
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.interfaces.web.access import Visit, visit_of
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.pages.policy import holds_from_of, policy_show
from watchbill.interfaces.web.policyforms import FORM
from watchbill.interfaces.web.policykinds import Kind
from watchbill.interfaces.web.policypage import named
from watchbill.interfaces.web.runpage import RunPages
from watchbill.interfaces.web.sent import Sent
from watchbill.interfaces.web.words import capital

Row = TypeVar("Row", bound=Run)


def run_of(visit: Visit, pages: RunPages[Row], run_id: int) -> Row:
    """Return a run, its desk being the page's. Raises NotFound, NotAllowed."""
    row = pages.runs.get(run_id, by=visit.actor)
    visit.be_on(row.desk_id)
    return row


def run_show(request: HttpRequest, template: str, shown: Any, *, sent: Sent | None = None) -> HttpResponse:
    """Show one run."""
    return page(
        request, template, shown.run.title, current="policies", status=422 if sent else 200, has_errors=sent is not None,
        page=shown,
    )  # fmt: skip


def run_ask(request: HttpRequest, kind: Kind, pages: RunPages[Any], ask: Callable[[Visit], int]) -> HttpResponse:
    """Ask for a run of what the form of a policy says; refused, show that form again with what is wrong."""
    visit = visit_of(request)
    try:
        new = ask(visit)
    except InvalidFacts as error:
        refused = Sent.refused(FORM, request.POST, error, field_of=kind.field_of)
        return policy_show(request, visit, kind, sent=named(visit, kind, refused))
    return HttpResponseRedirect(visit.href(pages.name, new))


def run_ask_again(
    request: HttpRequest, pages: RunPages[Any], ask: Callable[[], int], show: Callable[[Sent], HttpResponse]
) -> HttpResponse:
    """Ask for a run of the same draft anew, beside what holds now."""
    try:
        new = ask()
    except InvalidFacts as error:
        return show(Sent.refused(FORM, request.POST, error))
    return HttpResponseRedirect(visit_of(request).href(pages.name, new))


def run_publish(
    request: HttpRequest, pages: RunPages[Any], row: Run, publish: Callable[..., int], show: Callable[[Sent], HttpResponse],
    **more: Any,
) -> HttpResponse:  # fmt: skip
    """Publish the draft of a run, by the service *publish*; refused, or another version came: say so at the form."""
    visit = visit_of(request)
    try:
        number = publish(
            row.desk_id, row.policy, holds_from=holds_from_of(visit), reason=text_of(request.POST, "reason"),
            seen_number=row.against, by=visit.actor, now=visit.now, **more,
        )  # fmt: skip
    except (InvalidFacts, Conflict) as error:
        problem = error if isinstance(error, InvalidFacts) else InvalidFacts(error.message)
        return show(Sent.refused(FORM, request.POST, problem))
    toast_add(request, f"{capital(pages.runs.policy)}: version {number} published")
    return HttpResponseRedirect(visit.href(pages.policy, v=number))
