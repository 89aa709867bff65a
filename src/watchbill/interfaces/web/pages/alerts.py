"""Alerts: what is out of the usual, who sees to it, and the numbers behind it beside what is usual."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.core.references import ALERT, key_of
from watchbill.apps.decisions import alerts as services
from watchbill.apps.decisions.alerts import AlertRow
from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.sense.alarms import AlertKind, Settings
from watchbill.flows.alerts.shown import series_shown
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.errors import message_for, status_of, summary_of
from watchbill.interfaces.web.formats import moment, plural
from watchbill.interfaces.web.forms import number_of, required_number, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.serieschart import series_chart
from watchbill.interfaces.web.viewmodels.alerts import AlertLine, AlertsPage
from watchbill.interfaces.web.viewmodels.parts import Empty, Field, Link, Option, Pager

ROWS = 50
KIND_WORDS = {
    AlertKind.INCOMING: "Incoming rate",
    AlertKind.UNASSIGNED: "Unassigned queue",
    AlertKind.FTS: "Follow-the-sun volume",
    AlertKind.RISK: "Items in danger",
    AlertKind.LOAD: "Load of people",
    AlertKind.FALLBACK: "Solver",
    AlertKind.NOBODY: "Nobody there",
    AlertKind.BALANCE: "Word of a manager",
}


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def alerts(request: HttpRequest) -> HttpResponse:
    """Show the alerts of a desk, the latest first, and what they compare."""
    return _page(visit_of(request))


def _page(visit: Visit, *, error: InvalidFacts | Conflict | None = None) -> HttpResponse:
    after = text_of(visit.request.GET, "after")
    before = key_of(ALERT, after) if after else None
    rows = services.alert_page(visit.desk.id, before=before, limit=ROWS + 1, by=visit.actor)
    series = series_shown(visit.desk.id, by=visit.actor, now=visit.now)
    settings, version = services.settings_of(visit.desk.id)
    may_edit = visit.may(Right.CHANNEL_EDIT)
    sent = visit.request.POST if "per_week" in visit.request.POST else None  # no answer to an alert
    shown = AlertsPage(
        desk=visit.desk.name,
        views=views_of(visit, "alerts"),
        lines=[_line(visit, row) for row in rows[:ROWS]],
        charts=[series_chart(one, zone=visit.desk.zone) for one in series],
        held=f"Limits are drawn so that all series together give at most {settings.per_week:g} {'false alarm' if settings.per_week == 1 else 'false alarms'} a week.",
        waiting="" if series else "What is usual is learned from the desk's history within a minute of its first work.",
        pager=Pager(
            shown=plural(min(len(rows), ROWS), "alert"),
            first_href=visit.href("alerts") if after else "",
            next_href=visit.href("alerts", after=rows[ROWS - 1].reference) if len(rows) > ROWS else "",
        ),
        settings_href=visit.href("alert-settings") if may_edit else "",
        fields=_fields(settings, sent, error if sent else None) if may_edit else (),
        hidden=(("version", str(version)),),
        errors=summary_of(error) if error else None,
        empty=None if rows else Empty(
            title="Nothing has been out of the usual",
            text="An alert appears here, and is sent to managers at work, when more comes in, waits, is handed over or is "
            "held than this hour normally brings.",
            actions=[Link(label="Board", href=visit.href("board"))],
        ),
    )  # fmt: skip
    return page(
        visit.request, "pages/alerts.html", "Alerts", current="alerts", status=status_of(error) if error else 200,
        has_errors=error is not None, page=shown,
    )  # fmt: skip


def views_of(visit: Visit, current: str) -> list[Link]:
    """Return the pages about alerts that the visitor may open."""
    found = [("alerts", "Alerts"), ("notices", "Told me")]
    if visit.may(Right.ALERT_ANSWER):
        found.append(("messages", "Sent"))
    return [Link(label=label, href=visit.href(name), is_current=name == current) for name, label in found]


def _line(visit: Visit, row: AlertRow) -> AlertLine:
    state, look, note = "Open", "warn", ""
    if row.acknowledged_at is not None:
        state, look = "Acknowledged", "accent"
        said = f": {row.acknowledged_note}" if row.acknowledged_note else ""
        note = f"{row.acknowledged_by_name}, {moment(row.acknowledged_at, visit.now)} UTC{said}"
    if row.closed_at is not None:
        ended = f"{moment(row.closed_at, visit.now)} UTC. {row.closed_note}"
        state, look, note = "Over", "", f"{ended}{f'. {note}' if note else ''}"
    is_mine = row.closed_at is None and row.acknowledged_at is None and visit.may(Right.ALERT_ANSWER)
    return AlertLine(
        reference=row.reference, title=row.title, text=row.text, since=f"{moment(row.opened_at, visit.now)} UTC",
        told=f"{plural(row.recipients, 'manager')} told" if row.recipients else "Nobody could be told",
        state=state, look=look, note=note, is_urgent=row.is_urgent,
        answer_href=visit.href("alert-acknowledge", row.reference) if is_mine else "",
    )  # fmt: skip


def _fields(settings: Settings, data: QueryDict | None, error: InvalidFacts | Conflict | None) -> list[Field]:
    def held(name: str, value: str) -> str:
        return value if data is None else text_of(data, name)

    wrong = error if isinstance(error, InvalidFacts) else None
    off = settings.off if data is None else tuple(set(AlertKind) - set(data.getlist("kinds")))
    return [
        Field(
            name="kinds", label="Tell of", kind="choices",
            options=[Option(value=k.value, label=word, is_chosen=k not in off) for k, word in KIND_WORDS.items()],
        ),
        Field(
            name="per_week", label="False alarms a week", width="short", value=held("per_week", f"{settings.per_week:g}"),
            hint="Of incoming, unassigned and follow-the-sun together. Fewer means later",
            error=message_for(wrong, "per_week"),
        ),
        Field(
            name="risk_items", label="Items in danger", width="short", value=held("risk_items", str(settings.risk_items)),
            error=message_for(wrong, "risk_items"),
        ),
        Field(
            name="load_percent", label="Load, % of limits", width="short",
            value=held("load_percent", str(settings.load_percent)), error=message_for(wrong, "load_percent"),
        ),
    ]  # fmt: skip


@require_POST
@requires(Right.CHANNEL_EDIT)
def settings_save(request: HttpRequest) -> HttpResponse:
    """Set what raises an alert."""
    visit = visit_of(request)
    desk_id, data = visit.desk.id, request.POST
    try:
        services.settings_set(
            desk_id,
            Settings(
                per_week=_decimal(text_of(data, "per_week")),
                risk_items=required_number(data, "risk_items", "Items in danger"),
                load_percent=required_number(data, "load_percent", "Load"),
                off=tuple(sorted(set(AlertKind) - set(data.getlist("kinds")))),
            ),
            version=number_of(data, "version", "The version"), by=visit.actor, now=visit.now,
        )  # fmt: skip
    except (InvalidFacts, Conflict) as error:
        return _page(visit, error=error)
    toast_add(request, "Saved; limits are learned anew within a minute")
    return HttpResponseRedirect(visit.href("alerts"))


def _decimal(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise InvalidFacts("False alarms a week must be a number, such as 1 or 0.5", field="per_week") from None


@require_POST
@requires(Right.ALERT_ANSWER)
def acknowledge(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that one sees to an alert."""
    visit = visit_of(request)
    visit.be_on(services.alert_get(reference, by=visit.actor).desk_id)
    try:
        services.alert_acknowledge(reference, note=text_of(request.POST, "note"), by=visit.actor, now=visit.now)
    except (InvalidFacts, Conflict) as error:
        return _page(visit, error=error)
    toast_add(request, f"{reference} acknowledged")
    return HttpResponseRedirect(visit.href("alerts"))


urls = [
    path("alerts/", alerts, name="alerts"),
    path("alerts/settings/", settings_save, name="alert-settings"),
    path("alerts/<reference>/acknowledge/", acknowledge, name="alert-acknowledge"),
]
