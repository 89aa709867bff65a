"""Who counts on a calendar is said when a version of it is published, with from when on it counts."""

from __future__ import annotations

import pytest

from tests.factories import BOSS, NOW, make_desk, minutes
from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.clocks.using import calendar_uses, policy_at, published_notes
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import EPOCH
from watchbill.engine.clocks import default_policy

pytestmark = pytest.mark.django_db
HOW = {"reason": "longer days", "by": BOSS, "now": NOW}
LONG = Calendar.working_week("UTC", "07:00-21:00").as_json()


def test_publishing_names_the_commitments_that_count_on_it():
    """Those of the policy in force, from when on, and that what is open keeps its version; none where nothing counts on it."""
    desk = make_desk()
    calendar_publish(desk, "office", LONG, holds_from=NOW + minutes(60), **HOW)
    (note,) = published_notes(desk, "office", holds_from=NOW + minutes(60), now=NOW)
    assert note.startswith("It counts for “response” and “resolution” of version 1 of the clock policy (in force): ")
    assert "for items opened from 02 Mar 2026 13:00 UTC on; what is open by then keeps the version" in note
    calendar_publish(desk, "spare", LONG, holds_from=NOW, **HOW)
    assert published_notes(desk, "spare", holds_from=NOW, now=NOW) == []


def test_what_is_made_of_it_and_what_comes_later_counts_on_it_too():
    """A union of it that a policy of tomorrow names."""
    desk = make_desk()
    for name in ("early", "late"):
        calendar_publish(desk, name, LONG, holds_from=NOW, **HOW)
    calendar_publish(desk, "both", {"union": ["early", "late"]}, holds_from=NOW, **HOW)
    assert calendar_uses(desk, "early", NOW) == []
    policy_publish(desk, default_policy(calendar="both").as_json(), holds_from=NOW + minutes(60), **HOW)
    assert calendar_uses(desk, "early", NOW) == [
        "“response” and “resolution” of version 2 of the clock policy (from 02 Mar 2026 13:00 UTC)"
    ]


def test_the_policy_that_holds_at_an_instant():
    """Its body without the number; before the first version there is none."""
    desk = make_desk()
    assert [clock["calendar"] for clock in policy_at(desk, NOW)["clocks"]] == ["office", "office"]
    assert "version" not in policy_at(desk, NOW)
    with pytest.raises(InvalidFacts):
        policy_at(desk + 1, EPOCH)
