"""What was sent and what was not, to be sent again; and where webhooks of the desk go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.core.queries import wall_now
from watchbill.apps.notices.endpoints import endpoint_save
from watchbill.apps.notices.outbox import message_again
from watchbill.apps.notices.queries import EndpointRow, endpoint_list, message_page, messages_dead
from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.sense.alarms import AlertKind
from watchbill.flows.outbox import woken
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.errors import message_for, status_of, summary_of
from watchbill.interfaces.web.formats import moment, plural
from watchbill.interfaces.web.forms import number_of, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.pages.alerts import KIND_WORDS, ROWS, views_of
from watchbill.interfaces.web.viewmodels.alerts import ChannelsPage, EndpointLine, MessageLine
from watchbill.interfaces.web.viewmodels.parts import Empty, Field, Link, Option, Pager

STATES = {
    "": "All", "waiting": "Waiting", "sent": "Sent", "dead": "Given up", "merged": "In a digest", "dropped": "Not sent",
}  # fmt: skip
LOOKS = {"sent": "accent", "dead": "warn", "waiting": "line"}


@never_cache
@require_safe
@requires(Right.ALERT_ANSWER)
def messages(request: HttpRequest) -> HttpResponse:
    """Show what was sent for a desk, the latest first."""
    return _page(visit_of(request))


def _page(visit: Visit, *, error: InvalidFacts | Conflict | None = None, secret: str = "") -> HttpResponse:
    data = visit.request.GET
    state, after = text_of(data, "state"), number_of(data, "after", "The place")
    if state not in STATES:
        raise InvalidFacts(f"A message is {', '.join(name for name in STATES if name)}", field="state")
    rows = message_page(visit.desk.id, state=state, before=after, limit=ROWS + 1, by=visit.actor)
    may_edit = visit.may(Right.CHANNEL_EDIT)
    dead = messages_dead(visit.desk.id)
    shown = ChannelsPage(
        desk=visit.desk.name,
        views=views_of(visit, "messages"),
        parts=[
            Link(
                label=label, href=visit.href("messages", state=name), is_current=name == state,
                count=dead if name == "dead" and dead else None,
            )
            for name, label in STATES.items()
        ],
        lines=[_line(visit, row) for row in rows[:ROWS]],
        pager=Pager(
            shown=plural(min(len(rows), ROWS), "message"),
            first_href=visit.href("messages", state=state) if after else "",
            next_href=visit.href("messages", state=state, after=rows[ROWS - 1]["id"]) if len(rows) > ROWS else "",
        ),
        endpoints=[_endpoint(row) for row in endpoint_list(visit.desk.id, by=visit.actor)] if may_edit else (),
        fields=_fields(visit, error) if may_edit else (),
        save_href=visit.href("endpoint-save") if may_edit else "",
        mail=f"Mail is sent from {settings.MAIL_FROM}" if settings.SMTP_URL
        else "No mail server is set up: set WATCHBILL_SMTP_URL where Watchbill runs",
        secret=secret,
        errors=summary_of(error) if error else None,
        empty=None if rows else Empty(
            title="Nothing here",
            text="Each mail and webhook appears here with every attempt and the other side's receipt. What was given up waits "
            "for you to send it again.",
            actions=[Link(label="Alerts", href=visit.href("alerts"))],
        ),
    )  # fmt: skip
    return page(
        visit.request, "pages/messages.html", "Sent", current="alerts", status=status_of(error) if error else 200,
        has_errors=error is not None, page=shown,
    )  # fmt: skip


def _line(visit: Visit, row: dict[str, Any]) -> MessageLine:
    said = row["receipt"] or row["error"]
    if row["state"] == "waiting" and row["attempts"]:
        said = f"{plural(row['attempts'], 'attempt')}, next {moment(row['due_at'], visit.wall_now)} UTC. {said}"
    elif row["state"] == "waiting":
        said = f"Due {moment(row['due_at'], visit.wall_now)} UTC"
    return MessageLine(
        what=row["subject"], to=f"{row['channel']} to {row['address']}", at=f"{moment(row['at'], visit.now)} UTC",
        state=STATES[row["state"]], look=LOOKS.get(row["state"], ""), said=said, key=row["key"],
        again_href=visit.href("message-again") if row["state"] == "dead" else "",
    )  # fmt: skip


def _endpoint(row: EndpointRow) -> EndpointLine:
    return EndpointLine(
        name=row.name, url=row.url, is_active=row.is_active, state="On" if row.is_active else "Off",
        kinds=", ".join(KIND_WORDS[AlertKind(kind)] for kind in row.kinds) or "Every kind",
    )  # fmt: skip


def _fields(visit: Visit, error: InvalidFacts | Conflict | None) -> list[Field]:
    data, wrong = visit.request.POST, error if isinstance(error, InvalidFacts) else None
    chosen = set(data.getlist("kinds"))
    return [
        Field(name="name", label="Name", value=text_of(data, "name") if error else "", width="mid", is_required=True,
              hint="The name of one that there is changes it", error=message_for(wrong, "name")),
        Field(name="url", label="Address", kind="url", value=text_of(data, "url") if error else "", is_required=True,
              hint="https, on the open internet", error=message_for(wrong, "url")),
        Field(
            name="kinds", label="Only of", kind="choices", hint="None chosen: every kind", error=message_for(wrong, "kinds"),
            options=[Option(value=k.value, label=word, is_chosen=k.value in chosen) for k, word in KIND_WORDS.items()],
        ),
        Field(name="is_active", label="On", kind="checkbox", value="1"),
        Field(name="is_new_secret", label="A new secret", kind="checkbox", value=""),
    ]  # fmt: skip


@require_POST
@requires(Right.CHANNEL_EDIT)
def endpoint(request: HttpRequest) -> HttpResponse:
    """Make or change an endpoint; a new secret is shown this once."""
    visit, data = visit_of(request), request.POST
    desk_id = visit.desk.id
    try:
        saved = endpoint_save(
            desk_id, name=text_of(data, "name"), url=text_of(data, "url"), kinds=data.getlist("kinds"),
            is_active="is_active" in data, is_new_secret="is_new_secret" in data, is_open=settings.WEBHOOK_OPEN,
            by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        return _page(visit, error=error)
    if saved.secret:
        return _page(visit, secret=saved.secret)
    toast_add(request, "Saved")
    return HttpResponseRedirect(visit.href("messages"))


@require_POST
@requires(Right.ALERT_ANSWER)
def again(request: HttpRequest) -> HttpResponse:
    """Have a message sent again that was given up."""
    visit = visit_of(request)
    try:
        with woken():
            message_again(text_of(request.POST, "key"), by=visit.actor, now=visit.now, wall=wall_now())
    except Conflict as error:
        return _page(visit, error=error)
    toast_add(request, "It is sent again")
    return HttpResponseRedirect(visit.href("messages"))


urls = [
    path("alerts/sent/", messages, name="messages"),
    path("alerts/sent/again/", again, name="message-again"),
    path("alerts/endpoints/", endpoint, name="endpoint-save"),
]
