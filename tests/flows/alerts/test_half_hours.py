"""What is usual is told by the hours of the desk's own clock, also where these begin in the middle of an hour of UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from tests.flows.alerts.history import event, opened
from tests.flows.assign.small_desk import NOW
from watchbill.apps.decisions import alerts
from watchbill.apps.decisions.models import Alert
from watchbill.apps.people.models import Desk, Person, Region
from watchbill.apps.people.rights import Role
from watchbill.engine.sense import surges
from watchbill.flows.alerts.learning import desk_learn
from watchbill.flows.alerts.shown import series_shown
from watchbill.flows.alerts.watching import tick

known_thresholds = cache(surges.thresholds)
KOLKATA, ADELAIDE = "Asia/Kolkata", "Australia/Adelaide"


def there(zone, day, hour, minute=0):
    """An instant of March 2026 by the clock of a zone."""
    return datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.fixture
def in_zone(desk, monkeypatch):
    monkeypatch.setattr(surges, "thresholds", known_thresholds)

    def put(zone):
        Desk.objects.filter(id=desk.id).update(zone=zone)
        return desk

    return put


def test_levels_are_those_at_the_end_of_local_hours(in_zone):
    """Waiting from 10:20 to 12:40 in Kolkata: at the end of its tenth and eleventh hour, which are half hours of UTC."""
    desk = in_zone(KOLKATA)
    items = opened(desk.id, there(KOLKATA, 1, 10, 20), 3)
    event(items, there(KOLKATA, 1, 12, 40), seq=2, kind="assigned", owner_id=desk.people["Ben"])
    for item in items:
        item.owner_id = desk.people["Ben"]
        item.save()
    opened(desk.id, there(KOLKATA, 1, 3), owner=desk.people["Ben"])
    desk_learn(desk.id, now=NOW)
    found = alerts.samples_of(alerts.series_of(desk.id)["unassigned"].id, since=there(KOLKATA, 1, 0), until=NOW)
    assert {at for at, level in found.items() if level} == {there(KOLKATA, 1, 10), there(KOLKATA, 1, 11)}


@pytest.mark.parametrize("zone", [KOLKATA, ADELAIDE])
def test_a_queue_that_fills_every_morning_is_usual_in_that_hour_alone(in_zone, zone):
    """Five wait from 08:00 to 10:00 local time every day: eight are no surprise at 09:45, and six are one at 11:15."""
    desk = in_zone(zone)
    ben = desk.people["Ben"]
    for day in range(1, 29):
        night = there(zone, 1, 8) - timedelta(days=day - 1)
        items = opened(desk.id, night, 5, state="closed", owner=ben)
        event(items, night, seq=2, kind="state", state="new")
        event(items, night + timedelta(hours=2), seq=3, kind="assigned", owner_id=ben)
    now = there(zone, 2, 4)
    desk_learn(desk.id, now=now)
    of = alerts.series_of(desk.id)["unassigned"].body
    (shown,) = [
        one for one in series_shown(desk.id, by=desk.by(Role.QUEUE_MANAGER), now=now) if one.key == "unassigned"
    ]
    assert [of["middles"][hour] for hour in (7, 8, 9, 10, 11)] == [0, 5, 5, 0, 0]
    assert {hour.at.astimezone(ZoneInfo(zone)).minute for hour in shown.hours} == {0}
    assert [
        hour.value for hour in shown.hours if hour.at in (there(zone, 1, 7), there(zone, 1, 8), there(zone, 1, 10))
    ] == [0, 5, 0]


def test_a_hand_over_counts_in_the_local_hour_it_is_made_in(in_zone):
    """Two at 10:05 and 10:55 in Kolkata are of one hour, a third at 11:05 of the next; live as in what is learned."""
    desk = in_zone(KOLKATA)
    east, west = (Region.objects.create(desk_id=desk.id, name=name) for name in ("East", "West"))
    Person.objects.filter(name="Ana", desk_id=desk.id).update(region=west)
    Person.objects.filter(name="Ben", desk_id=desk.id).update(region=east)
    ana, ben = desk.people["Ana"], desk.people["Ben"]

    def passed(day):
        for hour, minute in ((10, 5), (10, 55), (11, 5)):
            one = opened(desk.id, there(KOLKATA, day, hour), owner=ben)
            event(one, there(KOLKATA, day, hour, minute), seq=2, kind="assigned", owner_id=ana)

    opened(desk.id, there(KOLKATA, 1, 3), owner=ben)
    passed(1)
    desk_learn(desk.id, now=there(KOLKATA, 2, 9))
    tick(there(KOLKATA, 2, 9, 30))
    passed(2)
    for minute in range(0, 135, 15):
        tick(there(KOLKATA, 2, 10) + timedelta(minutes=minute))
    series = alerts.series_of(desk.id)[f"fts:{west.id}"]
    for day in (1, 2):
        found = alerts.samples_of(series.id, since=there(KOLKATA, day, 9), until=there(KOLKATA, day, 13))
        assert {at: n for at, n in found.items() if n} == {there(KOLKATA, day, 10): 2, there(KOLKATA, day, 11): 1}


def test_a_burst_is_over_after_a_whole_calm_local_hour(in_zone):
    """Raised at 11:15 in Kolkata, an hour that began at 11:00: calm from then on, it is over when 12:00 to 13:00 was calm."""
    desk = in_zone(KOLKATA)
    at = there(KOLKATA, 2, 9) - timedelta(weeks=5)
    while at < there(KOLKATA, 2, 9):
        if 8 <= at.astimezone(ZoneInfo(KOLKATA)).hour < 18:
            opened(desk.id, at, 2, owner=desk.people["Ben"], state="closed")
        at += timedelta(hours=1)
    desk_learn(desk.id, now=there(KOLKATA, 2, 9))
    tick(there(KOLKATA, 2, 11))
    opened(desk.id, there(KOLKATA, 2, 11, 5), 20, owner=desk.people["Ben"], state="closed")
    tick(there(KOLKATA, 2, 11, 15))
    assert Alert.objects.get().kind == "incoming"
    for minutes in range(15, 105, 15):
        tick(there(KOLKATA, 2, 11, 15) + timedelta(minutes=minutes))
    assert Alert.objects.get().closed_at is None, "12:00 to 13:00 is not over"
    tick(there(KOLKATA, 2, 13))
    assert Alert.objects.get().closed_at == there(KOLKATA, 2, 13)
