"""Two managers move work on one desk at the same moment, each on a connection of her own."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.factories import BOSS
from tests.flows.assign.small_desk import NOW, item_row, make_small_desk
from watchbill.apps.core.services import lock_take
from watchbill.apps.decisions.services import policy_publish
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.balance.loads import loads_get
from watchbill.flows.balance.making import moves_make
from watchbill.flows.balance.suggesting import suggest_moves

pytestmark = pytest.mark.django_db(transaction=True)


def test_together_they_make_no_more_moves_than_the_policy_lets():
    """One move an hour is left, and two ask for one each at once: one is made, the other is left with that reason."""
    desk = make_small_desk()
    for _ in range(10):
        item = desk.item(now=NOW - timedelta(hours=1))
        item_assign(item_row(item)["reference"], desk.people["Ana"], by=BOSS, now=NOW - timedelta(hours=1))
    found = suggest_moves(loads_get(desk.id, by=BOSS, now=NOW), by=BOSS)
    keys = [found.key(move) for move in found.moves[:2]]
    policy_publish(desk.id, {"moves_per_hour": 1}, holds_from=NOW, reason="test", by=BOSS, now=NOW)
    made = []

    def run(key):
        try:
            made.append(moves_make(desk.id, [key], by=BOSS, now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[key]) for key in keys]
    with transaction.atomic():
        lock_take(f"moves:{desk.id}")  # so that both have begun before either can go on
        for thread in threads:
            thread.start()
        threads[0].join(timeout=0.5)
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(len(one.done) for one in made) == [0, 1]
    assert [reason for one in made for _, reason in one.left] == ["No more than 1 moves may be made within an hour"]
