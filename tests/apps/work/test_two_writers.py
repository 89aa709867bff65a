"""Of two who set a queue or a line of effort at once, the second is told who was faster, what was set, and when."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.factories import BOSS, NOW, actor, make_desk, minutes
from watchbill.apps.core.trail import AuditFilter, audit_page
from watchbill.apps.people.rights import Role
from watchbill.apps.work.efforts import DEFAULT_MIN, effort_table
from watchbill.apps.work.queues import queue_find, queue_list, queue_save
from watchbill.apps.work.weighing import effort_list, effort_set, effort_version, matrix_get, matrix_set, matrix_version
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.intake.priority import DEFAULT_MATRIX

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return make_desk(has_clocks=False)


@pytest.fixture
def kim(desk):
    return actor(Role.MANAGER, desk, name="Kim")


def told(conflict):
    """Who, when and what, as the second writer learns it."""
    [change] = conflict.value.details["changes"]
    return conflict.value.details["version"], change["by"], change["at"], change["set"]


def test_the_second_who_saves_a_queue_is_told(desk, kim):
    """Kim renames it and asks for more; the other's form still has the old name."""
    queue = queue_save(desk, name="Mail", by=BOSS, now=NOW)
    queue_save(desk, queue_id=queue, name="Post", skill_level=3, version=1, by=kim, now=NOW + minutes(1))
    with pytest.raises(Conflict, match="Kim changed the queue Post since") as second:
        queue_save(desk, queue_id=queue, name="Mail", is_active=False, version=1, by=BOSS, now=NOW + minutes(2))
    assert told(second) == (2, "Kim", (NOW + minutes(1)).isoformat(), {"name": "Post", "skill_level": 3})
    assert queue_find(desk, name="Post")["is_active"] is True
    queue_save(desk, queue_id=queue, name="Mail", version=2, by=BOSS, now=NOW)
    [row] = queue_list(desk, by=BOSS)
    assert (row["name"], row["version"]) == ("Mail", 3)


def test_a_name_that_is_taken_claims_no_version(desk):
    """Refused, the queue is as it was."""
    queue_save(desk, name="Mail", by=BOSS, now=NOW)
    other = queue_save(desk, name="Night", by=BOSS, now=NOW)
    with pytest.raises(Conflict, match="called Mail already"):
        queue_save(desk, queue_id=other, name="Mail", version=1, by=BOSS, now=NOW)
    assert {row["name"]: row["version"] for row in queue_list(desk, by=BOSS)} == {"Mail": 1, "Night": 1}


def test_a_queue_of_another_desk_is_not_there(desk):
    """NotFound, whatever the version."""
    far = queue_save(make_desk(has_clocks=False), name="Mail", by=BOSS, now=NOW)
    with pytest.raises(NotFound):
        queue_save(desk, queue_id=far, name="Mail", version=1, by=BOSS, now=NOW)


def test_the_second_who_sets_a_line_of_effort_is_told(desk, kim):
    """Only about the same line: who saw the table before another line was set goes through."""
    effort_set(desk, category="Mail", priority=1, minutes=45, seen_version=0, by=kim, now=NOW)
    effort_set(desk, category="Mail", minutes=30, seen_version=0, by=BOSS, now=NOW)
    with pytest.raises(Conflict, match="Kim set the assumed effort of Mail P1 since") as second:
        effort_set(desk, category="Mail", priority=1, minutes=60, seen_version=0, by=BOSS, now=NOW)
    assert told(second) == (2, "Kim", NOW.isoformat(), {"minutes": 45})
    assert [row["minutes"] for row in effort_list(desk)] == [45, 30]


def test_a_line_that_was_taken_away_is_a_change_too(desk, kim):
    """Its version goes on counting, and nothing but the writer's check ever sees it."""
    effort_set(desk, priority=1, minutes=45, by=BOSS, now=NOW)
    seen = effort_version(desk)
    effort_set(desk, priority=1, minutes=None, seen_version=seen, by=kim, now=NOW)
    assert (effort_list(desk), effort_table(desk).minutes("Mail", 1)) == ([], DEFAULT_MIN)
    with pytest.raises(Conflict, match="Kim set the assumed effort of any P1") as second:
        effort_set(desk, priority=1, minutes=60, seen_version=seen, by=BOSS, now=NOW)
    assert told(second)[3] == {"minutes": None}
    effort_set(desk, priority=1, minutes=60, seen_version=effort_version(desk), by=BOSS, now=NOW)
    assert effort_table(desk).minutes("Mail", 1) == 60


def test_the_second_who_sets_the_matrix_is_told(desk, kim):
    """What was set is named cell by cell."""
    matrix_set(desk, {**DEFAULT_MATRIX, "1,2": 1}, reason="storm", seen_version=0, by=kim, now=NOW)
    with pytest.raises(Conflict, match="Kim set the priority matrix since") as second:
        matrix_set(desk, DEFAULT_MATRIX, reason="calm", seen_version=0, by=BOSS, now=NOW)
    assert told(second) == (1, "Kim", NOW.isoformat(), {"1,2": 1})


def kept(desk, kind):
    return len(audit_page(AuditFilter(object_kind=kind), desk_ids=[desk], limit=9))


def test_a_matrix_that_holds_already_is_not_set(desk):
    """Sent unchanged, the delivered one stays as delivered, and the desk's own keeps its version; nothing is written."""
    with pytest.raises(InvalidFacts, match="Nothing has changed: the priority matrix as delivered says just this"):
        matrix_set(desk, DEFAULT_MATRIX, reason="looked", seen_version=0, by=BOSS, now=NOW)
    assert (matrix_get(desk), kept(desk, "priority_matrix")) == (None, 0)
    matrix_set(desk, {**DEFAULT_MATRIX, "1,2": 1}, reason="storm", by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="Nothing has changed: the priority matrix says just this"):
        matrix_set(desk, {**DEFAULT_MATRIX, "1,2": 1}, reason="again", by=BOSS, now=NOW)
    assert (matrix_version(desk), kept(desk, "priority_matrix")) == (1, 1)


def test_a_line_of_effort_that_stands_so_is_not_set(desk):
    """Neither the same minutes again, nor a line taken away that is not there."""
    with pytest.raises(InvalidFacts, match="Nothing has changed: Mail P1 is not in the table"):
        effort_set(desk, category="Mail", priority=1, minutes=None, by=BOSS, now=NOW)
    effort_set(desk, category="Mail", priority=1, minutes=45, by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="Nothing has changed: Mail P1 says 45 minutes already"):
        effort_set(desk, category="Mail", priority=1, minutes=45, by=BOSS, now=NOW)
    assert (effort_version(desk), kept(desk, "effort")) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_pages_that_are_open_learn_of_a_queue_and_of_the_matrix(desk):
    """Whoever listens for the desk is told of each, once it is committed."""
    connection.ensure_connection()
    wire = connection.connection
    wire.execute("listen watchbill")
    queue_save(desk, name="Mail", by=BOSS, now=NOW)
    assert [one.payload for one in wire.notifies(timeout=2, stop_after=1)] == [str(desk)]
    matrix_set(desk, {**DEFAULT_MATRIX, "1,2": 1}, reason="storm", by=BOSS, now=NOW)
    assert [one.payload for one in wire.notifies(timeout=2, stop_after=1)] == [str(desk)]
    wire.execute("unlisten *")
