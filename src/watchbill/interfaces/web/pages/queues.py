"""Queues: open, unassigned, oldest; off, advise, autopilot or pull, with guard-rails; and what people made of proposals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.decisions.choices import REFUSAL_WORDS, Refusal
from watchbill.apps.decisions.queries import QueueModeRow, modes_of_desk
from watchbill.apps.decisions.reports import (
    Counts,
    Overrides,
    answers_by_day,
    counts_by_queue,
    override_rates,
)
from watchbill.apps.decisions.services import autopilot_stop, mode_set
from watchbill.apps.people.queries import person_names
from watchbill.apps.people.rights import Right
from watchbill.apps.work.backlog import Age, queue_ages
from watchbill.apps.work.queries import View
from watchbill.apps.work.queues import queue_list, queue_save
from watchbill.engine.assign.rails import LEAST_LOAD, MOST_LOAD, MOST_PER_HOUR, GuardRails, Mode
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.charts import column_chart
from watchbill.interfaces.web.errors import conflict_of
from watchbill.interfaces.web.formats import count, duration, percent, plural
from watchbill.interfaces.web.forms import number_of, required_number, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.queueforms import MODE_HINTS, MODE_WORDS, edit_conflict, edit_form, mode_form
from watchbill.interfaces.web.sent import Sent, summary_of
from watchbill.interfaces.web.viewmodels.charts import Columns
from watchbill.interfaces.web.viewmodels.parts import Empty, Link
from watchbill.interfaces.web.viewmodels.queues import QueueLine, QueuePage, QueuesPage

DAYS = 7
"""Proposals and answers are counted over today and the days before, in the desk's zone."""

KEY = (
    ("accepted", "accepted"), ("applied", "done by autopilot"), ("changed", "changed"), ("refused", "refused"),
    ("undone", "undone"),
)  # fmt: skip
NONE = Counts(proposed=0, open=0, accepted=0, changed=0, refused=0, applied=0, superseded=0, undone=0)
WIDTH = 84.0


# Reading


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def queues(request: HttpRequest) -> HttpResponse:
    """List the queues of a desk."""
    return _show_all(request, visit_of(request))


def _show_all(request: HttpRequest, visit: Visit, *, sent: Sent | None = None, status: int = 200) -> HttpResponse:
    shown = queues_page(visit, sent=sent)
    return page(
        request, "pages/queues.html", "Queues", current="queues", status=status, has_errors=sent is not None, page=shown
    )


def period_of(visit: Visit) -> tuple[datetime, datetime]:
    """Return the period of the reports: from the local midnight six days ago to this moment, end excluded."""
    here = visit.now.astimezone(ZoneInfo(visit.desk.zone))
    first = datetime(here.year, here.month, here.day, tzinfo=here.tzinfo) - timedelta(days=DAYS - 1)
    return first, visit.now + timedelta(seconds=1)


def queues_page(visit: Visit, *, sent: Sent | None = None) -> QueuesPage:
    """Return the list; the number of queries depends neither on queues nor on their work."""
    desk_id = visit.desk.id
    since, until = period_of(visit)
    rows = queue_list(desk_id, by=visit.actor)
    modes, ages = modes_of_desk(desk_id), queue_ages(desk_id, by=visit.actor)
    counts = counts_by_queue(desk_id, since=since, until=until, by=visit.actor)
    overrides = {one.queue_id: one for one in override_rates(desk_id, since=since, until=until, by=visit.actor)}
    most = max([row["open"] for row in rows], default=0) or 1
    lines = [
        _line(
            visit, row, modes.get(row["id"], QueueModeRow()), ages.get(row["id"]), counts.get(row["id"], NONE),
            overrides.get(row["id"]), most,
        )
        for row in sorted(rows, key=lambda row: (not row["is_active"], -row["open"], row["name"]))
    ]  # fmt: skip
    on_autopilot = sum(line.mode == Mode.AUTOPILOT for line in lines)
    may_set = visit.may(Right.AUTOPILOT_SET)
    return QueuesPage(
        summary=f"{plural(len(rows), 'queue')}, {plural(sum(row['open'] for row in rows), 'open case')},"
        f" {count(sum(row['unassigned'] for row in rows))} without an owner",
        period=f"last {DAYS} days",
        lines=lines,
        chart=_chart(visit, None, what="Answers to proposals on this desk"),
        on_autopilot=on_autopilot,
        stop_href=visit.href("queues-stop") if may_set and on_autopilot else "",
        new_form=edit_form(visit, None, sent) if visit.may(Right.QUEUE_EDIT) else None,
        errors=summary_of(sent, sent.form) if sent else None,
        errors_prefix=sent.form if sent else "",
        empty=None if rows else Empty(
            title="No queue yet", text="Queues come with an import, or are made here.",
            actions=[Link(label="Imports", href=visit.href("imports"))] if visit.may(Right.IMPORT_VIEW) else [],
        ),
    )  # fmt: skip


def _line(
    visit: Visit, row: Mapping[str, Any], mode: QueueModeRow, age: Age | None, counts: Counts,
    overrides: Overrides | None, most: int,
) -> QueueLine:  # fmt: skip
    ratio = overrides.override_ratio if overrides else None
    return QueueLine(
        name=row["name"],
        href=visit.href("queue", row["id"]),
        asks=_asks(row),
        open=row["open"],
        open_href=visit.href("cases", queue=row["id"]),
        open_width=round(row["open"] / most * WIDTH, 1),
        unassigned=row["unassigned"],
        unassigned_href=visit.href("cases", queue=row["id"], view=View.UNASSIGNED.value),
        unassigned_width=round(row["unassigned"] / most * WIDTH, 1),
        oldest=duration((visit.now - age.unassigned_at).total_seconds()) if age and age.unassigned_at else "",
        mode=mode.mode.value,
        mode_words=MODE_WORDS[mode.mode],
        rails=_rails_words(mode) if mode.mode is Mode.AUTOPILOT else "",
        proposed=counts.proposed,
        waiting=counts.open,
        taken=counts.accepted + counts.applied,
        against="" if ratio is None or overrides is None else f"{percent(ratio)} of {count(overrides.answered)}",
        is_active=row["is_active"],
    )


def _asks(row: Mapping[str, Any]) -> str:
    parts = [f"team {row['team']}"] if row["team"] else []
    if row["skill"]:
        parts.append(f"{row['skill']} from level {row['skill_level']}")
    return ", ".join(parts)


def _rails_words(row: QueueModeRow, names: Mapping[int, str] | None = None) -> str:
    """Return the guard-rails as one line."""
    ranks = ", ".join(f"P{int(priority)}" for priority in sorted(row.rails.priorities))
    people = sorted(row.rails.people)
    if names is not None and people:
        whom = ", ".join(names.get(person, "") for person in people)
    else:
        whom = plural(len(people), "person", "people") if people else "everybody"
    return f"{ranks}; at most {row.rails.per_hour} an hour; to {whom} with a load up to {row.rails.load_percent} %"


def _chart(visit: Visit, queue_id: int | None, *, what: str) -> Columns:
    since, until = period_of(visit)
    found = answers_by_day(
        visit.desk.id, queue_id=queue_id, since=since, until=until, zone=visit.desk.zone, by=visit.actor
    )
    days = [(since + timedelta(days=number)).date() for number in range(DAYS)]
    return column_chart([(f"{day:%a} {day.day}", found.get(day, {})) for day in days], key=KEY, what=what)


def _queue_of(visit: Visit, queue_id: int) -> dict[str, Any]:
    """Return one queue with its counts. Raises NotFound for one of another desk."""
    for row in queue_list(visit.desk.id, by=visit.actor):
        if row["id"] == queue_id:
            return row
    raise NotFound("This desk has no such queue")


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def queue(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Show one queue."""
    return _show_one(request, visit_of(request), queue_id)


def _show_one(
    request: HttpRequest, visit: Visit, queue_id: int, *, sent: Sent | None = None, conflict: Any = None
) -> HttpResponse:
    shown = queue_page(visit, queue_id, sent=sent, conflict=conflict)
    status = 422 if sent else 409 if conflict else 200
    return page(
        request,
        "pages/queue.html",
        shown.name,
        current="queues",
        status=status,
        has_errors=sent is not None,
        page=shown,
    )


def queue_page(visit: Visit, queue_id: int, *, sent: Sent | None = None, conflict: Any = None) -> QueuePage:
    """Return everything about one queue."""
    row = _queue_of(visit, queue_id)
    desk_id = visit.desk.id
    since, until = period_of(visit)
    mode = modes_of_desk(desk_id).get(queue_id, QueueModeRow())
    age = queue_ages(desk_id, by=visit.actor).get(queue_id)
    counts = counts_by_queue(desk_id, since=since, until=until, by=visit.actor).get(queue_id, NONE)
    rates = override_rates(desk_id, since=since, until=until, by=visit.actor)
    overrides = next((one for one in rates if one.queue_id == queue_id), None)
    names = person_names(sorted(mode.rails.people))
    return QueuePage(
        name=row["name"],
        back_href=visit.href("queues"),
        about=_asks(row) or "asks for no team and no skill",
        numbers=_numbers(visit, row, age),
        mode=mode.mode.value,
        mode_words=MODE_WORDS[mode.mode],
        rails=_rails_words(mode, names) if mode.mode is Mode.AUTOPILOT else MODE_HINTS[mode.mode],
        period=f"last {DAYS} days",
        counts=_counts(counts),
        refusals=_refusals(overrides),
        overrides=_overrides_words(overrides),
        chart=_chart(visit, queue_id, what=f"Answers to proposals in {row['name']}"),
        mode_form=mode_form(visit, queue_id, mode, sent) if visit.may(Right.AUTOPILOT_SET) else None,
        edit_form=edit_form(visit, row, sent) if visit.may(Right.QUEUE_EDIT) else None,
        conflict=conflict,
        errors=summary_of(sent, sent.form) if sent else None,
        errors_prefix=sent.form if sent else "",
    )


def _numbers(visit: Visit, row: Mapping[str, Any], age: Age | None) -> list[tuple[str, str, str]]:
    def old(at: datetime | None) -> str:
        return duration((visit.now - at).total_seconds()) if at else "none"

    return [
        ("open", count(row["open"]), visit.href("cases", queue=row["id"])),
        (
            "without an owner",
            count(row["unassigned"]),
            visit.href("cases", queue=row["id"], view=View.UNASSIGNED.value),
        ),
        ("oldest open", old(age.opened_at if age else None), ""),
        ("oldest without an owner", old(age.unassigned_at if age else None), ""),
    ]


def _counts(counts: Counts) -> list[tuple[str, int, str]]:
    return [
        ("proposed", counts.proposed, "every proposal that was made"),
        ("waiting for an answer", counts.open, ""),
        ("accepted", counts.accepted, "by a person"),
        ("done by autopilot", counts.applied, ""),
        ("changed", counts.changed, "given to somebody else"),
        ("refused", counts.refused, ""),
        ("replaced", counts.superseded, "by a newer proposal, or the case was settled by hand"),
        ("undone", counts.undone, "some of the answered ones"),
    ]


def _refusals(overrides: Overrides | None) -> list[tuple[str, int]]:
    found = overrides.by_refusal if overrides else {}
    return [(words, found.get(code, 0)) for code, words in REFUSAL_WORDS.items() if found.get(Refusal(code), 0)]


def _overrides_words(overrides: Overrides | None) -> str:
    if overrides is None or overrides.override_ratio is None:
        return ""
    return (
        f"People decided otherwise in {percent(overrides.override_ratio)} of {plural(overrides.answered, 'answer')}"
        " (changed, refused, or undone later)."
    )


# Writing


@require_POST
@requires(Right.AUTOPILOT_SET)
def queue_mode(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Switch a queue to off, advise, autopilot or pull, with guard-rails."""
    visit = visit_of(request)
    row = _queue_of(visit, queue_id)
    try:
        rails = {
            "per_hour": required_number(request.POST, "per_hour", "Acts an hour"),
            "load_percent": required_number(request.POST, "load_percent", "The load"),
            "priorities": [int(one) for one in request.POST.getlist("priorities") if one.isdecimal()],
            "people": [int(one) for one in request.POST.getlist("people") if one.isdecimal()],
        }
        _require_rails(rails)
        mode_set(
            queue_id, mode=text_of(request.POST, "mode"), guard_rails=rails,
            version=required_number(request.POST, "version", "The version"), reason=text_of(request.POST, "reason"),
            by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        return _show_one(request, visit, queue_id, sent=Sent.refused("mode", request.POST, error, field_of=_rail_of))
    except Conflict as error:
        mine = {"mode": text_of(request.POST, "mode")}
        clash = conflict_of(
            request, error, keep_href=visit.href("queue", queue_id), labels={"mode": "Mode"}, shown=mine
        )
        return _show_one(request, visit, queue_id, conflict=clash)
    toast_add(request, f"{row['name']}: {MODE_WORDS[Mode(text_of(request.POST, 'mode'))].lower()}")
    return HttpResponseRedirect(visit.href("queue", queue_id))


def _require_rails(rails: Mapping[str, Any]) -> None:
    """Raise InvalidFacts in the words of the form."""
    if not 1 <= rails["per_hour"] <= MOST_PER_HOUR:
        raise InvalidFacts(f"Acts an hour: 1 to {count(MOST_PER_HOUR)}; to stop, choose “Off”", field="per_hour")
    if not LEAST_LOAD <= rails["load_percent"] <= MOST_LOAD:
        raise InvalidFacts(f"Load: {LEAST_LOAD} to {count(MOST_LOAD)} per cent", field="load_percent")
    if not rails["priorities"]:
        raise InvalidFacts("Choose at least one priority that autopilot may give away", field="priorities")
    GuardRails.from_json(rails)


def _rail_of(key: str) -> str:
    return key.partition("[")[0]


@require_POST
@requires(Right.AUTOPILOT_SET)
def queues_stop(request: HttpRequest) -> HttpResponse:
    """Switch every queue of the desk from autopilot back to advise, at once."""
    visit = visit_of(request)
    reason = text_of(request.POST, "reason")
    stopped = autopilot_stop(visit.desk.id, reason=reason, by=visit.actor, now=visit.now)
    toast_add(request, f"Autopilot stopped in {plural(stopped, 'queue')}; proposals go on")
    return HttpResponseRedirect(visit.href("queues"))


def _save(request: HttpRequest, visit: Visit, queue_id: int | None) -> int:
    return queue_save(
        visit.desk.id,
        queue_id=queue_id,
        name=text_of(request.POST, "name"),
        team_id=number_of(request.POST, "team", "The team"),
        skill_id=number_of(request.POST, "skill", "The skill"),
        skill_level=required_number(request.POST, "skill_level", "The level"),
        is_active=request.POST.get("is_active") == "1",
        version=None if queue_id is None else required_number(request.POST, "version", "The version"),
        by=visit.actor,
        now=visit.now,
    )


def _saved(
    request: HttpRequest, form: str, queue_id: int | None, refuse: Callable[[Sent], HttpResponse]
) -> HttpResponse:
    visit = visit_of(request)
    try:
        saved = _save(request, visit, queue_id)
    except InvalidFacts as error:
        return refuse(Sent.refused(form, request.POST, error))
    except Conflict as error:
        if queue_id is not None and "version" in error.details:
            row = _queue_of(visit, queue_id)
            return _show_one(request, visit, queue_id, conflict=edit_conflict(visit, row, error))
        return refuse(Sent.refused(form, request.POST, InvalidFacts(error.message, field="name")))
    toast_add(request, "Kept")
    return HttpResponseRedirect(visit.href("queue", saved))


@require_POST
@requires(Right.QUEUE_EDIT)
def queue_new(request: HttpRequest) -> HttpResponse:
    """Make a queue."""
    return _saved(request, "new", None, lambda sent: _show_all(request, visit_of(request), sent=sent, status=422))


@require_POST
@requires(Right.QUEUE_EDIT)
def queue_edit(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Change a queue's name, team, skill, and whether it is in use."""
    _queue_of(visit_of(request), queue_id)
    return _saved(request, "queue", queue_id, lambda sent: _show_one(request, visit_of(request), queue_id, sent=sent))


urls = [
    path("queues/", queues, name="queues"),
    path("queues/stop/", queues_stop, name="queues-stop"),
    path("queues/new/", queue_new, name="queue-new"),
    path("queues/<int:queue_id>/", queue, name="queue"),
    path("queues/<int:queue_id>/mode/", queue_mode, name="queue-mode"),
    path("queues/<int:queue_id>/edit/", queue_edit, name="queue-edit"),
]
