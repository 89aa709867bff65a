"""Calendars that are no longer wanted: refused while they are used, not offered afterwards, and brought back."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories import BOSS, NOW, actor, make_desk, make_item, minutes, publish_replayed
from watchbill.apps.clocks.queries import clocks_of_items, closed_dates, rulebook
from watchbill.apps.clocks.retiring import calendar_restore, calendar_retire
from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.people.rights import Role
from watchbill.apps.work.models import WorkItem
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.clocks import default_policy

pytestmark = pytest.mark.django_db
HOW = {"reason": "moved house", "by": BOSS, "now": NOW}


@pytest.fixture
def desk():
    """A desk that counts on “office”, and has another calendar."""
    desk = make_desk()
    other = {**Calendar.working_week("UTC", "09:00-17:00").as_json(), "closed_on": ["2026-03-05"]}
    calendar_publish(desk, "other", other, holds_from=NOW, **HOW)
    return desk


def test_a_calendar_in_use_is_not_retired(desk):
    """The word names the policy, that of later too, and the clocks."""
    with pytest.raises(Conflict, match=r"version 1 of the clock policy \(in force: response, resolution\)"):
        calendar_retire(desk, "office", **HOW)
    policy_publish(desk, default_policy(calendar="other").as_json(), holds_from=NOW + minutes(60), **HOW)
    with pytest.raises(Conflict, match="in force"):
        calendar_retire(desk, "office", **HOW)
    with pytest.raises(Conflict, match=r"version 2 of the clock policy \(from 02 Mar 2026 13:00 UTC: "):
        calendar_retire(desk, "other", **HOW)


def test_a_retired_calendar_is_in_no_new_policy_and_old_clocks_go_on(desk):
    """Neither named nor published anew; an item that counts on it keeps its clocks."""
    item = make_item(desk, now=NOW - minutes(1))
    publish_replayed(desk, default_policy(calendar="other").as_json(), holds_from=NOW, **HOW)
    calendar_retire(desk, "office", **HOW)
    with pytest.raises(InvalidFacts, match="“office”, which is retired .by then it has other."):
        policy_publish(desk, default_policy(calendar="office").as_json(), holds_from=NOW, **HOW)
    with pytest.raises(InvalidFacts, match="retired; bring it back"):
        calendar_publish(desk, "office", Calendar.always("UTC").as_json(), holds_from=NOW, **HOW)
    with pytest.raises(Conflict, match="already"):
        calendar_retire(desk, "office", **HOW)
    assert rulebook(desk).at(NOW - minutes(1)).calendars["office"].number == 1
    key = WorkItem.objects.values_list("id", flat=True).get()
    assert {clock.calendar for clock in clocks_of_items([key])[key]} == {"office"}, item
    calendar_restore(desk, "office", **HOW)
    assert publish_replayed(desk, default_policy(calendar="office").as_json(), holds_from=NOW, **HOW) == 3
    with pytest.raises(Conflict, match="not retired"):
        calendar_restore(desk, "office", **HOW)


def test_holidays_of_a_retired_calendar_close_nothing(desk):
    """A desk's holidays are those of the calendars that are still wanted."""
    office = {**Calendar.working_week("America/Sao_Paulo", "08:00-18:00").as_json(), "closed_on": ["2026-03-06"]}
    calendar_publish(desk, "office", office, holds_from=NOW, **HOW)
    assert closed_dates(desk, NOW).everywhere == frozenset()
    calendar_retire(desk, "other", **HOW)
    assert closed_dates(desk, NOW).everywhere == {date(2026, 3, 6)}


def test_retiring_needs_the_right_a_reason_and_a_calendar(desk):
    """Coordinators read policies."""
    with pytest.raises(NotAllowed):
        calendar_retire(desk, "other", reason="x", by=actor(Role.COORDINATOR, desk), now=NOW)
    with pytest.raises(InvalidFacts, match="Say why"):
        calendar_retire(desk, "other", reason=" ", by=BOSS, now=NOW)
    with pytest.raises(NotFound):
        calendar_retire(desk, "moon", **HOW)
    with pytest.raises(NotFound):
        calendar_restore(make_desk(has_clocks=False), "other", **HOW)
