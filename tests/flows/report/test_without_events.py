"""Clocks that are made anew though nothing happened to their items: the figures follow them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import BOSS, NOW, make_item, minutes, publish_replayed
from tests.flows.test_customer_clocks import desk_with, resolution
from watchbill.apps.customers.services import customer_ensure, site_add
from watchbill.apps.reports import queries
from watchbill.apps.reports.slices import Slice
from watchbill.flows import taking_over
from watchbill.flows.customers import customer_change, site_change
from watchbill.flows.report.reading import read_timelines

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


def broken(desk: int) -> list[str]:
    return [row.reference for row in queries.breach_page(Slice(desk_id=desk), by=BOSS)]


def test_a_customers_new_terms_mend_what_was_broken():
    """The promise becomes ten hours: after the next read no breach is listed, and reading once more changes nothing."""
    how = {"on_customer": "retroactive"}
    desk = desk_with(resolution(10, when="tier is premier", **how), resolution(1, **how))
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    reference = make_item(desk, customer="Acme")
    read_timelines(LATER)
    assert broken(desk) == [reference]
    customer_change(acme, tier="premier", by=BOSS, now=LATER)
    assert read_timelines(LATER) == 1
    assert broken(desk) == []
    assert read_timelines(LATER) == 0


def test_a_sites_new_zone_is_read_too():
    """The items at the site are read again."""
    desk = desk_with(resolution(1, zone_of="site"))
    site = site_add(customer_ensure(desk, "Acme", by=BOSS, now=NOW), "Dublin", zone="Europe/Dublin", by=BOSS, now=NOW)
    make_item(desk, customer="Acme", site="Dublin")
    read_timelines(LATER)
    site_change(site.site_id, zone="Asia/Tokyo", by=BOSS, now=LATER)
    assert read_timelines(LATER) == 1


def test_a_version_that_takes_over_mends_what_was_broken():
    """Ten hours for everybody, counted from the beginning: what is open is no breach any more."""
    desk = desk_with(resolution(1))
    reference = make_item(desk)
    read_timelines(LATER)
    assert broken(desk) == [reference]
    body = {"takes_over": "retroactive", "clocks": [resolution(10)]}
    publish_replayed(desk, body, now=LATER, holds_from=LATER + minutes(1))
    taking_over.tick(LATER + minutes(2))
    assert read_timelines(LATER + minutes(2)) == 1
    assert broken(desk) == []
