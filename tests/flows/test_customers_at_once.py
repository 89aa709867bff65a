"""Two at once: a customer's terms change while an item of it is opened, moved to it, or acted on."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from tests.factories import BOSS, NOW, make_desk, make_item
from tests.flows.intake import log
from watchbill.apps.customers.services import customer_ensure
from watchbill.apps.work.queries import open_items_of, work_get
from watchbill.flows import renewing
from watchbill.flows.act.items import item_edit
from watchbill.flows.customers import customer_change
from watchbill.flows.intake.held import release
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load

pytestmark = pytest.mark.django_db(transaction=True)


def waits(do, *, until: threading.Event) -> threading.Thread:
    """Begin *do* beside us, and return once it has had the time to come through if nothing held it."""

    def run() -> None:
        try:
            do()
        finally:
            until.set()
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert not until.wait(timeout=0.5)
    return thread


def test_whoever_opens_an_item_is_waited_for(monkeypatch):
    """The terms change after it is there, so that its clocks are among those computed anew."""
    desk = make_desk()
    customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    computed, done = [], threading.Event()
    monkeypatch.setattr(renewing, "recompute", lambda _desk, ids, *, now: computed.extend(ids))
    with transaction.atomic():
        reference = make_item(desk, customer="Acme")
        item = work_get(reference, by=BOSS)
        thread = waits(lambda: customer_change(item.customer_id, tier="premier", by=BOSS, now=NOW), until=done)
    thread.join(timeout=20)
    assert computed == [item.id]


@pytest.mark.parametrize("is_held", [False, True])
def test_whoever_imports_items_is_waited_for(monkeypatch, tmp_path, is_held):
    """The terms change after all items of a batch are there, whether it is imported or was held and is released."""
    desk, profile = make_desk(), profile_load("servicenow-incidents")
    path = log.write(tmp_path / "log.csv")
    customer = customer_ensure(desk, log.DEFAULTS["caller_id"], by=BOSS, now=NOW)
    computed, done = [], threading.Event()
    monkeypatch.setattr(renewing, "recompute", lambda _desk, ids, *, now: computed.extend(ids))
    how = {"desk_id": desk, "workers": 1, "by": BOSS, "now": NOW}
    if is_held:
        import_run(path, profile, hold_after=datetime(2016, 1, 1, tzinfo=UTC), **how)
    with transaction.atomic():
        if is_held:
            release(NOW, now=NOW)
        else:
            import_run(path, profile, **how)
        thread = waits(lambda: customer_change(customer, tier="premier", by=BOSS, now=NOW), until=done)
        left = open_items_of(customer, limit=100)
    thread.join(timeout=20)
    assert computed == left
    assert left


def test_whoever_moves_an_item_to_a_customer_waits_for_its_terms():
    """An edit that names the customer comes after the change, and both go through."""
    desk = make_desk()
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    reference, done = make_item(desk), threading.Event()
    with transaction.atomic():
        customer_change(acme, tier="premier", by=BOSS, now=NOW)
        thread = waits(lambda: item_edit(reference, {"customer": "Acme"}, by=BOSS, now=NOW), until=done)
    thread.join(timeout=20)
    assert work_get(reference, by=BOSS).customer_tier == "premier"
