"""What could be passed to a service partner: what would be missed, and what an outside firm can still keep."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from watchbill.engine.backtest.courses import Staff
from watchbill.engine.backtest.facts import WEIGHTS, Span
from watchbill.engine.backtest.recovery.facts import Partner, Situation
from watchbill.engine.backtest.recovery.outcome import Passed, Plan
from watchbill.engine.base.ids import ItemId, PersonId

FIRST_SEAT = 1 << 50
"""Ids of a partner's seats begin here, above those of all people."""
MOST = 500
"""Items in one plan at most: as many as one act on many items may have."""
_SEATS = 1 << 20


def passes_of(situation: Situation, missed: Mapping[ItemId, int]) -> list[Passed]:
    """What to pass to whom, what would be missed most often and weighs most first.

    Parameters
    ----------
    missed: in how many futures each open item is missed when nothing is done.

    Returns
    -------
    list of Passed
        Items that are not put off. Each goes to the first partner of *situation.partners* that may do it, takes more, and has a seat
        free early enough for what is expected of the item, and to be told of it where it is begun; a rule of thumb, since what it
        comes to is simulated. At most `MOST`.
    """
    usual = _usual_min(situation)
    free = {one.id: [_begins_min(one, usual)] * one.at_once for one in situation.partners}
    taken = dict.fromkeys(free, 0)
    found: list[Passed] = []
    passable = [(one.due_min, one) for one in situation.open if one.due_min is not None and not one.wait_min]
    for due_min, item in sorted(passable, key=lambda each: (-missed.get(each[1].item, 0) * WEIGHTS[each[1].priority], each[0], each[1].item)):  # fmt: skip
        if not missed.get(item.item) or len(found) == MOST:
            break
        for partner in situation.partners:
            ends = free[partner.id][0] + item.mean_min + (situation.parameters.handover_min if item.is_begun else 0)
            if item.item in partner.may and taken[partner.id] < partner.most and ends <= due_min:
                heapq.heapreplace(free[partner.id], ends)
                taken[partner.id] += 1
                found.append(Passed(item=item.item, partner=partner.id, done_min=ends))
                break
    return found


def _usual_min(situation: Situation) -> float:
    """What an open item is expected to take."""
    return sum(one.mean_min for one in situation.open) / len(situation.open) if situation.open else 0.0


def _begins_min(partner: Partner, usual_min: float) -> int:
    """From when a partner's seats are free: after its lead, and what it has already, each as long as is usual."""
    return partner.lead_min + round(partner.held * usual_min / partner.at_once)


def seats_of(situation: Situation, plan: Plan) -> dict[int, list[Staff]]:
    """Return the seats of each partner that the plan passes something to: at work round the clock once it can begin."""
    usual = _usual_min(situation)
    asked = {one.partner for one in plan.passed}
    return {
        partner.id: [
            _seat(place, number, (_begins_min(partner, usual), situation.follow_min))
            for number in range(partner.at_once)
        ]
        for place, partner in enumerate(situation.partners)
        if partner.id in asked
    }


def _seat(place: int, number: int, span: Span) -> Staff:
    return Staff(id=PersonId(FIRST_SEAT + place * _SEATS + number), spans=(span,) if span[0] < span[1] else ())
