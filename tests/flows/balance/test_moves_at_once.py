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


def asked_at_once(desk, keys):
    """What becomes of moves that two ask for at one moment, one each; in the order in which they end."""
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
    return made


def suggested():
    """A desk on which Ana has too much, and the keys of the first two moves that help her."""
    desk = make_small_desk()
    for _ in range(10):
        item = desk.item(now=NOW - timedelta(hours=1))
        item_assign(item_row(item)["reference"], desk.people["Ana"], by=BOSS, now=NOW - timedelta(hours=1))
    found = suggest_moves(loads_get(desk.id, by=BOSS, now=NOW), by=BOSS)
    return desk, [found.key(move) for move in found.moves[:2]]


def test_together_they_make_no_more_moves_than_the_policy_lets():
    """One move an hour is left, and two ask for one each at once: one is made, the other is left with that reason."""
    desk, keys = suggested()
    policy_publish(desk.id, {"moves_per_hour": 1}, holds_from=NOW, reason="test", by=BOSS, now=NOW)
    made = asked_at_once(desk, keys)
    assert sorted(len(one.done) for one in made) == [0, 1]
    assert [reason for one in made for _, reason in one.left] == ["No more than 1 moves may be made within an hour"]


def test_the_same_move_is_made_once_and_the_other_learns_with_whom_it_is():
    """Both ask for one move: it is made once, and who came second is told that it changed, and whose it is."""
    desk, keys = suggested()
    made = asked_at_once(desk, keys[:1] * 2)
    assert sorted(len(one.done) for one in made) == [0, 1]
    assert [reason for one in made for _, reason in one.left] == ["Somebody changed it meanwhile: it is with Ben now"]
