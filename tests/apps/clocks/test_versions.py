"""Policies and calendars get versions; what is wrong is refused with key, value and expectation."""

from __future__ import annotations

import copy
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import BOSS, EPOCH, NOW, actor, make_desk, make_item, minutes, publish_replayed
from watchbill.apps.clocks.queries import clocks_of_items, policy_of, policy_versions, rulebook
from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.decisions.services import policy_publish as assign_publish
from watchbill.apps.people.rights import Role
from watchbill.apps.work.queries import work_get
from watchbill.engine.base.calendar import Calendar, SpecialDay, WallInterval
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed
from watchbill.engine.base.work import State
from watchbill.engine.clocks import default_policy
from watchbill.flows.act.items import item_note, item_state

pytestmark = pytest.mark.django_db
POLICY = default_policy(calendar="office").as_json()
OTHER = copy.deepcopy(POLICY)
OTHER["clocks"][0]["targets_min"]["P1"] = 7


def publish(desk: int, body: object = OTHER, **more: object) -> int:
    return policy_publish(desk, body, **{"holds_from": NOW, "reason": "test", "by": BOSS, "now": NOW, **more})


def test_the_version_in_force_is_the_latest_that_holds_by_then():
    """Version 2 holds from 13:00 on; at 12:30 it is still version 1."""
    desk = make_desk()
    assert publish(desk, holds_from=NOW + minutes(60)) == 2
    book = rulebook(desk)
    assert book.at(NOW + minutes(30)).policy.number == 1
    assert book.at(NOW + minutes(60)).policy.number == 2
    assert rulebook(make_desk(has_clocks=False)).at(NOW) is None


def test_versions_are_listed_with_one_query():
    """Four versions that nobody has read in this process: as many queries as for none."""
    desk = make_desk()
    for number in (2, 3, 4):
        body = copy.deepcopy(POLICY)
        body["clocks"][0]["targets_min"]["P1"] = number
        assert publish(desk, body) == number
    policy_of.cache_clear()
    with CaptureQueriesContext(connection) as queries:
        listed = policy_versions(desk)
    assert [row["body"]["version"] for row in listed] == [4, 3, 2, 1]
    assert len(queries) == 1


def test_a_calendar_has_at_least_one_open_hour():
    """Closed on every day would stop every clock without a word; one day of its own is enough."""
    desk = make_desk()
    body = Calendar.working_week("UTC").as_json()
    how = {"holds_from": NOW, "reason": "closed", "by": BOSS, "now": NOW}
    with pytest.raises(InvalidFacts, match="at least one open hour"):
        calendar_publish(desk, "office", body, **how)
    special = Calendar(
        zone="UTC",
        weekly=((),) * 7,
        special_on=(SpecialDay(on=date(2026, 12, 24), hours=(WallInterval.parse("09:00-12:00"),)),),
    )
    assert calendar_publish(desk, "office", special.as_json(), **how) == 2


def test_a_version_cannot_hold_from_before_now():
    """What was promised stands: no sort of version reaches back, whoever publishes it."""
    desk = make_desk()
    office = Calendar.working_week("UTC", "09:00-17:00").as_json()
    how = {"reason": "kinder past", "by": BOSS, "now": NOW}
    for reach_back in (
        lambda at: policy_publish(desk, OTHER, holds_from=at, **how),
        lambda at: calendar_publish(desk, "office", office, holds_from=at, **how),
        lambda at: assign_publish(desk, {"handover_min": 5}, holds_from=at, **how),
    ):
        with pytest.raises(InvalidFacts, match="cannot hold from before now; what was promised") as refused:
            reach_back(NOW - minutes(1))
        assert refused.value.details["field"] == "holds_from"
        assert reach_back(NOW)


def test_an_item_of_this_very_instant_keeps_what_held():
    """Time may stand still, and clocks differ: published in the instant in which an item was opened, it holds just after."""
    desk = make_desk()
    item = make_item(desk, priority=1)
    due = resolution_of(item)
    publish_replayed(desk, OTHER)
    assert rulebook(desk).at(NOW).policy.number == 1
    assert rulebook(desk).at(NOW + timedelta(microseconds=1)).policy.number == 2
    item_note(item, "Looked at it", by=BOSS, now=NOW + minutes(1))
    item_state(item, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(2))
    assert resolution_of(item) == due


def resolution_of(item: str) -> object:
    (clock,) = [
        each for each in clocks_of_items([work_get(item, by=BOSS).id]).popitem()[1] if each.kind == "resolution"
    ]
    return clock.due_at


def test_the_past_is_open_for_a_history_that_is_still_to_come():
    """Stated, a version may reach back as far as no item was opened; the first promise closes it."""
    desk = make_desk(has_clocks=False)
    item = make_item(desk, now=NOW - minutes(60))
    how = {"is_for_history": True, "reason": "as it was", "by": BOSS, "now": NOW}
    office = Calendar.working_week("UTC", "09:00-17:00").as_json()
    assert calendar_publish(desk, "office", office, holds_from=NOW - minutes(59), **how) == 1
    for at in (NOW - minutes(60), EPOCH):
        with pytest.raises(InvalidFacts, match=f"{item} was opened since then"):
            assign_publish(desk, {"handover_min": 5}, holds_from=at, **how)


def test_what_holds_already_is_not_published_again():
    """However it is written: no version is made, of clocks, calendars and assignment, and the word names the one that holds."""
    desk = make_desk()
    how = {"holds_from": NOW, "reason": "again", "by": BOSS, "now": NOW}
    office = Calendar.working_week("America/Sao_Paulo", "08:00-18:00").as_json()
    longer = {**office, "closed_on": [], "special_on": {}}
    for again in (
        lambda: policy_publish(desk, {**POLICY, "version": 9}, **how),
        lambda: calendar_publish(desk, "office", longer, **how),
        lambda: assign_publish(desk, {}, **how),
    ):
        with pytest.raises(InvalidFacts, match="Nothing has changed: .*so no version was made"):
            again()
    assert len(rulebook(desk).policies) == len(rulebook(desk).calendars) == 1
    assert publish(desk) == 2
    assert publish(desk, POLICY, holds_from=NOW + minutes(1)) == 3  # what held before may hold again
    with pytest.raises(InvalidFacts, match="version 3 of the clock policy"):
        publish(desk, POLICY, holds_from=NOW + minutes(2))


def test_who_edits_an_old_version_is_told():
    """Two people edit version 1; the second publish is a conflict that names the first one, and what is new."""
    desk = make_desk()
    publish(desk, seen_number=1)
    with pytest.raises(Conflict, match="published version 2 of the clock policy") as second:
        publish(desk, seen_number=1)
    assert second.value.details["version"] == 2
    [change] = second.value.details["changes"]
    assert (change["by"], change["at"], change["text"]) == (BOSS.name, NOW.isoformat(), "test")
    assert set(change["set"]) == {"clocks", "version"}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda b: b["clocks"][0].update(calendar="moon"), "calendar “moon”, which this desk does not have"),
        (lambda b: b["clocks"][0]["targets_min"].update(P1=0), r"targets_min\.P1"),
        (lambda b: b["clocks"][0].update(kind="lunch"), r"clocks\[0\]\.kind"),
        (lambda b: b.update(colour="red"), "colour"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_in_words(spoil, says):
    """The message names the key; nothing is published."""
    desk = make_desk()
    body = copy.deepcopy(POLICY)
    spoil(body)
    with pytest.raises(InvalidFacts, match=says):
        publish(desk, body)
    assert len(rulebook(desk).policies) == 1


def test_publishing_needs_the_right_and_a_reason():
    """Coordinators read policies; a version without a reason is nobody's."""
    desk = make_desk()
    with pytest.raises(NotAllowed):
        publish(desk, by=actor(Role.COORDINATOR, desk))
    with pytest.raises(InvalidFacts, match="Say why"):
        publish(desk, reason="")
    office = Calendar.working_week("UTC", "09:00-17:00").as_json()
    with pytest.raises(InvalidFacts, match="Say why"):
        calendar_publish(desk, "office", office, holds_from=EPOCH, is_for_history=True, reason="", by=BOSS, now=NOW)


def test_a_policy_may_not_name_a_calendar_that_holds_only_later():
    """From the policy's first instant on, each of its calendars must hold: or nobody could open an item in between."""
    desk = make_desk()
    later = NOW + timedelta(days=7)
    calendar_publish(desk, "new", Calendar.always("UTC").as_json(), holds_from=later, reason="x", by=BOSS, now=NOW)
    body = default_policy(calendar="new").as_json()
    with pytest.raises(InvalidFacts, match="“new”, which holds only from 09 Mar 2026 12:00 UTC on"):
        policy_publish(desk, body, holds_from=NOW, reason="x", by=BOSS, now=NOW)
    assert policy_publish(desk, body, holds_from=later, reason="x", by=BOSS, now=NOW) == 2
