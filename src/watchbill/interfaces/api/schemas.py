"""The shapes that go in and out, as the OpenAPI document tells them; answers are rendered by hand in the same shape."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from watchbill.apps.decisions.choices import Refusal
from watchbill.engine.assign.rails import Mode
from watchbill.engine.base.work import EventKind, Kind, State

Text = Annotated[str, StringConstraints(max_length=200_000)]
Short = Annotated[str, StringConstraints(max_length=500)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=50)]
OneToFour = Annotated[int, Field(ge=1, le=4)]
OneToThree = Annotated[int, Field(ge=1, le=3)]
OneToFive = Annotated[int, Field(ge=1, le=5)]
Limit = Annotated[int, Field(ge=1, le=200, description="How many rows at most")]
Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="The version you saw; another writer makes it a conflict")
]
Place = Annotated[str, StringConstraints(max_length=100)]


class In(Schema):
    """A body: a key that is not known is refused, so that a misspelt one is not silently without effect."""

    model_config = ConfigDict(extra="forbid")


class Written(Schema):
    """What a write left behind."""

    reference: str
    version: int


class Item(Schema):
    reference: str
    desk: str
    external_ref: str
    kind: Kind
    title: str
    category: str
    state: State
    state_since: datetime
    priority: int
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None = Field(description="When the earliest running clock runs out")
    queue: str | None
    owner: str | None
    owner_ref: str | None
    customer: str | None
    customer_tier: str | None
    is_sensitive: bool
    next_step: str
    next_step_due_at: datetime | None
    is_taken_over: bool
    version: int


class Items(Schema):
    items: list[Item]
    next: str | None = Field(description="Send it as `after` for the next page; null on the last one")


class Clock(Schema):
    kind: str
    status: str
    target_s: int
    elapsed_s: int
    paused_s: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    policy_number: int
    calendar: str
    calendar_number: int


class ItemWhole(Item):
    description: str
    language: str
    impact: int | None
    urgency: int | None
    team: str | None
    skill: str | None
    skill_level: int
    owner_since: datetime | None
    next_step_owner: str | None
    next_step_owner_ref: str | None
    resolved_at: datetime | None
    closed_at: datetime | None
    external_source: str
    attributes: dict[str, Any]
    clocks: list[Clock]


class NewItem(In):
    desk: Slug
    title: Line
    kind: Kind = Kind.CASE
    description: Text = ""
    category: Short = ""
    language: Short = ""
    customer: Short = ""
    queue: Short | None = Field(None, description="The queue's name")
    impact: OneToThree | None = None
    urgency: OneToThree | None = None
    priority: OneToFour | None = Field(None, description="Follows from impact and urgency unless given")
    external_source: Short = ""
    external_ref: Short = ""
    person: Short | None = Field(None, description="Reference (PER-12) or whole name: given to her at once")
    text: Text = Field("", description="A first work note")


class ItemChange(In):
    version: Version
    title: Line | None = None
    description: Text | None = None
    category: Short | None = None
    language: Short | None = None
    skill_level: OneToFive | None = None
    queue: Short | None = Field(None, description="The queue's name")
    impact: OneToThree | None = None
    urgency: OneToThree | None = None
    priority: OneToFour | None = Field(None, description="Needs a reason in `text`")
    text: Text = ""


class Assign(In):
    person: Short | None = Field(description="Reference (PER-12) or whole name; null gives the item back to its queue")
    version: Version | None = None
    text: Text = ""


class Take(In):
    version: Version | None = None


class StateChange(In):
    state: State
    version: Version | None = None
    text: Text = ""


class Note(In):
    text: Text
    is_to_customer: bool = False


class NextStep(In):
    what: Short = Field(description="Empty takes the next step away")
    who: Short | None = Field(None, description="Reference (PER-12) or whole name")
    due_at: datetime | None = None
    version: Version | None = None


class Event(Schema):
    seq: int
    kind: EventKind
    at: datetime
    recorded_at: datetime
    actor_kind: str
    actor: str
    state: State
    priority: int
    data: dict[str, Any]


class Events(Schema):
    events: list[Event]
    next: int | None = Field(description="Send it as `before` for older ones; null when there are none")


class Reason(Schema):
    rule: str
    level: str
    points: float
    words: str


class Alternative(Schema):
    person: str = Field(description="Reference")
    name: str
    score: float
    has_slot: bool
    lost_by: str
    contributions: list[Reason]


class LeftOut(Schema):
    rule: str
    people: int
    words: str


class WayOut(Schema):
    rule: str
    person: str = Field(description="Reference")
    name: str
    words: str
    at: datetime | None


class Decision(Schema):
    """A proposal or what became of it: docs/reference/decisions.md."""

    reference: str
    item: str
    title: str
    status: str
    mode: str
    verdict: str
    chosen: str | None
    chosen_ref: str | None
    score: float | None
    reason: str
    contributions: list[Reason]
    alternatives: list[Alternative]
    rejected: list[LeftOut]
    eligible: int
    ways_out: list[WayOut]
    held: str = Field(description="Why a person has to answer although the queue is on autopilot")
    expected: dict[str, Any]
    policy_number: int
    facts_digest: str
    proposed_at: datetime
    answered_at: datetime | None
    answered_by: str
    given_to: str | None
    given_to_ref: str | None
    refusal: str
    answer_reason: str
    undone_at: datetime | None
    undone_by: str
    can_be_undone: bool


class Decisions(Schema):
    decisions: list[Decision]
    next: str | None = Field(description="Send it as `after` for the next page; null on the last one")


class Answered(Schema):
    decision: Decision
    item: str
    version: int


class Accept(In):
    """Nothing to say: accepting needs no reason."""


class Change(In):
    person: Line = Field(description="Reference (PER-12) or whole name")
    reason: Text = ""


class Refuse(In):
    reason: Refusal
    text: Text = ""


class Undo(In):
    """Nothing to say: undoing needs no reason."""


class Considered(Schema):
    person: str
    name: str
    may_take: bool
    failed: list[str]
    words: str
    score: float | None
    contributions: list[Reason]


class Explained(Schema):
    reference: str
    policy_number: int
    facts_digest: str
    at: datetime
    considered: list[Considered]


class Desk(Schema):
    slug: str
    name: str
    zone: str
    note: str
    is_generated: bool


class Desks(Schema):
    desks: list[Desk]


class GuardRails(In):
    per_hour: Annotated[int, Field(ge=1, le=10_000)] = 20
    priorities: Annotated[list[OneToFour], Field(min_length=1, max_length=4)] = [3, 4]
    people: Annotated[list[Short], Field(max_length=1000, description="References; empty means everybody")] = []


class QueueMode(Schema):
    mode: str
    guard_rails: dict[str, Any]
    version: int


class Queue(Schema):
    name: str
    is_active: bool
    team: str | None
    skill: str | None
    skill_level: int
    version: int
    open: int
    unassigned: int
    mode: QueueMode


class Queues(Schema):
    queues: list[Queue]


class SetMode(In):
    desk: Slug
    queue: Line = Field(description="The queue's name")
    mode: Mode
    guard_rails: GuardRails | None = Field(None, description="Left out: as they were")
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    reason: Text = ""


class ModeSet(Schema):
    queue: str
    version: int


class PersonSkill(Schema):
    name: str
    level: int
    is_confirmed: bool
    evidence: dict[str, Any]


class Person(Schema):
    reference: str
    name: str
    email: str
    zone: str
    region: str
    languages: list[str]
    teams: list[str]
    skills: list[PersonSkill]
    wip_limit: int
    is_robot: bool
    is_active: bool
    deactivated_at: datetime | None
    version: int


class People(Schema):
    people: list[Person]
    next: str | None = Field(description="Send it as `after` for the next page; null on the last one")


class Deactivate(In):
    reason: Line
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = Field(None, description="The person's, as you saw it")


class Deactivated(Schema):
    reference: str
    open_items: list[str] = Field(description="References of the work that now needs others, up to 500")


class PolicyVersion(Schema):
    number: int
    holds_from: datetime
    body: dict[str, Any]
    by: str
    reason: str
    recorded_at: datetime


class CalendarVersion(PolicyVersion):
    name: str


class Policies(Schema):
    assign: list[PolicyVersion]
    assign_in_force: dict[str, Any] = Field(description="The policy that holds now; number 0 is the built-in one")
    clocks: list[PolicyVersion]
    calendars: list[CalendarVersion]
    matrix: dict[str, int] = Field(description='"impact,urgency" to priority')


class Publish(In):
    desk: Slug
    body: dict[str, Any]
    reason: Line
    holds_from: datetime | None = Field(None, description="Left out: now")
    seen_number: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = Field(
        None, description="The version you edited; another since then makes it a conflict"
    )


class PublishCalendar(Publish):
    name: Line


class Published(Schema):
    number: int


class Try(In):
    item: Short = Field(description="Reference of an open item")
    body: dict[str, Any]


class Tried(Schema):
    reference: str
    policy_number: int
    chosen_in_force: str | None
    chosen_on_trial: str | None
    in_force: dict[str, Any]
    on_trial: dict[str, Any]


class AuditEvent(Schema):
    id: int
    at: datetime
    recorded_at: datetime
    desk: str | None
    actor_kind: str
    actor: str
    action: str
    object_kind: str
    object_ref: str
    before: Any
    after: Any
    reason: str


class AuditEvents(Schema):
    events: list[AuditEvent]
    next: int | None = Field(description="Send it as `after` for older ones; null when there are none")


class Import(Schema):
    reference: str
    profile: str
    file_name: str
    file_size: int
    sha256: str
    status: str
    message: str
    shift_weeks: int
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    items: int
    items_added: int
    events: int
    events_added: int
    events_held: int
    people: int
    first_at: datetime | None
    last_at: datetime | None
    seconds: float
    peak_rss_mb: float
    by: str
    started_at: datetime
    recorded_at: datetime
    finished_recorded_at: datetime | None


class Imports(Schema):
    imports: list[Import]


class RejectedRow(Schema):
    line: int
    column: str
    value: str
    expected: str


class RejectedRows(Schema):
    rejects: list[RejectedRow]
    next: int | None = Field(description="Send it as `after` for the next page; null on the last one")
