"""A past day of a desk in hindsight: read from its events, clocks and hours, held against the best possible, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from watchbill.apps.clocks.dues import Due, dues_between, dues_of
from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.runs import DONE
from watchbill.apps.people.queries import desk_by_id
from watchbill.apps.people.teams import staff_since
from watchbill.apps.reports.queries import exclusions_approved
from watchbill.apps.reports.regrets import REGRETS, RegretRow, regret_add
from watchbill.apps.shifts.absences import away_of
from watchbill.apps.shifts.extra import extra_of
from watchbill.apps.shifts.hours import weeks_of_people
from watchbill.apps.work.choices import opened_first
from watchbill.apps.work.columns import items_called
from watchbill.engine.backtest.day import MINUTE_US, Day, Owed, Worker, day_of, efforts_of, origin_of
from watchbill.engine.backtest.days import FIRST_DAY, LAST_DAY
from watchbill.engine.backtest.facts import Span
from watchbill.engine.backtest.hindsight import SCHEMA, Hindsight, hindsight, sentence
from watchbill.engine.backtest.twin.history import History
from watchbill.engine.backtest.twin.legs import Legs, legs_of
from watchbill.engine.backtest.twin.staff import staff_of
from watchbill.engine.base.calendar import first_instant
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import Interval, instant_of, merged, micros_of, outside
from watchbill.engine.base.work import Priority
from watchbill.flows.apart import each_done
from watchbill.flows.backtest.desk import history_of_desk, promise_of_desk
from watchbill.flows.runs import Tell, quiet, run_do
from watchbill.flows.waking import wake

JOB = "look_back"
PARTS = 1000
READ_PARTS = 300
"""Of these, what reading takes."""
YESTERDAY = "yesterday"


def day_named(desk_id: int, text: str, now: datetime) -> date:
    """Return the local day of a desk that *text* says: a date, or yesterday. Raises InvalidFacts for anything else."""
    if text.strip().lower() == YESTERDAY:
        return today_of(desk_id, now) - timedelta(days=1)
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        day = date.min
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidFacts(f"Expected a day such as 2026-03-02, or {YESTERDAY}, got “{text[:40]}”", field="day")
    return day


def today_of(desk_id: int, now: datetime) -> date:
    """Return which day it is on a desk."""
    return now.astimezone(ZoneInfo(desk_by_id(desk_id).zone)).date()


def day_span(desk_id: int, day: date) -> Span:
    """Return begin and end of a local day, in microseconds: 23 or 25 hours apart where clocks change."""
    zone = ZoneInfo(desk_by_id(desk_id).zone)
    midnights = (datetime.combine(at, datetime.min.time()) for at in (day, day + timedelta(days=1)))
    begins, ends = (first_instant(at, zone) for at in midnights)
    return begins, ends


def require_day(desk_id: int, day: date, now: datetime) -> None:
    """Raise InvalidFacts unless a day is over, and the desk has a history by then."""
    ends = instant_of(day_span(desk_id, day)[1])
    if ends > now:
        raise InvalidFacts(
            f"{_day(day)} is not over on this desk, so that nobody knows yet what could have been made of it",
            field="day",
        )
    first = opened_first(desk_id)
    if first is None:
        raise InvalidFacts(
            "This desk has no history yet. Import some: watchbill import FILE --profile NAME", field="day"
        )
    if first >= ends:
        opened = first.astimezone(ZoneInfo(desk_by_id(desk_id).zone)).date()
        raise InvalidFacts(f"There is no history of {_day(day)}: this desk’s begins on {_day(opened)}", field="day")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def regret_ask(desk_id: int, day: date, *, is_waking: bool = True, by: Actor, now: datetime) -> int:
    """Ask for a day to be worked out, anew if it was; return the run's key. The worker is woken, unless the caller runs it.

    Raises NotAllowed, and InvalidFacts for a day that is not over, or that the desk has no history of.
    """
    require_day(desk_id, day, now)
    with transaction.atomic():
        run_id = regret_add(desk_id, day, by=by, now=now)
        if is_waking:
            wake(JOB)
    return run_id


def regrets_run(*, tell: Tell = quiet) -> int:
    """Work out the days that wait, the first that was asked for first; return how many have ended."""
    return each_done(partial(regret_do, run_id, tell=tell) for run_id in REGRETS.waiting())


def regret_do(run_id: int, *, tell: Tell = quiet) -> bool:
    """Work one day out to its end, from the beginning: `run_do`."""
    return run_do(REGRETS, run_id, lambda row: _do(row, tell))


def _do(row: RegretRow, tell: Tell) -> None:
    def told(what: str, done: int) -> None:
        tell(done, PARTS)
        REGRETS.step(row.id, items_done=done, items=PARTS, doing=what)

    told("reading", 0)
    read = gather_day(row.desk_id, row.day, row.asked_at)
    told("ceiling", READ_PARTS)
    rest = PARTS - READ_PARTS
    found = hindsight(read.day, tell=lambda done, of: told("ceiling", READ_PARTS + rest * done // of))
    REGRETS.end(row.id, state=DONE, result=_told(row, read, found))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDay:
    """What was read of a day. effort: what its minutes rest on, in a sentence; warnings: what is not as it was."""

    day: Day
    history: History
    span_us: Span
    basis: str
    effort: str
    warnings: tuple[str, ...]


def gather_day(desk_id: int, day: date, now: datetime) -> ReadDay:
    """Read a day: promises that ran out on it, what was done for them and meanwhile, and who was there. Some queries, whatever its size.

    Raises InvalidFacts: a desk without history, or without a promise to resolve.
    """
    begins, ends = span = day_span(desk_id, day)
    history = history_of_desk(desk_id, now)
    promised = promise_of_desk(desk_id, instant_of(ends))
    legs = legs_of(history, paused=promised.promise.paused)
    rows = {name: row for row, name in enumerate(history.references)}
    out = exclusions_approved(desk_id)
    ran_out = dues_between(desk_id, instant_of(begins), instant_of(ends))
    found = _once([one for one in ran_out if (one.item_id, one.name, one.cycle) not in out], rows)
    owed = [_owed(row, one) for row, one in sorted(found.items())]
    origin = origin_of(owed, begins)
    people, warnings = _people(desk_id, history, legs, ends)
    effort, minutes = efforts_of(history, legs, people)
    built = partial(
        day_of, history, legs, minutes, owed=owed, people=people, span_us=(origin, ends),
        promised=promised.promise.open_minutes(origin, ends + DAYS_AFTER * 86_400_000_000),
    )  # fmt: skip
    others = {history.references[row] for row in built(dues_us={}).items.values()} - {
        one.called for one in found.values()
    }
    dues = _once(dues_of(desk_id, sorted(others)), rows)
    return ReadDay(
        day=built(dues_us={row: micros_of(one.due_at) for row, one in dues.items()}), history=history, span_us=span,
        basis=effort.basis.value, effort=effort.why(), warnings=(*promised.warnings, *warnings),
    )  # fmt: skip


DAYS_AFTER = 60
"""Hours of promises are known for so long after the day, for what was still to come."""


def _once(dues: Sequence[Due], rows: Mapping[str, int]) -> dict[int, Due]:
    """The last promise of each item of the history, by its row."""
    found: dict[int, Due] = {}
    for one in dues:
        if one.called in rows:
            found.setdefault(rows[one.called], one)
    return found


def _owed(row: int, one: Due) -> Owed:
    return Owed(
        item=row, priority=Priority(one.priority), begun_us=micros_of(one.started_at), due_us=micros_of(one.due_at),
        stopped_us=None if one.stopped_at is None else micros_of(one.stopped_at), is_kept=one.status == "met",
    )  # fmt: skip


def _people(desk_id: int, history: History, legs: Legs, ends_us: int) -> tuple[list[Worker], list[str]]:
    """Who there was, with usual and extra hours less absences; where hours are not known, as the history shows them."""
    begins = history.begins_at
    staff = staff_since(desk_id, begins)
    ids = [one.id for one in staff]
    weeks = weeks_of_people(ids, closed_on=closed_dates(desk_id, instant_of(ends_us)))
    away, extra = away_of(ids, begins), extra_of(ids, begins)
    until = instant_of(max(ends_us, int(history.at_us.max()) + MINUTE_US))
    seen = _seen(history, legs, micros_of(until)) if len(weeks) < len(staff) else {}
    spans_of: dict[Any, list[Span]] = {}
    found = []
    for one in staff:
        if (week := weeks.get(one.id)) is not None:
            if week not in spans_of:
                spans_of[week] = _micros(week.open_intervals(begins, until))
            hours = spans_of[week]
        else:
            hours = seen.get(one.name, [])
        if one.id in extra:
            more = ((start, min(end, micros_of(until))) for start, end in _micros(extra[one.id]))
            hours = list(merged([*hours, *more]))
        gone = [*away.get(one.id, ())]
        if one.left_at is not None:
            gone.append(Interval(start_at=one.left_at, end_at=max(until, one.left_at)))
        here = list(outside(hours, _micros(gone)))
        found.append(Worker(id=PersonId(one.id), name=one.name, teams=one.teams, hours_us=here))
    unknown = sum(one.id not in weeks for one in staff)
    warnings = (
        [f"The usual hours of {unknown} of {len(staff)} people are not known; they are those that the history shows"]
        if unknown
        else []
    )
    return found, warnings


def _seen(history: History, legs: Legs, ends_us: int) -> dict[str, list[Span]]:
    """Hours by name as the history shows them."""
    origin = int(history.opened_us[0])
    spans = staff_of(history, legs).spans(origin, max(ends_us, origin + MINUTE_US))
    return {
        history.people[who]: [(origin + start * MINUTE_US, origin + end * MINUTE_US) for start, end in each]
        for who, each in spans.items()
    }


def _micros(found: Iterable[Interval]) -> list[Span]:
    return [(micros_of(one.start_at), micros_of(one.end_at)) for one in found]


def _told(row: RegretRow, read: ReadDay, found: Hindsight) -> dict[str, Any]:
    """The result as it is kept: with references in place of rows, and instants as text."""
    rows = (
        {each.item for each in found.cases} | set(found.beyond) | {item for each in found.cases for item in each.first}
    )
    names = items_called(row.desk_id, sorted(read.history.references[item] for item in rows))

    def named(item: int) -> str:
        called = names.get(read.history.references[item])
        return called.reference if called else read.history.references[item]

    whole = found.as_json()
    cases = [
        {
            **{key: value for key, value in each.items() if key not in ("due_us", "done_us")},
            "item": named(each["item"]),
            "title": titled.title if (titled := names.get(read.history.references[each["item"]])) else "",
            "first": [named(item) for item in each["first"]],
            "due_at": _text(each["due_us"]),
            "done_at": None if each["done_us"] is None else _text(each["done_us"]),
        }
        for each in whole["cases"]
    ]
    begins, ends = read.span_us
    return {
        "schema": SCHEMA, "day": row.day.isoformat(), "zone": read.history.zone.key, "begins_at": _text(begins),
        "ends_at": _text(ends), "since_at": _text(read.day.origin_us), "sentence": sentence(found.whole), **whole,
        "cases": cases, "beyond": [named(item) for item in found.beyond],
        "effort": {"basis": read.basis, "why": read.effort}, "warnings": list(read.warnings),
    }  # fmt: skip


def _text(at_us: int) -> str:
    return instant_of(at_us).isoformat(timespec="minutes")
