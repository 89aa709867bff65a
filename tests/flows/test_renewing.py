"""Clocks of many items are made anew in parts: each step does a few, nothing is lost, and what is due is told between."""

from __future__ import annotations

import pytest

from tests.factories import BOSS, NOW, make_desk, make_item, minutes
from tests.flows.test_customer_clocks import desk_with, resolution
from watchbill.apps.clocks.models import Clock, Renewal
from watchbill.apps.customers.services import customer_ensure
from watchbill.flows import lead_times, renewing
from watchbill.flows.customers import customer_change
from watchbill.flows.watch import step

pytestmark = pytest.mark.django_db
LATER = NOW + minutes(10)


@pytest.fixture(autouse=True)
def small(monkeypatch):
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
