"""What was told to the caller, what was sent for a desk with every attempt, and where webhooks go."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import wall_now
from watchbill.apps.notices.endpoints import endpoint_save
from watchbill.apps.notices.outbox import message_again
from watchbill.apps.notices.queries import endpoint_list, message_attempts, message_page, notice_page
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.flows.outbox import woken
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import alerts as shapes
from watchbill.interfaces.api.schemas.base import Limit, Place, Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["alerts"])
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]


class PageQuery(Schema):
    after: Key | None = None
    limit: Limit = 50


class MessageQuery(PageQuery):
    desk: Slug
    state: Place = ""


@reads(router, "/notices", right=Right.WORK_VIEW, out=shapes.Notices)
def notice_list(request: HttpRequest, asked: Query[PageQuery]) -> HttpResponse:
    """List what was told to the caller, read or not, the latest first."""
    rows = notice_page(before=asked.after, limit=asked.limit + 1, by=actor(request))
    following = rows[asked.limit - 1]["id"] if len(rows) > asked.limit else None
    return json_response({"notices": rows[: asked.limit], "next": following})


@reads(router, "/messages", right=Right.ALERT_ANSWER, out=shapes.Messages)
def message_list(request: HttpRequest, asked: Query[MessageQuery]) -> HttpResponse:
    """List what was sent for a desk, or is to be, the latest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    rows = message_page(desk.id, state=asked.state, before=asked.after, limit=asked.limit + 1, by=by)
    following = rows[asked.limit - 1]["id"] if len(rows) > asked.limit else None
    return json_response({"messages": rows[: asked.limit], "next": following})


@reads(router, "/messages/{key}/attempts", right=Right.ALERT_ANSWER, out=shapes.Attempts)
def message_attempt_list(request: HttpRequest, key: str) -> HttpResponse:
    """Show every attempt to send one message."""
    return json_response({"key": key, "attempts": message_attempts(key, by=actor(request))})


@writes(router, "POST", "/messages/{key}/again", right=Right.ALERT_ANSWER, out=shapes.Again)
def message_send_again(request: HttpRequest, key: str) -> HttpResponse:
    """Have a message sent again that was given up."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        with woken():
            message_again(key, by=by, now=at, wall=wall_now())
        return {"key": key, "state": "waiting"}

    return write(request, do)


@reads(router, "/endpoints", right=Right.CHANNEL_EDIT, out=shapes.Endpoints)
def endpoints(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List where webhooks of a desk go; secrets are never shown."""
    by = actor(request)
    rows = endpoint_list(desk_get(asked.desk, by=by).id, by=by)
    return json_response(
        {
            "endpoints": [
                {
                    "name": row.name,
                    "url": row.url,
                    "kinds": row.kinds,
                    "is_active": row.is_active,
                    "version": row.version,
                }
                for row in rows
            ]
        }
    )


@writes(router, "PUT", "/endpoints", right=Right.CHANNEL_EDIT, out=shapes.EndpointSaved)
def endpoint_put(request: HttpRequest, body: shapes.EndpointIn) -> HttpResponse:
    """Make the endpoint of that name, or change it; the secret of a new one is told this once."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        saved = endpoint_save(
            desk_get(body.desk, by=by).id, name=body.name, url=body.url, kinds=body.kinds, is_active=body.is_active,
            is_new_secret=body.is_new_secret, is_open=settings.WEBHOOK_OPEN, by=by, now=at,
        )  # fmt: skip
        return {"name": body.name.strip(), "secret": saved.secret or None}

    return write(request, do)
