"""The report as lines for a terminal: what matters on one screen, the rest in the files."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from watchbill.engine.backtest.answer import Answer, Compared, Grade
from watchbill.flows.backtest.report.compared import flips_said
from watchbill.flows.backtest.report.figures import (
    between,
    clearly,
    clipped,
    count,
    hours,
    number,
    percent,
    plural,
    points,
    share_of,
)
from watchbill.flows.backtest.report.saved import answer_from_json, cleaned_all
from watchbill.flows.backtest.report.view import BANNER, GRADES

POLICIES_MOST, LINES_MOST = 10, 3
NARROWEST = 40
PLAIN = str.maketrans(
    {"\u2212": "-", "\u2026": "~", "\u00d7": "x", "\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "}
)  # fmt: skip


def lines_of(answer_json: Mapping[str, Any], width: int, is_ascii: bool, files: Sequence[str] = ()) -> list[str]:  # noqa: FBT001 - what the terminal can do, beside its width
    """Return the answer in about forty lines of at most *width* columns; *files*: where it was written in full.

    Raises InvalidFacts for what is not an answer of this version.
    """
    answer = answer_from_json(cleaned_all(answer_json))
    width = max(width, NARROWEST)
    found = [
        *_banner(answer, width),
        *_wrapped(answer.verdict.sentence, width),
        *_wrapped(answer.verdict.detail, width),
        *_listed("What if: ", ["; ".join(answer.what_if)] if answer.what_if else [], width),
        "",
        *_wrapped(GRADES[answer.twin.grade], width),
        *_listed("  ", answer.twin.why, width),
        "",
        *_table(answer, width),
        *_ceiling(answer, width),
        *_sweep(answer, width),
        "",
        *_wrapped("; ".join(f"{one.name} {one.value} ({one.basis})" for one in answer.assumptions), width, "Assumed: "),
        *_listed("Left out: ", [_left_out(answer)], width),
        *_listed("Warning: ", answer.warnings, width),
        *_listed("Written: ", files, width, most=len(files)),
    ]
    return [_plain(line) for line in found] if is_ascii else found


def _banner(answer: Answer, width: int) -> list[str]:
    if not (answer.verdict.is_illustrative or answer.twin.grade == Grade.C):
        return []
    return ["*" * width, *_wrapped(f"ILLUSTRATIVE ONLY. {BANNER}", width), "*" * width]


def _table(answer: Answer, width: int) -> list[str]:
    """The policies. Columns that do not fit are left out from the right; the name takes what is left."""
    priorities = sorted({name for one in answer.policies for name in one.by_priority})
    heads = ["kept", "interval", *priorities, "half", "9 of 10", "moves", "regret", "gain"]
    shown = [one for one in answer.policies if one.name == answer.verdict.best]
    shown = [*shown, *(one for one in answer.policies if one not in shown)][:POLICIES_MOST]
    kept = [one for one in answer.policies if one in shown]
    rows = [_row(one, priorities) for one in kept]
    wide = [
        max(len(head), *(len(row[place]) for row in rows)) if rows else len(head) for place, head in enumerate(heads)
    ]
    name = min(max([_columns(one.name) for one in kept], default=6), 28, max(12, width // 3))
    while wide and name + 2 + sum(wide) + 2 * len(wide) > width:
        heads.pop(_least(heads))
        rows = [_row(one, priorities, heads) for one in kept]
        wide = [max(len(head), *(len(row[place]) for row in rows)) for place, head in enumerate(heads)]
    lines = [f"  {'policy':<{name}}" + "".join(f"  {head:>{size}}" for head, size in zip(heads, wide, strict=True))]
    for one, row in zip(kept, rows, strict=True):
        mark = "*" if one.name == answer.verdict.best else " "
        cells = "".join(f"  {cell:>{size}}" for cell, size in zip(row, wide, strict=True))
        lines.append(f"{mark} {_fitted(one.name, name)}{cells}")
    if len(kept) < len(answer.policies):
        lines.append(f"  and {plural(len(answer.policies) - len(kept), 'policy', 'policies')} more in the files")
    about = "kept: promises in percent, with the 95 % interval; half, 9 of 10: resolved by; moves: per 100 cases; regret: points below the ceiling; gain: points against as is"
    return [*(line.rstrip() for line in lines), *_wrapped(about, width, "  "), *_gain(answer, width)]


def _row(one: Compared, priorities: Sequence[str], heads: Sequence[str] | None = None) -> list[str]:
    """The cells of a policy, of *heads* only when they are given."""
    cells = {
        "kept": percent(one.attainment),
        "interval": between(*one.interval),
        **{name: percent(one.by_priority.get(name)) for name in priorities},
        "half": hours(one.p50_h.mean),
        "9 of 10": hours(one.p90_h.mean),
        "moves": number(one.reassignments.mean),
        "regret": number(one.regret),
        "gain": points(None if one.gain is None else one.gain.mean)
        + {"better": " better", "worse": " worse", "": ""}[clearly(one.gain)],
    }
    return [cells[head] for head in (heads or cells)]


def _least(heads: Sequence[str]) -> int:
    """Place of the column that is missed least."""
    for head in ("half", "moves", "9 of 10", "P4", "P3", "P2", "gain", "interval", "P1", "regret"):
        if head in heads:
            return heads.index(head)
    return len(heads) - 1


def _gain(answer: Answer, width: int) -> list[str]:
    """What the best one is worth, in a sentence with its interval."""
    best = next((one for one in answer.policies if one.name == answer.verdict.best), None)
    if best is None or best.gain is None:
        return []
    interval = between(best.gain.low, best.gain.high)
    said = f"* {best.name}: {points(best.gain.mean)} points" + (f", 95 % interval {interval}" if interval else "")
    said += f", better in {share_of(best.better, answer.measured.replications)}" if best.better is not None else ""
    return _wrapped(said if clearly(best.gain) else f"{said}. No clear difference", width)


def _ceiling(answer: Answer, width: int) -> list[str]:
    if answer.bound is None:
        return ["Ceiling: not computed"]
    by_priority = ", ".join(f"{name} {percent(kept)}" for name, kept in sorted(answer.bound.by_priority.items()))
    said = f"Ceiling: nobody could have kept more than {percent(answer.bound.attainment)}" + (
        f" ({by_priority})" if by_priority else ""
    )
    return _wrapped(said, width)


def _sweep(answer: Answer, width: int) -> list[str]:
    if not answer.sweep:
        return ["Other assumptions: none tried"]
    flips = flips_said(answer)
    if not flips:
        return _wrapped(f"The ranking holds under all {plural(len(answer.sweep), 'set')} of other assumptions", width)
    return _listed("The ranking flips: ", flips, width)


def _left_out(answer: Answer) -> str:
    one = answer.measured
    return (
        f"{plural(one.items, 'item')} counted in {number(one.weeks)} weeks; not counted: {count(one.warm_up)} of the warm-up,"
        f" {count(one.stragglers)} stragglers, {count(one.backlog)} of the backlog; {count(answer.source.rejected)} rows not read"
    )


def _listed(head: str, said: Iterable[str], width: int, most: int = LINES_MOST) -> list[str]:
    """Each text behind the same head, the first few of them."""
    every = list(said)
    lines = [line for text in every[:most] for line in _wrapped(text, width, head)]
    left = len(every) - most
    return [*lines, f"{' ' * len(head)}and {count(left)} more in the files"] if left > 0 else lines


def _wrapped(text: str, width: int, head: str = "") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False)


def _columns(text: str) -> int:
    """Columns that a terminal needs for the text."""
    return sum(
        2 if unicodedata.east_asian_width(sign) in "WF" else 0 if unicodedata.combining(sign) else 1 for sign in text
    )


def _fitted(text: str, columns: int) -> str:
    """Cut to so many columns, or filled up to them."""
    longest = len(text)
    while _columns(clipped(text, longest)) > columns:
        longest -= 1
    cut = clipped(text, longest)
    return cut + " " * (columns - _columns(cut))


def _plain(line: str) -> str:
    """A line that every terminal shows: what it cannot show is a question mark."""
    return line.translate(PLAIN).encode("ascii", "replace").decode()
