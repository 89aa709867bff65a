"""The last weeks of a desk simulated under other numbers of its policy: asked for, suggested, kept; nothing is applied."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.exceptions import JobAborted

from tests.factories import BOSS
from tests.flows.assign.small_desk import NOW, item_row, make_small_desk
from watchbill.apps.core.runs import DONE, STOPPED, WAITING
from watchbill.apps.decisions.queries import policy_in_force
from watchbill.apps.decisions.tunings import tuned_since, tuning_list, tuning_row
from watchbill.apps.people.rights import Role
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import InvalidFacts, NotAllowed
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_state
from watchbill.flows.assign.courses import courses_of
from watchbill.flows.assign.dryrun import dry_run_ask
from watchbill.flows.assign.tuning import suggested, tuning_ask, tuning_do, tunings_ask_due
from watchbill.interfaces import jobs

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)
LATER = NOW + 3 * WEEK


@pytest.fixture
def desk():
    """Each Monday and Tuesday two items for the mail; of the first week's, one was never taken up."""
    made = make_small_desk()
    for week in range(3):
        for day in (0, 1):
            for minute in (0, 10):
                at = NOW + week * WEEK + timedelta(days=day, minutes=minute)
                item_id = made.item(now=at, priority=1 if minute else 3)
                if week or day or minute:
                    done(made, item_id, at + timedelta(hours=1))
    return made


def done(desk, item_id, now):
    row = item_row(item_id)
    item_state(row["reference"], State.RESOLVED, version=row["version"], by=desk.by(), now=now)


def asked(desk, **how):
    return tuning_ask(desk.id, is_waking=False, by=BOSS, now=LATER, **how)


def test_weeks_are_as_they_were(desk):
    """Each with what came in it and what waited when it began, the oldest first; people who may, in their hours."""
    first, second, third = courses_of(desk.id, Policy(), LATER, weeks=5)
    assert [len(one.model.cases) for one in (first, second, third)] == [4, 5, 5]
    assert [one.since for one in (first, second, third)] == [NOW, NOW + WEEK, NOW + 2 * WEEK]
    assert len(first.model.agents) == len(desk.people)
    old = min(second.model.cases, key=lambda case: case.id)
    assert (old.opened_min, old.counts, second.lost) == (0, False, 1)
    night = next(one for one in first.model.agents if one.id == desk.people["Nora"])
    assert night.shifts[0] == (11 * 60, 21 * 60)
    assert all(agent.shifts[-1][1] > first.model.horizon_min for agent in first.model.agents)


def test_the_reads_do_not_grow_with_the_work(desk):
    """As many queries for a week with more items."""
    with CaptureQueriesContext(connection) as before:
        courses_of(desk.id, Policy(), LATER, weeks=3)
    for minute in range(20):
        desk.item(now=NOW + WEEK + timedelta(minutes=minute))
    with CaptureQueriesContext(connection) as after:
        courses_of(desk.id, Policy(), LATER, weeks=3)
    assert len(after) == len(before)


def test_a_tuning_is_kept_and_changes_nothing(desk):
    """Every setting in a table beside what is in force; nothing to choose between on an idle desk; the policy stays."""
    before = policy_in_force(desk.id, LATER)
    run_id = asked(desk, weeks=3)
    assert tuning_do(run_id)
    row = tuning_row(run_id)
    assert (row.state, row.message) == (DONE, "")
    assert row.items == row.items_done > 0
    result = row.result
    assert (result["is_change"], suggested(row)) == (False, None)
    assert result["in_force"] == result["suggested"] == {"look_ahead": 4.0, "late_growth": 0.05}
    assert len(result["weeks"]) == 3
    assert len(result["trials"]) == row.items / 3
    assert result["weeks"][0]["promises"] == 4
    assert policy_in_force(desk.id, LATER) == before
    assert not tuning_do(run_id)


def test_what_is_suggested_can_be_run_dry(desk):
    """The draft of a tuning is the policy in force with the numbers found."""
    run_id = asked(desk, weeks=3)
    tuning_do(run_id)
    row = tuning_row(run_id)
    row.result.update(is_change=True, suggested={"look_ahead": 2.0, "late_growth": 0.1})  # type: ignore[union-attr]
    draft = suggested(row)
    assert Policy.from_json(draft) == Policy(look_ahead=2.0, late_growth=0.1)
    dry_run_ask(desk.id, draft, is_waking=False, by=BOSS, now=LATER)


def test_luck_is_not_told_from_gain_by_one_week():
    """A desk with too little history says so, and what to do."""
    desk = make_small_desk()
    desk.item(now=LATER - timedelta(days=1))
    run_id = asked(desk)
    assert tuning_do(run_id)
    row = tuning_row(run_id)
    assert row.state == STOPPED
    assert row.message.startswith("In the last 8 weeks of this desk there are not two in which")


def test_a_worker_that_is_told_to_stop_leaves_it_waiting(desk):
    """What was begun is begun anew by the next one."""
    run_id = asked(desk, weeks=2)

    def stop(done: int, _all: int) -> None:
        if done == 3:
            raise JobAborted

    with pytest.raises(JobAborted):
        tuning_do(run_id, tell=stop)
    assert (tuning_row(run_id).state, tuning_row(run_id).tries) == (WAITING, 0)
    assert jobs.tunings_run() == 1
    assert tuning_row(run_id).state == DONE


def test_who_may_ask_and_for_how_long(desk):
    """Owners and managers; two weeks to half a year; the same that is under way is not begun twice."""
    with pytest.raises(NotAllowed):
        tuning_ask(desk.id, by=desk.by(Role.AGENT), now=LATER)
    with pytest.raises(InvalidFacts, match="expected 2 to 26, got 1"):
        asked(desk, weeks=1)
    assert asked(desk) == asked(desk)
    assert asked(desk, weeks=3) != asked(desk)


def test_desks_with_history_are_tuned_by_themselves(desk):
    """Once in four weeks, by Watchbill; a desk without history of so long is left alone."""
    assert tunings_ask_due(LATER) == 0
    later = LATER + 2 * WEEK
    assert tunings_ask_due(later) == 1
    (row,) = tuning_list(desk.id)
    assert (row.by_name, row.weeks) == ("Watchbill", 8)
    assert tuned_since(desk.id, later)
    assert tunings_ask_due(later + 3 * WEEK) == 0
