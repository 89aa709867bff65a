"""`watchbill balance` and the API tell the same figures."""

from __future__ import annotations

from tests.interfaces.office import BY
from watchbill.apps.work.queries import work_get


def test_the_same_figures_by_both(busy, run, api):
    """Four terms, hours, moves: whichever way they are asked for."""
    told = run("balance", "--desk", "north", "--json")
    status, answer = api("queue_manager").get("/balance?desk=north")
    assert status == 200
    for name in ("desk", "regions", "people", "teams", "skills", "horizon_h", "moves"):
        assert told[name] == answer[name], name
    assert told["people"][0]["name"] == "Ann North"
    assert told["people"][0]["backlog_h"] == 40
    assert "Ann North" in run("balance", "--desk", "north")


def test_moves_are_made_and_undone_at_the_console(busy, run):
    """The short form makes them; the act that is named takes them back; a second time it is left and says why."""
    moves = [one["move"] for one in run("balance", "--desk", "north", "--json")["moves"]["moves"][:2]]
    made = run("balance", "make", *moves, "--desk", "north", "--json")
    assert len(made["done"]) == 2
    assert work_get(made["done"][0], by=BY).owner == "Bo North"
    assert "left" in run("balance", "make", moves[0], "--desk", "north", code=1)
    run("items", "bulk", "undo", made["act"])
    assert work_get(made["done"][0], by=BY).owner == "Ann North"


def test_shares_by_both_and_for_oneself(busy, run, api):
    """Managers have everybody's, a person her own, and nobody another's."""
    told = run("balance", "shares", "--desk", "north", "--json")["shares"]
    assert told == api("queue_manager").get("/balance/shares?desk=north")[1]["shares"]
    assert told[0]["name"] == "Ann North"
    assert api("ann").get("/balance/shares?desk=north")[0] == 403
    own = api("ann").get("/balance/shares/own?desk=north")
    assert [one["name"] for one in own[1]["shares"]] == ["Ann North"]
    assert api("queue_manager").get("/balance/shares/own?desk=north")[1]["shares"] == []
    one = api("queue_manager").get("/balance/shares?desk=north&person=Bo North")
    assert [line["name"] for line in one[1]["shares"]] == ["Bo North"]


def test_the_api_makes_moves_once(busy, api):
    """With an idempotency key a second sending does nothing twice."""
    caller = api("queue_manager")
    key = caller.get("/balance?desk=north")[1]["moves"]["moves"][0]["move"]
    first = caller.post("/balance/moves", {"desk": "north", "moves": [key]}, Idempotency_Key="one")
    again = caller.post("/balance/moves", {"desk": "north", "moves": [key]}, Idempotency_Key="one")
    assert first == again
    assert len(first[1]["done"]) == 1


def test_managers_are_told_by_command_and_by_api(busy, run, api):
    """The same alert; a second word too soon is refused; whoever may not change many items may not."""
    told = run("balance", "alert", "We need two of you", "--desk", "north", "--json")
    assert (told["kind"], told["region"]) == ("balance", None)
    assert told["text"].startswith("“We need two of you” The desk: ")
    wish = {"desk": "north", "text": "And a third"}
    status, refused = api("queue_manager").post("/balance/alert", wish)
    assert (status, "Wait 15 minutes" in refused["message"]) == (409, True)
    assert api("queue_manager").post("/balance/alert", {**wish, "region": "Nowhere"})[0] == 422
    assert api("agent").post("/balance/alert", wish)[0] == 403
