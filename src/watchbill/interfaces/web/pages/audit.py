"""The audit trail: who did what to what, before and after; whether it is sealed; checked and exported by who may."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.core.seals import Verified
from watchbill.apps.core.trail import SealState
from watchbill.apps.customers.queries import customers_of, sites_of
from watchbill.apps.people.queries import person_names, skill_list, team_list
from watchbill.apps.people.rights import Right, may
from watchbill.apps.work.queues import queue_names
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import ActorKind
from watchbill.flows import audit as flow
from watchbill.flows.trail import ITEM, Part, TrailFilter, TrailKey, TrailRow, seal_states, trail_page
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formats import count, day_and_year, iso, moment, plural, time_of_day, time_to_second
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import page
from watchbill.interfaces.web.trailwords import (
    OBJECTS,
    SETTINGS_ACTS,
    WORK_ACTS,
    Names,
    act_words,
    changes_of,
    is_person,
    object_words,
    raw_of,
)
from watchbill.interfaces.web.viewmodels.audit import AuditPage, SealLine, TrailLine
from watchbill.interfaces.web.viewmodels.parts import Empty, Link, Option, Pager

ROWS = 50
PARTS = {Part.ALL: "Everything", Part.WORK: "Work", Part.SETTINGS: "Settings and access"}
STREAM_WORDS = {"work": "Work events", "audit": "Settings and access"}
LATE = timedelta(minutes=1)
"""From here on the instant of recording is told beside desk time."""


@never_cache
@require_safe
@requires(Right.AUDIT_VIEW)
def audit(request: HttpRequest) -> HttpResponse:
    """Show the trail, newest first."""
    visit = visit_of(request)
    return page(request, "pages/audit.html", "Audit trail", current="audit", page=audit_page(visit))


@never_cache
@require_POST
@requires(Right.AUDIT_EXPORT)
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Check every seal, with the anchors that somebody kept elsewhere, and say what was found."""
    visit = visit_of(request)
    anchors = text_of(request.POST, "anchors").split()
    found = flow.verify(anchors=anchors, by=visit.actor, now=visit.now)
    return page(
        request, "pages/audit.html", "Audit trail", current="audit", page=audit_page(visit, found={v.stream: v for v in found})
    )  # fmt: skip


@never_cache
@require_POST
@requires(Right.AUDIT_EXPORT)
def audit_export(request: HttpRequest) -> FileResponse:
    """Send a stream as a ZIP: its rows as they are sealed, the seals, and the checksums of both files."""
    visit = visit_of(request)
    stream, form = text_of(request.POST, "stream"), text_of(request.POST, "form")
    if form not in set(flow.Format):
        raise InvalidFacts(f"An export is written as {' or '.join(flow.Format)}", field="form")
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        _archive(file, visit, stream, flow.Format(form))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    name = f"watchbill-{stream}-{iso(visit.wall_now)[:10]}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


def _archive(file: IO[bytes], visit: Visit, stream: str, form: flow.Format) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        name = f"{stream}.{form}"
        with archive.open(name, "w", force_zip64=True) as rows:
            exported = flow.export(stream, rows, form=form, by=visit.actor, now=visit.now)
        seals = "".join(f"{json.dumps(seal)}\n" for seal in flow.seals_of(stream, by=visit.actor))
        archive.writestr("seals.jsonl", seals)
        archive.writestr("SHA256SUMS", f"{exported.sha256}  {name}\n")


def _filter_of(visit: Visit) -> TrailFilter:
    asked = visit.request.GET
    part = asked.get("part", "")
    return TrailFilter(
        desk_id=None if asked.get("scope") == "all" else visit.desk.id,
        part=Part(part) if part in set(Part) else Part.ALL,
        actor=text_of(asked, "actor")[:200],
        action=text_of(asked, "action")[:60],
        kind=text_of(asked, "kind")[:60],
        ref=text_of(asked, "ref")[:200],
    )


def audit_page(visit: Visit, *, found: dict[str, Verified] | None = None) -> AuditPage:
    """Return the page; the number of queries does not depend on the number of events."""
    wanted = _filter_of(visit)
    key = TrailKey.parse(visit.request.GET.get("after", ""))
    trail = trail_page(wanted, key=key, limit=ROWS, by=visit.actor)
    scope = "all" if wanted.desk_id is None else ""
    asked = {"actor": wanted.actor, "action": wanted.action, "kind": wanted.kind, "ref": wanted.ref}
    part = "" if wanted.part is Part.ALL else wanted.part.value
    is_first = not visit.request.GET.get("after")

    def href(**changes: object) -> str:
        return visit.href("audit", **{**asked, "part": part, "scope": scope, **changes})

    may_export = may(visit.actor, Right.AUDIT_EXPORT, None)
    next_href = href(after=str(trail.next_key)) if trail.next_key else ""
    looked = (
        f"among those recorded since {day_and_year(trail.looked_to)} {time_of_day(trail.looked_to)} UTC"
        if trail.looked_to
        else ""
    )
    return AuditPage(
        scope="All desks" if scope else visit.desk.label,
        lines=_lines(visit, trail.rows, has_desk=bool(scope)),
        parts=[
            Link(label=label, href=href(part="" if each is Part.ALL else each.value), is_current=each is wanted.part)
            for each, label in PARTS.items()
        ],
        scopes=[
            Link(label="This desk", href=href(scope=""), is_current=not scope),
            Link(label="All that I may see", href=href(scope="all"), is_current=bool(scope)),
        ],
        hidden=[(name, value) for name, value in (("desk", visit.desk.slug), ("part", part), ("scope", scope)) if value],
        actor=wanted.actor,
        actions=_options({**WORK_ACTS, **SETTINGS_ACTS}, wanted.action),
        kinds=_options(OBJECTS, wanted.kind),
        ref=wanted.ref,
        is_filtered=any(asked.values()),
        clear_href=visit.href("audit", part=part, scope=scope),
        seals=[_seal(visit, state, (found or {}).get(state.stream)) for state in seal_states(by=visit.actor)],
        verify_href=visit.href("audit-verify") if may_export else "",
        export_href=visit.href("audit-export") if may_export else "",
        pager=Pager(
            shown=plural(len(trail.rows), "event") + (", the latest first" if is_first else ", further back")
            + (f", {looked}" if looked else ""),
            first_href="" if is_first else href(),
            next_href=next_href,
        ),
        empty=None if trail.rows else Empty(
            title="Nothing matches", text=f"No event fits these filters{f' {looked}' if looked else ''}.",
            actions=[
                *([Link(label="Look further back", href=next_href)] if next_href else []),
                Link(label="Show everything", href=visit.href("audit")),
            ],
        ),
    )  # fmt: skip


def _options(known: dict[str, str], chosen: str) -> list[Option]:
    return [
        Option(value=value, label=label[:1].upper() + label[1:], is_chosen=value == chosen)
        for value, label in sorted(known.items(), key=lambda pair: pair[1].lower())
    ]


def _lines(visit: Visit, rows: Sequence[TrailRow], *, has_desk: bool) -> list[TrailLine]:
    names = _names(visit, rows)
    desks: dict[int | None, str] = {desk.id: desk.label for desk in visit.desks}
    case_href = visit.hrefs("case", "CASE-0")
    lines = []
    for row in rows:
        changes, more = changes_of(row, names)
        lines.append(
            TrailLine(
                at=row.at,
                shown=f"{moment(row.at, visit.now)}",
                recorded=_recorded(row),
                actor=row.actor_name,
                actor_href=visit.href("audit", actor=row.actor_name, scope="all" if has_desk else ""),
                is_machine=row.actor_kind in {ActorKind.SYSTEM, ActorKind.ROBOT},
                act=act_words(row),
                object_name=object_words(row),
                object_href=case_href(row.object_ref) if row.object_kind == ITEM else _object_href(visit, row),
                desk=desks.get(row.desk_id, "no desk") if has_desk else "",
                changes=changes,
                more=more,
                reason=row.reason,
                raw=raw_of(row),
            )
        )
    return lines


def _recorded(row: TrailRow) -> str:
    """Return the machine's time of recording, when it differs from desk time."""
    if abs(row.recorded_at - row.at) < LATE:
        return ""
    return f"recorded {day_and_year(row.recorded_at)} {time_to_second(row.recorded_at)} UTC"


def _object_href(visit: Visit, row: TrailRow) -> str:
    if not row.object_ref:
        return ""
    return visit.href("audit", kind=row.object_kind, ref=row.object_ref)


def _names(visit: Visit, rows: Sequence[TrailRow]) -> Names:
    """Return the names that the rows speak of: six queries."""
    bodies = [body for row in rows for body in (row.before or {}, row.after or {})]
    people: set[int] = set().union(*(_people(body) for body in bodies))
    customers, sites = (
        {key for body in bodies if isinstance(key := body.get(name), int)} for name in ("customer_id", "site_id")
    )
    desk_id = visit.desk.id
    return Names(
        person_id=person_names(sorted(people)),
        queue_id=queue_names(desk_id, by=visit.actor),
        team_id={team["id"]: team["name"] for team in team_list(desk_id, by=visit.actor)},
        skill_id={skill["id"]: skill["name"] for skill in skill_list(desk_id, by=visit.actor)},
        customer_id={key: one.name for key, one in customers_of(sorted(customers)).items()},
        site_id={key: one.name for key, one in sites_of(sites).items()},
    )


def _people(body: Mapping[str, Any]) -> set[int]:
    """Return the keys of people in a body, those in tables inside it too."""
    found: set[int] = set()
    for name, value in body.items():
        if isinstance(value, dict):
            found |= _people(value)
        elif is_person(name):
            found |= {key for key in (value if isinstance(value, list) else [value]) if isinstance(key, int)}
    return found


def _seal(visit: Visit, state: SealState, verified: Verified | None) -> SealLine:
    title = STREAM_WORDS[state.stream]
    waiting = state.newest_id - state.sealed_id
    if state.sealed_at is None:
        said = f"not sealed yet; {plural(waiting, 'row')} waiting"
    else:
        sealed = f"sealed {moment(state.sealed_at, visit.wall_now)} UTC up to row {count(state.sealed_id)}"
        said = f"{sealed}, {plural(state.seals, 'seal')}; " + (
            f"{count(waiting)} newer" if waiting else "nothing newer"
        )
    if verified is None:
        return SealLine(title=title, state=said)
    if verified.bad is not None:
        bad = verified.bad
        found = f"Rows {count(bad.first_id)} to {count(bad.last_id)} are not as they were sealed: {bad.why}"
        return SealLine(title=title, state=said, found=found, is_bad=True)
    good = f"{plural(verified.rows, 'row')} under {plural(verified.seals, 'seal')} are as they were sealed"
    return SealLine(title=title, state=said, found=good, anchor=verified.anchor)


urls = [
    path("audit/", audit, name="audit"),
    path("audit/verify/", audit_verify, name="audit-verify"),
    path("audit/export/", audit_export, name="audit-export"),
]
