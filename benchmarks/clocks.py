"""How many items' clocks one core decides in a second, beside a walk from day to day that gives the same answers."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import _libraries, _typical
from benchmarks._lives import CALENDARS, DESK, POLICY, WAITING, item, per_second
from benchmarks._report import report
from watchbill.engine.base.calendar import BusinessTime
from watchbill.engine.base.work import DONE
from watchbill.engine.clocks import ClockEvent, ClockKind, ClockStatus, run_clocks

SEED = 2016


def day_walk(
    start: datetime, end: datetime | None = None, amount: timedelta | None = None
) -> tuple[timedelta, datetime]:
    """Business time from *start* to *end* or for *amount*, visiting every local day: (time passed, instant reached)."""
    zone = ZoneInfo(DESK.zone)
    day, passed = start.astimezone(zone).date(), timedelta(0)
    while True:
        for hours in DESK.hours_on(day):
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            opens = max((midnight + timedelta(minutes=hours.start_min)).astimezone(UTC), start)
            closes = (midnight + timedelta(minutes=hours.end_min)).astimezone(UTC)
            closes = closes if end is None else min(closes, end)
            if opens < closes:
                if amount is not None and passed + (closes - opens) >= amount:
                    return amount, opens + (amount - passed)
                passed += closes - opens
        day += timedelta(days=1)
        if end is not None and day > end.astimezone(zone).date():
            return passed, end


def day_walk_resolution(events: Sequence[ClockEvent]) -> tuple[timedelta, datetime | None]:
    """Elapsed time and due of the resolution clock, as programs do it that keep no table."""
    elapsed = timedelta(0)
    for event, after in pairwise(events):
        if event.state not in WAITING and event.state not in DONE:
            elapsed += day_walk(event.at, after.at)[0]
    last = events[-1]
    target = next(goal for goal in POLICY.clocks[1].targets if goal.priority is last.priority)
    left = timedelta(minutes=target.target_min) - elapsed
    is_running = last.state not in WAITING and last.state not in DONE
    return elapsed, day_walk(last.at, amount=left)[1] if is_running and left > timedelta(0) else None


def check(items: Sequence[Sequence[ClockEvent]]) -> int:
    """Stop unless both ways agree on every item of *items*; how many were compared."""
    for events in items:
        outcome = run_clocks(POLICY, CALENDARS, events)[1]
        elapsed, due_at = day_walk_resolution(events)
        is_ahead = outcome.status is ClockStatus.RUNNING and outcome.elapsed < (outcome.target or timedelta(0))
        assert outcome.kind is ClockKind.RESOLUTION
        assert outcome.elapsed == elapsed, (outcome, elapsed)
        assert not is_ahead or outcome.due_at == due_at, (outcome, due_at)
    return len(items)


def main() -> bool:
    """Print one line per case; True when every target was reached."""
    draw = random.Random(SEED)
    full = [item(draw, 20) for _ in range(4000)]
    mixed = [item(draw, draw.randrange(2, 21)) for _ in range(4000)]
    compared = check(mixed[:400])
    reached = []
    for case, items in (("20 events", full), ("2 to 20 events", mixed)):
        engine = per_second(lambda items=items: [run_clocks(POLICY, CALENDARS, events) for events in items], len(items))
        sample = items[:300]
        walk = per_second(lambda sample=sample: [day_walk_resolution(events) for events in sample], 300, rounds=1)
        against = {"day by day, resolution only": round(walk), "unit": "items/s", "items compared": compared}
        reached.append(
            report(
                name="clocks",
                case=f"{case}, response and resolution",
                value=engine,
                unit="items/s on one core",
                target=20_000,
                better="higher",
                against=against,
            )
        )
    explained = per_second(lambda: [run_clocks(POLICY, CALENDARS, events, explain=True) for events in full], len(full))
    report(
        name="clocks",
        case="20 events, with segments",
        value=explained,
        unit="items/s on one core",
        target=None,
        better="higher",
    )
    stretches = [(events[0].at, events[-1].at) for events in full]
    between = per_second(lambda: [DESK.business_between(start, end) for start, end in stretches], len(stretches))
    walked = per_second(lambda: [day_walk(start, end) for start, end in stretches[:300]], 300, rounds=1)
    report(
        name="clocks",
        case="business time between two instants",
        value=between,
        unit="1/s on one core",
        target=None,
        better="higher",
        against={"day by day": round(walked), "unit": "1/s"},
    )
    begin = time.process_time()
    fresh = replace(DESK, closed_on=DESK.closed_on | {date(1999, 1, 1)})
    fresh.add_business(datetime(2016, 1, 1, tzinfo=UTC), BusinessTime(timedelta(hours=10 * 52 * 45)))
    report(
        name="clocks",
        case="compile a calendar of ten years",
        value=1000 * (time.process_time() - begin),
        unit="ms",
        target=None,
    )
    reached += _typical.main()
    _libraries.main()
    return all(reached)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
