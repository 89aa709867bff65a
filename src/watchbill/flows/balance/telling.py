"""Moves in words: why, with which effect on both sides, what was weighed beside; for notes, notices and pages."""

from __future__ import annotations

from typing import Any

from watchbill.engine.assign.moves import Effect, Move
from watchbill.flows.balance.suggesting import Weighed

REASONS: dict[str, str] = {
    "even_load": "evens out load",
    "skill_speed": "more skilled",
    "continuity": "knows the item or its customer",
    "time_left_in_shift": "more of it fits into the shift",
    "spares_generalists": "keeps a generalist free",
    "spares_rare": "keeps a rare ability free",
    "same_region": "belongs to this region",
    "stands_in": "stands in for the owner",
}
"""What speaks for a taker, in words; rules that are not listed only ever speak against one."""


def reasons_of(move: Move, *, most: int = 2) -> list[str]:
    """The strongest reasons for the taker, in words."""
    return [REASONS[rule] for rule, points in move.reasons if points >= 1 and rule in REASONS][:most]


def percent(share: float | None) -> str:
    return "no hours" if share is None else f"{round(100 * share)} %"


def body_of(move: Move, weighed: Weighed) -> dict[str, Any]:
    """What is kept of a move: effect on both sides, reasons, and what was weighed beside."""
    names = weighed.gathered.names
    second = None if move.second is None else {"name": names[move.second[0]], "gain": round(move.second[1], 2)}
    return {
        "gain": round(move.gain, 2),
        "late_before": round(move.late_before, 4),
        "late_after": round(move.late_after, 4),
        "giving": _effect(move.giving),
        "taking": _effect(move.taking),
        "reasons": [[rule, round(points, 2)] for rule, points in move.reasons],
        "considered": move.considered,
        "left_out": move.left_out,
        "second": second,
    }


def _effect(one: Effect) -> dict[str, float | None]:
    load = {name: value if value is None else round(value, 4) for name, value in (
        ("load_before", one.load_before), ("load_after", one.load_after))}  # fmt: skip
    return {"late_before": round(one.late_before, 4), "late_after": round(one.late_after, 4), **load}


def note_of(move: Move, weighed: Weighed) -> str:
    """The work note of a move: what, why, who was rejected, and what is expected of it on both sides."""
    names = weighed.gathered.names
    giver, taker = names[move.giver], names[move.taker]
    why = ", ".join(reasons_of(move)) or "it helps both sides together"
    beside = f"; next best was {names[move.second[0]]}" if move.second is not None else ""
    return (
        f"Moved from {giver} to {taker} to balance work: {why}. Expected: promise missed {percent(move.late_before)} to"
        f" {percent(move.late_after)}; load of {giver} {percent(move.giving.load_before)} to"
        f" {percent(move.giving.load_after)}, of {taker} {percent(move.taking.load_before)} to"
        f" {percent(move.taking.load_after)}. {move.considered} could take it, {move.left_out} could not{beside}."
        f" Policy {weighed.gathered.policy_number}."
    )
