"""What a breach and a pause are judged from: the clock's life, who held the item, when people were there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.ids import PersonId, TeamId
from watchbill.engine.base.intervals import Interval
from watchbill.engine.base.work import State
from watchbill.engine.clocks import Segment


class Reason(StrEnum):
    """Why a commitment was broken, as far as its timeline can tell; in the order in which ties are decided."""

    UNASSIGNED = "unassigned"
    CUSTOMER = "customer"
    VENDOR = "vendor"
    OTHER_PARTY = "other_party"
    HANDED_OVER = "handed_over"
    NO_STAFF = "no_staff"
    REOPENED = "reopened"
    SHORTENED = "shortened"
    TOOK_LONGER = "took_longer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How an item stood from an instant on: its state, who owned it, and with which team it lay."""

    at: datetime
    state: State
    owner: PersonId | None = None
    team: TeamId | None = None


Staffing = Mapping[TeamId | None, Sequence[Interval]]
"""When anybody of a team was at work, merged and in order; None stands for the whole desk. Who is not in it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachFacts:
    """One broken commitment.

    segments: the clock's life in order, up to or beyond the breach.
    calendars: what counts its business time, by name, as its segments name it.
    breach_at: when it was broken.
    moments: how the item stood, in time order, the first no later than the clock's start.
    staffing: when people were there; a team that is not in it is taken to have been.
    """

    segments: Sequence[Segment]
    calendars: Mapping[str, BusinessHours]
    breach_at: datetime
    moments: Sequence[Moment]
    staffing: Staffing = field(default_factory=dict)
