"""Whose work is laid aside for a P1: the worked numbers of docs/algorithms/assign.md, and what is left alone."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.assign.smalldesk import NOW, desk, due, item, person
from watchbill.engine.assign.decide import place
from watchbill.engine.assign.interrupt import Held, does_interrupt, interrupt, interrupt_all
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.work import Priority

P1 = Priority.P1


def held(number, owner, left_min, *, priority=Priority.P4, **facts):
    commitments = () if left_min is None else due(left_min)
    return Held(
        facts=item(number, owner=owner, priority=priority, commitments=commitments, **facts),
        owner=owner,
        reference=f"INC-{number}",
    )


def full(number, **facts):
    return person(number, name=f"P{number}", open_count=1, wip_limit=1, **facts)


def ask(others, *, people=None, priority=P1, **policy):
    urgent = item(1, priority=priority, commitments=due(60, target_min=240))
    snapshot = desk([urgent], people or [full(1), full(2)], **policy)
    return interrupt(place(snapshot, 1), snapshot, others)


def test_the_worked_example():
    """Slack 420 for weight 1 against 300 for weight 2: the P4 is laid aside; due in 2.5 hours it may not be."""
    answer = ask([held(2, 1, 480), held(3, 2, 360, priority=Priority.P3)])
    assert (answer.person, answer.interrupts.item, answer.interrupts.slack_min) == (1, 2, 420)
    assert answer.reason == "Nobody is free for this P1, so P1 lays INC-2 aside: it can wait 7 h 00 min."
    assert sum(part.points for part in answer.contributions) == answer.score
    answer = ask([held(2, 1, 150), held(3, 2, 360, priority=Priority.P3)])
    assert (answer.person, answer.interrupts.item) == (2, 3)


def test_what_is_left_alone():
    """Pinned items, items as urgent, those that cannot wait, and work of people who may not take the P1."""
    assert ask([held(2, 1, 480, is_pinned=True)]).person is None
    assert ask([held(2, 1, 480, priority=P1)]).person is None
    assert ask([held(2, 1, 180)]).person is None  # slack 120 is not more than 60 + 60
    assert ask([held(2, 1, 181)]).person == 1
    away = [full(1, is_on_shift=False), full(2)]
    assert ask([held(2, 1, 480)], people=away).person is None


def test_an_item_without_a_clock_can_wait_longest():
    """No promise is lost by laying it aside, and the words say so."""
    answer = ask([held(2, 1, None), held(3, 2, 600)])
    assert answer.interrupts.item == 2
    assert answer.interrupts.slack_min is None
    assert "no clock of it runs" in answer.interrupts.words


def test_somebody_far_above_her_limit_is_not_given_more():
    """One item less would not make room, so it is another's that is laid aside."""
    people = [person(1, name="P1", open_count=3, wip_limit=1), full(2)]
    assert ask([held(2, 1, 4800), held(3, 2, 480)], people=people).person == 2


def test_the_policy_says_for_whom():
    """P1 by default, P2 if asked for."""
    p1, p2 = item(1, priority=P1), item(2, priority=Priority.P2)
    assert does_interrupt(p1, Policy())
    assert not does_interrupt(p2, Policy())
    assert does_interrupt(p2, Policy(preempts_p2=True))
    assert not does_interrupt(p1, Policy(preempts_p1=False))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(-60, 2000), st.sampled_from(Priority)), max_size=8),
    st.integers(1, 5),
    st.randoms(use_true_random=False),
)
def test_nobody_is_interrupted_twice_and_no_promise_is_lost(others, count, random):
    """Whatever people hold: one item and one person per P1, each with slack for both efforts; order does not matter."""
    urgent = [item(n, priority=P1, opened_at=NOW - timedelta(minutes=n)) for n in range(1, count + 1)]
    people = [full(n) for n in range(1, 5)]
    snapshot = desk(urgent, people)
    mine = [held(100 + n, owner, left, priority=p) for n, (owner, left, p) in enumerate(others)]
    stuck = [place(snapshot, one.id) for one in urgent]
    answers = interrupt_all(stuck, snapshot, mine)
    found = [answer.interrupts for answer in answers if answer.interrupts is not None]
    assert len({one.item for one in found}) == len({one.person for one in found}) == len(found)
    by_id = {one.facts.id: one for one in mine}
    for one in found:
        assert by_id[one.item].owner == one.person
        assert one.slack_min > by_id[one.item].facts.effort_min + 60
    random.shuffle(mine)
    assert interrupt_all(stuck, snapshot, mine) == answers
