"""Verdicts counted up to an instant stand in for the whole log, and can be kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.engine.sense.risk.smalldesk import OVER, small_desk
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.risk import Asked, Likeness, Past, Promises, features
from watchbill.engine.sense.risk.facts import DAY_US, HOUR_US

NOW = 50 * DAY_US


@pytest.fixture(scope="module")
def desk():
    found = small_desk(400)
    return found.log.until(NOW), found.promises.until(NOW)


def asked(log):
    rows = np.flatnonzero((log.opened_us <= NOW) & (log.opened_us > NOW - 3 * DAY_US))
    size = len(rows)
    return Asked(
        item=rows, name=np.zeros(size, dtype=np.int64), at_us=np.full(size, NOW), used=np.linspace(0, 0.9, size),
        left_s=np.full(size, 3600.0), due_us=np.full(size, NOW + 8 * HOUR_US),
    )  # fmt: skip


def test_counted_verdicts_give_the_same_features(desk):
    """At the instant of the count, every number is the one that the whole log gives; also after it was kept."""
    log, promises = desk
    whole = Past(log, promises)
    kept = Likeness.from_bytes(Likeness.of(whole, NOW).as_bytes())
    told, live = features(whole, asked(log)), features(Past(log, Promises.none(), likeness=kept), asked(log))
    assert len(asked(log)) > 10
    assert told.names == live.names
    assert np.array_equal(told.values, live.values)


def test_a_new_queue_is_like_nothing_known(desk):
    """A queue with a key beyond those that were counted is no other queue's pair."""
    log, promises = desk
    kept = Likeness.of(Past(log, promises), NOW)
    later = Past(log, Promises.none(), likeness=kept)
    some = asked(log)
    standing = later.standing(some)
    moved = type(standing)(**{name: getattr(standing, name) for name in standing.__dataclass_fields__} | {
        "queue": np.full(len(some), kept.queues + 3)
    })  # fmt: skip
    assert (later.groups(some, moved)["owner_queue"] == -1).all()


def test_what_is_not_whole_is_refused(desk):
    """Cut bytes, other bytes and another version are refused in words; a count of counts, too."""
    log, promises = desk
    kept = Likeness.of(Past(log, promises), NOW)
    packed = kept.as_bytes()
    for broken in (b"", b"nothing", packed[: len(packed) // 2]):
        with pytest.raises(InvalidFacts):
            Likeness.from_bytes(broken)
    with pytest.raises(InvalidFacts, match="counted before"):
        Likeness.of(Past(log, Promises.none(), likeness=kept), NOW)


def test_what_if_it_were_begun(desk):
    """An imagined state stands as if it had come about at the instant; -2 leaves a row as it is."""
    log, promises = desk
    past, some = Past(log, promises), asked(log)
    states = np.full(len(some), -2, dtype=np.int64)
    states[0] = 9
    imagined = Asked(**{name: getattr(some, name) for name in some.__dataclass_fields__} | {"state": states})
    before, after = past.standing(some), past.standing(imagined)
    assert after.state[0] == 9
    assert after.state_us[0] == after.touched_us[0] == NOW
    assert np.array_equal(before.state[1:], after.state[1:])
    assert np.array_equal(before.touched_us[1:], after.touched_us[1:])


def test_what_is_over_is_like_nothing_that_is_open(desk):
    """Items closed at once whose clock runs on, and is missed, say nothing of the work of their owner, queue or kind."""
    log, promises = desk
    strange = np.arange(len(log.opened_us)) % 2 == 0
    closed = replace(log, state=np.where(strange[log.item], OVER, log.state))
    missed = replace(promises, missed=np.where(strange & (promises.missed >= 0), 1, promises.missed))
    few = replace(promises, missed=np.where(strange, -1, promises.missed))
    some = asked(log)
    is_open = Past(closed, missed).standing(some).state != OVER
    told, without = features(Past(closed, missed), some), features(Past(closed, few), some)
    names = [name for name in told.names if name.startswith(("odds.", "recent."))]
    assert is_open.any()
    assert not is_open.all()
    for name in names:
        np.testing.assert_array_equal(told.column(name)[is_open], without.column(name)[is_open])
    np.testing.assert_array_equal(told.column("is_over"), ~is_open)
    assert (told.column("odds.state")[~is_open] > 1).all()
    assert (told.column("odds.queue")[~is_open] == 0).all()
