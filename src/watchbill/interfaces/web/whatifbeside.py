"""Two comparisons side by side: what each says of the same policies, and in which assumptions they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.apps.reports.backtests import BacktestRow
from watchbill.flows.backtest.report.figures import NONE, day, number, percent, points
from watchbill.flows.backtest.report.saved import cleaned_all
from watchbill.flows.backtest.report.shown import Table
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.viewmodels.whatif import Beside

Result = Mapping[str, Any]


def beside(visit: Visit, row: BacktestRow, other: BacktestRow) -> Beside:
    """Return two comparisons that are done, side by side."""
    one, two = cleaned_all(row.result), cleaned_all(other.result)
    names = (row.reference, other.reference)
    return Beside(
        names=names,
        hrefs=(visit.href("whatif-run", row.id), visit.href("whatif-run", other.id)),
        grades=(one["twin"]["grade"], two["twin"]["grade"]),
        sentences=(one["verdict"]["sentence"], two["verdict"]["sentence"]),
        facts=Table(heads=("", *names), rows=tuple(_facts(one, two))),
        policies=_policies(names, one, two),
        assumptions=_assumptions(names, one, two),
        close_href=visit.href("whatif-run", row.id),
    )


def _facts(one: Result, two: Result) -> list[tuple[str, ...]]:
    def measured(result: Result) -> str:
        what, zone = result["measured"], result["source"]["zone"]
        return f"{day(what['begins_at'], zone)} to {day(what['ends_at'], zone)}"

    return [
        ("Twin, grade", one["twin"]["grade"], two["twin"]["grade"]),
        ("Measured", measured(one), measured(two)),
        *(
            (label, *(number(result["measured"][name], 0) for result in (one, two)))
            for label, name in (("Items", "items"), ("Replications", "replications"))
        ),
        ("Ceiling", *(percent(result["bound"]["attainment"]) if result["bound"] else NONE for result in (one, two))),
    ]


def _policies(names: tuple[str, str], one: Result, two: Result) -> Table:
    """Every policy of either: promises kept and missed a week."""
    left, right = ({each["name"]: each for each in result["policies"]} for result in (one, two))
    rows = []
    for name in dict.fromkeys([*left, *right]):
        kept = [side[name]["attainment"] if name in side else None for side in (left, right)]
        missed = [side[name]["missed_per_week"]["mean"] if name in side else None for side in (left, right)]
        change = right[name]["attainment"] - left[name]["attainment"] if name in left and name in right else None
        rows.append((name, *map(percent, kept), points(change), *(number(each) for each in missed)))
    heads = ("Policy", *(f"Kept, {name}" for name in names), "Points", *(f"Late a week, {name}" for name in names))
    return Table(heads=heads, rows=tuple(rows))


def _assumptions(names: tuple[str, str], one: Result, two: Result) -> Table | None:
    """Those in which they differ; None where they agree in all."""
    left, right = ({each["name"]: each["value"] for each in result["assumptions"]} for result in (one, two))
    rows = [
        (name, left.get(name, NONE), right.get(name, NONE))
        for name in dict.fromkeys([*left, *right])
        if left.get(name) != right.get(name)
    ]
    return Table(heads=("Assumption", *names), rows=tuple(rows)) if rows else None
