"""Facts and outcome of balance: both sides of a move, what it does to them, and what several lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchbill.engine.assign.facts import Snapshot
from watchbill.engine.assign.lateness import Spans
from watchbill.engine.base.ids import ItemId, PersonId, RegionId

# -- facts ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What balance knows of a person beside the snapshot: her hours, her work, and her region.

    spans: minutes from now at which she is at work. due_min: what falls due of all four terms, and available_min, both
    until the horizon.
    """

    spans: Spans = ()
    due_min: float = 0.0
    available_min: float = 0.0
    region: RegionId | None = None

    @property
    def ratio(self) -> float | None:
        """Load of capacity; None when she is not available until the horizon."""
        return self.due_min / self.available_min if self.available_min > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceFacts:
    """A snapshot with the owned items of those looked at, and their sides until the horizon. Who has no side neither gives nor takes.

    chances: of items whose risk is known by better means, how likely their worst promise is missed as things stand.
    speaks_for: one side of each suggested move is among these (None: it need not be).
    """

    snapshot: Snapshot
    sides: Mapping[PersonId, Side]
    horizon_h: int = 24
    chances: Mapping[ItemId, float] = field(default_factory=dict)
    speaks_for: frozenset[PersonId] | None = None

    def may_ask(self, giver: PersonId, taker: PersonId) -> bool:
        """Whether whoever asks speaks for one side of a move."""
        return self.speaks_for is None or giver in self.speaks_for or taker in self.speaks_for


# -- outcome --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What moves do to one person: promises expected late (a sum of chances), and load of capacity."""

    late_before: float
    late_after: float
    load_before: float | None
    load_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One item from its owner to another person.

    gain: in points, index and load and promises together. late_before, late_after: chance that the item's worst promise is
    missed with the giver, and with the taker. giving, taking: the effect on either, after the moves before this one.
    reasons: (rule, points) that speak for the taker, the strongest first. second: the next best taker with her gain.
    considered: people who fulfil every must; left_out: others who were looked at.
    """

    item: ItemId
    giver: PersonId
    taker: PersonId
    gain: float
    late_before: float
    late_after: float
    giving: Effect
    taking: Effect
    reasons: tuple[tuple[str, float], ...]
    considered: int
    left_out: int
    second: tuple[PersonId, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Loads and promises expected late of everybody looked at, before and after some moves."""

    before: Mapping[PersonId, float]
    after: Mapping[PersonId, float]
    late_before: Mapping[PersonId, float]
    late_after: Mapping[PersonId, float]

    @property
    def busiest_before(self) -> float:
        return max(self.before.values(), default=0.0)

    @property
    def busiest_after(self) -> float:
        return max(self.after.values(), default=0.0)
