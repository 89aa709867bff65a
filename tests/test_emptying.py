"""After a test nothing of it is left, whatever was still being written when it ended."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import OperationalError, connection

from tests.emptying import tables_empty
from tests.factories import make_desk
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

WRITES = "insert into django_session (session_key, session_data, expire_date) values ('late', '', now())"


def rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return cursor.fetchone()[0]


@pytest.fixture
def other():
    """A second connection, as a request has one."""
    other = connection.copy()
    yield other
    other.close()


def emptied():
    try:
        tables_empty(None)
    finally:
        connection.close()


def is_waiting():
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from pg_locks where not granted and relation = 'django_session'::regclass)"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("is_filled", [False, True])
def test_what_is_committed_later_is_gone_too(other, is_filled):
    """A request has written its session and not committed yet: it is waited for, whatever else is filled."""
    if is_filled:
        make_desk()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(WRITES)
    emptying = Thread(target=emptied)
    emptying.start()
    wait_for(is_waiting)
    other.commit()
    emptying.join(timeout=30)
    assert not emptying.is_alive()
    assert (rows("django_session"), rows("people_desk"), rows("core_installation")) == (0, 0, 1)


def test_two_who_wait_for_each_other_do_not_leave_rows(other):
    """A request that writes a table which is locked already: one of the two is stopped, and nothing is left."""
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(WRITES)
        emptying = Thread(target=emptied)
        emptying.start()
        wait_for(is_waiting)
        try:
            cursor.execute("delete from core_installation where false")
            other.commit()
        except OperationalError:
            other.rollback()
    emptying.join(timeout=60)
    assert not emptying.is_alive()
    assert (rows("django_session"), rows("core_installation")) == (0, 1)
