"""Merging an item into another that tells of the same: the one is cancelled and says where it went, the other lives on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.notices.services import NewNotice
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import queries as work
from watchbill.apps.work import services as work_services
from watchbill.apps.work.queries import ItemDetail
from watchbill.apps.work.services import Change, Written
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import DONE, EventKind, State
from watchbill.flows.act.writing import Act, write_all


def item_merge(
    reference: str,
    into: str,
    *,
    version: int | None = None,
    into_version: int | None = None,
    text: str = "",
    by: Actor,
    now: datetime,
) -> tuple[Written, Written]:
    """Merge an item into another of its desk; return what was written of each, all of it or nothing.

    Both are open. The first is cancelled; its event names the other (``merged_into``), whose own event of the kind
    ``merged`` holds ``reference`` and ``opened_at`` of the first: clocks may count from there. Each event has the number
    of the other's (``event``), so that both are undone at once. Raises NotFound, NotAllowed, InvalidFacts naming the field,
    and Conflict, naming who changed what, when one of them is no longer as it was seen.
    """
    found = [work.work_get(name, by=by) for name in (reference, into)]
    if found[0].desk_id != found[1].desk_id:
        raise InvalidFacts(f"{found[1].reference} is on another desk; only items of one desk are merged", field="into")
    if found[0].id == found[1].id:
        raise InvalidFacts(f"{found[0].reference} cannot be merged into itself", field="into")
    require(by, Right.WORK_EDIT, found[0].desk_id)
    with transaction.atomic():
        work_services.items_lock([item.id for item in found])
        gone, kept = (work.work_get_by_id(item.id, by=by) for item in found)
        for item, seen in ((gone, version), (kept, into_version)):
            if seen is not None and seen != item.version:
                raise work_services.conflict(item.id, seen)
        for item, field in ((gone, ""), (kept, "into")):
            if State(item.state) in DONE:
                raise InvalidFacts(f"{item.reference} is {item.state}; only open items are merged", field=field)
        first, second = write_all(_acts(gone, kept, text=text.strip(), by=by), by=by, now=now)
    return (first, second) if first.item_id == gone.id else (second, first)


def _acts(gone: ItemDetail, kept: ItemDetail, *, text: str, by: Actor) -> list[Act]:
    why = {"text": text} if text else {}
    leaves = Change(
        item_id=gone.id,
        kind=EventKind.STATE,
        version=gone.version,
        patch={"state": State.CANCELLED},
        data={"from": gone.state, "merged_into": kept.reference, "event": kept.version + 1, **why},
    )
    opened_at = gone.opened_at.isoformat()
    takes = Change(
        item_id=kept.id,
        kind=EventKind.MERGED,
        version=kept.version,
        data={"reference": gone.reference, "opened_at": opened_at, "event": gone.version + 1, **why},
    )
    told = f"{by.name} merged {gone.reference} into {kept.reference}: {kept.title}"
    notices = [
        NewNotice(desk_id=kept.desk_id, person_id=person_id, kind="note", subject_ref=kept.reference, text=told)
        for person_id in dict.fromkeys((gone.owner_id, kept.owner_id))
        if person_id is not None and person_id != by.person_id
    ]
    return [Act(item=gone, change=leaves, ends_proposal=True), Act(item=kept, change=takes, notices=notices)]
