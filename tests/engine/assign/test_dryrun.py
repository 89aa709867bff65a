"""A draft beside the policy in force: choices compared one by one, and their sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

from watchbill.engine.assign.dryrun import Compared, compared, summed
from watchbill.engine.assign.outcome import Decision, Rejection, Verdict
from watchbill.engine.base.ids import ItemId, PersonId, QueueId
from watchbill.engine.base.work import Priority

ANA, BEN = PersonId(1), PersonId(2)
PAST = Compared(
    item=ItemId(7), at=datetime(2026, 3, 2, 12, tzinfo=UTC), priority=Priority.P2, queue=QueueId(3), effort_min=60,
    decided=ANA, in_force=None, draft=None,
)  # fmt: skip


def said(person, *rejected):
    """What a policy says of the item."""
    return Decision(
        item=PAST.item, verdict=Verdict.NO_ONE if person is None else Verdict.ASSIGN, person=person, owner=None, score=0.0,
        contributions=(), eligible=0, rejected=rejected, alternatives=(), reason="Because",
    )  # fmt: skip


def left_out(people):
    """So many fail the must of the team."""
    return Rejection(rule="is_in_team", people=people, words=f"{people} are not in the team")


def test_what_was_decided_stays_and_both_policies_stand_beside_it():
    """The item, the instant and who was given it are of the past; persons and words are those of the policies."""
    found = compared(PAST, said(ANA), said(BEN))
    assert replace(found, in_force=None, draft=None, reason="") == PAST
    assert (found.in_force, found.draft, found.reason, found.differs) == (ANA, BEN, "Because", True)


def test_musts_are_named_only_when_the_draft_chooses_nobody_and_only_those_that_leave_somebody_out():
    """A must that nobody fails keeps nobody out; somebody chosen needs no such words."""
    rules = (left_out(2), Rejection(rule="speaks_language", people=0, words=""))
    assert compared(PAST, said(ANA), said(None, *rules)).nobody_by == ("is_in_team",)
    assert compared(PAST, said(ANA), said(BEN, *rules)).nobody_by == ()


def test_sums_count_each_choice_once_in_any_order():
    """Agreement, nobody, effort by person and spread; the order of the choices does not matter."""
    choices = [
        compared(PAST, said(ANA), said(BEN)),
        compared(replace(PAST, item=ItemId(8), priority=Priority.P3, queue=None), said(ANA), said(ANA)),
        compared(replace(PAST, item=ItemId(9), decided=BEN), said(ANA), said(None, left_out(2))),
    ]  # fmt: skip
    found = summed(choices)
    assert (found.total.choices, found.total.differs) == (3, 2)
    assert (found.total.agree_in_force, found.total.agree_draft) == (2, 1)
    assert (found.total.nobody_in_force, found.total.nobody_draft) == (0, 1)
    assert (found.by_priority[Priority.P2].choices, found.by_priority[Priority.P3].choices) == (2, 1)
    assert list(found.by_queue) == [None, QueueId(3)]
    assert found.nobody_by == {"is_in_team": 1}
    assert [(one.person, one.decided_min, one.in_force_min, one.draft_min) for one in found.people] == [
        (ANA, 120, 180, 60), (BEN, 60, 0, 60),
    ]  # fmt: skip
    assert found.spread == {"decided": 1.333, "in_force": 2.0, "draft": 1.0}
    assert all(summed(order) == found for order in permutations(choices))


def test_nothing_to_compare_is_all_noughts():
    """Without choices no sum divides by nothing."""
    assert (summed([]).total.choices, summed([]).spread) == (0, {"decided": 0.0, "in_force": 0.0, "draft": 0.0})
