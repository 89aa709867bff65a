"""The worker's jobs: found by the worker, due by the machine's clock, and doing what they say."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from procrastinate.contrib.django import app

from tests.factories import make_desk
from watchbill.apps.core.models import Seal
from watchbill.flows import audit
from watchbill.interfaces import jobs


def test_the_worker_knows_its_jobs_and_when_they_are_due():
    """Four periodic jobs, one runner each."""
    app.perform_import_paths()
    due = {
        task.name: task.queueing_lock
        for task in (jobs.seal_audit_trail, jobs.import_uploads, jobs.forget_old_sessions, jobs.forget_old_jobs)
    }
    assert due == {
        name: name for name in ("seal_audit_trail", "import_uploads", "forget_old_sessions", "forget_old_jobs")
    }
    assert {periodic.task.name for periodic in app.periodic_registry.periodic_tasks.values()} >= set(due)


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
