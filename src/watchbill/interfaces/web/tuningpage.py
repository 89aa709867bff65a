"""From a tuning as it is kept to its page: the settings tried, the weeks they were tried on, and what they cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from watchbill.apps.core.runs import DONE
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.tunings import TUNINGS, TuningRow
from watchbill.apps.people.rights import Right
from watchbill.engine.clocks.durations import minutes_words
from watchbill.flows.assign.tuning import suggested
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import day_and_year, plural
from watchbill.interfaces.web.policykinds import delivered
from watchbill.interfaces.web.runpage import RunPages, run_shown
from watchbill.interfaces.web.sent import Sent
from watchbill.interfaces.web.viewmodels import tunings as model

LEAST_AXIS = 0.5
"""Points to each side that the axis of gains shows at least."""


def _outcome(result: Mapping[str, Any]) -> str:
    if not result["is_change"]:
        return "nothing to change"
    return f"look-ahead {result['suggested']['look_ahead']:g}, growth {result['suggested']['late_growth']:g}"


TUNING_PAGES = RunPages(
    runs=TUNINGS, name="policy-tuning", policy="policy-assign", counted="simulations", lines=bodies.assign_lines,
    outcome=_outcome, publishes=False,
)  # fmt: skip


def tuning_page(visit: Visit, row: TuningRow, sent: Sent | None) -> model.TuningPage:
    """Return one tuning: how far it is; once it has ended, what it suggests, and how that is run dry."""
    result: Mapping[str, Any] = row.result or {}
    versions = [*queries.policy_versions(row.desk_id), delivered()]
    draft = suggested(row)
    is_fresh = row.state == DONE and versions[0]["number"] == row.against
    trials = result.get("trials", ())
    most = max((abs(one["gain"][side]) for one in trials for side in ("low", "high")), default=0.0)
    run = run_shown(
        visit, TUNING_PAGES, row if draft is None else replace(row, policy=draft), versions,
        sub=f"how far ahead the policy of {visit.desk.label} looks, tried on its last {plural(row.weeks, 'week')}",
        headline=str(result["why"]) if result else "", under=_under(result) if result else "", sent=sent,
    )  # fmt: skip
    return model.TuningPage(
        run=run if draft is not None else replace(run, diff_before=""),
        trials=[_trial(result, one, max(most, LEAST_AXIS)) for one in trials],
        zero=50.0,
        weeks=[_week(one) for one in result.get("weeks", ())],
        dry_run_href=visit.href("policy-tuning-dry-run", row.id)
        if draft is not None and is_fresh and visit.may(Right.POLICY_EDIT) else "",
        limits=result.get("limits", ()),
    )  # fmt: skip


def _under(result: Mapping[str, Any]) -> str:
    weeks = result["weeks"]
    cases = sum(one["cases"] for one in weeks)
    runs = len(weeks) * len(result["trials"])
    return (
        f"{plural(len(weeks), 'week')} with {plural(cases, 'item')}, each simulated under {plural(len(result['trials']), 'setting')}:"
        f" {plural(runs, 'simulation')} in {result['seconds']:g} s. Nothing is applied by itself."
    )


def _trial(result: Mapping[str, Any], one: Mapping[str, Any], most: float) -> model.TrialLine:
    def at(points: float) -> float:
        return round(50 + 48 * points / most, 2)

    numbers = {name: one[name] for name in ("look_ahead", "late_growth")}
    gain, late = one["gain"], one["late_p95_min"]
    is_now, is_found = numbers == result["in_force"], numbers == result["suggested"]
    return model.TrialLine(
        look_ahead=f"{one['look_ahead']:g}",
        late_growth=f"{one['late_growth']:g}",
        attainment=f"{one['attainment']:.1f}%",
        p1=f"{one['p1']:.1f}%",
        late="unfinished" if late is None else minutes_words(round(late)) if late else "none",
        gain="" if is_now else f"{gain['mean']:+.2f} ({gain['low']:+.2f} to {gain['high']:+.2f})",
        low=at(gain["low"]),
        high=at(gain["high"]),
        x=at(gain["mean"]),
        mark="in force" if is_now else "suggested" if is_found else "",
    )


def _week(one: Mapping[str, Any]) -> model.WeekLine:
    return model.WeekLine(
        since=day_and_year(datetime.fromisoformat(one["since"])), cases=one["cases"], promises=one["promises"],
        lost=one["lost"], unpromised=one["unpromised"], unable=one["unable"], people=one["people"],
        load="" if one["load"] is None else f"{one['load']:.0%}",
    )  # fmt: skip
