"""What becomes of clocks when a team moves to another region, or its region to another zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import BOSS, make_item
from tests.flows.test_customer_clocks import desk_with, resolution
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.people.bulk import team_ensure_many
from watchbill.apps.people.models import TeamPlace
from watchbill.apps.people.regions import region_save
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.queues import queue_save
from watchbill.engine.base.work import State
from watchbill.flows import clocks, renewing
from watchbill.flows.act.items import item_state
from watchbill.flows.clocklife import lives_of
from watchbill.flows.regions import region_change, team_move

pytestmark = pytest.mark.django_db

MOVED = datetime(2026, 6, 15, 12, tzinfo=UTC)  # a Monday: 13:00 in Lisbon, 08:00 in New York
SINCE = MOVED - timedelta(days=30)
OPENED = MOVED - timedelta(days=6, hours=22)  # 15:00 in Lisbon
HOUR = 3600
DUE = datetime(2026, 6, 20, 19, tzinfo=UTC)
"""100 hours of nine to five: two, six days of eight and four in Lisbon; then five days of eight and six hours in New York."""


@pytest.fixture
def desk():
    return desk_with({**resolution(100), "calendar": "office", "zone_of": "team", "on_transfer": "keep"})


@pytest.fixture
def team(desk):
    """A team in Lisbon for a month before it moves, with the queue Mail."""
    [key] = team_ensure_many(desk, ["Mail"]).values()
    lisbon = region_save(desk, name="EMEA", zone="Europe/Lisbon", by=BOSS, now=SINCE)
    team_move(desk, key, lisbon, by=BOSS, now=SINCE)
    return key


@pytest.fixture
def queue(desk, team):
    return queue_save(desk, name="Mail", team_id=team, by=BOSS, now=SINCE)


def segments(desk, item, now):
    """The stretches of the item's clock: where counted, and business seconds up to the last event."""
    [outcome] = lives_of(desk, item.id, now).outcomes
    return [(one.zone, one.from_at, one.to_at, one.business.total_seconds()) for one in outcome.segments]


def due(item):
    [clock] = clocks_of_items([item.id])[item.id]
    return clock.due_at


def test_what_was_counted_before_a_team_moved_stays_to_the_second(desk, team, queue):
    """A case waits a week in Lisbon; then the team is in New York: the week stays, and the rest is counted there."""
    item = work_get(make_item(desk, queue_id=queue, now=OPENED), by=BOSS)
    york = region_save(desk, name="AMS", zone="America/New_York", by=BOSS, now=MOVED)
    team_move(desk, team, york, by=BOSS, now=MOVED)
    renewing.tick(MOVED)
    assert due(item) == DUE
    assert segments(desk, item, MOVED) == [
        ("Europe/Lisbon", OPENED, MOVED, 54 * HOUR), ("America/New_York", MOVED, None, 0),
    ]  # fmt: skip


def test_what_was_counted_before_a_region_got_another_zone_stays_too(desk, team, queue):
    """The same when the region is said to lie elsewhere; a name alone moves nothing."""
    item = work_get(make_item(desk, queue_id=queue, now=OPENED), by=BOSS)
    [place] = TeamPlace.objects.filter(team_id=team)
    region_change(desk, place.region_id, name="Europe", zone="Europe/Lisbon", by=BOSS, now=MOVED)
    assert TeamPlace.objects.filter(team_id=team).count() == 1
    region_change(desk, place.region_id, name="Europe", zone="America/New_York", by=BOSS, now=MOVED)
    renewing.tick(MOVED)
    assert due(item) == DUE
    assert [one[3] for one in segments(desk, item, MOVED)] == [54 * HOUR, 0]


def test_what_was_done_before_keeps_its_clock_however_often_it_is_computed(desk, team, queue):
    """And what is opened afterwards knows the new place alone."""
    done = work_get(make_item(desk, queue_id=queue, now=OPENED), by=BOSS)
    item_state(done.reference, State.RESOLVED, by=BOSS, now=OPENED + timedelta(hours=2))
    before = segments(desk, done, MOVED)
    york = region_save(desk, name="AMS", zone="America/New_York", by=BOSS, now=MOVED)
    team_move(desk, team, york, by=BOSS, now=MOVED)
    clocks.recompute(desk, [done.id], now=MOVED)
    assert segments(desk, done, MOVED) == before
    fresh = work_get(make_item(desk, queue_id=queue, now=MOVED), by=BOSS)
    assert [one[0] for one in segments(desk, fresh, MOVED)] == ["America/New_York"]


def test_a_move_that_the_watch_has_not_come_to_yet_fires_nothing_wrong(desk, team, queue):
    """Between the move and the next step of the watch the kept clock is outdated, and known to be."""
    from watchbill.apps.clocks.renewals import items_outdated

    item = work_get(make_item(desk, queue_id=queue, now=OPENED), by=BOSS)
    york = region_save(desk, name="AMS", zone="America/New_York", by=BOSS, now=MOVED)
    team_move(desk, team, york, by=BOSS, now=MOVED)
    assert items_outdated([item.id], MOVED) == {desk: [item.id]}
    renewing.tick(MOVED)
    assert items_outdated([item.id], MOVED) == {}


def test_no_clock_is_made_anew_where_no_promise_looks_at_the_zone():
    """A desk without such a promise has nothing to follow."""
    from watchbill.apps.clocks.renewals import renewals_waiting

    desk = desk_with(resolution(8))
    [team] = team_ensure_many(desk, ["Mail"]).values()
    team_move(desk, team, region_save(desk, name="EMEA", zone="UTC", by=BOSS, now=MOVED), by=BOSS, now=MOVED)
    assert renewals_waiting() == []
