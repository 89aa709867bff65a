"""Giving an item to a person by hand: done as asked, and said with it which musts of the policy she fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import queries as work
from watchbill.apps.work.queries import ItemDetail
from watchbill.apps.work.services import Written
from watchbill.engine.assign.rules import failed_musts
from watchbill.engine.assign.words import cannot_take
from watchbill.flows.act.assigning import item_assign, require_assignable
from watchbill.flows.assign.gather import gather_desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was written; against: the musts that the new owner fails, as one phrase, empty when she fails none."""

    written: Written
    against: str = ""


def item_give(
    reference: str, person_id: int | None, *, version: int | None = None, text: str = "", by: Actor, now: datetime
) -> Given:
    """Give an item to a person of its desk, or back to the queue (None), as `item_assign` does.

    Whom Watchbill would not give it to gets it all the same: the answer and the work note name the musts that she fails.
    Who takes it herself knows what she does. Raises as `item_assign`.
    """
    item = work.work_get(reference, by=by)
    against = "" if person_id is None or person_id == by.person_id else _against(item, person_id, by=by, now=now)
    noted = f"{text.rstrip('.')}. " if text and against else text
    said = f"{noted}Watchbill would not have proposed this: the new owner {against}" if against else text
    written = item_assign(reference, person_id, version=version, text=said, by=by, now=now)
    return Given(written=written, against=against)


def _against(item: ItemDetail, person_id: int, *, by: Actor, now: datetime) -> str:
    """Which musts a person fails for an item, as a phrase; about fifteen queries."""
    require(by, Right.WORK_ASSIGN, item.desk_id)
    require_assignable(item, person_id)
    gathered = gather_desk(item.desk_id, now, also=[item.id], only=[item.id])
    facts, person = gathered.facts[item.id], gathered.people[person_id]
    return cannot_take(facts, person, failed_musts(facts, person, gathered.snapshot.policy))
