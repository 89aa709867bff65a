"""What is shown of the policies: their figures with intervals, by priority, and under other assumptions."""

from __future__ import annotations

from collections.abc import Callable

from watchbill.engine.backtest.answer import Answer, Compared, Sort, Span, Swept
from watchbill.flows.backtest.report.charts import dot_chart, whisker, whisker_axis
from watchbill.flows.backtest.report.figures import (
    between,
    clearly,
    count,
    fitting,
    hours,
    number,
    percent,
    plural,
    points,
    share_of,
)
from watchbill.flows.backtest.report.shown import Cell, Policies, PolicyRow, Priorities, Sweep, Table

SORTS = {
    Sort.AS_WAS: "as it was: the decisions of the log",
    Sort.AS_IS: "as it is: the order that the desk seems to work in",
    Sort.PEER: "a usual tool's policy",
    Sort.WATCHBILL: "Watchbill",
    Sort.USER: "your own policy",
}
Column = tuple[str, str, Callable[[Compared], Span], Callable[[float | None], str], int]


def _attained(one: Compared) -> Span:
    return Span(mean=one.attainment, low=one.interval[0], high=one.interval[1])


COLUMNS: tuple[Column, ...] = (
    ("Attainment", "promises kept", _attained, percent, 1),
    ("Late", "promises per week", lambda one: one.missed_per_week, number, 1),
    ("Late P1", "promises per week", lambda one: one.p1_missed_per_week, fitting, 2),
    ("Half done by", "hours", lambda one: one.p50_h, hours, 1),
    ("Nine of ten by", "hours", lambda one: one.p90_h, hours, 1),
    ("Moves", "per 100 cases", lambda one: one.reassignments, number, 1),
    ("Busiest person", "times the mean", lambda one: one.load_spread, fitting, 2),
)


def policies_shown(answer: Answer, reference: str) -> Policies:
    """The table of policies, a whisker in each cell on the axis of its column. Only attainment is marked: its difference is paired."""
    held = next((one for one in answer.policies if one.name == reference), None)
    axes = []
    for _, _, span, _, _ in COLUMNS:
        spans = [span(one) for one in answer.policies]
        axes.append(whisker_axis(value for one in spans for value in (one.mean, one.low, one.high)))
    rows = []
    for one in answer.policies:
        cells = []
        for axis, (head, _, span, said, places) in zip(axes, COLUMNS, strict=True):
            value = span(one)
            cells.append(
                Cell(
                    text=said(value.mean),
                    interval=between(value.low, value.high, places),
                    mark=clearly(one.gain) if head == "Attainment" and one.name != reference else "",
                    whisker=whisker(axis, value.mean, value.low, value.high, None if held is None else span(held).mean),
                )
            )
        rows.append(
            PolicyRow(
                name=one.name,
                sort=SORTS[one.sort],
                says=one.says,
                cells=tuple(cells),
                gain=gain_said(one, answer.measured.replications, is_reference=one.name == reference),
                regret="" if one.regret is None else f"{number(one.regret)} points below the ceiling",
                is_best=one.name == answer.verdict.best,
                is_reference=one.name == reference,
            )
        )
    measured = answer.measured
    return Policies(
        title=f"{plural(len(rows), 'policy', 'policies')}, the same {number(measured.weeks)} weeks",
        sub=f"{plural(measured.items, 'item')}, {plural(measured.replications, 'replication')}, the same arrivals and people for each",
        heads=tuple((head, unit) for head, unit, *_ in COLUMNS),
        rows=tuple(rows),
        has_intervals=any(cell.interval for row in rows for cell in row.cells),
        reference=reference,
    )


def gain_said(one: Compared, replications: int, *, is_reference: bool) -> str:
    """How a policy does against as is: `+2.1 points (1.4 to 2.8), better in 29 of 30 replications`."""
    if is_reference:
        return "The others are held against this one"
    if one.gain is None:
        return ""
    interval = between(one.gain.low, one.gain.high)
    said = f"{points(one.gain.mean)} points" + (f" ({interval})" if interval else "")
    if one.better is not None:
        said += f", better in {share_of(one.better, replications)}"
    return said if clearly(one.gain) else f"{said}: no clear difference"


def priorities_shown(answer: Answer, reference: str, *, note: str) -> Priorities | None:
    """Attainment by priority with the ceiling; None when there is none to tell apart."""
    names = sorted({name for one in answer.policies for name in one.by_priority})
    if not names:
        return None
    ceiling = {} if answer.bound is None else answer.bound.by_priority
    attained = Table(
        heads=("Policy", *names),
        rows=(
            *((one.name, *(percent(one.by_priority.get(name)) for name in names)) for one in answer.policies),
            *([("Ceiling", *(percent(ceiling.get(name)) for name in names))] if ceiling else []),
        ),
    )
    has_regret = any(value is not None for one in answer.policies for value in one.regret_by_priority.values())
    rows = []
    for name in names:
        kept = {one.name: value for one in answer.policies if (value := one.by_priority.get(name)) is not None}
        rows.append((name, kept, ceiling.get(name), ""))
    chart = dot_chart(
        rows, key="priority", title="Promises kept by priority", best=answer.verdict.best, reference=reference,
        table=attained, note=note,
    )  # fmt: skip
    if chart is None:
        return None
    regret = Table(
        heads=("Policy", *names, "All"),
        rows=tuple(
            (one.name, *(number(one.regret_by_priority.get(name)) for name in names), number(one.regret))
            for one in answer.policies
        ),
    )
    return Priorities(chart=chart, attained=attained, regret=regret if has_regret else None)


def sweep_shown(answer: Answer, reference: str, *, note: str) -> Sweep | None:
    """The comparison under other assumptions, and where its ranking flips; None when none were tried."""
    if not answer.sweep:
        return None
    flips = flips_said(answer)
    most = max(len(one.ranking) for one in answer.sweep)
    ranks = Table(
        heads=("Under", *(f"{place}." for place in range(1, most + 1))),
        rows=tuple((under(one), *one.ranking, *[""] * (most - len(one.ranking))) for one in answer.sweep),
    )
    attained = Table(
        heads=("Under", *(one.name for one in answer.policies), "Ceiling"),
        rows=tuple(
            (under(one), *(percent(one.attainment.get(each.name)) for each in answer.policies), percent(one.bound))
            for one in answer.sweep
        ),
    )
    chart = dot_chart(
        [(under(one), one.attainment, one.bound, f"{plural(len(one.flips), 'flip')}" if one.flips else "") for one in answer.sweep],
        key="sweep", title="Promises kept under other assumptions", best=answer.verdict.best, reference=reference,
        table=attained, note=note,
    )  # fmt: skip
    if chart is None:
        return None
    flipped = sum(1 for one in answer.sweep if one.flips)
    says = (
        f"The ranking changes by more than chance under {count(flipped)} of {plural(len(answer.sweep), 'set')} of assumptions."
        if flipped
        else f"The ranking holds under all {plural(len(answer.sweep), 'set')} of assumptions that were tried."
    )
    return Sweep(says=says, flips=tuple(flips), chart=chart, ranks=ranks)


def flips_said(answer: Answer) -> list[str]:
    """Where the ranking flips, a sentence for each pair."""
    return [f"{under(one)}: {ahead} comes before {behind}" for one in answer.sweep for behind, ahead in _now_ahead(one)]


def _now_ahead(one: Swept) -> list[tuple[str, str]]:
    """Pairs (now behind, now ahead): the answer has (now behind, before ahead), which are told by the ranking."""
    place = {name: number for number, name in enumerate(one.ranking)}
    return [
        (max(pair, key=lambda name: place.get(name, 0)), min(pair, key=lambda name: place.get(name, 0)))
        for pair in one.flips
    ]


def under(one: Swept) -> str:
    """The assumptions of one point of the sweep in words."""
    return one.name or f"effort x{one.effort:g}, people x{one.availability:g}, {one.order.replace('_', ' ')}"
