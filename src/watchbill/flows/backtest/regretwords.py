"""What a day in hindsight says in words: the same at the terminal and on its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

WHY: Mapping[str, str] = {
    "other_first": "Other work came first",
    "nobody_free": "Nobody able was free",
    "untaken": "Lay while somebody was there",
    "absent": "Nobody able was on shift",
    "outside": "Somebody outside had it",
    "held_up": "Could not be begun yet",
    "work": "Was worked on",
}
WHY_SAYS: Mapping[str, str] = {
    "other_first": "Everybody able who was there worked, and somebody on what weighs less or was due later",
    "nobody_free": "Everybody able who was there worked on what pressed at least as much",
    "untaken": "Somebody able was there, and no work of hers is known in these minutes",
    "absent": "By their hours and absences nobody able was there",
    "outside": "A customer or another party had it while the promise ran",
    "held_up": "It was not ready, for a reason that no order of work changes",
    "work": "Somebody worked on it, by the effort that is assumed",
}
NONE = "–"
NAMED = 3
"""Items named in a line of what came first."""


def limits(result: Mapping[str, Any]) -> list[str]:
    """What stands between these figures and the truth, in sentences."""
    low, _, high = result["sweep"]
    said = [
        (f"Effort is not recorded. {result['effort']['why']} If all work took {low['effort']:g} times as long, the ceiling would be"
        f" {percent(low['bound'])} and the day {points(low['regret'])} from it; at {high['effort']:g} times, {percent(high['bound'])} and"
        f" {points(high['regret'])}."),
        (f"The ceiling knows all that is to come, hands work over for nothing, and leaves what was due on other days aside: nobody could"
        f" have done better, and hardly anybody as well. Without regard to how many people there were it is {percent(result['by_window'])}."),
        ("Who was there are usual hours as they are set now and the extra ones of then, less absences and holidays, and whenever somebody is seen to have worked."
        " Calls, meetings and work without a trace are not known: who did them looks free. Of what people can do, their teams count."),
        "Only promises to customers to resolve count, on the day on which they ran out, without those whose exclusion was approved when this was worked out.",
    ]  # fmt: skip
    if result["beyond"]:
        said.append(
            f"Kept though the model has no time for it: {', '.join(result['beyond'][:NAMED])}"
            f"{more(len(result['beyond']) - NAMED)}. Effort or hours were not as assumed there, so that the day looks better than it could."
        )
    return [*said, *(f"{one}." for one in result["warnings"])]


def lines_of(result: Mapping[str, Any]) -> Iterator[str]:
    """A day at the terminal."""
    yield f"{result['day']} ({result['zone']})"
    yield result["sentence"]
    if not result["whole"]["due"]:
        return
    yield ""
    yield f"{'':<6}{'due':>6}{'kept':>6}{'could':>7}{'lost':>6}{'attained':>10}{'ceiling':>9}{'regret':>8}"
    for name, one in [
        *((f"P{n}", one) for n, one in enumerate(result["priorities"], start=1)),
        ("All", result["whole"]),
    ]:
        if one["due"]:
            yield (
                f"{name:<6}{one['due']:>6}{one['kept']:>6}{one['savable']:>7}{one['lost']:>6}{percent(one['attainment']):>10}"
                f"{percent(one['bound']):>9}{max(0.0, one['regret']):>8.1f}"
            )
    zone = ZoneInfo(result["zone"])
    for is_savable, head in ((True, "Could have been kept"), (False, "Could not have been kept by anybody")):
        cases = [one for one in result["cases"] if one["is_savable"] is is_savable]
        if cases:
            yield ""
            yield head
        for one in cases:
            yield f"  {one['item']} P{one['priority']} due {clock(one['due_at'], zone)}, {late(one)}{_why(one)}"
    yield ""
    yield from limits(result)


def _why(one: Mapping[str, Any]) -> str:
    if not one["is_savable"]:
        return ""
    return f". {WHY[one['why']]}: {span(one['minutes'].get(one['why'], 0))} of {span(sum(one['minutes'].values()))}{first(one)}"


def first(one: Mapping[str, Any]) -> str:
    """What was done before it."""
    if not one["first"]:
        return ""
    return f"; first came {', '.join(one['first'][:NAMED])}{more(one['first_count'] - NAMED)}"


def more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def late(one: Mapping[str, Any]) -> str:
    """How late a case was."""
    return "not done yet" if one["late_min"] is None else f"{span(one['late_min'])} late"


def span(minutes: int) -> str:
    """Elapsed or open minutes in hours and minutes."""
    hours, rest = divmod(int(minutes), 60)
    return f"{rest} min" if not hours else f"{hours:,} h {rest:02d} min" if rest else f"{hours:,} h"


def clock(text: str, zone: ZoneInfo) -> str:
    """An instant on the desk's wall clock."""
    return f"{datetime.fromisoformat(text).astimezone(zone):%H:%M}"


def percent(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f} %"


def points(value: float | None) -> str:
    return NONE if value is None else f"{max(0.0, value):.1f} points"
