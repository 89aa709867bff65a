"""The schedule of the ticker, which needs no database: how far the next step goes, and how long to rest."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watchbill.apps.core.queries import DeskClock
from watchbill.flows.watch import LONGEST, LONGEST_REST_S, RUNNING_REST_S, STEP, rest_s, target_at

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def minutes(n):
    return timedelta(minutes=n)


def clock(**changes):
    """A moved clock that reads noon at noon and runs at one minute a second."""
    facts = {
        "is_moved": True, "desk_anchor_at": NOON, "wall_anchor_at": NOON, "rate": 60.0, "limit_at": None,
        "reached_rate": None,
    }  # fmt: skip
    return DeskClock(**{**facts, **changes})


def test_busy_time_goes_step_by_step():
    """While something is due at once, a step is five minutes of the desk."""
    assert target_at(done_at=NOON, goal_at=NOON + minutes(30), due_at=NOON + minutes(1)) == NOON + STEP


def test_a_step_ends_where_time_has_got():
    """Nothing happens before its time."""
    assert target_at(done_at=NOON, goal_at=NOON + minutes(2), due_at=NOON + minutes(1)) == NOON + minutes(2)


def test_quiet_time_is_skipped_to_the_next_multiple_of_five_minutes():
    """The step goes to the first mark after what is due, so that the marks are the same for everybody."""
    assert target_at(done_at=NOON, goal_at=NOON + minutes(90), due_at=NOON + minutes(33)) == NOON + minutes(35)


def test_quiet_time_is_never_skipped_by_more_than_an_hour():
    """Plans grow old even when nothing is due."""
    for due in (None, NOON + minutes(500)):
        assert target_at(done_at=NOON, goal_at=NOON + minutes(900), due_at=due) == NOON + LONGEST


@given(goal=st.integers(0, 10_000), due=st.none() | st.integers(-1000, 20_000))
def test_every_step_goes_ahead_and_never_too_far(goal, due):
    """From anywhere to anywhere: steps add up, none is longer than an hour, none goes past the goal."""
    done, goal_at, steps = NOON, NOON + minutes(goal), 0
    while done < goal_at:
        due_at = None if due is None else NOON + minutes(due)
        following = target_at(done_at=done, goal_at=goal_at, due_at=due_at)
        assert done < following <= min(goal_at, done + LONGEST)
        done, steps = following, steps + 1
    assert steps <= goal / 5 + 1


def test_somebody_behind_does_not_rest():
    """More is to be done at once."""
    assert rest_s(clock(), now=NOON, due_at=None, is_behind=True) == 0


def test_running_clock_is_followed_twice_a_second_and_faster_when_it_runs_fast():
    """Pages see work arrive, and no step of a fast clock is longer than five minutes of the desk."""
    assert rest_s(clock(), now=NOON, due_at=None, is_behind=False) == RUNNING_REST_S
    fast = clock(rate=1800.0)
    assert rest_s(fast, now=NOON, due_at=None, is_behind=False) * 1800 <= STEP.total_seconds()


def test_live_clock_rests_until_something_is_due():
    """But never longer than a few seconds, in case a word was missed."""
    live = clock(is_moved=False)
    assert rest_s(live, now=NOON, due_at=NOON + timedelta(seconds=3), is_behind=False) == 3
    assert rest_s(live, now=NOON, due_at=NOON + minutes(9), is_behind=False) == LONGEST_REST_S
    assert rest_s(live, now=NOON, due_at=None, is_behind=False) == LONGEST_REST_S


def test_overdue_instant_does_not_make_the_live_ticker_spin():
    """What a step left out is taken up again in a while; what comes due right after it has a shortest rest."""
    live = clock(is_moved=False)
    assert rest_s(live, now=NOON, due_at=NOON - minutes(5), is_behind=False) == LONGEST_REST_S
    assert 0 < rest_s(live, now=NOON, due_at=NOON + minutes(0.0001), is_behind=False) < 1


def test_standing_clock_rests():
    """Nothing comes due while time stands still."""
    assert rest_s(clock(rate=0.0), now=NOON, due_at=NOON, is_behind=False) == LONGEST_REST_S


def test_machine_clock_that_jumps_back_does_not_move_desk_time_back():
    """An hour back on the machine: desk time stands where it was anchored."""
    assert clock().at(NOON - minutes(60)) == NOON


def test_desk_time_never_passes_its_limit():
    """What has not been done yet has not come yet."""
    limited = clock(limit_at=NOON + minutes(5))
    assert limited.at(NOON + timedelta(seconds=4)) == NOON + minutes(4)
    assert limited.at(NOON + timedelta(seconds=400)) == NOON + minutes(5)
