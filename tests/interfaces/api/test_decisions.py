"""Decisions by the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interfaces.office import BY, NOW
from watchbill.apps.work.queries import work_get
from watchbill.flows.assign.tick import tick_desk


@pytest.fixture
def proposed(office, api):
    """An item of the desk north with its open proposal."""
    item = office.item()
    tick_desk(office.desks["north"], NOW)
    _, page = api("chief").get("/decisions?desk=north&status=proposed")
    (decision,) = page["decisions"]
    assert decision["item"] == item
    return decision


def test_a_proposal_says_why(api, proposed):
    """It names the person, the score by reason that adds up, the next best, and who was left out."""
    assert proposed["chosen"] in {"Ann North", "Bo North"}
    assert proposed["chosen_ref"].startswith("PER-")
    assert sum(reason["points"] for reason in proposed["contributions"]) == pytest.approx(proposed["score"])
    assert [other["person"][:4] for other in proposed["alternatives"]] == ["PER-"]
    assert api("chief").get(f"/decisions/{proposed['reference']}")[1] == proposed


def test_accept_gives_the_item_and_undo_takes_it_back(api, proposed):
    """After accepting the person owns it; after undoing it is as it was."""
    caller, item = api("chief"), proposed["item"]
    status, answered = caller.post(f"/decisions/{proposed['reference']}/accept", {})
    assert (status, answered["decision"]["status"], answered["decision"]["answered_by"]) == (200, "accepted", "Chief")
    assert work_get(item, by=BY).owner == proposed["chosen"]
    status, undone = caller.post(f"/decisions/{proposed['reference']}/undo", {})
    assert (status, undone["decision"]["undone_by"]) == (200, "Chief")
    assert work_get(item, by=BY).owner is None


def test_the_second_answer_is_a_conflict_that_names_the_first(api, proposed):
    """Whoever answers second is told who answered, and how."""
    assert api("chief").post(f"/decisions/{proposed['reference']}/accept", {})[0] == 200
    status, body = api("coordinator").post(f"/decisions/{proposed['reference']}/refuse", {"reason": "wrong_time"})
    assert (status, body["code"], body["details"]["by"]) == (409, "conflict", "Chief")


def test_an_answer_sent_twice_with_one_key_is_one_answer(api, proposed):
    """Accepting again with the same idempotency key gets the first answer instead of a conflict."""
    caller = api("chief")
    first = caller.post(f"/decisions/{proposed['reference']}/accept", {}, Idempotency_Key="a")
    assert caller.post(f"/decisions/{proposed['reference']}/accept", {}, Idempotency_Key="a") == first
    assert first[0] == 200


def test_change_and_refuse_keep_their_reasons(office, api, proposed):
    """The reason of a change or a refusal stands with the decision; the item goes where the person said."""
    other = next(name for name in ("Ann North", "Bo North") if name != proposed["chosen"])
    _, answered = api("chief").post(
        f"/decisions/{proposed['reference']}/change", {"person": other, "reason": "knows the customer"}
    )
    decision = answered["decision"]
    assert (decision["status"], decision["given_to"]) == ("changed", other)
    assert decision["answer_reason"] == "knows the customer"
    office.item()
    tick_desk(office.desks["north"], NOW + timedelta(minutes=5))
    _, page = api("chief").get("/decisions?desk=north&status=proposed")
    reference = page["decisions"][0]["reference"]
    assert api("chief").post(f"/decisions/{reference}/refuse", {"reason": "moon"})[0] == 422
    _, answered = api("chief").post(f"/decisions/{reference}/refuse", {"reason": "customer_asks", "text": "again"})
    assert (answered["decision"]["refusal"], answered["decision"]["answer_reason"]) == ("customer_asks", "again")


def test_explain_says_of_everybody_why(office, api, proposed):
    """Every person of the desk is there, those who may take it first, each with a score or the rules she fails."""
    status, found = api("ann").get(f"/items/{proposed['item']}/explain")
    assert status == 200
    assert sorted(one["name"] for one in found["considered"]) == ["Ann North", "Bo North"]
    assert all(one["may_take"] == (one["score"] is not None) for one in found["considered"])


def test_decisions_are_paged_from_the_latest(office, api):
    """Each decision comes once, the latest first."""
    items = [office.item() for _ in range(3)]
    tick_desk(office.desks["north"], NOW)
    _, first = api("ann").get("/decisions?desk=north&limit=2")
    _, second = api("ann").get(f"/decisions?desk=north&limit=2&after={first['next']}")
    seen = [decision["item"] for decision in first["decisions"] + second["decisions"]]
    assert sorted(seen) == sorted(items)
    assert second["next"] is None
    _, of_one = api("ann").get(f"/items/{items[0]}/decisions")
    assert [decision["item"] for decision in of_one["decisions"]] == [items[0]]
