"""One act on many items, and what became of each."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import Field

from watchbill.engine.base.work import State
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
    done: int
    refused: int
    items: list[BulkItem] = Field(description="One for each reference, in the order asked")
