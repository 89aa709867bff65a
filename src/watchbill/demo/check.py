"""The demo's own reckoning: three days replayed in advise and in autopilot, and every sum looked at twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any

import django

from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.decisions import reports
from watchbill.apps.decisions.services import mode_set
from watchbill.apps.inbox.queries import held_count
from watchbill.apps.people.demo_users import PREFIX
from watchbill.apps.people.queries import actor_of_username, desk_list
from watchbill.apps.work import reckoning
from watchbill.apps.work.queues import queue_list
from watchbill.apps.work.services import projection_rebuild
from watchbill.demo import beginning, dates
from watchbill.demo.company.desk import SLUG, company_load, is_complete
from watchbill.demo.company.facts import OPEN_ITEMS, PEOPLE, WEEKS_AFTER
from watchbill.demo.desk import Loaded, Say, desk_load
from watchbill.demo.replay import Tally, advised, replay, undoing
from watchbill.engine.assign.rails import Mode
from watchbill.flows import audit
from watchbill.flows.intake.load import quiet

DAYS = 3
STARTS_AT = datetime.combine(dates.EIGHTH_MONDAY, datetime.min.time(), tzinfo=dates.LOCAL)
"""Midnight before the first working day of the eighth week, by the log's own dates: never today."""
ENDS_AT = STARTS_AT + timedelta(days=DAYS)
SECOND_WEEKS = 8
"""Of the second desk's year: as much as makes its queues what they are."""


def check(say: Say) -> dict[str, Any]:
    """Load the shipped history into an empty database, replay it in both modes, and return counts and what is wrong.

    ``ok`` is whether everything reconciles; ``problems`` says in sentences what does not.
    """
    began = time.perf_counter()
    # One worker: the same keys, and so the same answers, every time.
    loaded = desk_load(weeks=0, begins_at=STARTS_AT, say=say, workers=1)
    problems = _history_problems(loaded)
    modes: dict[str, Any] = {}
    outcomes, (second, found_second) = _modes_run(loaded.desk_id, meanwhile=_second_desk)
    problems += [f"second desk: {problem}" for problem in found_second]
    say(f"The second desk, {SECOND_WEEKS} weeks of it: {second['seconds']:.1f} s")
    for mode, (counts, found) in outcomes.items():
        modes[mode] = counts
        problems += [f"{mode}: {problem}" for problem in found]
        say(f"{DAYS} days in {mode}: {counts['seconds']:.1f} s")
    summary = loaded.summary
    return {
        "ok": not problems,
        "from": STARTS_AT.isoformat(),
        "to": ENDS_AT.isoformat(),
        "history": {
            "rows_read": summary.rows_read,
            "rows_accepted": summary.rows_accepted,
            "rows_rejected": summary.rows_rejected,
            "items": summary.items,
            "events": summary.events,
            "people": summary.people,
            "seconds": summary.seconds,
        },
        **modes,
        "second_desk": second,
        "seconds": round(time.perf_counter() - began, 1),
        "problems": problems,
    }


def _history_problems(loaded: Loaded) -> list[str]:
    """Return what of the import does not add up."""
    summary, held = loaded.summary, held_count(loaded.desk_id)
    checks = {
        "rows read are not rows accepted and rejected": summary.reconciles,
        "the shipped log was not read whole": summary.rows_read == summary.rows_accepted == 121_213,
        "events are not those applied and those held": summary.events == summary.events_added + summary.events_held,
        "held events are not in the inbox": summary.events_held == held,
        "items are not the events that opened them": _opened(loaded.desk_id) == reckoning.item_count(loaded.desk_id),
    }
    return [text for text, is_well in checks.items() if not is_well]


def _opened(desk_id: int) -> int:
    return reckoning.event_counts(desk_id).opened


Outcome = tuple[dict[str, Any], list[str]]


def _modes_run(desk_id: int, *, meanwhile: Callable[[], Outcome]) -> tuple[dict[str, Outcome], Outcome]:
    """Replay in both modes side by side, each in a process and a copy of the database of its own; do *meanwhile* in ours."""
    beginning.beginning_keep()
    copies = {mode: beginning.beginning_copy(mode.value) for mode in (Mode.ADVISE, Mode.AUTOPILOT)}
    with ProcessPoolExecutor(len(copies), mp_context=get_context("spawn"), initializer=django.setup) as pool:
        try:
            runs = {mode: pool.submit(_mode_run, mode, desk_id, name) for mode, name in copies.items()}
            beside = meanwhile()
            return {mode.value: run.result() for mode, run in runs.items()}, beside
        finally:
            # Before the pool is left: when we are told to stop, replays end with their databases.
            beginning.beginning_forget(*copies.values())


def _second_desk() -> Outcome:
    """Make the second desk with a part of its history; return its counts and what does not add up."""
    began = time.perf_counter()
    ends_at = STARTS_AT + timedelta(weeks=WEEKS_AFTER)
    summary = company_load(begins_at=STARTS_AT, ends_at=ends_at, weeks=SECOND_WEEKS, workers=1, tell=quiet)
    (desk,) = (desk for desk in desk_list(by=WATCHBILL) if desk.slug == SLUG)
    held, opened = held_count(desk.id), sum(row["open"] for row in queue_list(desk.id, by=WATCHBILL))
    checks = {
        "it is not marked as generated": not desk.is_generated,
        "it is not complete": not is_complete(),
        "rows read are not those accepted": summary.rows_read != summary.rows_accepted,
        "events are not those applied and those held": summary.events != summary.events_added + summary.events_held,
        "held events are not in the inbox": summary.events_held != held,
        "items are not the events that opened them": _opened(desk.id) != reckoning.item_count(desk.id),
        f"people are {summary.people}": summary.people != PEOPLE,
        f"open items are {opened}": opened != OPEN_ITEMS,
    }
    return {
        "items": summary.items_added,
        "events": summary.events,
        "held": held,
        "people": summary.people,
        "open": opened,
        "seconds": round(time.perf_counter() - began, 1),
    }, [text for text, is_wrong in checks.items() if is_wrong]


def _mode_run(mode: Mode, desk_id: int, database: str) -> Outcome:
    """Replay in one mode, in *database*; return its counts and its problems."""
    beginning.database_use(database)
    by = actor_of_username(f"{PREFIX}queue-manager")
    if mode is Mode.AUTOPILOT:
        for queue in queue_list(desk_id, by=WATCHBILL):
            mode_set(queue["id"], mode=mode, reason="demo --check", by=by, now=STARTS_AT)
    mark, held = reckoning.event_last_id(), held_count(desk_id)
    items = reckoning.item_count(desk_id)
    hand = undoing(desk_id, by=by) if mode is Mode.AUTOPILOT else advised(desk_id, by=by)
    tally = replay(
        desk_id=desk_id, starts_at=STARTS_AT, ends_at=ENDS_AT, hand=hand, is_autopilot=mode is Mode.AUTOPILOT
    )
    events = reckoning.event_counts(desk_id, after_id=mark)
    counts = reports.decision_counts(desk_id)
    problems = _mode_problems(
        desk_id, tally, events, counts, held_before=held, items_before=items, is_autopilot=mode is Mode.AUTOPILOT
    )
    return {
        "items": reckoning.item_count(desk_id),
        "items_opened": events.opened,
        "log_events": tally.released,
        "ticks": tally.ticks,
        "proposed": counts.proposed,
        "applied": counts.applied + counts.accepted,
        "refused": counts.refused,
        "undone": counts.undone,
        "superseded": counts.superseded,
        "open": counts.open,
        "too_late": tally.answers["too_late"],
        "notes": events.noted,
        "warnings": events.warnings,
        "breaches": events.breaches,
        "safe_moments": events.safe_moments,
        "seconds": round(tally.seconds, 1),
    }, problems


def _mode_problems(
    desk_id: int,
    tally: Tally,
    events: reckoning.EventCounts,
    counts: reports.Counts,
    *,
    held_before: int,
    items_before: int,
    is_autopilot: bool,
) -> list[str]:
    """Return, in sentences, every sum of a replay that does not come out."""
    done = tally.answers
    by_hand = done["accepted"] + done["refused"] + done["undone"]
    checks = {
        "events released are not those that left the inbox": tally.released == held_before - held_count(desk_id),
        "items are not those before and those opened": reckoning.item_count(desk_id) == items_before + events.opened,
        "items are not the events that opened them": _opened(desk_id) == reckoning.item_count(desk_id),
        f"decisions do not add up: {asdict(counts)}": counts.is_reconciled,
        "proposals have not one note each": events.suggested == tally.proposed,
        "acts of autopilot have not one note each": events.decided_by_system == tally.applied == counts.applied,
        "answers have not one note each": events.decided_by_people == by_hand,
        "answers are not those that were given": counts.accepted == done["accepted"]
        and counts.undone == done["undone"],
        "a decision gave an item away without a note": reports.given_without_note(desk_id) == 0,
        "what clocks had to tell has not one note each": events.warnings
        + events.breaches
        + events.safe_moments
        + events.resumed
        == tally.told,
        f"autopilot gave people more than their limit: {', '.join(tally.over_limit)}": not tally.over_limit,
        "nothing was proposed": counts.proposed > 0,
        "nothing was undone": counts.undone > 0,
        "nothing was applied": (counts.applied if is_autopilot else counts.accepted) > 0,
        "rebuilding items from their events changes them": _rebuilds_alike(desk_id),
        "seals do not hold": _seals_hold(),
    }
    return [text for text, is_well in checks.items() if not is_well]


def _rebuilds_alike(desk_id: int) -> bool:
    before = reckoning.items_digest(desk_id)
    projection_rebuild()
    return reckoning.items_digest(desk_id) == before


def _seals_hold() -> bool:
    """Seal everything and check it: every row of both streams is under a seal that holds."""
    rows, is_done = audit.seal_all()
    found = audit.verify(by=WATCHBILL, now=ENDS_AT)
    return rows > 0 and is_done and all(result.is_good for result in found)
