"""Risk in words and marks: what rows, cards and cases say of it, and lists that are ordered by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from watchbill.apps.decisions.queries import DecisionRow
from watchbill.apps.decisions.risks import (
    ROLLOUT,
    Action,
    ItemRisk,
    ModelRow,
    Place,
    PromiseRisk,
    danger_page,
    model_in_use,
    risks_of_items,
)
from watchbill.apps.work.queries import ItemRow, WorkFilter, work_rows
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import moment, percent
from watchbill.interfaces.web.viewmodels.parts import ClockPill, ClockState, RiskLine

DANGER = "danger"
"""The order of a list by weight x probability x gain."""

ALWAYS_S = 10**9
"""Amber however much time is left: the chance of a miss says so, not the clock."""


def by_danger(
    visit: Visit, wanted: WorkFilter, *, is_likely: bool = False, name: str = "", after: Place | None, limit: int
) -> list[tuple[ItemRow, Place]]:
    """Return a page of items, the greatest danger first, each with its place in the list: two queries."""
    found = danger_page(wanted, is_likely=is_likely, name=name, after=after, limit=limit, by=visit.actor, now=visit.now)
    rows = {row.reference: row for row in work_rows(visit.desk.id, [one.reference for one in found], by=visit.actor)}
    return [(rows[one.reference], one.place) for one in found if one.reference in rows]


def amber_of(risk: ItemRisk | None, otherwise_s: int) -> int:
    """Return below how many seconds a clock is amber: by the chance of a miss where it is known, else as before."""
    if risk is None or not any(each.is_chance for each in risk.promises):
        return otherwise_s
    return ALWAYS_S if any(each.is_likely for each in risk.promises) else 0


def told_on(pill: ClockPill, risk: ItemRisk | None) -> ClockPill:
    """Return a running pill with the chance of a miss in its title."""
    if risk is None or pill.due_at is None or pill.state is ClockState.BREACHED or not risk.worst.is_chance:
        return pill
    return replace(pill, title=f"{pill.title}; {chance(risk.worst)}")


def chance(one: PromiseRisk) -> str:
    """Return a risk in a few words: “62% likely to miss its resolution”."""
    if not one.is_chance:
        return f"{percent(one.p_miss)} of the time for its {words.clock(one.name).lower()} is used"
    return f"{percent(one.p_miss)} likely to miss its {words.clock(one.name).lower()}"


def action_words(one: PromiseRisk) -> str:
    """Return what helps: “Let Ana begin it now: 12%”; nothing where nothing does."""
    return f"{one.action.words}: {after_words(one)}" if one.action else ""


def after_words(one: PromiseRisk) -> str:
    """Return what the act makes of a risk: “12%”, or “12%, by her hours” where the model does not tell it."""
    if one.action is None:
        return ""
    return percent(one.action.p_after) + (", by her hours and the assumed effort" if one.is_mixed else "")


def source_words(one: PromiseRisk) -> str:
    """Return what a risk rests on: “Model 3”, “200 roll-outs”, or “Share of the target used”."""
    if one.source == ROLLOUT:
        return f"{one.number} roll-outs"
    return f"Model {one.number}" if one.is_chance else "Share of the target used"


def safe_words(action: Action | None, visit: Visit) -> str:
    """Return what waiting until the latest safe moment would make of an act: “21% if it waits until 14:48 UTC, its latest safe moment”."""
    if action is None or action.safe_at is None or action.p_safe is None or action.safe_at <= visit.now:
        return ""
    return f"{percent(action.p_safe)} if it waits until {moment(action.safe_at, visit.now)} UTC, its latest safe moment"


def risk_lines(risk: ItemRisk | None) -> list[RiskLine]:
    """Return what a case says of each of its running promises: the chance, two reasons, and what would help most."""
    return [
        RiskLine(
            label=words.clock(one.name),
            chance=percent(one.p_miss),
            is_likely=one.is_likely,
            is_chance=one.is_chance,
            reasons=[words.capital(reason.words) for reason in one.reasons],
            action=action_words(one),
            none=one.none,
            model=source_words(one),
        )
        for one in (risk.promises if risk else ())
    ]


def on_time(visit: Visit, row: DecisionRow) -> str:
    """Return what accepting a proposal does to the promise most in danger, with the interval of forecasts like it."""
    risk = risks_of_items([row.item_id]).get(row.item_id)
    if risk is None or not risk.worst.is_chance:
        return ""
    worst, action = risk.worst, risk.worst.action
    what = f"{words.clock(worst.name)} on time"
    as_is = f"{percent(1 - worst.p_miss)} as is"
    if action is None or action.person_id != row.chosen_id:
        return f"{what}: {as_is}"
    model = model_in_use(visit.desk.id)
    span = interval_of(model, action.p_after) if model and not worst.is_mixed else None
    said = f"{what}: {as_is}, {percent(1 - action.p_after)} if accepted"
    if span is None:
        return said
    low, high = span
    but = "" if low <= action.p_after <= high else "but "
    return f"{said} ({but}{percent(1 - high)} to {percent(1 - low)} of such forecasts came in on time)"


NEAR = 0.05
"""Test forecasts this far away are still such forecasts."""


def interval_of(model: ModelRow, p_miss: float) -> tuple[float, float] | None:
    """Return the 95% interval of the share missed among test forecasts like one; None when there were none like it."""
    bins: Sequence[Mapping[str, float]] = model.figures["reliability"].get("all", {}).get("bins", ())
    near = [one for one in bins if abs(one["forecast"] - p_miss) <= NEAR]
    nearest = min(near, key=lambda one: abs(one["forecast"] - p_miss), default=None)
    return None if nearest is None else (nearest["low"], nearest["high"])
