"""Reads of the installation: its clock, and the story that a demo tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from watchbill.apps.core import models
from watchbill.engine.base.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskClock:
    """How desk time follows wall time; see `models.Installation`."""

    is_moved: bool
    desk_anchor_at: datetime
    wall_anchor_at: datetime
    rate: float
    limit_at: datetime | None
    reached_rate: float | None
    done_at: datetime | None = None
    jump_from_at: datetime | None = None
    jump_to_at: datetime | None = None

    def at(self, wall: datetime) -> datetime:
        """Return desk time at the instant *wall* of the machine. A machine whose clock was set back stands still."""
        if not self.is_moved:
            return wall
        desk = self.desk_anchor_at + max(wall - self.wall_anchor_at, timedelta(0)) * self.rate
        return desk if self.limit_at is None else min(desk, self.limit_at)


def clock_get() -> DeskClock:
    """Return the installation's clock: one row, one indexed read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select clock_is_moved, desk_anchor_at, wall_anchor_at, rate, limit_at, reached_rate, done_at, jump_from_at,"
            " jump_to_at from core_installation where id = 1"
        )
        row = cursor.fetchone()
    if row is None:
        raise Unavailable("The database has not been set up. Run: watchbill migrate")
    return DeskClock(
        is_moved=row[0], desk_anchor_at=row[1], wall_anchor_at=row[2], rate=row[3], limit_at=row[4], reached_rate=row[5],
        done_at=row[6], jump_from_at=row[7], jump_to_at=row[8],
    )  # fmt: skip


def wall_now() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return desk time. Only interfaces call this; everybody else is handed ``now``."""
    return clock_get().at(wall_now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a demo tells: the history of which desk, from when to when (desk time), its dates moved by how many weeks."""

    desk: str
    starts_at: datetime
    ends_at: datetime
    weeks: int

    def as_json(self) -> dict[str, str | int]:
        """The story as it is kept."""
        return {
            "desk": self.desk,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "weeks": self.weeks,
        }


def story_get() -> Story | None:
    """Return the story of a demo; None in a real installation."""
    body = models.Installation.objects.filter(id=1).values_list("story", flat=True).first()
    if body is None:
        return None
    return Story(
        desk=body["desk"],
        starts_at=datetime.fromisoformat(body["starts_at"]),
        ends_at=datetime.fromisoformat(body["ends_at"]),
        weeks=body["weeks"],
    )
