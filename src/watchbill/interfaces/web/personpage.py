"""From a person as she is kept to her page: work, skills, teams, hours, each with how it is known, and its forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from watchbill.apps.people.queries import PersonRow, person_search, skill_list, team_list
from watchbill.apps.people.regions import region_names
from watchbill.apps.people.rights import Right
from watchbill.apps.shifts.queries import hours_of, presence_of
from watchbill.apps.shifts.services import PRESENCE
from watchbill.apps.work.queries import View, WorkFilter, owner_load, work_page
from watchbill.engine.base.calendar import WEEKDAYS
from watchbill.interfaces.web.absencelist import absence_fields, absence_lines, may_say
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.charts import DAYS, hours_text, week_chart
from watchbill.interfaces.web.formats import moment, percent, plural
from watchbill.interfaces.web.limitsform import LIMITS, limit_facts, limit_fields
from watchbill.interfaces.web.nextwork import next_panel
from watchbill.interfaces.web.pages.people import AXIS, NOTHING, chips_of, load_bar, place_of, staff_of
from watchbill.interfaces.web.regionforms import REGION, region_fields
from watchbill.interfaces.web.rows import queue_rows
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.viewmodels.parts import Conflict, Field, Option
from watchbill.interfaces.web.viewmodels.people import Form, Known, PersonPage, Reassign

ROWS = 15
"""Rows shown of somebody at work: enough to see what comes next; the list of cases shows the rest."""
ROWS_LEFT = 200
"""Rows shown of somebody who was deactivated: her whole backlog, nearly always."""

LEVELS = ("0, does not have it", "1, learning", "2", "3", "4", "5, expert")
OTHERS = 1000

BASES = {
    "team": "her team's hours, as her own acts say too little",
    "desk": "the whole desk's hours, as her own acts and her team's say too little",
}
"""Whose hours were taken where somebody's own acts were too few."""


def person_page(
    visit: Visit, found: PersonRow, *, sent: Sent | None = None, conflict: Conflict | None = None
) -> PersonPage:
    """Return everything that a person's page shows; the number of queries does not depend on her work."""
    staff = staff_of(visit)
    row = staff.by_person.get(found.id)
    limit = ROWS if found.is_active else ROWS_LEFT
    wanted = WorkFilter(desk_id=found.desk_id, view=View.OPEN, owner_id=found.id)
    items = work_page(wanted, limit=limit, by=visit.actor, now=visit.now)
    load = owner_load(found.desk_id, only=found.id, by=visit.actor).get(found.id, NOTHING)
    hours = hours_of([found.id])[found.id]
    may_edit = visit.may(Right.PEOPLE_EDIT)
    rows_href = visit.href("cases", owner=found.id)
    others = _others(visit, found)
    forms = _forms(visit, found, others, sent, may_edit=may_edit)
    return PersonPage(
        name=found.name,
        about=_about(found, staff.shift(found.id, own_zone=found.zone), is_on=row is not None and row.is_on_shift),
        chips=chips_of(found, row),
        notices=_notices(visit, found, load["open"]),
        rows=queue_rows(visit, items, list_href=rows_href),
        rows_total=load["open"],
        rows_href=rows_href,
        skills=[_skill(skill, is_generated=visit.desk.is_generated) for skill in found.skills],
        teams=[_team(visit, found, team, may_edit=may_edit) for team in found.teams],
        week=week_chart(
            _week(hours), zone=found.zone, now=visit.now, what=f"Usual hours of {found.name}",
            look="set" if any(one["is_confirmed"] for one in hours) else "open",
        ),
        week_how=_week_how(hours, is_generated=visit.desk.is_generated),
        facts=_facts(found),
        absences=absence_lines(visit, found) if found.is_active else (),
        absence_form=_absence_form(visit, found, others, sent) if found.is_active and may_say(visit, found) else None,
        bar=load_bar(load, found.wip_limit, most=AXIS * max(found.wip_limit, 1)),
        held=f"{load['open'] - load['waiting']} of {found.wip_limit} that can be worked on, {load['waiting']} waiting",
        forms=forms,
        next=next_panel(visit, found, staff.by_person) if found.is_active and visit.may(Right.WORK_VIEW) else None,
        skill_form=_skill_form(visit, found, sent) if may_edit else None,
        team_form=_team_form(visit, found, sent) if may_edit else None,
        hours_form=_hours_form(visit, found, hours, sent) if may_edit else None,
        reassign=_reassign(visit, found, others, load["open"], sent),
        history_href=visit.href("audit", kind="person", ref=found.name) if visit.may(Right.AUDIT_VIEW) else "",
        conflict=conflict,
        errors=summary_of(sent, sent.form) if sent else None,
        errors_prefix=sent.form if sent else "",
    )  # fmt: skip


def _others(visit: Visit, found: PersonRow) -> list[Mapping[str, Any]]:
    """Return everybody else at work on the desk, for those whom a form asks for somebody. One query."""
    if not (may_say(visit, found) or visit.may(Right.WORK_BULK)):
        return []
    everybody = person_search(found.desk_id, "", by=visit.actor, limit=OTHERS)
    return [one for one in everybody if one["id"] != found.id]


def _about(found: PersonRow, shift: str, *, is_on: bool) -> str:
    if not found.is_active:
        return "Gets no work and cannot sign in"
    return f"{'On shift' if is_on else 'Off shift,'} {shift}" if shift else ""


def _notices(visit: Visit, found: PersonRow, left: int) -> list[str]:
    if found.is_active or found.deactivated_at is None:
        return []
    since = f"Deactivated {moment(found.deactivated_at, visit.now)} UTC."
    return [f"{since} {plural(left, 'open item')} still {'names' if left == 1 else 'name'} {found.name} as owner." if left
            else f"{since} Nothing open is left."]  # fmt: skip


# How a fact is known


def evidence_words(evidence: Mapping[str, Any], *, is_confirmed: bool, is_generated: bool) -> str:
    """Say how a fact is known: set by hand (on a generated desk perhaps generated), or from which counts in which period."""
    if is_confirmed:
        return "generated, or set by hand since" if is_generated else "set by hand"
    counts = evidence.get("counts", {})
    parts = [plural(counts["items"], "item")] if "items" in counts else []
    if "share" in evidence:
        parts.append(f"{percent(evidence['share'])} of hers")
    if period := evidence.get("period"):
        first, last = (datetime.fromisoformat(at) for at in period)
        parts.append(f"{first.day} {first:%b} to {last.day} {last:%b} {last.year}")
    return ", ".join(parts) or "no evidence was kept"


def _skill(skill: Mapping[str, Any], *, is_generated: bool) -> Known:
    return Known(
        name=skill["name"],
        level=skill["level"],
        how=evidence_words(skill["evidence"], is_confirmed=skill["is_confirmed"], is_generated=is_generated),
        is_confirmed=skill["is_confirmed"],
    )


def _team(visit: Visit, found: PersonRow, team: Mapping[str, Any], *, may_edit: bool) -> Known:
    return Known(
        name=team["name"],
        how=evidence_words(team["evidence"], is_confirmed=team["is_confirmed"], is_generated=visit.desk.is_generated),
        is_confirmed=team["is_confirmed"],
        href=visit.href("people", team=team["team_id"]),
        drop_href=visit.href("person-team", found.id) if may_edit else "",
        hidden=(("version", str(found.version)), ("team", str(team["team_id"])), ("is_member", "0")),
    )


def _week(hours: Sequence[Mapping[str, Any]]) -> list[list[tuple[int, int]]]:
    week: list[list[tuple[int, int]]] = [[] for _ in WEEKDAYS]
    for one in hours:
        week[one["weekday"]].append((one["opens_min"], one["closes_min"]))
    return week


def _week_how(hours: Sequence[Mapping[str, Any]], *, is_generated: bool) -> str:
    """Say how the week is known."""
    if not hours:
        return "No hours are known, so she counts as off shift."
    first = hours[0]
    if first["is_confirmed"]:
        return "Generated, or set by hand since." if is_generated else "Set by hand."
    evidence = first["evidence"]
    counts = evidence.get("counts", {})
    basis = BASES.get(str(evidence.get("basis")), "what she did")
    seen = f"{plural(counts.get('events', 0), 'event')} in {plural(counts.get('weeks', 0), 'week')}"
    cover = f"; these hours hold {percent(evidence['coverage'])} of it" if "coverage" in evidence else ""
    return f"Inferred from {basis}: {seen}{cover}."


def _facts(found: PersonRow) -> list[tuple[str, str, str]]:
    facts = [
        ("Limit", plural(found.wip_limit, "open item"), ""),
        ("Time zone", found.zone, ""),
        ("Languages", ", ".join(found.languages) or "none recorded", ""),
        ("Mail", found.email or "none recorded", ""),
    ]
    if found.region:
        facts.append(("Region", found.region if found.region_id else f"{found.region}, as her teams", ""))
    facts += limit_facts(found)
    for role, label in (("acts_as", "Acts in the log as"), ("resolves_as", "Resolves as")):
        if like := found.evidence.get(role):
            counts = like["counts"]
            facts.append((label, f"probably {like['name']}: together on {counts['together']} of {counts['of']}", ""))
    return facts


# Forms


def _form(
    visit: Visit,
    found: PersonRow,
    sent: Sent | None,
    name: str,
    *,
    carries: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> Form:
    return Form(
        name=name,
        action_href=visit.href(f"person-{name}", found.id),
        errors=summary_of(sent, name),
        is_open=sent is not None and sent.form == name,
        hidden=(("version", str(found.version)), *carries),
        **more,
    )


def _forms(
    visit: Visit, found: PersonRow, others: Sequence[Mapping[str, Any]], sent: Sent | None, *, may_edit: bool
) -> list[Form]:  # fmt: skip
    forms = []
    if found.is_active and (may_edit or visit.actor.person_id == found.id):
        forms.append(presence_form(visit, found, sent))
    if may_edit:
        forms.append(_facts_form(visit, found, sent))
        hint = "Assignment gives her nothing beyond it; what she owns stays hers."
        fields = limit_fields(found, others, sent)
        forms.append(
            _form(
                visit, found, sent, LIMITS, title="Correct what she may take", submit="Keep", fields=fields, hint=hint
            )
        )
        fields = region_fields(found, region_names(found.desk_id, is_in_use=True), sent)
        if fields:
            forms.append(_form(visit, found, sent, REGION, title="Set her region", submit="Keep", fields=fields))
        forms.append(_activity_form(visit, found, sent))
    return forms


def presence_form(visit: Visit, found: PersonRow, sent: Sent | None = None) -> Form:
    """Return the form in which somebody says whether she is there."""
    said = presence_of(found.id, visit.now)
    present = said["state"] if said else "available"
    chosen = value_of(sent, "presence", "state", present)
    until = moment(said["until_at"], visit.now, visit.desk.zone) if said and said["until_at"] else ""
    return _form(
        visit, found, sent, "presence", title="Presence", submit="Set",
        fields=[
            Field(name="state", label="Now", kind="select", error=message_of(sent, "presence", "state"),
                  options=[Option(value=one, label=one.capitalize(), is_chosen=one == chosen) for one in PRESENCE]),
            Field(name="until", label="Until", value=value_of(sent, "presence", "until", until),
                  hint=f"16:30, tomorrow 9:00 ({place_of(visit.desk.zone)}), or empty: until changed", error=message_of(sent, "presence", "until")),
        ],
    )  # fmt: skip


def _absence_form(visit: Visit, found: PersonRow, others: Sequence[Mapping[str, Any]], sent: Sent | None) -> Form:
    return _form(
        visit, found, sent, "absence", title="Say when she is away", submit="Keep",
        fields=absence_fields(others, sent, place=place_of(visit.desk.zone)), hint="No work is given to her meanwhile; what she holds may move.",
    )  # fmt: skip


def _facts_form(visit: Visit, found: PersonRow, sent: Sent | None) -> Form:
    def field(name: str, label: str, default: object, hint: str = "", kind: str = "text") -> Field:
        return Field(
            name=name, label=label, value=value_of(sent, "facts", name, default), hint=hint, kind=kind,
            error=message_of(sent, "facts", name),
        )  # fmt: skip

    return _form(
        visit, found, sent, "facts", title="Correct limit, zone, languages", submit="Keep",
        fields=[
            field("wip_limit", "Limit of open items", found.wip_limit, "0 to 1000; 0: she gets no work", "number"),
            field("zone", "Time zone", found.zone, "For example America/Sao_Paulo"),
            field("languages", "Languages", ", ".join(found.languages), "Codes with commas: en, pt"),
            field("email", "Mail", found.email, kind="email"),
            field("reason", "Why", "", "Kept in the audit trail"),
        ],
    )  # fmt: skip


def _activity_form(visit: Visit, found: PersonRow, sent: Sent | None) -> Form:
    reason = Field(
        name="reason", label="Why", value=value_of(sent, "activity", "reason"), is_required=True,
        error=message_of(sent, "activity", "reason"),
    )  # fmt: skip
    if not found.is_active:
        return _form(
            visit,
            found,
            sent,
            "activity",
            title="Take back",
            submit="Make active again",
            fields=[reason],
            carries=[("is_active", "1")],
        )
    return _form(
        visit, found, sent, "activity", title="Deactivate", submit="Deactivate", fields=[reason],
        carries=[("is_active", "0")],
        hint="Ends her access at once, keys included. Her open work stays hers until it is given to others.",
    )  # fmt: skip


def _skill_form(visit: Visit, found: PersonRow, sent: Sent | None) -> Form:
    chosen = value_of(sent, "skill", "skill")
    level = value_of(sent, "skill", "level", 3)
    return _form(
        visit, found, sent, "skill", title="Correct a skill", submit="Set",
        fields=[
            Field(name="skill", label="Skill", kind="select", error=message_of(sent, "skill", "skill"),
                  options=[Option(value=str(one["id"]), label=one["name"], is_chosen=str(one["id"]) == chosen)
                           for one in skill_list(found.desk_id, by=visit.actor)]),
            _new_field(sent, "skill", "Or a new skill"),
            Field(name="level", label="Level", kind="select", error=message_of(sent, "skill", "level"),
                  options=[Option(value=str(n), label=label, is_chosen=str(n) == level)
                           for n, label in enumerate(LEVELS)]),
        ],
    )  # fmt: skip


def _team_form(visit: Visit, found: PersonRow, sent: Sent | None) -> Form:
    held = {team["team_id"] for team in found.teams}
    return _form(
        visit, found, sent, "team", title="Add to a team", submit="Add", carries=[("is_member", "1")],
        fields=[
            Field(name="team", label="Team", kind="select", error=message_of(sent, "team", "team"),
                  options=[Option(value=str(one["id"]), label=one["name"])
                           for one in team_list(found.desk_id, by=visit.actor) if one["id"] not in held]),
            _new_field(sent, "team", "Or a new team"),
        ],
    )  # fmt: skip


def _new_field(sent: Sent | None, form: str, label: str) -> Field:
    return Field(
        name="new", label=label, value=value_of(sent, form, "new"), hint="Its name; it is made", error=message_of(sent, form, "new")
    )  # fmt: skip


def _hours_form(visit: Visit, found: PersonRow, hours: Sequence[Mapping[str, Any]], sent: Sent | None) -> Form:
    week = _week(hours)
    return _form(
        visit, found, sent, "hours", title="Correct the hours", submit="Set these hours",
        hint="09:00-12:00, 13:00-17:30; a night is 22:00-06:00; empty: not at work. Hours set by hand are not inferred again.",
        fields=[
            Field(name=name, label=label, value=value_of(sent, "hours", name, hours_text(week[number])),
                  error=message_of(sent, "hours", name))
            for number, (name, label) in enumerate(zip(WEEKDAYS, DAYS, strict=True))
        ],
    )  # fmt: skip


def _reassign(
    visit: Visit, found: PersonRow, others: Sequence[Mapping[str, Any]], total: int, sent: Sent | None
) -> Reassign | None:  # fmt: skip
    if not total or not visit.may(Right.WORK_BULK) or not visit.may(Right.WORK_ASSIGN):
        return None
    chosen = value_of(sent, "reassign", "to")
    return Reassign(
        action_href=visit.href("person-reassign", found.id),
        people=[Option(value=str(one["id"]), label=one["name"], is_chosen=str(one["id"]) == chosen) for one in others],
        total=total,
        version=found.version,
        errors=summary_of(sent, "reassign"),
    )
