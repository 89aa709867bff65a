"""Two writers: versions that are published one after the other, and the word to the one who comes second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Manager, QuerySet

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed, lock_take
from watchbill.apps.core.trail import AuditFilter, audit_page
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.base.time import require_instant


def require_reason(reason: str) -> None:
    """Raise InvalidFacts when nobody says why."""
    if not reason.strip():
        raise InvalidFacts("Say why, in a few words: it is kept in the audit trail", field="reason")


def changed_since(sentence: str, *, object_kind: str, object_ref: str, desk_id: int, version: int) -> Conflict:
    """Return the error for a write that came second: its details say who changed what, and when.

    *sentence* goes on after the name of who was faster; *version* is the one that stands now. The audit trail knows the
    rest, so every write that is checked so has its line there.
    """
    wanted = AuditFilter(object_kind=object_kind, object_ref=object_ref)
    changes = [
        {"by": event["actor_name"], "at": event["at"].isoformat(), "set": _set(event), "text": event["reason"]}
        for event in audit_page(wanted, desk_ids=[desk_id], limit=1)
    ]
    who = changes[0]["by"] if changes else "Somebody"
    return Conflict(f"{who} {sentence}", version=version, changes=changes)


def _set(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an act set that was not so before."""
    before = event["before"] or {}
    return {name: value for name, value in (event["after"] or {}).items() if before.get(name) != value}


def version_list(versions: QuerySet[Any], *, name: str | None = None) -> list[dict[str, Any]]:
    """Return published versions whole, latest first; those of several things by the column *name* of theirs first."""
    first = () if name is None else (name,)
    columns = (*first, "id", "number", "holds_from", "body", "by_name", "reason", "recorded_at")
    return [dict(row) for row in versions.order_by(*first, "-number").values(*columns)]


def version_publish(
    versions: Manager[Any],
    body_of: Callable[[int], Mapping[str, Any]],
    *,
    desk_id: int,
    name: str | None = None,
    kind: str,
    what: str,
    holds_from: datetime,
    reason: str,
    seen_number: int | None,
    plain: Callable[[Mapping[str, Any]], Any],
    delivered: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Add a version to a desk's *versions* of something, or to those of them called *name*; return its number.

    *versions* are the rows of a `PublishedVersion`; what came before is never changed. *body_of* is told the number and
    gives the body, checked; it is called under the lock of the desk's versions, so what it looks up cannot be published
    meanwhile. *kind* names the thing in the audit trail, *what* in a sentence. ``seen_number`` is the version that the
    writer edited (0: none yet): Conflict, naming who was faster, when another has come since. *plain* gives what a body
    says, however it is written: what holds already by then (*delivered*, before the first) is not published again. Raises
    InvalidFacts for that, and for a missing reason.
    """
    require_reason(reason)
    require_instant(holds_from, "holds_from")
    key: dict[str, Any] = {"desk_id": desk_id} if name is None else {"desk_id": desk_id, "name": name}
    with transaction.atomic():
        lock_take(f"versions:{desk_id}")
        latest = versions.filter(**key).order_by("-number").values("number", "body").first()
        last = latest["number"] if latest else 0
        if seen_number is not None and seen_number != last:
            raise changed_since(
                f"published version {last} of the {what} since you opened version {seen_number}",
                object_kind=kind, object_ref=_ref(last, name), desk_id=desk_id, version=last,
            )  # fmt: skip
        body = body_of(last + 1)
        held = versions.filter(**key, holds_from__lte=holds_from).order_by("-holds_from", "-number").first()
        _require_other(body, held, plain=plain, what=what, delivered=delivered)
        versions.create(**key, number=last + 1, holds_from=holds_from, body=body, by_name=by.name, reason=reason)
        audit_add(
            f"{kind}_published",
            object_kind=kind,
            object_ref=_ref(last + 1, name),
            desk_id=desk_id,
            before=latest["body"] if latest else None,
            after=body,
            reason=reason,
            by=by,
            now=now,
        )
        desk_changed(desk_id)
    return last + 1


def _require_other(
    body: Mapping[str, Any], held: Any, *, plain: Callable[[Mapping[str, Any]], Any], what: str,
    delivered: Mapping[str, Any] | None,
) -> None:  # fmt: skip
    """Raise InvalidFacts when what holds already, or was delivered while nothing does, says the same as *body*."""
    present = delivered if held is None else held.body
    if present is not None and plain(present) == plain(body):
        says = f"the {what} as delivered" if held is None else f"version {held.number} of the {what}"
        raise InvalidFacts(f"Nothing has changed: {says} says just this already, so no version was made")


def _ref(number: int, name: str | None) -> str:
    return str(number) if name is None else f"{name} {number}"
