"""From an answer to what is shown of it."""

from __future__ import annotations

from dataclasses import replace

from tests.flows.backtest.report.answers import answer
from watchbill.engine.backtest.answer import Grade
from watchbill.flows.backtest.report.view import report_of


def test_a_promise_is_said_in_words():
    """Our own words lose their underscores, names of others keep theirs; what is the same for all is said once."""
    hours = "Monday to Friday 08:00 to 18:00, America/Sao_Paulo"
    promise = {
        "targets_h": {"P1": 4.0, "P2": 8.5},
        "hours": {"P1": hours, "P2": hours},
        "paused": ["waiting_customer"],
        "none": None,
    }
    made = replace(answer(), promise=promise)
    assert report_of(made.as_json()).promise == (
        ("Targets, hours", "P1 4, P2 8.5"),
        ("Hours", f"{hours} (P1, P2)"),
        ("Paused", "waiting customer"),
        ("None", "-"),
    )


def test_a_reason_that_is_a_gate_is_said_once():
    """The grade's reasons stand beside the gates: only what those do not say already."""
    made = answer(Grade.C)
    twin = replace(made.twin, why=(made.twin.gates[0].says, "Something else."))
    assert report_of(replace(made, twin=twin).as_json()).twin.why == ("Something else.",)


def test_illustrative_is_said_once_in_the_sentence():
    """Whoever wrote the sentence may have said so already."""
    made = answer(Grade.C)
    said = replace(made, verdict=replace(made.verdict, sentence="Illustrative only: nobody is better."))
    assert report_of(made.as_json()).prefix == "Illustrative:"
    assert report_of(said.as_json()).prefix == ""
    assert report_of(answer().as_json()).prefix == ""


def test_a_measure_of_shares_has_its_values_in_percent():
    """What is apart by points is itself a share; without a limit it is held against nothing."""
    rows = {one.name: one for one in report_of(answer().as_json()).twin.measures}
    assert (rows["P1 kept"].real, rows["P1 kept"].distance) == ("91.0 %", "1.20 points")
    assert (rows["Utilisation, busiest team"].word, rows["Utilisation, busiest team"].bullet) == ("No limit", None)


def test_weeks_and_demand_are_drawn_of_what_is_told():
    """The named policy against as is, week by week, and each policy over demand; nothing of an older file, which has neither."""
    made = answer()
    report = report_of(made.as_json())
    assert report.weekly is not None
    assert report.weekly.title.startswith(f"Week by week, {made.verdict.best}")
    assert len(report.weekly.weeks) == 8
    assert {week.mark for week in report.weekly.weeks} >= {"better"}
    assert report.demand is not None
    assert [label for _, label in report.demand.x_ticks] == ["x0.8", "x1", "x1.2", "x1.4"]
    assert sorted(line.look for line in report.demand.lines if line.label) == ["as_is", "best"]
    older = made.as_json()
    del older["demand"]
    for one in older["policies"]:
        del one["weekly"]
    report = report_of(older)
    assert (report.weekly, report.demand) == (None, None)
