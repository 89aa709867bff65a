"""A P1 for which nobody is free: whose work is laid aside, what is said of it, and that undoing gives it back."""

from __future__ import annotations

from tests.factories import BOSS, minutes
from tests.flows.assign.small_desk import NOW, item_row, reference, texts
from watchbill.apps.decisions.models import Decision
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.notices.models import Notice
from watchbill.apps.people.models import Person
from watchbill.engine.assign.schedule import Step
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.answers import decision_accept, decision_undo

LATER = NOW + minutes(2)


def busy(desk, *, ben=3):
    """Everybody may own one item; Ana owns a P4, Ben a P3. Returns both items."""
    Person.objects.filter(desk_id=desk.id).update(wip_limit=1)
    items = desk.item(priority=4), desk.item(priority=ben)
    for item, name in zip(items, ("Ana", "Ben"), strict=True):
        item_assign(reference(item), desk.people[name], by=BOSS, now=NOW)
    desk.tick()
    return items


def proposed(desk):
    """A P1 comes, and Ana is to lay her P4 aside for it. Returns that P4, the P1 and the proposal."""
    aside, _ = busy(desk)
    urgent = desk.item(priority=1, now=LATER)
    desk.tick(LATER)
    return aside, urgent, desk.proposal(urgent)


def test_the_item_with_the_most_slack_for_its_weight_is_laid_aside(desk):
    """Ana's P4 can wait longest: the P1 is proposed for her, and card, note and outcome name what she lays aside."""
    aside, urgent, row = proposed(desk)
    assert row.chosen_id == desk.people["Ana"]
    assert row.outcome["interrupts"]["reference"] == reference(aside)
    assert f"Ana lays {reference(aside)} aside" in row.outcome["reason"]
    assert (
        f"Nobody is free: {reference(aside)} (P4, 1 h 00 min of work) goes back to its queue"
        in texts(urgent, "suggested")[-1]
    )
    assert item_row(aside)["owner_id"] == desk.people["Ana"]  # nothing has happened yet


def test_accepting_moves_both_and_undoing_gives_both_back(desk):
    """Both items' notes name each other; after undoing, Ana has her P4 again and the P1 waits."""
    aside, urgent, row = proposed(desk)
    decision_accept(row.id, by=desk.by(), now=LATER)
    assert item_row(urgent)["owner_id"] == desk.people["Ana"]
    assert item_row(aside)["owner_id"] is None
    assert f"Laid aside: Ana takes {reference(urgent)} (P1), for which nobody was free" in texts(aside, "decided")[-1]
    told = Notice.objects.filter(person_id=desk.people["Ana"], subject_ref=reference(aside), kind="unassigned")
    assert told.exists()
    decision_undo(row.id, by=desk.by(), now=LATER)
    assert item_row(urgent)["owner_id"] is None
    assert item_row(aside)["owner_id"] == desk.people["Ana"]
    assert f"{reference(aside)} goes back to Ana" in texts(urgent, "decided")[-1]
    assert "Given back" in texts(aside, "decided")[-1]


def test_what_somebody_else_has_taken_since_stays_there(desk):
    """Undoing takes the P1 back; the item that was laid aside has a new owner by then, and the note says so."""
    aside, urgent, row = proposed(desk)
    decision_accept(row.id, by=desk.by(), now=LATER)
    item_assign(reference(aside), desk.people["Nora"], by=BOSS, now=LATER)
    decision_undo(row.id, by=desk.by(), now=LATER)
    assert item_row(aside)["owner_id"] == desk.people["Nora"]
    assert f"{reference(aside)} stays where it is, because it has been changed since" in texts(urgent, "decided")[-1]


def test_autopilot_interrupts_in_one_act_and_one_item_gives_way_to_one(desk):
    """Two P1 at once lay two items of two people aside; a third finds nobody, and says so."""
    items = busy(desk, ben=4)
    desk.mode("Mail", "autopilot")
    urgent = [desk.item(priority=1, now=LATER) for _ in range(3)]
    desk.tick(LATER)
    owners = [item_row(one)["owner_id"] for one in urgent]
    assert sorted(filter(None, owners)) == sorted([desk.people["Ana"], desk.people["Ben"]])
    assert [item_row(one)["owner_id"] for one in items] == [None, None]
    left = urgent[owners.index(None)]
    assert desk.proposal(left).chosen_id is None
    assert Decision.objects.filter(status="applied").count() == 2
    before = Decision.objects.count()
    desk.tick(LATER)
    assert Decision.objects.filter(status="applied").count() == 2
    assert Decision.objects.count() == before


def test_a_slot_that_is_only_proposed_elsewhere_is_no_reason_to_interrupt(desk):
    """Ana and Ben are free but for proposals of P3: the P1 takes such a place, and nothing is laid aside."""
    Person.objects.filter(desk_id=desk.id).update(wip_limit=1)
    for _ in range(2):
        desk.item(priority=3)
    desk.tick()
    urgent = desk.item(priority=1, now=LATER)
    desk.tick(LATER)
    row = desk.proposal(urgent)
    assert row.chosen_id in {desk.people["Ana"], desk.people["Ben"]}
    assert row.outcome["interrupts"] is None


def test_nothing_is_interrupted_for_a_p2_unless_the_policy_says_so(desk):
    """By default only a P1 does; the policy can add P2, and take the P1 away."""
    busy(desk)
    second = desk.item(priority=2, now=LATER)
    desk.tick(LATER)
    assert desk.proposal(second).chosen_id is None
    policy_publish(
        desk.id, {"preempts_p1": False, "preempts_p2": True}, holds_from=LATER, reason="test", by=BOSS, now=LATER
    )
    first = desk.item(priority=1, now=LATER)
    desk.tick(LATER, step=Step.PLAN)
    assert desk.proposal(first).chosen_id is None
    assert desk.proposal(second).outcome["interrupts"] is not None


def test_what_changed_hands_before_the_answer_is_not_laid_aside(desk):
    """A second manager has given the P4 to Nora meanwhile: accepting gives Ana the P1, and leaves Nora's work alone."""
    aside, urgent, row = proposed(desk)
    item_assign(reference(aside), desk.people["Nora"], by=BOSS, now=LATER)
    decision_accept(row.id, by=desk.by(), now=LATER)
    assert item_row(urgent)["owner_id"] == desk.people["Ana"]
    assert item_row(aside)["owner_id"] == desk.people["Nora"]
    assert "interrupted" not in Decision.objects.get(id=row.id).receipt
