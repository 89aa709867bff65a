"""What one evaluation of clocks costs: typical items, long ones, fields, segments; and how that grows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import log2

from benchmarks._lives import CALENDARS, POLICY, item, per_second
from benchmarks._report import report
from watchbill.engine.clocks import ClockEvent, ClockPolicy, run_clocks
from watchbill.engine.clocks.expressions import parse

SEED = 2016
PER_CORE = "evaluations/s on one core"
FIELDS = ClockPolicy(
    version=1,
    clocks=tuple(
        replace(clock, name=f"{clock.kind}", when=parse(when), warn_ratios=(0.5, 0.75))
        for when in ("tier is premier and not queue is network", "always")
        for clock in POLICY.clocks
    ),
)
"""Response and resolution, each defined twice, by customer and queue."""


def speed(items: Sequence[Sequence[ClockEvent]], policy: ClockPolicy = POLICY, *, explain: bool = False) -> float:
    """Evaluations, of one clock each, in a second of one core."""
    count = len(items) * len(policy.names)
    return per_second(
        lambda: [run_clocks(policy, CALENDARS, events, explain=explain) for events in items], count, rounds=5
    )


def spread(events: Sequence[ClockEvent], days: int, draw: random.Random) -> list[ClockEvent]:
    """The same events at random instants of so many days."""
    begin = events[0].at
    instants = sorted(begin + timedelta(seconds=draw.randrange(days * 86_400)) for _ in events[1:])
    return [events[0], *(replace(event, at=at) for event, at in zip(events[1:], instants, strict=True))]


def with_facts(events: Sequence[ClockEvent], draw: random.Random) -> list[ClockEvent]:
    """The same events, each with what is known of customer and queue."""
    facts = {
        "customer": f"customer {draw.randrange(200)}",
        "tier": draw.choice(("premier", "standard", None)),
        "queue": draw.choice(("network", "desk", "field")),
    }
    return [replace(event, facts=facts) for event in events]


def of_years(years: int, draw: random.Random, count: int) -> list[list[ClockEvent]]:
    """Items of 6 events, opened at any time of so many years up to 2100."""
    begin = datetime(2100 - years, 1, 1, tzinfo=UTC)
    made = []
    for _ in range(count):
        events = item(draw, 6)
        opened = begin + timedelta(seconds=draw.randrange(years * 365 * 86_400))
        made.append([replace(event, at=opened + (event.at - events[0].at)) for event in events])
    return made


def main() -> list[bool]:
    """Print one line per case; whether each target was reached."""
    draw = random.Random(SEED)
    six = [item(draw, 6) for _ in range(3000)]
    hundred = [spread(item(draw, 100), 730, draw) for _ in range(400)]
    typical, long = speed(six), speed(hundred)
    fields, explained = speed([with_facts(events, draw) for events in six], FIELDS), speed(six, explain=True)
    told = [
        tell("6 events, office calendar", typical, target=60_000),
        tell("100 events over two years of calendar", long, target=8_000),
        tell(
            "6 events, a policy that looks at customer and queue", fields, against={"times as dear": typical / fields}
        ),
        tell("6 events, explain", explained, against={"times as dear": typical / explained}),
    ]
    return [*told, *growth(draw)]


def growth(draw: random.Random) -> list[bool]:
    """What an event costs in ever longer items, and an evaluation on ever more of a calendar."""
    by_events = {}
    for length, count in ((10, 2000), (100, 300), (1000, 30)):
        by_events[length] = 1e6 / speed([spread(item(draw, length), 730, draw) for _ in range(count)]) / length
    by_years = {}
    for years in (1, 10, 100):
        by_years[years] = 1e6 / speed(of_years(years, draw, 3000))
    spans = {years: years * 250 * 2 for years in by_years}
    allowed = log2(spans[100]) / log2(spans[1])
    return [
        report(
            name="clocks",
            case="growth: cost per event, 1,000 events to 10 (linear in events: 1 at most, with room for noise)",
            value=by_events[1000] / by_events[10],
            unit="times",
            target=1.25,
            against={f"µs per event, {length} events": round(cost, 3) for length, cost in by_events.items()},
        ),
        report(
            name="clocks",
            case="growth: cost per evaluation, 100 years of calendar to 1 (log of its open intervals, with room for noise)",
            value=by_years[100] / by_years[1],
            unit="times",
            target=round(1.25 * allowed, 2),
            against={f"µs, {years} years": round(cost, 2) for years, cost in by_years.items()}
            | {"log ratio": round(allowed, 2)},
        ),
    ]


def tell(case: str, value: float, *, target: float | None = None, against: dict[str, float] | None = None) -> bool:
    rounded = {name: round(ratio, 2) for name, ratio in (against or {}).items()}
    return report(name="clocks", case=case, value=value, unit=PER_CORE, target=target, better="higher", against=rounded)
