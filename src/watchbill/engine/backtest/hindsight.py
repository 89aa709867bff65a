"""What is said of a past day in hindsight: how far it was from the best possible, which promises could have been kept, and why they were not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from watchbill.engine.backtest.bound import Tell, clairvoyant_bound
from watchbill.engine.backtest.day import SWEEP, Day
from watchbill.engine.backtest.outcome import CaseOutcome
from watchbill.engine.backtest.regret import DayRegret, Missed, Why, regret_of_day
from watchbill.engine.base.work import Priority

SCHEMA = "watchbill.regret/1"
FIRST_MOST = 8
"""Items named of what was worked on first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Promises that ran out on the day: how many, kept, missed though they could have been kept, and out of reach.

    attainment, bound, regret: percent of weight, and points between; None where nothing was due.
    """

    due: int
    kept: int
    savable: int
    lost: int
    attainment: float | None
    bound: float | None
    regret: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A promise that was missed. due_us, done_us: instants; minutes: of the promise, by what they went into; first: rows worked on
    before it that could have waited; first_count: all of them. why, minutes, first: only where it could have been kept.
    """

    item: int
    priority: int
    is_savable: bool
    due_us: int
    done_us: int | None
    late_min: int | None
    why: str | None
    minutes: Mapping[str, int]
    first: Sequence[int]
    first_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """The same under another factor on every effort."""

    effort: float
    bound: float
    regret: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindsight:
    """A day beside the best of it. by_window: the ceiling if there were no other case; priorities: P1 first; minutes: of all that could
    have been kept; cases: missed, savable ones first; beyond: rows that were kept though the model has no time for them; people: who
    were there.
    """

    whole: Figures
    priorities: Sequence[Figures]
    by_window: float
    sweep: Sequence[Swept]
    minutes: Mapping[str, int]
    cases: Sequence[Case]
    beyond: Sequence[int]
    people: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def hindsight(day: Day, *, tell: Tell | None = None) -> Hindsight:
    """Hold a day against its ceiling, and the ceiling against other efforts. Costs three bounds: `clairvoyant_bound`."""
    steps = len(SWEEP) * (1 + len(Priority))

    def told(place: int) -> Tell:
        return lambda done, of: None if tell is None else tell(place * of + done, steps)

    found = regret_of_day(day.model, day.really, tell=told(0))
    counted = [one for one in day.really if one.case.weight]
    savable = {one.item for one in found.missed}
    others = [factor for factor in SWEEP if factor != 1.0]
    bounds = {1.0: found.bound.attainment}
    for place, factor in enumerate(others, start=1):
        bounds[factor] = clairvoyant_bound(day.model, effort_factor=factor, tell=told(place)).attainment
    lost = [one for one in counted if not one.is_kept and one.case.id not in savable]
    return Hindsight(
        whole=_figures(counted, savable, found.attainment, found.bound.attainment),
        priorities=[_of_priority(priority, counted, savable, found) for priority in Priority],
        by_window=found.bound.by_window,
        sweep=[
            Swept(effort=factor, bound=bounds[factor], regret=bounds[factor] - found.attainment) for factor in SWEEP
        ],
        minutes=_added(found.missed),
        cases=[
            *(_case(day, one) for one in found.missed),
            *(_lost(day, one) for one in sorted(lost, key=lambda one: (-one.case.weight, one.case.id))),
        ],
        beyond=[day.items[item] for item in found.beyond],
        people=len(day.model.agents),
    )


def sentence(whole: Figures) -> str:
    """The day in one or two sentences."""
    if not whole.due or whole.regret is None:
        return "No promise ran out on this day, so that there was nothing to lose."
    said = f"{_many(whole.due, 'promise')} ran out on this day, {_kept(whole)}."
    if whole.kept == whole.due:
        return said + " It could not have gone better."
    parts = []
    if whole.savable:
        parts.append(f"{whole.savable:,} {'more ' if whole.kept else ''}could have been kept")
    if whole.lost:
        parts.append(f"{whole.lost:,} could not have been kept by anybody")
    return f"{said} {' and '.join(parts)}: the day was {max(0.0, whole.regret):.1f} points from the best possible in hindsight."


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _kept(whole: Figures) -> str:
    if whole.kept == whole.due:
        return "all were kept" if whole.due > 1 else "and it was kept"
    if not whole.kept:
        return "none was kept" if whole.due > 1 else "and it was not kept"
    return f"{whole.kept:,} {'was' if whole.kept == 1 else 'were'} kept"


def _figures(counted: Sequence[CaseOutcome], savable: set[Any], attainment: float, bound: float) -> Figures:
    kept = sum(one.is_kept for one in counted)
    could = sum(one.case.id in savable for one in counted)
    has = bool(counted)
    return Figures(
        due=len(counted), kept=kept, savable=could, lost=len(counted) - kept - could, attainment=attainment if has else None,
        bound=bound if has else None, regret=bound - attainment if has else None,
    )  # fmt: skip


def _of_priority(priority: Priority, counted: Sequence[CaseOutcome], savable: set[Any], found: DayRegret) -> Figures:
    mine = [one for one in counted if one.case.priority is priority]
    place = priority - 1
    return _figures(mine, savable, found.by_priority[place], found.bound.by_priority[place].attainment)


def _case(day: Day, one: Missed) -> Case:
    real = next(each for each in day.really if each.case.id == one.item)
    return Case(
        item=day.items[one.item], priority=int(one.priority), is_savable=True, due_us=_instant(day, real.due_min),
        done_us=None if real.done_min is None else _instant(day, real.done_min), late_min=one.late_min, why=one.why.value,
        minutes={why.value: spent for why, spent in one.minutes.items()},
        first=[day.items[item] for item in one.first[:FIRST_MOST]], first_count=len(one.first),
    )  # fmt: skip


def _lost(day: Day, one: CaseOutcome) -> Case:
    return Case(
        item=day.items[one.case.id], priority=int(one.case.priority), is_savable=False, due_us=_instant(day, one.due_min),
        done_us=None if one.done_min is None else _instant(day, one.done_min),
        late_min=None if one.done_min is None else one.done_min - one.due_min, why=None, minutes={}, first=(), first_count=0,
    )  # fmt: skip


def _instant(day: Day, at_min: int) -> int:
    return day.origin_us + at_min * 60_000_000


def _added(missed: Sequence[Missed]) -> dict[str, int]:
    """Minutes of all of them, by what they went into."""
    found = {why.value: sum(one.minutes.get(why, 0) for one in missed) for why in Why}
    return {why: spent for why, spent in found.items() if spent}
