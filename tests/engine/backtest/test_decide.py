"""From any history to an answer that makes sense, or to a refusal that says what is missing; never to anything else."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.backtest.twin.oddlogs import ASKED, PROMISE, Odd, answer, lines_of, plain_answer
from watchbill.engine.backtest.answer import Grade, Sort
from watchbill.engine.backtest.asked import Point, asked_for
from watchbill.engine.base.errors import InvalidFacts


def numbers(value):
    """All numbers in a form, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for each in value for number in numbers(each)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def require_sense(found):
    """Shares are percents, nothing is no number, and what is said can be written down."""
    form = json.loads(json.dumps(found.as_json()))
    assert all(math.isfinite(number) for number in numbers(form["policies"]))
    for row in found.policies:
        assert 0 <= row.attainment <= 100
        assert all(share is None or 0 <= share <= 100 for share in row.by_priority.values())
        assert row.regret is None or row.regret >= 0
        assert row.p50_h.mean <= row.p90_h.mean
    assert found.twin.grade in Grade
    assert found.measured.items + found.measured.warm_up + found.measured.stragglers == found.source.items


def sensible(lines, **facts):
    found = answer(lines, **facts)
    require_sense(found)
    return found


def test_a_plain_log_is_answered():
    """As was, as is, and each policy asked for; none keeps more than the ceiling says."""
    found = plain_answer()
    require_sense(found)
    assert [row.sort for row in found.policies] == [Sort.AS_WAS, Sort.AS_IS, Sort.PEER, Sort.PEER]
    assert found.bound is not None
    assert found.warnings


def test_regret_is_against_the_ceiling_of_the_same_courses():
    """Ceiling minus attainment, over all courses of the comparison: each priority's too, and never below nothing."""
    found = sensible(lines_of(Odd()), asked=replace(ASKED, replications=3))
    alone = [plain_answer(replace(ASKED, replications=1, seed=seed)).bound for seed in (1, 2, 3)]
    assert found.bound is not None
    assert found.bound.attainment == pytest.approx(sum(one.attainment for one in alone) / 3)
    assert len({one.attainment for one in alone}) > 1
    assert found.bound.at_effort == alone[0].at_effort
    for row in found.policies[1:]:
        assert row.regret == pytest.approx(found.bound.attainment - row.attainment)
        assert all(row.regret_by_priority[name] >= 0 for name, kept in row.by_priority.items() if kept is not None)
    assert f"obody could have kept more than {found.bound.attainment:.1f} %" in found.verdict.detail


def test_the_verdict_names_nobody_who_is_behind_as_is():
    """The best is whoever keeps the most, the desk as it is among them."""
    found = plain_answer()
    most = max(found.policies[1:], key=lambda row: row.attainment)
    assert next(row for row in found.policies if row.name == found.verdict.best).attainment == most.attainment


def test_what_if_is_told_apart_from_the_policies():
    """What is asked changes the desk as it is; the sentence is about that, and no policy gets credit for it."""
    found = sensible(lines_of(Odd()), asked=replace(ASKED, what_if=("arrivals=3",)))
    then = next(row for row in found.policies if row.sort is Sort.WHAT_IF)
    assert "3 times as much comes in" in found.verdict.sentence
    assert f"would keep {then.attainment:.1f} %" in found.verdict.sentence


def test_the_order_of_lines_does_not_matter():
    """A log shuffled in time is the same log."""
    lines = lines_of(Odd())
    shuffled = [lines[place] for place in np.random.default_rng(3).permutation(len(lines))]
    assert shuffled != lines
    assert answer(shuffled).as_json() == plain_answer().as_json()


def test_the_same_seed_gives_the_same_answer():
    """Twice, and whatever the order in which policies are asked for."""
    lines = lines_of(Odd())
    one = plain_answer()
    assert answer(lines).as_json() == one.as_json()
    turned = answer(lines, asked=replace(ASKED, contenders=ASKED.contenders[::-1]))
    assert {row.name: row for row in turned.policies} == {row.name: row for row in one.policies}


def test_another_seed_gives_another_answer():
    """The luck is drawn."""
    assert plain_answer(replace(ASKED, seed=2)).policies != plain_answer().policies


ANSWERED = {
    "one person": Odd(people=1),
    "all of one priority": Odd(priorities=1),
    "no teams": Odd(teams=0),
    "one category": Odd(categories=1),
    "half never closed": Odd(opened=0.45),
    "half of the owners unknown": Odd(unknown=0.5),
    "two weeks": Odd(days=14.2),
    "a year": Odd(days=365, items=1500),
    "a clock change": Odd(begins_at=datetime(2026, 10, 12, 6, tzinfo=UTC)),
}


@pytest.mark.parametrize("odd", ANSWERED.values(), ids=ANSWERED)
def test_odd_logs_are_answered(odd):
    """With figures that make sense, and with a warning."""
    assert sensible(lines_of(odd)).warnings


def no_resolutions():
    return [line for line in lines_of(Odd()) if line.state != "resolved"]


def all_at_once():
    return [line._replace(opened_at="2026-09-07T06:00:00+00:00") for line in lines_of(Odd())]


def all_resolved_at_opening():
    lines = [line for line in lines_of(Odd(opened=0.0)) if line.state in ("new", "resolved")]
    return [line._replace(at=line.opened_at) for line in lines]


REFUSED = {
    "all resolved at opening": (all_resolved_at_opening, "only when they were opened"),
    "no resolutions": (no_resolutions, "ever resolved"),
    "never closed": (lambda: lines_of(Odd(opened=1.0)), "ever resolved"),
    "nine in ten owners unknown": (lambda: lines_of(Odd(unknown=0.9)), "say who did them"),
    "nobody known": (lambda: lines_of(Odd(unknown=1.0)), "say who did them"),
    "hardly any acts": (lambda: lines_of(Odd(days=365)), "often enough"),
    "one item": (lambda: lines_of(Odd(items=1)), "at least 14"),
    "all at one instant": (all_at_once, "at least 14"),
    "no lines": (list, "no items"),
    "an hour less than two weeks": (lambda: lines_of(Odd(days=13.9)), "at least 14"),
    "too few in the last quarter": (lambda: lines_of(Odd(items=120)), "fewer than 50"),
}


@pytest.mark.parametrize(("lines", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_rebuilt_is_refused(lines, says):
    """In a sentence that says what is missing."""
    with pytest.raises(InvalidFacts, match=says):
        answer(lines())


def test_three_months_of_holiday():
    """Nothing comes in and nobody works for a quarter of a year in the middle: answered, and nobody is there then."""
    early = lines_of(Odd(items=300))
    late = lines_of(Odd(seed=2, items=300, begins_at=datetime(2027, 1, 4, 7, tzinfo=UTC)))
    found = sensible(early + [line._replace(item=f"L{line.item}") for line in late])
    assert found.measured.items > 300


def test_people_who_only_pass_on():
    """Owners change and nothing is ever ended by most: whoever resolves is one robot."""
    lines = [line._replace(owner="R", is_robot=True) if line.state == "resolved" else line for line in lines_of(Odd())]
    sensible(lines)


def test_other_assumptions_are_compared():
    """A point of the sweep has the same policies, as a ranking of all of them."""
    points = (Point(name="effort x2", effort=2.0), Point(name="other", second_order=True))
    found = sensible(lines_of(Odd()), asked=replace(ASKED, points=points, swept=2))
    assert [point.name for point in found.sweep] == ["effort x2", "other"]
    assert {*found.sweep[0].ranking} == {"as is", "fifo", "least active"}
    assert found.sweep[0].attainment["as is"] <= found.policies[1].attainment + 5


def test_a_policy_against_itself_gains_nothing():
    """As is by its own name, on the same luck: every paired difference is 0."""
    from watchbill.engine.backtest.contest import compared, contest_of, play, runs_of, table_of
    from watchbill.engine.backtest.twin.draw import stretch_of
    from watchbill.engine.backtest.twin.history import history_of
    from watchbill.engine.backtest.twin.learn import learn

    history = history_of(lines_of(Odd()), zone=ANSWERED["one person"].begins_at.tzinfo)
    twin = learn(history, PROMISE)
    opened = history.opened_us
    stretch = stretch_of(twin, history, since_us=int(opened[0]), until_us=int(opened[-1]))
    again = replace(asked_for(("fifo",))[0], name="again", make=twin.order.policy)
    contest = contest_of(stretch, [again])
    runs = runs_of(contest, 3, 1)
    table = table_of(runs, [play(contest, run) for run in runs])
    row = compared(again, table["again"], table["as is"], weeks=4.0)
    assert row.gain is not None
    assert (row.gain.mean, row.gain.low, row.gain.high, row.better) == (0.0, 0.0, 0.0, 0.0)


odd_logs = st.builds(
    Odd,
    seed=st.integers(0, 10_000),
    items=st.sampled_from([1, 40, 230, 300]),
    days=st.sampled_from([0.1, 13.0, 14.5, 30.0, 100.0]),
    people=st.integers(1, 12),
    teams=st.integers(0, 5),
    categories=st.integers(1, 9),
    priorities=st.integers(1, 4),
    unknown=st.sampled_from([0.0, 0.3, 0.65, 0.95]),
    waits=st.sampled_from([0.0, 0.5, 1.0]),
    passed=st.sampled_from([0.0, 0.5, 1.0]),
    opened=st.sampled_from([0.0, 0.2, 0.45, 1.0]),
    begins_at=st.sampled_from([datetime(2026, 10, 19, 6, tzinfo=UTC), datetime(2028, 2, 21, 22, tzinfo=UTC)]),
)


@settings(max_examples=15, deadline=None)
@given(odd_logs, st.integers(0, 3))
def test_any_log_is_answered_or_refused(odd, mangled):
    """Whatever is in it, and with states, owners or instants taken out of place."""
    lines = lines_of(odd)
    rng = np.random.default_rng(odd.seed)
    if mangled == 1:
        lines = [line for line in lines if rng.random() < 0.7] or lines
    if mangled == 2:
        lines = [line._replace(state=str(rng.choice(["new", "scheduled", "closed", "cancelled"]))) for line in lines]
    if mangled == 3:
        late = [datetime.fromisoformat(line.at) - timedelta(hours=int(rng.integers(0, 9))) for line in lines]
        lines = [line._replace(at=at.isoformat()) for line, at in zip(lines, late, strict=True)]
    try:
        found = answer(lines, asked=replace(ASKED, replications=1, trials=1))
    except InvalidFacts:
        return
    require_sense(found)
