"""Acts on many items at once: what cannot be done is named, the rest is done, in a handful of statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import ACT
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import acts as kept_acts
from watchbill.apps.work import queries as work
from watchbill.apps.work.queries import ItemRow
from watchbill.apps.work.services import Written
from watchbill.apps.work.undoing import settings_since
from watchbill.engine.base.errors import Conflict, InvalidFacts, WatchbillError
from watchbill.engine.base.work import EventKind, Priority, State
from watchbill.flows.act.assigning import assignment, require_open_to, require_owner
from watchbill.flows.act.items import priority_act, state_act
from watchbill.flows.act.writing import Act, write_all

LIMIT = 500
"""Items in one bulk act."""

SEEN = ":"
"""Between a reference and the version of the item that the writer saw, as in CASE-10042:3. The version may be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkItem:
    """What became of one item: its new version, or why it was left alone."""

    reference: str
    version: int | None
    reason: str = ""

    @property
    def is_done(self) -> bool:
        return self.version is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """What was done, and for each item that was left alone, why; ``asked`` keeps the order of the caller.

    ``act``: the reference by which all of it can be undone at once (`undoing.act_undo`); "" when nothing was done.
    """

    act: str
    asked: tuple[str, ...]
    done: tuple[Written, ...]
    left: tuple[tuple[str, str], ...]

    @property
    def each(self) -> tuple[BulkItem, ...]:
        """Return what became of each item, in the order asked."""
        versions, reasons = {one.reference: one.version for one in self.done}, dict(self.left)
        return tuple(
            BulkItem(reference=name, version=versions.get(name), reason=reasons.get(name, "")) for name in self.asked
        )


def _each(
    desk_id: int,
    references: Sequence[str],
    act_of: Callable[[ItemRow], Act],
    *,
    kind: EventKind,
    what: str,
    by: Actor,
    now: datetime,
) -> BulkResult:
    require(by, Right.WORK_BULK, desk_id)
    seen = dict(reference_seen(reference) for reference in references)
    wanted = list(seen)
    if not wanted:
        raise InvalidFacts("Choose at least one item")
    if len(wanted) > LIMIT:
        raise InvalidFacts(f"At most {LIMIT} items fit into one bulk act; you chose {len(wanted)}")
    items = {item.reference: item for item in work.work_rows(desk_id, wanted, by=by)}
    moved = settings_since({item.id: seen[name] or item.version for name, item in items.items()})
    left: list[tuple[str, str]] = [
        (reference, "This desk has no such item") for reference in wanted if reference not in items
    ]
    acts: list[Act] = []
    for item in items.values():
        try:
            if item.id in moved:
                names = sorted({one.actor_name for one in moved[item.id]})
                raise Conflict(f"{', '.join(names)} changed it since you saw it")
            acts.append(act_of(item))
        except WatchbillError as error:
            left.append((item.reference, error.message))
    act, written = _write(desk_id, acts, kind=kind, what=what, by=by, now=now)
    done = {row.item_id for row in written}
    left += [(one.item.reference, "Somebody changed it at the same time") for one in acts if one.item.id not in done]
    return BulkResult(act=act, asked=tuple(wanted), done=tuple(written), left=tuple(left))


def _write(
    desk_id: int, acts: Sequence[Act], *, kind: EventKind, what: str, by: Actor, now: datetime
) -> tuple[str, list[Written]]:
    """Write the acts as one: each event names it, and it is kept with its events, unless nothing came of it."""
    if not acts:
        return "", []
    with transaction.atomic():
        number = kept_acts.act_number()
        named = [
            replace(act, change=replace(act.change, data={**act.change.data, "act": f"{ACT}-{number}"})) for act in acts
        ]
        written = write_all(named, by=by, now=now)
        if not written:
            return "", []
        events = [row.event_id for row in written]
        kept_acts.act_add(number, desk_id, kind=kind, what=what, event_ids=events, by=by, now=now)
    return f"{ACT}-{number}", written


def reference_seen(text: str) -> tuple[str, int | None]:
    """Read a reference, and the version that its writer saw if she says it."""
    reference, colon, version = text.strip().upper().partition(SEEN)
    if colon and not (version.isascii() and version.isdigit() and len(version) < 10):
        raise InvalidFacts(f"“{text[:80]}” is no reference with a version, as in CASE-10042{SEEN}3", field="references")
    return reference, int(version) if colon else None


def items_assign(
    desk_id: int,
    references: Sequence[str],
    person_id: int | None,
    *,
    owner_id: int | None = None,
    text: str = "",
    by: Actor,
    now: datetime,
) -> BulkResult:
    """Give many items to one person, or back to the queue. Up to 500; needs the right for bulk acts.

    A reference may carry the version that the writer saw (`SEEN`): what somebody changed since is left alone.
    With *owner_id* only those that this person owns: what has another owner by now is left alone, and named.
    """
    require(by, Right.WORK_ASSIGN, desk_id)
    name = "" if person_id is None else require_owner(person_id, desk_id)

    def act_of(item: ItemRow) -> Act:
        if owner_id is not None and item.owner_id != owner_id:
            raise InvalidFacts(f"{item.owner or 'Nobody'} owns {item.reference} by now", field="owner")
        require_open_to(item, person_id, name)
        return assignment(item, person_id, name, version=item.version, text=text, data={"bulk": True}, by=by)

    return _each(desk_id, references, act_of, kind=EventKind.ASSIGNED, what=name, by=by, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """One item for one person, with the words of its note; ``reference`` may carry the version that the writer saw."""

    reference: str
    person_id: int
    text: str


def items_give(desk_id: int, gifts: Sequence[Gift], *, what: str, by: Actor, now: datetime) -> BulkResult:
    """Give items to a person each, as one act. *what*: whom the act names, as in "given to two people". Up to 500."""
    require(by, Right.WORK_ASSIGN, desk_id)
    names = {person_id: require_owner(person_id, desk_id) for person_id in {gift.person_id for gift in gifts}}
    wanted = {reference_seen(gift.reference)[0]: gift for gift in gifts}

    def act_of(item: ItemRow) -> Act:
        gift = wanted[item.reference]
        name = names[gift.person_id]
        require_open_to(item, gift.person_id, name)
        return assignment(item, gift.person_id, name, version=item.version, text=gift.text, data={"bulk": True}, by=by)

    references = [gift.reference for gift in gifts]
    return _each(desk_id, references, act_of, kind=EventKind.ASSIGNED, what=what, by=by, now=now)


def items_state(
    desk_id: int, references: Sequence[str], state: State, *, text: str = "", by: Actor, now: datetime
) -> BulkResult:
    """Move many items to one state. Up to 500."""
    require(by, Right.WORK_EDIT, desk_id)

    def act_of(item: ItemRow) -> Act:
        return state_act(item, state, version=item.version, text=text)

    return _each(desk_id, references, act_of, kind=EventKind.STATE, what=state.value, by=by, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """One item to a service partner, with the words of its note. ask_at: when it should be done, and is asked after."""

    reference: str
    partner_id: int
    partner: str
    ask_at: datetime
    text: str


def items_pass(desk_id: int, passings: Sequence[Passing], *, what: str, by: Actor, now: datetime) -> BulkResult:
    """Pass items to service partners, as one act: each waits for a vendor, with its next step. Up to 500.

    The owner stays: she answers for the item while others work on it; of what nobody owns the next step is the actor's, if she owns
    work at all. What partner has it stands in the event, for `passed_open`.
    """
    require(by, Right.WORK_EDIT, desk_id)
    wanted = {reference_seen(one.reference)[0]: one for one in passings}

    def act_of(item: ItemRow) -> Act:
        one = wanted[item.reference]
        act = state_act(item, State.WAITING_VENDOR, version=item.version, text=one.text)
        patch = {
            **act.change.patch, "next_step": f"Ask {one.partner} how far it is",
            "next_step_owner_id": item.owner_id or by.person_id,
            "next_step_due_at": one.ask_at,
        }  # fmt: skip
        data = {**act.change.data, "partner": one.partner, "partner_id": one.partner_id, "bulk": True}
        return replace(act, change=replace(act.change, patch=patch, data=data))

    return _each(desk_id, [one.reference for one in passings], act_of, kind=EventKind.STATE, what=what, by=by, now=now)


def items_priority(
    desk_id: int, references: Sequence[str], priority: Priority, *, text: str, by: Actor, now: datetime
) -> BulkResult:
    """Give many items one priority, with a reason. Up to 500."""
    require(by, Right.WORK_EDIT, desk_id)
    if not text.strip():
        raise InvalidFacts("Say why: a priority set by hand needs a reason", field="text")

    def act_of(item: ItemRow) -> Act:
        if item.priority == priority:
            raise InvalidFacts(f"{item.reference} is P{priority} already")
        return priority_act(item, priority, version=item.version, text=text)

    return _each(desk_id, references, act_of, kind=EventKind.PRIORITY, what=str(int(priority)), by=by, now=now)
