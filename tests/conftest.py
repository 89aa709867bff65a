"""What every test stands on: one database server for the whole run, started when the first test needs it."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path

import hypothesis
import pytest
from django.db import connection
from django.test import TransactionTestCase

from tests.clusters import READY, Clusters
from tests.emptying import tables_empty
from watchbill.config.address import DATABASE_NAME
from watchbill.config.database import database_ensure, database_stop
from watchbill.config.env import env

SERVER_MARK = "server-was-started"

# A run answers the same every time, and never by how long it took. `HYPOTHESIS_PROFILE=deep make test` looks further, with new examples each time;
# “ci” takes the same ones, and ten thousand of each proof by counting (tests/engine/cases.py).
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("deep", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session", autouse=True)
def _quick_emptying():
    """Only what a test has filled is emptied after it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", tables_empty)
        yield


@pytest.fixture(scope="session")
def clusters(django_db_blocker):
    """Folders for servers that need not be made from nothing."""
    return Clusters(django_db_blocker.unblock)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, clusters):
    """Start the embedded server, unless a server was named; the workers of a parallel run share it, and copy its tables."""
    if env().is_embedded:
        clusters.put(env().data_folder, READY)
        database_ensure(env(), durable=False)
        (env().data_folder / SERVER_MARK).touch()
        connection.settings_dict["TEST"]["TEMPLATE"] = DATABASE_NAME


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """How pytest-playwright starts the browser that bin/browser found; root's has to do without its sandbox."""
    path = os.environ.get("WATCHBILL_BROWSER")
    return {
        **browser_type_launch_args,
        **({"executable_path": path} if path else {}),
        "args": ["--no-sandbox"] if os.geteuid() == 0 else [],
    }


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests that need no common database first, so that in the end no worker is busy alone."""

    def comes_first(item: pytest.Item) -> bool:
        uses_database = item.get_closest_marker("django_db") or {"db", "transactional_db"} & {*item.fixturenames}
        return bool(item.get_closest_marker("slow")) and not uses_database

    items.sort(key=comes_first, reverse=True)


def pytest_collection_finish() -> None:
    """What was loaded for the tests stays until the end: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove the folder of this run, once all workers are done."""
    if hasattr(config, "workerinput") or "WATCHBILL_TEST_FOLDER" not in os.environ:
        return
    folder = Path(os.environ.pop("WATCHBILL_TEST_FOLDER"))
    if (folder / SERVER_MARK).exists():
        database_stop(env())
    shutil.rmtree(folder, ignore_errors=True)
