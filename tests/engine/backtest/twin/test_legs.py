"""Pieces of work, found by the walk and by a slow one, and in a few days told by hand."""

from hypothesis import example, given, settings

from tests.engine.backtest.twin.walks import minutes_of, one, pieces, steps
from watchbill.engine.backtest.twin.history import NOBODY, STATES
from watchbill.engine.backtest.twin.legs import NEVER, legs_of
from watchbill.engine.base.work import DONE as OVER
from watchbill.engine.base.work import State

NEW, WORK, OUT, VENDOR, DONE = (
    State.NEW,
    State.IN_PROGRESS,
    State.WAITING_CUSTOMER,
    State.WAITING_VENDOR,
    State.RESOLVED,
)


def found(history, **facts):
    """(ready, ended, team, worker, wait, is paused) in minutes, None for never."""
    legs = legs_of(history, **facts)
    rows = zip(
        legs.ready_us.tolist(), legs.ended_us.tolist(), legs.team.tolist(), legs.worker.tolist(), legs.wait_us.tolist(),
        legs.is_paused.tolist(), strict=True,
    )  # fmt: skip
    return [
        (_minute(ready), _minute(ended), team, who, wait // 60_000_000, paused)
        for ready, ended, team, who, wait, paused in rows
    ]


def _minute(us):
    return None if us == NEVER else minutes_of(us)


@settings(max_examples=400)
@given(steps)
@example(
    [
        (10, WORK, "A", "ann"),
        (10, WORK, "B", "bob"),
        (10, OUT, None, None),
        (5, VENDOR, None, None),
        (9, DONE, None, None),
    ]
)
def test_pieces_are_those_of_a_slow_walk(events):
    """Whatever follows what: opening, passing on, going outside, coming back, ending and opening again."""
    history = one(events)
    assert found(history) == pieces(history)


@given(steps)
def test_a_pause_is_what_the_promise_says(events):
    """With other pausing states only the last column changes."""
    history = one(events)
    narrow = frozenset({State.WAITING_VENDOR})
    assert found(history, paused=narrow) == pieces(history, narrow)
    assert [row[:5] for row in found(history, paused=narrow)] == [row[:5] for row in found(history)]


@given(steps)
def test_what_is_done_is_known(events):
    """Whoever is resolved, closed or cancelled at last is done since its last piece ended; who is not, is not, however often before."""
    history = one(events)
    legs = legs_of(history)
    is_over = STATES[int(history.state[-1])] in OVER
    assert int(legs.done_us[0]) == (int(legs.ended_us[-1]) if is_over else NEVER)
    assert (int(legs.ended_us[-1]) == NEVER) == (not is_over)
    assert legs.first.tolist() == [0, legs.size]


def test_a_piece_begins_when_it_is_marked():
    """By whoever ends it: the mark of the one before her does not count."""
    history = one([(10, WORK, "A", "ann"), (10, WORK, "A", "bob"), (30, DONE, None, None)])
    legs = legs_of(history)
    assert [minutes_of(at) for at in legs.stamp_us.tolist()] == [20]
    assert history.people[int(legs.worker[0])] == "bob"


def test_a_team_that_nobody_took_it_in_is_no_piece():
    """Passed through B unopened: its time belongs to the next one."""
    history = one([(10, NEW, "B", None), (10, WORK, "A", "ann"), (10, DONE, None, None)])
    assert found(history) == [(0, 30, history.teams.index("A"), 0, 0, False)]


def test_waits_are_those_outside():
    """An hour with the customer pauses, and the time between resolved and open again, too."""
    history = one(
        [
            (5, WORK, "A", "ann"),
            (5, OUT, None, None),
            (60, NEW, None, None),
            (5, DONE, "A", "ann"),
            (90, NEW, None, None),
        ]
    )
    assert found(history) == [
        (0, 10, 0, 0, 0, False),
        (70, 75, 0, 0, 60, True),
        (165, None, 0, NOBODY, 90, True),
    ]


def test_where_a_wait_was_is_the_state_in_which_it_was_longest():
    """Two hours at the vendor and one at the customer; then opened again after it was resolved; then passed on, which is no wait."""
    events = [
        (10, WORK, "A", "ann"),
        (10, OUT, None, None),
        (60, VENDOR, None, None),
        (120, WORK, None, None),
        (10, DONE, None, None),
        (30, WORK, "A", "ann"),
        (10, WORK, "B", "bob"),
        (10, DONE, None, None),
    ]
    where = legs_of(one(events)).where.tolist()
    assert [None if code == NOBODY else STATES[code] for code in where] == [None, VENDOR, DONE, None]
