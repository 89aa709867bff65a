"""One case while its life is told: how it stands, and the rows that the log keeps of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from watchbill.demo.company.arrivals import Arrival
from watchbill.demo.company.facts import Product, team_of
from watchbill.engine.base.work import DONE, State


class Row(NamedTuple):
    """One update of a case in the log: how it stands after it. at: minutes since 1970."""

    at: int
    state: State
    priority: int
    product: str
    team: str
    owner: str
    actor: str
    updates: int
    handed_over: str

    @property
    def is_open(self) -> bool:
        return self.state not in DONE


@dataclass(slots=True, kw_only=True)
class Case:
    """How a case stands at a moment of its life. left_min: hands-on minutes that it still takes.

    arrived_at: when another region took it over, in minutes since 1970.
    """

    arrival: Arrival
    region: str
    product: Product
    priority: int
    left_min: int
    state: State = State.NEW
    owner: str = ""
    updates: int = 0
    handed_over: str = ""
    bounces: int = 0
    arrived_at: int = 0
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def of(cls, arrival: Arrival, *, region: str) -> Case:
        """A case that has just come in."""
        return cls(
            arrival=arrival,
            region=region,
            product=arrival.product,
            priority=arrival.priority,
            left_min=arrival.work_min,
        )

    @property
    def reference(self) -> str:
        return f"MS{self.arrival.number:06}"

    @property
    def team(self) -> str:
        return team_of(self.region, self.product)

    def tell(self, at: int, *, by: str) -> None:
        """Keep how it stands now, as an update by somebody."""
        self.rows.append(
            Row(
                at=at, state=self.state, priority=self.priority, product=self.product.name, team=self.team, owner=self.owner,
                actor=by, updates=self.updates, handed_over=self.handed_over,
            )
        )  # fmt: skip

    def at(self, minute: int) -> Row | None:
        """How it stood at an instant; None before it came in."""
        return next((row for row in reversed(self.rows) if row.at <= minute), None)

    def is_open(self, minute: int) -> bool:
        """Whether it was open at an instant."""
        row = self.at(minute)
        return row is not None and row.is_open
