"""The worked numbers of docs/algorithms/clocks.md are computed again, and must be found there word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.clocks.days import resolution, response

PAGE = (Path(__file__).parents[3] / "docs" / "algorithms" / "clocks.md").read_text(encoding="utf-8")
FRIDAY, MONDAY = "2016-03-04", "2016-03-07"


def told(outcome) -> dict[str, str]:
    """What an outcome says, in the words of the page."""
    elapsed_min, paused_h = int(outcome.elapsed.total_seconds()) // 60, outcome.paused.total_seconds() / 3600
    hours, minutes = divmod(elapsed_min, 60)
    return {
        "warning": f"warning {outcome.warn_at:%a %H:%M}" if outcome.warn_at else "",
        "due": f"due {outcome.due_at:%a %H:%M}",
        "breached": f"breached {outcome.breach_at:%a %H:%M}" if outcome.breach_at else "",
        "verdict": f"{outcome.status} with {hours} h {minutes:02} min",
        "shown": f"{hours} h on the clock",
        "paused": f"{paused_h:.0f} h paused",
    }


@pytest.mark.parametrize(
    ("row", "outcome", "words"),
    [
        (
            "P3 opened Fri 4 Mar 16:30; a person replies Mon 10:00 | response",
            response(FRIDAY, "16:30 opened new P3", "+3 10:00 reply new P3"),
            ["due", "verdict"],
        ),
        ("P2 opened Mon 09:00 | resolution", resolution(MONDAY, "09:00 opened new P2"), ["warning", "due"]),
        (
            "the same, waiting for the customer from Mon 11:00 to Tue 10:00 | resolution",
            resolution(
                MONDAY, "09:00 opened new P2", "11:00 state waiting_customer P2", "+1 10:00 state in_progress P2"
            ),
            ["paused", "due"],
        ),
        (
            "P2 opened Mon 09:00, resolved Mon 11:00, reopened Tue 11:00 | resolution",
            resolution(MONDAY, "09:00 opened new P2", "11:00 state resolved P2", "+1 11:00 state in_progress P2"),
            ["shown", "due"],
        ),
        (
            "P3 opened Mon 09:00, raised to P1 at 10:00 | resolution",
            resolution(MONDAY, "09:00 opened new P3", "10:00 priority new P1"),
            ["due"],
        ),
        (
            "P3 opened Mon 09:00, raised to P1 at 15:00 | resolution",
            resolution(MONDAY, "09:00 opened new P3", "15:00 priority new P1"),
            ["due", "breached"],
        ),
        (
            "P2 opened Mon 09:00, cancelled 10:00, taken back 16:00 | resolution",
            resolution(MONDAY, "09:00 opened new P2", "10:00 state cancelled P2", "16:00 state in_progress P2"),
            ["shown", "due"],
        ),
        (
            "P2 opened Fri 4 Mar 09:00, resolved Sat 10:00 | resolution",
            resolution(FRIDAY, "09:00 opened new P2", "+1 10:00 state resolved P2"),
            ["due", "verdict"],
        ),
        (
            "logged as assigned at 06:30, P3 opened Mon 09:00, in progress from 10:00 | response",
            response(MONDAY, "06:30 assigned new P3 @7", "09:00 opened new P3 @7", "10:00 state in_progress P3 @7"),
            ["due", "verdict"],
        ),
    ],
)
def test_the_page_tells_what_the_engine_computes(row, outcome, words):
    """Each row of the table of worked numbers is the engine's own answer."""
    said = told(outcome)
    assert f"| {row} | {', '.join(said[word] for word in words)} |" in PAGE


def test_every_row_of_the_table_is_computed():
    """Nobody adds a worked number without its test."""
    table = PAGE.split("### Worked numbers")[1].split("## Pause")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    (mark,) = (mark for mark in test_the_page_tells_what_the_engine_computes.pytestmark if mark.name == "parametrize")
    assert len(rows) - 1 == len(mark.args[1])
