"""Charts of a replay: breaches before and after by priority, and how states of clocks flow into others. Pure geometry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.interfaces.web.formats import count
from watchbill.interfaces.web.viewmodels.replays import Band, FlowChart, Pair, Pairs, Side

STATES = {
    "met": "met", "running": "running", "paused": "paused", "late": "late already", "missed": "missed",
    "cancelled": "called off", "none": "not promised",
}  # fmt: skip
"""The states of a clock in a replay, the best first, as the page says them."""

BROKEN = {"late", "missed"}
PAIRS_W, LINE_H, LEFT, RIGHT = 400.0, 46.0, 30.0, 60.0
FLOW_W, FLOW_H, SIDE_W, GAP, TEXT_W = 400.0, 150.0, 8.0, 8.0, 118.0
LEAST = 14.0
"""The least height of a state's bar: its word needs as much."""


def pairs_chart(lines: Sequence[Mapping[str, Any]]) -> Pairs:
    """Draw breaches before and after for each priority; *lines* are the result's ``by_priority``."""
    most = max([max(each["breaches_before"], each["breaches_after"]) for each in lines], default=0)
    wide = PAIRS_W - LEFT - RIGHT

    def width(number: int) -> float:
        return round(number / most * wide, 1) if most else 0.0

    pairs = []
    for place, each in enumerate(lines):
        before, after = each["breaches_before"], each["breaches_after"]
        pairs.append(
            Pair(
                label=f"P{each['priority']}", y=LINE_H * place, before=before, after=after,
                before_width=width(before), after_width=width(after),
                look="worse" if after > before else "better" if after < before else "same",
            )
        )  # fmt: skip
    said = "; ".join(f"{pair.label} {count(pair.before)} before, {count(pair.after)} after" for pair in pairs)
    return Pairs(
        summary=f"Breaches by priority: {said}", width=PAIRS_W, height=LINE_H * len(pairs), left=LEFT, pairs=pairs
    )


def flow_chart(name: str, flows: Sequence[Mapping[str, Any]]) -> FlowChart:
    """Draw how the clocks of one commitment stand before, on the left, and after, on the right."""
    clocks = {(each["before"], each["after"]): each["clocks"] for each in flows}
    total = sum(clocks.values())
    lefts = [state for state in STATES if any(before == state for before, _ in clocks)]
    rights = [state for state in STATES if any(after == state for _, after in clocks)]
    most = max(len(lefts), len(rights), 1)
    high = max(FLOW_H, most * (LEAST + GAP))
    room = high - GAP * (most - 1) - LEAST * most
    scale = room / total if total else 0.0

    def stacked(states: Sequence[str], side: int) -> dict[str, tuple[float, float]]:
        found, y = {}, 0.0
        for state in states:
            tall = LEAST + scale * sum(number for key, number in clocks.items() if key[side] == state)
            found[state] = (y, tall)
            y += tall + GAP
        return found

    left, right = stacked(lefts, 0), stacked(rights, 1)
    used_left, used_right = dict.fromkeys(lefts, 0.0), dict.fromkeys(rights, 0.0)
    x0, x1 = TEXT_W + SIDE_W, FLOW_W - TEXT_W - SIDE_W
    bands = []
    for before in lefts:
        for after in rights:
            number = clocks.get((before, after), 0)
            if number:
                thick0 = left[before][1] * number / sum(n for key, n in clocks.items() if key[0] == before)
                thick1 = right[after][1] * number / sum(n for key, n in clocks.items() if key[1] == after)
                y0, y1 = left[before][0] + used_left[before], right[after][0] + used_right[after]
                used_left[before] += thick0
                used_right[after] += thick1
                bands.append(
                    Band(
                        path=_ribbon(x0, y0, thick0, x1, y1, thick1), look=_look(before, after), clocks=number,
                        before=STATES[before], after=STATES[after],
                    )
                )  # fmt: skip
    sums = [{state: sum(n for key, n in clocks.items() if key[side] == state) for state in STATES} for side in (0, 1)]
    sides = [
        *(_side(TEXT_W, *left[state], TEXT_W - 8, "end", state, sums[0][state]) for state in lefts),
        *(_side(x1, *right[state], x1 + SIDE_W + 8, "start", state, sums[1][state]) for state in rights),
    ]
    changed = [band for band in bands if band.before != band.after]
    said = "; ".join(f"{count(band.clocks)} from {band.before} to {band.after}" for band in changed)
    return FlowChart(
        title=name, summary=f"{name}: {said or 'no clock changes its state'}; {count(total)} clocks in all",
        width=FLOW_W, height=round(high, 1), bands=bands, sides=sides,
    )  # fmt: skip


def _look(before: str, after: str) -> str:
    if before == after or (before in BROKEN) is (after in BROKEN):
        return "same" if before == after else "other"
    return "worse" if after in BROKEN else "better"


def _side(x: float, y: float, height: float, text_x: float, anchor: str, state: str, number: int) -> Side:
    return Side(
        x=x, y=round(y, 1), height=round(height, 1), text_x=text_x, text_y=round(y + height / 2 + 4, 1), anchor=anchor,
        label=f"{STATES[state]} {count(number)}",
    )  # fmt: skip


def _ribbon(x0: float, y0: float, tall0: float, x1: float, y1: float, tall1: float) -> str:
    """Return a band from one height on the left to another on the right, with soft edges."""
    mid = (x0 + x1) / 2
    return (
        f"M{x0:.1f} {y0:.1f}C{mid:.1f} {y0:.1f} {mid:.1f} {y1:.1f} {x1:.1f} {y1:.1f}V{y1 + tall1:.1f}"
        f"C{mid:.1f} {y1 + tall1:.1f} {mid:.1f} {y0 + tall0:.1f} {x0:.1f} {y0 + tall0:.1f}Z"
    )
