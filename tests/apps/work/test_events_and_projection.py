"""Events are the truth, rows their projection: written together, made anew equal, never rewritten."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import BOSS, NOW, make_desk, make_person
from watchbill.apps.work import models
from watchbill.apps.work.services import (
    Change,
    NewItem,
    projection_rebuild,
    work_change,
    work_change_many,
    work_create_many,
)
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.base.work import EventKind, State

pytestmark = pytest.mark.django_db


def opened(desk_id: int, **patch: object) -> NewItem:
    return NewItem(
        desk_id=desk_id, patch={"kind": "case", "state": "new", "priority": 3, "title": "A", **patch}, opened_at=NOW
    )


def test_items_come_back_in_the_order_given_with_references_that_count_up():
    """The n-th answer belongs to the n-th item, and references rise with them."""
    desk = make_desk(has_clocks=False)
    written = work_create_many([opened(desk, title=f"t{n}") for n in range(12)], by=BOSS)
    titles = dict(models.WorkItem.objects.values_list("id", "title"))
    assert [titles[row.item_id] for row in written] == [f"t{n}" for n in range(12)]
    numbers = [int(row.reference.removeprefix("CASE-")) for row in written]
    assert numbers == list(range(numbers[0], numbers[0] + 12))
    assert numbers[0] >= 10001


def test_an_event_shows_the_item_as_it_stood_after_it():
    """The typed columns of an event are the values after the change, also those that it did not touch."""
    desk = make_desk(has_clocks=False)
    person = make_person(desk)
    row = work_create_many([opened(desk)], by=BOSS)[0]
    work_change(Change(item_id=row.item_id, kind=EventKind.ASSIGNED, patch={"owner_id": person}), by=BOSS, now=NOW)
    work_change(Change(item_id=row.item_id, kind=EventKind.PRIORITY, patch={"priority": 1}), by=BOSS, now=NOW)
    events = list(models.WorkEvent.objects.order_by("seq").values_list("seq", "kind", "priority", "owner_id", "state"))
    assert events == [
        (1, "opened", 3, None, "new"),
        (2, "assigned", 3, person, "new"),
        (3, "priority", 1, person, "new"),
    ]


def test_the_second_of_two_writers_is_told_who_changed_what():
    """A write on an old version changes nothing; its Conflict names the writer, the kind and the fields."""
    desk = make_desk(has_clocks=False)
    row = work_create_many([opened(desk)], by=BOSS)[0]
    work_change(
        Change(item_id=row.item_id, kind=EventKind.PRIORITY, version=1, patch={"priority": 2}), by=BOSS, now=NOW
    )
    late = Change(item_id=row.item_id, kind=EventKind.STATE, version=1, patch={"state": "resolved"})
    with pytest.raises(Conflict, match="was changed by test") as caught:
        work_change(late, by=BOSS, now=NOW)
    assert caught.value.details["changes"][0]["set"] == {"priority": 2}
    assert models.WorkItem.objects.get().state == "new"
    with pytest.raises(NotFound):
        work_change(Change(item_id=row.item_id + 1, kind=EventKind.NOTE), by=BOSS, now=NOW)


def test_of_many_changes_the_late_ones_are_left_out():
    """In a bulk write the items whose version has moved on are missing from the answer, the others are written."""
    desk = make_desk(has_clocks=False)
    rows = work_create_many([opened(desk) for _ in range(3)], by=BOSS)
    work_change(Change(item_id=rows[1].item_id, kind=EventKind.NOTE, data={"text": "x"}), by=BOSS, now=NOW)
    changes = [Change(item_id=r.item_id, kind=EventKind.STATE, version=1, patch={"state": "closed"}) for r in rows]
    written = work_change_many(changes, by=BOSS, now=NOW)
    assert [w.item_id for w in written] == [rows[0].item_id, rows[2].item_id]
    with pytest.raises(InvalidFacts, match="at once"):
        work_change_many([changes[0], changes[0]], by=BOSS, now=NOW)


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({"colour": "red"}, "no field “colour”"),
        ({"title": None}, "“title” cannot be empty"),
        ({"title": "a\x00b"}, "NUL"),
        ({"description": "x" * 200_001}, "200001 characters"),
        ({"title": "x" * 501}, "at most 500 fit"),
        ({"category": "x" * 501}, "at most 500 fit"),
        ({"next_step": "x" * 501}, "“next step” has 501 characters"),
        ({"state": "asleep"}, "asleep"),
    ],
)
def test_a_field_that_does_not_fit_is_refused_and_nothing_is_written(patch, says):
    """Every refusal names the field and the trouble."""
    desk = make_desk(has_clocks=False)
    with pytest.raises((InvalidFacts, ValueError), match=says):
        work_create_many([opened(desk), opened(desk, **patch)], by=BOSS)
    assert not models.WorkItem.objects.exists()


def test_a_state_of_another_kind_is_refused():
    """A task has no customer to wait for."""
    desk = make_desk(has_clocks=False)
    with pytest.raises(InvalidFacts, match="A task cannot be “waiting_customer”"):
        work_create_many([opened(desk, kind="task", state="waiting_customer")], by=BOSS)


def test_html_and_formulas_stay_the_text_that_they_are():
    """Nothing is stripped or changed on the way in; showing them as text is the pages' business."""
    desk = make_desk(has_clocks=False)
    nasty = "<script>alert(1)</script> =1+2 'quote\" \\ %s 漢字"
    row = work_create_many([opened(desk, title=nasty)], by=BOSS)[0]
    assert models.WorkItem.objects.get(id=row.item_id).title == nasty


@pytest.mark.parametrize("statement", ["update work_event set kind = 'x'", "delete from work_event"])
def test_events_cannot_be_rewritten_in_the_database_either(statement):
    """The database itself refuses to change or remove an event."""
    work_create_many([opened(make_desk(has_clocks=False))], by=BOSS)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_items_and_versions_stay_whatever_is_asked_of_the_database():
    """So what points at them needs no looking up at every commit."""
    work_create_many([opened(make_desk())], by=BOSS)
    for statement, says in (
        ("delete from work_item", "items are never deleted"),
        ("update clocks_policyversion set number = 7", "versions are only ever added"),
        ("delete from clocks_calendarversion", "versions are only ever added"),
    ):
        with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from([s.value for s in State if s is not State.SCHEDULED]),
        "priority": st.integers(1, 4),
        "title": st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20),
        "next_step": st.text("ab", max_size=3),
        "next_step_due_at": st.none() | st.datetimes(timezones=st.just(dt.UTC), min_value=dt.datetime(2000, 1, 1)),
        "impact": st.none() | st.integers(1, 3),
        "is_taken_over": st.booleans(),
        "attributes": st.dictionaries(st.text("xyz", min_size=1, max_size=2), st.integers() | st.none(), max_size=2),
    },
)


class RebuildTest(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(PATCHES, st.integers(-5, 50)), max_size=8))
    def test_rebuilding_from_events_gives_the_same_rows(self, steps):
        """Whatever was changed in whichever order, the fold of the events is the row."""
        desk = make_desk(slug="rebuild", has_clocks=False)
        row = work_create_many([opened(desk)], by=BOSS)[0]
        for patch, later in steps:
            change = Change(
                item_id=row.item_id, kind=EventKind.FIELDS, patch=patch, at=NOW + dt.timedelta(minutes=later)
            )
            work_change(change, by=BOSS, now=NOW)
        before = list(models.WorkItem.objects.order_by("id").values())
        with connection.cursor() as cursor:
            cursor.execute("update work_item set title = 'spoilt', state = 'cancelled', priority = 4, version = 99")
        assert projection_rebuild() == len(before)
        assert list(models.WorkItem.objects.order_by("id").values()) == before
