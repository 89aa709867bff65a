"""When a message goes out: at once, after quiet hours, or gathered with others; and how long to wait after a failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchbill.apps.notices.queries import Wish
from watchbill.apps.notices.timing import PAUSES, due_at, quiet_end, retry_after

NIGHT = Wish(zone="Europe/Madrid", quiet_from=22 * 60, quiet_until=6 * 60 + 30)
WALL = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_quiet_hours_end_by_the_readers_clock():
    """23:00 and 03:00 in Madrid wait for 06:30 there; noon does not; the night of the clock change is one hour shorter."""
    assert quiet_end(NIGHT, datetime(2026, 3, 2, 22, tzinfo=UTC)) == datetime(2026, 3, 3, 5, 30, tzinfo=UTC)
    assert quiet_end(NIGHT, datetime(2026, 3, 3, 2, tzinfo=UTC)) == datetime(2026, 3, 3, 5, 30, tzinfo=UTC)
    assert quiet_end(NIGHT, WALL) == WALL
    assert quiet_end(NIGHT, datetime(2026, 3, 28, 23, tzinfo=UTC)) == datetime(2026, 3, 29, 4, 30, tzinfo=UTC)
    by_day = Wish(quiet_from=9 * 60, quiet_until=17 * 60)
    assert quiet_end(by_day, WALL) == WALL.replace(hour=17)
    assert quiet_end(by_day, WALL.replace(hour=17)) == WALL.replace(hour=17)


def test_what_is_urgent_knows_no_quiet():
    """At once, at night and in a flood."""
    at = datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert due_at(NIGHT, at, recent=[at] * 9, is_urgent=True) == at
    assert due_at(NIGHT, at, recent=[], is_urgent=False) > at


def test_many_of_a_kind_wait_for_the_end_of_their_minutes():
    """Three go one by one; the fourth and fifth wait for the same instant; old ones do not count."""
    recent = [WALL - timedelta(minutes=n) for n in (20, 10, 5)]
    wish = Wish(digest_after=3, digest_min=30)
    assert due_at(wish, WALL, recent=recent[:2], is_urgent=False) == WALL
    assert due_at(wish, WALL, recent=recent, is_urgent=False) == WALL + timedelta(minutes=10)
    later = WALL + timedelta(minutes=5)
    assert due_at(wish, later, recent=[*recent, WALL], is_urgent=False) == WALL + timedelta(minutes=10)
    assert due_at(wish, WALL + timedelta(minutes=26), recent=recent, is_urgent=False) == WALL + timedelta(minutes=26)


def test_attempts_come_further_and_further_apart_and_end():
    """Seven pauses that grow, then it is given up."""
    assert [retry_after(n) for n in range(1, 9)] == [*PAUSES, None]
    assert sorted(PAUSES) == list(PAUSES)
