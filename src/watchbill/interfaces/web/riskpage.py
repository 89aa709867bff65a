"""From what a desk has learned to the figures and the diagram that show how far it can be trusted. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from watchbill.apps.decisions.risks import BASELINE, ROLLOUT, CountsRow, ModelRow
from watchbill.engine.sense.rollout import FUTURES
from watchbill.interfaces.web import words
from watchbill.interfaces.web.formats import MINUS, count, day_and_year, moment, percent, plural
from watchbill.interfaces.web.viewmodels.risk import FiguresLine, ModelFacts, ReliabilityBin, ReliabilityChart

SIDE, LEFT, TOP, FOOT = 260.0, 44.0, 18.0, 36.0
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
HEADS = (
    "Looked at", "Forecasts", "Missed", "AUC", "Skill over the usual", "over the share used", "Mean gap, points", "Right at 70% found",
    "Warned ahead",
)  # fmt: skip


def reliability_chart(bins: Sequence[Mapping[str, Any]], what: str) -> ReliabilityChart | None:
    """Draw groups of forecasts on a square: on the diagonal, what was forecast came."""
    if not bins:
        return None

    def y(share: float) -> float:
        return round(TOP + SIDE * (1 - share), 1)

    drawn = []
    for one in bins:
        is_fit = one["low"] <= one["forecast"] <= one["high"]
        cells = (percent(one["forecast"]), percent(one["missed"]), f"{percent(one['low'])} to {percent(one['high'])}",
                 count(one["number"]))  # fmt: skip
        drawn.append(
            ReliabilityBin(
                x=round(LEFT + SIDE * one["forecast"], 1), y=y(one["missed"]), low=y(one["low"]), high=y(one["high"]),
                is_fit=is_fit, cells=cells,
                text=f"forecast {cells[0]}, missed {cells[1]} ({cells[2]}), {cells[3]} forecasts",
            )
        )  # fmt: skip
    off = sum(not one.is_fit for one in drawn)
    return ReliabilityChart(
        summary=f"{what}: {len(drawn)} groups of forecasts; {off or 'none'} of them off what came by more than chance explains",
        width=LEFT + SIDE + 16, height=TOP + SIDE + FOOT, left=LEFT, right=LEFT + SIDE, top=TOP, side=SIDE,
        ticks=[(round(SIDE * tick, 1), percent(tick)) for tick in TICKS], bins=drawn,
    )  # fmt: skip


def figure_lines(figures: Mapping[str, Any]) -> list[FiguresLine]:
    """Return a line for all forecasts, for each share of the target, for each commitment, and for the plain share."""
    told = figures["reliability"]
    lines = [_line("All", told["all"], is_whole=True)] if "all" in told else []
    lines += [_line(f"at {name} of the target", one) for name, one in told.items() if name.endswith("%")]
    lines += [_line(words.clock(name), one) for name, one in figures["by_commitment"].items()]
    if "baseline" in told:
        lines.append(_line("Share of target used, alone", told["baseline"]))
    return lines


def _line(label: str, one: Mapping[str, Any], *, is_whole: bool = False) -> FiguresLine:
    lead_h = one["lead_h"]
    cells = (
        count(one["number"]), count(one["missed"]), _two(one["auc"]), _skill(one["skill"]), _skill(one["skill_baseline"]),
        "–" if one["ece"] is None else f"{100 * one['ece']:.1f}", "–" if one["precision"] is None else percent(one["precision"]),
        "–" if lead_h is None else f"{lead_h:.1f} h" if lead_h < 48 else f"{lead_h / 24:.0f} days",
    )  # fmt: skip
    return FiguresLine(label=label, cells=cells, is_whole=is_whole)


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _skill(value: float | None) -> str:
    return "–" if value is None else f"{round(value, 2) + 0.0:.2f}".replace("-", MINUS)


def _gap(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} points"


_SOURCES = {
    "model": "Learned from this desk’s history",
    "baseline": "Share of the target used, calibrated",
    "": "Roll-outs of the desk as it stands, else the share of the target used",
}


def model_facts(model: ModelRow, counted: CountsRow | None, now: datetime) -> ModelFacts:
    """Return what the page says of the model in use."""
    figures, counts = model.figures, model.figures["counts"]
    since = [None if at is None else datetime.fromisoformat(at) for at in figures["since"]]
    facts = [
        ("In use since", f"{moment(model.learned_at, now)} UTC"),
        ("Source", _SOURCES[model.source]),
        ("Cases", count(figures["items"]) + (f", {count(figures['items_left_out'])} older ones left out" if figures["items_left_out"] else "")),
    ]  # fmt: skip
    if counts and since[0] is not None and since[1] is not None and since[2] is not None:
        facts += [
            ("Trained", f"on {count(counts['train'])} looks at promises, cases opened {day_and_year(since[0])} to {day_and_year(since[1])}"),
            ("Calibrated", f"on {count(counts['calibrate'])}, until {day_and_year(since[2])}"),
            ("Tested", f"on {count(counts['test'])}, opened since then"),
        ]  # fmt: skip
    if counted is not None:
        facts.append(("Verdicts counted", f"{moment(counted.counted_at, now)} UTC"))
    if model.digest:
        facts.append(("Digest", model.digest[:12]))
    return ModelFacts(title=f"Model {model.number}", words=model.words, facts=facts)


def stand_in_words(scored_by: Mapping[str, int]) -> str:
    """Return what the list goes by while nothing is learned, and why: *scored_by* counts promises by the source of their score."""
    rolled, used = scored_by.get(ROLLOUT, 0), scored_by.get(BASELINE, 0)
    if not rolled:
        return "Until then the list goes by the share of each target that is used, which is no probability."
    said = (
        f"Until then the desk as it stands is rolled out {FUTURES} times, by the order of its work and the hours of its people:"
        f" the chance of a miss is the share of these futures in which it is missed ({plural(rolled, 'promise')})."
    )
    left = (
        f" Of {plural(used, 'promise')} that cannot be rolled out (waiting, due in more than two weeks, or with people whose"
        " hours are not known) the list shows the share of the target that is used, which is no probability."
    )
    return said + (left if used else "")


def lately_words(lately: Mapping[str, Any]) -> str:
    """Return how the forecasts of the last four weeks fared, in a sentence."""
    if not lately["number"]:
        return "No promise that was forecast live has been decided yet."
    return (
        f"Over the last four weeks {count(lately['number'])} forecasts were off by {_gap(lately['ece'])} on average;"
        " managers are told above 5 points."
    )
