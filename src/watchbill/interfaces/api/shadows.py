"""Shadow runs: begin one for a draft, see what it has come to, stop it, adopt the draft."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.core.queries import now
from watchbill.apps.core.references import SHADOW, key_of
from watchbill.apps.decisions.shadows import shadow_adopt, shadow_page, shadow_stop
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.flows.assign.shadowtold import line_of, shadow_told
from watchbill.flows.backtest.adopting import shadow_ask
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.backtests import ListQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import shadows as shapes
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["backtests"])


@writes(router, "POST", "/shadows", right=Right.POLICY_EDIT, out=shapes.Shadow, status=201)
def shadow_start(request: HttpRequest, body: shapes.StartShadow) -> HttpResponse:
    """Hold a draft beside what is decided, for so many days; it is never acted on. 409 while another is under way on the desk."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        key = shadow_ask(desk_get(body.desk, by=by).id, body.draft, days=body.days, by=by, now=at)
        return shadow_told(key, by=by, now=at).as_json()

    return write(request, do, status=201)


@reads(router, "/shadows", right=Right.POLICY_VIEW, out=shapes.Shadows)
def shadow_list(request: HttpRequest, asked: Query[ListQuery]) -> HttpResponse:
    """List the shadow runs of a desk, the latest first."""
    by, at = actor(request), now()
    before = key_of(SHADOW, asked.after) if asked.after else None
    rows = shadow_page(desk_get(asked.desk, by=by).id, before=before, limit=asked.limit + 1, by=by)
    shown = [line_of(row, at) for row in rows[: asked.limit]]
    return json_response({"shadows": shown, "next": shown[-1]["reference"] if len(rows) > asked.limit else None})


@reads(router, "/shadows/{shadow}", right=Right.POLICY_VIEW, out=shapes.Shadow)
def shadow_show(request: HttpRequest, shadow: str) -> HttpResponse:
    """Show one shadow run: how far it is, what it has come to, and where the draft differs."""
    return json_response(shadow_told(key_of(SHADOW, shadow), by=actor(request), now=now()).as_json())


@writes(router, "POST", "/shadows/{shadow}/stop", right=Right.POLICY_EDIT, out=shapes.Shadow)
def shadow_end(request: HttpRequest, shadow: str) -> HttpResponse:
    """Stop a shadow run that is under way; 409 when it has ended."""
    key = key_of(SHADOW, shadow)

    def do(by: Any, at: datetime) -> dict[str, Any]:
        shadow_stop(key, by=by, now=at)
        return shadow_told(key, by=by, now=at).as_json()

    return write(request, do)


@writes(router, "POST", "/shadows/{shadow}/adopt", right=Right.POLICY_EDIT, out=shapes.Shadow)
def shadow_publish(request: HttpRequest, shadow: str, body: shapes.AdoptShadow) -> HttpResponse:
    """Publish the draft of a shadow run that is over; 409 says why it cannot be adopted. Taken back as any version."""
    key = key_of(SHADOW, shadow)

    def do(by: Any, at: datetime) -> dict[str, Any]:
        shadow_adopt(key, reason=body.reason, by=by, now=at)
        return shadow_told(key, by=by, now=at).as_json()

    return write(request, do)
