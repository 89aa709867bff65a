"""When a message goes out: quiet hours, digests and pauses after failures. Pure: instants come in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from watchbill.apps.notices.queries import Wish

PAUSES = tuple(timedelta(minutes=n) for n in (1, 2, 5, 15, 60, 240, 720))
"""After each failed attempt; when they are used up, in about 17 hours, the message is given up."""


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None when the message is given up."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def due_at(wish: Wish, wall: datetime, *, recent: Sequence[datetime], is_urgent: bool) -> datetime:
    """When a message that is written at *wall* goes out.

    recent: when others of its kind to the same reader were written lately, in order. What is urgent goes at once. After
    ``digest_after`` of them within ``digest_min`` minutes the rest waits until these are over, and goes as one; in quiet
    hours everything waits for their end.
    """
    if is_urgent:
        return wall
    window = timedelta(minutes=wish.digest_min)
    lately = [at for at in recent if at > wall - window]
    due = lately[0] + window if len(lately) >= wish.digest_after else wall
    return max(due, quiet_end(wish, due))


def quiet_end(wish: Wish, at: datetime) -> datetime:
    """The end of the quiet hours that *at* is in; *at* itself outside of them.

    In local time of the reader's zone: on the day of a clock change they begin and end when her clock says so.
    """
    if wish.quiet_from == wish.quiet_until:
        return at
    here = at.astimezone(ZoneInfo(wish.zone))
    minute = here.hour * 60 + here.minute
    is_over_night = wish.quiet_from > wish.quiet_until
    is_quiet = (
        minute >= wish.quiet_from or minute < wish.quiet_until
        if is_over_night
        else wish.quiet_from <= minute < wish.quiet_until
    )
    if not is_quiet:
        return at
    day = here.date() + timedelta(days=1 if is_over_night and minute >= wish.quiet_from else 0)
    end = datetime(day.year, day.month, day.day, wish.quiet_until // 60, wish.quiet_until % 60, tzinfo=here.tzinfo)
    return end.astimezone(at.tzinfo)
