"""Waking the worker: a job is asked for at once, in the transaction of what it is to do."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def wake(job: str) -> None:
    """Ask for *job* once: where it waits already, that is enough."""
    try:
        with transaction.atomic():
            app.configure_task(job, queueing_lock=job).defer(timestamp=0)
    except AlreadyEnqueued:
        return
