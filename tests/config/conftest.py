"""Data folders for servers of their own: short paths, open to the user who runs root's server."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.clusters import NEW, READY
from watchbill.config.database import database_stop
from watchbill.config.env import Env, env_read


def settings_for(folder: Path, **more: str) -> Env:
    return env_read({"WATCHBILL_DATA": str(folder), **more})


@pytest.fixture
def home():
    """An empty data folder; a server that a test leaves behind is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="wb-", dir="/tmp"))
    yield folder
    database_stop(settings_for(folder))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def used(home, clusters):
    """The empty data folder is that of a server which was started once before, so that a test need not wait for a new one."""
    clusters.put(home, NEW)


@pytest.fixture
def ready(home, clusters):
    """The same, and all tables have been made."""
    clusters.put(home, READY)


@pytest.fixture
def environment():
    """The environment of a child process that must not inherit this run's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("WATCHBILL_", "DJANGO_"))}
