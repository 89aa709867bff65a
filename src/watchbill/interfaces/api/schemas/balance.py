"""Workload in four terms, moves between people, and fair shares."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from watchbill.flows.balance.making import MOST
from watchbill.interfaces.api.schemas.base import In, Line, Short, Slug


class ExpectedWork(Schema):
    mean: float
    low: float = Field(description="One week in ten brings less")
    high: float = Field(description="One week in ten brings more")


class WorkTerms(Schema):
    incoming_h: ExpectedWork = Field(description="Hours of effort that come in until the horizon")
    backlog_h: float
    handoffs_h: float
    in_progress_h: float
    total_h: float


class WorkLoad(WorkTerms):
    due_h: WorkTerms = Field(description="What of each term falls due until the horizon")
    available_h: dict[str, float] = Field(description="Hours at work in the next 4, 8 and 24 hours")
    load: float | None = Field(description="What falls due over available hours until the horizon; null without hours")


class ForecastHour(Schema):
    work_h: float = Field(description="Work on hand that falls due within the day from then on")
    low_h: float
    high_h: float
    capacity_h: float = Field(description="Hours that can be worked in the day from then on")
    all_h: float = Field(description="All work on hand, however late it is due")


class RegionForecast(Schema):
    hours: list[ForecastHour] = Field(description="From now, hour by hour")
    over_after_h: int | None = Field(
        description="The first hour at which more falls due within a day than can be done in it"
    )


class RegionLoad(WorkLoad):
    region: str | None
    forecast: RegionForecast


class TeamLoad(WorkLoad):
    team: str


class SkillLoad(WorkLoad):
    skill: str


class PersonLoad(WorkLoad):
    person: str
    name: str
    region: str | None


class MovePerson(Schema):
    person: str
    name: str


class MoveEffect(Schema):
    late_before: float = Field(description="Promises expected late: a sum of chances")
    late_after: float
    load_before: float | None
    load_after: float | None


class NextBest(Schema):
    name: str
    gain: float


class HelpfulMove(Schema):
    move: str = Field(description="Its short form, as making it takes it")
    item: str
    title: str
    giver: MovePerson
    taker: MovePerson
    words: list[str]
    gain: float = Field(description="Points")
    late_before: float = Field(description="Chance that the item's worst promise is missed")
    late_after: float
    giving: MoveEffect
    taking: MoveEffect
    reasons: list[tuple[str, float]]
    considered: int
    left_out: int
    second: NextBest | None


class HelpfulMoves(Schema):
    policy_number: int
    left_in_hour: int
    scored_at: datetime | None = Field(
        description="When the oldest of the present chances was scored; null when they are worked out of the queues"
    )
    busiest_before: float
    busiest_after: float
    late_before: float
    late_after: float
    moves: list[HelpfulMove]


class KeptMove(Schema):
    """A move that was made, or waits for the other region."""

    reference: str
    item: str
    title: str
    giver: MovePerson
    taker: MovePerson
    from_region: str | None
    to_region: str | None
    status: str
    asked_at: datetime
    asked_by: str
    answer_by_at: datetime | None
    answered_at: datetime | None
    answered_by: str
    reason: str
    body: dict[str, Any]
    policy_number: int
    act: str | None


class AskedMove(KeptMove):
    may_answer: bool


class Balance(Schema):
    at: datetime
    horizon_h: int
    history_weeks: int
    history_until: datetime = Field(description="Incoming work is learned from what came in up to here")
    effort: str
    desk: WorkLoad
    regions: list[RegionLoad]
    teams: list[TeamLoad]
    skills: list[SkillLoad]
    people: list[PersonLoad]
    moves: HelpfulMoves
    asked: list[AskedMove]


class MovesMake(In):
    desk: Slug
    moves: Annotated[list[Short], Field(max_length=MOST, description="Short forms: CASE-10042:3>PER-12")]


class ManagersAlert(In):
    desk: Slug
    text: Annotated[str, Field(max_length=1000, description="What they should know or do")]
    region: Short = Field("", description="Of which region; else of the whole desk")
    hours: Literal[4, 8, 24] = Field(24, description="The horizon of what is told")


class MoveLeft(Schema):
    item: str
    reason: str


class MovesMade(Schema):
    act: str | None = Field(description="By which all that was done can be undone")
    done: list[str]
    asked: list[str] = Field(description="Half accepted: the manager of the other region answers")
    left: list[MoveLeft]


class MoveAccept(In):
    """Nothing to say: agreeing needs no reason."""


class MoveRefuse(In):
    reason: Line


class TeamMiddle(Schema):
    median: float
    low: float | None
    high: float | None


class HardItems(Schema):
    top: int
    reopened: int
    bounced: int
    long: int


class FairShare(Schema):
    person: str
    name: str
    team: str | None
    items: int
    effort_h: float
    present_h: float
    per_hour: float | None
    hard: float | None
    hard_items: HardItems
    unpopular: float | None
    team_per_hour: TeamMiddle | None
    team_hard: TeamMiddle | None
    team_unpopular: TeamMiddle | None


class FairShares(Schema):
    shares: list[FairShare]
