"""Partners of a desk: outside firms that do work for it. What they take, when they begin and what it costs is said by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Unpack

from django.db import IntegrityError, transaction
from django.db.models import F

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import PARTNER, shown
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.core.sql import Natural
from watchbill.apps.core.versions import changed_since, require_reason
from watchbill.apps.people import models
from watchbill.apps.people.partnerfacts import FACTS, UNSAID, NewPartner, PartnerChange, checked
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.base.errors import Conflict, NotFound

MISSING = "There is no such partner, or you may not see it"
NAMED = 5
"""Partners that are named where another was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """One partner of a desk.

    ``categories``: of which work, empty for all. ``least_priority``: the most urgent priority that may be passed to it.
    ``at_once``: on how many of our items it works at the same time; ``most``: how many open ones it takes from us at most.
    ``lead_min``: minutes from being asked until it begins. ``price``: for one item in ``currency``; None and "" where none is known.
    """

    id: int
    desk_id: int
    name: str
    email: str
    categories: tuple[str, ...]
    least_priority: int
    at_once: int
    most: int
    lead_min: int
    price: Decimal | None
    currency: str
    note: str
    is_active: bool
    version: int


_COLUMNS = ("id", "desk_id", *FACTS, "is_active", "version")


# For the system itself: who may see them is asked by who shows them


def partner_list(desk_id: int, *, include_retired: bool = False) -> list[PartnerRow]:
    """Return the partners of a desk by name; the retired ones, when wanted, after those in use. One query."""
    rows = models.Partner.objects.filter(desk_id=desk_id)
    if not include_retired:
        rows = rows.filter(is_active=True)
    return [_row(row) for row in rows.order_by("-is_active", Natural("name"), "name").values(*_COLUMNS)]


def partner_get(partner_id: int) -> PartnerRow:
    """Return one partner, a retired one too. Raises NotFound."""
    row = models.Partner.objects.filter(id=partner_id).values(*_COLUMNS).first()
    if row is None:
        raise NotFound(MISSING)
    return _row(row)


def _row(values: Mapping[str, Any]) -> PartnerRow:
    return PartnerRow(**{**values, "categories": tuple(values["categories"])})


# For who sees and edits them


def partners_shown(desk_id: int, *, by: Actor) -> list[PartnerRow]:
    """Return all partners of a desk by name, the retired ones last. Raises NotAllowed."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    return partner_list(desk_id, include_retired=True)


def partner_seen(partner_id: int, *, by: Actor) -> PartnerRow:
    """Return one partner. Raises NotFound also for one of a desk that may not be seen."""
    row = partner_get(partner_id)
    if not may(by, Right.PEOPLE_VIEW, row.desk_id):
        raise NotFound(MISSING)
    return row


def partner_named(desk_id: int, name: str, *, by: Actor) -> PartnerRow:
    """Return a desk's partner by its whole name, a retired one too. Raises NotFound, naming those there are."""
    rows = partners_shown(desk_id, by=by)
    found = next((row for row in rows if row.name == " ".join(name.split())), None)
    if found is None:
        there_are = ", ".join(row.name for row in rows[:NAMED]) or "none"
        raise NotFound(f"This desk has no partner “{name[:60]}”; there are {there_are}", field="partner")
    return found


def partner_shown(row: PartnerRow) -> dict[str, Any]:
    """Return a partner as plain data under the names that programs know: the same for the API and for commands."""
    names = (*FACTS, "is_active", "version")
    return {"reference": shown(PARTNER, row.id), **{name: getattr(row, name) for name in names}}


def partner_add(desk_id: int, *, by: Actor, now: datetime, **facts: Unpack[NewPartner]) -> int:
    """Name a partner of a desk; return its id.

    Raises InvalidFacts naming the fields, all that is wrong at once, and Conflict when the desk has one of this name.
    """
    require(by, Right.PEOPLE_EDIT, desk_id)
    values = checked({**UNSAID, **facts})
    with _one_name(values["name"]):
        partner = models.Partner.objects.create(desk_id=desk_id, **values)
        _write_down("partner_added", partner.name, desk_id=desk_id, after=values, by=by, now=now)
    return partner.id


def partner_change(
    partner_id: int, *, version: int | None = None, reason: str = "", by: Actor, now: datetime,
    **facts: Unpack[PartnerChange],
) -> bool:  # fmt: skip
    """Change what is said of a partner, from now on; return whether it was different.

    Without a price there is no currency: it goes with the price. Raises NotFound, NotAllowed, InvalidFacts naming the
    fields, Conflict for a name that is taken, and when another has changed it since the *version* that the writer saw.
    """
    said: dict[str, Any] = dict(facts)
    if "price" in said and said["price"] is None:
        said.setdefault("currency", "")
    with transaction.atomic():
        row = _take(partner_id, version=version, by=by)
        held = {name: getattr(row, name) for name in FACTS} | {"categories": list(row.categories)}
        values = checked(held | said)
        after = {name: value for name, value in values.items() if value != held[name]}
        if not after:
            return False
        with _one_name(values["name"]):
            _write(partner_id, after)
        _write_down(
            "partner_changed", values["name"], desk_id=row.desk_id, before={name: held[name] for name in after},
            after=after, reason=reason, by=by, now=now,
        )  # fmt: skip
    return True


def partner_retire(partner_id: int, *, reason: str, version: int | None = None, by: Actor, now: datetime) -> None:
    """Retire a partner: nothing more is passed to it. What was passed to it keeps its name. Of a retired one nothing is written."""
    _activity_set(partner_id, is_active=False, reason=reason, version=version, by=by, now=now)


def partner_restore(partner_id: int, *, reason: str, version: int | None = None, by: Actor, now: datetime) -> None:
    """Take a retired partner into use again, as it was. Of one in use nothing is written."""
    _activity_set(partner_id, is_active=True, reason=reason, version=version, by=by, now=now)


def _activity_set(
    partner_id: int, *, is_active: bool, reason: str, version: int | None, by: Actor, now: datetime
) -> None:  # fmt: skip
    require_reason(reason)
    with transaction.atomic():
        row = _take(partner_id, version=version, by=by)
        if row.is_active == is_active:
            return
        _write(partner_id, {"is_active": is_active})
        action = "partner_restored" if is_active else "partner_retired"
        _write_down(action, row.name, desk_id=row.desk_id, reason=reason, by=by, now=now)


def _take(partner_id: int, *, version: int | None, by: Actor) -> PartnerRow:
    """Lock a partner until the caller's transaction ends, and return it when the actor may change it as she saw it."""
    values = models.Partner.objects.select_for_update(no_key=True).filter(id=partner_id).values(*_COLUMNS).first()
    if values is None or not may(by, Right.PEOPLE_VIEW, values["desk_id"]):
        raise NotFound(MISSING)
    row = _row(values)
    require(by, Right.PEOPLE_EDIT, row.desk_id)
    if version is not None and version != row.version:
        raise changed_since(
            f"changed the partner {row.name} since you opened the page",
            object_kind="partner", object_ref=row.name, desk_id=row.desk_id, version=row.version,
        )  # fmt: skip
    return row


def _write(partner_id: int, values: Mapping[str, Any]) -> None:
    models.Partner.objects.filter(id=partner_id).update(version=F("version") + 1, **values)


def _write_down(
    action: str, name: str, *, desk_id: int, before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None, reason: str = "", by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Add the line of an act to the audit trail, a price as its text, and tell who listens."""
    audit_add(
        action, object_kind="partner", object_ref=name, desk_id=desk_id, before=_plain(before), after=_plain(after),
        reason=reason, by=by, now=now,
    )  # fmt: skip
    desk_changed(desk_id)


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}


@contextmanager
def _one_name(name: str) -> Iterator[None]:
    """Raise Conflict when what is written within finds the name taken."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Conflict(f"This desk has a partner called {name} already; a retired one keeps its name") from None
