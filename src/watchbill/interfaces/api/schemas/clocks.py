"""Clocks with their lives, and what they can be computed from by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Slug

MOST_EVENTS = 10_000
MOST_LATER = 100


class ClockSegment(Schema):
    """A stretch of a clock's life in one phase under one target."""

    phase: str
    from_at: datetime
    to_at: datetime | None = Field(description="Null for the one that lasts")
    business_s: int = Field(description="Business seconds in it, up to now")
    target_s: int | None
    calendar: str = Field(description="The calendar that counted it")
    zone: str = Field(description="The time zone in which that was read")
    cause: str
    rule: str = Field(description="The key of the policy that says so: start, pause, stop, ...")
    event: int = Field(description="Which of the events that count for clocks began it, from 0")
    because: str = Field(description="What held")


class Had(Schema):
    """How much business time of a clock somebody had."""

    running_s: int
    paused_s: int
    share: float = Field(description="Of all business time of the clock, running and paused, from 0 to 1")
    turns: int = Field(description="In how many separate stretches")


class ClockHolder(Had):
    """An owner, a queue without an owner, or a party that was waited for."""

    party: str = Field(description="owner, unassigned, customer, vendor or other")
    owner: str | None
    queue: str | None = Field(description="While nobody owned it")
    team: str | None = Field(description="While nobody owned it and it was in no queue")


class ClockTeam(Had):
    """A team, with the time in which its item waited for others."""

    team: str | None


class ClockCycle(Schema):
    """A cycle that has ended."""

    cycle: int
    status: str = Field(description="met, missed or restarted")
    target_s: int | None
    elapsed_s: int
    paused_s: int
    started_at: datetime | None
    stopped_at: datetime
    due_at: datetime | None
    breached_at: datetime | None


class ExplainedClock(Schema):
    """One clock with its life; every key is told in docs/reference/clocks-by-hand.md."""

    name: str
    kind: str
    agreement: str = Field(description="sla, ola or uc")
    cycle: int
    calendar: str
    zone: str
    status: str
    is_breached: bool
    target_s: int | None
    elapsed_s: int
    remaining_s: int | None = Field(description="Negative by how much it is over")
    paused_s: int
    started_at: datetime | None
    stopped_at: datetime | None
    warn_at: datetime | None
    warn_ats: list[datetime]
    due_at: datetime | None
    resumes_at: datetime | None = Field(description="When the present pause ends by itself")
    safe_at: datetime | None = Field(description="The latest moment at which it is still safe to begin, as learned")
    breached_at: datetime | None
    segments: list[ClockSegment]
    holders: list[ClockHolder]
    teams: list[ClockTeam]
    cycles: list[ClockCycle]


class ItemClocks(Schema):
    reference: str
    now: datetime
    clocks: list[ExplainedClock]


class ClocksByHand(In):
    """The form of docs/reference/clocks-by-hand.md."""

    policy: dict[str, Any] = Field(description="As a version of the kind `clocks` has it")
    calendars: dict[str, Any] = Field(description="Calendars by name, as versions of the kind `calendar` have them")
    events: list[dict[str, Any]] = Field(
        max_length=MOST_EVENTS, description="at, kind, state, priority, owner, actor, facts"
    )
    later: list[dict[str, Any]] = Field(
        default=[], max_length=MOST_LATER, description="Versions that take over: at, and policy, which says takes_over"
    )
    now: str = Field(description="The instant at which the clocks are looked at")


class TriedClocks(Schema):
    now: datetime
    clocks: list[ExplainedClock]


class LeadTime(Schema):
    """What to expect of one class; null in its parts stands for any. Times in business seconds."""

    kind: str | None
    priority: int | None
    category: str | None
    queue: str | None
    basis: str = Field(description="learned, or assumed where too few items say anything")
    pick_up_s: int = Field(description="From actionable to the first touch: half of the items need no more")
    pick_up_p80_s: int
    pick_up_items: int
    effort_s: int = Field(description="From the first touch to the solution, without waiting: half need no more")
    effort_p80_s: int
    effort_items: int


class LeadTimes(Schema):
    learned_at: datetime | None = Field(description="Null: nothing was learned yet, and all is assumed")
    items: int
    classes: list[LeadTime] = Field(description="The widest first")


class LearnLeadTimes(In):
    desk: Slug
