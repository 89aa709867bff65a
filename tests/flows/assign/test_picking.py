"""What is next for a person, and picking it: in order, within every must, one item for each of two who pick at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from tests.factories import BOSS
from tests.flows.assign.small_desk import NOW, item_row, make_small_desk, reference, texts
from watchbill.apps.decisions.deferrals import deferral_add_many
from watchbill.apps.decisions.freed import NewFreed, freed_set
from watchbill.apps.people.rights import Role
from watchbill.apps.people.services import person_activity_set
from watchbill.apps.shifts.absences import absence_add
from watchbill.apps.shifts.services import presence_set
from watchbill.engine.base.errors import InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import EventKind
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign import picking
from watchbill.flows.assign.picking import next_of, next_pick

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    made = make_small_desk()
    made.mode("Mail", "pull")
    return made


def listed(desk, name):
    return [(line.reference, line.is_own) for line in next_of(desk.people[name], by=desk.by(), now=NOW).lines]


def test_nothing_of_a_queue_to_pick_from_is_proposed(desk):
    """The tick looks past it; what was proposed before the switch holds no more."""
    desk.mode("Mail", "advise")
    before = desk.item()
    desk.tick()
    assert desk.proposal(before) is not None
    desk.mode("Mail", "pull")
    desk.item(priority=1)
    desk.tick()
    assert desk.proposal(before) is None


def test_own_work_and_work_to_pick_stand_in_one_order(desk):
    """By the index, with what makes each urgent and why it stands before the next; other queues are not offered."""
    low, high, own, network = desk.item(priority=4), desk.item(priority=1), desk.item(priority=3), desk.item("Network")
    item_assign(reference(own), desk.people["Ben"], by=desk.by(), now=NOW)
    assert listed(desk, "Ben") == [(reference(high), False), (reference(own), True), (reference(low), False)]
    first = next_of(desk.people["Ben"], by=desk.by(), now=NOW).lines[0]
    assert first.why.startswith("P1, response due in 15 min")
    assert first.before
    assert reference(network) not in dict(listed(desk, "Ana"))


def test_what_is_left_behind_is_there_to_pick(desk):
    """Freed of its owner, or its owner ill beyond its due, or gone for good: whoever picks next finds it; else it is hers."""
    freed, ill, gone, kept = (desk.item(priority=2) for _ in range(4))
    for item, who in ((freed, "Nora"), (ill, "Ana"), (gone, "Zoe"), (kept, "Nora")):
        desk.people.get(who) or desk.person(who)
        item_assign(reference(item), desk.people[who], by=desk.by(), now=NOW)
    assert listed(desk, "Ben") == []
    freed_set(
        desk.id,
        [NewFreed(item_id=freed, owner_id=desk.people["Nora"], why="sun", text="passed with the sun", from_at=NOW)],
    )
    absence_add(desk.people["Ana"], from_at=NOW, until_at=NOW + timedelta(days=4), by=BOSS, now=NOW)
    person_activity_set(desk.people["Zoe"], is_active=False, reason="left", by=BOSS, now=NOW)
    assert sorted(listed(desk, "Ben")) == sorted((reference(item), False) for item in (freed, ill, gone))
    ben = desk.by(Role.AGENT, "Ben", person="Ben")
    assert {next_pick(by=ben, now=NOW).reference for _ in range(3)} == {reference(item) for item in (freed, ill, gone)}
    assert [(line.reference, line.is_own) for line in next_of(desk.people["Nora"], by=desk.by(), now=NOW).lines] == [
        (reference(kept), True)
    ]


def test_what_is_put_off_takes_no_place_from_what_can_be_begun(desk, monkeypatch):
    """So many P3 are put off as are looked at, first due each: the P4 that comes last is there to pick all the same."""
    monkeypatch.setattr(picking, "MOST_LOOKED_AT", 3)
    put_off = [desk.item(priority=3) for _ in range(4)]
    last = desk.item(priority=4)
    until = NOW + timedelta(hours=4)
    deferral_add_many(desk.id, put_off, until_at=until, text="later", recovery_id=1, by_name="Boss", now=NOW)
    assert listed(desk, "Ben") == [(reference(last), False)]
    assert next_of(desk.people["Ben"], by=desk.by(), now=NOW).waiting == 1


def test_work_of_who_is_off_is_there_to_pick_unless_she_is_back_in_time(desk):
    """Off by her own word without saying until when: others may pick it; back before its due, it is hers."""
    item = desk.item(priority=2)
    item_assign(reference(item), desk.people["Ana"], by=desk.by(), now=NOW)
    presence_set(desk.people["Ana"], desk_id=desk.id, state="off", by=BOSS, now=NOW)
    assert listed(desk, "Ben") == [(reference(item), False)]
    presence_set(
        desk.people["Ana"], desk_id=desk.id, state="off", until_at=NOW + timedelta(minutes=5), by=BOSS, now=NOW
    )
    assert listed(desk, "Ben") == []


def test_who_may_take_nothing_hears_why(desk):
    """Off shift, Nora may pick nothing, and her page says so; the rest of the list is her own work."""
    desk.item()
    found = next_of(desk.people["Nora"], by=desk.by(), now=NOW)
    assert (found.waiting, found.left_out, found.lines) == (1, "1: is away or off shift", [])
    with pytest.raises(NotFound, match="Nothing waits that you can take now \\(1 wait; 1: is away or off shift\\)"):
        next_pick(by=desk.by(Role.AGENT, "Nora", person="Nora"), now=NOW)


def test_picking_takes_the_first_and_says_why(desk):
    """The most pressing is hers, taken up, with a note; what she named is taken while it is there."""
    low, high, other = desk.item(priority=4), desk.item(priority=1), desk.item(priority=3)
    ben = desk.by(Role.AGENT, "Ben", person="Ben")
    picked = next_pick(by=ben, now=NOW)
    assert (picked.reference, picked.instead_of) == (reference(high), "")
    assert item_row(high)["owner_id"] == desk.people["Ben"]
    assert item_row(high)["state"] == "in_progress"
    assert texts(high, EventKind.ASSIGNED)[0].startswith("Picked as what is next: P1, response due in")
    assert next_pick(reference=reference(low).lower(), by=ben, now=NOW).reference == reference(low)
    gone = next_pick(reference=reference(high), by=ben, now=NOW)
    assert (gone.reference, gone.instead_of) == (reference(other), reference(high))


def test_who_may_not_take_picks_nothing(desk):
    """A right to take and a person of the desk are needed."""
    desk.item()
    with pytest.raises(InvalidFacts, match="does not own work"):
        next_pick(by=desk.by(), now=NOW)
    with pytest.raises(NotAllowed):
        next_pick(by=desk.by(Role.AUDITOR, "Ana", person="Ana"), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_pick_at_once_each_gets_one():
    """One gets the first, the other the next; nobody gets what somebody else has."""
    desk = make_small_desk()
    desk.mode("Mail", "pull")
    items = [desk.item(priority=n) for n in (1, 2, 3)]
    gate, got = threading.Barrier(2), {}

    def pick(name):
        by = desk.by(Role.AGENT, name, person=name)
        try:
            gate.wait()
            got[name] = next_pick(by=by, now=NOW).reference
        finally:
            connection.close()

    threads = [threading.Thread(target=pick, args=(name,)) for name in ("Ana", "Ben")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(got.values()) == sorted(reference(item_id) for item_id in items[:2])
    owners = [item_row(item_id)["owner_id"] for item_id in items]
    assert sorted(owners[:2]) == sorted([desk.people["Ana"], desk.people["Ben"]])
    assert owners[2] is None
