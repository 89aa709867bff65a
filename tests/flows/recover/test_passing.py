"""Passing work to a service partner: worked out from the live desk with its price, applied once, and taken back."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.factories import BOSS
from tests.flows.assign.small_desk import item_row, make_small_desk
from tests.flows.recover.test_recover import LATER, WEEK, options, worked_out
from watchbill.apps.people.models import Person
from watchbill.apps.people.partners import partner_add, partner_change, partner_retire
from watchbill.apps.people.rights import Role
from watchbill.apps.work.models import WorkEvent, WorkItem
from watchbill.apps.work.passed import passed_open
from watchbill.engine.backtest.recovery import partners
from watchbill.engine.base.errors import Conflict, NotAllowed
from watchbill.engine.base.work import State
from watchbill.flows.act import bulk
from watchbill.flows.act.items import item_state
from watchbill.flows.act.undoing import act_undo
from watchbill.flows.recover.applying import recovery_apply, recovery_undo
from watchbill.flows.recover.gather import look

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """Six P2 are due at 18:00; nobody is there before the night, and nobody can be called in."""
    desk = make_small_desk()
    for name in ("Ana", "Ben"):
        Person.objects.filter(id=desk.people[name]).update(is_active=False)
    desk.item(now=LATER - WEEK - timedelta(hours=1), priority=4)
    desk.item(now=LATER - timedelta(hours=3), priority=2, category="Phone")
    for number in range(1, 6):
        desk.item(now=LATER - timedelta(hours=3, minutes=number), priority=2, category="Mail")
    return desk


def partner(desk, **facts):
    default = {
        "name": "Acme",
        "email": "desk@acme.example",
        "at_once": 3,
        "most": 4,
        "lead_min": 30,
        "price": Decimal("85.50"),
        "currency": "EUR",
    }
    return partner_add(desk.id, by=BOSS, now=LATER, **(default | facts))


def test_nobody_to_pass_to(desk):
    """Without a partner the plan is not offered, and says so."""
    row = worked_out(desk)
    assert "partner" not in options(row)
    assert "No service partner is named" in {one["code"]: one["why"] for one in row.result["dropped"]}["partner"]


def test_what_it_saves_and_costs(desk):
    """As many as the partner takes of what it takes, with its price; own people do nothing more."""
    key = partner(desk, categories=["Mail"])
    found = options(worked_out(desk))["partner"]
    assert found["cost"]["items_passed"] == 4
    assert found["cost"]["money"] == [{"amount": "342.00", "currency": "EUR"}]
    assert found["partners"] == [
        {"partner_id": key, "partner": "Acme", "email": "desk@acme.example", "version": 1, "items": 4, "price": "85.50", "money": {"amount": "342.00", "currency": "EUR"}}
    ]  # fmt: skip
    assert "costs 342.00 EUR" in found["why"]
    assert found["change"]["high"] < -2
    assert {item_row(one["item_id"])["category"] for one in found["passed"]} == {"Mail"}


def test_what_asks_for_a_clearance_is_never_passed(desk):
    """Clearances are those of people: what a customer lets only some of them see goes to no other firm."""
    partner(desk)
    secret = options(worked_out(desk))["partner"]["passed"][0]["item_id"]
    WorkItem.objects.filter(id=secret).update(attributes={"clearance": "secret"})
    passed = options(worked_out(desk))["partner"]["passed"]
    assert len(passed) == 4
    assert secret not in {one["item_id"] for one in passed}


def test_the_cheapest_that_can(desk):
    """The cheap one takes two, the dear one the rest; one without a price comes last and is said."""
    partner(desk, name="Dear", price=Decimal(200))
    partner(desk, name="Cheap", at_once=2, most=2, price=Decimal(20))
    partner(desk, name="Unpriced", price=None, currency="")
    found = options(worked_out(desk))["partner"]
    assert {one["partner"]: one["items"] for one in found["partners"]} == {"Cheap": 2, "Dear": 4}
    assert found["cost"]["money"] == [{"amount": "840.00", "currency": "EUR"}]


def test_applied_once_and_taken_back(desk):
    """Each waits for a vendor with its next step and a note; the partner takes no more; undone, all is as it was."""
    key = partner(desk)
    row = worked_out(desk)
    planned = options(row)["partner"]["passed"]
    item_id = planned[0]["item_id"]
    before = item_row(item_id)
    done = recovery_apply(row.id, "partner", by=BOSS, now=LATER)
    assert done.said == "4 items passed to Acme, who must be told"
    after = item_row(item_id)
    assert (after["state"], after["next_step"], after["owner_id"]) == (
        "waiting_vendor",
        "Ask Acme how far it is",
        before["owner_id"],
    )
    assert after["next_step_due_at"].isoformat() == planned[0]["done_by"]
    event = WorkEvent.objects.get(item_id=item_id, kind="state")
    assert (event.data["partner"], event.data["partner_id"]) == ("Acme", key)
    assert "Passed to Acme, by plan “Pass to a partner”" in event.data["text"]
    assert "Not chosen: go on as now" in event.data["text"]
    assert passed_open(desk.id) == {key: 4}
    assert look(desk.id, hours=8, now=LATER).situation.partners == []
    with pytest.raises(Conflict, match="applied"):
        recovery_apply(row.id, "partner", by=BOSS, now=LATER)
    undone = recovery_undo(row.id, by=BOSS, now=LATER + timedelta(minutes=5))
    assert (undone.said, undone.left) == ("4 items no longer with the partner, who must be told", [])
    again = item_row(item_id)
    assert {name: again[name] for name in ("state", "state_since", "next_step", "next_step_due_at", "owner_id")} == {
        name: before[name] for name in ("state", "state_since", "next_step", "next_step_due_at", "owner_id")
    }
    assert passed_open(desk.id) == {}


def test_what_nobody_owns_is_asked_after_by_who_passed_it_on(desk):
    """A next step needs somebody: the owner, else who applied the plan, if she owns work at all."""
    partner(desk)
    row = worked_out(desk)
    coordinator = desk.by(Role.QUEUE_MANAGER, person="Nora")
    recovery_apply(row.id, "partner", by=coordinator, now=LATER + timedelta(minutes=30))
    one = options(row)["partner"]["passed"][0]
    item = item_row(one["item_id"])
    assert (item["owner_id"], item["next_step_owner_id"]) == (None, desk.people["Nora"])
    assert item["next_step_due_at"] == datetime.fromisoformat(one["done_by"]) + timedelta(minutes=30)


def test_no_plan_is_larger_than_one_act():
    """What the engine passes at most is what can be passed at once."""
    assert partners.MOST == bulk.LIMIT


def test_prices_in_several_currencies_are_not_compared(desk):
    """Who begins soonest is asked first, and that is said."""
    partner(desk, name="Yen", price=Decimal(400), currency="JPY", lead_min=10)
    partner(desk, name="Euro", price=Decimal(20), currency="EUR", lead_min=60)
    row = worked_out(desk)
    found = options(row)["partner"]
    assert {one["partner"]: one["items"] for one in found["partners"]} == {"Yen": 4, "Euro": 2}
    assert found["cost"]["money"] == [{"amount": "40.00", "currency": "EUR"}, {"amount": "1600.00", "currency": "JPY"}]
    assert any("several currencies" in said for said in row.result["assumptions"])


def test_what_came_back_meanwhile_stays(desk):
    """Who has done something with an item since keeps what she did, and the undo names it."""
    partner(desk)
    row = worked_out(desk)
    recovery_apply(row.id, "partner", by=BOSS, now=LATER)
    first = options(row)["partner"]["passed"][0]
    item_state(first["item"], State.IN_PROGRESS, by=BOSS, now=LATER + timedelta(minutes=20))
    assert sum(passed_open(desk.id).values()) == 3
    undone = recovery_undo(row.id, by=BOSS, now=LATER + timedelta(minutes=30))
    assert [what for what, _ in undone.left] == [first["item"]]
    assert item_row(first["item_id"])["state"] == "in_progress"


def test_options_after_an_undo_hold_while_time_stands_still(desk):
    """In a paused demo all happens at one instant: what was worked out after the undo may be applied, what was before it may not."""
    partner(desk)
    row, before = worked_out(desk), worked_out(desk)
    recovery_apply(row.id, "partner", by=BOSS, now=LATER)
    recovery_undo(row.id, by=BOSS, now=LATER)
    with pytest.raises(Conflict, match="has taken a plan of"):
        recovery_apply(before.id, "partner", by=BOSS, now=LATER)
    assert recovery_apply(worked_out(desk).id, "partner", by=BOSS, now=LATER).plan == "partner"


def test_undone_by_itself_first(desk):
    """Who undid the act on the trail finds nothing left to undo, and that is said."""
    partner(desk)
    row = worked_out(desk)
    act = recovery_apply(row.id, "partner", by=BOSS, now=LATER).act
    act_undo(int(act.split("-")[1]), by=BOSS, now=LATER)
    undone = recovery_undo(row.id, by=BOSS, now=LATER)
    assert undone.said == "Nothing was left to undo"
    assert undone.left[0][0] == act


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        (
            lambda key, item: partner_retire(key, version=1, reason="contract ended", by=BOSS, now=LATER),
            "Acme takes no work any more",
        ),
        (lambda key, item: partner_change(key, price=Decimal(300), version=1, by=BOSS, now=LATER), "has changed"),
        (lambda key, item: item_state(item, State.IN_PROGRESS, by=BOSS, now=LATER), "in progress now"),
    ],
)
def test_nothing_is_passed_when_something_changed(desk, meanwhile, said):
    """A partner that ended, asks for another price, or an item that somebody began: all or nothing."""
    key = partner(desk)
    row = worked_out(desk)
    meanwhile(key, options(row)["partner"]["passed"][0]["item"])
    with pytest.raises(Conflict, match=said):
        recovery_apply(row.id, "partner", by=BOSS, now=LATER)
    assert passed_open(desk.id) == {}


def test_who_may_not(desk):
    """Passing on is an act on many items that sets their state."""
    partner(desk)
    row = worked_out(desk)
    with pytest.raises(NotAllowed):
        recovery_apply(row.id, "partner", by=desk.by(Role.AGENT), now=LATER)
