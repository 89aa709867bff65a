"""A desk as pages, commands and flows read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """``region_zones``: of its regions in the order in which they were made, where desks are listed."""

    id: int
    slug: str
    name: str
    zone: str
    note: str
    is_generated: bool
    closed_at: datetime | None
    region_zones: Sequence[str] = ()

    @property
    def label(self) -> str:
        """The name as pages show it: what is invented, and what is closed, says so."""
        marks = [mark for mark, holds in (("generated", self.is_generated), ("closed", self.closed_at)) if holds]
        return f"{self.name} ({', '.join(marks)})" if marks else self.name
