"""Wall-time jobs of the background worker: what the machine's clock calls for, whatever the desk's clock says.

Business instants are the ticker's alone. Each job may run twice, and on several workers, without harm.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.core.management import call_command
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from watchbill.apps.core.queries import now, wall_now
from watchbill.flows import audit, outbox
from watchbill.flows.alerts.learning import limits_learn
from watchbill.flows.apart import each_done
from watchbill.flows.assign.dryrun import dry_runs_run
from watchbill.flows.assign.tuning import tunings_ask_due, tunings_run
from watchbill.flows.backtest import asking, regretting
from watchbill.flows.backtest.asking import backtests_run
from watchbill.flows.backtest.regretting import regrets_run
from watchbill.flows.intake.upload import JOB, uploads_import
from watchbill.flows.recover import asking as recovering
from watchbill.flows.recover.asking import recoveries_run
from watchbill.flows.replay import drafts
from watchbill.flows.replay.run import replays_run
from watchbill.flows.report.reading import read_timelines
from watchbill.flows.sense import training

DAYS_OF_JOBS_KEPT = 7

_importing, _replaying, _comparing, _looking_back, _recovering = Lock(), Lock(), Lock(), Lock(), Lock()
"""One run of each long job a worker, which takes all of its kind in turn: the other places stay free for the short jobs."""

_learning = Lock()
"""One desk at a time learns its risks: each takes a process of its own, and the memory of its history."""


def _alone(lock: Lock, run: Callable[[], int]) -> int:
    """Run unless this worker is at it already: what came meanwhile waits for the next minute."""
    if not lock.acquire(blocking=False):
        return 0
    try:
        return run()
    finally:
        lock.release()


def _stopping(context: JobContext) -> Callable[..., None]:
    """Return what a long job calls between two pieces of its work: it raises when the worker is told to stop."""

    def tell(*_: object) -> None:
        if context.should_abort():
            raise JobAborted

    return tell


@app.periodic(cron="*/2 * * * *")
@app.task(name="seal_audit_trail", queueing_lock="seal_audit_trail")
def seal_audit_trail(timestamp: int) -> int:  # noqa: ARG001 - every periodic job is handed its instant
    """Seal what is settled of the audit trail, and forget old idempotency keys; return the rows sealed."""
    return audit.tick()


@app.periodic(cron="* * * * *")
@app.task(name=JOB, queueing_lock=JOB, pass_context=True)
def import_uploads(context: JobContext, timestamp: int) -> int:  # noqa: ARG001
    """Import the files that were sent; return how many have ended. Woken by each, and every minute for what was left.

    A worker that is told to stop leaves an import between two batches; the next one goes on from there. One that is
    importing already does nothing here: what came meanwhile waits for the next minute.
    """
    return _alone(
        _importing, lambda: uploads_import(Path(settings.DATA_FOLDER) / "imports", tell=_stopping(context), now=now())
    )


@app.periodic(cron="* * * * *")
@app.task(name=drafts.JOB, queueing_lock=drafts.JOB, pass_context=True)
def replay_policies(context: JobContext, timestamp: int) -> int:  # noqa: ARG001
    """Replay the drafts that wait, run them dry, or tune them, and forget the items of old ones; return how many have ended. Woken by each, and every minute.

    A worker that is told to stop leaves a replay, which then waits again and is begun anew; so is one whose worker was
    killed. One that is replaying already does nothing here.
    """
    tell = _stopping(context)
    return _alone(
        _replaying, lambda: each_done(partial(run, tell=tell) for run in (replays_run, dry_runs_run, tunings_run))
    )


@app.periodic(cron="* * * * *")
@app.task(name=asking.JOB, queueing_lock=asking.JOB, pass_context=True)
def run_backtests(context: JobContext, timestamp: int) -> int:  # noqa: ARG001
    """Compare policies on desks' own histories, as they were asked for; return how many have ended. Woken by each, and every minute.

    A worker that is told to stop leaves a backtest, which then waits again and is begun anew; so is one whose worker was
    killed. One that is comparing already does nothing here.
    """
    return _alone(_comparing, lambda: backtests_run(tell=_stopping(context)))


@app.periodic(cron="* * * * *")
@app.task(name=regretting.JOB, queueing_lock=regretting.JOB, pass_context=True)
def look_back(context: JobContext, timestamp: int) -> int:  # noqa: ARG001
    """Hold past days against the best that could have been made of them, as they were asked for; return how many have ended.

    Woken by each, and every minute. A worker that is told to stop leaves a day, which then waits again and is begun anew.
    """
    return _alone(_looking_back, lambda: regrets_run(tell=_stopping(context)))


@app.periodic(cron="* * * * *")
@app.task(name=recovering.JOB, queueing_lock=recovering.JOB, pass_context=True)
def work_out_recoveries(context: JobContext, timestamp: int) -> int:  # noqa: ARG001
    """Simulate the recovery options that were asked for; return how many have ended. Woken by each, and every minute.

    A worker that is told to stop leaves them, and they are begun anew; so are those whose worker was killed. One that is at it
    already does nothing here.
    """
    return _alone(_recovering, lambda: recoveries_run(tell=_stopping(context), now=now()))


@app.periodic(cron="*/2 * * * *")
@app.task(name=training.JOB, queueing_lock=training.JOB, pass_context=True)
def learn_risks(context: JobContext, timestamp: int) -> int:  # noqa: ARG001
    """Let desks learn how their promises come to be missed, and count how such ones fared; return how many did.

    A worker that is told to stop ends the learning process; what it has not kept is begun anew.
    """
    return _alone(_learning, lambda: training.risks_learn(now(), wall=wall_now(), tell=_stopping(context)))


@app.periodic(cron="* * * * * */15")
@app.task(name="read_timelines", queueing_lock="read_timelines")
def timelines_read(timestamp: int) -> int:  # noqa: ARG001
    """Read which commitments were met or broken and why, and every pause; return how many items were read."""
    return read_timelines(now())


@app.periodic(cron="* * * * *")
@app.task(name=outbox.JOB, queueing_lock=outbox.JOB)
def send_messages(timestamp: int) -> int:  # noqa: ARG001
    """Send mails and webhooks that are due; return how many attempts were made. Woken by each, and every minute for the rest."""
    return outbox.messages_send()


@app.periodic(cron="* * * * *")
@app.task(name="learn_limits", queueing_lock="learn_limits")
def learn_limits(timestamp: int) -> int:  # noqa: ARG001
    """Let desks learn what is usual on them, those whose week is over; return how many did."""
    return limits_learn(now())


@app.periodic(cron="17 2 * * *")
@app.task(name="tune_policies", queueing_lock="tune_policies")
def tune_policies(timestamp: int) -> int:  # noqa: ARG001
    """Ask for the tuning of desks that had none for four weeks; return of how many."""
    return tunings_ask_due(now())


@app.periodic(cron="23 3 * * *")
@app.task(name="forget_old_sessions", queueing_lock="forget_old_sessions")
def forget_old_sessions(timestamp: int) -> None:  # noqa: ARG001
    """Remove sign-in sessions that have run out, and messages that were settled long ago."""
    call_command("clearsessions")
    outbox.messages_forget()


@app.periodic(cron="41 3 * * *")
@app.task(name="forget_old_jobs", queueing_lock="forget_old_jobs", pass_context=False)
async def forget_old_jobs(timestamp: int) -> None:  # noqa: ARG001
    """Remove jobs that were done more than a week ago."""
    await app.job_manager.delete_old_jobs(
        nb_hours=24 * DAYS_OF_JOBS_KEPT, include_failed=True, include_cancelled=True, include_aborted=True
    )
