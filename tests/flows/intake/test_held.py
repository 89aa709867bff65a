"""Held events: applied when their time comes, in order, once, beside what our own people do."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import BOSS, make_desk
from tests.flows.intake import log, read
from watchbill.apps.inbox import queries
from watchbill.apps.work.services import Change, projection_rebuild, work_change
from watchbill.engine.base.work import EventKind
from watchbill.flows.intake.held import release

HOLD = datetime(2016, 2, 29, 11, 55, tzinfo=UTC)  # 08:55 in Sao Paulo: INC1 has just been taken
END = datetime(2016, 4, 1, tzinfo=UTC)


def at(hour, minute=0):
    return datetime(2016, 2, 29, hour + 3, minute, tzinfo=UTC)


def change(ref, when, **patch):
    """Something that one of our own people does to an item."""
    return work_change(
        Change(item_id=read.item(ref)["id"], kind=EventKind.ASSIGNED, patch=patch, at=when), by=BOSS, now=when
    )


@pytest.fixture
def held(bring, desk):
    return bring([*log.ROWS, *log.many(8)], hold_after=HOLD)


def test_what_lies_ahead_is_not_there_yet(held, desk):
    """Items that open later do not exist, and those that do stand as they stood."""
    assert held.events_held == queries.held_count(desk) == 41
    assert held.events == 43
    assert [row["external_ref"] for row in read.fetch("select external_ref from work_item")] == ["INC1"]
    assert read.item("INC1")["state"] == "in_progress"


def test_released_to_the_end_it_is_as_if_nothing_had_been_held(held, desk, bring):
    """Events, items and clocks are those of an import that held nothing back."""
    whole = make_desk()
    bring([*log.ROWS, *log.many(8)], desk_id=whole)
    released = release(END, now=END)
    assert (released.events, released.next_at) == (41, None)
    pictures = read.picture(desk), read.picture(whole)
    for name in ("items", "events"):
        assert pictures[0][name] == pictures[1][name]
    ignored = {"told_at", "next_at"}
    clocks = [[{n: c[n] for n in c if n not in ignored} for c in picture["clocks"]] for picture in pictures]
    assert clocks[0] == clocks[1]


def test_release_goes_step_by_step_and_says_how_far_it_came(held, desk):
    """At most so many at a time, the earliest first; the rest waits for the next call."""
    first = release(at(9, 30), now=at(9, 30), at_most=2)
    assert first.events == 2
    assert first.is_behind(at(9, 30))
    assert release(at(9, 30), now=at(9, 30)).events == 3
    assert [event["at"] for event in read.events("INC1")][-1] == at(9, 10)
    assert release(at(9, 30), now=at(9, 30)).events == 0
    assert not release(at(9, 30), now=at(9, 30)).is_behind(at(9, 30))


def test_one_runner_at_a_time(held, transactional_locks):
    """While another holds the lock, a release does nothing."""
    with transactional_locks("intake.release"):
        assert release(END, now=END).events == 0
    assert release(END, now=END).events == 41


def test_taken_over_item_keeps_owner_queue_and_team(held, desk):
    """The log goes on telling of states, and no longer of who has the item."""
    change("INC1", at(8, 58), is_taken_over=True, owner_id=None, queue_id=None)
    release(END, now=END)
    item = read.item("INC1")
    assert (item["state"], item["owner_id"], item["queue_id"]) == ("closed", None, None)
    assert item["resolved_at"] == at(11, 29)


def test_item_that_was_not_taken_over_follows_the_log(bring, desk):
    """The log's people act as they did."""
    bring(log.ROWS, hold_after=at(8, 30))
    release(at(9), now=at(9))
    assert read.item("INC1")["owner"] == "Resolver 89"


def test_event_that_comes_after_our_own_counts_from_then(held):
    """Somebody acted at 09:40 on what the log says of 09:10: the log's event comes after hers, its instant kept."""
    change("INC1", at(9, 40), title="Looked at")
    release(at(9, 45), now=at(9, 45))
    late = read.events("INC1")[-1]
    assert late["at"] == at(9, 40)
    assert datetime.fromisoformat(late["data"]["log_at"]) == at(9, 10)
    assert read.item("INC1")["state"] == "in_progress"


def test_released_items_are_the_sum_of_their_events(held):
    """Rebuilding changes no row."""
    change("INC1", at(9, 40), is_taken_over=True, owner_id=None)
    release(END, now=END)
    before = read.rows_of_items()
    projection_rebuild()
    assert read.rows_of_items() == before


def test_importing_again_after_a_release_doubles_nothing(held, desk, bring):
    """What was released is known by its row in the log."""
    release(END, now=END)
    before = read.picture(desk)
    bring([*log.ROWS, *log.many(8)], hold_after=HOLD, name="copy.csv.gz")
    release(END, now=END)
    assert read.picture(desk) == before
    assert queries.held_count(desk) == 0


def test_moved_dates_are_held_by_the_moved_instant(bring, desk):
    """With a shift, "after" means after on the moved calendar."""
    bring(shift_weeks=10, hold_after=HOLD + timedelta(weeks=10))
    assert queries.held_next_at() == at(9) + timedelta(weeks=10)


def test_failed_release_holds_the_events_as_before(held, desk, monkeypatch):
    """Killed in the middle, nothing is half done."""

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("watchbill.flows.intake.held.work_load", die)
        with pytest.raises(Killed):
            release(END, now=END)
    assert queries.held_count(desk) == 41
    assert release(END, now=END).events == 41
