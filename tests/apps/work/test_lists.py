"""Lists show exactly what they say, page by key without loss, and cost the same number of queries at any size."""

from __future__ import annotations

import pytest

from tests.factories import BOSS, NOW, actor, make_desk, make_item, make_person, minutes
from watchbill.apps.people.rights import Role
from watchbill.apps.work.queries import Key, View, WorkFilter, work_count, work_get, work_page, work_tiles
from watchbill.engine.base.errors import InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import Priority, State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_next_step, item_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> int:
    """Five open items of P1 to P4 and one that is done."""
    desk_id = make_desk()
    person = make_person(desk_id, "Ann")
    refs = [make_item(desk_id, priority=Priority(p), title=f"number {p}") for p in (1, 2, 3, 4, 4)]
    item_assign(refs[1], person, by=BOSS, now=NOW)
    item_state(refs[1], State.IN_PROGRESS, by=BOSS, now=NOW)
    item_assign(refs[2], person, by=BOSS, now=NOW)
    item_state(refs[2], State.WAITING_CUSTOMER, by=BOSS, now=NOW)
    item_next_step(refs[1], what="call", who=person, due_at=NOW + minutes(90), by=BOSS, now=NOW)
    done = make_item(desk_id, title="finished")
    item_state(done, State.RESOLVED, by=BOSS, now=NOW)
    return desk_id


@pytest.mark.parametrize(
    ("view", "at", "titles"),
    [
        (View.OPEN, 0, {"number 1", "number 2", "number 3", "number 4"}),
        (View.UNASSIGNED, 0, {"number 1", "number 4"}),
        (View.ACTIONABLE, 0, {"number 1", "number 2", "number 4"}),
        (View.WAITING, 0, {"number 3"}),
        (View.DONE, 0, {"finished"}),
        (View.TOP, 0, {"number 1", "number 2"}),
        (View.NO_NEXT_STEP, 0, {"number 3"}),
        (View.BREACHED, 14.99, set()),
        (View.BREACHED, 15, {"number 1"}),
        (View.DUE_SOON, 0, {"number 1"}),
        (View.DUE_SOON, 15, set()),
    ],
)
def test_each_view_holds_exactly_its_items(desk, view, at, titles):
    """A tile, its list and its count are the same items, to the second."""
    now = NOW + minutes(at)
    wanted = WorkFilter(desk_id=desk, view=view)
    rows = work_page(wanted, by=BOSS, now=now)
    assert {row.title for row in rows} == titles
    assert work_count(wanted, by=BOSS, now=now) == len(rows)


def test_tiles_count_what_their_lists_show(desk):
    """The Board's numbers open lists with the same totals."""
    tiles = work_tiles(desk, by=BOSS, now=NOW + minutes(15))
    assert (tiles.open, tiles.breached, tiles.due_soon, tiles.unassigned, tiles.top, tiles.waiting, tiles.no_next_step) == (
        5, 1, 0, 3, 2, 1, 1,
    )  # fmt: skip
    assert tiles.oldest_due_at == NOW + minutes(15)


def test_mine_is_what_my_person_owns(desk):
    """A user without a person owns nothing."""
    person = work_page(WorkFilter(desk_id=desk, view=View.WAITING), by=BOSS, now=NOW)[0].owner_id
    mine = WorkFilter(desk_id=desk, view=View.MINE)
    assert len(work_page(mine, by=actor(Role.AGENT, desk, person_id=person), now=NOW)) == 2
    assert work_page(mine, by=actor(Role.AGENT, desk), now=NOW) == []


@pytest.mark.parametrize("view", [View.OPEN, View.DONE])
def test_pages_by_key_lose_and_double_nothing(view):
    """Reading two rows at a time gives the same rows in the same order as reading all at once."""
    desk_id = make_desk()
    for n in range(7):
        reference = make_item(desk_id, priority=Priority(1 + n % 4))
        if view is View.DONE:
            item_state(reference, State.CLOSED, by=BOSS, now=NOW)
    wanted = WorkFilter(desk_id=desk_id, view=view)
    whole = [row.id for row in work_page(wanted, by=BOSS, now=NOW)]
    pages, key = [], None
    while rows := work_page(wanted, after=key, limit=2, by=BOSS, now=NOW):
        pages += [row.id for row in rows]
        key = Key.parse(str(wanted.key(rows[-1])))
    assert len(whole) == 7
    assert pages == whole


@pytest.mark.parametrize(
    "text", ["x", "2026-01-01T00:00:00+00:00_z", "2026-01-01T00:00:00_1", "_", "1_1", "9" * 400 + "_1"]
)
def test_a_place_in_a_list_that_we_did_not_write_is_refused(text):
    """A careless or hostile address gets a clear error, not a page of nonsense."""
    with pytest.raises(InvalidFacts, match="not a place in a list"):
        Key.parse(text)


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("number", 5),
        ("NUMB", 5),
        ("number 3", 1),
        ("finished", 0),
        ("acme", 0),
        ("'; drop table --", 0),
        ("& | ! ( ) :*", 0),
        ("\x00", 5),
    ],
)
def test_search_takes_any_text(desk, text, finds):
    """Words find their beginnings; what looks like a query or an attack is only words."""
    rows = work_page(WorkFilter(desk_id=desk, text=text), by=BOSS, now=NOW)
    assert len(rows) == finds


def test_search_finds_a_reference_by_its_bare_number(desk):
    """As lists print it, without the letters in front."""
    reference = make_item(desk)
    number = reference.partition("-")[2]
    assert [r.reference for r in work_page(WorkFilter(desk_id=desk, text=number), by=BOSS, now=NOW)] == [reference]


def test_search_finds_a_reference_and_a_customer(desk):
    """The reference as people write it, and part of a customer's name, both find the item."""
    reference = make_item(desk, customer="Orrin Health")
    assert [r.reference for r in work_page(WorkFilter(desk_id=desk, text=reference.lower()), by=BOSS, now=NOW)] == [
        reference
    ]
    assert [r.reference for r in work_page(WorkFilter(desk_id=desk, text="orrin"), by=BOSS, now=NOW)] == [reference]


def test_a_page_costs_one_query_whatever_its_size(desk, django_assert_num_queries):
    """No query per row."""
    with django_assert_num_queries(1):
        work_page(WorkFilter(desk_id=desk), by=BOSS, now=NOW)
    for _ in range(20):
        make_item(desk)
    with django_assert_num_queries(1):
        assert len(work_page(WorkFilter(desk_id=desk), by=BOSS, now=NOW)) == 25


def test_other_desks_stay_unseen(desk):
    """Neither a list nor an item of a desk without a role on it can be read."""
    stranger = actor(Role.AGENT, make_desk(has_clocks=False))
    reference = work_page(WorkFilter(desk_id=desk), by=BOSS, now=NOW)[0].reference
    with pytest.raises(NotAllowed):
        work_page(WorkFilter(desk_id=desk), by=stranger, now=NOW)
    with pytest.raises(NotFound):
        work_get(reference, by=stranger)
