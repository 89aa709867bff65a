"""The page of one policy: the version shown in words, its history, and the form of the next version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import QueryDict

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks.using import calendar_uses
from watchbill.apps.decisions.dryruns import LATELY
from watchbill.apps.decisions.queries import policies_held
from watchbill.apps.people.rights import Right
from watchbill.apps.work.readthrough import has_items
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.combined import is_combination
from watchbill.engine.base.intervals import EPOCH
from watchbill.flows.assign.routes import policy_notes
from watchbill.interfaces.web import policyforms as forms
from watchbill.interfaces.web import policywords, words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.calendarforms import calendar_groups, holidays_form, others_offered
from watchbill.interfaces.web.calendarwords import calendar_words
from watchbill.interfaces.web.clockeditor import clock_draft
from watchbill.interfaces.web.dryrunpage import DRY_RUN_PAGES
from watchbill.interfaces.web.formats import BEGINNING, day_and_year, moment, time_of_day
from watchbill.interfaces.web.forms import number_of
from watchbill.interfaces.web.frame import roles_with
from watchbill.interfaces.web.policydiff import choice, differences
from watchbill.interfaces.web.policyforms import FORM
from watchbill.interfaces.web.policykinds import Kind
from watchbill.interfaces.web.replaypage import REPLAY_PAGES
from watchbill.interfaces.web.runpage import run_lines, time_said
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.tuningpage import TUNING_PAGES
from watchbill.interfaces.web.viewmodels import parts
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.clockpolicy import ClockDraft, ClockTrial
from watchbill.interfaces.web.viewmodels.parts import Field
from watchbill.interfaces.web.viewmodels.people import Form

TAKE_BACK = "take-back"
"""What the names of the forms begin with that publish an earlier version again; its number follows."""
RETIRE = "retire"
"""The name of the form that retires a calendar, and the prefix of its field."""


def policy_page(
    visit: Visit, kind: Kind, *, sent: Sent | None = None, conflict: parts.Conflict | None = None,
    trial: model.Trial | None = None, draft: QueryDict | None = None, draft_week: model.DraftWeek | None = None,
    diff: model.Diff | None = None, clock_trial: ClockTrial | None = None,
) -> model.PolicyPage:  # fmt: skip
    """Return one policy: the version asked for (else the one in force), its history and its form."""
    asked = visit.request.GET
    version = kind.get(number_of(asked, "v", "The version"))
    against = number_of(asked, "against", "The other version")
    may_edit = visit.may(Right.POLICY_EDIT) and not kind.is_retired
    runs = next((pages for pages in (DRY_RUN_PAGES, REPLAY_PAGES) if pages.policy == kind.name), None)
    return model.PolicyPage(
        title=kind.title,
        back_href=visit.href("policies"),
        state=_state(visit, kind, version),
        versions=_version_lines(visit, kind, version["number"], sent),
        choices=[choice(row, version["number"]) for row in kind.versions],
        against=[choice(row, against) for row in kind.versions],
        shown_number=version["number"],
        here=kind.href(visit).partition("?")[0],
        desk=visit.desk.slug,
        diff=diff if against is None else differences(kind, kind.get(against), version),
        clock_trial=clock_trial,
        form=_form(visit, kind, sent, draft) if may_edit else None,
        edit_href=f"{kind.href(visit, edit=1)}#edit" if may_edit else "",
        editors="" if visit.may(Right.POLICY_EDIT) else roles_with(Right.POLICY_EDIT),
        retire_form=_retire_form(visit, kind, sent),
        runs=run_lines(visit, runs) if runs else (),
        runs_title=f"{words.capital(runs.runs.said)}s" if runs else "",
        tunings=run_lines(visit, TUNING_PAGES) if kind.name == TUNING_PAGES.policy else (),
        tune_href=kind.act_href(visit, "tune") if may_edit and kind.name == TUNING_PAGES.policy else "",
        holidays_form=_holidays_form(visit, kind, sent),
        draft_week=draft_week,
        trial=trial,
        try_href=kind.act_href(visit, "try") if kind.name == "policy-assign" else "",
        reference=(draft or asked).get("reference", ""),
        conflict=conflict,
        errors=summary_of(sent, sent.form) if sent else None,
        errors_prefix=sent.form if sent else FORM,
        **_readable(visit, kind, version),
    )


def _readable(visit: Visit, kind: Kind, version: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a version says, in words and pictures."""
    body = version["body"]
    if kind.name == "policy-assign":
        musts, weights = policywords.rule_lines(body)
        notes = policy_notes(visit.desk.id, Policy.from_json(body, is_stored=True))
        return {
            "musts": musts,
            "weights": weights,
            "routing": policywords.routing_lines(body),
            "routing_notes": [words.capital(note) for note in notes],
        }
    if kind.name == "policy-clocks":
        return {"clocks": policywords.clock_cards(visit, body)}
    return {
        **calendar_words(visit, body, kind.calendar, version["holds_from"]),
        "uses": calendar_uses(visit.desk.id, kind.calendar, visit.now),
    }


def _state(visit: Visit, kind: Kind, version: Mapping[str, Any]) -> str:
    number = version["number"]
    if number == 0:
        return "As Watchbill comes" + (", in force" if kind.in_force == 0 else "")
    since = f"{_instant(version['holds_from'])}{time_said(visit, 'desk')}"
    if number == kind.in_force:
        return f"Version {number}, in force since {since}" + ("; retired" if kind.is_retired else "")
    if version["holds_from"] > visit.now:
        return f"Version {number}, will hold from {since}"
    return f"Version {number}, held from {since}"


def _instant(at: datetime) -> str:
    return BEGINNING if at <= EPOCH else f"{day_and_year(at)} {time_of_day(at)} UTC"


def _version_lines(visit: Visit, kind: Kind, shown: int, sent: Sent | None) -> list[model.VersionLine]:
    lately: Collection[int] = ()
    is_offered = kind.name == "policy-assign" and visit.may(Right.POLICY_EDIT)
    if is_offered:
        lately = policies_held(visit.desk.id, since=visit.now - LATELY, now=visit.now)
    return [
        replace(
            _version_line(visit, kind, row, shown=shown),
            take_back=_take_back_form(visit, kind, row["number"], sent, is_known=row["number"] in lately)
            if is_offered and row["number"] != kind.in_force and (row["holds_from"] or EPOCH) <= visit.now
            else None,
        )
        for row in kind.versions
    ]


def _take_back_form(visit: Visit, kind: Kind, number: int, sent: Sent | None, *, is_known: bool) -> Form:
    """Return the form that publishes an earlier version again."""
    name = f"{TAKE_BACK}-{number}"
    said = f"Take version {number} back" if number else "Take what is delivered back"
    why = Field(
        name="reason", label="Why", value=value_of(sent, name, "reason"), error=message_of(sent, name, "reason"),
        is_required=True, hint="Kept with the version",
    )  # fmt: skip
    days = f"the last {LATELY.days} days"
    return Form(
        name=name, title=said, action_href=visit.href("policy-assign-take-back", number), submit=said, fields=[why],
        hidden=[("seen", str(kind.latest["number"]))], is_open=sent is not None and sent.form == name,
        hint=f"It holds again at once, as it was; it held within {days}, so no dry run is needed." if is_known
        else f"It holds again at once, as it was. It has not held within {days}, so a desk at work must have run it dry first.",
    )  # fmt: skip


def _version_line(visit: Visit, kind: Kind, row: Mapping[str, Any], *, shown: int) -> model.VersionLine:
    made = row["recorded_at"]
    published = f", published {moment(made, visit.wall_now)} UTC{time_said(visit, 'wall')}" if made else ""
    return model.VersionLine(
        label=f"Version {row['number']}" if row["number"] else "As delivered",
        href=kind.href(visit, v=str(row["number"])),
        by=f"{row['by_name']}{published}",
        reason=row["reason"],
        state="in force" if row["number"] == kind.in_force
        else f"from {_instant(row['holds_from'])}" if row["holds_from"] and row["holds_from"] > visit.now else "",
        is_shown=row["number"] == shown,
    )  # fmt: skip


def _retire_form(visit: Visit, kind: Kind, sent: Sent | None) -> Form | None:
    """Return the form that takes a calendar out of what is offered, or offers it again."""
    if not kind.calendar or not visit.may(Right.POLICY_EDIT):
        return None
    why = Field(
        name="reason", label="Why", value=value_of(sent, RETIRE, "reason"), error=message_of(sent, RETIRE, "reason"),
        is_required=True, hint="Kept in the audit trail",
    )  # fmt: skip
    return Form(
        name=RETIRE,
        title="Bring it back" if kind.is_retired else "Retire",
        action_href=kind.act_href(visit, "restore" if kind.is_retired else "retire"),
        submit="Bring it back" if kind.is_retired else "Retire the calendar",
        fields=[why],
        is_open=sent is not None and sent.form == RETIRE,
        hint="New clock policies may name it again." if kind.is_retired
        else "New clock policies may not name it any more; clocks that count on it go on.",
    )  # fmt: skip


def _holidays_form(visit: Visit, kind: Kind, sent: Sent | None) -> Form | None:
    if not kind.calendar or kind.is_retired or is_combination(kind.latest["body"]) or not visit.may(Right.POLICY_EDIT):
        return None
    return holidays_form(visit, kind.act_href(visit, "holidays"), kind.latest["number"], sent)


# The form of the next version


def _form(visit: Visit, kind: Kind, sent: Sent | None, draft: QueryDict | None) -> model.PublishForm:
    """Return the form, filled with the latest version, or with what was sent."""
    if sent is None and draft is not None and "seen" in draft:
        sent = Sent.kept(FORM, draft)
    must_replay = kind.name == "policy-clocks" and has_items(visit.desk.id)
    uses = calendar_uses(visit.desk.id, kind.calendar, visit.now) if kind.calendar else []
    return model.PublishForm(
        action_href=kind.act_href(visit, "publish"),
        replay_href=kind.act_href(visit, "replay") if must_replay else "",
        seen=kind.latest["number"],
        groups=_groups(visit, kind, sent),
        last=forms.last_fields(sent, has_reason=not must_replay),
        is_open=(sent is not None and sent.form == FORM) or "edit" in visit.request.GET,
        try_href=kind.act_href(visit, "try") if kind.name == "policy-assign" else "",
        dry_run_href=kind.act_href(visit, "dry-run") if kind.name == "policy-assign" else "",
        reference=value_of(sent, FORM, "reference"),
        week_href=kind.act_href(visit, "week") if kind.calendar else "",
        uses_href=kind.act_href(visit, "replay") if uses else "",
        clocks=_clock_draft(visit, kind, sent) if kind.name == "policy-clocks" else None,
    )


def _clock_draft(visit: Visit, kind: Kind, sent: Sent | None) -> ClockDraft:
    book = clocks.rulebook(visit.desk.id)
    return clock_draft(
        kind.latest["body"],
        sent,
        calendars=sorted({version.name for version in book.calendars} - book.retired.keys()),
        draft_href=kind.act_href(visit, "draft"),
        check_href=kind.act_href(visit, "check"),
    )


def named(visit: Visit, kind: Kind, sent: Sent) -> Sent:
    """Return a refused form whose messages name their fields as the page does, in the order of the page."""
    fields = [(one.label, one.name) for group in _groups(visit, kind, sent) for one in (*group.fields, *group.aside)]
    labels = {
        name: label
        for label, name in (_clock_draft(visit, kind, sent).labels() if kind.name == "policy-clocks" else fields)
    }
    order = {name: place for place, name in enumerate(labels)}
    slips = [
        replace(slip, message=f"{labels[slip.field]}: {slip.message}")
        if slip.field in labels and labels[slip.field] not in slip.message
        else slip
        for slip in sorted(sent.slips, key=lambda slip: order.get(slip.field, len(order)))
    ]
    return replace(sent, slips=slips)


def _groups(visit: Visit, kind: Kind, sent: Sent | None) -> list[model.FieldGroup]:
    body = kind.latest["body"]
    if kind.name == "policy-assign":
        return forms.assign_groups(body, sent)
    if kind.name == "policy-clocks":
        return []
    return calendar_groups(body, sent, others=others_offered(visit, kind.calendar))
