"""Which plans are worth showing, and what each would do: all on the same futures, beside doing nothing.

docs/algorithms/backtest.md, "Recovery options".
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from watchbill.engine.backtest.compare import Interval, interval
from watchbill.engine.backtest.facts import WEIGHTS
from watchbill.engine.backtest.recovery.facts import Situation
from watchbill.engine.backtest.recovery.futures import COMING, LATER, OPEN, Futures, Tally, played, usual_of
from watchbill.engine.backtest.recovery.hours import extras_of
from watchbill.engine.backtest.recovery.outcome import Dropped, Expected, Extra, Option, Plan, PlanCode, Recovery
from watchbill.engine.backtest.recovery.partners import passes_of
from watchbill.engine.backtest.twin.fidelity import Mapper, in_turn
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import Priority

FUTURES = 60
PILOTS = 8
"""Futures on which the size of a plan is chosen; its figures come from all of them."""
SHOWN = 4
"""Plans that are offered at most, going on as now among them."""
MOST_ASKED = 8
"""People who are asked for extra hours in one plan, at most."""
PARTS = (0.25, 0.5, 1.0)
"""Of what could be passed to partners, what is tried."""
ENOUGH = 0.8
"""The fewest hours, or the least work for a partner, that saves so much of what the most of it saves."""
LEAST_SAVED = 0.05
"""Promises that a plan saves on average at the least: fewer would be told as 0.0."""
_COUNTED = (OPEN, COMING, LATER)
_NOTHING = Plan(code=PlanCode.NOTHING)

Played = tuple[int, tuple[Plan, ...]]
Tell = Callable[[int, int], None]
"""Told (simulations done, of all) after each; may raise to leave off."""


def recover(
    situation: Situation, *, weekly: Sequence[int] = (), futures: int = FUTURES, mapper: Mapper[Played, list[Tally]] = in_turn,
    tell: Tell | None = None,
) -> Recovery:  # fmt: skip
    """Plans for the rest of a shift, each simulated on the same *futures*.

    Parameters
    ----------
    situation: the desk now. weekly: how many items came in the same hours of each earlier week, for how much days differ.
    futures: at least two; effort and arrivals of future n are the same under every plan (common random numbers), so that the paired
        difference to doing nothing tells the plan from luck.

    Returns
    -------
    Recovery
        Doing nothing, and of rebalancing, extra hours, a partner and deferring at most three that save some weight of promises; of
        the others, why not. Extra hours, and what is passed to partners, are the least that save `ENOUGH` of what the most would;
        which priorities are deferred is what saves most.

    Raises InvalidFacts for fewer than two futures. Cost: at most (5 x futures + 9 x `PILOTS`) simulations.
    """
    if futures < 2:
        raise InvalidFacts(f"Recovery options need at least 2 futures to tell luck from gain, got {futures}")
    return _Search(situation, weekly, futures, mapper, tell).recovery()


class _Search:
    """Candidates, tried on the first futures, and what those that are chosen come to on all: two rounds, each spread by the mapper."""

    def __init__(
        self, situation: Situation, weekly: Sequence[int], count: int, mapper: Mapper[Played, list[Tally]], tell: Tell | None
    ) -> None:  # fmt: skip
        self.situation, self.mapper, self.tell = situation, mapper, tell
        self.futures = Futures(situation, usual_of(situation, weekly))
        self.count, self.pilots = count, min(PILOTS, count)
        self.done, self.of = 0, 4 * count + 6 * self.pilots
        if situation.partners:
            self.of += count + len(PARTS) * self.pilots
        self.known: dict[Plan, list[Tally]] = {}
        self.dropped: list[Dropped] = []

    def recovery(self) -> Recovery:
        sizes, levels = self._sizes(), self._levels()
        self._play({_NOTHING: self.count} | dict.fromkeys([*sizes, *levels], self.pilots))
        passes = self._passes()
        self._play(dict.fromkeys(passes, self.pilots))
        base = self.known[_NOTHING]
        plans = [_NOTHING]
        if any(one.count(*_COUNTED) for one in base):
            found = (self._rebalance(), self._hours(sizes), self._partner(passes), self._defer(levels))
            plans += [plan for plan in found if plan is not None]
            self._play(dict.fromkeys(plans, self.count))
        else:
            said = f"In none of {len(base)} futures is a promise missed, so there is nothing to recover"
            self.dropped = [Dropped(code=code, why=said) for code in PlanCode if code is not PlanCode.NOTHING]
        options = [self._option(plan, base) for plan in plans]
        kept = self._best([options[0], *(one for one in options[1:] if self._helps(one))])
        certain = [one for one in kept[1:] if one.weight_change.high < 0]
        best = min(certain, key=lambda one: one.weight.mean, default=kept[0])
        situation = self.situation
        here = {one.id for one in situation.workers if any(end > 0 for _, end in one.spans)}
        if self.tell:
            self.tell(self.of, self.of)
        return Recovery(
            options=tuple(kept),
            dropped=tuple(self.dropped),
            best=best.plan.code,
            replications=len(base),
            lost=sum(one.due_min is not None and one.due_min <= 0 for one in situation.open),
            unpromised=sum(one.due_min is None for one in situation.open),
            unable=sum(not any(person in here for person, _ in one.able) for one in situation.open),
            coming=sum(one.came for one in base) / len(base),
        )

    # -- plans ----------------------------------------------------------------------------------------------------------

    def _rebalance(self) -> Plan | None:
        moves = tuple(self.situation.moves)  # in their order: each was weighed after those before it
        if not moves:
            return self._drop(
                PlanCode.REBALANCE,
                "No move of an owned item would lower a risk now; what was moved, or moved back, a short while ago rests",
            )
        return Plan(code=PlanCode.REBALANCE, moves=moves)

    def _sizes(self) -> list[Plan]:
        """Extra hours of one, two, four and more people."""
        ranked = self._ranked()
        sizes = sorted({min(size, len(ranked), MOST_ASKED) for size in (1, 2, 4, MOST_ASKED)}) if ranked else []
        return [Plan(code=PlanCode.HOURS, extra=tuple(sorted(ranked[:size], key=lambda one: one.person))) for size in sizes]  # fmt: skip

    def _hours(self, plans: Sequence[Plan]) -> Plan | None:
        if not plans:
            return self._drop(
                PlanCode.HOURS, "Nobody who may do what would be missed can work longer or be called in: rest, leave, or hours that are not known"
            )  # fmt: skip
        return self._least(plans) or self._drop(
            PlanCode.HOURS, "More hours would save no promise: what would be missed is missed for another reason"
        )

    def _least(self, plans: Sequence[Plan]) -> Plan | None:
        """Of plans that grow, the smallest that saves `ENOUGH` of what the best of them does; None when none saves anything."""
        saved = [self._saved(plan) for plan in plans]
        if max(saved) <= 0:
            return None
        return next(plan for plan, gain in zip(plans, saved, strict=True) if gain >= ENOUGH * max(saved))

    def _ranked(self) -> list[Extra]:
        """Who could work more, the one first who may do most of the weight that is missed when nothing is done; nobody who may do none."""
        missed = self._missed_by_person()
        able = [one for one in extras_of(self.situation) if missed[one.person] > 0]
        return sorted(able, key=lambda one: (-missed[one.person] * one.minutes, one.person))

    def _missed_by_person(self) -> Counter[PersonId]:
        """What each person may do of the work that could be late: weight, of what is due within what is followed."""
        follow, found = self.situation.follow_min, Counter[PersonId]()
        for one in self.situation.open:
            if one.due_min is not None and 0 < one.due_min <= follow:
                for person, _ in one.able:
                    found[person] += int(WEIGHTS[one.priority] * 10)
        for came in self.situation.came:
            for person, _ in came.able:
                found[person] += int(WEIGHTS[came.priority])
        return found

    def _levels(self) -> list[Plan]:
        """P4 put off, and P4 with P3."""
        plans: list[Plan] = []
        for least in (Priority.P4, Priority.P3):
            items = tuple(self._deferrable(least))
            if items and all(plan.deferred != items for plan in plans):
                plans.append(Plan(code=PlanCode.DEFER, deferred=items, until_min=self.situation.horizon_min))
        return plans

    def _defer(self, plans: Sequence[Plan]) -> Plan | None:
        if not plans:
            return self._drop(PlanCode.DEFER, "There is no P4 or P3 that is not begun and whose promise lasts beyond the horizon")  # fmt: skip
        saved = [self._saved(plan) for plan in plans]
        if max(saved) <= 0:
            return self._drop(PlanCode.DEFER, "Putting off what is less urgent saves no promise: it comes last already, or is done by others")  # fmt: skip
        return plans[saved.index(max(saved))]

    def _deferrable(self, least: Priority) -> list[ItemId]:
        """Items of this or a lower priority that nobody has begun, and whose promise can still be kept after the horizon."""
        until = self.situation.horizon_min
        return sorted(
            one.item
            for one in self.situation.open
            if one.priority >= least and not one.is_begun and not one.wait_min and (one.due_min is None or one.due_min >= until + 2 * one.mean_min)
        )  # fmt: skip

    def _passes(self) -> list[Plan]:
        """A part, and all, of what a partner could keep of what is missed when nothing is done."""
        if not self.situation.partners:
            return []
        missed = Counter(item for one in self.known[_NOTHING][: self.pilots] for item in one.missed)
        ranked = passes_of(self.situation, missed)
        sizes = sorted({math.ceil(part * len(ranked)) for part in PARTS}) if ranked else []
        return [Plan(code=PlanCode.PARTNER, passed=tuple(ranked[:size])) for size in sizes]

    def _partner(self, plans: Sequence[Plan]) -> Plan | None:
        if not self.situation.partners:
            return self._drop(PlanCode.PARTNER, "No service partner is named that takes work of this desk")
        if not plans:
            return self._drop(
                PlanCode.PARTNER, "Nothing that would be missed can be passed on: it is not what a partner takes, or due before one could do it"
            )  # fmt: skip
        return self._least(plans) or self._drop(
            PlanCode.PARTNER, "Passing work on would save no promise: the partner would be as late"
        )

    def _drop(self, code: PlanCode, why: str) -> Plan | None:
        """No plan of this kind, and why."""
        self.dropped.append(Dropped(code=code, why=why))
        return None

    def _helps(self, option: Option) -> bool:
        """Whether a plan saves anything worth telling on average; else it is dropped, and said."""
        saved = sum(max(0.0, -one.mean) for one in (*(each.change for each in option.by_priority), option.later_change))
        if option.weight_change.mean < 0 and saved >= LEAST_SAVED:
            return True
        if option.weight_change.mean < 0:
            said = f"It would save less than {LEAST_SAVED:g} promises on average"
        else:
            is_same = option.weight_change == Interval(mean=0.0, low=0.0, high=0.0)
            said = "It changes nothing" if is_same else "It would miss more than it saves"
        self._drop(option.plan.code, f"{said}, over {self.count} futures")
        return False

    def _best(self, kept: Sequence[Option]) -> list[Option]:
        """The plans that save most, in their order: more than `SHOWN` nobody compares. The others are said."""
        saving = sorted(kept[1:], key=lambda one: one.weight_change.mean)
        for one in saving[SHOWN - 1 :]:
            said = f"with it {one.misses.mean:.1f} would be missed, going on {kept[0].misses.mean:.1f}"
            self._drop(one.plan.code, f"Three other plans save more weight of promises; {said}")
        return [kept[0], *(one for one in kept[1:] if one in saving[: SHOWN - 1])]

    # -- figures --------------------------------------------------------------------------------------------------------

    def _play(self, wanted: Mapping[Plan, int]) -> None:
        """Simulate plans, each on its first so many futures without those that are known."""
        tasks: list[Played] = []
        for number in range(max(wanted.values(), default=0)):
            plans = tuple(plan for plan, most in wanted.items() if len(self.known.get(plan, ())) <= number < most)
            tasks += [(number, plans)] if plans else []
        before, count = self.done, sum(len(plans) for _, plans in tasks)

        def told(_what: str, share: float) -> None:
            if self.tell:
                self.tell(min(before + round(share * count), self.of - 1), self.of)

        found = self.mapper(played, self.futures, tasks, told) if tasks else []
        for (_, plans), tallies in zip(tasks, found, strict=True):
            for plan, tally in zip(plans, tallies, strict=True):
                self.known.setdefault(plan, []).append(tally)
        self.done += count

    def _saved(self, plan: Plan) -> float:
        """Weight that a plan saves on the pilots."""
        pairs = zip(self.known[_NOTHING], self.known[plan][: self.pilots], strict=False)
        return sum(one.weight(*_COUNTED) - other.weight(*_COUNTED) for one, other in pairs)

    def _option(self, plan: Plan, base: Sequence[Tally]) -> Option:
        found = self.known[plan]
        pairs = list(zip(found, base, strict=True))
        begun = {one.item for one in self.situation.open if one.is_begun}
        now = (OPEN, COMING)
        return Option(
            plan=plan,
            by_priority=tuple(
                Expected(
                    priority=each,
                    open=interval([one.of(each, OPEN) for one in found]),
                    coming=interval([one.of(each, COMING) for one in found]),
                    both=interval([one.of(each, *now) for one in found]),
                    change=interval([one.of(each, *now) - other.of(each, *now) for one, other in pairs]),
                )
                for each in Priority
            ),
            misses=interval([one.count(*now) for one in found]),
            change=interval([one.count(*now) - other.count(*now) for one, other in pairs]),
            weight=interval([one.weight(*_COUNTED) for one in found]),
            weight_change=interval([one.weight(*_COUNTED) - other.weight(*_COUNTED) for one, other in pairs]),
            later=interval([one.count(LATER) for one in found]),
            later_change=interval([one.count(LATER) - other.count(LATER) for one, other in pairs]),
            deferred=interval([one.deferred for one in found]),
            handovers=sum(
                item in begun for item in (*(one.item for one in plan.moves), *(one.item for one in plan.passed))
            ),
        )
