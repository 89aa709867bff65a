"""What a backtest says in words: assumptions, warnings, and the sentence at the top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from watchbill.engine.backtest.answer import (
    Assumption,
    Ceiling,
    Compared,
    Fidelity,
    Grade,
    Sort,
    Source,
    Swept,
    Verdict,
)
from watchbill.engine.backtest.twin.effort import ASSUMED_MOST_MIN, Basis
from watchbill.engine.backtest.twin.history import NOBODY, History
from watchbill.engine.backtest.twin.learn import Twin
from watchbill.engine.backtest.twin.legs import NEVER
from watchbill.engine.backtest.twin.models import HANDOVER_MIN
from watchbill.engine.backtest.twin.promise import Origin, Promise

LEAST_P1 = 100
EFFORT_BASIS = {Basis.STAMPS: "measured", Basis.SHAPE: "fitted", Basis.ASSUMED: "assumed"}
TARGETS_SAID = {
    Origin.OPTION: "They were given for this comparison.",
    Origin.PROFILE: "The profile of the file says so, under [promise].",
    Origin.DESK: "The clock policy of the desk says so, as it was in force when this was asked.",
    Origin.DEFAULT: "Nobody said what this desk promises; these are what a new desk of Watchbill begins with.",
}
HOURS_SAID = {
    Origin.OPTION: "given for this comparison",
    Origin.PROFILE: "of the profile",
    Origin.DESK: "of the desk's clock policy",
    Origin.DEFAULT: "assumed, for nobody said them",
}
LITTLE = 0.05
"""Points below which two policies are told as equal."""


def assumptions(twin: Twin) -> tuple[Assumption, ...]:
    """Everything that the history does not say, with where it comes from."""
    known = ~np.isnan(twin.effort.minutes)
    mean = float(twin.effort_min[known].mean()) if known.any() else float(twin.mean_min.mean())
    is_read = twin.effort.basis is not Basis.ASSUMED
    basis = EFFORT_BASIS[twin.effort.basis]
    order = twin.order
    agreed = f"It agrees with {order.agreement.get(order.name, 0):.0%} of {order.pairs:,} pairs of which one was ended first."
    return (
        Assumption(
            name="Effort of a piece of work", value=f"{mean:.0f} min on average", why=twin.effort.why(),
            basis=basis,
        ),
        _promised(twin.promise),
        Assumption(
            name="Longest piece of work", value="99th percentile of its class" if is_read else f"{ASSUMED_MOST_MIN} min",
            basis=basis, why="What is longer is taken for work on something else meanwhile.",
        ),
        Assumption(
            name="Delays before work begins", value=f"{twin.delay_min[twin.legs.ended_us != NEVER].mean() / 60:.1f} h on average", basis="fitted",
            why="What people's load does not explain of the time until work was ended. No policy is given credit for shortening them.",
        ),
        Assumption(
            name="Order of the desk as it is", value=order.name, basis="fitted" if order.pairs else "assumed",
            why=agreed if order.pairs else "It was said so.",
        ),
        Assumption(
            name="Hours of people", value=f"{len(twin.staff.hours)} people", basis="fitted",
            why="Hours of the week in which somebody acted in a tenth of the weeks, without days on which she, or nearly everybody, did nothing.",
        ),
        Assumption(
            name="Who may do what", value="members of the team", basis="fitted",
            why="Work goes from team to team as it did; inside a team, whoever ended enough of its work may do it.",
        ),
        Assumption(
            name="Cases in hand at once", value=str(twin.capacity), basis="fitted" if twin.effort.at_once else "assumed",
            why="For policies that push work to people; as many as were under way at once.",
        ),
        Assumption(
            name="Handing over begun work", value=f"{HANDOVER_MIN} min", basis="assumed", why="Nobody records it.",
        ),
    )  # fmt: skip


def _promised(promise: Promise) -> Assumption:
    """By which targets all is judged, and who says so."""
    targets = ", ".join(f"{p.name} {minutes / 60:g} h" for p, minutes in sorted(promise.targets_min.items()))
    told = list(dict.fromkeys(promise.told[p] for p in sorted(promise.told)))
    why = TARGETS_SAID[promise.targets_from]
    if promise.hours_from is not promise.targets_from:
        why += f" The hours in which they run: {HOURS_SAID[promise.hours_from]}."
    return Assumption(
        name="Targets to resolve", value=f"{targets}; {', '.join(told)}" if told else targets,
        basis="assumed" if promise.targets_from is Origin.DEFAULT else "told", why=why,
    )  # fmt: skip


def verdict(
    rows: Sequence[Compared],
    fidelity: Fidelity,
    sweep: Sequence[Swept],
    bound: Ceiling | None,
    what_if: Sequence[str] = (),
) -> Verdict:
    """The answer in one sentence, and what stands behind it. No policy is named better unless the interval says so."""
    same = next(row for row in rows if row.sort is Sort.AS_IS)
    then = next((row for row in rows if row.sort is Sort.WHAT_IF), None)
    others = [row for row in rows if row.gain is not None and row is not then]
    best = max(others, key=lambda row: row.attainment, default=None)
    is_illustrative = fidelity.grade is Grade.C
    prefix = "Illustrative only: " if is_illustrative else "Under these assumptions, "
    if then is not None:
        sentence, detail = _changed_told(then, same, what_if), _best_then(best, then)
    elif best is not None:
        sentence, detail = _gain_told(best, same), _detail(best, same, sweep)
    else:
        return Verdict(
            sentence="Only the desk as it is was simulated.", detail="", best=same.name, is_illustrative=is_illustrative
        )
    if bound is not None:
        detail.append(_ceiling_told(bound, next((row for row in rows if row.sort is Sort.AS_WAS), None)))
    first = max((row for row in (then or same, best) if row is not None), key=lambda row: row.attainment)
    return Verdict(
        sentence=prefix + sentence, detail=" ".join(detail), best=first.name, is_illustrative=is_illustrative
    )


def _ceiling_told(bound: Ceiling, was: Compared | None) -> str:
    """A ceiling below what really happened is one of the twin alone."""
    if was is not None and was.attainment > bound.attainment + LITTLE:
        return f"In the twin nobody could have kept more than {bound.attainment:.1f} %, and really {was.attainment:.1f} % were kept: do not rely on this ceiling."
    return f"Nobody could have kept more than {bound.attainment:.1f} %."


def _points(value: float) -> str:
    """With a sign, unless it is nothing at this precision."""
    said = f"{value:+.1f}"
    return "0.0" if said in ("+0.0", "-0.0") else said


def _gain_told(best: Compared, same: Compared) -> str:
    gain = best.gain
    if gain is None or gain.low is None or gain.high is None:
        return f"“{best.name}” keeps {best.attainment:.1f} % of promises and the desk as it is {same.attainment:.1f} %; one replication says nothing about chance."
    if gain.low <= LITTLE:
        return f"no policy keeps clearly more promises than the desk as it is ({same.attainment:.1f} %); of the others “{best.name}” keeps the most, {best.attainment:.1f} %."
    return (
        f"“{best.name}” keeps {best.attainment:.1f} % of promises where the desk as it is keeps {same.attainment:.1f} %: {_points(gain.mean)} points"
        f" (95 % interval {_points(gain.low)} to {_points(gain.high)})."
    )


def _changed_told(then: Compared, same: Compared, what_if: Sequence[str]) -> str:
    """What the change does to the desk as it is, before any policy is named."""
    gain = then.gain
    told = f"the desk as it is would keep {then.attainment:.1f} % of promises instead of {same.attainment:.1f} % (what if: {'; '.join(what_if)})"
    if gain is None or gain.low is None or gain.high is None:
        return f"{told}; one replication says nothing about chance."
    return f"{told}: {_points(gain.mean)} points (95 % interval {_points(gain.low)} to {_points(gain.high)})."


def _best_then(best: Compared | None, then: Compared) -> list[str]:
    if best is None:
        return []
    if best.attainment <= then.attainment + LITTLE:
        return ["No other policy would keep more there."]
    return [
        f"“{best.name}” would keep {best.attainment:.1f} % there, {best.attainment - then.attainment:+.1f} points beside that."
    ]


def _detail(best: Compared, same: Compared, sweep: Sequence[Swept]) -> list[str]:
    parts = []
    if best.gain is not None and best.gain.low is not None and best.gain.low > LITTLE:
        parts.append(f"{same.missed_per_week.mean:.0f} late a week become {best.missed_per_week.mean:.0f}.")
    if best.better is not None:
        parts.append(f"“{best.name}” is better than as is in {best.better:.0%} of the replications.")
    turned = [point.name for point in sweep if any(before == best.name for before, _ in point.flips)]
    if turned:
        parts.append(f"It is not the best of them at: {', '.join(turned)}.")
    elif sweep:
        parts.append("No other assumption that was tried puts another policy clearly ahead of it.")
    return parts


def _assumed(twin: Twin) -> list[str]:
    """What all figures rest on that the history does not bear out."""
    found = []
    if twin.promise.targets_from is Origin.DEFAULT:
        found.append(
            "The targets are not this desk's: nobody said what it promises, so every figure is of targets that are assumed. Say its own"
            " under [promise] in the profile, or with --targets."
        )
    if twin.effort.basis is Basis.ASSUMED:
        found.append("Working time is assumed, not read: see how the ranking changes with it before you rely on it.")
    if twin.effort.basis is Basis.SHAPE:
        found.append(
            "Working time is read from the gaps between acts, which holds as far as people do one thing at a time and begin when they can;"
            " nothing in the history says so."
        )
    return found


def warnings_of(
    source: Source, history: History, twin: Twin, fidelity: Fidelity, rows: Sequence[Compared], sweep: Sequence[Swept]
) -> tuple[str, ...]:  # fmt: skip
    """What a reader must know before she believes a figure."""
    legs = twin.legs
    ended = legs.ended_us != NEVER
    unknown = float((legs.worker[ended] == NOBODY).mean())
    found = []
    if fidelity.grade is Grade.C:
        found.append("The twin does not behave like the desk closely enough: everything that it says is illustrative.")
    found += _assumed(twin)
    if unknown > 0.05:
        found.append(f"Of {unknown:.0%} of the pieces of work nobody is known to have done them.")
    if source.rejected:
        found.append(f"{source.rejected:,} of {source.rows:,} rows could not be read and were left out.")
    p1 = int((history.priority == 1).sum())
    if 0 < p1 < LEAST_P1:
        found.append(f"There are only {p1} P1 in the history: figures of P1 say little.")
    open_ = int((legs.done_us == NEVER).sum())
    if open_ > history.size / 10:
        found.append(
            f"{open_ / history.size:.0%} of the items are still open at the end; how they go on is drawn from those that lasted as long."
        )
    found += [
        f"At “{point.name}” the ranking changes: {ahead} falls behind {behind}."
        for point in sweep
        for ahead, behind in point.flips[:2]
    ]
    if not sweep:
        found.append("Other assumptions were not tried: run the full comparison before anybody decides on this.")
    was, same = rows[0], rows[1]
    if abs(was.attainment - same.attainment) > 2:
        found.append(
            f"Really {was.attainment:.1f} % were kept where the twin of the desk as it is keeps {same.attainment:.1f} %: compare policies with"
            " the latter."
        )
    return tuple(found)
