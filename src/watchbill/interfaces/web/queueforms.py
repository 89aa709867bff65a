"""The forms of a queue: what Watchbill may do in it, and what the queue asks of an owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from watchbill.apps.decisions.queries import QueueModeRow
from watchbill.apps.people.queries import person_search, skill_list, team_list
from watchbill.engine.assign.rails import Mode
from watchbill.engine.base import errors
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.errors import conflict_of
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of, values_of
from watchbill.interfaces.web.viewmodels.parts import Change, Conflict, Field, Option
from watchbill.interfaces.web.viewmodels.people import Form
from watchbill.interfaces.web.viewmodels.queues import ModeForm

MODE_WORDS = {Mode.OFF: "Off", Mode.ADVISE: "Advise", Mode.AUTOPILOT: "Autopilot", Mode.PULL: "Pull"}
MODE_HINTS = {
    Mode.OFF: "Watchbill does not look at unassigned work of this queue",
    Mode.ADVISE: "Watchbill proposes, a person answers",
    Mode.AUTOPILOT: "Watchbill assigns by itself inside the guard-rails, and proposes the rest",
    Mode.PULL: "Nothing is proposed: people pick what is next from an ordered list with reasons",
}

OTHERS = 1000
"""People offered for a guard-rail."""


def mode_form(visit: Visit, queue_id: int, row: QueueModeRow, sent: Sent | None) -> ModeForm:
    chosen = value_of(sent, "mode", "mode", row.mode.value)
    ranks = values_of(sent, "mode", "priorities", [str(int(one)) for one in sorted(row.rails.priorities)])
    people = values_of(sent, "mode", "people", [str(one) for one in sorted(row.rails.people)])
    return ModeForm(
        action_href=visit.href("queue-mode", queue_id),
        version=row.version,
        modes=[
            (Option(value=mode.value, label=MODE_WORDS[mode], is_chosen=mode.value == chosen), MODE_HINTS[mode])
            for mode in Mode
        ],
        per_hour=value_of(sent, "mode", "per_hour", row.rails.per_hour),
        load_percent=value_of(sent, "mode", "load_percent", row.rails.load_percent),
        priorities=[Option(value=str(n), label=f"P{n}", is_chosen=str(n) in ranks) for n in (1, 2, 3, 4)],
        people=[
            Option(value=str(one["id"]), label=one["name"], is_chosen=str(one["id"]) in people)
            for one in person_search(visit.desk.id, "", by=visit.actor, limit=OTHERS)
        ],
        reason=value_of(sent, "mode", "reason"),
        per_hour_error=message_of(sent, "mode", "per_hour"),
        load_percent_error=message_of(sent, "mode", "load_percent"),
        priorities_error=message_of(sent, "mode", "priorities"),
        errors=summary_of(sent, "mode"),
    )


def edit_form(visit: Visit, row: Mapping[str, Any] | None, sent: Sent | None) -> Form:
    """Return the form of a queue; without *row*, of a new one."""
    form = "queue" if row else "new"
    at: Mapping[str, Any] = row or {"name": "", "team_id": "", "skill_id": "", "skill_level": 1, "is_active": True}

    def choice(name: str, label: str, none: str, rows: list[dict[str, Any]]) -> Field:
        chosen = value_of(sent, form, name, at[f"{name}_id"])
        options = [Option(value="", label=none)]
        options += [Option(value=str(one["id"]), label=one["name"], is_chosen=str(one["id"]) == chosen) for one in rows]
        return Field(name=name, label=label, kind="select", options=options, error=message_of(sent, form, name))

    is_active = value_of(sent, form, "is_active", "1" if at["is_active"] else "")
    return Form(
        name=form,
        title="Edit the queue" if row else "Make a queue",
        action_href=visit.href("queue-edit", row["id"]) if row else visit.href("queue-new"),
        submit="Keep" if row else "Make it",
        errors=summary_of(sent, form),
        is_open=sent is not None and sent.form == form,
        hidden=[("version", str(row["version"]))] if row else [],
        fields=[
            Field(name="name", label="Name", value=value_of(sent, form, "name", at["name"]), is_required=True,
                  error=message_of(sent, form, "name")),
            choice("team", "Team that an owner must be in", "Any team", team_list(visit.desk.id, by=visit.actor)),
            choice("skill", "Skill that an owner needs", "None", skill_list(visit.desk.id, by=visit.actor)),
            Field(name="skill_level", label="From level", kind="number",
                  value=value_of(sent, form, "skill_level", at["skill_level"]), hint="1 (learning) to 5 (expert)",
                  error=message_of(sent, form, "skill_level")),
            Field(name="is_active", label="In use", kind="checkbox", value=is_active),
        ],
    )  # fmt: skip


def edit_conflict(visit: Visit, row: Mapping[str, Any], error: errors.Conflict) -> Conflict:
    """Return the choice between what somebody else made of the queue and this form."""
    teams = {str(one["id"]): one["name"] for one in team_list(visit.desk.id, by=visit.actor)}
    skills = {str(one["id"]): one["name"] for one in skill_list(visit.desk.id, by=visit.actor)}
    sent = visit.request.POST
    now_and_mine = {
        "Name": (row["name"], text_of(sent, "name")),
        "Team": (row["team"] or "any", teams.get(sent.get("team", ""), "any")),
        "Skill": (row["skill"] or "none", skills.get(sent.get("skill", ""), "none")),
        "From level": (str(row["skill_level"]), sent.get("skill_level", "")),
        "In use": ("yes" if row["is_active"] else "no", "yes" if sent.get("is_active") == "1" else "no"),
    }
    return replace(
        conflict_of(visit.request, error, keep_href=visit.href("queue", row["id"])),
        changes=[
            Change(label=label, theirs=theirs, mine=mine)
            for label, (theirs, mine) in now_and_mine.items()
            if theirs != mine
        ],
    )
