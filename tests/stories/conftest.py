"""A database server that stories may kill, shared by the stories of one test process."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.clusters import READY
from tests.stories.installation import Installation, Server
from watchbill.config.address import DATABASE_NAME


@pytest.fixture(scope="session")
def own_server(clusters):
    """A server of its own with one empty database that is set up; it is stopped and removed in the end."""
    home = Path(tempfile.mkdtemp(prefix="wb-", dir="/tmp"))
    home.chmod(0o711)
    clusters.put(home, READY)
    server = Server(home)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def install(own_server, request, django_db_blocker):
    """Make an installation: a fresh database, or a copy of another; its processes end with the test."""
    made: list[Installation] = []

    def _install(*, of: Installation | None = None) -> Installation:
        name = f"{request.node.name[:30]}_{len(made)}"
        made.append(own_server.copy(name, of=of.name if of else DATABASE_NAME))
        return made[-1]

    with django_db_blocker.unblock():
        yield _install
    for installation in made:
        installation.end()
