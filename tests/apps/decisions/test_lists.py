"""Lists and counts of decisions: what is seen, what reconciles, how often people decide otherwise."""

from __future__ import annotations

import pytest

from tests.factories import actor, make_desk, minutes
from tests.flows.assign.small_desk import NOW, make_small_desk
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.choices import Status
from watchbill.apps.decisions.reports import Overrides, decision_counts, override_rates
from watchbill.apps.people.rights import Role
from watchbill.engine.base.errors import NotAllowed, NotFound
from watchbill.flows.assign.answers import decision_accept, decision_change, decision_refuse, decision_undo


@pytest.fixture
def desk(db):
    return make_small_desk()


def answered_desk(desk):
    """Six proposals: accepted, accepted and undone, changed, refused twice, and one open."""
    items = [desk.item("Network") for _ in range(6)]
    desk.tick()
    ids = [desk.proposal(item).id for item in items]
    by, now = desk.by(), NOW + minutes(1)
    decision_accept(ids[0], by=by, now=now)
    decision_accept(ids[1], by=by, now=now)
    decision_undo(ids[1], by=by, now=now)
    decision_change(ids[2], desk.people["Ben"], by=by, now=now)
    decision_refuse(ids[3], "wrong_skill", by=by, now=now)
    decision_refuse(ids[4], "wrong_time", by=by, now=now)
    return items, ids


def test_counts_account_for_every_proposal(desk):
    """Open, answered and superseded add up to all that were made."""
    answered_desk(desk)
    counts = decision_counts(desk.id)
    assert (counts.proposed, counts.open, counts.accepted, counts.changed, counts.refused, counts.undone) == (
        6, 1, 2, 1, 2, 1,
    )  # fmt: skip
    assert counts.is_reconciled
    assert decision_counts(desk.id, since=NOW + minutes(5)).proposed == 0


def test_override_rates_by_queue_and_reason(desk):
    """A change, two refusals and an undone acceptance against five answers."""
    answered_desk(desk)
    (rates,) = override_rates(desk.id, since=NOW, until=NOW + minutes(60), by=desk.by())
    assert rates == Overrides(
        queue_id=desk.queues["Network"], accepted=2, changed=1, refused=2, applied=0, undone=1,
        by_refusal={"wrong_skill": 1, "wrong_time": 1},
    )  # fmt: skip
    assert rates.override_ratio == pytest.approx(4 / 5)
    assert override_rates(desk.id, since=NOW + minutes(60), until=NOW + minutes(90), by=desk.by()) == []


def test_an_undone_refusal_is_no_override(desk):
    """Changing one's mind counts for nothing."""
    _, ids = answered_desk(desk)
    decision_undo(ids[3], by=desk.by(), now=NOW + minutes(2))
    (rates,) = override_rates(desk.id, since=NOW, until=NOW + minutes(60), by=desk.by())
    assert (rates.refused, rates.by_refusal) == (1, {"wrong_time": 1})


def test_open_proposals_of_a_page_come_in_one_query(desk, django_assert_num_queries):
    """Fifty rows ask as often as one."""
    items, ids = answered_desk(desk)
    with django_assert_num_queries(1):
        found = queries.decision_open_for(items)
    assert {item: row.id for item, row in found.items()} == {items[5]: ids[5]}
    assert (found[items[5]].chosen, found[items[5]].outcome["verdict"]) == ("Ana", "assign")


def test_the_history_of_an_item_is_latest_first(desk):
    """Everything that was decided about it."""
    items, _ = answered_desk(desk)
    desk.tick(NOW + minutes(2))
    rows = queries.decisions_of_item(items[3])
    assert [row.status for row in rows] == [Status.PROPOSED, Status.REFUSED]
    assert rows[0].id > rows[1].id


def test_lists_are_paged_by_key_and_filtered(desk):
    """Two pages hold every decision once."""
    _, ids = answered_desk(desk)
    first = queries.decision_list(desk.id, limit=4, by=desk.by())
    second = queries.decision_list(desk.id, limit=4, before=first[-1].id, by=desk.by())
    assert [row.id for row in first + second] == sorted(ids, reverse=True)
    refused = queries.decision_list(desk.id, status=Status.REFUSED, by=desk.by())
    assert {row.refusal for row in refused} == {"wrong_skill", "wrong_time"}
    assert queries.decision_list(desk.id, queue_id=desk.queues["Mail"], by=desk.by()) == []


def test_decisions_of_other_desks_do_not_exist(desk):
    """Neither one by one nor as a list."""
    _, ids = answered_desk(desk)
    stranger = actor(Role.ADMIN, make_desk())
    with pytest.raises(NotFound):
        queries.decision_get(ids[0], by=stranger)
    with pytest.raises(NotAllowed):
        queries.decision_list(desk.id, by=stranger)
    with pytest.raises(NotAllowed):
        override_rates(desk.id, since=NOW, until=NOW + minutes(1), by=stranger)
    for nonsense in (0, -1, 2**70):
        with pytest.raises(NotFound):
            queries.decision_get(nonsense, by=desk.by())
