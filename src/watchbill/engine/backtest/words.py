"""What a backtest says in words: assumptions, what was learned, warnings, and the sentence at the top."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from watchbill.engine.backtest.answer import (
    Assumption,
    Ceiling,
    Compared,
    Fidelity,
    Grade,
    Learned,
    Sort,
    Source,
    Swept,
    Verdict,
)
from watchbill.engine.backtest.twin.arrivals import arrivals_of
from watchbill.engine.backtest.twin.draw import Stretch
from watchbill.engine.backtest.twin.effort import ASSUMED_MOST_MIN, Basis
from watchbill.engine.backtest.twin.history import NOBODY, History, local_minutes
from watchbill.engine.backtest.twin.learn import Twin
from watchbill.engine.backtest.twin.legs import NEVER
from watchbill.engine.backtest.twin.models import HANDOVER_MIN, MINUTE_US, skill_of
from watchbill.engine.backtest.twin.staff import ALL, EPOCH_ORDINAL
from watchbill.engine.base.ids import SkillId

BARS = 8
Bars = tuple[tuple[str, float, float], ...]
LEAST_P1 = 100
EFFORT_BASIS = {Basis.STAMPS: "measured", Basis.SHAPE: "fitted", Basis.ASSUMED: "assumed"}
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


def learned_parts(twin: Twin, stretch: Stretch) -> tuple[Learned, ...]:
    """Each part that was learned, with what it rests on and a picture of it beside the data."""
    history, legs = twin.history, twin.legs
    ended = legs.ended_us != NEVER
    arrivals = arrivals_of(history, twin.staff)
    real, drawn = _real_paths(twin, stretch), _drawn_paths(stretch)
    return (
        Learned(
            part="Arrivals", evidence=arrivals.counted, unit="a working day", says=_arrivals_said(arrivals.size),
            bars=_arrival_bars(history, twin, arrivals.per_hour),
        ),
        Learned(
            part="Hours", evidence=int((legs.worker != NOBODY).sum()), unit="% of the week",
            says=f"{len(twin.staff.hours)} people in {len(twin.staff.teams)} teams; {len(twin.staff.closed)} days on which hardly anybody worked.",
            bars=_hour_bars(twin),
        ),
        Learned(part="Effort", evidence=twin.effort.pieces, unit="min", says=twin.effort.why(), bars=_effort_bars(twin)),
        Learned(
            part="Waiting for somebody to begin", evidence=int(ended.sum()), unit="h", bars=_wait_bars(twin, stretch),
            says="Hours of the team from ready to ended, and what of it is put down to delays that no policy governs.",
        ),
        Learned(
            part="Paths", evidence=len(stretch.paths.paths), unit="% of cases", bars=_path_bars(real, drawn) if real and drawn else (),
            says=f"Drawn whole from past cases of the same team, priority and category{_reach(stretch.paths.kin.days)}. Beside the history: one course as it is drawn.",
        ),
        Learned(
            part="Routing between teams", evidence=sum(_passes(real).values()), unit="in 100 cases",
            bars=_route_bars(twin, real, drawn) if real and drawn else (),
            says="Which team passes work to which: the most frequent passes, beside those of one course as it is drawn. Work of a team that does not work then is anybody's.",
        ),
        Learned(
            part="Order as it is", evidence=twin.order.pairs, unit="% of pairs",
            says=f"The desk seems to take its work “{twin.order.name}”. The line is what chance alone would agree.",
            bars=tuple((name, 100 * share, 50.0) for name, share in twin.order.agreement.items()),
        ),
    )  # fmt: skip


def _arrivals_said(size: float) -> str:
    if not np.isfinite(size):
        return "By hour of the week; days vary no more than chance lets them."
    return f"By hour of the week; a day's volume varies by {100 / size**0.5:.0f} % beyond chance."


def _arrival_bars(history: History, twin: Twin, per_hour: np.ndarray) -> tuple[tuple[str, float, float], ...]:
    minute = local_minutes(history.opened_us, history.zone)
    days = minute // 1440
    is_open = ~np.isin(days + EPOCH_ORDINAL, sorted(twin.staff.closed)) & ((days + 3) % 7 < 5)
    count = max(1, np.unique(days[is_open]).size)
    real = np.bincount(minute[is_open] // 60 % 24, minlength=24) / count
    learned = per_hour.reshape(7, 24)[:5].mean(axis=0)
    return tuple((f"{hour:02}", float(real[hour]), float(learned[hour])) for hour in range(24))


def _hour_bars(twin: Twin) -> tuple[tuple[str, float, float], ...]:
    """By hour of the day: share of pieces ended, and share of the hours that people are thought to be there."""
    busy = twin.staff.busy[ALL].reshape(7, 24).sum(axis=0)
    there = np.zeros(24)
    for hours in twin.staff.hours.values():
        for _, opens, closes in hours.intervals:
            there[opens // 60 : -(-closes // 60)] += 1
    real, learned = (100 * each / max(1.0, float(each.sum())) for each in (busy, there))
    return tuple((f"{hour:02}", float(real[hour]), float(learned[hour])) for hour in range(24))


def _effort_bars(twin: Twin) -> tuple[tuple[str, float, float], ...]:
    known = ~np.isnan(twin.effort.minutes)
    if not known.any():
        return ()
    places = (0.1, 0.25, 0.5, 0.75, 0.9)
    gaps, used = (np.quantile(each[known], places) for each in (twin.effort.gaps, twin.effort_min))
    return tuple((f"{round(100 * p)} %", float(a), float(b)) for p, a, b in zip(places, gaps, used, strict=True))


def _wait_bars(twin: Twin, stretch: Stretch) -> tuple[tuple[str, float, float], ...]:
    """Of the teams with the most work: mean hours from ready to ended, and mean delay."""
    legs, floor = twin.legs, stretch.floor
    found = []
    teams, counts = np.unique(legs.team[(legs.ended_us != NEVER) & (legs.team != NOBODY)], return_counts=True)
    for team in teams[np.argsort(-counts, kind="stable")][:BARS].tolist():
        mine = np.flatnonzero((legs.team == team) & (legs.ended_us != NEVER))
        at = (legs.ready_us[mine] - floor.origin_us) // MINUTE_US, (legs.ended_us[mine] - floor.origin_us) // MINUTE_US
        hours = floor.worked[floor.skill(team, 0)]
        waited = [hours.between(start, end) for start, end in zip(*(each.tolist() for each in at), strict=True)]
        name = twin.history.teams[team]
        found.append((name, float(np.mean(waited)) / 60, float(twin.delay_min[mine].mean()) / 60))
    return tuple(found)


def _path_bars(real: Sequence[Sequence[SkillId]], drawn: Sequence[Sequence[SkillId]]) -> Bars:
    """Cases by how many pieces of work they took, really and as drawn."""
    names = ("1 piece", "2", "3", "4", "5 and more")
    counts = [np.minimum([len(path) for path in paths], len(names)) for paths in (real, drawn)]
    shares = ([100 * float((each == n).mean()) for n in range(1, len(names) + 1)] for each in counts)
    return tuple(zip(names, *shares, strict=True))


def _passes(paths: Sequence[Sequence[SkillId]]) -> Counter[tuple[SkillId, SkillId]]:
    return Counter(pair for path in paths for pair in pairwise(path) if pair[0] != pair[1])


def _route_bars(twin: Twin, real: Sequence[Sequence[SkillId]], drawn: Sequence[Sequence[SkillId]]) -> Bars:
    """Of the most frequent passes from team to team: how many there are in a hundred cases, really and as drawn."""
    names = {skill_of(team): name for team, name in enumerate(twin.history.teams)}
    was, will = _passes(real), _passes(drawn)
    most = sorted(was, key=lambda pair: (-was[pair], pair))[:BARS]
    return tuple(
        (
            " → ".join(names.get(skill, "anybody") for skill in pair),
            100 * was[pair] / len(real),
            100 * will[pair] / len(drawn),
        )
        for pair in most
    )


def _real_paths(twin: Twin, stretch: Stretch) -> list[list[SkillId]]:
    """By case of the stretch that has come to an end: whose work its pieces were, in the words of a model."""
    legs, floor, found = twin.legs, stretch.floor, []
    for item in stretch.items:
        opened = (int(twin.history.opened_us[item]) - floor.origin_us) // MINUTE_US
        if opened >= 0 and legs.done_us[item] != NEVER:
            rows = range(int(legs.first[item]), int(legs.first[item + 1]))
            found.append([floor.skill(int(legs.team[row]), opened) for row in rows])
    return found


def _drawn_paths(stretch: Stretch) -> list[list[SkillId]]:
    """The same of one course that is drawn."""
    cases = [case for case in stretch.model(0).cases if case.opened_min >= 0]
    return [[case.skill, *(leg.skill for leg in case.later)] for case in cases]


def _reach(days: int) -> str:
    return f", opened within {days} days, because the desk changes" if days < 1000 else ""


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
        detail.append(f"Nobody could have kept more than {bound.attainment:.1f} %.")
    first = max((row for row in (then or same, best) if row is not None), key=lambda row: row.attainment)
    return Verdict(
        sentence=prefix + sentence, detail=" ".join(detail), best=first.name, is_illustrative=is_illustrative
    )


def _gain_told(best: Compared, same: Compared) -> str:
    gain = best.gain
    if gain is None or gain.low is None or gain.high is None:
        return f"“{best.name}” keeps {best.attainment:.1f} % of promises and the desk as it is {same.attainment:.1f} %; one replication says nothing about chance."
    if gain.low <= LITTLE:
        return f"no policy keeps clearly more promises than the desk as it is ({same.attainment:.1f} %); of the others “{best.name}” keeps the most, {best.attainment:.1f} %."
    return (
        f"“{best.name}” keeps {best.attainment:.1f} % of promises where the desk as it is keeps {same.attainment:.1f} %: {gain.mean:+.1f} points"
        f" (95 % interval {gain.low:+.1f} to {gain.high:+.1f})."
    )


def _changed_told(then: Compared, same: Compared, what_if: Sequence[str]) -> str:
    """What the change does to the desk as it is, before any policy is named."""
    gain = then.gain
    told = f"the desk as it is would keep {then.attainment:.1f} % of promises instead of {same.attainment:.1f} % (what if: {'; '.join(what_if)})"
    if gain is None or gain.low is None or gain.high is None:
        return f"{told}; one replication says nothing about chance."
    return f"{told}: {gain.mean:+.1f} points (95 % interval {gain.low:+.1f} to {gain.high:+.1f})."


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
    if twin.effort.basis is Basis.ASSUMED:
        found.append("Working time is assumed, not read: see how the ranking changes with it before you rely on it.")
    if twin.effort.basis is Basis.SHAPE:
        found.append(
            "Working time is read from the gaps between acts, which holds as far as people do one thing at a time and begin when they can;"
            " nothing in the history says so."
        )
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
