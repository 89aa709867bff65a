"""Attainment, breaches with their reasons, exclusions and pauses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from watchbill.apps.reports.choices import Sort
from watchbill.interfaces.api.schemas.base import In, Line, Short, Slug, Text

NEXT = "Send it as `after` for the next page; null on the last one"
Cycle = Annotated[int, Field(ge=1, le=2**31 - 1, description="Which one, of a commitment that repeats or restarts")]


class Share(Schema):
    """A share that was counted, with its 95 % interval (Wilson)."""

    hits: int
    total: int
    share: float | None = Field(description="0 to 1; null of nothing")
    low: float
    high: float
    is_small: bool = Field(description="Fewer than 30: it says little")


class Attained(Schema):
    key: str = Field(description="A name or number, the first day of a week or month, or a reference; empty for none")
    label: str
    attainment: Share = Field(description="Met of met and missed, without what is excluded")
    with_excluded: Share
    excluded: int = Field(
        description="Left out by two people's word: decided, or broken and still open (left out once decided)"
    )
    broken: int = Field(description="Past their target and still open; in neither")


class Attainment(Schema):
    by: str
    slices: list[Attained]
    all: Attained


class Commitment(Schema):
    item: str
    title: str
    priority: int
    owner: str | None
    queue: str | None
    customer: str | None
    commitment: str
    agreement: str
    cycle: int
    status: str
    target_s: int
    elapsed_s: int
    at: datetime = Field(description="When it was met or missed; of an open one when it was broken")
    reason: str = Field(description="Code; confirmed, or else suggested")
    is_confirmed: bool
    exclusion: str = Field(description="asked, approved or empty")


class Commitments(Schema):
    commitments: list[Commitment]
    next: str | None = Field(description=NEXT)


class BreachAnswer(Schema):
    code: str
    suggested: str
    note: str
    at: datetime
    by: str


class Breach(Schema):
    reference: str
    item: str
    title: str
    priority: int
    commitment: str
    agreement: str
    cycle: int
    breach_at: datetime
    suggested: str = Field(description="Code; empty when no reason is clear")
    shares: dict[str, float] = Field(description="What speaks for each reason, 0 to 1")
    counted_s: int = Field(description="Business seconds that were looked at")
    handovers: int
    confirmed: str
    note: str
    confirmed_by: str
    confirmed_at: datetime | None
    exclusion: str


class ReasonCount(Schema):
    code: str = Field(description="`mixture` for those of which no reason is clear")
    label: str
    confirmed: int
    suggested: int


class Breaches(Schema):
    breaches: list[Breach]
    reasons: list[ReasonCount] = Field(description="Of all in the slice, the most frequent first")
    next: str | None = Field(description=NEXT)


class BreachDetail(Breach):
    answers: list[BreachAnswer] = Field(description="What was said of it, the latest first")


class Confirm(In):
    desk: Slug
    breaches: list[Line] = Field(max_length=500, description="References, such as BRE-12")
    code: Short = Field("", description="Empty: as suggested, each its own")
    note: Text = ""


class Left(Schema):
    item: str
    reason: str


class Confirmed(Schema):
    done: list[str] = Field(description="References of the breaches")
    left: list[Left]


class Exclusion(Schema):
    reference: str
    item: str
    commitment: str
    cycle: int
    status: str
    code: str
    text: str
    asked_at: datetime
    asked_by: str
    answered_at: datetime | None
    answered_by: str
    answer: str
    withdrawn_at: datetime | None
    withdrawn_by: str


class Exclusions(Schema):
    exclusions: list[Exclusion]
    next: str | None = Field(description=NEXT)


class Ask(In):
    item: Line
    commitment: Line
    cycle: Cycle = 1
    code: Line
    text: Text = Field(min_length=1, description="Why, for whoever is to approve it")


class Answer(In):
    text: Text = ""


class Compared(Schema):
    own: Share
    others: Share
    stands_out: bool = Field(description="Higher than that of all others by more than chance explains")


class PausesOf(Schema):
    key: str
    name: str
    late: Compared
    silent: Compared | None


class PauseAudit(Schema):
    late: Share
    silent: Share | None = Field(description="Null where no message to a customer is known")
    rows: list[PausesOf]


class Pause(Schema):
    item: str
    title: str
    commitment: str
    began_at: datetime
    ended_at: datetime | None
    gone_ratio: float = Field(description="How much of the target was used up; 1 or more: after the breach")
    message_s: int | None = Field(description="Seconds to the nearest message to the customer; null for none")
    state: str
    by: str
    team: str | None


class Pauses(Schema):
    pauses: list[Pause]
    next: str | None = Field(description=NEXT)


class Code(Schema):
    code: str
    label: str
    is_active: bool
    is_standard: bool


class Codes(Schema):
    breach: list[Code]
    exclusion: list[Code]


class SaveCode(In):
    desk: Slug
    sort: Sort
    code: Line
    label: Line
    is_active: bool = True
