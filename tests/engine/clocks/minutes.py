"""What a clerk's diary (clerk.py) comes to, by counting minutes; nothing of Watchbill is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.engine.clocks.clerk import HALTED, Life, Stroke

Hours = Callable[[str, str, int, int], Sequence[bool]]
"""Whether a calendar, in a zone, is open in each minute from one to another."""


@dataclass
class Opinion:
    """What the clerk finds on one cycle; minutes, and instants as minutes."""

    status: str
    target: int | None = None
    zone: str = ""
    elapsed: int = 0
    paused: int = 0
    started: int | None = None
    stopped: int | None = None
    due: int | None = None
    breach: int | None = None
    warns: list[int] = field(default_factory=list)
    resumes: int | None = None


class Passing:
    """A cycle's minutes one after the other: (minute, phase, whether the calendar is open)."""

    def __init__(self, life: Life, until: int, hours: Hours) -> None:
        self.strokes, self.until, self.hours = life.strokes, until, hours
        self.over_at: int | None = None
        """Since when the present pause has lasted long enough."""

    def __iter__(self) -> Iterator[tuple[int, str, bool]]:
        waited = 0
        for place, (_, begin, phase, promise) in enumerate(self.strokes):
            end = self.strokes[place + 1].at if place + 1 < len(self.strokes) else self.until
            is_open = (
                self.hours(promise.said.calendar, promise.zone, begin, end) if promise else [False] * (end - begin)
            )
            limit, self.over_at = _limit(self.strokes[place]), None
            if not limit or not place or not _limit(self.strokes[place - 1]):
                waited = 0
            elif waited >= limit:  # the pause went on under another promise, and has lasted long enough
                self.over_at = begin - 1
            for minute, opened in enumerate(is_open, start=begin):
                if limit and self.over_at is None and waited >= limit:
                    self.over_at = minute
                waited += opened and self.over_at is None
                yield minute, phase if self.over_at is None else "running", opened


def counted(life: Life, last: int, until: int, hours: Hours, *, has_ended: bool) -> Opinion:
    """Go through a cycle minute by minute up to *last*, and on to *until* as if nothing happened any more."""
    if not life.strokes or life.strokes[-1].promise is None:
        return Opinion("absent", started=life.strokes[0].at if life.strokes else None)
    final = life.strokes[-1]
    is_halted = final.phase in HALTED
    end = final.at if is_halted or has_ended else last
    said, target = final.promise.said, final.promise.target
    found = Opinion("", target, final.promise.zone, started=life.strokes[0].at, stopped=final.at if is_halted else None)
    passing, reached = Passing(life, until, hours), {}
    ran, runs_past_due = 0, None
    for minute, phase, opened in passing:
        if phase == "running":
            if found.due is not None and runs_past_due is None:
                runs_past_due = minute
            if opened:
                ran += 1
                found.elapsed += minute < end
                reached[ran] = minute + 1
        elif opened and phase == "paused":
            found.paused += minute < end
        elif opened and phase == "stopped" and minute >= end:
            ran += 1
        if ran == target and found.due is None:
            found.due = minute + 1
    is_over = passing.over_at is not None and passing.over_at < end
    found.resumes = None if is_over else passing.over_at
    found.breach = _broken(life, runs_past_due)
    found.warns = _warned(life, found.breach, [reached.get(int(target * ratio)) for ratio in said.ratios])
    found.status = "running" if is_over else final.phase
    if life.is_restarted or final.phase == "stopped":
        kept = "restarted" if life.is_restarted else "met"
        found.status = kept if found.breach is None else "missed"
    return found


def _warned(life: Life, breach: int | None, reached: list[int | None]) -> list[int]:
    """Not before the target was set; and not at all when that broke the promise at once."""
    warns = []
    for at in reached:
        warn = None if at is None else max(at, life.set_at)
        if warn is not None and (warn == at or breach is None or breach > warn):
            warns.append(warn)
    return warns


def _limit(stroke: Stroke) -> int | None:
    """The longest that the pause lasts that begins there; None: it is none, or has no limit."""
    return stroke.promise.said.limit if stroke.phase == "paused" and stroke.promise else None


def _broken(life: Life, runs_past_due: int | None) -> int | None:
    """Not before the target in force was set, and not while the clock was halted."""
    if runs_past_due is None:
        return None
    breach = max(runs_past_due, life.set_at)
    told = max(place for place, stroke in enumerate(life.strokes) if stroke.at <= breach)
    if life.strokes[told].phase not in HALTED:
        return breach
    later = (stroke.at for stroke in life.strokes[told + 1 :] if stroke.phase not in HALTED)
    return next(later, breach)
