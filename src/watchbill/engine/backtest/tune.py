"""Parameters of a desk's own, found by simulation: a suggestion with the table it rests on, for a person to accept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from watchbill.engine.assign.policy import Policy as Parameters
from watchbill.engine.backtest.compare import Interval, paired
from watchbill.engine.backtest.facts import Model
from watchbill.engine.backtest.ours import Watchbill
from watchbill.engine.backtest.outcome import Figures
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.errors import InvalidFacts

LOOK_AHEADS = (0.5, 1.0, 2.0, 4.0, 8.0)
LATE_GROWTHS = (0.0, 0.05, 0.1, 0.2)
MOST_LOST = 0.1
"""Points of attainment that a later growth may cost when it shortens the worst delays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One setting: means over the models, and the paired difference of weighted attainment to the parameters in force."""

    look_ahead: float
    late_growth: float
    attainment: float
    p1: float
    late_p95: float
    gain: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """parameters: those in force when nothing is certainly better. trials: the table, in the order tried. why: one sentence."""

    parameters: Parameters
    is_change: bool
    gain: Interval
    trials: tuple[Trial, ...]
    why: str


Tell = Callable[[int, int], None]
"""Told (runs done, runs of all) after each run; may raise to leave off."""


def tune(
    models: Sequence[Model], *, parameters: Parameters | None = None, limit: int = 1, tell: Tell | None = None
) -> Suggestion:
    """Look-ahead and growth of lost promises which keep the most weight on *models*.

    Parameters
    ----------
    models: at least two possible courses of the desk: weeks of its own history (`courses.course`), `draw(statistics, seed)` for
        some seeds, or `reference_models`. Twenty tell differences of about half a point apart.
    parameters: those in force, the default ones if none. limit: items that a person has in hand, at most what she may.

    Returns
    -------
    Suggestion
        First the look-ahead: the largest mean attainment, taken only when the lower limit of its paired gain is above 0. Then the
        growth: the shortest 95th percentile of lateness that costs at most MOST_LOST points. Nothing is applied.

    Raises InvalidFacts for fewer than two models. Cost: models x (look-aheads + growths) runs.
    """
    if len(models) < 2:
        raise InvalidFacts(f"tune needs at least 2 models to tell luck from gain, got {len(models)}")
    base = parameters or Parameters()
    aheads, later = _with(LOOK_AHEADS, base.look_ahead), _with(LATE_GROWTHS, base.late_growth)
    search = _Search(models, base, limit, tell, len(models) * (len(aheads) + len(later) - 1))
    ahead = {k: search.trial(replace(base, look_ahead=k)) for k in aheads}
    best = max(ahead.values(), key=lambda trial: trial.attainment)
    chosen = replace(base, look_ahead=best.look_ahead) if best.gain.low > 0 else base
    growths = {g: search.trial(replace(chosen, late_growth=g)) for g in later}
    now = growths[chosen.late_growth]
    able = [trial for trial in growths.values() if trial.attainment >= now.attainment - MOST_LOST]
    shortest = min(able, key=lambda trial: (trial.late_p95, trial.late_growth != now.late_growth, trial.late_growth))
    if shortest.late_p95 < now.late_p95:
        chosen = replace(chosen, late_growth=shortest.late_growth)
    final = search.trial(chosen)
    return Suggestion(
        parameters=chosen,
        is_change=chosen != base,
        gain=final.gain,
        trials=tuple(search.trials.values()),
        why=_why(chosen, base, final, len(models)),
    )


class _Search:
    """Runs each setting once."""

    def __init__(self, models: Sequence[Model], base: Parameters, limit: int, tell: Tell | None, count: int) -> None:
        self.models, self.base, self.limit = models, base, limit
        self.tell, self.done, self.count = tell, 0, count
        self.trials: dict[tuple[float, float], Trial] = {}
        self._base_runs = self._runs(base)

    def trial(self, parameters: Parameters) -> Trial:
        key = (parameters.look_ahead, parameters.late_growth)
        if key not in self.trials:
            runs = self._base_runs if parameters == self.base else self._runs(parameters)
            count = len(runs)
            self.trials[key] = Trial(
                look_ahead=parameters.look_ahead,
                late_growth=parameters.late_growth,
                attainment=sum(run.attainment for run in runs) / count,
                p1=sum(run.p1 for run in runs) / count,
                late_p95=sum(run.late_p95 for run in runs) / count,
                gain=paired(runs, self._base_runs, lambda run: run.attainment),
            )
        return self.trials[key]

    def _runs(self, parameters: Parameters) -> list[Figures]:
        policy = Watchbill(parameters=parameters, limit=self.limit)
        return [self._run(model, policy) for model in self.models]

    def _run(self, model: Model, policy: Watchbill) -> Figures:
        figures = simulate(model, policy).figures()
        self.done += 1
        if self.tell is not None:
            self.tell(self.done, self.count)
        return figures


def _with(values: Sequence[float], value: float) -> list[float]:
    return sorted({*values, value})


def _why(chosen: Parameters, base: Parameters, final: Trial, count: int) -> str:
    if chosen == base:
        return f"No other setting was certainly better on {count} simulated courses of the desk; nothing to change."
    gain = final.gain
    return (
        f"Look-ahead {chosen.look_ahead:g} (now {base.look_ahead:g}) and growth {chosen.late_growth:g} (now"
        f" {base.late_growth:g}) changed weighted attainment by {gain.mean:+.2f} points ({gain.low:+.2f} to"
        f" {gain.high:+.2f}) on {count} simulated courses of the desk."
    )
