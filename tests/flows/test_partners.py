"""Partners beside the work of their desk: what each has now, and categories that no item has."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import BOSS, NOW, actor, make_desk, make_item
from watchbill.apps.people.partners import partner_add, partner_retire
from watchbill.apps.people.rights import Role
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.work import State
from watchbill.flows.act.bulk import Passing, items_pass
from watchbill.flows.act.items import item_state
from watchbill.flows.partners import partner_told, partners_told
from watchbill.flows.replay import names

pytestmark = pytest.mark.django_db
HOW = {"by": BOSS, "now": NOW}


@pytest.fixture
def desk_id():
    desk_id = make_desk()
    for category in ("Mail", "Mail", "Disk"):
        make_item(desk_id, category=category)
    return desk_id


def firm(desk_id, name, *categories):
    return partner_add(desk_id, name=name, categories=categories, at_once=2, most=8, lead_min=30, **HOW)


def test_a_category_that_no_item_has_is_told(desk_id):
    """Letter for letter, with the one that was probably meant; those of another desk are none."""
    make_item(make_desk(), category="Phone")
    key = firm(desk_id, "Acme", "Mail", "mail", "Phone")
    assert partner_told(key, by=BOSS)["notes"] == [
        "No item of this desk has the category “Phone”",
        "No item of this desk has the category “mail”; did you mean “Mail”?",
    ]
    assert partner_told(firm(desk_id, "Takes all"), by=BOSS)["notes"] == []


def test_what_was_passed_to_a_partner_is_counted_while_it_waits_there(desk_id):
    """Of several, each its own; what came back is not with it any more."""
    acme, other = firm(desk_id, "Acme"), firm(desk_id, "Other")
    items = [make_item(desk_id) for _ in range(3)]
    due = NOW + timedelta(hours=2)
    passings = [
        Passing(reference=item, partner_id=key, partner=name, ask_at=due, text="Tonight")
        for item, (key, name) in zip(items, ((acme, "Acme"), (acme, "Acme"), (other, "Other")), strict=True)
    ]
    assert items_pass(desk_id, passings, what="Acme and Other", **HOW).left == ()
    assert {one["name"]: one["held"] for one in partners_told(desk_id, by=BOSS)} == {"Acme": 2, "Other": 1}
    item_state(items[0], State.IN_PROGRESS, **HOW)
    assert partner_told(acme, by=BOSS)["held"] == 1


def test_partners_are_told_with_as_many_queries_however_many(desk_id, django_assert_num_queries):
    """One for them, one for categories, one for what they have; the retired ones only when wanted."""
    keys = [firm(desk_id, f"Firm {number}", "Mail", f"C {number}") for number in range(6)]
    partner_retire(keys[0], reason="ended", **HOW)
    with django_assert_num_queries(3):
        assert [one["name"] for one in partners_told(desk_id, by=BOSS)][-1] == "Firm 0"
    assert len(partners_told(desk_id, is_in_use=True, by=BOSS)) == 5
    with pytest.raises(NotFound):
        partner_told(keys[0], by=actor(Role.MANAGER, make_desk()))


def test_a_category_that_only_old_items_have_is_known(desk_id, monkeypatch):
    """Letter for letter, with words in it or none; what merely has its words in a title is not of it."""
    monkeypatch.setattr(names, "LATEST", 2)
    for category in ("Printer/Ünit 7 & more", "???"):
        make_item(desk_id, category=category)
    make_item(desk_id, title="Router <b> broken", category="Mail")
    make_item(desk_id, category="Disk")
    key = firm(desk_id, "Acme", "Printer/Ünit 7 & more", "???", "Router", "printer/Ünit 7 & more", "!!", "Mail", "Dsk")
    assert partner_told(key, by=BOSS)["notes"] == [
        "No item of this desk has the category “!!”",
        "No item of this desk has the category “Dsk”; did you mean “Disk”?",
        "No item of this desk has the category “Router”",
        "No item of this desk has the category “printer/Ünit 7 & more”; did you mean “Printer/Ünit 7 & more”?",
    ]
