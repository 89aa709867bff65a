"""What a policy may look at and promise, kept by the desk: customers as they were, queues, cycles, pauses, versions that take over."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.factories import BOSS, NOW, make_desk, make_item, make_person, minutes, publish_replayed
from tests.flows.intake import read
from watchbill.apps.clocks import services as clock_services
from watchbill.apps.clocks.models import PolicyVersion
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.customers.models import Customer
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.queues import queue_save
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority, State
from watchbill.flows import firing, taking_over
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note, item_priority, item_queue, item_state
from watchbill.flows.clocks import recompute
from watchbill.flows.customers import customer_change

pytestmark = pytest.mark.django_db

ALL = {"P1": 60, "P2": 60, "P3": 60, "P4": 60}
ALWAYS = {"zone": "UTC", "weekly": {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}


def desk_with(*clocks: dict, **policy: object) -> int:
    """A desk whose policy, on a calendar that never closes, is *clocks*; each as a policy body has it."""
    desk = make_desk(has_clocks=False)
    how = {"holds_from": NOW - minutes(600), "reason": "test", "by": BOSS, "now": NOW - minutes(600)}
    clock_services.calendar_publish(desk, "always", ALWAYS, **how)
    clock_services.policy_publish(desk, {"clocks": [body(**clock) for clock in clocks], **policy}, **how)
    return desk


def body(**parts: object) -> dict:
    return {"kind": "resolution", "calendar": "always", "targets_min": ALL, **parts}


def clock(reference: str, name: str = "resolution"):
    item = work_get(reference, by=BOSS)
    return next((each for each in clocks_of_items([item.id])[item.id] if each.name == name), None)


def kept(reference: str) -> tuple:
    item_id = work_get(reference, by=BOSS).id
    clocks = read.fetch(
        "select name, cycle, status, target_s, elapsed_s, paused_s, due_at, breach_at, safe_at, warn_ats, resumes_at, next_at"
        f" from clocks_clock where item_id = {item_id} order by name"
    )
    cycles = read.fetch(
        f"select name, cycle, status, elapsed_s, due_at, stopped_at from clocks_cycle where item_id = {item_id} order by 1, 2"
    )
    return clocks, cycles


def recomputed(desk: int, reference: str, now: datetime) -> None:
    """What is kept is what the stored events say."""
    before = kept(reference)
    recompute(desk, [work_get(reference, by=BOSS).id], now=now)
    assert kept(reference) == before


def test_a_customers_tier_counts_as_it_was():
    """Premier at noon, standard before: the clock changes its target then, and what was done before keeps its own."""
    desk = desk_with(
        {"when": "tier is premier", "targets_min": {**ALL, "P3": 30}, "on_customer": "keep"}, {"targets_min": ALL}
    )
    done, reference = (make_item(desk, customer="Acme", priority=Priority.P3) for _ in range(2))
    item_state(done, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(1))
    item_state(done, State.RESOLVED, by=BOSS, now=NOW + minutes(2))
    customer_change(
        Customer.objects.get(name="Acme").id, tier="premier", reason="renewed", by=BOSS, now=NOW + minutes(20)
    )
    assert clock(done).target_s == 3600
    assert (clock(reference).target_s, clock(reference).due_at) == (1800, NOW + minutes(30))
    later = make_item(desk, customer="Acme", priority=Priority.P3, now=NOW + minutes(21))
    assert clock(later).target_s == 1800
    recomputed(desk, reference, NOW + minutes(25))
    customer_change(
        Customer.objects.get(name="Acme").id, tier="standard", reason="ended", by=BOSS, now=NOW + minutes(40)
    )
    assert (clock(reference).target_s, clock(reference).due_at) == (3600, NOW + minutes(60))
    recomputed(desk, done, NOW + minutes(50))


def test_an_agreement_between_teams_runs_while_the_second_line_has_it_and_begins_anew_with_each_transfer():
    """OLA of the second line: absent in the first, running in its queue, ended when it goes back, a new cycle next time."""
    desk = desk_with(
        {},
        {
            "name": "second line", "kind": "stage", "agreement": "ola", "start": "queue is Network",
            "stop": "not queue is Network", "repeats": True, "on_transfer": "restart",
        },
    )  # fmt: skip
    network, first = (queue_save(desk, name=name, by=BOSS, now=NOW) for name in ("Network", "First"))
    reference = make_item(desk, priority=Priority.P3)
    assert clock(reference, "second line") is None
    item_queue(reference, network, by=BOSS, now=NOW + minutes(10))
    assert clock(reference, "second line").due_at == NOW + minutes(70)
    item_queue(reference, first, by=BOSS, now=NOW + minutes(30))
    assert clock(reference, "second line").status == "met"
    item_queue(reference, network, by=BOSS, now=NOW + minutes(40))
    now = clock(reference, "second line")
    assert (now.status, now.cycle, now.due_at, now.agreement) == ("running", 2, NOW + minutes(100), "ola")
    assert [(row["cycle"], row["status"], row["elapsed_s"]) for row in kept(reference)[1]] == [(1, "met", 1200)]
    recomputed(desk, reference, NOW + minutes(50))


def test_the_next_update_is_promised_again_with_each_reply():
    """A reply in time ends a cycle and begins the next; a late one is missed; solving calls the last one off."""
    desk = desk_with({}, {"kind": "next_update", "name": "next update", "targets_min": {**ALL, "P1": 30}})
    reference = make_item(desk, priority=Priority.P1)
    item_note(reference, "We are on it", is_to_customer=True, by=BOSS, now=NOW + minutes(20))
    assert clock(reference, "next update").due_at == NOW + minutes(50)
    assert firing.tick(NOW + minutes(55)) >= 2
    item_note(reference, "Nearly there", is_to_customer=True, by=BOSS, now=NOW + minutes(60))
    item_state(reference, State.RESOLVED, by=BOSS, now=NOW + minutes(70))
    clocks, cycles = kept(reference)
    assert [(row["cycle"], row["status"]) for row in cycles] == [(1, "met"), (2, "missed")]
    assert [(row["cycle"], row["status"]) for row in clocks if row["name"] == "next update"] == [(3, "cancelled")]
    recomputed(desk, reference, NOW + minutes(80))


def test_a_pause_that_has_a_limit_ends_by_itself_and_is_told():
    """Waiting for a customer stops the clock for ten minutes at most: then the watch says so, and time runs on."""
    desk = desk_with({"pause_limit_min": 10, "warn_ratios": [0.5, 0.9]})
    reference = make_item(desk, priority=Priority.P3)
    item_assign(reference, make_person(desk), by=BOSS, now=NOW)
    item_state(reference, State.WAITING_CUSTOMER, by=BOSS, now=NOW + minutes(5))
    paused = clock(reference)
    assert (paused.status, paused.due_at) == ("paused", NOW + minutes(70))
    assert kept(reference)[0][0]["next_at"] == kept(reference)[0][0]["resumes_at"] == NOW + minutes(15)
    firing.tick(NOW + minutes(15))
    assert clock(reference).status == "running"
    firing.tick(NOW + minutes(71))
    told = read.fetch("select data ->> 'what' as what, at from work_event where kind = 'clock' order by seq")
    assert [(row["what"], row["at"]) for row in told if row["what"] != "start_by"] == [
        ("resumed", NOW + minutes(15)), ("warning", NOW + minutes(40)), ("warning", NOW + minutes(64)),
        ("breach", NOW + minutes(70)),
    ]  # fmt: skip


@pytest.mark.parametrize(("choice", "due"), [("keep", 40), ("restart", 60), ("retroactive", 40)])
def test_a_version_that_says_so_takes_over_what_is_open(choice, due):
    """Half as long from 20 minutes on: 20 minutes are gone, or none. What is done keeps its version, and so does a later item's."""
    desk = desk_with({})
    open_one, done = make_item(desk, priority=Priority.P3), make_item(desk, priority=Priority.P3)
    item_state(done, State.RESOLVED, by=BOSS, now=NOW + minutes(1))
    new = {"clocks": [body(targets_min=dict.fromkeys(ALL, 40))], "takes_over": choice}
    publish_replayed(desk, new, holds_from=NOW + minutes(20))
    assert taking_over.tick(NOW + minutes(19)) == 0
    assert clock(open_one).due_at == NOW + minutes(60)
    assert taking_over.tick(NOW + minutes(20)) == 1
    assert taking_over.tick(NOW + minutes(21)) == 0
    assert (clock(open_one).due_at, clock(open_one).policy_number) == (NOW + minutes(due), 2)
    assert (clock(done).target_s, clock(done).policy_number) == (3600, 1)
    recomputed(desk, open_one, NOW + minutes(22))
    item_priority(open_one, priority=Priority.P1, text="worse", by=BOSS, now=NOW + minutes(25))
    assert clock(open_one).policy_number == 2


def test_a_vendors_due_does_not_order_our_work():
    """What a vendor owes us is a clock of the item, and not the instant by which somebody of ours has to act."""
    desk = desk_with(
        {"targets_min": dict.fromkeys(ALL, 300)},
        {
            "name": "vendor repair", "kind": "stage", "agreement": "uc", "start": "state is waiting_vendor",
            "stop": "not state is waiting_vendor", "targets_min": dict.fromkeys(ALL, 45),
        },
    )  # fmt: skip
    reference = make_item(desk, priority=Priority.P2)
    item_assign(reference, make_person(desk), by=BOSS, now=NOW)
    item_state(reference, State.WAITING_VENDOR, by=BOSS, now=NOW + minutes(5))
    assert clock(reference, "vendor repair").due_at == NOW + minutes(50)
    assert work_get(reference, by=BOSS).due_sort_at.year == 9999
    item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(55))
    assert clock(reference, "vendor repair").status == "missed"
    assert work_get(reference, by=BOSS).due_sort_at == NOW + minutes(350)


def test_a_question_that_an_item_cannot_answer_keeps_nobody_from_his_work():
    """The policy asks for a number of devices, and for the instant of a report: of a case that has neither the one promise
    is not made, the other counts from the opening."""
    desk = desk_with(
        {"when": "attributes.devices > 20", "name": "big sites"},
        {"name": "since the report", "since": "attributes.reported_at"},
    )
    reference = make_item(desk, priority=Priority.P3)
    item_state(reference, State.WAITING_CUSTOMER, by=BOSS, now=NOW + minutes(5))
    assert clock(reference, "big sites") is None
    assert (clock(reference, "since the report").started_at, clock(reference, "since the report").status) == (
        NOW,
        "paused",
    )
    recomputed(desk, reference, NOW + minutes(6))


def test_a_take_over_that_is_interrupted_goes_on_where_it_was(monkeypatch):
    """Each batch is kept by itself: what was taken over before a fault stays, and the next run takes the rest."""
    monkeypatch.setattr(taking_over, "BATCH", 2)
    desk = desk_with({})
    references = [make_item(desk, priority=Priority.P3) for _ in range(5)]
    new = {"clocks": [body(targets_min=dict.fromkeys(ALL, 40))], "takes_over": "keep"}
    publish_replayed(desk, new, holds_from=NOW + minutes(20))
    calls = []

    def failing(desk_id, item_ids, *, now):
        calls.append(len(item_ids))
        if len(calls) == 2:
            raise RuntimeError("the power went")
        return recompute(desk_id, item_ids, now=now)

    monkeypatch.setattr(taking_over, "recompute", failing)
    taking_over.tick(NOW + minutes(21))
    assert [clock(each).policy_number for each in references] == [2, 2, 1, 1, 1]
    assert taking_over.tick(NOW + minutes(22)) == 3
    assert [clock(each).policy_number for each in references] == [2] * 5
    assert calls == [2, 2, 2, 1]


def test_a_version_in_force_is_read_although_no_one_may_enter_it_any_more():
    """Stored before only notes were refused to meet a clock: the desk works on, and the same draft is refused."""
    desk = desk_with({})
    PolicyVersion.objects.create(
        desk_id=desk, number=2, holds_from=NOW - minutes(1), by_name="test", reason="older version",
        body={"version": 2, "clocks": [body(stop=[{"events": ["note"]}])]},
    )  # fmt: skip
    assert clock(make_item(desk, priority=Priority.P3)).policy_number == 2
    with pytest.raises(InvalidFacts, match="could never be met"):
        clock_services.policy_publish(
            make_desk(), {"clocks": [body(stop=[{"events": ["note"]}], calendar="office")]}, holds_from=NOW,
            reason="test", by=BOSS, now=NOW,
        )  # fmt: skip
