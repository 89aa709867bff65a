"""The share of futures in which a promise is missed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.sense import rollout
from watchbill.engine.sense.rollout import Job, Piece, Worker, hours_between, taken_up

HOUR = 3_600_000_000


def piece(effort_h=1.0, *due_h, index=1.0):
    return Piece(effort_h=effort_h, index=index, dues_us=[int(due * HOUR) for due in due_h])


def job(item, *pieces, effort_h=1.0, due_h=8.0, index=1.0, owner=None, eligible=(1,)):
    return Job(item=ItemId(item), pieces=pieces or [piece(effort_h, due_h, index=index)],
               owner=None if owner is None else PersonId(owner), eligible=[PersonId(one) for one in eligible])  # fmt: skip


def roll_out(jobs, workers, **how):
    """The share of each item's last due."""
    return {item: found.p_miss[-1][-1] for item, found in rollout.roll_out(jobs, workers, **how).items()}


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


def test_pieces_keep_their_own_promises():
    """A response hangs on the first touch, a resolution on all of the work; between the two comes what is more urgent."""
    two = job(1, piece(0.25, 1, index=9), piece(1.75, 6, index=1))
    other = job(2, piece(4, 6, index=5))
    people = [worker(1, (0, 100))]
    alone = rollout.roll_out([two], people, seed=1)[ItemId(1)]
    beside = rollout.roll_out([two, other], people, seed=1)
    assert alone.p_miss[0] == beside[ItemId(1)].p_miss[0]
    assert alone.p_miss[1][0] < 0.1 < beside[ItemId(1)].p_miss[1][0]
    assert beside[ItemId(1)].ahead_h == 0
    assert beside[ItemId(2)].ahead_h == pytest.approx(0.25, rel=0.02)


def test_pieces_of_one_item_stay_with_one_person():
    """Whoever did the first piece does the next one, though she has something longer between and another would be free."""
    jobs = [
        job(1, piece(1, 50, index=9), piece(1, 2.9, index=8), eligible=(1, 2)),
        job(2, effort_h=9, index=9, owner=1),
    ]
    assert roll_out(jobs, [worker(1, (0, 99)), worker(2, (0, 99))], seed=1)[ItemId(1)] > 0.9


def test_a_new_item_that_comes_last_changes_nothing():
    """Draws follow from the item, so the shares of all before it stand."""
    jobs = [job(number, effort_h=2, due_h=3 * number, index=10 - number) for number in range(1, 5)]
    people = [worker(1, (0, 4), (10, 18))]
    before = roll_out(jobs, people, seed=3)
    after = roll_out([*jobs, job(9, effort_h=5, index=0)], people, seed=3)
    assert before == {item: after[item] for item in before}


@given(st.lists(st.tuples(st.floats(0.1, 5), st.floats(1, 30)), min_size=1, max_size=6))
@settings(deadline=None)
def test_people_of_the_same_hours_are_as_good_as_each_by_herself(rows):
    """Hours that are a microsecond apart are no group; the shares are all the same."""
    jobs = [job(number, effort_h=effort, due_h=due, eligible=(1, 2, 3)) for number, (effort, due) in enumerate(rows)]
    same = [worker(person, (0, 4), (10, 40)) for person in (1, 2, 3)]
    apart = [Worker(person=one.person, spans=[*one.spans, (100 * HOUR + one.person, 200 * HOUR)]) for one in same]
    together = [Worker(person=one.person, spans=[*one.spans, (100 * HOUR, 200 * HOUR)]) for one in same]
    assert roll_out(jobs, together, seed=2, futures=30) == roll_out(jobs, apart, seed=2, futures=30)


def test_taken_up_now_and_at_the_last_safe_moment():
    """The worked number again, without anything before it; later leaves less time; after hours none at all."""
    spans = worker(1, (0, 4), (10, 14)).spans
    assert hours_between(spans, 2 * HOUR, 11 * HOUR) == 3
    at = [taken_up(1.0, spans, from_us=start * HOUR, due_us=11 * HOUR) for start in (0, 2, 3, 10, 11)]
    assert taken_up(1.0, spans, from_us=2 * HOUR, due_us=4 * HOUR) == pytest.approx(0.103, abs=0.005)
    assert at == sorted(at)
    assert at[-1] == 1


def test_what_is_kept_by_beginning_waits_for_hours_alone():
    """A beginning takes no time, but somebody has to be there, and free."""
    item = job(1, piece(0, 1), piece(3, 9))
    there, late = worker(1, (0, 9)), worker(1, (2, 9))
    assert rollout.roll_out([item], [there], seed=1)[ItemId(1)].p_miss[0] == (0.0,)
    assert rollout.roll_out([item], [late], seed=1)[ItemId(1)].p_miss[0] == (1.0,)
    busy = rollout.roll_out([item, job(2, effort_h=4, index=5)], [there], seed=1)[ItemId(1)].p_miss[0]
    assert busy[0] > 0.9
    assert taken_up(0.0, there.spans, from_us=0, due_us=HOUR) == 0
    assert taken_up(0.0, late.spans, from_us=0, due_us=HOUR) == 1


def test_negative_effort_is_refused():
    """With the item's number."""
    with pytest.raises(InvalidFacts, match="item 7"):
        job(7, effort_h=-1)
