"""Imports of history: a file sent to be imported, how they went, the rows that were not taken and why, and what was inferred from what was."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.core.references import IMPORT, shown
from watchbill.apps.inbox.queries import ImportRow, held_count, import_get, import_list, rejects_all, rejects_page
from watchbill.apps.people.evidence import Known, known_counts
from watchbill.apps.people.rights import Right, may
from watchbill.apps.shifts.queries import hours_known
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows.audit import cell
from watchbill.flows.intake.apply import BATCH_ITEMS
from watchbill.flows.intake.infer import infer
from watchbill.flows.intake.profiles import LoadedProfile, profile_load, profile_names
from watchbill.flows.intake.upload import upload_take
from watchbill.interfaces.web.access import DESK_KEY, Visit, requires, visit_of
from watchbill.interfaces.web.formats import count, day_and_year, duration, moment, plural, time_of_day
from watchbill.interfaces.web.forms import number_of, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.uploads import file_of
from watchbill.interfaces.web.viewmodels.imports import ImportLine, ImportPage, ImportsPage, Inference, RejectLine
from watchbill.interfaces.web.viewmodels.parts import Alarm, Chip, Empty, Field, Option, Pager
from watchbill.interfaces.web.viewmodels.people import Form

ROWS = 100
NEW = "new"
RUNNING = {"waiting": "Waiting", "staging": "Reading", "applying": "Applying"}
INTERRUPTED = "interrupted"
ENDED = {"done": "Done", "stopped": "Stopped", INTERRUPTED: "Interrupted"}
LOOKS = {"stopped": "crit", INTERRUPTED: "warn", "waiting": "accent", "staging": "accent", "applying": "accent"}
COMMAND = "watchbill import FILE --profile servicenow-incidents --desk {desk}"


@never_cache
@require_safe
@requires(Right.IMPORT_VIEW)
def imports(request: HttpRequest) -> HttpResponse:
    """List the imports into a desk, the latest first."""
    return _show(request)


def _show(request: HttpRequest, *, sent: Sent | None = None) -> HttpResponse:
    shown_page = imports_page(visit_of(request), sent=sent)
    return page(
        request, "pages/imports.html", "Imports", current="imports", status=422 if sent else 200,
        has_errors=sent is not None, page=shown_page,
    )  # fmt: skip


def imports_page(visit: Visit, *, sent: Sent | None = None) -> ImportsPage:
    """Return the list; the number of queries depends neither on imports nor on their rows."""
    rows = import_list(visit.desk.id, by=visit.actor)
    lines = [_line(visit, row) for row in rows]
    held = held_count(visit.desk.id)
    is_open = visit.desk.closed_at is None
    return ImportsPage(
        lines=lines,
        inferences=_inferences(visit) if visit.may(Right.PEOPLE_VIEW) and rows and not visit.desk.is_generated else [],
        held=f"{plural(held, 'event')} of the log still lie ahead of the desk's clock." if held else "",
        note=visit.desk.note,
        is_running=any(line.is_running for line in lines),
        live_href=visit.href("imports"),
        empty=None if rows else Empty(
            title="Nothing has been imported into this desk",
            text="An import reads the history of another system from a CSV file: send one here, or import it on the"
            " machine where Watchbill runs:" if is_open else "It takes none while it is closed.",
        ),
        form=_new_form(visit, sent, before=rows[0].profile if rows else "") if is_open and visit.may(Right.IMPORT_RUN) else None,
        errors=summary_of(sent, NEW),
        infer_href=visit.href("imports-infer") if visit.may(Right.PEOPLE_EDIT) else "",
        command=COMMAND.format(desk=visit.desk.slug) if is_open else "",
    )  # fmt: skip


def _new_form(visit: Visit, sent: Sent | None, *, before: str) -> Form:
    """The form for the next file; *before*: the profile of the last one, which is chosen until somebody chooses."""
    desks = [desk for desk in visit.desks if desk.closed_at is None and may(visit.actor, Right.IMPORT_RUN, desk.id)]
    chosen = value_of(sent, NEW, "profile") or before
    profiles = [
        Option(value=name, label=f"{profile_load(name).profile.title} ({name})", is_chosen=name == chosen)
        for name in profile_names()
    ]
    desk = [Option(value=each.slug, label=each.label, is_chosen=each.id == visit.desk.id) for each in desks]
    return Form(
        name=NEW,
        title="Import a file",
        action_href=visit.href("import-new"),
        submit="Import",
        is_open=sent is not None,
        fields=[
            Field(
                name="file", label="File", kind="file", is_required=True, error=message_of(sent, NEW, "file"),
                hint=f"CSV, plain, in gzip or zip; up to {count(settings.UPLOAD_MB)} MB",
            ),
            Field(
                name="profile", label="Profile", kind="select", options=profiles, hint="How the file is read",
                error=message_of(sent, NEW, "profile"),
            ),
            *([Field(name=DESK_KEY, label="Desk", kind="select", options=desk, hint="Where it goes")]
              if len(desk) > 1 else []),
        ],
    )  # fmt: skip


@require_POST
@requires(Right.IMPORT_RUN)
def import_new(request: HttpRequest) -> HttpResponse:
    """Take a file; the worker imports it, and its page shows how far that is."""
    visit = visit_of(request)
    desk = _desk_sent(visit)
    try:
        file = file_of(request)
        taken = upload_take(
            cast("BinaryIO", file), name=file.name or "", size=file.size or 0, loaded=_profile(request),
            desk_id=desk, by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        return _show(request, sent=Sent.refused(NEW, request.POST, error))
    except Conflict as error:
        return _show(request, sent=Sent.refused(NEW, request.POST, InvalidFacts(error.message)))
    toast_add(
        request,
        "This file was imported before, by the same profile: nothing changes"
        if taken.is_repeat else "The file has arrived and is imported in the background",
    )  # fmt: skip
    return HttpResponseRedirect(visit.href("import", taken.import_id))


def _profile(request: HttpRequest) -> LoadedProfile:
    name = text_of(request.POST, "profile")
    if name not in profile_names():  # never a path: that is for commands
        raise InvalidFacts("Choose a profile of the list", field="profile")
    return profile_load(name)


def _desk_sent(visit: Visit) -> int:
    """Return the desk that the form names, which may be another than the page's."""
    slug = text_of(visit.request.POST, DESK_KEY)
    found = next((desk for desk in visit.desks if desk.slug == slug), None) if slug else visit.desk
    if found is None:
        raise NotFound("There is no such desk, or you may not see it")
    return visit.be_on(found.id).id


@require_POST
@requires(Right.PEOPLE_EDIT)
def imports_infer(request: HttpRequest) -> HttpResponse:
    """Infer teams, skills and usual hours again; what was set by hand stays."""
    visit = visit_of(request)
    found = infer(visit.desk.id, by=visit.actor, now=visit.now)
    toast_add(
        request,
        f"{plural(found.memberships, 'membership')}, {plural(found.skills, 'skill')} and the hours of"
        f" {plural(found.people_own_hours + found.people_team_hours, 'person', 'people')} inferred",
    )
    return HttpResponseRedirect(visit.href("imports"))


def _line(visit: Visit, row: ImportRow) -> ImportLine:
    is_running = row.status in RUNNING and (row.is_kept or not row.is_interrupted)
    status = INTERRUPTED if row.is_interrupted else row.status
    share = row.read_share
    if row.status == "applying":
        share = min(row.batches * BATCH_ITEMS / row.items, 1.0) if row.items else 1.0
    return ImportLine(
        name=shown(IMPORT, row.id) or "",
        href=visit.href("import", row.id),
        file=row.file_name,
        status=Chip(label={**RUNNING, **ENDED}.get(status, status), look=LOOKS.get(status, "")),
        is_running=is_running,
        share=share,
        read=row.rows_read,
        accepted=row.rows_accepted,
        accepted_width=round(row.rows_accepted / row.rows_read * 100, 2) if row.rows_read else 0,
        rejected=row.rows_rejected,
        items=row.items,
        when=f"{day_and_year(row.recorded_at)} {time_of_day(row.recorded_at)}",
        note=row.message if row.is_interrupted else "",
    )


def _inferences(visit: Visit) -> list[Inference]:
    """Say what is known about people and how: three queries."""
    known = known_counts(visit.desk.id, by=visit.actor)
    hours = hours_known(visit.desk.id)
    people_href = visit.href("people")
    own, team, desk, hand = (hours.get(how, 0) for how in ("own", "team", "desk", "confirmed"))
    return [
        Inference(title="Teams", text=_known(known["teams"], "membership"), href=people_href),
        Inference(title="Skills", text=_known(known["skills"], "skill"), href=people_href),
        Inference(
            title="Usual hours",
            text=f"{plural(own, 'person', 'people')} by what they did, {count(team + desk)} by their team's or the desk's hours,"
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
    path("imports/new/", import_new, name="import-new"),
    path("imports/infer/", imports_infer, name="imports-infer"),
    path("imports/<int:import_id>/", import_one, name="import"),
    path("imports/<int:import_id>/rejects.csv", import_rejects, name="import-rejects"),
]
