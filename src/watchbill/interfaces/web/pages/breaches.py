"""Breaches: why each commitment was broken, as suggested and as confirmed; which reasons are the most frequent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.core.references import BREACH, shown
from watchbill.apps.people.rights import Right
from watchbill.apps.reports.choices import Sort
from watchbill.apps.reports.codes import code_labels, code_list, code_save
from watchbill.apps.reports.queries import MIXTURE, BreachRow, ReasonCount, breach_page, reason_counts
from watchbill.apps.reports.slices import place_of, place_shown
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.report.answering import breaches_confirm
from watchbill.interfaces.web import frame, words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.errors import summary_of
from watchbill.interfaces.web.formats import count, moment, percent, plural
from watchbill.interfaces.web.forms import back_of, numbers_of, text_of
from watchbill.interfaces.web.pages.attainment import EXPORT_BATCH, ROWS, csv_response, nothing_yet
from watchbill.interfaces.web.reportslices import Asked, shown_of
from watchbill.interfaces.web.viewmodels.attainment import BreachesPage, BreachLine, ReasonBar
from watchbill.interfaces.web.viewmodels.parts import Link, Option, Pager

MIXTURE_WORDS = "A mixture: no reason is clear"
LEAST = 0.01
"""The smallest share that is told."""

PARTS = {"": "All", "no": "To confirm", "yes": "Confirmed"}
COLUMNS = ("breach", "reference", "subject", "priority", "owner", "queue", "customer", "commitment", "agreement", "cycle",
           "breach_at", "suggested", "confirmed", "note", "confirmed_by", "confirmed_at", "exclusion")  # fmt: skip


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def breaches(request: HttpRequest) -> HttpResponse:
    """Show the breaches, the latest first, and the Pareto of their reasons."""
    return _page(visit_of(request))


def _page(visit: Visit, *, error: InvalidFacts | None = None) -> HttpResponse:
    asked, data = Asked(visit), visit.request.GET
    reason, part = text_of(data, "reason")[:60], text_of(data, "confirmed")
    if part not in PARTS:
        raise InvalidFacts("Breaches are confirmed, yes or no", field="confirmed")
    is_confirmed = {"": None, "no": False, "yes": True}[part]
    kept: dict[str, object] = {"reason": reason, "confirmed": part}
    after = data.get("after", "")
    before = place_of(after)
    rows = breach_page(
        asked.slice, reason=reason, is_confirmed=is_confirmed, before=before, limit=ROWS + 1, by=visit.actor
    )
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    labels = {**code_labels(visit.desk.id, Sort.BREACH), MIXTURE: MIXTURE_WORDS}
    counts = reason_counts(asked.slice, by=visit.actor)
    codes = code_list(visit.desk.id, Sort.BREACH)
    shown_page = BreachesPage(
        head=asked.head(
            "breaches", hidden={"reason": reason, "confirmed": part}, export=asked.href("breaches-export", **kept), **kept
        ),
        parts=[
            Link(label=label, href=asked.href("breaches", reason=reason, confirmed=each), is_current=each == part)
            for each, label in PARTS.items()
        ],
        reasons=_bars(asked, counts, labels, reason, part),
        total=plural(sum(one.total for one in counts), "breach", "breaches"),
        lines=[_line(visit, row, labels) for row in rows[:ROWS]],
        pager=Pager(
            shown=shown_of(rows, limit=ROWS, one="breach", is_first=before is None).replace("breachs", "breaches"),
            first_href=asked.href("breaches", **kept) if before else "",
            next_href=asked.href("breaches", **kept, after=place_shown(last.breach_at, last.id)) if last else "",
        ),
        confirm_href=asked.href("breaches-confirm", **kept, after=after)
        if rows and visit.may(Right.BREACH_CONFIRM)
        else "",
        back=visit.request.get_full_path() if visit.request.method == "GET" else asked.href("breaches", **kept, after=after),
        codes=[Option(value=row.code, label=row.label) for row in codes if row.is_active],
        code_lines=[Option(value=row.code, label=row.label, is_chosen=row.is_active) for row in codes],
        code_href=visit.href("codes-save") if visit.may(Right.POLICY_EDIT) else "",
        note=text_of(visit.request.POST, "note"),
        errors=summary_of(error) if error else None,
        empty=None if rows else nothing_yet(asked, "breaches"),
    )  # fmt: skip
    return frame.page(
        visit.request, "pages/breaches.html", "Breaches", current="attainment", status=422 if error else 200,
        has_errors=error is not None, page=shown_page,
    )  # fmt: skip


def _bars(
    asked: Asked, counts: Sequence[ReasonCount], labels: dict[str, str], reason: str, part: str
) -> list[ReasonBar]:
    total, most = sum(one.total for one in counts), max((one.total for one in counts), default=1)
    bars, so_far = [], 0
    for one in counts:
        so_far += one.total
        label = labels.get(one.code, one.code)
        is_current = one.code == reason
        bars.append(
            ReasonBar(
                label=label,
                href=asked.href("breaches", reason="" if is_current else one.code, confirmed=part),
                total=count(one.total),
                confirmed_w=round(one.confirmed / most * 100, 1),
                suggested_w=round(one.suggested / most * 100, 1),
                cumulated=f"{so_far * 100 // total}%",
                text=f"{label}: {count(one.total)}, of which {count(one.confirmed)} confirmed",
                is_current=is_current,
            )
        )
    return bars


def _line(visit: Visit, row: BreachRow, labels: dict[str, str]) -> BreachLine:
    shares = sorted(row.evidence.get("shares", {}).items(), key=lambda pair: -pair[1])
    named = "" if row.confirmed else row.suggested  # its name stands before its share
    told = [
        percent(share) if code == named else f"{labels.get(code, code)} {percent(share)}"
        for code, share in shares[:3]
        if share >= LEAST
    ]
    may_ask = not row.exclusion and visit.may(Right.EXCLUSION_ASK)
    return BreachLine(
        id=row.id,
        reference=row.reference,
        href=visit.href("case", row.reference),
        subject=row.title,
        priority=row.priority,
        owner=row.owner or "",
        commitment=words.clock(row.name) + (f", number {row.cycle}" if row.cycle > 1 else ""),
        at=moment(row.breach_at, visit.now),
        suggested=labels.get(row.suggested, "") if row.suggested else "No clear reason",
        shares=", ".join(told),
        confirmed=labels.get(row.confirmed, row.confirmed),
        confirmed_by=f"{row.confirmed_by_name}{f': {row.note}' if row.note else ''}" if row.confirmed else "",
        exclusion={"approved": "Excluded", "asked": "Exclusion asked"}.get(row.exclusion, ""),
        ask_href=visit.href("exclusions", case=row.reference, commitment=row.name, cycle=row.cycle) + "#ask"
        if may_ask
        else "",
        is_checked=str(row.id) in visit.request.POST.getlist("breach"),
    )


@require_POST
@requires(Right.BREACH_CONFIRM)
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm the reason of one breach (`one`) or of those that are selected; as suggested when no code is chosen."""
    visit = visit_of(request)
    form = request.POST
    chosen = numbers_of(form, "one", "A breach") or numbers_of(form, "breach", "A breach")
    code = "" if form.get("one") else text_of(form, "code")
    try:
        done = breaches_confirm(
            visit.desk.id, chosen, code=code, note=text_of(form, "note"), by=visit.actor, now=visit.now
        )
    except InvalidFacts as error:
        return _page(visit, error=error)
    left = f"; {plural(len(done.left), 'was', 'were')} left alone: {done.left[0][1]}" if done.left else ""
    frame.toast_add(request, f"{plural(len(done.done), 'reason')} confirmed{left}")
    return HttpResponseRedirect(back_of(request, visit.href("breaches")))


@require_POST
@requires(Right.POLICY_EDIT)
def codes_save(request: HttpRequest) -> HttpResponse:
    """Add a code of the desk's own, call one otherwise, or put it out of use."""
    visit = visit_of(request)
    form = request.POST
    sort = text_of(form, "sort")
    if sort not in set(Sort):
        raise InvalidFacts("A code is for a breach or an exclusion", field="sort")
    code, label = text_of(form, "code"), text_of(form, "label")
    is_active = text_of(form, "use") != "no"
    code_save(visit.desk.id, Sort(sort), code, label=label, is_active=is_active, by=visit.actor, now=visit.now)
    frame.toast_add(request, f"Code “{label}” saved")
    return HttpResponseRedirect(back_of(request, visit.href("breaches")))


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def breaches_export(request: HttpRequest) -> StreamingHttpResponse:
    """Send the whole list as CSV."""
    visit = visit_of(request)
    asked, data = Asked(visit), request.GET
    wanted, reason = asked.slice, text_of(data, "reason")[:60]
    is_confirmed = {"no": False, "yes": True}.get(text_of(data, "confirmed"))

    def rows() -> Iterator[list[object]]:
        before = None
        while found := breach_page(
            wanted, reason=reason, is_confirmed=is_confirmed, before=before, limit=EXPORT_BATCH, by=visit.actor
        ):
            for row in found:
                yield [
                    shown(BREACH, row.id), row.reference, row.title, f"P{row.priority}", row.owner, row.queue, row.customer,
                    row.name, row.agreement, row.cycle, row.breach_at, row.suggested, row.confirmed, row.note,
                    row.confirmed_by_name, row.confirmed_at, row.exclusion,
                ]  # fmt: skip
            before = (found[-1].breach_at, found[-1].id)

    return csv_response(visit, "breaches", COLUMNS, rows())


urls = [
    path("attainment/breaches/", breaches, name="breaches"),
    path("attainment/breaches/confirm/", confirm, name="breaches-confirm"),
    path("attainment/breaches/export.csv", breaches_export, name="breaches-export"),
    path("attainment/codes/", codes_save, name="codes-save"),
]
