"""The demo's desk: the UCI log imported with its dates moved, its calendar, its assumed targets, and people to be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import as_file, files

from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.core.queries import Story
from watchbill.apps.core.services import clock_move, story_set
from watchbill.apps.decisions import services as decisions
from watchbill.apps.people import services as people
from watchbill.apps.people.demo_users import demo_users_make
from watchbill.apps.work import weighing
from watchbill.apps.work.queries import owner_load
from watchbill.demo import dates
from watchbill.demo.promised import promises_publish
from watchbill.engine.base.calendar import Calendar
from watchbill.flows.intake.infer import Inferred, infer
from watchbill.flows.intake.load import Summary, import_run
from watchbill.flows.intake.profiles import profile_load
from watchbill.flows.watch import step

SLUG = "uci"
NAME = "IT incidents (UCI log)"
PROFILE = "servicenow-incidents"
LOG = "incident_event_log.zip"

OFFICE = "office hours"
ALWAYS = "round the clock"
OFFICE_HOURS = "08:00-18:00"

RESPONSE_MIN = {"P1": 15, "P2": 30, "P3": 120, "P4": 240}
RESOLUTION_MIN = {"P1": 480, "P2": 1440, "P3": 4800, "P4": 6000}
"""Assumed, for the log tells no targets: minutes on the calendar named beside them in `clock_policy`."""

RESPONDED: list[dict[str, object]] = [
    {"owned": True},
    {"events": ["reply"], "actors": ["person"]},
    {"states": ["resolved", "closed"]},
]
"""The log's people take incidents and leave them “New” until they are solved: having an owner counts as the response."""

ASSIGNMENT = {"needs_skill": False}
"""Skills are inferred from seven weeks: they make a person faster, and nobody is left out for want of one."""

EFFORT_MIN: dict[int | None, int] = {1: 90, 2: 60, 3: 30, 4: 20, None: 30}
"""Assumed hands-on minutes by priority; None: any."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was made: the desk, and what the import and the inference came to."""

    desk_id: int
    summary: Summary
    inferred: Inferred


def desk_load(*, weeks: int, begins_at: datetime, say: Say, workers: int = 2) -> Loaded:
    """Make the demo's desk in an empty installation; its clock stands still at *begins_at* (desk time).

    Every instant of the log moves by *weeks*; what lies after *begins_at* is held back until its time comes. With one of
    *workers* the items get the same keys every time; with more, which batch comes first is a matter of chance.
    """
    clock_move(desk_at=begins_at, rate=0, limit_at=begins_at, by=WATCHBILL, now=begins_at)
    with _told("Desk, calendar and targets", say):
        desk_id = _desk_make(weeks, now=begins_at)
    with _told("Import of the incident log, with its clocks", say), as_file(files("watchbill.demo.data") / LOG) as path:
        summary = import_run(
            path,
            profile_load(PROFILE),
            desk_id=desk_id,
            shift_weeks=weeks,
            hold_after=begins_at,
            workers=workers,
            by=WATCHBILL,
            now=begins_at,
        )
    with _told("Teams, skills and usual hours, inferred from the history", say):
        inferred = infer(desk_id, by=WATCHBILL, now=begins_at)
    with _told("First proposals", say):
        step(begins_at)
    demo_users_make(agent_id=_busiest(desk_id), by=WATCHBILL, now=begins_at)
    story_set(Story(desk=SLUG, starts_at=begins_at, ends_at=dates.ends_at(weeks), weeks=weeks))
    return Loaded(desk_id=desk_id, summary=summary, inferred=inferred)


@contextmanager
def _told(what: str, say: Say) -> Iterator[None]:
    began = time.perf_counter()
    yield
    say(f"{what}: {time.perf_counter() - began:.1f} s")


def _desk_make(weeks: int, *, now: datetime) -> int:
    desk_id = people.desk_ensure(SLUG, name=NAME, zone=dates.ZONE, note=note(weeks), by=WATCHBILL, now=now)
    since = dates.log_begins_at(weeks)
    reason = "Assumed for the demo: the log tells no targets"
    promises_publish(desk_id, calendars(weeks), clock_policy(), since=since, reason=reason, now=now)
    decisions.policy_publish(
        desk_id,
        ASSIGNMENT,
        holds_from=since,
        is_for_history=True,
        reason="Assumed for the demo: inferred skills are a preference",
        by=WATCHBILL,
        now=now,
    )
    for priority, minutes in EFFORT_MIN.items():
        weighing.effort_set(desk_id, priority=priority, minutes=minutes, by=WATCHBILL, now=now)
    return desk_id


def calendars(weeks: int) -> dict[str, Calendar]:
    """Return the desk's calendars by name: office hours with the log's own holidays, and one that never closes."""
    return {
        OFFICE: Calendar.working_week(dates.ZONE, OFFICE_HOURS, closed_on=dates.closed_on(weeks)),
        ALWAYS: Calendar.always(dates.ZONE),
    }


def clock_policy() -> dict[str, object]:
    """Return the assumed targets: P1 and P2 run round the clock, P3 and P4 in office hours."""
    clocks_of = {"response": (RESPONSE_MIN, {"stop": RESPONDED}), "resolution": (RESOLUTION_MIN, {})}
    return {
        "clocks": [
            {"kind": kind, "calendar": calendar, "targets_min": {name: targets[name] for name in names}, **conditions}
            for kind, (targets, conditions) in clocks_of.items()
            for calendar, names in ((ALWAYS, ("P1", "P2")), (OFFICE, ("P3", "P4")))
        ]
    }


def note(weeks: int) -> str:
    """Return what the desk's pages say about where its data comes from."""
    moved = f"moved by {weeks} weeks" if weeks else "not moved"
    return (
        "Real incidents of an IT company: the first part of the “Incident management process enriched event log” by "
        "Amaral, Fantinato and Peres (UCI Machine Learning Repository, data set 498, CC BY 4.0). All dates were "
        f"{moved}; the true ones are kept in each event. People are the codes of the log. Targets and efforts are assumed. "
        "People of the log act as they did; an item that you or autopilot take over stops following the log's "
        "assignments, while resolution times remain those of history."
    )


def _busiest(desk_id: int) -> int | None:
    """Return the person of the log with the most open work: whose page the demo's agent looks at."""
    loads = owner_load(desk_id, by=WATCHBILL)
    return max(loads, key=lambda person: (loads[person].get("open", 0), -person), default=None)
