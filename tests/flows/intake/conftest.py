"""A desk with clocks, and an import into it with one connection."""

from __future__ import annotations

import zlib
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.factories import BOSS, NOW, make_desk
from tests.flows.intake import log
from watchbill.apps.clocks.queries import forget_compiled
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load


@pytest.fixture(autouse=True)
def _fresh():
    """Compiled policies are remembered by keys that the next test's database uses again."""
    forget_compiled()


@pytest.fixture
def desk(db):
    return make_desk()


@pytest.fixture
def bring(desk, tmp_path):
    """Import rows, or a file, into the desk."""

    def run(rows=None, *, path=None, profile="servicenow-incidents", desk_id=None, **options):
        where = path or log.write(tmp_path / options.pop("name", "log.csv"), log.ROWS if rows is None else rows)
        return import_run(where, profile_load(profile), desk_id=desk_id or desk, workers=1, by=BOSS, now=NOW, **options)

    return run


@pytest.fixture
def transactional_locks(db):
    """Hold a named lock in a connection of its own, as another process would."""

    @contextmanager
    def hold(name):
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("select pg_advisory_lock(%s)", [zlib.crc32(name.encode())])
                yield
                cursor.execute("select pg_advisory_unlock_all()")
        finally:
            other.close()

    return hold
