"""Attainment: what was promised and kept, by any slice, with how sure one can be of it; and the rows behind each number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchbill.apps.people.rights import Right
from watchbill.apps.reports.attainment import (
    Attained,
    CommitmentRow,
    attainment,
    commitment_counts,
    commitment_page,
    summed,
)
from watchbill.apps.reports.choices import By, Result, Sort
from watchbill.apps.reports.codes import code_labels
from watchbill.apps.reports.slices import NOBODY, place_of, place_shown
from watchbill.engine.base.errors import InvalidFacts
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.exports import csv_lines
from watchbill.interfaces.web.formats import count, duration, moment, plural
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import page
from watchbill.interfaces.web.reportslices import Asked, rate
from watchbill.interfaces.web.viewmodels.attainment import AttainedLine, AttainmentPage, CommitmentLine, CommitmentsPage
from watchbill.interfaces.web.viewmodels.parts import Empty, Link, Pager
from watchbill.interfaces.web.whiskers import whiskers

ROWS = 50
LINES = 200
"""Slices in the table; the export has all."""

EXPORT_BATCH = 1000

BY_WORDS = {
    By.COMMITMENT: "Commitment", By.AGREEMENT: "Agreement", By.PRIORITY: "Priority", By.QUEUE: "Queue", By.TEAM: "Team",
    By.OWNER: "Owner", By.CUSTOMER: "Customer", By.WEEK: "Week", By.MONTH: "Month",
}  # fmt: skip
RESULT_WORDS = {
    Result.DECIDED: "Decided", Result.MET: "Met", Result.MISSED: "Missed", Result.EXCLUDED: "Excluded",
    Result.BROKEN: "Open and broken",
}  # fmt: skip
STATUS_WORDS = {"met": "Met", "missed": "Missed", "running": "Open", "paused": "Open, paused"}
COLUMNS = ("slice", "met", "missed", "share", "low", "high", "excluded", "met_with_excluded", "missed_with_excluded",
           "share_with_excluded", "open_broken")  # fmt: skip
ITEM_COLUMNS = ("reference", "subject", "priority", "owner", "queue", "customer", "commitment", "agreement", "cycle", "result",
                "target_s", "elapsed_s", "at", "reason", "is_confirmed", "exclusion")  # fmt: skip
FILTERS = {By.COMMITMENT: "commitment", By.AGREEMENT: "agreement", By.PRIORITY: "priority", By.QUEUE: "queue",
           By.TEAM: "team", By.OWNER: "owner", By.CUSTOMER: "customer"}  # fmt: skip
BY_SIZE = frozenset({By.QUEUE, By.TEAM, By.OWNER, By.CUSTOMER})
"""Slices of which there may be many: those with the most missed first."""


def by_of(visit: Visit) -> By:
    """Return what the address divides by."""
    name = text_of(visit.request.GET, "by") or By.COMMITMENT.value
    if name not in set(By):
        raise InvalidFacts(f"Attainment is divided by {', '.join(By)}", field="by")
    return By(name)


def rows_of(visit: Visit, asked: Asked, dividing: By) -> list[Attained]:
    """Return the slices in the order of the page."""
    rows = attainment(asked.slice, dividing, by=visit.actor, now=visit.now)
    rows = [replace(row, label=label_of(row, dividing)) for row in rows]
    return sorted(rows, key=lambda row: row.counted.hits - row.counted.total) if dividing in BY_SIZE else rows


def label_of(row: Attained, dividing: By) -> str:
    """Return what a slice is called: weeks by their Monday, months by their name."""
    if isinstance(row.key, date):
        return f"{row.key:%b %Y}" if dividing is By.MONTH else f"{row.key.day} {row.key:%b %Y}"
    if dividing is By.COMMITMENT:
        return words.clock(row.label)
    return words.AGREEMENT[row.label] if dividing is By.AGREEMENT else words.capital(row.label)


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def attained(request: HttpRequest) -> HttpResponse:
    """Show attainment by one slice."""
    visit = visit_of(request)
    asked, dividing = Asked(visit), by_of(visit)
    rows = rows_of(visit, asked, dividing)
    total = summed(rows)
    lines = [_line(asked, row, _changes(asked, dividing, row)) for row in rows[:LINES]]
    what = BY_WORDS.get(dividing, dividing.value).lower()
    shown = AttainmentPage(
        head=asked.head(
            "attainment", hidden={"by": dividing.value}, export=asked.href("attainment-export", by=dividing.value),
            by=dividing.value,
        ),
        dividing=[
            Link(label=label, href=asked.href("attainment", by=one.value), is_current=one is dividing)
            for one, label in BY_WORDS.items()
        ],
        what=what,
        total=_line(asked, total, {}) if rows else None,
        lines=lines,
        chart=whiskers(rows, [_line.href for _line in lines] + [""] * (len(rows) - len(lines)),
                       all_share=total.counted.share, what=what),
        more=f"The {LINES} with the most missed of {count(len(rows))}; the export has all." if len(rows) > LINES else "",
        empty=None if rows else nothing_yet(asked, "attainment"),
    )  # fmt: skip
    return page(request, "pages/attainment.html", "Attainment", current="attainment", page=shown)


def nothing_yet(asked: Asked, name: str) -> Empty:
    """Return what to say when there is nothing in the period."""
    return Empty(
        title="Nothing in this period",
        text="A commitment counts from the instant at which it was met or missed. Those of an import count in its own time.",
        actions=[
            Link(label="All time", href=asked.href(name, period="all", since="", until="")),
            Link(label="Without filters", href=asked.visit.href(name, period="all")),
        ],
    )


def _changes(asked: Asked, dividing: By, row: Attained) -> dict[str, object]:
    """Return what narrows the filter to one slice: of a week or month, what lies in the period asked for."""
    if isinstance(row.key, date):
        month_on = (row.key.replace(day=28) + timedelta(days=4)).replace(day=1)
        ends_on = row.key + timedelta(days=7) if dividing is By.WEEK else month_on
        since, until = asked.day("since"), asked.day("until")
        return {
            "since": max(row.key, since.date() if since else row.key).isoformat(),
            "until": min(ends_on, until.date() if until else ends_on).isoformat(),
            "period": asked.period,
        }
    return {FILTERS[dividing]: NOBODY if row.key is None else row.key}


def _line(asked: Asked, row: Attained, narrowed: dict[str, object]) -> AttainedLine:
    def href(result: Result, **more: object) -> str:
        return asked.href("attained", **narrowed, result=result.value, **more)

    counted, missed = row.counted, row.counted.total - row.counted.hits
    return AttainedLine(
        label=row.label,
        href=href(Result.DECIDED, excluded="no"),
        met=count(counted.hits),
        met_href=href(Result.MET, excluded="no"),
        missed=count(missed),
        missed_href=href(Result.MISSED, excluded="no"),
        counted=rate(counted, href=href(Result.DECIDED, excluded="no")),
        all=rate(row.all, href=href(Result.DECIDED)),
        excluded=count(row.excluded),
        excluded_href=href(Result.EXCLUDED),
        broken=count(row.broken),
        broken_href=href(Result.BROKEN),
    )


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def attainment_export(request: HttpRequest) -> StreamingHttpResponse:
    """Send the slices as CSV."""
    visit = visit_of(request)
    asked, dividing = Asked(visit), by_of(visit)
    rows = rows_of(visit, asked, dividing)
    return csv_response(visit, "attainment", COLUMNS, (_cells(row) for row in rows))


def csv_response(
    visit: Visit, name: str, columns: tuple[str, ...], rows: Iterator[list[object]]
) -> StreamingHttpResponse:
    """Return a file for a spreadsheet."""
    response = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="watchbill-{visit.desk.slug}-{name}.csv"'
    return response


def _cells(row: Attained) -> list[object]:
    low, high = row.counted.interval
    return [
        row.label, row.counted.hits, row.counted.total - row.counted.hits, row.counted.share, low, high, row.excluded,
        row.all.hits, row.all.total - row.all.hits, row.all.share, row.broken,
    ]  # fmt: skip


def _result_of(visit: Visit) -> tuple[Result, bool]:
    """Return which commitments are asked for, and whether those that are excluded are among them."""
    name = text_of(visit.request.GET, "result") or Result.DECIDED.value
    if name not in set(Result):
        raise InvalidFacts(f"A result is one of {', '.join(Result)}", field="result")
    return Result(name), text_of(visit.request.GET, "excluded") != "no"


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def attained_items(request: HttpRequest) -> HttpResponse:
    """Show the commitments behind a number, the latest first."""
    visit = visit_of(request)
    asked, (result, has_excluded) = Asked(visit), _result_of(visit)
    kept = {"result": result.value, "excluded": "" if has_excluded else "no"}
    before = place_of(visit.request.GET.get("after", ""))
    rows = commitment_page(
        asked.slice, result, has_excluded=has_excluded, before=before, limit=ROWS + 1, by=visit.actor, now=visit.now
    )
    total, skipped = commitment_counts(
        asked.slice, result, has_excluded=has_excluded, before=before, by=visit.actor, now=visit.now
    )
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    labels = code_labels(visit.desk.id, Sort.BREACH)
    shown = CommitmentsPage(
        head=asked.head("attained", hidden=kept, export=asked.href("attained-export", **kept), **kept),
        results=[
            Link(
                label=label,
                href=asked.href("attained", result=one.value, excluded=kept["excluded"]),
                is_current=one is result,
            )
            for one, label in RESULT_WORDS.items()
        ],
        lines=[_item(visit, row, labels) for row in rows[:ROWS]],
        pager=Pager(
            shown=f"{count(skipped + 1)} to {count(skipped + min(len(rows), ROWS))} of {plural(total, 'commitment')},"
            f" {'further back' if before else 'the latest first'}",
            first_href=asked.href("attained", **kept) if before else "",
            next_href=asked.href("attained", **kept, after=place_shown(last.at, last.id)) if last else "",
        ),
        empty=None if rows else nothing_yet(asked, "attainment"),
    )
    return page(request, "pages/attained.html", "Commitments", current="attainment", page=shown)


def _item(visit: Visit, row: CommitmentRow, labels: dict[str, str]) -> CommitmentLine:
    reason = labels.get(row.reason, row.reason)
    return CommitmentLine(
        reference=row.reference,
        href=visit.href("case", row.reference),
        subject=row.title,
        priority=row.priority,
        owner=row.owner or "",
        commitment=words.clock(row.name) + (f", number {row.cycle}" if row.cycle > 1 else ""),
        result=STATUS_WORDS[row.status],
        target=duration(row.target_s),
        elapsed=duration(row.elapsed_s),
        at=moment(row.at, visit.now),
        reason=reason if row.is_confirmed or not reason else f"{reason}?",
        exclusion={"approved": "Excluded", "asked": "Exclusion asked"}.get(row.exclusion, ""),
    )


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def attained_export(request: HttpRequest) -> StreamingHttpResponse:
    """Send the whole list as CSV, read page by page, so that memory stays flat."""
    visit = visit_of(request)
    asked, (result, has_excluded) = Asked(visit), _result_of(visit)
    wanted = asked.slice

    def rows() -> Iterator[list[object]]:
        before = None
        while found := commitment_page(
            wanted, result, has_excluded=has_excluded, before=before, limit=EXPORT_BATCH, by=visit.actor, now=visit.now
        ):
            for row in found:
                yield [
                    row.reference, row.title, f"P{row.priority}", row.owner, row.queue, row.customer, row.name, row.agreement,
                    row.cycle, row.status, row.target_s, row.elapsed_s, row.at, row.reason, row.is_confirmed, row.exclusion,
                ]  # fmt: skip
            before = (found[-1].at, found[-1].id)

    return csv_response(visit, "commitments", ITEM_COLUMNS, rows())


urls = [
    path("attainment/", attained, name="attainment"),
    path("attainment/export.csv", attainment_export, name="attainment-export"),
    path("attainment/items/", attained_items, name="attained"),
    path("attainment/items/export.csv", attained_export, name="attained-export"),
]
