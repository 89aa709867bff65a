"""What every test stands on: one database server for the whole run, started when the first test needs it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import hypothesis
import pytest
from django.db import connection
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from watchbill.config.database import database_ensure, database_stop
from watchbill.config.env import env

SERVER_MARK = "server-was-started"

# A run answers the same every time, and never by how long it took. `HYPOTHESIS_PROFILE=deep make test` looks further, with new examples each time;
# “ci” takes the same ones, and ten thousand of each proof by counting (tests/engine/cases.py).
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("deep", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@receiver(post_migrate)
def installation_ensure(sender, **_kwargs):
    """Put the installation's one row back, with a new key, after a test that emptied all tables."""
    if sender.label == "core":
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into core_installation (id, name, clock_is_moved, rate, seal_key)"
                " values (1, 'Watchbill', false, 1, sha256(uuid_send(gen_random_uuid()))) on conflict do nothing"
            )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Start the embedded server, unless a server was named; the workers of a parallel run share it."""
    if env().is_embedded:
        database_ensure(env(), durable=False)
        (env().data_folder / SERVER_MARK).touch()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """How pytest-playwright starts the browser that bin/browser found; root's has to do without its sandbox."""
    path = os.environ.get("WATCHBILL_BROWSER")
    return {
        **browser_type_launch_args,
        **({"executable_path": path} if path else {}),
        "args": ["--no-sandbox"] if os.geteuid() == 0 else [],
    }


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove the folder of this run, once all workers are done."""
    if hasattr(config, "workerinput") or "WATCHBILL_TEST_FOLDER" not in os.environ:
        return
    folder = Path(os.environ.pop("WATCHBILL_TEST_FOLDER"))
    if (folder / SERVER_MARK).exists():
        database_stop(env())
    shutil.rmtree(folder, ignore_errors=True)
