"""The geometry of the chart of clocks: one axis, nothing outside it, nothing too thin to be seen."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.interfaces.web.made_up import NOW, OFFICE, a_line
from watchbill.engine.base.calendar import Calendar
from watchbill.interfaces.web.clockchart import THINNEST, clock_chart

DAY_MIN = 1440


def drawn(*lines, now=NOW):
    return clock_chart(lines, now=now, heads=("Clock",))


def share(percent):
    return float(percent.removesuffix("%"))


def test_stretches_follow_each_other_on_the_axis():
    """Run, pause, run and what is left: each begins where the one before ends, now where the last one ends."""
    chart = drawn(a_line("Resolution", ("run", -60, -40), ("pause", -40, -20), ("run", -20, 0), ("left", 0, 60)))
    (row,) = chart.rows
    assert [piece.look for piece in row.pieces] == ["run", "pause", "run"]
    for before, after in pairwise([*row.pieces, *row.plain]):
        assert share(before.x) + share(before.width) == pytest.approx(share(after.x), abs=0.01)
    assert share(chart.now_x) == pytest.approx(share(row.plain[0].x), abs=0.01)
    assert [look for look, _ in chart.key] == ["run", "pause", "left"]


def test_nothing_lies_outside_the_axis():
    """Whatever the clocks speak of, from the first start to the last mark, is between 0 and 100 per cent."""
    chart = drawn(
        a_line("Response", ("run", -3 * DAY_MIN, -2000), marks=(("due", -2500), ("breach", -2500), ("end", -2000))),
        a_line("Resolution", ("run", -3 * DAY_MIN, 0), ("left", 0, 9 * DAY_MIN), marks=(("due", 9 * DAY_MIN),)),
    )
    pieces = [piece for row in chart.rows for piece in (*row.pieces, *row.plain, *row.marks)]
    assert all(share(piece.x) >= 0 and share(piece.x) + share(piece.width) <= 100 for piece in pieces)
    assert all(0 < share(x) < 100 for x, _, _ in chart.ticks)
    assert [row.y for row in chart.rows] == sorted({row.y for row in chart.rows})
    assert chart.rows[-1].y < chart.height


def test_a_stretch_of_a_second_in_a_year_is_still_there():
    """Thin stretches keep a width, so that they can be pointed at; nights of a year are drawn while they can be seen."""
    chart = drawn(a_line("Resolution", ("run", -365 * DAY_MIN, -10), ("pause", -10, -9.99), ("run", -9.99, 0)))
    assert share(chart.rows[0].pieces[1].width) == THINNEST
    assert chart.rows[0].shut.count("M") == 266  # five a week, in the year and its 2 per cent of room


def test_closed_hours_are_those_of_the_clocks_own_calendar():
    """A calendar that never closes has none; the office has its nights."""
    line = a_line("Resolution", ("run", -3 * DAY_MIN, 0))
    shut = [drawn(line).rows[0].shut.count("M")]
    always = type(line)(**{name: getattr(line, name) for name in line.__slots__ if name != "calendar"},
                        calendar=Calendar.always())  # fmt: skip
    shut.append(drawn(always).rows[0].shut.count("M"))
    assert shut == [2, 0]  # Saturday to Monday morning, Monday night
    assert OFFICE.zone == "UTC"


def test_the_axis_of_clocks_that_have_ended_ends_with_them():
    """A case that was closed in spring is not a thin line at the left of a year."""
    chart = drawn(a_line("Resolution", ("run", -300 * DAY_MIN, -299 * DAY_MIN), note="met"))
    assert chart.now_x == ""
    assert "now" not in chart.summary
    assert share(chart.rows[0].pieces[0].width) > 95


def test_no_clocks_no_chart():
    """Nothing to draw is no chart."""
    assert drawn() is None


@pytest.mark.parametrize(
    ("minutes", "is_time"), [(30, True), (600, True), (20 * DAY_MIN, False), (900 * DAY_MIN, False)]
)
def test_ticks_are_round_and_few(minutes, is_time):
    """Times of day on a short axis, dates on a long one; every other one can be left out on a phone."""
    chart = drawn(a_line("Resolution", ("run", -minutes, 0)), now=NOW + timedelta(minutes=1))
    assert 1 <= len(chart.ticks) <= 7
    assert all((":" in label) is is_time for _, label, _ in chart.ticks)
    assert sum(not is_minor for _, _, is_minor in chart.ticks) <= 4
