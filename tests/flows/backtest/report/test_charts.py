"""Geometry of the charts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.flows.backtest.report.answers import answer
from watchbill.engine.backtest.answer import BacklogDay, Curve, Grade, Learned, Measure
from watchbill.flows.backtest.report import charts
from watchbill.flows.backtest.report.shown import Table
from watchbill.flows.backtest.report.view import report_of

EMPTY = Table(heads=(), rows=())
COUNTS = st.integers(0, 10**6)


def numbers_in(path: str) -> list[tuple[float, float]]:
    """The points of a path."""
    return [tuple(map(float, point.split())) for point in path.strip("MZ ").split(" L")]


@given(
    st.lists(
        st.tuples(COUNTS, st.lists(st.floats(0, 1e6), min_size=3, max_size=3).map(sorted)), min_size=2, max_size=40
    )
)
def test_a_backlog_stays_inside_its_frame(days):
    """Every line and the band lie inside, what is outside of the band is marked, and the table has all days."""
    made = [BacklogDay(on="2016-05-01", real=real, low=a, middle=b, high=c) for real, (a, b, c) in days]
    chart = charts.backlog_chart(made, note="")
    for path in (chart.band, chart.real, chart.simulated):
        assert all(0 <= x <= chart.width and 0 <= y <= chart.height for x, y in numbers_in(path))
    assert len(chart.out) == sum(not one.low <= one.real <= one.high for one in made)
    assert len(chart.table.rows) == len(made)


@given(
    st.dictionaries(st.text(min_size=1, max_size=9), st.floats(0, 100), min_size=1, max_size=20),
    st.floats(0, 100) | st.none(),
)
def test_better_policies_are_further_right(kept, bound):
    """Dots keep the order of the shares and lie between the ends of the axis, and so does the ceiling."""
    chart = charts.dot_chart([("P1", kept, bound, "")], key="priority", title="x", best="", reference="", table=EMPTY, note="")  # fmt: skip
    (row,) = chart.rows
    places = [dot.x for dot in row.dots] + ([] if bound is None else [row.bound_x])
    assert all(chart.left <= x <= chart.right for x in places)
    by_name = sorted(kept.values())
    assert [x for _, x in sorted(zip(kept.values(), (dot.x for dot in row.dots), strict=True))] == sorted(
        dot.x for dot in row.dots
    )
    assert len(by_name) == len(row.dots)


@given(st.lists(st.tuples(st.text(max_size=30), st.floats(0, 1e5), st.floats(0, 1e5)), max_size=200))
def test_bars_stand_side_by_side(bars):
    """Inside the frame and in their order, however many; none, no chart."""
    chart = charts.learned_chart(Learned(part="x", says="", evidence=1, bars=tuple(bars)), note="")
    assert (chart is None) == (not bars)
    if chart is not None:
        assert all(one.x >= 0 and one.x + one.width <= chart.width + 0.1 for one in chart.bars)
        assert all(0 <= one.y <= chart.height and 0 <= one.learned_y <= chart.height for one in chart.bars)
        assert [one.x for one in chart.bars] == sorted(one.x for one in chart.bars)


@given(st.floats(0, 1e6), st.floats(0, 1e6) | st.none(), st.floats(0, 1e6) | st.none())
def test_a_distance_past_its_limit_is_past_its_mark(distance, floor, limit):
    """The bar is longer than the mark exactly when the distance is larger, and no mark leaves the frame."""
    one = Measure(key="", name="", unit="", real=None, simulated=None, low=None, high=None, distance=distance,
                  floor=floor, limit=limit, is_passed=None)  # fmt: skip
    bar = charts.bullet(one)
    assert (bar is None) == (floor is None and limit is None)
    if bar is not None:
        assert 0 <= bar.width <= 100
        if limit is not None:
            assert 0 <= bar.limit <= 100
            assert (bar.width >= bar.limit) or distance <= limit


def test_too_little_to_draw_is_no_chart():
    """One day is no path, and a curve of one point is none."""
    assert charts.backlog_chart([], note="") is None
    assert charts.cycle_chart(Curve(hours=(1.0,), real=(0.5,), simulated=(0.5,)), note="") is None
    assert charts.whisker(None, 1.0, None, None, None) is None


def test_the_sweep_says_where_it_flips_and_which_way():
    """Who is ahead now is read from the ranking, whichever way round a pair is written."""
    made = answer()
    turned = replace(made, sweep=tuple(replace(one, flips=tuple((b, a) for a, b in one.flips)) for one in made.sweep))
    said = report_of(made.as_json()).sweep.flips
    assert said == ("effort x2, people x1: earliest due comes before Watchbill",)
    assert report_of(turned.as_json()).sweep.flips == said


def test_every_chart_of_grade_c_has_its_note():
    """And those of other grades have none."""
    for grade in Grade:
        report = report_of(answer(grade).as_json())
        drawn = [report.twin.backlog, report.twin.cycle, report.priorities.chart, report.sweep.chart]
        drawn += [one.chart for one in report.learned if one.chart]
        assert {bool(one.note) for one in drawn} == {grade == Grade.C}
