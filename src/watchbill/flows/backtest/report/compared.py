"""What is shown of the policies: their figures with intervals, by priority, and under other assumptions."""

from __future__ import annotations

from collections.abc import Callable

from watchbill.engine.backtest.answer import Answer, Compared, Sort, Span, Swept
from watchbill.flows.backtest.report.charts import dot_chart, whisker, whisker_axis
from watchbill.flows.backtest.report.figures import (
    NONE,
    between,
    clearly,
    count,
    fitting,
    number,
    percent,
    plural,
    points,
)
from watchbill.flows.backtest.report.shown import Cell, Policies, PolicyRow, Priorities, Sweep, Table

SORTS = {
    Sort.AS_WAS: "as it was: the decisions of the log",
    Sort.AS_IS: "as it is: the order that the desk seems to work in",
    Sort.WHAT_IF: "as it is, under what is asked",
    Sort.PEER: "a usual tool's policy",
    Sort.WATCHBILL: "Watchbill",
    Sort.USER: "your own policy",
}
PAIRED = "Against as is"
Column = tuple[str, str, Callable[[Compared], Span | None], Callable[[float | None], str], Callable[[float], str]]


def _attained(one: Compared) -> Span:
    return Span(mean=one.attainment, low=one.interval[0], high=one.interval[1])


COLUMNS: tuple[Column, ...] = (
    ("Attainment", "promises kept", _attained, percent, number),
    (PAIRED, "points of attainment", lambda one: one.gain, points, points),
    ("Late", "promises a week", lambda one: one.missed_per_week, fitting, fitting),
    ("Late P1", "promises a week", lambda one: one.p1_missed_per_week, fitting, fitting),
    ("Half done by", "hours", lambda one: one.p50_h, fitting, fitting),
    ("Nine of ten by", "hours", lambda one: one.p90_h, fitting, fitting),
    ("Moves", "per 100 cases", lambda one: one.reassignments, fitting, fitting),
    ("Busiest person", "times the mean", lambda one: one.load_spread, fitting, fitting),
)


def policies_shown(answer: Answer, reference: str) -> Policies:
    """The table of policies, a whisker in each cell on the axis of its column. Only what is paired with as is can be clearly better."""
    held = next((one for one in answer.policies if one.name == reference), None)
    axes = []
    for head, _, span, _, _ in COLUMNS:
        spans = [found for one in answer.policies if (found := span(one)) is not None]
        zero = [0.0] if head == PAIRED and spans else []
        axes.append(whisker_axis([*zero, *(value for one in spans for value in (one.mean, one.low, one.high))]))
    rows = []
    for one in answer.policies:
        cells = []
        for axis, (head, _, span, said, in_interval) in zip(axes, COLUMNS, strict=True):
            value, other = span(one), None if held is None else span(held)
            if value is None:
                cells.append(Cell(text=NONE, interval="", mark="", more="", whisker=None))
                continue
            reference_at = 0.0 if head == PAIRED else None if other is None else other.mean
            cells.append(
                Cell(
                    text=said(value.mean),
                    interval=between(value.low, value.high, in_interval),
                    mark=clearly(one.gain) if head == PAIRED else "",
                    more=gain_said(one, answer.measured.replications) if head == PAIRED else "",
                    whisker=whisker(axis, value.mean, value.low, value.high, reference_at),
                )
            )
        rows.append(
            PolicyRow(
                name=one.name,
                says=one.says or SORTS[one.sort],
                cells=tuple(cells),
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


def gain_said(one: Compared, replications: int) -> str:
    """In how many replications a policy is better than as is, and whether that is more than chance."""
    better = f"better in {round(one.better * replications)} of {replications}" if one.better is not None else ""
    return better if clearly(one.gain) else "; ".join(said for said in ("no clear difference", better) if said)


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
    base = sorted(answer.policies, key=lambda one: -one.attainment)
    ranks = Table(
        heads=("Policy", "As assumed", *(under(one) for one in answer.sweep)),
        rows=tuple(
            (one.name, f"{place}.", *(_place(one.name, each) for each in answer.sweep))
            for place, one in enumerate(base, 1)
        ),
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


def _place(name: str, one: Swept) -> str:
    return f"{one.ranking.index(name) + 1}." if name in one.ranking else NONE


def under(one: Swept) -> str:
    """The assumptions of one point of the sweep in words."""
    return one.name or f"effort x{one.effort:g}, people x{one.availability:g}, {one.order.replace('_', ' ')}"
