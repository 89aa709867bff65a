"""Exclusions: asked for by one person, answered by a second; all of them stay to be seen."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.core.references import EXCLUSION, key_of, shown
from watchbill.apps.people.rights import Right
from watchbill.apps.reports.attainment import commitment_names
from watchbill.apps.reports.choices import ExclusionStatus, Sort
from watchbill.apps.reports.codes import code_labels, code_list
from watchbill.apps.reports.queries import ExclusionRow, exclusion_get, exclusion_list
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows.report import excluding
from watchbill.interfaces.web import frame, words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.errors import message_for, status_of, summary_of
from watchbill.interfaces.web.formats import moment, plural
from watchbill.interfaces.web.forms import back_of, number_of, text_of
from watchbill.interfaces.web.pages.attainment import ROWS
from watchbill.interfaces.web.reportslices import Asked
from watchbill.interfaces.web.viewmodels.attainment import ExclusionLine, ExclusionsPage
from watchbill.interfaces.web.viewmodels.parts import Empty, Field, Link, Option, Pager

PARTS = {
    "": "All", ExclusionStatus.ASKED: "Waiting for a second person", ExclusionStatus.APPROVED: "Approved",
    ExclusionStatus.REFUSED: "Refused", ExclusionStatus.WITHDRAWN: "Withdrawn",
}  # fmt: skip
STATUS_WORDS = {**PARTS, ExclusionStatus.ASKED: "Waiting"}
LOOKS = {ExclusionStatus.ASKED: "warn", ExclusionStatus.APPROVED: "accent"}


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def exclusions(request: HttpRequest) -> HttpResponse:
    """Show the exclusions, the latest first, and the form that asks for one."""
    return _page(visit_of(request))


def _page(visit: Visit, *, error: InvalidFacts | NotFound | Conflict | None = None) -> HttpResponse:
    data, asked = visit.request.GET, Asked(visit)
    status = text_of(data, "status")
    if status and status not in set(ExclusionStatus):
        raise InvalidFacts(f"An exclusion is {', '.join(ExclusionStatus)}", field="status")
    after = text_of(data, "after")
    rows = exclusion_list(
        visit.desk.id, status=ExclusionStatus(status) if status else None,
        before=key_of(EXCLUSION, after) if after else None, limit=ROWS + 1, by=visit.actor,
    )  # fmt: skip
    labels = code_labels(visit.desk.id, Sort.EXCLUSION)
    may_ask = visit.may(Right.EXCLUSION_ASK)
    shown_page = ExclusionsPage(
        head=asked.head("exclusions"),
        parts=[
            Link(label=label, href=visit.href("exclusions", status=each), is_current=each == status)
            for each, label in PARTS.items()
        ],
        lines=[_line(visit, row, labels) for row in rows[:ROWS]],
        pager=Pager(
            shown=plural(min(len(rows), ROWS), "exclusion"),
            first_href=visit.href("exclusions", status=status) if after else "",
            next_href=visit.href("exclusions", status=status, after=shown(EXCLUSION, rows[ROWS - 1].id))
            if len(rows) > ROWS
            else "",
        ),
        ask_href=visit.href("exclusion-ask", status=status, after=after) if may_ask else "",
        fields=_fields(visit, error if isinstance(error, InvalidFacts) else None) if may_ask else (),
        back=visit.href("exclusions", status=status),
        errors=summary_of(error) if isinstance(error, InvalidFacts | Conflict) else None,
        empty=None if rows else Empty(
            title="No exclusions",
            text="Every commitment counts. One is left out only when one person asks, with a reason, and another approves.",
        ),
    )  # fmt: skip
    return frame.page(
        visit.request, "pages/exclusions.html", "Exclusions", current="attainment",
        status=status_of(error) if error else 200, has_errors=error is not None, page=shown_page,
    )  # fmt: skip


def _fields(visit: Visit, error: InvalidFacts | None) -> list[Field]:
    sent = visit.request.POST or visit.request.GET

    def select(name: str, label: str, options: dict[str, str]) -> Field:
        chosen = text_of(sent, name)
        listed = [Option(value=value, label=text, is_chosen=value == chosen) for value, text in options.items()]
        return Field(name=name, label=label, kind="select", options=listed, error=message_for(error, name))

    codes = {row.code: row.label for row in code_list(visit.desk.id, Sort.EXCLUSION) if row.is_active}
    names = {name: words.clock(name) for name in commitment_names(visit.desk.id)}
    return [
        Field(name="case", label="Case", value=text_of(sent, "case"), placeholder="CASE-10042",
              error=message_for(error, "case"), is_required=True),
        select("commitment", "Commitment", names),
        Field(name="cycle", label="Number", kind="number", value=text_of(sent, "cycle") or "1",
              hint="Of a commitment that repeats", error=message_for(error, "cycle")),
        select("code", "Reason", codes),
        Field(name="text", label="Why", kind="textarea", value=text_of(sent, "text"),
              hint="For whoever is to approve it; it stays in the case's notes", error=message_for(error, "text"),
              is_required=True),
    ]  # fmt: skip


def _line(visit: Visit, row: ExclusionRow, labels: dict[str, str]) -> ExclusionLine:
    is_own = row.is_asked_by(visit.actor)
    may_approve = visit.may(Right.EXCLUSION_APPROVE)
    is_waiting = row.status is ExclusionStatus.ASKED
    is_live = row.status in {ExclusionStatus.ASKED, ExclusionStatus.APPROVED}

    kept = {name: text_of(visit.request.GET, name) for name in ("status", "after")}

    def act(name: str, is_offered: bool) -> str:  # noqa: FBT001 - a word of the sentence
        return visit.href("exclusion-answer", row.id, name, **kept) if is_offered else ""

    answered = ""
    if row.answered_at is not None:
        said = f": {row.answer}" if row.answer else ""
        answered = f"{row.answered_by_name}, {moment(row.answered_at, visit.now)}{said}"
    if row.withdrawn_at is not None:
        answered += f"{'; ' if answered else ''}withdrawn by {row.withdrawn_by_name}"
    return ExclusionLine(
        name=str(shown(EXCLUSION, row.id)),
        reference=row.reference,
        href=visit.href("case", row.reference),
        subject=row.title,
        commitment=words.clock(row.name) + (f", number {row.cycle}" if row.cycle > 1 else ""),
        status=STATUS_WORDS[row.status],
        look=LOOKS.get(row.status, ""),
        code=labels.get(row.code, row.code),
        text=row.text,
        asked=f"{row.asked_by_name}, {moment(row.asked_at, visit.now)}",
        answered=answered,
        is_own=is_own,
        approve_href=act("approve", is_waiting and may_approve and not is_own),
        refuse_href=act("refuse", is_waiting and may_approve and not is_own),
        withdraw_href=act("withdraw", is_live and visit.may(Right.EXCLUSION_ASK) and (is_own or may_approve)),
    )


@require_POST
@requires(Right.EXCLUSION_ASK)
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an exclusion; what was refused comes back as it was sent."""
    visit = visit_of(request)
    form = request.POST
    try:
        row = excluding.exclusion_ask(
            text_of(form, "case"), text_of(form, "commitment"), cycle=number_of(form, "cycle", "The number") or 1,
            code=text_of(form, "code"), text=text_of(form, "text"), by=visit.actor, now=visit.now,
        )  # fmt: skip
    except (InvalidFacts, Conflict) as error:
        return _page(visit, error=error)
    except NotFound as error:
        return _page(visit, error=InvalidFacts(error.message, field="case"))
    frame.toast_add(request, f"Asked to leave {row.name} of {row.reference} out; a second person answers")
    return HttpResponseRedirect(back_of(request, visit.href("exclusions")))


ACTS: dict[str, tuple[Callable[..., ExclusionRow], str]] = {
    "approve": (excluding.exclusion_approve, "left out of the figures"),
    "refuse": (excluding.exclusion_refuse, "not left out"),
    "withdraw": (excluding.exclusion_withdraw, "counts again"),
}


@require_POST
@requires(Right.EXCLUSION_ASK)
def answer(request: HttpRequest, exclusion_id: int, act: str) -> HttpResponse:
    """Approve, refuse or withdraw; the flow asks for the right of each."""
    if act not in ACTS:
        raise NotFound("There is no such answer")
    visit = visit_of(request)
    visit.be_on(exclusion_get(exclusion_id, by=visit.actor).desk_id)
    do, said = ACTS[act]
    try:
        row = do(exclusion_id, text=text_of(request.POST, "text"), by=visit.actor, now=visit.now)
    except InvalidFacts as error:
        return _page(visit, error=error)
    frame.toast_add(request, f"{words.clock(row.name)} of {row.reference}: {said}")
    return HttpResponseRedirect(back_of(request, visit.href("exclusions")))


urls = [
    path("attainment/exclusions/", exclusions, name="exclusions"),
    path("attainment/exclusions/ask/", ask, name="exclusion-ask"),
    path("attainment/exclusions/<int:exclusion_id>/<slug:act>/", answer, name="exclusion-answer"),
]
