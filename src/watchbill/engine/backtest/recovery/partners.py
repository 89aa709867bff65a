"""What could be passed to a service partner: what would be missed, and what an outside firm can still keep."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from watchbill.engine.backtest.courses import Staff
from watchbill.engine.backtest.facts import WEIGHTS
from watchbill.engine.backtest.recovery.facts import Partner, Situation
from watchbill.engine.backtest.recovery.outcome import Passed, Plan
from watchbill.engine.base.ids import ItemId, PersonId

FIRST_SEAT = 1 << 50
"""Ids of a partner's seats begin here, above those of all people."""
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
        comes to is simulated.
    """
    free = {one.id: [one.lead_min] * one.at_once for one in situation.partners}
    taken = dict.fromkeys(free, 0)
    found: list[Passed] = []
    passable = [(one.due_min, one) for one in situation.open if one.due_min is not None and not one.wait_min]
    for due_min, item in sorted(passable, key=lambda each: (-missed.get(each[1].item, 0) * WEIGHTS[each[1].priority], each[0], each[1].item)):  # fmt: skip
        if not missed.get(item.item):
            break
        for partner in situation.partners:
            ends = free[partner.id][0] + item.mean_min + (situation.parameters.handover_min if item.is_begun else 0)
            if item.item in partner.may and taken[partner.id] < partner.most and ends <= due_min:
                heapq.heapreplace(free[partner.id], ends)
                taken[partner.id] += 1
                found.append(Passed(item=item.item, partner=partner.id, done_min=ends))
                break
    return found


def seats_of(situation: Situation, plan: Plan) -> dict[int, list[Staff]]:
    """Return the seats of each partner that the plan passes something to: at work round the clock from its lead time on."""
    asked = {one.partner for one in plan.passed}
    return {
        partner.id: [_seat(partner, place, number, situation.follow_min) for number in range(partner.at_once)]
        for place, partner in enumerate(situation.partners)
        if partner.id in asked
    }


def _seat(partner: Partner, place: int, number: int, until_min: int) -> Staff:
    spans = ((partner.lead_min, until_min),) if partner.lead_min < until_min else ()
    return Staff(id=PersonId(FIRST_SEAT + place * _SEATS + number), spans=spans)
