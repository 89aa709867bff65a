"""Partners of a desk: outside firms to which open items can be passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import PARTNER, key_of
from watchbill.apps.people import partners
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.flows.partners import partner_told, partners_told
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import partners as shapes
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["desks"])


@reads(router, "/partners", right=Right.PEOPLE_VIEW, out=shapes.Partners)
def partner_list(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List the partners of a desk by name, the retired ones last."""
    by = actor(request)
    return json_response({"partners": partners_told(desk_get(asked.desk, by=by).id, by=by)})


@reads(router, "/partners/{reference}", right=Right.PEOPLE_VIEW, out=shapes.Partner)
def partner_get(request: HttpRequest, reference: str) -> HttpResponse:
    """Get one partner."""
    return json_response(partner_told(key_of(PARTNER, reference), by=actor(request)))


@writes(router, "POST", "/partners", right=Right.PEOPLE_EDIT, out=shapes.Partner, status=201)
def partner_add(request: HttpRequest, body: shapes.NewPartner) -> HttpResponse:
    """Name a partner of a desk, with what it takes, when it begins and what one item costs."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk_id = desk_get(body.desk, by=by).id
        key = partners.partner_add(desk_id, **body.model_dump(exclude={"desk"}), by=by, now=at)
        return partner_told(key, by=by)

    return write(request, do, status=201)


@writes(router, "PATCH", "/partners/{reference}", right=Right.PEOPLE_EDIT, out=shapes.Partner)
def partner_change(request: HttpRequest, reference: str, body: shapes.ChangePartner) -> HttpResponse:
    """Change what is said of a partner, from now on."""
    key = key_of(PARTNER, reference)
    sent = body.model_dump(exclude_unset=True)
    said = {name: value for name, value in sent.items() if value is not None or name == "price"}

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        partners.partner_change(key, **said, by=by, now=at)
        return partner_told(key, by=by)

    return write(request, do)


@writes(router, "POST", "/partners/{reference}/retire", right=Right.PEOPLE_EDIT, out=shapes.Partner)
def partner_retire(request: HttpRequest, reference: str, body: shapes.RetirePartner) -> HttpResponse:
    """Retire a partner, so that nothing more is passed to it, or use it again."""
    key = key_of(PARTNER, reference)
    act = partners.partner_restore if body.is_active else partners.partner_retire

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        act(key, reason=body.reason, version=body.version, by=by, now=at)
        return partner_told(key, by=by)

    return write(request, do)
