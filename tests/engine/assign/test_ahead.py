"""The time ahead: how pressing items are, and who may take them once at work."""

from __future__ import annotations

from dataclasses import replace

from tests.engine.assign.smalldesk import desk, due, item, person
from watchbill.engine.assign.ahead import ahead
from watchbill.engine.assign.facts import CommitmentKind, Presence
from watchbill.engine.assign.index import mean_touch_min, urgency_points


def eligible(items, people):
    return {one.item.id: (one.owner, one.eligible) for one in ahead(desk(items, people))}


def test_who_is_off_shift_or_full_may_take_it_later():
    """Shift, presence, time left and slots pass; an account that is closed does not come back."""
    people = [
        person(1),
        person(2, is_on_shift=False, shift_left_min=0),
        person(3, presence=Presence.AWAY),
        person(4, open_count=5, wip_limit=5),
        person(5, is_active=False),
        person(6, shift_left_min=1),
    ]
    assert eligible([item(1)], people) == {1: (None, (1, 2, 3, 4, 6))}


def test_skills_and_noes_stay():
    """What somebody cannot do she cannot do tomorrow; and a no is a no."""
    people = [person(1, skills={7: 2}), person(2, skills={7: 1}), person(3, skills={7: 3})]
    assert eligible([item(1, skill=7, min_level=2, declined_by=(3,))], people) == {1: (None, (1,))}


def test_an_owner_who_can_work_keeps_it():
    """Off shift she keeps it; absent or gone, it is open to all who may take it."""
    people = [person(1, is_on_shift=False), person(2, is_absent=True), person(3, is_active=False), person(4)]
    found = eligible([item(number, owner=number) for number in (1, 2, 3)], people)
    assert found[1] == (1, ())
    assert found[2] == (None, (1, 2, 4))
    assert found[3] == (None, (1, 2, 4))


def test_points_are_those_of_the_index():
    """With all promises now, with the resolution alone when the touch is done."""
    both = item(1, commitments=due(90, kind=CommitmentKind.RESPONSE) + due(300))
    whole = desk([both, item(2)], [person(1)])
    mean = mean_touch_min(whole.items)
    one = ahead(whole)[0]
    assert one.points == urgency_points(both, whole, mean_min=mean)
    bare = replace(both, commitments=tuple(each for each in both.commitments if each.kind is CommitmentKind.RESOLUTION))
    assert one.later_points == urgency_points(bare, whole, mean_min=mean)
