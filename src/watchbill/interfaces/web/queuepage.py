"""The pages of queues as they are shown: all of a desk, and one with its mode, counts and answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from watchbill.apps.decisions.choices import REFUSAL_WORDS, Refusal
from watchbill.apps.decisions.queries import QueueModeRow, modes_of_desk
from watchbill.apps.decisions.reports import (
    Counts,
    Overrides,
    answers_by_day,
    counts_by_queue,
    override_rates,
)
from watchbill.apps.people.queries import person_names
from watchbill.apps.people.rights import Right
from watchbill.apps.work.backlog import Age, queue_ages
from watchbill.apps.work.queries import View
from watchbill.apps.work.queues import queue_list
from watchbill.engine.assign.rails import Mode
from watchbill.engine.base.errors import NotFound
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.charts import column_chart
from watchbill.interfaces.web.formats import count, duration, percent, plural
from watchbill.interfaces.web.queueforms import MODE_HINTS, MODE_WORDS, edit_form, mode_form
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


def queue_of(visit: Visit, queue_id: int) -> dict[str, Any]:
    """Return one queue with its counts. Raises NotFound for one of another desk."""
    for row in queue_list(visit.desk.id, by=visit.actor):
        if row["id"] == queue_id:
            return row
    raise NotFound("This desk has no such queue")


def queue_page(visit: Visit, queue_id: int, *, sent: Sent | None = None, conflict: Any = None) -> QueuePage:
    """Return everything about one queue."""
    row = queue_of(visit, queue_id)
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
