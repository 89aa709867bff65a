"""A database server that stories may kill, shared by the stories of one test process."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.stories.installation import BASE, Installation, Server


@pytest.fixture(scope="session")
def own_server(django_db_blocker):
    """A server of its own with one empty database that is set up; it is stopped and removed in the end."""
    home = Path(tempfile.mkdtemp(prefix="wb-", dir="/tmp"))
    home.chmod(0o711)
    server = Server(home)
    try:
        base = server.copy(BASE, of="template0")
        with django_db_blocker.unblock(), base.here():
            call_command("migrate", interactive=False, verbosity=0)
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
        made.append(own_server.copy(name, of=of.name if of else BASE))
        return made[-1]

    with django_db_blocker.unblock():
        yield _install
    for installation in made:
        installation.end()
