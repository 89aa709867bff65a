"""What a person does next: the index of her pairs, the musts of what she may take, and the reason for the order."""

import pytest
from hypothesis import given, settings

from tests.engine.assign.smalldesk import desk, due, item, person, snapshots
from watchbill.engine.assign.facts import CommitmentKind
from watchbill.engine.assign.index import urgency_points
from watchbill.engine.assign.next import next_items
from watchbill.engine.assign.rules import failed_musts
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.work import Priority


def order(*items, who=None, **rules):
    snapshot = desk(items, [who or person(1), person(2)], **rules)
    return [line.item for line in next_items(snapshot, 1)]


def test_what_must_start_now_goes_first():
    """An own P3 due in an hour goes before an own P1 due next week."""
    assert order(
        item(1, owner=1, priority=Priority.P1, commitments=due(10_000)), item(2, owner=1, commitments=due(60))
    ) == [2, 1]


def test_of_equal_time_to_spare_the_heavier_goes_first():
    """P1 before P4, and the words say so."""
    snapshot = desk(
        [
            item(1, owner=1, priority=Priority.P4, commitments=due(200)),
            item(2, owner=1, priority=Priority.P1, commitments=due(200)),
        ],
        [person(1)],
    )
    first, second = next_items(snapshot, 1)
    assert (first.item, first.before, second.before) == (2, "it weighs more", "")
    assert first.why == "P1, resolution due in 3 h 20 min; about 1 h 00 min for you"


def test_a_short_piece_goes_before_a_long_one():
    """Equal weight and time to spare: the one that is done sooner."""
    snapshot = desk(
        [
            item(1, owner=1, touch_min=60, effort_min=60, commitments=due(200)),
            item(2, owner=1, touch_min=15, effort_min=15, commitments=due(155)),
        ],
        [person(1)],
    )
    first, _ = next_items(snapshot, 1)
    assert (first.item, first.before) == (2, "it takes less of your time")


def test_an_item_that_others_began_costs_her_the_handover():
    """Her own touched item goes before an equal one that waits and that somebody else has begun."""
    mine = item(1, owner=1, is_touched=True, commitments=due(200))
    begun = item(2, is_touched=True, worked_before=(2,), commitments=due(200))
    snapshot = desk([begun, mine], [person(1), person(2)])
    lines = next_items(snapshot, 1)
    assert [(line.item, line.is_own) for line in lines] == [(1, True), (2, False)]
    assert lines[1].why.endswith("about 1 h 15 min for you")


def test_others_work_and_what_she_may_not_take_is_not_on_her_list():
    """Somebody else's, a skill she lacks, one she declined; and nothing of the queue when only her own is asked for."""
    items = [item(1, owner=2), item(2, skill=9), item(3, declined_by=(1,)), item(4), item(5, owner=1, skill=9)]
    snapshot = desk(items, [person(1), person(2)])
    assert {line.item for line in next_items(snapshot, 1)} == {4, 5}
    assert [line.item for line in next_items(snapshot, 1, with_queue=False)] == [5]


def test_work_of_somebody_who_has_left_can_be_taken():
    """An owner without an active account counts as gone."""
    snapshot = desk([item(1, owner=2)], [person(1), person(2, is_active=False)])
    assert [line.item for line in next_items(snapshot, 1)] == [1]


def test_equals_go_by_due_time_then_by_age():
    """Nothing presses: the one without a clock and of lower id goes last of equals."""
    lines = next_items(desk([item(2), item(1)], [person(1)]), 1)
    assert [line.item for line in lines] == [1, 2]
    assert lines[0].before == "equally pressing, but due or opened earlier"


def test_nobody_is_asked_about_who_is_not_there():
    """An unknown person is an error, not an empty list."""
    with pytest.raises(NotFound):
        next_items(desk([item()], [person(1)]), 9)


def test_a_resolution_counts_all_the_work_that_is_left():
    """Six hours of work due in six and a half must start now; an hour of work due in six hours can wait."""
    long = item(1, owner=1, touch_min=60, effort_min=360, priority=Priority.P1, commitments=due(390))
    short = item(2, owner=1, touch_min=60, effort_min=60, commitments=due(390))
    snapshot = desk([short, long], [person(1)], look_ahead=1.0)
    points = {one.id: urgency_points(one, snapshot, mean_min=60) for one in snapshot.items}
    assert points[1] == pytest.approx(100 * 60 / 360 * 0.6065, rel=1e-3)
    assert points[1] > points[2]
    response = item(3, touch_min=60, effort_min=360, commitments=due(35, kind=CommitmentKind.RESPONSE))
    assert urgency_points(response, snapshot, mean_min=60) == pytest.approx(25 * 0.6065, rel=1e-3)


@pytest.mark.parametrize("kind", [CommitmentKind.RESPONSE, CommitmentKind.STAGE, CommitmentKind.UPDATE])
def test_a_first_answer_is_not_lost_because_the_work_takes_long(kind):
    """A P1 to be answered in 15 minutes goes before a P2 with 30, though both begin an hour of work: an answer takes five."""
    first = item(1, priority=Priority.P1, commitments=due(15, kind=kind))
    second = item(2, priority=Priority.P2, commitments=due(30, kind=kind))
    nothing = item(3, priority=Priority.P2)
    snapshot = desk([nothing, second, first], [person(1)])
    assert [line.item for line in next_items(snapshot, 1)] == [1, 2, 3]
    lost = item(1, priority=Priority.P1, commitments=due(2, kind=kind))
    assert urgency_points(lost, snapshot, mean_min=60) < urgency_points(second, snapshot, mean_min=60)


def test_a_promise_far_ahead_weighs_no_less_than_none():
    """Her P2 due in a week goes before a P4 of equal length for which no clock runs; both at the residual."""
    far = item(1, owner=1, priority=Priority.P2, commitments=due(7 * 24 * 60))
    none = item(2, owner=1, priority=Priority.P4)
    snapshot = desk([none, far], [person(1)])
    assert [line.item for line in next_items(snapshot, 1)] == [1, 2]
    assert urgency_points(far, snapshot, mean_min=60) == pytest.approx(100 * 0.05 * 4 / 8)


@settings(max_examples=150, deadline=None)
@given(snapshots())
def test_every_line_is_hers_or_breaks_no_must(snapshot):
    """And no order of the input changes the answer; her own work is all there."""
    turned = desk(snapshot.items[::-1], snapshot.people[::-1], seed=snapshot.seed)
    turned = type(snapshot)(
        now=snapshot.now, items=turned.items, people=turned.people, policy=snapshot.policy, seed=snapshot.seed
    )
    items = {one.id: one for one in snapshot.items}
    for who in snapshot.people:
        lines = next_items(snapshot, who.id)
        assert lines == next_items(turned, who.id)
        assert {line.item for line in lines if line.is_own} == {i.id for i in snapshot.items if i.owner == who.id}
        for line in lines:
            assert line.is_own or not failed_musts(items[line.item], who, snapshot.policy)
        assert [line.points for line in lines] == sorted((line.points for line in lines), reverse=True)
