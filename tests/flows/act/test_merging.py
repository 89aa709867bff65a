"""Merging: the one item is cancelled and says where it went, the other says what came into it, and both are undone at once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from tests.factories import BOSS, NOW, actor, make_desk, make_item, make_person, minutes
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.core.actor import Actor
from watchbill.apps.notices.models import Notice
from watchbill.apps.people.rights import Role
from watchbill.apps.work.merged import merged_from, merged_into
from watchbill.apps.work.models import WorkItem
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.timeline import clock_events, work_events
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import EventKind, State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note, item_state
from watchbill.flows.act.merging import item_merge
from watchbill.flows.act.undoing import item_undo

pytestmark = pytest.mark.django_db

LATER = NOW + minutes(5)
ONES_OWN = {"id", "reference", "search", "updated_at", "version"}


@pytest.fixture
def desk():
    return make_desk()


def key(reference: str) -> int:
    return work_get(reference, by=BOSS).id


def state(reference: str) -> str:
    return work_get(reference, by=BOSS).state


def last(reference: str):
    return work_events(key(reference), limit=1)[0]


def stands(reference: str):
    row = WorkItem.objects.filter(reference=reference).values().get()
    clocks = [(c.kind, c.status, c.due_at, c.stopped_at, c.breach_at) for c in clocks_of_items([row["id"]])[row["id"]]]
    return {name: value for name, value in row.items() if name not in ONES_OWN}, clocks


def test_the_one_is_cancelled_and_the_other_says_what_came_into_it(desk):
    """Each event names the other item; the clocks of the first end, its notes stay where they are."""
    gone, kept = make_item(desk, now=NOW - minutes(30)), make_item(desk)
    item_note(gone, "It began on Friday", by=BOSS, now=NOW)
    of_gone, of_kept = item_merge(gone, kept, version=2, into_version=1, text="the same printer", by=BOSS, now=LATER)
    assert (of_gone.reference, of_gone.version, of_kept.reference, of_kept.version) == (gone, 3, kept, 2)
    left, came = last(gone), last(kept)
    assert (left.kind, left.state, left.data["merged_into"], left.data["event"]) == ("state", "cancelled", kept, 2)
    assert (came.kind, came.state, came.data["reference"], came.data["event"]) == ("merged", "new", gone, 3)
    assert came.data["opened_at"] == (NOW - minutes(30)).isoformat()
    assert (left.data["text"], came.data["text"]) == ("the same printer", "the same printer")
    assert {clock.status for clock in clocks_of_items([key(gone)])[key(gone)]} <= {"cancelled", "met", "missed"}
    assert (merged_into(key(gone)), merged_from(key(gone))) == (kept, [])
    assert (merged_into(key(kept)), merged_from(key(kept))) == ("", [gone])
    assert [row[1] for row in clock_events([key(kept)])[key(kept)]] == ["opened", EventKind.MERGED]


def test_replies_say_where_it_went(desk):
    """The customer is written to on the other item; work notes may still be added."""
    gone, kept = make_item(desk), make_item(desk)
    item_merge(gone, kept, by=BOSS, now=LATER)
    with pytest.raises(InvalidFacts, match=f"{gone} was merged into {kept}: reply there"):
        item_note(gone, "We are on it", is_to_customer=True, by=BOSS, now=LATER)
    item_note(gone, "Seen", by=BOSS, now=LATER)
    item_note(kept, "We are on it", is_to_customer=True, by=BOSS, now=LATER)
    item_state(gone, State.IN_PROGRESS, by=BOSS, now=LATER)
    item_note(gone, "It was another thing", is_to_customer=True, by=BOSS, now=LATER)


def test_owners_are_told(desk):
    """Those of both items, once each, unless they did it."""
    ann, bo = make_person(desk, "Ann"), make_person(desk, "Bo")
    gone, kept = make_item(desk), make_item(desk)
    item_assign(gone, ann, by=BOSS, now=NOW)
    item_assign(kept, bo, by=BOSS, now=NOW)
    Notice.objects.all().delete()
    item_merge(gone, kept, by=actor(Role.AGENT, desk, person_id=ann, name="Ann"), now=LATER)
    assert [(n.person_id, n.subject_ref) for n in Notice.objects.all()] == [(bo, kept)]
    assert Notice.objects.get().text == f"Ann merged {gone} into {kept}: Printer is silent"


@pytest.mark.parametrize("named", ["gone", "kept"])
def test_a_merge_is_undone_on_both_items(desk, named):
    """Whichever of them is named: rows and clocks are as they were, and for the clocks it never was."""
    gone, kept = make_item(desk), make_item(desk)
    item_assign(gone, make_person(desk, "Ann"), by=BOSS, now=NOW)
    before = stands(gone), stands(kept)
    of_gone, of_kept = item_merge(gone, kept, by=BOSS, now=LATER)
    assert (stands(gone), stands(kept)) != before
    event = {"gone": of_gone.version, "kept": of_kept.version}[named]
    reference = {"gone": gone, "kept": kept}[named]
    assert item_undo(reference, event, by=BOSS, now=LATER + minutes(1)).reference == reference
    assert (stands(gone), stands(kept)) == before
    assert (merged_into(key(gone)), merged_from(key(kept))) == ("", [])
    assert [row[1] for row in clock_events([key(kept)])[key(kept)]] == ["opened"]
    assert last(kept).data["text"] == f"Undone: {gone} merged into it by {BOSS.name}"
    assert last(gone).data["text"] == f"Undone: merged into {kept} by {BOSS.name}"
    for one, seq in ((gone, of_gone.version), (kept, of_kept.version)):
        with pytest.raises(Conflict, match="has undone this already"):
            item_undo(one, seq, by=BOSS, now=LATER + minutes(2))
    item_merge(gone, kept, by=BOSS, now=LATER + minutes(3))
    assert merged_from(key(kept)) == [gone]


@pytest.mark.parametrize("changed", ["gone", "kept"])
def test_what_changed_since_stands_in_the_way(desk, changed):
    """On either item; a note does not."""
    gone, kept = make_item(desk), make_item(desk)
    of_gone, of_kept = item_merge(gone, kept, by=BOSS, now=LATER)
    item_note(kept, "Looked at it", by=BOSS, now=LATER)
    item_state({"gone": gone, "kept": kept}[changed], State.IN_PROGRESS, by=BOSS, now=LATER)
    for one, seq in ((gone, of_gone.version), (kept, of_kept.version)):
        with pytest.raises(Conflict, match="was changed by .* since this was done"):
            item_undo(one, seq, by=BOSS, now=LATER + minutes(1))
    assert merged_from(key(kept)) == [gone]


def test_a_chain_is_followed_link_by_link_and_undone_from_its_end(desk):
    """A into B, B into C: A cannot be taken out while B is gone."""
    a, b, c = (make_item(desk) for _ in range(3))
    first, _ = item_merge(a, b, by=BOSS, now=LATER)
    second, _ = item_merge(b, c, by=BOSS, now=LATER + minutes(1))
    assert (merged_into(key(a)), merged_into(key(b)), merged_from(key(b)), merged_from(key(c))) == (b, c, [a], [b])
    with pytest.raises(Conflict):
        item_undo(a, first.version, by=BOSS, now=LATER + minutes(2))
    item_undo(b, second.version, by=BOSS, now=LATER + minutes(3))
    item_undo(a, first.version, by=BOSS, now=LATER + minutes(4))
    assert [state(one) for one in (a, b, c)] == ["new", "new", "new"]


def test_what_cannot_be_merged_is_refused(desk):
    """Into itself, out of or into one that is done, into one of another desk; and nothing is written."""
    one, two, done = (make_item(desk) for _ in range(3))
    far = make_item(make_desk(has_clocks=False))
    item_state(done, State.RESOLVED, by=BOSS, now=NOW)
    for into, why in ((one, "into itself"), (done, f"{done} is resolved"), (far, "is on another desk")):
        with pytest.raises(InvalidFacts, match=why) as refused:
            item_merge(one, into, by=BOSS, now=LATER)
        assert refused.value.details["field"] == "into"
    with pytest.raises(InvalidFacts, match=f"{done} is resolved"):
        item_merge(done, two, by=BOSS, now=LATER)
    with pytest.raises(NotFound):
        item_merge(one, "CASE-1", by=BOSS, now=LATER)
    item_merge(one, two, by=BOSS, now=LATER)
    with pytest.raises(InvalidFacts, match=f"{one} is cancelled"):
        item_merge(two, one, by=BOSS, now=LATER)
    assert [work_get(name, by=BOSS).version for name in (one, two, done, far)] == [2, 2, 2, 1]


def test_rights_are_those_of_closing(desk):
    """An agent may merge, an auditor may not; who does not see one of them learns nothing; another's is undone by few."""
    one, two, far = make_item(desk), make_item(desk), make_item(make_desk(has_clocks=False))
    with pytest.raises(NotAllowed):
        item_merge(one, two, by=actor(Role.AUDITOR, desk), now=LATER)
    agent = Actor(name="Ann", user_id=7, roles={desk: frozenset({Role.AGENT.value})})
    with pytest.raises(NotFound):
        item_merge(one, far, by=agent, now=LATER)
    of_one, _ = item_merge(one, two, by=agent, now=LATER)
    with pytest.raises(NotAllowed):
        item_undo(one, of_one.version, by=actor(Role.AGENT, desk, name="Bo"), now=LATER)
    item_undo(one, of_one.version, by=agent, now=LATER)


def test_a_merge_stands_on_what_was_seen(desk):
    """Of either item: the second writer is told who changed what, and neither item is written."""
    one, two = make_item(desk), make_item(desk)
    item_state(two, State.WAITING_VENDOR, by=BOSS, now=NOW)
    for versions in ({"into_version": 1}, {"version": 9}):
        with pytest.raises(Conflict, match="was changed by"):
            item_merge(one, two, **versions, by=BOSS, now=LATER)
    assert (state(one), work_get(two, by=BOSS).version) == ("new", 2)


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_at_once_do_not_cross(desk):
    """One merges A into B, the other B into A: one of them is first, the other is told, and nobody waits for ever."""
    one, two = make_item(desk), make_item(desk)
    gate, told = threading.Barrier(2), []

    def merge(gone: str, kept: str) -> None:
        try:
            gate.wait(timeout=10)
            item_merge(gone, kept, by=BOSS, now=LATER)
        except InvalidFacts as error:
            told.append(error.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=merge, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(told) == 1
    assert "is cancelled; only open items are merged" in told[0]
    assert sorted([state(one), state(two)]) == ["cancelled", "new"]
