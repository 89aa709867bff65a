"""What a policy makes of a customer's new terms and of a merge, from the act to the clock that is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import BOSS, EPOCH, NOW, make_desk, make_item, minutes
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.customers.services import customer_ensure, site_add
from watchbill.apps.work.queries import work_get
from watchbill.engine.base.calendar import WEEKDAYS
from watchbill.engine.base.work import State
from watchbill.flows import clocks
from watchbill.flows.act.items import item_edit, item_state
from watchbill.flows.act.merging import item_merge
from watchbill.flows.act.undoing import item_undo
from watchbill.flows.customers import customer_change, site_change

pytestmark = pytest.mark.django_db

ALWAYS = {"zone": "UTC", "weekly": {day: ["00:00-24:00"] for day in WEEKDAYS}}
OFFICE = {"zone": "UTC", "weekly": {day: ["09:00-17:00"] for day in WEEKDAYS}}
HALF_PAST = NOW + minutes(30)


def targets(hours: int) -> dict[str, int]:
    return {f"P{number}": hours * 60 for number in (1, 2, 3, 4)}


def resolution(hours: int, **more: str) -> dict[str, object]:
    return {"kind": "resolution", "calendar": "always", "targets_min": targets(hours), **more}


def desk_with(*promises: dict[str, object]) -> int:
    """A desk with the calendars always and office, and these promises since ever."""
    desk = make_desk(has_clocks=False)
    for name, body in (("always", ALWAYS), ("office", OFFICE)):
        calendar_publish(desk, name, body, holds_from=EPOCH, is_for_history=True, reason="test", by=BOSS, now=NOW)
    body = {"clocks": list(promises)}
    policy_publish(desk, body, holds_from=EPOCH, is_for_history=True, reason="test", by=BOSS, now=NOW)
    return desk


def due(reference: str):
    """How long after noon the one clock of an item runs out."""
    item = work_get(reference, by=BOSS)
    [clock] = clocks_of_items([item.id])[item.id]
    before = clock.due_at
    clocks.recompute(item.desk_id, [item.id], now=HALF_PAST)
    [clock] = clocks_of_items([item.id])[item.id]
    assert clock.due_at == before
    return clock.due_at - NOW


@pytest.mark.parametrize(("choice", "hours"), [("keep", 1), ("restart", 1.5), ("retroactive", 1)])
def test_a_customer_that_becomes_premier_is_promised_another_time(choice, hours):
    """Eight hours for everybody, one for premier customers; at half past twelve the customer of a case of noon is one."""
    desk = desk_with(resolution(1, when="tier is premier", on_customer=choice), resolution(8, on_customer=choice))
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    one, other = make_item(desk, customer="Acme"), make_item(desk, customer="Bolt")
    assert (due(one), due(other)) == (timedelta(hours=8), timedelta(hours=8))
    customer_change(acme, tier="premier", by=BOSS, now=HALF_PAST)
    assert (due(one), due(other)) == (timedelta(hours=hours), timedelta(hours=8))


def test_a_case_that_moves_to_a_premier_customer_is_promised_another_time():
    """The same by an edit of the case."""
    desk = desk_with(resolution(1, when="tier is premier"), resolution(8))
    customer_change(customer_ensure(desk, "Acme", by=BOSS, now=NOW), tier="premier", by=BOSS, now=NOW)
    one = make_item(desk)
    item_edit(one, {"customer": "Acme"}, by=BOSS, now=HALF_PAST)
    assert due(one) == timedelta(hours=1)


def test_terms_that_came_later_did_not_hold_before():
    """Opened after the customer ceased to be premier, a case has eight hours; opened before, and closed to changes, one."""
    desk = desk_with(resolution(1, when="tier is premier", on_customer="keep"), resolution(8, on_customer="keep"))
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    customer_change(acme, tier="premier", by=BOSS, now=NOW - minutes(60))
    one = make_item(desk, customer="Acme")
    assert due(one) == timedelta(hours=1)
    customer_change(acme, tier="standard", by=BOSS, now=NOW + minutes(10))
    assert due(make_item(desk, customer="Acme", now=HALF_PAST)) == timedelta(hours=8, minutes=30)


def test_hours_are_read_in_the_zone_of_the_site():
    """Nine to five is another time in Kolkata: noon in UTC is half past five there; the site is moved back to UTC."""
    desk = desk_with({**resolution(1), "calendar": "office", "zone_of": "site"})
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    site = site_add(acme, "Pune", zone="Asia/Kolkata", by=BOSS, now=NOW).site_id
    one = make_item(desk, customer="Acme", site="Pune")
    assert due(one) == timedelta(hours=16, minutes=30)  # opens at 03:30, one hour
    site_change(site, zone="UTC", by=BOSS, now=NOW)
    assert due(one) == timedelta(hours=1)


@pytest.mark.parametrize(("choice", "hours"), [("keep", 17), ("restart", 17.5), ("retroactive", 16.5)])
def test_a_site_that_moves_does_not_rewrite_what_was_counted(choice, hours):
    """Two hours of nine to five; opened at half past ten, and noon is nine at a site three hours behind UTC.

    At half past twelve it moves to Kolkata, where it is evening. With keep its half an hour stays, and the rest is counted
    from 03:30 on; with retroactive the hour until half past eleven counts, as had it been there all along.
    """
    desk = desk_with({**resolution(2), "calendar": "office", "zone_of": "site", "on_customer": choice})
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    site = site_add(acme, "West", zone="Etc/GMT+3", by=BOSS, now=NOW).site_id
    one = make_item(desk, customer="Acme", site="West", now=NOW - minutes(90))
    assert due(one) == timedelta(hours=2)
    site_change(site, zone="Asia/Kolkata", by=BOSS, now=HALF_PAST)
    assert due(one) == timedelta(hours=hours)


def test_what_was_promised_at_a_site_stays_when_the_site_is_called_otherwise_later():
    """Ten hours for everybody, one at Pune: a case that was done there keeps its clock, however often it is computed."""
    desk = desk_with(resolution(1, when="site is Pune"), resolution(10))
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    site = site_add(acme, "Pune", by=BOSS, now=NOW).site_id
    done = make_item(desk, customer="Acme", site="Pune")
    item_state(done, State.RESOLVED, by=BOSS, now=NOW + minutes(10))
    site_change(site, name="Mumbai", by=BOSS, now=HALF_PAST)
    assert due(done) == timedelta(hours=1)
    assert due(make_item(desk, customer="Acme", site="Mumbai", now=HALF_PAST)) == timedelta(hours=10, minutes=30)


@pytest.mark.parametrize(("choice", "hours"), [("keep", 8), ("restart", 8.5), ("retroactive", 7)])
def test_a_merge_moves_the_promise_as_the_policy_says(choice, hours):
    """A case of eleven is merged at half past twelve into one of noon, with eight hours each; undone, it never was."""
    desk = desk_with(resolution(8, on_merge=choice))
    early, noon = make_item(desk, now=NOW - minutes(60)), make_item(desk)
    _, kept = item_merge(early, noon, by=BOSS, now=HALF_PAST)
    assert due(noon) == timedelta(hours=hours)
    item_undo(noon, kept.version, by=BOSS, now=HALF_PAST + minutes(1))
    assert (due(noon), due(early)) == (timedelta(hours=8), timedelta(hours=7))
