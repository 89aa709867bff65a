"""Tiny desks of cases in several pieces, with waits, pauses and closed hours, and the best that any schedule can do on them."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st

from tests.engine.backtest.tinydesk import agent, case, model
from watchbill.engine.backtest.facts import Leg
from watchbill.engine.backtest.hours import Hours
from watchbill.engine.base.work import Priority

STEP = 30
OVER = 14 * STEP
"""Nobody works after it."""


def legs(draw, *, pauses):
    return Leg(
        skill=draw(st.integers(1, 2)),
        mean_min=60,
        effort_min=draw(st.sampled_from([20, 30, 55, 60, 90])),
        wait_min=draw(st.sampled_from([60, 90, 150] if pauses else [0, 0, 20, 60, 90])),
        is_paused=pauses or draw(st.booleans()),
        delay_min=draw(st.sampled_from([0, 0, 15, 60])),
    )


@st.composite
def spans(draw):
    """Some open hours, and after a while all of them, or none any more."""
    some = draw(st.lists(st.tuples(st.integers(0, 380), st.integers(10, 200)), max_size=3))
    late = [(2 * OVER, 20 * OVER)] if draw(st.booleans()) else []
    return Hours([*((start, start + long) for start, long in some), *late])


@st.composite
def legged(draw, *, most_cases=4, pauses=False):
    """Two to four cases of one or two pieces, one to three people with one or two shifts, on steps of half an hour. pauses: every
    case is waited for, and promises stand still in the second and fourth hour."""
    cases, more = [], 4
    for number in range(1, 1 + draw(st.integers(2, most_cases))):
        follow = draw(st.sampled_from([1] if pauses else [0, 1, 1])) if more else 0
        more -= follow
        opened = draw(st.sampled_from([0, 0, 10, 30, 60, 90]))
        cases.append(
            case(
                number,
                opened_min=opened,
                due_min=opened + draw(st.sampled_from([30, 60, 120, 135, 180, 240, 300])),
                priority=draw(st.sampled_from(Priority)),
                skill=draw(st.integers(1, 2)),
                effort_min=draw(st.sampled_from([20, 30, 50, 55, 60, 66, 90])),
                counts=draw(st.sampled_from([True] * 7 + [False])),
                wait_min=draw(st.sampled_from([0, 0, 0, 20])),
                delay_min=draw(st.sampled_from([0, 0, 0, 20])),
                later=tuple(legs(draw, pauses=pauses) for _ in range(follow)),
            )
        )
    agents = []
    for number in range(1, 1 + draw(st.integers(1, 3))):
        first = STEP * draw(st.integers(0, 4))
        over = first + STEP * draw(st.integers(2, 8))
        late = [(over + 2 * STEP, OVER)] if over + 2 * STEP < OVER and draw(st.booleans()) else []
        agents.append(
            agent(
                number,
                skills=draw(st.dictionaries(st.integers(1, 2), st.integers(1, 3), min_size=1)),
                shifts=((first, min(over, OVER)), *late),
                pace=draw(st.sampled_from([1.0, 1.0, 0.8, 1.3])),
            )
        )
    some = st.dictionaries(st.sampled_from(Priority), spans(), max_size=4)
    if pauses:
        some = st.just(dict.fromkeys(Priority, Hours([(0, 60), (120, 180), (240, 20 * OVER)])))
    return model(
        cases, agents, step_min=STEP, horizon_min=OVER, switch_min=draw(st.sampled_from([0, 6])),
        promised=draw(some), worked=draw(st.dictionaries(st.integers(1, 2), spans(), max_size=2)),
    )  # fmt: skip


def best_of_all(desk):
    """Percent of weight that the best schedule without interruption keeps: at every step everybody who is free takes anything, or waits."""
    total = sum(c.weight for c in desk.cases)
    return 100 * _Trying(desk).best_from_the_start() / total if total else 100.0


class Job(NamedTuple):
    """The piece that comes next, minutes left of it, when it came, the due, who worked on the case last, whether the piece is begun."""

    place: int
    left: float
    came: int
    due: int
    worker: int = 0
    is_begun: bool = False


class Hand(NamedTuple):
    """Somebody: the case she works on, since when, minutes before the work itself, and the case she worked on last."""

    who: int
    case: int = 0
    began: int = 0
    extra: int = 0
    last: int = 0


class _Trying:
    """Written apart from the simulation, whose rules it follows: work ends on a step, what is left at the end of a shift goes back,
    a handover to somebody new, a switch to another case than her last. What is lost, or weighs nothing, is left undone.

    Every schedule is tried, but each situation once: of the past it keeps only what the rest can still depend on. And when all
    that is left has been kept, there is nothing better to look for."""

    def __init__(self, desk):
        self.desk = desk
        self.people = {a.id: a for a in desk.agents}
        self.cases = {c.id: c for c in desk.cases}
        self.works = {c.id: (c, *c.later) for c in desk.cases}
        self.speeds = {
            (a.id, number, place): a.speed(work)
            for a in desk.agents
            for number, works in self.works.items()
            for place, work in enumerate(works)
            if a.may(work)
        }
        self.best = cache(self._best)

    def best_from_the_start(self):
        jobs = [(c.id, self.job(c.id, 0, c.opened_min, c.due_min)) for c in self.desk.cases if c.weight]
        return self.best(0, tuple(sorted(jobs)), tuple(Hand(who) for who in sorted(self.people)))

    def job(self, number, place, over, due):
        """The piece at *place*, which nobody has begun, when what came before it was over at *over*."""
        work = self.works[number][place]
        wait = work.wait_min
        if place and wait and work.is_paused and due > over:
            open_hours = self.desk.promised.get(self.cases[number].priority)
            due = due + wait if open_hours is None else open_hours.after(over + wait, open_hours.between(over, due))
        hours = self.desk.worked.get(work.skill)
        came = over + wait + work.delay_min if hours is None else hours.after(over + wait, work.delay_min)
        return Job(place, float(work.effort_min), _stepped(came), due)

    def is_there(self, who, now):
        return any(start <= now < end for start, end in self.people[who].shifts)

    def _best(self, now, jobs, hands):
        """The most weight that can still be kept from *now* on."""
        if now > OVER or not jobs:
            return 0.0
        left, gained, after = dict(jobs), 0.0, []
        for hand in hands:
            goes_on, worth = self._ends(hand, now, left)
            gained += worth
            after.append(hand if goes_on else hand._replace(case=0))
        left = {
            number: job if job.came > now else job._replace(came=0) for number, job in left.items() if job.due > now
        }
        after = [hand if hand.case in left else Hand(hand.who, last=hand.last) for hand in after]
        after = [hand if hand.last in left else hand._replace(last=0) for hand in after]
        return gained + self._given(now, left, after, 0, sum(self.cases[number].weight for number in left))

    def _ends(self, hand, now, left):
        """Put what ends now, or with her shift, back into *left*; return whether she goes on, and the weight that is kept."""
        if not hand.case:
            return True, 0.0
        number, job = hand.case, left[hand.case]
        speed = self.speeds[hand.who, number, job.place]
        if _stepped(hand.began + hand.extra + job.left / speed) == now:
            if job.place + 1 < len(self.works[number]):
                left[number] = self.job(number, job.place + 1, now, job.due)
                return False, 0.0
            del left[number]
            return False, self.cases[number].weight * (now <= job.due)
        if self.is_there(hand.who, now):
            return True, 0.0
        worked = max(0, now - hand.began - hand.extra) * speed
        left[number] = job._replace(left=max(0.0, job.left - worked), came=now)
        return False, 0.0

    def _given(self, now, left, hands, at, most):
        """The best of all that those from *at* on, who are free, may take or leave; *most*: what all of it would be worth."""
        if at == len(hands):
            return self.best(now + STEP, tuple(sorted(left.items())), tuple(hands))
        found, hand = 0.0, hands[at]
        if not hand.case and self.is_there(hand.who, now):
            held = {other.case for other in hands}
            for number, job in left.items():
                if job.came <= now and number not in held and (hand.who, number, job.place) in self.speeds:
                    extra = self.desk.handover_min if job.is_begun and job.worker != hand.who else 0
                    extra += self.desk.switch_min if hand.last != number else 0
                    taken = left | {number: job._replace(worker=hand.who, is_begun=True)}
                    mine = Hand(hand.who, number, now, extra, number)
                    found = max(found, self._given(now, taken, [*hands[:at], mine, *hands[at + 1 :]], at + 1, most))
                    if found == most:
                        return found
        return max(found, self._given(now, left, hands, at + 1, most))


def _stepped(at):
    return STEP * math.ceil(at / STEP - 1e-9)
