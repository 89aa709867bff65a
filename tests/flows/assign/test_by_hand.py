"""Giving by hand: done as asked, and what speaks against it is said in the answer and in the work note."""

from __future__ import annotations

from tests.flows.assign.small_desk import NOW, item_row, texts
from watchbill.apps.work.models import WorkItem
from watchbill.apps.work.queries import work_get
from watchbill.flows.assign.by_hand import item_give


def give(desk, item, name, *, by=None, **more):
    reference = WorkItem.objects.get(id=item).reference
    return item_give(reference, desk.people[name], by=by or desk.by(), now=NOW, **more)


def test_who_fails_musts_gets_it_and_all_of_them_are_named(desk):
    """Nora is off shift and lacks the skill: it is hers, and the answer and the note say both."""
    item = desk.item("Network")
    given = give(desk, item, "Nora", text="She asked for it.")
    assert given.against.startswith("is away or off shift; lacks the skill or its level")
    assert item_row(item)["owner_id"] == desk.people["Nora"]
    (note,) = texts(item, "assigned")
    assert note == f"She asked for it. Watchbill would not have proposed this: the new owner {given.against}"


def test_who_may_take_it_gets_it_without_a_word(desk):
    """Nothing is added where no must fails, nor when it goes back to the queue."""
    item = desk.item("Network")
    assert give(desk, item, "Ana", text="Hers").against == ""
    assert texts(item, "assigned") == ["Hers"]
    back = item_give(WorkItem.objects.get(id=item).reference, None, by=desk.by(), now=NOW)
    assert (back.against, work_get(back.written.reference, by=desk.by()).owner) == ("", None)


def test_who_takes_it_herself_is_not_told(desk):
    """Whoever takes an item knows what she does."""
    item = desk.item("Network")
    assert give(desk, item, "Nora", by=desk.by(name="Nora", person="Nora")).against == ""
