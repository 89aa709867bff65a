"""A desk's history as risk wants it, and what the report says of it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from tests.factories import BOSS, NOW, actor, make_desk, make_item, make_person, minutes
from watchbill.apps.people.queries import desk_list
from watchbill.apps.people.rights import Role
from watchbill.engine.base.errors import NotAllowed, NotFound
from watchbill.engine.base.intervals import micros_of
from watchbill.engine.base.work import Priority, State
from watchbill.engine.sense.risk import NEVER, Past, as_asked, features
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_priority, item_state
from watchbill.flows.act.undoing import item_undo
from watchbill.flows.sense import history
from watchbill.flows.sense.history import STATES, history_of
from watchbill.flows.sense.reliability import reliability_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=5)


@pytest.fixture
def desk():
    """Two cases of P2, the one solved after an hour, the other late, raised to P1 on the way; and one that nobody touched."""
    found = make_desk()
    person = make_person(found)
    quick = make_item(found, priority=Priority.P2, category="printer")
    item_assign(quick, person, by=BOSS, now=NOW + minutes(5))
    item_state(quick, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(6))
    item_state(quick, State.RESOLVED, by=BOSS, now=NOW + minutes(60))
    slow = make_item(found, priority=Priority.P2, category="network")
    item_assign(slow, person, by=BOSS, now=NOW + minutes(30))
    item_priority(slow, priority=Priority.P1, text="All printers are down", by=BOSS, now=NOW + minutes(90))
    item_state(slow, State.RESOLVED, by=BOSS, now=NOW + timedelta(days=3))
    make_item(found, priority=Priority.P4)
    return found


def gathered(desk, now=LATER):
    return history_of(desk, zone="Europe/Vienna", items=3, now=now)


def row_of(desk):
    return next(row for row in desk_list(by=BOSS) if row.id == desk)


def verdicts(found):
    rows = zip(found.promises.item.tolist(), found.promises.name.tolist(), found.promises.missed.tolist(), strict=True)
    return {(item, found.names[name]): missed for item, name, missed in rows}


def test_events_and_promises_are_read(desk):
    """What happened in order, what was promised, and how it ended."""
    found = gathered(desk)
    assert [STATES[code] for code in found.log.state[found.log.item == 0]][-1] is State.RESOLVED
    assert verdicts(found)[0, "resolution"] == 0
    assert verdicts(found)[1, "resolution"] == 1
    assert len(set(found.log.traits["category"][:2])) == 2
    asked, *_ = as_asked(found.promises)
    assert np.isfinite(features(Past(found.log, found.promises), asked).values).all()


def test_what_is_gathered_earlier_is_what_is_gathered_later_without_the_future(desk):
    """At every snapshot: gathered at that instant, or afterwards with all that came later deleted."""
    whole = gathered(desk)
    asked, *_ = as_asked(whole.promises)
    assert len(asked) > 4
    for row in range(len(asked)):
        at_us = int(asked.at_us[row])
        then = gathered(desk, NOW + timedelta(microseconds=at_us - micros_of(NOW)))
        one = asked.at(np.array([row]))
        found = features(Past(then.log, then.promises), one)
        wanted = features(Past(whole.log.until(at_us), whole.promises.until(at_us)), one)
        shared = [name for name in found.names if name in wanted.names and "trait" not in name]
        np.testing.assert_array_equal(found.in_order(shared), wanted.in_order(shared))


def test_a_target_that_was_cut_is_not_known_before(desk):
    """The case that became P1 was looked at as a P2 at its opening."""
    found = gathered(desk)
    of = {(item, found.names[name]): row for row, (item, name) in
          enumerate(zip(found.promises.item.tolist(), found.promises.name.tolist(), strict=True))}  # fmt: skip
    assert found.promises.left_s[of[1, "resolution"]][0] == found.promises.left_s[of[0, "resolution"]][0]
    assert found.promises.at_us[of[1, "resolution"]][1] != NEVER


def test_what_was_undone_had_stood(desk):
    """An act and its undoing are both in the log: somebody who looked in between saw the act."""
    before = len(gathered(desk).log.item)
    reference = make_item(desk, priority=Priority.P3)
    item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(1))
    item_undo(reference, 2, by=BOSS, now=NOW + minutes(2))
    found = history_of(desk, zone="Europe/Vienna", items=4, now=LATER)
    assert len(found.log.item) - before == 3


def test_of_a_large_desk_the_latest_items_are_read(desk, monkeypatch):
    """And it is said how many are left out."""
    monkeypatch.setattr(history, "LATEST", 2)
    found = gathered(desk)
    assert (len(found.items), found.left_out) == (2, 1)


def test_too_little_history_is_said(desk):
    """With counts; by whoever may see the desk's work, and nobody else."""
    row = row_of(desk)
    found = reliability_of(row, by=actor(Role.AGENT, desk), now=LATER)
    assert found["words"].startswith("Too little history: the training slice has ")
    assert found["source"] is None
    with pytest.raises((NotAllowed, NotFound)):
        reliability_of(row, by=actor(None, None), now=LATER)


def test_an_empty_desk_says_so():
    """No promise, no figures."""
    found = reliability_of(row_of(make_desk()), by=BOSS, now=LATER)
    assert found["words"] == "No promise of this desk has been met or missed yet."
