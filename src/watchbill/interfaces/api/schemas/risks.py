"""Risk: promises in danger, and what the forecasts are worth."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Slug


class RiskReason(Schema):
    code: str
    words: str


class RiskAction(Schema):
    """What lowers the risk most, and what it is then."""

    code: str = Field(
        description="assign, move, begin, next: to be taken up before all else, or back: so when she is back"
    )
    words: str
    p_after: float
    person: str | None = Field(description="Reference of who would own the item")
    safe_at: datetime | None = Field(description="The latest safe moment, where roll-outs know it")
    p_safe: float | None = Field(description="The risk if the item is taken up only then")
    source: str = Field(
        description="What p_after rests on: as of the risk, or rollout where hours and assumed effort tell it"
    )


class PromiseRisk(Schema):
    """One running promise that can still be kept."""

    commitment: str
    p_miss: float = Field(description="With the source “share” no probability: the share of the target that is used")
    source: str = Field(description="model, baseline, rollout or share")
    model: int | None
    runs: int | None = Field(description="How many futures were rolled out")
    reasons: list[RiskReason]
    action: RiskAction | None
    no_action: str = Field(description="Why nothing that was tried lowers it, where that is known")
    gain: float = Field(description="By how much the action lowers it")
    scored_at: datetime


class ItemRisk(Schema):
    reference: str
    rank: float | None = Field(description="Weight x probability x gain of its worst promise")
    risks: list[PromiseRisk]


class Endangered(ItemRisk):
    title: str
    priority: int
    owner: str | None


class Endangereds(Schema):
    """Items in danger, the greatest danger first."""

    source: str = Field(description="What most promises are scored by: model, baseline, rollout or share")
    model: int | None
    items: list[Endangered]
    next: str | None


class RiskModel(Schema):
    """The model in use, its figures on the latest part of the history, and how live forecasts fared lately."""

    scored_by: dict[str, int] = Field(description="Running promises by the source of their score")
    number: int | None
    learned_at: datetime | None
    source: str = Field(description="model, baseline, or empty while history is too thin")
    digest: str
    words: str
    figures: dict[str, Any]
    counted_at: datetime | None
    lately: dict[str, Any]


class LearnRisks(In):
    desk: Slug
