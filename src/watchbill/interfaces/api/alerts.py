"""Alerts: listed, with the numbers behind them; acknowledged; and what raises them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import now
from watchbill.apps.core.references import ALERT, key_of
from watchbill.apps.decisions import alerts as services
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.engine.sense.alarms import Settings
from watchbill.flows.alerts.shown import alert_shown, alerts_shown, series_plain, series_shown
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import alerts as shapes
from watchbill.interfaces.api.schemas.base import Limit, Place
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["alerts"])


class ListQuery(DeskQuery):
    after: Place | None = None
    limit: Limit = 50


@reads(router, "/alerts", right=Right.WORK_VIEW, out=shapes.Alerts)
def alert_list(request: HttpRequest, asked: Query[ListQuery]) -> HttpResponse:
    """List the alerts of a desk, the latest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    before = key_of(ALERT, asked.after) if asked.after else None
    shown, following = alerts_shown(desk.id, before=before, limit=asked.limit, by=by)
    return json_response({"alerts": shown, "next": following})


@reads(router, "/alerts/series", right=Right.WORK_VIEW, out=shapes.Series)
def alert_series(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """Show the numbers that alerts compare, over the last two days, each hour beside what is usual."""
    by = actor(request)
    found = series_shown(desk_get(asked.desk, by=by).id, by=by, now=now())
    return json_response({"series": [series_plain(one) for one in found]})


@reads(router, "/alerts/settings", right=Right.WORK_VIEW, out=shapes.Settings)
def alert_settings(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """Show what raises an alert on a desk."""
    settings, version = services.settings_of(desk_get(asked.desk, by=actor(request)).id)
    return json_response({**settings.as_json(), "version": version})


@writes(router, "PUT", "/alerts/settings", right=Right.CHANNEL_EDIT, out=shapes.Settings)
def alert_settings_set(request: HttpRequest, body: shapes.SettingsIn) -> HttpResponse:
    """Set what raises an alert on a desk; limits are learned anew within a minute."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        settings = Settings(
            per_week=body.per_week, risk_items=body.risk_items, load_percent=body.load_percent, off=tuple(body.off)
        )
        version = services.settings_set(desk.id, settings, version=body.version, by=by, now=at)
        return {**settings.as_json(), "version": version}

    return write(request, do)


@reads(router, "/alerts/{reference}", right=Right.WORK_VIEW, out=shapes.Alert)
def alert_get(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one alert."""
    return json_response(alert_shown(services.alert_get(reference, by=actor(request))))


@writes(router, "POST", "/alerts/{reference}/acknowledge", right=Right.ALERT_ANSWER, out=shapes.Alert)
def alert_acknowledge(request: HttpRequest, reference: str, body: shapes.Acknowledge) -> HttpResponse:
    """Say that one sees to an alert; it ends by itself."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        return alert_shown(services.alert_acknowledge(reference, note=body.note, by=by, now=at))

    return write(request, do)
