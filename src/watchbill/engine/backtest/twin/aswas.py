"""What really happened, in the figures of a simulation: the row that needs no twin."""

from __future__ import annotations

import numpy as np

from watchbill.engine.backtest.outcome import PersonOutcome, spread
from watchbill.engine.backtest.outcome import gini as gini_of
from watchbill.engine.backtest.scores import Scores
from watchbill.engine.backtest.twin.history import NOBODY, History
from watchbill.engine.backtest.twin.learn import Twin
from watchbill.engine.backtest.twin.legs import NEVER
from watchbill.engine.backtest.twin.models import Floor
from watchbill.engine.backtest.twin.promise import lived
from watchbill.engine.base.work import Priority


def as_was(twin: Twin, floor: Floor, *, since_us: int, until_us: int) -> Scores:
    """What became of the items opened in [since, until), of those whose promise is decided.

    Effort, and so the spread of load, is that of the twin's assumption.
    """
    history, legs = twin.history, twin.legs
    kept = lived(history, legs, twin.promise, until_us=int(history.at_us.max()))
    here = (history.opened_us >= since_us) & (history.opened_us < until_us)
    here &= kept.is_decided | ~_promised(history, twin)
    done = here & (legs.done_us != NEVER)
    hours = (legs.done_us[done] - history.opened_us[done]) / 3.6e9
    people = _people(twin, floor)
    count = max(1, int(here.sum()))
    return Scores(
        cases=int(here.sum()), kept=_share(kept.is_kept[here]) or 0.0,
        by_priority=tuple(_share(kept.is_kept[here & (history.priority == p)]) for p in Priority),
        missed=int((here & ~kept.is_kept).sum()), p1_missed=int((here & ~kept.is_kept & (history.priority == 1)).sum()),
        p50_h=float(np.quantile(hours, 0.5)) if hours.size else 0.0,
        p90_h=float(np.quantile(hours, 0.9)) if hours.size else 0.0, reassigned=100 * _changes(twin, here) / count,
        interrupted=0.0, spread=spread(people), gini=gini_of([person.load for person in people]),
        unfinished=int((here & (legs.done_us == NEVER)).sum()),
    )  # fmt: skip


def _promised(history: History, twin: Twin) -> np.ndarray:
    return np.isin(history.priority, [int(priority) for priority in twin.promise.targets_min])


def _share(kept: np.ndarray) -> float | None:
    return 100 * float(kept.mean()) if kept.size else None


def _changes(twin: Twin, here: np.ndarray) -> int:
    """How often a piece of work of these items was ended by somebody else than the one before it."""
    legs = twin.legs
    known = np.flatnonzero((legs.worker != NOBODY) & (legs.ended_us != NEVER) & here[legs.item])
    same_item = legs.item[known][1:] == legs.item[known][:-1]
    return int((same_item & (legs.worker[known][1:] != legs.worker[known][:-1])).sum())


def _people(twin: Twin, floor: Floor) -> list[PersonOutcome]:
    legs = twin.legs
    known = (legs.worker != NOBODY) & (legs.ended_us != NEVER)
    worked = np.bincount(legs.worker[known], weights=twin.effort_min[known], minlength=len(twin.history.people) + 1)
    horizon = int((twin.history.opened_us[-1] - floor.origin_us) // 60_000_000)
    return [
        PersonOutcome(
            agent=agent, worked_min=float(worked[agent.id - 1]), busy_min=0, staffed_min=agent.staffed_min(horizon)
        )
        for agent in floor.agents
    ]
