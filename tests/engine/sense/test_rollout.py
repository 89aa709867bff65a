"""The share of futures in which a promise is missed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.sense.rollout import Job, Worker, roll_out

HOUR = 3_600_000_000


def job(item, *, effort_h=1.0, due_h=8.0, index=1.0, owner=None, eligible=(1,)):
    return Job(item=ItemId(item), effort_h=effort_h, due_us=int(due_h * HOUR), index=index,
               owner=None if owner is None else PersonId(owner), eligible=[PersonId(one) for one in eligible])  # fmt: skip


def worker(person, *spans_h):
    return Worker(person=PersonId(person), spans=[(int(start * HOUR), int(end * HOUR)) for start, end in spans_h])


def test_the_worked_number():
    """The number of docs/algorithms/risk.md: an hour of work due in two; P(log-normal > 2) is 10.3 %."""
    found = roll_out([job(1, due_h=2)], [worker(1, (0, 100))], seed=1)
    assert found[ItemId(1)] == pytest.approx(0.103, abs=0.005)


def test_who_is_away_finishes_nothing():
    """Work due at noon of somebody who comes in the afternoon; and of nobody."""
    late = worker(1, (6, 10))
    assert roll_out([job(1, due_h=5)], [late], seed=1)[ItemId(1)] == 1
    assert roll_out([job(1, eligible=())], [late], seed=1)[ItemId(1)] == 1
    assert roll_out([job(1, owner=9)], [late], seed=1)[ItemId(1)] == 1
    assert roll_out([job(1)], [worker(1)], seed=1)[ItemId(1)] == 1


def test_the_higher_index_is_done_first():
    """Two for one person who has time for one."""
    found = roll_out(
        [job(1, effort_h=3, due_h=4, index=1), job(2, effort_h=3, due_h=4, index=2)], [worker(1, (0, 50))], seed=1
    )
    assert found[ItemId(2)] < 0.4 < found[ItemId(1)]


def test_who_finishes_first_takes_it():
    """A second pair of hands takes the second job."""
    jobs = [job(number, effort_h=3, due_h=6, eligible=(1, 2)) for number in (1, 2)]
    alone = roll_out(jobs, [worker(1, (0, 50))], seed=1)
    both = roll_out(jobs, [worker(1, (0, 50)), worker(2, (0, 50))], seed=1)
    assert both[ItemId(2)] < alone[ItemId(2)] - 0.2


@given(
    st.lists(st.tuples(st.floats(0, 20), st.floats(-5, 40), st.integers(0, 3)), min_size=1, max_size=8),
    st.integers(0, 99),
)
@settings(deadline=None)
def test_the_same_seed_gives_the_same_shares_whatever_the_order(rows, seed):
    """And all of them are shares."""
    jobs = [job(number, effort_h=effort, due_h=due, index=index, eligible=(1, 2))
            for number, (effort, due, index) in enumerate(rows)]  # fmt: skip
    people = [worker(1, (0, 4), (10, 14)), worker(2, (2, 8))]
    found = roll_out(jobs, people, seed=seed, futures=20)
    assert found == roll_out(jobs[::-1], people, seed=seed, futures=20)
    assert all(0 <= share <= 1 for share in found.values())


def test_a_later_due_never_raises_a_risk():
    """The same futures, another due."""
    people = [worker(1, (0, 4), (10, 18))]
    shares = [roll_out([job(1, effort_h=3, due_h=due)], people, seed=5)[ItemId(1)] for due in (1, 2, 4, 9, 12, 18)]
    assert shares == sorted(shares, reverse=True)


def test_negative_effort_is_refused():
    """With the item's number."""
    with pytest.raises(InvalidFacts, match="item 7"):
        job(7, effort_h=-1)
