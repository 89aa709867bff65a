"""Calendars made of others: published like any other, whole at every instant, and kept from losing what they are made of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import BOSS, NOW, make_desk, make_item, minutes
from watchbill.apps.clocks.checking import calendar_notes, version_notes
from watchbill.apps.clocks.queries import clocks_of_items, closed_dates, rulebook
from watchbill.apps.clocks.retiring import calendar_restore, calendar_retire
from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.work.models import WorkItem
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.clocks import default_policy

pytestmark = pytest.mark.django_db
HOW = {"reason": "two regions", "by": BOSS, "now": NOW}
EMEA = Calendar.working_week("Europe/Dublin", "09:00-17:00").as_json()
APJ = Calendar.working_week("Asia/Kolkata", "09:00-18:00").as_json()
LATE = Calendar.working_week("Asia/Kolkata", "00:00-06:00").as_json()


def publish(desk: int, name: str, body: object, **more: object) -> int:
    return calendar_publish(desk, name, body, **{"holds_from": NOW, **HOW, **more})


@pytest.fixture
def desk():
    """A desk with two regions and their common hours."""
    desk = make_desk()
    publish(desk, "EMEA", EMEA)
    publish(desk, "APJ", APJ)
    publish(desk, "both", {"intersection": ["EMEA", "APJ"]})
    return desk


def hours_at(desk, after_min):
    """Business hours of “both” in the week after NOW, as they are counted *after_min* later."""
    hours = rulebook(desk).at(NOW + minutes(after_min)).compiled()["both"]
    return hours.business_between(NOW, NOW + minutes(7 * 1440)) / minutes(60)


def test_a_combination_counts_what_its_parts_say_at_the_same_instant(desk):
    """A new version of a part holds in the combination from its own instant on, and not before."""
    assert hours_at(desk, 0) == 5 * 3.5
    publish(desk, "APJ", Calendar.working_week("Asia/Kolkata", "09:00-16:30").as_json(), holds_from=NOW + minutes(60))
    assert (hours_at(desk, 59), hours_at(desk, 60)) == (5 * 3.5, 5 * 2)
    assert publish(desk, "both", {"union": ["EMEA", "APJ"]}, holds_from=NOW + minutes(90)) == 2
    assert hours_at(desk, 90) == 5 * 13.5


def test_an_item_keeps_the_parts_that_held_when_it_was_opened(desk):
    """Its due is that of the versions of then, whatever a part says since."""
    policy_publish(desk, default_policy(calendar="both").as_json(), holds_from=NOW, **HOW)
    make_item(desk, now=NOW + minutes(1), priority=3)
    key = WorkItem.objects.values_list("id", flat=True).get()
    before = clocks_of_items([key])[key]
    assert {clock.calendar for clock in before} == {"both"}
    publish(desk, "APJ", Calendar.always("Asia/Kolkata").as_json(), holds_from=NOW + minutes(2))
    assert clocks_of_items([key])[key] == before
    assert rulebook(desk).at(NOW + minutes(1)).compiled() is rulebook(desk).at(NOW + minutes(1)).compiled()


def test_parts_that_have_no_common_hour_are_refused_with_a_week(desk):
    """The message shows when each part is open in one week."""
    publish(desk, "late", LATE)
    with pytest.raises(InvalidFacts, match="This calendar would not open for a year") as refused:
        publish(desk, "never", {"intersection": ["EMEA", "late"]})
    assert "In the week of 2 Mar 2026, in UTC: “EMEA” is open Mon 09:00-17:00, Tue 09:00-17:00" in refused.value.message
    assert "“late” is open Sun 18:30-00:30" not in refused.value.message  # that one began in the week before
    assert "“late” is open Mon 00:00-00:30, Mon 18:30-00:30" in refused.value.message
    with pytest.raises(InvalidFacts, match="With this version “both”, which is made of “APJ”, would not open"):
        publish(desk, "APJ", LATE)
    with pytest.raises(InvalidFacts, match="“both”, which is made of “APJ”"):  # what comes later counts, too
        publish(desk, "APJ", LATE, holds_from=NOW + minutes(60))


def test_circles_and_unknown_parts_are_refused(desk):
    """Also one that comes about by a new version of a part, and parts that do not hold yet."""
    with pytest.raises(InvalidFacts, match="in a circle: “APJ”, which is made of “both”, which is made of “APJ”"):
        publish(desk, "APJ", {"union": ["both", "EMEA"]})
    with pytest.raises(InvalidFacts, match="in a circle"):
        publish(desk, "both", {"union": ["both", "EMEA"]})
    with pytest.raises(InvalidFacts, match="made of “moon”, which is not among the calendars: APJ, EMEA, both, office"):
        publish(desk, "new", {"union": ["moon", "EMEA"]})
    publish(desk, "soon", EMEA, holds_from=NOW + minutes(60))
    with pytest.raises(InvalidFacts, match="“soon” holds from 02 Mar 2026 13:00 UTC on"):
        publish(desk, "new", {"union": ["soon", "APJ"]})
    assert publish(desk, "new", {"union": ["soon", "APJ"]}, holds_from=NOW + minutes(60)) == 1


def test_a_circle_that_only_a_later_version_would_close_is_refused(desk):
    """EMEA becomes a union with “both” in an hour; “both” may not be made of EMEA by then."""
    publish(desk, "both", {"union": ["office", "APJ"]}, holds_from=NOW + minutes(30))
    publish(desk, "EMEA", {"union": ["both", "office"]}, holds_from=NOW + minutes(60))
    with pytest.raises(InvalidFacts, match="in a circle"):
        publish(desk, "APJ", {"union": ["EMEA", "office"]}, holds_from=NOW + minutes(40))


def test_the_same_parts_in_another_order_are_no_new_version(desk):
    """What a combination says does not depend on how it is written."""
    with pytest.raises(InvalidFacts, match="Nothing has changed"):
        publish(desk, "both", {"intersection": ["APJ", "EMEA"]})


def test_a_part_is_not_retired_and_a_retired_calendar_is_no_part(desk):
    """The word names the calendar that is made of it; once that one is retired, the part may be."""
    with pytest.raises(Conflict, match=r"used by “both” \(in force\), which is made of it"):
        calendar_retire(desk, "EMEA", **HOW)
    calendar_retire(desk, "both", **HOW)
    calendar_retire(desk, "EMEA", **HOW)
    with pytest.raises(Conflict, match="“both” is made of “EMEA”, which is retired"):
        calendar_restore(desk, "both", **HOW)
    with pytest.raises(InvalidFacts, match="“EMEA” is retired"):
        publish(desk, "new", {"union": ["EMEA", "APJ"]})
    calendar_restore(desk, "EMEA", **HOW)
    calendar_restore(desk, "both", **HOW)
    assert hours_at(desk, 0) == 5 * 3.5


def test_a_part_that_is_only_used_later_is_not_retired_either(desk):
    """The instant is named from which it is."""
    publish(desk, "both", {"union": ["office", "APJ"]}, holds_from=NOW)
    publish(desk, "both", {"union": ["EMEA", "APJ"]}, holds_from=NOW + minutes(60))
    with pytest.raises(Conflict, match=r"“both” \(from 02 Mar 2026 13:00 UTC\)"):
        calendar_retire(desk, "EMEA", **HOW)


def test_holidays_of_a_desk_are_asked_of_the_parts(desk):
    """A combination has no holidays of its own."""
    for name in ("EMEA", "APJ", "office"):
        publish(desk, name, {**APJ, "closed_on": ["2026-03-05"]})
    assert {day.isoformat() for day in closed_dates(desk, NOW).everywhere} == {"2026-03-05"}


def test_hours_that_a_change_of_clocks_swallows_are_accepted_and_said(desk):
    """Dublin skips 01:00 to 02:00 on 29 March 2026."""
    body = {**EMEA, "special_on": {"2026-03-29": ["01:15-01:45"]}}
    assert publish(desk, "EMEA", body) == 2
    assert calendar_notes(body, NOW.date()) == [
        "On 29 Mar 2026 clocks in Europe/Dublin skip 01:15-01:45: these hours are no open time"
    ]
    assert calendar_notes({"union": ["EMEA", "APJ"]}, NOW.date()) == []


EVERY_DAY = {
    "zone": "UTC",
    "weekly": {key: ["08:00-20:00"] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
}


def test_the_longest_time_without_open_hours_is_said(desk):
    """Of an intersection that is closed all winter, and of the part whose version closes it; a weekend is not long."""
    publish(desk, "daily", EVERY_DAY)
    publish(desk, "season", EVERY_DAY)
    publish(desk, "beach", {"intersection": ["daily", "season"]})
    how = {"holds_from": NOW, "now": NOW}
    assert version_notes(desk, "daily", EVERY_DAY, **how) == []
    assert version_notes(desk, "beach", {"intersection": ["daily", "season"]}, **how) == []
    closes = {"zone": "UTC", "weekly": {"mon": ["09:00-17:00"]}, "closed_on": [
        f"{day:%Y-%m-%d}" for day in (NOW.date() + timedelta(days=days) for days in range(190, 300)) if day.weekday() == 0
    ]}  # fmt: skip
    (own, other) = version_notes(desk, "season", closes, **how)
    assert own.startswith("From 07 Sep 2026 17:00 to 28 Dec 2026 09:00 UTC it has no open hour, 111 days")
    assert other == own.replace(" it has", " “beach”, which is made of it, has")
    publish(desk, "season", closes)
    assert version_notes(desk, "beach", {"intersection": ["daily", "season"]}, **how) == [own]
    assert version_notes(desk, "ring", {"union": ["nowhere", "daily"]}, **how) == []
