"""Acts on many items at once: what cannot be done is named, the rest is done, in a handful of statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import queries as work
from watchbill.apps.work.queries import ItemRow
from watchbill.apps.work.services import Written
from watchbill.engine.base.errors import InvalidFacts, WatchbillError
from watchbill.engine.base.work import Priority, State
from watchbill.flows.act.assigning import assignment, require_assignable
from watchbill.flows.act.items import priority_act, state_act
from watchbill.flows.act.writing import Act, write_all

LIMIT = 500
"""Items in one bulk act."""


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
    """What was done, and for each item that was left alone, why; ``asked`` keeps the order of the caller."""

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
    desk_id: int, references: Sequence[str], act_of: Callable[[ItemRow], Act], *, by: Actor, now: datetime
) -> BulkResult:
    require(by, Right.WORK_BULK, desk_id)
    wanted = list(dict.fromkeys(reference.strip().upper() for reference in references))
    if not wanted:
        raise InvalidFacts("Choose at least one item")
    if len(wanted) > LIMIT:
        raise InvalidFacts(f"At most {LIMIT} items fit into one bulk act; you chose {len(wanted)}")
    items = {item.reference: item for item in work.work_rows(desk_id, wanted, by=by)}
    left: list[tuple[str, str]] = [
        (reference, "This desk has no such item") for reference in wanted if reference not in items
    ]
    acts: list[Act] = []
    for item in items.values():
        try:
            acts.append(act_of(item))
        except WatchbillError as error:
            left.append((item.reference, error.message))
    written = write_all(acts, by=by, now=now)
    done = {row.item_id for row in written}
    left += [(act.item.reference, "Somebody changed it at the same time") for act in acts if act.item.id not in done]
    return BulkResult(asked=tuple(wanted), done=tuple(written), left=tuple(left))


def items_assign(
    desk_id: int, references: Sequence[str], person_id: int | None, *, text: str = "", by: Actor, now: datetime
) -> BulkResult:
    """Give many items to one person, or back to the queue. Up to 500; needs the right for bulk acts."""
    require(by, Right.WORK_ASSIGN, desk_id)

    def act_of(item: ItemRow) -> Act:
        name = require_assignable(item, person_id)
        return assignment(item, person_id, name, version=item.version, text=text, data={"bulk": True}, by=by)

    return _each(desk_id, references, act_of, by=by, now=now)


def items_state(
    desk_id: int, references: Sequence[str], state: State, *, text: str = "", by: Actor, now: datetime
) -> BulkResult:
    """Move many items to one state. Up to 500."""
    require(by, Right.WORK_EDIT, desk_id)
    return _each(
        desk_id, references, lambda item: state_act(item, state, version=item.version, text=text), by=by, now=now
    )


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

    return _each(desk_id, references, act_of, by=by, now=now)
