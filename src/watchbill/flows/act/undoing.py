"""Taking acts back: giving, states, priorities and merges, one by one or as they were set on many items at once.

An item is as it was before, unless somebody has changed it since; for the clocks, what was undone never was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.notices.services import NewNotice
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.work import acts as kept_acts
from watchbill.apps.work import queries as work
from watchbill.apps.work import services as work_services
from watchbill.apps.work.queries import ItemRow
from watchbill.apps.work.services import Change, Written
from watchbill.apps.work.timeline import EventRow
from watchbill.apps.work.undoing import Deed, Setting, deed_get, deeds_of, settings_since
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound, WatchbillError
from watchbill.engine.base.work import ActorKind, EventKind
from watchbill.flows.act.bulk import BulkResult
from watchbill.flows.act.writing import Act, write_all

NEEDS = {
    EventKind.ASSIGNED: Right.WORK_ASSIGN, EventKind.STATE: Right.WORK_EDIT, EventKind.PRIORITY: Right.WORK_EDIT,
    EventKind.MERGED: Right.WORK_EDIT,
}  # fmt: skip
"""What can be undone, with the right that doing it takes. A decision is undone as a whole: `flows.assign.answers`."""

FOLLOWING = {"state": ("state_since", "resolved_at", "closed_at"), "owner_id": ("owner_since",)}
"""Fields that follow from others: undoing says them, too, so that they are as they were."""

UNSET = {"is_taken_over": False, "next_step": ""}
"""What a field holds that no event has set, where it is not None."""

CHANGED = {
    "owner_id": "owner", "state": "state", "priority": "priority", "queue_id": "queue", "title": "subject",
    "category": "category", "description": "description", "next_step": "next step", "skill_level": "skill level",
}  # fmt: skip
"""The fields that a reason names, in words."""


def item_undo(reference: str, seq: int, *, by: Actor, now: datetime) -> Written:
    """Take back one act of a person on an item, by the number of its event: the item is as it was before.

    A merge is taken back on both of its items, whichever is named. One's own with the right that it took; somebody else's
    with the right for acts on many items. Raises Conflict when it was undone before, or naming who changed what since;
    NotFound, NotAllowed, and InvalidFacts for what is no such act.
    """
    item = work.work_get(reference, by=by)
    with transaction.atomic():
        work_services.items_lock([one.item_id for one in _deeds_at(item, seq, by=by)])
        deeds = _deeds_at(item, seq, by=by)
        since = settings_since({deed.item_id: deed.seq for deed in deeds})
        acts = []
        for deed in deeds:
            item = work.work_get_by_id(deed.item_id, by=by)
            if not _is_act(deed):
                raise InvalidFacts(
                    "Only an owner, a state, a priority or a merge that somebody has set can be undone", field="event"
                )
            for right in _rights(deed, by=by):
                require(by, right, item.desk_id)
            if deed.undone_by:
                raise Conflict(f"{deed.undone_by} has undone this already", by=deed.undone_by)
            require_unchanged(item, since.get(item.id, ()))
            acts.append(_act_of(deed, item, by=by))
        written = {one.item_id: one for one in write_all(acts, by=by, now=now)}
        return written[deeds[0].item_id]


def _deeds_at(item: ItemRow, seq: int, *, by: Actor) -> list[Deed]:
    """Return what an event of an item did, and of a merge what it did to the other item. Raises NotFound."""
    deed = deed_get(item.id, seq)
    if deed is None:
        raise NotFound(f"{item.reference} has no event {seq}")
    other = deed.data.get("merged_into") or (deed.data.get("reference") if deed.kind == EventKind.MERGED else None)
    beside = None if other is None else deed_get(work.work_get(other, by=by).id, deed.data["event"])
    return [deed] if beside is None else [deed, beside]


def act_undo(act_id: int, *, by: Actor, now: datetime) -> BulkResult:
    """Take back an act on many items: each is as it was before; those that changed since are left, and named.

    Raises Conflict when somebody has undone it before. In one transaction, in a handful of statements; items are locked
    first, so that nothing comes in between and of two who undo at once one is first.
    """
    act = kept_acts.act_get(act_id, by=by)
    require(by, Right.WORK_BULK, act.desk_id)
    require(by, NEEDS[act.kind], act.desk_id)
    with transaction.atomic():
        work_services.items_lock([deed.item_id for deed in deeds_of(act.event_ids)])
        kept_acts.require_standing(act_id)
        deeds = deeds_of(act.event_ids)
        items = {row.id: row for row in work.work_rows(act.desk_id, [deed.reference for deed in deeds], by=by)}
        since = settings_since({deed.item_id: deed.seq for deed in deeds})
        left: list[tuple[str, str]] = []
        acts: list[Act] = []
        for deed in deeds:
            try:
                _require_alone(deed, since.get(deed.item_id, ()))
                acts.append(_act_of(deed, items[deed.item_id], by=by))
            except WatchbillError as error:
                left.append((deed.reference, error.message))
        written = write_all(acts, by=by, now=now)
        if written:
            kept_acts.act_undone(act_id, by=by, now=now)
    asked = tuple(deed.reference for deed in deeds)
    return BulkResult(act=act.reference, asked=asked, done=tuple(written), left=tuple(left))


def require_unchanged(item: ItemRow, since: Sequence[Setting], *, what: str = "this was done") -> None:
    """Raise Conflict, with who changed what, when anything of the item was set since (*since*)."""
    if since:
        raise Conflict(
            f"{item.reference} was changed by {_names(since)} since {what}, so it cannot be undone as a whole",
            reference=item.reference,
            version=item.version,
            changes=[
                {
                    "version": one.seq, "kind": one.kind, "at": one.at.isoformat(), "by": one.actor_name,
                    "set": one.data["set"], "text": one.data.get("text", ""),
                }
                for one in since
            ],
        )  # fmt: skip


def _names(since: Sequence[Setting]) -> str:
    return ", ".join(dict.fromkeys(one.actor_name for one in since))


def _require_alone(deed: Deed, since: Sequence[Setting]) -> None:
    """Raise Conflict, in a few words, when the act was undone by itself, or the item changed since."""
    if deed.undone_by:
        raise Conflict(f"{deed.undone_by} has undone this already")
    if since:
        names = dict.fromkeys(CHANGED[name] for one in since for name in one.data["set"] if name in CHANGED)
        raise Conflict(f"{_names(since)} changed it since" + (f": {', '.join(names)}" if names else ""))


def may_undo(event: EventRow, desk_id: int, *, by: Actor) -> bool:
    """Say whether this event, the last that set anything of its item, could be undone: for showing the button."""
    return _is_act(event) and all(may(by, right, desk_id) for right in _rights(event, by=by))


def _is_act(done: Deed | EventRow) -> bool:
    """Whether somebody has set something here that can be undone: not Watchbill, another system, or an undoing."""
    is_ours = done.actor_kind == ActorKind.PERSON and done.source_key is None
    has_set = "set" in done.data or done.kind == EventKind.MERGED
    return is_ours and done.kind in NEEDS and has_set and "undoes" not in done.data


def _rights(done: Deed | EventRow, *, by: Actor) -> list[Right]:
    """Return what it takes to undo an act: the right that it took, and for another's that for acts on many."""
    kind = EventKind(done.kind)
    is_taking = kind is EventKind.ASSIGNED and done.data["set"]["owner_id"] == by.person_id is not None
    is_own = by.user_id is not None and done.actor_user_id == by.user_id
    return [Right.WORK_TAKE if is_taking else NEEDS[kind], *([] if is_own else [Right.WORK_BULK])]


def _act_of(deed: Deed, item: ItemRow, *, by: Actor) -> Act:
    """Return the act that brings *item* back to what it was before *deed*. Raises InvalidFacts when that gives it to a leaver."""
    changed = deed.data.get("set", {})
    if "owner_id" in changed and deed.leaver:
        raise InvalidFacts(f"{deed.leaver} is not active and cannot own work")
    names = [name for name in changed for name in (name, *FOLLOWING.get(name, ()))]
    patch = {name: deed.before.get(name, UNSET.get(name)) for name in dict.fromkeys(names)}
    data: dict[str, Any] = {"text": f"Undone: {_told(deed)} by {deed.actor_name}", "undoes": deed.seq}
    if "act" in deed.data:
        data = {
            "text": f"{data['text']}, with others ({deed.data['act']})",
            "undoes": deed.seq,
            "act": deed.data["act"],
        }
    change = Change(item_id=item.id, kind=EventKind(deed.kind), version=item.version, patch=patch, data=data)
    return Act(item=item, change=change, notices=_notices(item, patch, by=by), ends_proposal=True)


def _told(deed: Deed) -> str:
    """Return what was done, in words."""
    changed = deed.data.get("set", {})
    if deed.kind == EventKind.MERGED:
        return f"{deed.data['reference']} merged into it"
    if "merged_into" in deed.data:
        return f"merged into {deed.data['merged_into']}"
    if deed.kind == EventKind.ASSIGNED:
        return f"given to {deed.data['to']}" if changed["owner_id"] is not None else "given back to the queue"
    if deed.kind == EventKind.STATE:
        return f"set to {str(changed['state']).replace('_', ' ')}"
    return f"set to P{changed['priority']}"


def _notices(item: ItemRow, patch: dict[str, Any], *, by: Actor) -> list[NewNotice]:
    """Tell who loses the item again, and who has it again, unless they did it themselves."""
    if "owner_id" not in patch or patch["owner_id"] == item.owner_id:
        return []
    told = (
        (item.owner_id, "unassigned", f"{by.name} undid what gave you {item.reference}: {item.title}"),
        (patch["owner_id"], "assigned", f"{item.reference} is yours again, {by.name} undid what took it: {item.title}"),
    )
    return [
        NewNotice(desk_id=item.desk_id, person_id=person_id, kind=kind, text=text, subject_ref=item.reference)
        for person_id, kind, text in told
        if person_id is not None and person_id != by.person_id
    ]
