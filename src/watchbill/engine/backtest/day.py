"""A past day of a desk as a model, and what really became of it: from events, promises as their clocks ended, and people's hours.

docs/algorithms/backtest.md, "A day in hindsight".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from watchbill.engine.backtest.desk import Worked
from watchbill.engine.backtest.facts import Agent, Case, Leg, Model, Span
from watchbill.engine.backtest.hours import FAR_MIN, Hours
from watchbill.engine.backtest.outcome import CaseOutcome
from watchbill.engine.backtest.twin.effort import Effort, Floats, effort_of
from watchbill.engine.backtest.twin.history import NOBODY, History
from watchbill.engine.backtest.twin.legs import NEVER, Legs
from watchbill.engine.backtest.twin.models import ANYBODY, skill_of
from watchbill.engine.base.ids import ItemId, PersonId, SkillId
from watchbill.engine.base.work import Priority

MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
LOOK_BACK_DAYS = 28
"""What was opened longer before the day counts from then on."""
UNKNOWN_MIN = 60
"""Effort of a piece where nobody is known to have ended anything."""
SOMEBODY = PersonId(0)
"""Who did a piece of work of which it is not known."""
SWEEP = (0.8, 1.0, 1.2)
"""Factors on effort under which the ceiling is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A promise that ran out on the day. item: row of the history; begun_us: since when it ran; due_us: after all pauses; stopped_us:
    None while it was never done.
    """

    item: int
    priority: Priority
    begun_us: int
    due_us: int
    stopped_us: int | None
    is_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Somebody of the desk. teams: whose work she takes, by name; hours_us: when she was there, absences taken off."""

    id: PersonId
    name: str
    teams: frozenset[str]
    hours_us: Sequence[Span]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A model of a day, from origin_us on, and one outcome for each of its cases. items: the row of the history behind each case."""

    origin_us: int
    model: Model
    really: tuple[CaseOutcome, ...]
    items: Mapping[ItemId, int]


def efforts_of(history: History, legs: Legs, people: Sequence[Worker]) -> tuple[Effort, Floats]:
    """What is known or assumed of effort, as a backtest does, and the minutes of every leg; the mean of its class where not known."""
    origin = int(history.opened_us[0])
    number = {name: place for place, name in enumerate(history.people)}
    hours = {number[one.name]: Hours(_minutes(one.hours_us, origin, FAR_MIN)) for one in people if one.name in number}
    effort = effort_of(legs, history.category, hours, origin_us=origin)
    known = effort.mean[~np.isnan(effort.mean)]
    mean = np.where(np.isnan(effort.mean), known.mean() if known.size else UNKNOWN_MIN, effort.mean)
    return effort, np.where(np.isnan(effort.minutes), mean, effort.minutes)


def origin_of(owed: Sequence[Owed], begins_us: int) -> int:
    """From when on the people of a day that begins at *begins_us* matter: the first of its promises began to run, at a whole minute."""
    first = min((one.begun_us for one in owed), default=begins_us)
    return min(begins_us, max(first, begins_us - LOOK_BACK_DAYS * DAY_US)) // MINUTE_US * MINUTE_US


def day_of(
    history: History,
    legs: Legs,
    minutes: Floats,
    *,
    owed: Sequence[Owed],
    dues_us: Mapping[int, int],
    people: Sequence[Worker],
    promised: Mapping[Priority, Hours],
    span_us: Span,
) -> Day:
    """Put a past day into a model.

    Parameters
    ----------
    minutes: effort by leg. owed: promises that ran out on the day, at most one an item. dues_us: when that of any other item ran out,
        by row. promised: hours of the promise of each priority, in minutes since the begin of *span_us*. span_us: from `origin_of` up to
        the end of the day.

    What else was worked on meanwhile is in it as work that counts for nothing, so that its people are busy. Somebody who worked
    outside her hours was there. O(legs of the stretch x log hours).
    """
    desk = _Desk(history, legs, minutes, people, span_us)
    counted = [desk.promise(one, promised.get(one.priority)) for one in owed]
    there = {one.item for one in owed}
    others = [
        desk.work(item, rows, dues_us.get(item)) for item, rows in desk.acts_by_item().items() if item not in there
    ]
    really = (*counted, *others)
    model = Model(
        cases=tuple(one.case for one in really), agents=desk.agents(), switch_min=0, step_min=1, promised=promised,
        horizon_min=desk.minute(span_us[1]),
    )  # fmt: skip
    return Day(
        origin_us=span_us[0], model=model, really=really, items={one.case.id: int(one.case.id) - 1 for one in really}
    )


class _Piece(NamedTuple):
    """A leg in minutes since the origin. done_min: None while it is not over."""

    skill: SkillId
    effort_min: int
    ready_min: int
    begun_min: int
    done_min: int | None
    who: PersonId
    is_paused: bool


class _Desk:
    """What happened on a desk in a stretch of time, leg by leg."""

    def __init__(self, history: History, legs: Legs, minutes: Floats, people: Sequence[Worker], span_us: Span) -> None:
        self.history, self.legs, self.minutes, self.span_us = history, legs, minutes, span_us
        self.length_min = self.minute(span_us[1])
        self.people = {one.name: one.id for one in people}
        self.hours = {one.id: Hours(_minutes(one.hours_us, span_us[0], self.length_min)) for one in people}
        self.extra: dict[PersonId, list[Span]] = defaultdict(list)
        over = (legs.ended_us != NEVER) & (legs.worker != NOBODY)
        self.rows = np.flatnonzero(over & (legs.ended_us > span_us[0]) & (legs.ready_us < span_us[1])).tolist()
        self.able: dict[int, set[PersonId]] = defaultdict(set)
        for team, name in enumerate(history.teams):
            self.able[team].update(one.id for one in people if name in one.teams)
        for row in self.rows:
            if legs.team[row] != NOBODY and (who := self._who(row)) != SOMEBODY:
                self.able[int(legs.team[row])].add(who)

    def minute(self, at_us: int) -> int:
        return (at_us - self.span_us[0]) // MINUTE_US

    def agents(self) -> tuple[Agent, ...]:
        """Everybody who was there, in her hours and whenever else she is seen to have worked."""
        skills: dict[PersonId, dict[SkillId, int]] = {who: {ANYBODY: 1} for who in self.hours}
        for team, able in self.able.items():
            for who in able:
                skills[who][skill_of(team)] = 1
        found = []
        for who, hours in sorted(self.hours.items()):
            there = Hours([*zip(hours.starts, hours.ends, strict=True), *self.extra[who]])
            shifts = tuple(zip(there.starts, there.ends, strict=True))
            if shifts:
                found.append(Agent(id=who, region="", skills=skills[who], shifts=shifts))
        return tuple(found)

    def acts_by_item(self) -> dict[int, list[int]]:
        """The legs that somebody known ended in the stretch."""
        found: dict[int, list[int]] = defaultdict(list)
        for row in self.rows:
            if self._who(row) != SOMEBODY:
                found[int(self.legs.item[row])].append(row)
        return found

    def promise(self, one: Owed, hours: Hours | None) -> CaseOutcome:
        """The case of a promise of the day, with all that was done for it, and what was still to do."""
        opened, due = max(0, self.minute(one.begun_us)), self.minute(one.due_us)
        pieces = self._pieces([row for row in self._legs_of(one.item) if self._belongs(row, one)], opened)
        if not pieces:
            stopped = None if one.stopped_us is None else self.minute(one.stopped_us)
            pieces = [_Piece(ANYBODY, UNKNOWN_MIN, opened, opened, stopped, SOMEBODY, is_paused=False)]
        if pieces[0].is_paused:
            opened = min(pieces[0].ready_min, due - 1)
        done = None if one.stopped_us is None else self.minute(one.stopped_us)
        if done is not None:
            done = min(done, due) if one.is_kept else max(done, due + 1)
        case = self._case(one.item, one.priority, opened, _unpaused(opened, due, pieces, hours), pieces, counts=True)
        return _outcome(case, due, done, pieces)

    def work(self, item: int, rows: Sequence[int], due_us: int | None) -> CaseOutcome:
        """What was done meanwhile of an item whose promise did not run out on the day."""
        pieces = self._pieces(rows, 0)
        opened = min(pieces[0].ready_min, max(0, self.minute(int(self.history.opened_us[item]))))
        due = FAR_MIN if due_us is None else max(opened + 1, self.minute(due_us))
        case = self._case(item, Priority(int(self.history.priority[item])), opened, due, pieces, counts=False)
        return _outcome(case, due, pieces[-1].done_min, pieces)

    def _legs_of(self, item: int) -> range:
        return range(int(self.legs.first[item]), int(self.legs.first[item + 1]))

    def _belongs(self, row: int, one: Owed) -> bool:
        """Whether a leg is a part of what was promised: not over before the promise began, nor of a later life of the item."""
        ended = int(self.legs.ended_us[row])
        if ended == NEVER:
            return one.stopped_us is None
        return ended > one.begun_us and (one.stopped_us is None or ended <= one.stopped_us + MINUTE_US)

    def _pieces(self, rows: Sequence[int], opened_min: int) -> list[_Piece]:
        found: list[_Piece] = []
        at = opened_min
        for row in rows:
            found.append(self._piece(row, at))
            at = found[-1].done_min or at
        return found

    def _piece(self, row: int, least_min: int) -> _Piece:
        legs, effort = self.legs, max(1, round(float(self.minutes[row])))
        team = int(legs.team[row])
        skill = ANYBODY if team == NOBODY or not self.able[team] else skill_of(team)
        is_paused = bool(legs.is_paused[row])
        if legs.ready_us[row] == NEVER:
            return _Piece(skill, effort, max(least_min, self.length_min), 0, None, SOMEBODY, is_paused)
        ready = max(least_min, self.minute(int(legs.ready_us[row])))
        if legs.ended_us[row] == NEVER:
            return _Piece(skill, effort, ready, 0, None, SOMEBODY, is_paused)
        done, who = max(ready, self.minute(int(legs.ended_us[row]))), self._who(row)
        begun = done - effort
        hours = self.hours.get(who)
        if hours is not None and done <= self.length_min:
            if hours.between(done - 1, done):
                begun = hours.since(done, effort)
            elif max(0, begun, ready) < done:
                self.extra[who].append((max(0, begun, ready), done))
        return _Piece(skill, effort, ready, min(done, max(ready, begun)), done, who, is_paused)

    def _who(self, row: int) -> PersonId:
        worker = int(self.legs.worker[row])
        return SOMEBODY if worker == NOBODY else self.people.get(self.history.people[worker], SOMEBODY)

    def _case(
        self, item: int, priority: Priority, opened: int, due: int, pieces: Sequence[_Piece], *, counts: bool
    ) -> Case:
        first, *later = pieces
        before = [piece.done_min or piece.ready_min for piece in pieces]
        return Case(
            id=ItemId(item + 1), opened_min=opened, due_min=due, priority=priority, skill=first.skill, counts=counts,
            mean_min=first.effort_min, effort_min=first.effort_min, wait_min=max(0, first.ready_min - opened),
            later=tuple(
                Leg(
                    skill=piece.skill, mean_min=piece.effort_min, effort_min=piece.effort_min,
                    wait_min=max(0, piece.ready_min - last), is_paused=piece.is_paused,
                )
                for piece, last in zip(later, before, strict=False)
            ),
        )  # fmt: skip


def _outcome(case: Case, due: int, done: int | None, pieces: Sequence[_Piece]) -> CaseOutcome:
    log = tuple(
        Worked(piece.ready_min, piece.begun_min, piece.done_min, piece.who, piece.skill)
        for piece in pieces
        if piece.done_min is not None
    )
    workers = tuple(piece.who for piece in log)
    return CaseOutcome(
        case=case, due_min=due, begun_min=log[0].begun_min if log else None, done_min=done, takers=workers,
        workers=workers, log=log,
    )  # fmt: skip


def _unpaused(opened: int, due: int, pieces: Sequence[_Piece], hours: Hours | None) -> int:
    """When the promise would have run out without its pauses."""

    def ran(start: int, end: int) -> int:
        return end - start if hours is None else hours.between(start, end)

    stood = [
        ran(last.done_min, min(piece.ready_min, due))
        for last, piece in pairwise(pieces)
        if piece.is_paused and last.done_min is not None and last.done_min < min(piece.ready_min, due)
    ]
    if not any(stood):
        return max(opened + 1, due)
    left = max(1, ran(opened, due) - sum(stood))
    return max(opened + 1, opened + left if hours is None else min(due, hours.after(opened, left)))


def _minutes(spans_us: Sequence[Span], origin_us: int, most_min: int) -> list[Span]:
    """Spans in whole minutes since an instant, cut at it and at *most_min*."""
    found = []
    for start, end in spans_us:
        cut = max(0, (start - origin_us) // MINUTE_US), min(most_min, (end - origin_us) // MINUTE_US)
        if cut[0] < cut[1]:
            found.append(cut)
    return found
