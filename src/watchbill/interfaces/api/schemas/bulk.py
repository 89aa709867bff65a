"""One act on many items, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from watchbill.engine.base.work import EventKind, State
from watchbill.flows.act.bulk import LIMIT
from watchbill.interfaces.api.schemas.base import In, OneToFour, Short, Slug, Text


class Bulk(In):
    desk: Slug
    references: Annotated[
        list[Short],
        Field(
            max_length=LIMIT,
            description=f"References of items of this desk, 1 to {LIMIT}; CASE-10042:3 where version 3 was seen",
        ),
    ]


class BulkAssign(Bulk):
    person: Short | None = Field(description="Reference (PER-12) or whole name; null gives them back to their queues")
    text: Text = ""


class BulkState(Bulk):
    state: State
    text: Text = ""


class BulkPriority(Bulk):
    priority: OneToFour
    text: Text = Field(description="Why: a priority set by hand needs a reason")


class BulkItem(Schema):
    reference: str
    is_done: bool
    version: int | None = Field(description="The version that it has now; null when nothing was done to it")
    reason: str = Field(description="Why nothing was done to it; empty when it was")


class BulkDone(Schema):
    act: str | None = Field(description="By which all of it can be undone (ACT-5); null when nothing was done")
    done: int
    refused: int
    items: list[BulkItem] = Field(description="One for each reference, in the order asked")


class BulkAct(Schema):
    reference: str = Field(description="ACT-5; the items' events name it as `act`")
    kind: EventKind = Field(description="assigned, state or priority")
    what: str = Field(description="The person's name (empty: back to the queue), the state, or the priority")
    items: int = Field(description="How many were changed")
    by: str
    at: datetime
    recorded_at: datetime
    undone_at: datetime | None
    undone_by: str


class BulkActs(Schema):
    acts: list[BulkAct]
    next: str | None = Field(description="Send it as `after` for older ones; null when there are none")


class ActUndo(In):
    """Nothing to say: undoing needs no reason."""
