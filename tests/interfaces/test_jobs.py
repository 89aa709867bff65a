"""The worker's jobs: found by the worker, due by the machine's clock, and doing what they say."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from tests.factories import BOSS, NOW, make_desk, make_item
from watchbill.apps.clocks.replays import replay_row
from watchbill.apps.core.models import Seal
from watchbill.config.parts import WORKER_JOBS
from watchbill.engine.clocks import default_policy
from watchbill.flows import audit
from watchbill.flows.replay.drafts import replay_ask
from watchbill.interfaces import jobs


def test_the_worker_knows_its_jobs_and_when_they_are_due():
    """Thirteen periodic jobs, one runner each."""
    app.perform_import_paths()
    tasks = (jobs.seal_audit_trail, jobs.import_uploads, jobs.replay_policies, jobs.run_backtests, jobs.look_back,
             jobs.work_out_recoveries, jobs.learn_risks,
             jobs.timelines_read, jobs.send_messages, jobs.learn_limits, jobs.tune_policies, jobs.forget_old_sessions, jobs.forget_old_jobs)  # fmt: skip
    names = {
        "seal_audit_trail",
        "import_uploads",
        "replay_policies",
        "run_backtests",
        "look_back",
        "work_out_recoveries",
        "learn_risks",
        "read_timelines",
        "send_messages",
        "learn_limits",
        "tune_policies",
        "forget_old_sessions",
        "forget_old_jobs",
    }
    assert {task.name: task.queueing_lock for task in tasks} == {name: name for name in names}
    assert {periodic.task.name for periodic in app.periodic_registry.periodic_tasks.values()} == names


def test_the_short_jobs_have_a_place_besides_the_long_ones():
    """An import, a replay, a backtest and a reading may each take minutes, each one place of the worker at most."""
    long = (jobs.import_uploads, jobs.replay_policies, jobs.run_backtests, jobs.look_back, jobs.work_out_recoveries, jobs.timelines_read)  # fmt: skip
    assert len(long) < WORKER_JOBS


@pytest.mark.django_db
def test_a_worker_imports_in_one_place_and_keeps_the_other_free(monkeypatch):
    """A second run while one is under way ends at once, whatever waits; when the first has ended, it imports again."""
    context = SimpleNamespace(should_abort=lambda: False)
    runs = []

    def importing(*_args, **_more):
        if not runs:
            runs.append("under way")
            runs.append(jobs.import_uploads(context, 0))
        return 7

    monkeypatch.setattr(jobs, "uploads_import", importing)
    assert jobs.import_uploads(context, 0) == 7
    assert runs == ["under way", 0]
    assert jobs.import_uploads(context, 0) == 7


@pytest.mark.django_db
def test_a_worker_replays_in_one_place(monkeypatch):
    """A second run while one is under way ends at once; also when the first was broken off, the next one runs."""
    context = SimpleNamespace(should_abort=lambda: len(runs) > 2)
    runs = []

    def replaying(*, tell):
        runs.append(jobs.replay_policies(context, 0) if not runs else None)
        tell(0, 1)
        return 7

    monkeypatch.setattr(jobs, "replays_run", replaying)
    runs_before = [jobs.replay_policies(context, 0), jobs.replay_policies(context, 0)]
    assert (runs_before, runs) == ([7, 7], [0, None])
    for _ in range(2):
        with pytest.raises(JobAborted):
            jobs.replay_policies(context, 0)


@pytest.mark.django_db
def test_a_worker_that_is_told_to_stop_puts_a_replay_back():
    """It waits again with no try gone, and the next worker runs it to its end."""
    desk = make_desk()
    make_item(desk)
    replay_id = replay_ask(desk, default_policy(calendar="office").as_json(), is_waking=False, by=BOSS, now=NOW)
    with pytest.raises(JobAborted):
        jobs.replay_policies(SimpleNamespace(should_abort=lambda: True), 0)
    row = replay_row(replay_id)
    assert (row.state, row.tries) == ("waiting", 0)
    assert jobs.replay_policies(SimpleNamespace(should_abort=lambda: False), 0) == 1
    assert replay_row(replay_id).state == "done"


@pytest.mark.django_db(transaction=True)
def test_timelines_are_read_once():
    """The job reads what happened; run again at once, it finds nothing new."""
    make_item(make_desk())
    assert jobs.timelines_read(0) == 1
    assert jobs.timelines_read(0) == 0


@pytest.mark.django_db(transaction=True)
def test_sealing_twice_seals_once():
    """The job seals what is there; run again at once, it finds nothing to do."""
    make_desk(has_clocks=False)
    audit.seal_all()
    seals = Seal.objects.count()
    jobs.seal_audit_trail(0)
    jobs.seal_audit_trail(0)
    assert Seal.objects.count() == seals
    assert seals


@pytest.mark.django_db
def test_sessions_that_ran_out_are_forgotten():
    """An old session goes, a living one stays."""
    from datetime import timedelta

    from django.contrib.sessions.models import Session
    from django.utils import timezone

    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(days=1))
    jobs.forget_old_sessions(0)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
