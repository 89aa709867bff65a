"""Clocks of many items are made anew in parts: each step does a few, nothing is lost, and what is due is told between."""

from __future__ import annotations

import pytest

from tests.factories import BOSS, NOW, make_desk, make_item, minutes, publish_replayed
from tests.flows.test_customer_clocks import desk_with, resolution
from watchbill.apps.clocks.models import Clock, Renewal
from watchbill.apps.customers.services import customer_ensure, site_add
from watchbill.apps.reports.models import Recomputed
from watchbill.apps.work.models import WorkItem
from watchbill.apps.work.timeline import work_events
from watchbill.flows import firing, lead_times, renewing, taking_over
from watchbill.flows.customers import customer_change, site_change
from watchbill.flows.watch import step

pytestmark = pytest.mark.django_db
LATER = NOW + minutes(10)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(renewing, "AT_ONCE", 2)
    monkeypatch.setattr(renewing, "BATCH", 2)


def desk_of_two_tiers():
    """A desk that has learned what there is: nothing."""
    desk = desk_with(resolution(1, when="tier is premier"), resolution(8))
    lead_times.tick(NOW)
    renewing.tick(NOW)
    return desk


def targets():
    return [hours // 3600 for hours in Clock.objects.order_by("item_id").values_list("target_s", flat=True)]


def test_of_a_large_customer_the_first_follow_at_once_and_the_rest_step_by_step():
    """Seven items, two in the act, then two batches of two a step; the last step finds that nothing is left."""
    desk = desk_of_two_tiers()
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    for _ in range(7):
        make_item(desk, customer="Acme")
    make_item(desk, customer="Bolt")
    customer_change(acme, tier="premier", by=BOSS, now=LATER)
    assert targets() == [1, 1, 8, 8, 8, 8, 8, 8]
    assert step(LATER).is_behind
    assert targets() == [1, 1, 1, 1, 1, 1, 8, 8]
    step(LATER)
    assert targets() == [1, 1, 1, 1, 1, 1, 1, 8]
    assert not step(LATER).is_behind
    assert not Renewal.objects.exists()


def test_the_latest_terms_hold_for_all_when_they_change_twice():
    """The second change asks for the same items: it is done once, from the beginning of what the act left."""
    desk = desk_of_two_tiers()
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    for _ in range(8):
        make_item(desk, customer="Acme")
    customer_change(acme, tier="premier", by=BOSS, now=LATER)
    step(LATER)
    customer_change(acme, tier="standard", by=BOSS, now=LATER + minutes(1))
    assert Renewal.objects.count() == 1
    while step(LATER + minutes(1)).is_behind:
        pass
    assert targets() == [8] * 8


def breaches():
    """When the clocks ran out of which it was told, in minutes."""
    told = [event for item in WorkItem.objects.order_by("id") for event in reversed(work_events(item.id))]
    return [(each.at - NOW) // minutes(1) for each in told if each.kind == "clock" and each.data["what"] == "breach"]


def test_nothing_is_told_under_terms_that_do_not_hold_any_more():
    """Four cases of one hour, two of which wait to be made anew for eight: after two hours only that of another has run out."""
    desk = desk_with(resolution(8, when="tier is premier"), resolution(1))
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    for _ in range(4):
        make_item(desk, customer="Acme")
    make_item(desk, customer="Bolt")
    customer_change(acme, tier="premier", by=BOSS, now=LATER)
    assert targets() == [8, 8, 1, 1, 1]
    Recomputed.objects.all().delete()
    firing.tick(NOW + minutes(120))
    assert breaches() == [60]
    assert targets() == [8, 8, 8, 8, 1]
    assert Recomputed.objects.count() == 2
    while renewing.tick(NOW + minutes(120)):
        pass
    assert (breaches(), targets()) == ([60], [8, 8, 8, 8, 1])


def test_nothing_is_told_in_the_hours_of_a_zone_that_a_site_has_left():
    """Noon in UTC is half past five in Kolkata: what waits to be made anew has not run out at one, that of another site has."""
    desk = desk_with({**resolution(1), "calendar": "office", "zone_of": "site"})
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    pune = site_add(acme, "Pune", zone="UTC", by=BOSS, now=NOW).site_id
    site_add(acme, "Lisbon", zone="UTC", by=BOSS, now=NOW)
    for site in ("Pune", "Pune", "Pune", "Lisbon"):
        make_item(desk, customer="Acme", site=site)
    site_change(pune, zone="Asia/Kolkata", by=BOSS, now=LATER)
    firing.tick(NOW + minutes(120))
    assert breaches() == [60]


def test_nothing_is_told_under_a_version_that_was_taken_over():
    """While another process takes over what is open, item by item, the telling of what has not come to its turn does not wait."""
    desk = desk_with(resolution(1))
    make_item(desk), make_item(desk)
    body = {"clocks": [resolution(8)], "takes_over": "retroactive"}
    publish_replayed(desk, body, holds_from=LATER)
    firing.tick(NOW + minutes(120))
    assert breaches() == []
    assert targets() == [8, 8]
    assert taking_over.tick(NOW + minutes(120)) == 2


def test_what_waits_only_for_what_was_learned_is_told():
    """A breach is a breach, whatever such work usually takes: it is told before its clock is made anew."""
    desk = desk_with(resolution(1))
    make_item(desk)
    lead_times.tick(LATER)
    assert Renewal.objects.filter(is_learned=True).exists()
    firing.tick(NOW + minutes(120))
    assert breaches() == [60]
    assert Renewal.objects.exists()


def test_what_a_desk_has_learned_moves_a_few_items_a_step(monkeypatch):
    """Six open items, two batches of two: the rest with the next step, so that nothing due waits for all of them."""
    desk, seen = make_desk(), []
    for _ in range(6):
        make_item(desk)
    plain = renewing.recompute
    monkeypatch.setattr(
        renewing, "recompute", lambda on, items, now: (seen.append(len(items)), plain(on, items, now=now))
    )
    lead_times.tick(LATER)
    assert renewing.tick(LATER)
    assert seen == [2, 2]
    while renewing.tick(LATER):
        pass
    assert sum(seen) == 6


def test_a_batch_that_fails_leaves_the_rest_to_be_done(monkeypatch):
    """Its place is kept, other desks are not kept waiting, and no step is taken at once for its sake."""
    bad, good = make_desk(), make_desk()
    make_item(bad), make_item(good)
    lead_times.tick(LATER)
    plain = renewing.recompute

    def broken(desk_id, items, *, now):
        if desk_id == bad:
            raise ValueError("a fact nobody can read")
        plain(desk_id, items, now=now)

    with monkeypatch.context() as patch:
        patch.setattr(renewing, "recompute", broken)
        assert not renewing.tick(LATER)
        assert [each.desk_id for each in Renewal.objects.all()] == [bad]
    renewing.tick(LATER)
    assert not Renewal.objects.exists()
