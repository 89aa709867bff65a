"""Each part that a twin has learned, with what it rests on and its picture: the history beside what a course draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from watchbill.engine.backtest.answer import Learned
from watchbill.engine.backtest.twin.arrivals import arrivals_of
from watchbill.engine.backtest.twin.draw import Stretch
from watchbill.engine.backtest.twin.history import CODE_OF, NOBODY, History, local_minutes
from watchbill.engine.backtest.twin.learn import Twin
from watchbill.engine.backtest.twin.legs import NEVER
from watchbill.engine.backtest.twin.models import MINUTE_US, Piece, skill_of
from watchbill.engine.backtest.twin.paths import path_of
from watchbill.engine.backtest.twin.staff import ALL, EPOCH_ORDINAL
from watchbill.engine.base.ids import SkillId
from watchbill.engine.base.work import DONE, State

BARS = 8
OPENED, PASSED = -2, -3
REOPENED = frozenset(CODE_OF[state] for state in DONE)
OUTSIDE = {
    CODE_OF[State.WAITING_CUSTOMER]: "customer", CODE_OF[State.WAITING_VENDOR]: "vendor",
    CODE_OF[State.WAITING_OTHER]: "others", CODE_OF[State.SCHEDULED]: "its date",
}  # fmt: skip
AFTER = {
    OPENED: "opened", PASSED: "passed on", **{code: f"back from {name}" for code, name in OUTSIDE.items()},
    **{CODE_OF[state]: f"reopened ({state.value})" for state in State if state in DONE},
}  # fmt: skip
Bars = tuple[tuple[str, float, float], ...]
Pieces = Sequence[Sequence[Piece]]


def learned_parts(twin: Twin, stretch: Stretch) -> tuple[Learned, ...]:
    """Each part that was learned, with what it rests on and a picture of it beside the data."""
    history, legs = twin.history, twin.legs
    ended = legs.ended_us != NEVER
    arrivals = arrivals_of(history, twin.staff)
    paths = (
        _real_paths(twin, stretch),
        [(one.opened_min, one.pieces) for one in stretch.arrivals(0) if one.opened_min >= 0],
    )
    real, drawn = ([path for _, path in each] for each in paths)
    passed, will_pass = (_skills(stretch, each) for each in paths)
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
            part="Delays by what came before", evidence=int(ended.sum()), unit="h", bars=_after_bars(twin, stretch),
            says="The same by the state that work came out of: as it was opened, passed on, back from a wait, or opened again.",
        ),
        Learned(
            part="Waiting outside", evidence=int((legs.wait_us > 0).sum()), unit="h a case", bars=_outside_bars(real, drawn),
            says="Where cases wait while nobody here can work on them. No policy is given credit for shortening it.",
        ),
        Learned(
            part="Reopenings", evidence=sum(map(_reopened, real)), unit="in 100 cases", bars=_reopened_bars(real, drawn),
            says="Cases that were opened again after they were resolved, once or more often.",
        ),
        Learned(
            part="Paths", evidence=len(stretch.paths.paths), unit="% of cases", bars=_path_bars(real, drawn) if real and drawn else (),
            says=f"Drawn whole from past cases of the same team, priority and category{_reach(stretch.paths.kin.days)}. Beside the history: one course as it is drawn.",
        ),
        Learned(
            part="Routing between teams", evidence=sum(_passes(passed).values()), unit="in 100 cases",
            bars=_route_bars(twin, passed, will_pass) if real and drawn else (),
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


def _after_bars(twin: Twin, stretch: Stretch) -> Bars:
    """By what came before: mean hours of the team from ready to ended, and mean delay."""
    legs, floor = twin.legs, stretch.floor
    ended = legs.ended_us != NEVER
    before = np.where(legs.where != NOBODY, legs.where, np.where(np.arange(legs.size) == legs.first[legs.item], OPENED, PASSED))  # fmt: skip
    found = []
    for code, name in AFTER.items():
        mine = np.flatnonzero(ended & (before == code))
        if not mine.size:
            continue
        rows = zip(*((each[mine].tolist()) for each in (legs.team, legs.ready_us, legs.ended_us)), strict=True)
        waited = [
            floor.worked[floor.skill(team, 0)].between(*((at - floor.origin_us) // MINUTE_US for at in span))
            for team, *span in rows
        ]
        found.append((name, float(np.mean(waited)) / 60, float(twin.delay_min[mine].mean()) / 60))
    return tuple(found)


def _outside_bars(real: Pieces, drawn: Pieces) -> Bars:
    """By state: hours that a case waits in it, really and as drawn."""
    was, will = (_outside(paths) for paths in (real, drawn))
    return tuple((OUTSIDE[code], was[code], will[code]) for code in OUTSIDE if was[code] or will[code])


def _outside(paths: Pieces) -> Counter[int]:
    """Hours a case, by the place of the state."""
    found: Counter[int] = Counter()
    for path in paths:
        for piece in path:
            found[piece.where] += piece.wait_min
    return Counter({code: minutes / 60 / max(1, len(paths)) for code, minutes in found.items()})


def _reopened_bars(real: Pieces, drawn: Pieces) -> Bars:
    """How many of a hundred cases are opened again once, and more often, really and as drawn."""
    if not (real and drawn) or not any(map(_reopened, real)):
        return ()
    was, will = (np.array([_reopened(path) for path in paths]) for paths in (real, drawn))
    return (
        ("once", 100 * float((was == 1).mean()), 100 * float((will == 1).mean())),
        ("more often", 100 * float((was > 1).mean()), 100 * float((will > 1).mean())),
    )


def _reopened(path: Sequence[Piece]) -> int:
    return sum(piece.where in REOPENED for piece in path)


def _path_bars(real: Pieces, drawn: Pieces) -> Bars:
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


def _real_paths(twin: Twin, stretch: Stretch) -> list[tuple[int, list[Piece]]]:
    """By case of the stretch that has come to an end: minutes from its beginning to when it was opened, and its pieces."""
    found = []
    for item in stretch.items:
        opened = (int(twin.history.opened_us[item]) - stretch.floor.origin_us) // MINUTE_US
        if opened >= 0 and twin.legs.done_us[item] != NEVER:
            found.append((opened, [step.piece for step in path_of(twin, item)]))
    return found


def _skills(stretch: Stretch, paths: Sequence[tuple[int, Sequence[Piece]]]) -> list[list[SkillId]]:
    """Whose work the pieces are, in the words of a model."""
    return [[stretch.floor.skill(piece.team, opened) for piece in path] for opened, path in paths]


def _reach(days: int) -> str:
    return f", opened within {days} days, because the desk changes" if days < 1000 else ""
