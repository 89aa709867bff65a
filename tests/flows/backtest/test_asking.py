"""Policies compared on a desk's own history: asked for, done by the worker, kept, stopped; begun anew when it was killed."""

import pytest
from procrastinate.exceptions import JobAborted

from tests.factories import BOSS, NOW, make_desk, make_item
from tests.flows.backtest.report.answers import answer
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.core.runs import DONE, RUNNING, STOPPED, WAITING
from watchbill.apps.people.bulk import team_ensure_many
from watchbill.apps.people.rights import Role
from watchbill.apps.reports.backtests import BACKTESTS, backtest_cancel, backtest_get, backtest_page, backtest_row
from watchbill.apps.work.queues import queue_save
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.slips import slips_of
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.dryrun import dry_run_ask
from watchbill.flows.backtest import asking
from watchbill.flows.backtest.asking import backtest_ask, backtest_do, backtests_run, choices_of
from watchbill.flows.backtest.desk import history_of_desk, names_of_desk
from watchbill.interfaces import jobs

pytestmark = pytest.mark.django_db

NAMES = ("fifo", "watchbill")


@pytest.fixture
def compared(monkeypatch):
    """What was asked of the engine, which answers at once; it tells half its way."""
    calls = []

    def stub(history, source, promise, asked, *, tell, **where):
        calls.append((history, source, promise, asked, where))
        tell("comparing", 0.5)
        tell("ceiling", 1.0)
        return answer()

    monkeypatch.setattr(asking, "backtest", stub)
    return calls


def asked(desk, names=NAMES, **how):
    return backtest_ask(desk.id, names, is_waking=False, **{"by": BOSS, "now": NOW} | how)


def test_a_backtest_is_kept_whole(desk, compared):
    """The desk's events and promise go in, the answer as JSON comes out; what the promise leaves out is among the warnings."""
    desk.item(now=NOW)
    run_id = asked(desk)
    assert backtest_do(run_id)
    row = backtest_row(run_id)
    assert (row.state, row.share, row.doing, row.reference) == (DONE, 1.0, "ceiling", f"BKT-{run_id}")
    assert row.result["schema"].startswith("watchbill.backtest/")
    ((history, source, promise, how, where),) = compared
    assert (history.size, source.items, source.zone) == (1, 1, "UTC")
    assert min(promise.targets_min.values()) == 240
    assert [one.name for one in how.contenders] == ["fifo", "watchbill"]
    assert (how.replications, how.points, where["workers"] >= 2) == (5, (), True)
    assert not backtest_do(run_id)
    (line,) = backtest_page(desk.id, by=BOSS)
    assert (line.grade, line.policies, line.depth) == (row.result["twin"]["grade"], ["fifo", "watchbill"], "quick")


def test_a_cluster_takes_the_place_of_the_cores(desk, compared, settings):
    """Where one is set up, all of it is used."""
    settings.RAY_ADDRESS = "10.0.0.5:6379"
    desk.item(now=NOW)
    assert backtest_do(asked(desk))
    assert compared[0][-1] == {"ray": "10.0.0.5:6379"}


def test_a_full_one_tries_other_assumptions(desk, compared):
    """More replications, and points of a sweep."""
    desk.item(now=NOW)
    backtest_do(asked(desk, depth="full"))
    assert compared[0][3].replications == 30
    assert len(compared[0][3].points) == 4


def test_drafts_of_the_desk_are_among_the_choices(desk, compared):
    """Each policy that differs, once; kept as it was when asked for."""
    usual = [one.name for one in choices_of(desk.id, NOW)]
    assert "fifo" in usual
    assert not [one for one in choices_of(desk.id, NOW) if one.is_draft]
    dry = dry_run_ask(desk.id, {"look_ahead": 2.0}, is_waking=False, by=BOSS, now=NOW)
    dry_run_ask(desk.id, {}, is_waking=False, by=BOSS, now=NOW)
    name = f"watchbill DRY-{dry}"
    assert [one.name for one in choices_of(desk.id, NOW) if one.is_draft] == [name]
    desk.item(now=NOW)
    run_id = asked(desk, ["fifo", name])
    assert backtest_row(run_id).drafts == [name]
    backtest_do(run_id)
    contender = compared[0][3].contenders[1]
    assert (contender.name, contender.make.parameters.look_ahead) == (name, 2.0)


def test_a_draft_of_another_desk_is_none(desk):
    """Its name is answered like one that nobody has."""
    other = make_desk()
    dry = dry_run_ask(other, {"look_ahead": 2.0}, is_waking=False, by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match=f"no policy “watchbill DRY-{dry}”"):
        asked(desk, [f"watchbill DRY-{dry}"])


def test_who_may_ask_and_for_what(desk):
    """Managers; policies that there are; the same that is under way is not begun twice; it is in the audit trail."""
    with pytest.raises(NotAllowed):
        asked(desk, by=desk.by(Role.COORDINATOR))
    with pytest.raises(InvalidFacts, match="no policy “luck”"):
        asked(desk, ["luck"])
    with pytest.raises(InvalidFacts, match="at least one policy"):
        asked(desk, [])
    with pytest.raises(InvalidFacts, match="quick or full"):
        asked(desk, depth="deep")
    run_id = asked(desk)
    assert asked(desk) == run_id
    assert asked(desk, depth="full") != run_id
    row = AuditEvent.objects.filter(action="backtest_asked", object_ref=f"BKT-{run_id}").first()
    assert row.after == {"policies": ["fifo", "watchbill"], "depth": "quick"}


def test_one_is_cancelled_while_it_waits_or_runs(desk, compared):
    """It ends there and then, and whoever does it leaves off at the next step without taking it up again."""
    desk.item(now=NOW)
    waiting = asked(desk)
    with pytest.raises(NotAllowed):
        backtest_cancel(waiting, by=desk.by(Role.COORDINATOR), now=NOW)
    backtest_cancel(waiting, by=BOSS, now=NOW)
    assert (backtest_row(waiting).state, backtest_row(waiting).message) == (STOPPED, "Cancelled by test (console)")
    assert not backtest_do(waiting)
    with pytest.raises(Conflict, match="has ended"):
        backtest_cancel(waiting, by=BOSS, now=NOW)
    running = asked(desk)

    def cancel(done: int, _all: int) -> None:
        if done == 500:
            assert backtest_row(running).state == RUNNING
            backtest_cancel(running, by=BOSS, now=NOW)

    assert backtest_do(running, tell=cancel)
    assert (backtest_row(running).state, backtest_row(running).result) == (STOPPED, None)
    assert AuditEvent.objects.filter(action="backtest_cancelled").count() == 2


def test_a_worker_that_is_told_to_stop_leaves_it_waiting(desk, compared):
    """What was begun is begun anew by the next one."""
    desk.item(now=NOW)
    run_id = asked(desk)

    def stop(done: int, _all: int) -> None:
        if done:
            raise JobAborted

    with pytest.raises(JobAborted):
        backtest_do(run_id, tell=stop)
    assert (backtest_row(run_id).state, backtest_row(run_id).tries) == (WAITING, 0)
    assert jobs.backtests_run() == 1
    assert backtest_row(run_id).state == DONE


def test_a_desk_without_history_says_so(desk, compared):
    """It is stopped with what is missing, and what to do."""
    run_id = asked(desk)
    assert backtests_run() == 1
    row = backtest_row(run_id)
    assert (row.state, compared) == (STOPPED, [])
    assert row.message.startswith("This desk has no history yet")


def test_the_list_goes_on_by_key(desk):
    """The latest first; those before a key; one query however many; not for those who may not look."""
    keys = [asked(desk, ["fifo"], now=NOW, depth=depth) for depth in ("quick", "full")]
    assert [line.id for line in backtest_page(desk.id, by=BOSS)] == keys[::-1]
    assert [line.id for line in backtest_page(desk.id, before=keys[1], by=BOSS)] == keys[:1]
    assert backtest_page(desk.id, only=DONE, by=BOSS) == []
    assert BACKTESTS.waiting() == keys
    with pytest.raises(NotAllowed):
        backtest_page(desk.id, by=desk.by(None))
    with pytest.raises(NotFound):
        backtest_get(keys[0], by=desk.by(None))


def test_nobody_is_taken_from_a_team_who_was_never_there(desk):
    """Counted in the events of the desk: whoever had an item in hand that the team had."""
    teams = team_ensure_many(desk.id, ["Post", "Wires", "Idle"])
    queues = [
        queue_save(desk.id, name=f"{name} in", team_id=teams[name], by=BOSS, now=NOW) for name in ("Post", "Wires")
    ]
    for queue, name in ((queues[0], "Ana"), (queues[0], "Ben"), (queues[1], "Ben")):
        reference = make_item(desk.id, queue_id=queue)
        item_assign(reference, desk.people[name], version=1, by=BOSS, now=NOW)
    names, history = names_of_desk(desk.id, NOW), history_of_desk(desk.id, NOW)
    assert history.people_of == {"Post": 2, "Wires": 1}
    assert [names.people_in(team) for team in ("Post", "Wires", "Idle")] == [2, 1, 0]
    with pytest.raises(InvalidFacts, match="Post has at most 2 people, and one of them must stay"):
        asked(desk, what_if=["staff=Post-2"])
    with pytest.raises(InvalidFacts, match="no team “Idle”"):
        asked(desk, what_if=["staff=Idle+1"])
    assert asked(desk, what_if=["staff=Post-1"])


def test_a_what_if_is_checked_before_it_is_kept(desk, compared):
    """All that cannot be read is told at once, by its place; what can goes to the engine as it was written, and makes another run."""
    desk.item(now=NOW)
    outside = ["closed=2030-01-01", "surge=4@2030-01-01T10:00"]
    with pytest.raises(InvalidFacts) as wrong:
        asked(desk, ["luck"], what_if=["arrivals=1.2", "arrivals=many", "staff=Nobodies+1", *outside], depth="deep")
    slips = slips_of(wrong.value)
    assert [one.details["field"] for one in slips] == [
        "policies",
        "depth",
        *(f"what_if[{place}]" for place in range(1, 5)),
    ]
    assert all("outside of the history" in one.message for one in slips[4:])
    assert slips[2].message.startswith("arrivals=many: ")
    run_id = asked(desk, what_if=["arrivals=1.2"])
    assert asked(desk) != run_id
    assert backtest_row(run_id).what_if == ["1.2 times as much comes in"]
    backtest_do(run_id)
    assert compared[0][3].what_if == ("arrivals=1.2",)
    assert [line.what_if for line in backtest_page(desk.id, by=BOSS)] == [[], ["1.2 times as much comes in"]]
