"""Imports of history: how they went, the rows that were not taken and why, and what was inferred from what was."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchbill.apps.core.references import IMPORT, shown
from watchbill.apps.inbox.queries import ImportRow, held_count, import_get, import_list, rejects_all, rejects_page
from watchbill.apps.people.evidence import Known, known_counts
from watchbill.apps.people.rights import Right
from watchbill.apps.shifts.queries import hours_known
from watchbill.flows.audit import cell
from watchbill.flows.intake.apply import BATCH_ITEMS
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formats import count, day_and_year, duration, moment, plural, time_of_day
from watchbill.interfaces.web.forms import number_of
from watchbill.interfaces.web.frame import page
from watchbill.interfaces.web.viewmodels.imports import ImportLine, ImportPage, ImportsPage, Inference, RejectLine
from watchbill.interfaces.web.viewmodels.parts import Alarm, Chip, Empty, Pager

ROWS = 100
RUNNING = {"staging": "Reading", "applying": "Applying"}
ENDED = {"done": "Done", "stopped": "Stopped"}
LOOKS = {"stopped": "crit", "staging": "accent", "applying": "accent"}
COMMAND = "watchbill import FILE --profile servicenow-incidents --desk {desk}"


@never_cache
@require_safe
@requires(Right.IMPORT_VIEW)
def imports(request: HttpRequest) -> HttpResponse:
    """List the imports into a desk, the latest first."""
    return page(request, "pages/imports.html", "Imports", current="imports", page=imports_page(visit_of(request)))


def imports_page(visit: Visit) -> ImportsPage:
    """Return the list; the number of queries depends neither on imports nor on their rows."""
    rows = import_list(visit.desk.id, by=visit.actor)
    lines = [_line(visit, row) for row in rows]
    held = held_count(visit.desk.id)
    return ImportsPage(
        lines=lines,
        inferences=_inferences(visit) if visit.may(Right.PEOPLE_VIEW) and rows else [],
        held=f"{plural(held, 'event')} of the log still lie ahead of the desk's clock." if held else "",
        note=visit.desk.note,
        is_running=any(line.is_running for line in lines),
        live_href=visit.href("imports"),
        empty=None if rows else Empty(
            title="Nothing has been imported into this desk",
            text="An import reads the history of another system from a CSV file, on the machine where Watchbill runs:",
        ),
        command=COMMAND.format(desk=visit.desk.slug),
    )  # fmt: skip


def _line(visit: Visit, row: ImportRow) -> ImportLine:
    is_running = row.status in RUNNING
    share = row.read_share
    if row.status == "applying":
        share = min(row.batches * BATCH_ITEMS / row.items, 1.0) if row.items else 1.0
    return ImportLine(
        name=shown(IMPORT, row.id) or "",
        href=visit.href("import", row.id),
        file=row.file_name,
        status=Chip(label={**RUNNING, **ENDED}.get(row.status, row.status), look=LOOKS.get(row.status, "")),
        is_running=is_running,
        share=share,
        read=row.rows_read,
        accepted=row.rows_accepted,
        accepted_width=round(row.rows_accepted / row.rows_read * 100, 2) if row.rows_read else 0,
        rejected=row.rows_rejected,
        items=row.items,
        when=f"{day_and_year(row.recorded_at)} {time_of_day(row.recorded_at)}",
    )


def _inferences(visit: Visit) -> list[Inference]:
    """Say what is known about people and how: three queries."""
    known = known_counts(visit.desk.id, by=visit.actor)
    hours = hours_known(visit.desk.id)
    people_href = visit.href("people")
    own, team, hand = (hours.get(how, 0) for how in ("own", "team", "confirmed"))
    return [
        Inference(title="Teams", text=_known(known["teams"], "membership"), href=people_href),
        Inference(title="Skills", text=_known(known["skills"], "skill"), href=people_href),
        Inference(
            title="Usual hours",
            text=f"{plural(own, 'person', 'people')} by what they did, {count(team)} by their team's hours,"
            f" {count(hand)} set by hand",
            href=people_href,
        ),
    ]


def _known(known: Known, what: str) -> str:
    return (
        f"{plural(known.inferred, what)} of {plural(known.people, 'person', 'people')} inferred,"
        f" {count(known.confirmed)} set by hand"
    )


@never_cache
@require_safe
@requires(Right.IMPORT_VIEW)
def import_one(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show one import with its rejected rows."""
    visit = visit_of(request)
    row = import_get(import_id, by=visit.actor)
    visit.be_on(row.desk_id)
    shown_page = import_page(visit, row)
    return page(request, "pages/import.html", shown_page.name, current="imports", page=shown_page)


def import_page(visit: Visit, row: ImportRow) -> ImportPage:
    """Return one import: its rows reconcile as read = accepted + rejected."""
    after = number_of(visit.request.GET, "after", "The line") or 0
    found = rejects_page(row.id, after_line=after, limit=ROWS + 1, by=visit.actor)
    listed = found[:ROWS]
    line = _line(visit, row)
    return ImportPage(
        name=line.name,
        back_href=visit.href("imports"),
        line=line,
        message=row.message,
        alarm=Alarm.CRIT if row.status == "stopped" else Alarm.NONE,
        live_href=visit.href("import", row.id) if line.is_running else "",
        numbers=[
            ("rows read", count(row.rows_read)), ("accepted", count(row.rows_accepted)),
            ("rejected", count(row.rows_rejected)), ("items in the file", count(row.items)),
            ("items new here", count(row.items_added)), ("events", count(row.events)),
            ("events new here", count(row.events_added)), ("events held back", count(row.events_held)),
            ("people named", count(row.people)),
        ],
        facts=_facts(visit, row),
        rejects=[RejectLine(**reject) for reject in listed],
        rejects_href=visit.href("import-rejects", row.id) if row.rows_rejected else "",
        pager=Pager(
            shown=f"{plural(len(listed), 'row')} of {count(row.rows_rejected)}, by line",
            first_href=visit.href("import", row.id) if after else "",
            next_href=visit.href("import", row.id, after=listed[-1]["line"]) if len(found) > ROWS else "",
        ) if listed else None,
    )  # fmt: skip


def _facts(visit: Visit, row: ImportRow) -> list[tuple[str, str]]:
    def at(instant: datetime | None) -> str:
        return f"{day_and_year(instant)} {time_of_day(instant)} UTC" if instant else "not known yet"

    facts = [
        ("File", f"{row.file_name}, {count(row.file_size)} bytes"),
        ("SHA-256", row.sha256),
        ("Profile", row.profile),
        ("First instant", at(row.first_at)),
        ("Last instant", at(row.last_at)),
        ("Started", f"{at(row.recorded_at)} by {row.by_name}"),
    ]
    if row.finished_recorded_at is not None:
        took = (row.finished_recorded_at - row.recorded_at).total_seconds()
        facts.append(("Finished", f"{moment(row.finished_recorded_at, visit.wall_now)} UTC, after {duration(took)}"))
    if row.peak_rss_mb:
        facts.append(("Memory", f"{row.peak_rss_mb:.0f} MB at most"))
    if row.shift_weeks:
        facts.append(("Dates", f"moved by {plural(row.shift_weeks, 'week')}; the true ones are kept in the events"))
    if row.hold_after is not None:
        facts.append(("Held back", f"what comes after {at(row.hold_after)}, until its time comes"))
    return facts


class _Echo:
    """A file for the csv module that hands back what is written."""

    def write(self, text: str) -> str:
        return text


@require_safe
@requires(Right.IMPORT_VIEW)
def import_rejects(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    """Send the rejected rows as CSV, a few at a time; formulas are defused."""
    visit = visit_of(request)
    row = import_get(import_id, by=visit.actor)
    visit.be_on(row.desk_id)
    writer = csv.writer(_Echo(), lineterminator="\r\n")

    def lines() -> Iterator[str]:
        yield writer.writerow(("line", "column", "value", "expected"))
        for reject in rejects_all(row.id):
            yield writer.writerow([cell(value) for value in reject])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="IMP-{row.id}-rejected.csv"'
    return response


urls = [
    path("imports/", imports, name="imports"),
    path("imports/<int:import_id>/", import_one, name="import"),
    path("imports/<int:import_id>/rejects.csv", import_rejects, name="import-rejects"),
]
