"""One step of the watch: everything that is due on all desks up to an instant happens, in order; and which instant is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from watchbill.apps.clocks.taking_over import take_over_next_at
from watchbill.apps.clocks.telling import clock_next_at
from watchbill.apps.core.queries import DeskClock
from watchbill.apps.decisions.moves import move_next_at
from watchbill.apps.decisions.queries import tick_next_at
from watchbill.apps.inbox.queries import held_next_at
from watchbill.flows import firing, lead_times, renewing, stuck, taking_over
from watchbill.flows.alerts.watching import tick as alerts_tick
from watchbill.flows.apart import set_apart
from watchbill.flows.assign.tick import Run
from watchbill.flows.assign.tick import tick as assign_tick
from watchbill.flows.balance import answering
from watchbill.flows.intake.held import release
from watchbill.flows.sense import scoring

STEP = timedelta(minutes=5)
"""The longest stretch of moved time that is handled at once: decisions are made at most this far after their facts."""

LONGEST = timedelta(minutes=60)
"""Quiet stretches are skipped, but never more than this: plans grow old."""

LONGEST_REST_S = 5.0
"""Seconds of the machine: a word that was missed costs no more than this."""
SHORTEST_REST_S = 0.2
RUNNING_REST_S = 0.5

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """What one step did: events of the log released, warnings and breaches told, and the runs of assignment.

    ``is_behind``: clocks wait to be made anew, which the next step goes on with.
    """

    released: int
    told: int
    runs: tuple[Run, ...]
    is_behind: bool = False


def step(until: datetime) -> Stepped:
    """Let everything up to *until* happen: held events, then policies that take over, a part of the clocks that are to be made anew, then warnings and breaches, then what is stuck, then decisions, then risks, then what is out of the usual. Daily, desks learn how long their work takes.

    Safe to run twice, and to kill: each part is made of whole transactions, and finds what is left the next time.
    """
    released = 0
    with set_apart("held events", 0):
        while True:
            part = release(until, now=until)
            released += part.events
            if part.events == 0 or not part.is_behind(until):
                break
    taking_over.tick(until)
    is_behind = renewing.tick(until)
    told = firing.tick(until)
    lead_times.tick(until)
    answering.tick(until)
    is_behind = stuck.tick(until) or is_behind
    runs = tuple(assign_tick(until))
    is_behind = is_behind or any(run.is_cut for run in runs)
    scoring.tick(until)
    alerts_tick(until)
    return Stepped(released=released, told=told, runs=runs, is_behind=is_behind)


def due_next_at(*, after: datetime | None = None) -> datetime | None:
    """Return the earliest instant at which anything is due: a look at an index for each.

    *after*: what clocks had to tell up to there was told, except for items that cannot be written: nobody waits for those.
    """
    found = (
        held_next_at(), clock_next_at(after=after), take_over_next_at(), stuck.tick_next_at(after), tick_next_at(),
        move_next_at(),
    )  # fmt: skip
    known = [at for at in found if at is not None]
    return min(known, default=None)


def target_at(*, done_at: datetime, goal_at: datetime, due_at: datetime | None) -> datetime:
    """Return up to which instant the next step goes: the pure part of the schedule, the same live, in demo and in replay.

    done_at: everything before has happened; goal_at: where time is to go, not before done_at; due_at: the next instant at
    which anything is due. Stretches in which nothing is due are skipped to the next multiple of STEP, LONGEST at most.
    """
    first = done_at + STEP
    if due_at is None or due_at > first:
        quiet = done_at + LONGEST if due_at is None else min(_on_grid(due_at), done_at + LONGEST)
        first = max(first, quiet)
    return min(first, goal_at)


def _on_grid(at: datetime) -> datetime:
    """Return the first multiple of STEP that is not before *at*."""
    over = (at - EPOCH) % STEP
    return at if not over else at + STEP - over


def rest_s(clock: DeskClock, *, now: datetime, due_at: datetime | None, is_behind: bool) -> float:
    """Return how many seconds of the machine to rest after a step that ended at the desk instant *now*.

    is_behind: more is to be done at once. A live clock, and one that stands still, rest until something is due; a moved
    clock that runs is followed in steps of STEP at most, and at least twice a second so that pages see work arrive.
    """
    if is_behind:
        return 0.0
    if clock.is_moved and clock.rate > 0:
        return min(RUNNING_REST_S, STEP.total_seconds() / clock.rate)
    if clock.is_moved or due_at is None or due_at <= now:  # what is due still was left out: there is no hurry about it
        return LONGEST_REST_S
    return min(LONGEST_REST_S, max(SHORTEST_REST_S, (due_at - now).total_seconds()))
