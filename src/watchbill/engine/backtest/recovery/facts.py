"""What comes in: a desk at this instant with what is usual of the hours ahead, and how much is asked. Minutes count from now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from watchbill.engine.assign.policy import Policy as Parameters
from watchbill.engine.backtest.courses import Able
from watchbill.engine.backtest.facts import Span
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import Priority

HOUR_MIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One open item that can be worked on. due_min: of its live promise, 0 or less when it is missed already, None without one.

    able: who may do it; its owner alone where she keeps it. is_begun: somebody has worked on it. mean_min: what is left, expected.
    wait_min: until when it is put off already.
    """

    item: ItemId
    due_min: int | None
    priority: Priority
    mean_min: int
    able: Able
    owner: PersonId | None = None
    is_begun: bool = False
    wait_min: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """One item that came in the same hours of an earlier week. at_min: after the beginning of those hours."""

    at_min: int
    due_after_min: int | None
    priority: Priority
    mean_min: int
    able: Able


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One person. spans: her shifts from a day back to two days beyond what is followed, in order. can_be_asked: not away, not off by her own word."""

    id: PersonId
    spans: tuple[Span, ...]
    region: str = ""
    limit: int = 1
    can_be_asked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One item from its owner to somebody else. level: of the taker, above what the item asks for; 1 for no more than that."""

    item: ItemId
    giver: PersonId
    taker: PersonId
    level: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """An outside firm that takes work of the desk. may: the open items that it may be passed.

    lead_min: from being asked until it begins; at_once: how many items it works on at the same time; most: how many it takes now;
    held: how many it has of the desk already, which it does first.
    """

    id: int
    may: frozenset[ItemId]
    lead_min: int
    at_once: int
    most: int
    held: int = 0

    def __post_init__(self) -> None:
        if self.lead_min < 0 or self.at_once < 1 or self.most < 0 or self.held < 0:
            raise InvalidFacts("A partner needs a lead of 0 min or more, and takes at least one item at a time")


@dataclass(frozen=True, slots=True, kw_only=True)
class HourRules:
    """How far working time may be stretched. notice_min: from being called until at work."""

    most_extra_min: int = 240
    least_extra_min: int = 60
    longest_day_min: int = 720
    rest_min: int = 660
    notice_min: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that the plans rest on. Same situation, same answer.

    weeks: how many earlier weeks *came* is from; horizon_min: the hours for which something is decided; follow_min: until when
    promises are counted, so that what is put off is seen to fall due. is_on_autopilot: work is given out as the live desk does it;
    else whoever is free takes what the same index puts first, which costs a fraction of it. partners: the one to ask first, first.
    """

    open: Sequence[Pending]
    came: Sequence[Came]
    weeks: int
    workers: Sequence[Worker]
    moves: Sequence[Moved] = ()
    partners: Sequence[Partner] = ()
    horizon_min: int = 8 * HOUR_MIN
    follow_min: int = 32 * HOUR_MIN
    parameters: Parameters = field(default_factory=Parameters)
    is_on_autopilot: bool = True
    rules: HourRules = field(default_factory=HourRules)
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.horizon_min <= self.follow_min:
            raise InvalidFacts("What is followed must reach at least as far as what is decided")
        if self.weeks < 1:
            raise InvalidFacts("What usually comes in needs at least one whole week of history")
