"""Answers of backtests with plausible values, to be shown."""

from __future__ import annotations

import math
from dataclasses import replace

from watchbill.engine.backtest.answer import (
    Answer,
    Assumption,
    BacklogDay,
    Ceiling,
    Compared,
    Curve,
    Demand,
    Fidelity,
    Gate,
    Grade,
    Learned,
    Measure,
    Measured,
    Sort,
    Source,
    Span,
    Swept,
    Verdict,
)

PRIORITIES = ("P1", "P2", "P3", "P4")
NAMES = (
    ("as it was", Sort.AS_WAS), ("as is (fifo)", Sort.AS_IS), ("FIFO", Sort.PEER), ("priority", Sort.PEER), ("earliest due", Sort.PEER),
    ("round robin", Sort.PEER), ("most available", Sort.PEER), ("Watchbill", Sort.WATCHBILL),
)  # fmt: skip
HOSTILE = '"><script>alert(1)</script>#{panic("x")}$1\\*_`\x1b[31m\u202e\n{{ 7*7 }}&amp;'


def span(mean, spread=0.0, *, is_single=False) -> Span:
    return Span(mean=mean, low=None if is_single else mean - spread, high=None if is_single else mean + spread)


def policy(name, sort, attainment, *, bound=97.4, is_single=False, without=(), gain=None) -> Compared:
    kept = {p: None if p in without else min(99.9, attainment + 3 - 2 * n) for n, p in enumerate(PRIORITIES)}
    away = 100 - attainment
    return Compared(
        name=name,
        sort=sort,
        says="",
        attainment=attainment,
        interval=(None, None) if is_single else (attainment - 0.7, attainment + 0.8),
        by_priority=kept,
        missed_per_week=span(away * 9.1, away, is_single=is_single),
        p1_missed_per_week=span(away * 0.08, away * 0.02, is_single=is_single),
        p50_h=span(5 + away * 0.3, 0.3, is_single=is_single),
        p90_h=span(30 + away * 1.7, 2.2, is_single=is_single),
        reassignments=span(41 - away * 0.4, 1.2, is_single=is_single),
        load_spread=span(1.2 + away * 0.02, 0.06, is_single=is_single),
        interrupted=1.9 if sort == Sort.WATCHBILL else 0.0,
        gain=gain,
        better=None if gain is None else 0.967 if gain.mean > 0 else 0.1,
        regret=None if bound is None else bound - attainment,
        weekly=()
        if gain is None or sort == Sort.AS_WAS
        else tuple(span(-gain.mean * 3 + 9 * math.sin(n), 6, is_single=is_single) for n in range(8)),
        regret_by_priority={p: None if bound is None or one is None else bound - one for p, one in kept.items()},
    )


def fidelity(grade: Grade) -> Fidelity:
    is_good = grade != Grade.C
    days = tuple(
        BacklogDay(
            on=f"2016-{5 + n // 30:02d}-{n % 30 + 1:02d}",
            real=round(640 + 90 * math.sin(n / 6) + (70 if n % 17 == 5 else 0)),
            low=590 + 85 * math.sin(n / 6),
            middle=645 + 85 * math.sin(n / 6),
            high=700 + 85 * math.sin(n / 6),
        )
        for n in range(62)
    )
    marks = tuple(round(0.25 * 1.35**n, 3) for n in range(28))
    return Fidelity(
        grade=grade,
        why=(
            ("No change of the past was named, so gate (e) was not looked at.",)
            if is_good
            else (
                "Attainment of P1 is 7.9 points off; at most 4 pass.",
                "The real backlog is inside the band on 61 % of the days; at least 80 % pass.",
            )
        ),
        trained=("2016-02-29", "2016-05-01"),
        tested=("2016-05-01", "2016-07-01"),
        replications=30,
        measures=tuple(
            Measure(
                key=key,
                name=name,
                unit=unit,
                real=real,
                simulated=simulated,
                low=low,
                high=high,
                distance=distance,
                floor=floor,
                limit=limit,
                is_passed=None if limit is None else distance <= limit,
            )
            for key, name, unit, real, simulated, low, high, distance, floor, limit in (
                ("ngram", "Sequences of three steps", "", None, None, None, None, 0.143, 0.118, 0.177),
                ("circadian", "Hours of the week", "h", None, None, None, None, 1.83, 1.42, 2.13),
                ("relative", "Events after opening", "h", None, None, None, None, 14.2, 9.6, 14.4),
                ("cycle", "Time to resolve, whole distribution", "h", None, None, None, None, 21.4, 13.8, 20.7),
                ("attainment", "Promises kept", "points", 84.2, 85.1, 83.9, 86.4, 0.9, None, 2.0),
                ("attainment_p1", "P1 kept", "points", 91.0, 92.2, 87.5, 95.8, 1.2 if is_good else 7.9, None, 4.0),
                ("p50", "Half done within", "h", 17.9, 18.6, 17.2, 19.9, 0.7, None, 1.79),
                ("utilisation", "Utilisation, busiest team", "%", None, 81.0, 78.0, 84.0, 0.0, None, None),
            )
        ),
        gates=(
            Gate(key="a", says="Each distance is at most 1.5 times the floor", is_passed=is_good),
            Gate(key="b", says="Promises kept: at most 2 points off, 4 of P1", is_passed=is_good),
            Gate(key="c", says="Median within 10 %, 90th percentile within 20 %", is_passed=True),
            Gate(key="d", says="The real backlog is inside the band on 80 % of the days", is_passed=is_good or False),
            Gate(
                key="e",
                says="A past change is reproduced" if grade == Grade.A else "No past change was named",
                is_passed=True if grade == Grade.A else None,
            ),
        ),
        backlog=days,
        cycle=Curve(
            hours=marks,
            real=tuple(1 - math.exp(-((h / 30) ** 0.6)) for h in marks),
            simulated=tuple(1 - math.exp(-((h / 33) ** 0.64)) for h in marks),
        ),
    )


def answer(
    grade=Grade.B, *, is_single=False, has_bound=True, has_sweep=True, policies=8, without_p1=False, name="incident_event_log.csv"
) -> Answer:  # fmt: skip
    bound = 97.4 if has_bound else None
    made = []
    for n in range(policies):
        label, sort = (
            NAMES[n]
            if n < len(NAMES)
            else (f"own policy {n} with a name that goes on for rather a long while", Sort.USER)
        )
        kept = (84.2, 84.9, 83.1, 88.7, 91.2, 82.2, 85.0, 93.4)[n] if n < 8 else 80 + n * 0.37
        gain = None if sort == Sort.AS_IS else span(kept - 84.9, 0.9, is_single=is_single)
        made.append(
            policy(
                label, sort, kept, bound=bound, is_single=is_single, without=("P1",) if without_p1 else (), gain=gain
            )
        )
    best = max(made, key=lambda one: one.attainment).name
    order = tuple(one.name for one in sorted(made, key=lambda one: -one.attainment))
    sweep = []
    for number, (effort, people) in enumerate(((0.5, 1.0), (2.0, 1.0), (1.0, 0.8), (1.0, 1.1))):
        kept = {one.name: max(20.0, one.attainment - (effort - 1) * 14 - (1 - people) * 30) for one in made}
        flips = ()
        ranking = order
        if number == 1 and len(order) > 2:
            ranking = (order[1], order[0], *order[2:])
            kept[order[1]], kept[order[0]] = kept[order[0]], kept[order[1]]
            flips = ((order[0], order[1]),)
        sweep.append(
            Swept(
                name=f"effort x{effort:g}, people x{people:g}",
                effort=effort,
                availability=people,
                order="fifo",
                attainment=kept,
                gain={one.name: span(one.attainment - 84.9, 1.4) for one in made},
                ranking=ranking,
                flips=flips,
                bound=None if bound is None else 97.4 - (effort - 1) * 6,
            )
        )
    return Answer(
        source=Source(
            name=name, profile="servicenow-uci", sha256="9f" * 32, rows=141712, rejected=3, items=24918, events=141709, people=234,
            teams=78, begins_at="2016-02-29T01:16:00+00:00", ends_at="2017-02-16T14:17:00+00:00", zone="Australia/Melbourne",
        ),
        promise={"targets_min": {"P1": 240, "P2": 480, "P3": 960, "P4": 2400}, "calendar": "office", "paused": ["waiting_customer"]},
        twin=fidelity(grade),
        learned=(
            Learned(
                part="Arrivals", says="Cases per hour of the day, weekdays.", evidence=21016, unit="cases per hour",
                bars=tuple((f"{h:02d}", 2 + 20 * math.exp(-((h - 11) ** 2) / 18), 2.4 + 19 * math.exp(-((h - 11.2) ** 2) / 19)) for h in range(24)),
            ),
            Learned(
                part="Effort", says="Hands-on time by class; an assumption, scaled by what people could have done.", evidence=18002, unit="minutes",
                bars=(("incident P1", 62.0, 60.2), ("incident P2", 48.0, 47.1), ("incident P3", 33.0, 33.4), ("incident P4", 21.0, 22.8)),
            ),
            Learned(part="Routing", says="Who gets a case next, from team to team.", evidence=17),
        ),
        assumptions=(
            Assumption(name="Effort", value="0.55 h a touch", basis="assumed", why="The log does not say for how long hands were on a case."),
            Assumption(name="Order of work", value="fifo", basis="fitted", why="It explains 61 % of the pairs of cases that waited at the same time."),
            Assumption(name="Working hours", value="of each person", basis="measured", why="From when people acted, in 14 weeks."),
        ),
        measured=Measured(items=9870, warm_up=1311, stragglers=402, backlog=655, begins_at="2016-05-01T00:00:00+00:00",
                          ends_at="2016-07-01T00:00:00+00:00", weeks=8.7, replications=1 if is_single else 30),
        policies=tuple(made),
        bound=Ceiling(
            attainment=97.4, by_window=98.0, by_priority={"P1": None if without_p1 else 99.1, "P2": 98.3, "P3": 97.2, "P4": 97.0},
            at_effort={"x0.8": 98.1, "x1.2": 95.9}, says="Computed over windows of seven days, with the whole future known.",
        ) if has_bound else None,
        sweep=tuple(sweep) if has_sweep else (),
        what_if=(),
        verdict=Verdict(
            sentence=f"{best} would have kept 8.5 points more of the promises than the desk as it is.",
            detail="93.4 % instead of 84.9 % (95 % interval of the difference: 7.6 to 9.4 points), better in 29 of 30 replications.",
            best=best, is_illustrative=grade == Grade.C,
        ),
        warnings=("90 of 234 people have fewer than 20 touches; their hours are those of their team.", "One clock change lies in the measured span."),
        seed=7,
        seconds={"read": 4.2, "learn": 11.9, "compare": 84.0},
        demand=tuple(
            Demand(
                factor=factor, replications=8,
                attainment={
                    one.name: span(max(20.0, one.attainment - (factor - 1) * (100 - one.attainment) * 4), 1.1, is_single=is_single)
                    for one in made
                    if one.sort != Sort.AS_WAS
                },
            )
            for factor in (0.8, 1.0, 1.2, 1.4)
        ) if has_sweep else (),
    )  # fmt: skip


def hostile() -> Answer:
    """Everything that comes from a customer's file tries to be something else."""
    made = answer(name=f"{HOSTILE}.csv")
    names = {one.name: f"{one.name} {HOSTILE}" for one in made.policies}
    return replace(
        made,
        policies=tuple(replace(one, name=names[one.name], says=HOSTILE) for one in made.policies),
        verdict=replace(made.verdict, best=names[made.verdict.best], sentence=HOSTILE, detail=HOSTILE),
        warnings=(HOSTILE,),
        promise={HOSTILE: HOSTILE},
        demand=tuple(
            replace(one, attainment={names.get(name, name): kept for name, kept in one.attainment.items()})
            for one in made.demand
        ),
        what_if=(HOSTILE,),
        learned=tuple(
            replace(one, part=HOSTILE, bars=tuple((HOSTILE, a, b) for _, a, b in one.bars)) for one in made.learned
        ),
        assumptions=(Assumption(name=HOSTILE, value=HOSTILE, basis="assumed", why=HOSTILE),),
        sweep=tuple(
            replace(
                one,
                name=HOSTILE,
                attainment={names[each]: kept for each, kept in one.attainment.items()},
                ranking=tuple(names[each] for each in one.ranking),
                flips=tuple((names[a], names[b]) for a, b in one.flips),
            )
            for one in made.sweep
        ),
    )
