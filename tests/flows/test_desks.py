"""A desk that is no longer wanted: closed only when nothing is open on it, hidden, and opened again as it was."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import BOSS, NOW, actor, make_desk, make_item
from watchbill.apps.core.sql import meant
from watchbill.apps.inbox.services import desk_key
from watchbill.apps.people.queries import desk_by_id, desk_get, desk_ids, desk_list
from watchbill.apps.people.rights import Role
from watchbill.apps.people.services import desk_require_open
from watchbill.apps.work.models import WorkItem
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_state
from watchbill.flows.desks import desk_close, desk_reopen

pytestmark = pytest.mark.django_db
HOW = {"reason": "merged with another", "by": BOSS, "now": NOW}


def refused(act):
    """What the database says, in words, when *act* is tried."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        act()
    return meant(caught.value)


def test_a_desk_with_open_items_is_not_closed():
    """They are counted; nothing has changed."""
    desk = make_desk()
    make_item(desk)
    with pytest.raises(Conflict, match="This desk has 1 open item"):
        desk_close(desk, **HOW)
    assert desk_by_id(desk).closed_at is None


def test_a_closed_desk_takes_no_work_and_is_hidden():
    """Neither a new item nor one opened again, by whatever way; only who may open it again sees it; the ticker does not."""
    desk = make_desk()
    item = make_item(desk)
    item_state(item, State.RESOLVED, text="done", by=BOSS, now=NOW)
    desk_close(desk, **HOW)
    assert isinstance(refused(lambda: make_item(desk)), Conflict)
    assert (
        "This desk is closed"
        in refused(lambda: item_state(item, State.IN_PROGRESS, text="x", by=BOSS, now=NOW)).message
    )
    item_state(item, State.CLOSED, text="over", by=BOSS, now=NOW)
    assert WorkItem.objects.get().state == "closed"
    slug = desk_by_id(desk).slug
    manager, admin = actor(Role.MANAGER, None), actor(Role.ADMIN, desk)
    assert desk_list(by=manager) == []
    with pytest.raises(NotFound):
        desk_get(slug, by=manager)
    assert [row.id for row in desk_list(by=admin)] == [desk_get(slug, by=admin).id]
    assert desk not in desk_ids()
    with pytest.raises(Conflict):
        desk_require_open(desk)
    with pytest.raises(Conflict, match="closed already"):
        desk_close(desk, **HOW)


def test_a_desk_is_opened_again_as_it_was():
    """Everything is there, and work comes in."""
    desk = make_desk()
    desk_close(desk, **HOW)
    desk_reopen(desk, **HOW)
    assert make_item(desk)
    with pytest.raises(Conflict, match="open already"):
        desk_reopen(desk, **HOW)


def test_closing_needs_the_right_and_a_reason():
    """Managers make no desks, and close none."""
    desk = make_desk()
    with pytest.raises(NotAllowed):
        desk_close(desk, reason="x", by=actor(Role.MANAGER, desk), now=NOW)
    with pytest.raises(InvalidFacts, match="Say why"):
        desk_close(desk, reason="", by=BOSS, now=NOW)


def test_a_desk_into_which_a_log_is_imported_is_not_closed():
    """The importer holds the desk in a connection of its own."""
    desk, other = make_desk(), connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [desk_key(desk)])
            with pytest.raises(Conflict):
                desk_close(desk, **HOW)
    finally:
        other.close()
