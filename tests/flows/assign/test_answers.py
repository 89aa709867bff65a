"""What people say to proposals: yes, somebody else, no, undo, and two people at once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from tests import factories
from tests.factories import BOSS, minutes
from tests.flows.assign.small_desk import NOW, item_row, kinds, make_small_desk, texts
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.core.references import ACT, key_of
from watchbill.apps.decisions.models import Decision
from watchbill.apps.notices.models import Notice
from watchbill.apps.people.rights import Role
from watchbill.apps.people.services import person_activity_set
from watchbill.apps.work.competing import owners_before
from watchbill.apps.work.models import WorkEvent
from watchbill.apps.work.services import Change, work_change
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import EventKind, State
from watchbill.flows.act.bulk import items_state
from watchbill.flows.act.items import item_note, item_state
from watchbill.flows.act.undoing import act_undo
from watchbill.flows.assign import answers
from watchbill.flows.assign.answers import decision_accept, decision_change, decision_refuse, decision_undo
from watchbill.flows.clocks import recompute

LATER = NOW + minutes(1)
RESTORED = ("owner_id", "owner_since", "state", "state_since", "due_sort_at", "team_id", "queue_id", "is_taken_over")


def proposed(desk, queue="Network", **fields):
    """Open an item, let it be proposed; return its id and the decision's."""
    item = desk.item(queue, **fields)
    desk.tick()
    return item, desk.proposal(item).id


def test_accepting_gives_the_item_and_says_so(desk):
    """The owner is the one proposed, the item is taken over, she is told, and the note names what was weighed."""
    item, decision = proposed(desk)
    answered = decision_accept(decision, by=desk.by(), now=LATER)
    row = item_row(item)
    assert (row["owner_id"], row["state"], row["is_taken_over"]) == (desk.people["Ana"], "new", True)
    assert (answered.decision.status, answered.decision.given_to, answered.decision.answered_by_name) == (
        "accepted", "Ana", "Cora",
    )  # fmt: skip
    assert answered.version == row["version"]
    event = WorkEvent.objects.get(item_id=item, kind="decided")
    assert (event.actor_name, event.owner_id, event.state) == ("Cora", desk.people["Ana"], "new")
    assert event.data["text"].startswith("Proposal accepted: given to Ana")
    assert event.data["decision"]["facts_digest"] == answered.decision.facts_digest
    assert "alternatives" in event.data["decision"]
    assert list(Notice.objects.values_list("person_id", "kind")) == [(desk.people["Ana"], "assigned")]


def response_of(item):
    clock = next(clock for clock in clocks_of_items([item])[item] if clock.kind == "response")
    return clock.status, clock.stopped_at


def test_being_given_something_is_no_response_and_taking_it_is(desk):
    """The clock runs on when somebody else accepts; when she accepts herself it stops, in the same transaction."""
    item, decision = proposed(desk)
    decision_accept(decision, by=desk.by(), now=LATER)
    assert response_of(item) == ("running", None)
    own = desk.item("Network", now=LATER)
    desk.tick(NOW + minutes(6))
    decision_accept(desk.proposal(own).id, by=desk.by(person="Ana"), now=NOW + minutes(7))
    assert response_of(own) == ("met", NOW + minutes(7))


def test_changing_gives_it_to_somebody_else_and_keeps_why(desk):
    """The decision remembers both people and the reason."""
    item, decision = proposed(desk)
    answered = decision_change(decision, desk.people["Ben"], reason="Ben knows the site", by=desk.by(), now=LATER)
    assert item_row(item)["owner_id"] == desk.people["Ben"]
    assert (answered.decision.status, answered.decision.chosen, answered.decision.given_to) == ("changed", "Ana", "Ben")
    assert answered.decision.reason == "Ben knows the site"
    assert "given to Ben instead of Ana" in texts(item, "decided")[0]
    assert "because Ben knows the site" in texts(item, "decided")[0]


def test_changing_to_the_one_proposed_is_refused(desk):
    """That would be accepting."""
    _, decision = proposed(desk)
    with pytest.raises(InvalidFacts, match="Ana is the one proposed"):
        decision_change(decision, desk.people["Ana"], by=desk.by(), now=LATER)


def test_an_item_that_no_one_can_take_can_be_given_by_hand_through_the_decision(desk):
    """With nobody proposed there is nothing to accept or refuse, but a person may still choose."""
    night = NOW.replace(hour=19)
    item = desk.item(now=night)
    desk.tick(night)
    decision = desk.proposal(item).id
    with pytest.raises(InvalidFacts, match="Nobody is proposed"):
        decision_accept(decision, by=desk.by(), now=night)
    with pytest.raises(InvalidFacts, match="Nobody is proposed"):
        decision_refuse(decision, "wrong_time", by=desk.by(), now=night)
    assert decision_change(decision, desk.people["Nora"], by=desk.by(), now=night).decision.given_to == "Nora"


@pytest.mark.parametrize("code", ["wrong_skill", "wrong_time", "keep_with_owner", "customer_asks"])
def test_a_refused_person_is_not_proposed_again(desk, code):
    """The next answer is somebody else, whatever the reason was."""
    item, decision = proposed(desk, "Mail")
    first = desk.proposal(item).chosen
    answered = decision_refuse(decision, code, by=desk.by(), now=LATER)
    assert (answered.decision.status, answered.decision.refusal) == ("refused", code)
    assert f"{first} refused" in texts(item, "decided")[0]
    desk.tick(LATER)
    assert desk.proposal(item).chosen == ({"Ana", "Ben"} - {first}).pop()


def test_a_refusal_is_followed_by_the_next_proposal_at_once(desk):
    """Whoever has just answered need not wait for the next round."""
    item, decision = proposed(desk, "Mail")
    decision_refuse(decision, "wrong_time", by=desk.by(), now=NOW)
    assert desk.tick(NOW).applied.proposed == 1
    assert desk.proposal(item) is not None


def test_when_all_are_refused_no_one_is_left_and_the_way_out_is_to_ask_again(desk):
    """Refusals are counted among those left out."""
    item, decision = proposed(desk)
    decision_refuse(decision, "wrong_skill", by=desk.by(), now=LATER)
    desk.tick(LATER)
    proposal = desk.proposal(item)
    assert proposal.chosen is None
    assert {"rule": "has_not_declined", "people": 1} in [
        {"rule": one["rule"], "people": one["people"]} for one in proposal.outcome["rejected"]
    ]


def test_another_reason_needs_words_and_codes_are_checked(desk):
    """Five reasons, the fifth with a sentence."""
    _, decision = proposed(desk)
    with pytest.raises(InvalidFacts, match="other reason"):
        decision_refuse(decision, "other", text="  ", by=desk.by(), now=LATER)
    with pytest.raises(InvalidFacts, match="wrong_skill"):
        decision_refuse(decision, "mood", by=desk.by(), now=LATER)
    assert (
        decision_refuse(decision, "other", text="On a course", by=desk.by(), now=LATER).decision.reason == "On a course"
    )


def undone(desk, decision, by=None):
    return decision_undo(decision, by=by or desk.by(), now=LATER + minutes(1))


def test_undo_brings_the_item_back_exactly(desk):
    """Every field that the act set is as it was; the decision keeps what it was and who undid it."""
    item, decision = proposed(desk)
    before = item_row(item)
    decision_accept(decision, by=desk.by(), now=LATER)
    answered = undone(desk, decision, by=desk.by(name="Una"))
    after = item_row(item)
    assert {name: after[name] for name in RESTORED} == {name: before[name] for name in RESTORED}
    assert (answered.decision.status, answered.decision.undone_by_name) == ("accepted", "Una")
    assert texts(item, "decided")[-1].startswith("Undone: Ana no longer has this by decision of Cora")
    assert Notice.objects.filter(person_id=desk.people["Ana"], kind="unassigned").count() == 1


def test_what_is_undone_never_was_for_the_clocks(desk):
    """A slip of the hand does not answer the response clock; a breach meanwhile is told when it is undone."""

    def promises():
        return [(c.kind, c.status, c.due_at, c.stopped_at, c.warn_at) for c in clocks_of_items([item])[item]]

    item, decision = proposed(desk)
    before = promises()
    decision_accept(decision, by=desk.by(person="Ana"), now=LATER)
    assert promises() != before
    undone(desk, decision)
    assert promises() == before
    recompute(desk.id, [item], now=NOW)
    assert promises() == before


def test_what_is_undone_is_no_reason_for_the_next_decision(desk):
    """Having owned something for a minute by mistake is not having worked on it."""
    item, decision = proposed(desk)
    decision_accept(decision, by=desk.by(), now=LATER)
    undone(desk, decision)
    assert owners_before([item]) == {}


def test_undo_of_a_change_and_of_a_refusal(desk):
    """Both can be taken back; after an undone refusal the person may be proposed again."""
    item, decision = proposed(desk)
    decision_change(decision, desk.people["Ben"], by=desk.by(), now=LATER)
    undone(desk, decision)
    assert item_row(item)["owner_id"] is None
    desk.tick(LATER + minutes(2))
    again = desk.proposal(item)
    assert again.chosen == "Ana"
    decision_refuse(again.id, "wrong_time", by=desk.by(), now=LATER + minutes(3))
    desk.tick(LATER + minutes(3))
    assert desk.proposal(item).chosen is None
    undone(desk, again.id)
    desk.tick(LATER + minutes(5))
    assert desk.proposal(item).chosen == "Ana"


def test_undo_conflicts_when_the_item_changed_since(desk):
    """Nothing is overwritten: the error names who changed what."""
    item, decision = proposed(desk)
    decision_accept(decision, by=desk.by(), now=LATER)
    item_state(item_row(item)["reference"], State.WAITING_CUSTOMER, by=desk.by(name="Wanda"), now=LATER)
    with pytest.raises(Conflict, match="changed by Wanda") as caught:
        undone(desk, decision)
    assert caught.value.details["changes"][0]["set"]["state"] == "waiting_customer"
    assert item_row(item)["owner_id"] == desk.people["Ana"]
    assert Decision.objects.get(id=decision).undone_at is None


def test_notes_and_clock_warnings_do_not_stand_in_the_way_of_undo(desk):
    """They set nothing, so there is nothing to lose."""
    item, decision = proposed(desk)
    decision_accept(decision, by=desk.by(), now=LATER)
    item_note(item_row(item)["reference"], "Called", by=BOSS, now=LATER)
    work_change(Change(item_id=item, kind=EventKind.CLOCK, data={"text": "soon"}), by=WATCHBILL, now=LATER)
    undone(desk, decision)
    assert item_row(item)["owner_id"] is None


def test_what_was_set_and_undone_does_not_stand_in_the_way_of_undo(desk):
    """An act on many items that was a mistake, and was taken back, leaves the decision as it was."""
    item, decision = proposed(desk)
    decision_accept(decision, by=desk.by(), now=LATER)
    act = items_state(desk.id, [item_row(item)["reference"]], State.CLOSED, by=BOSS, now=LATER).act
    act_undo(key_of(ACT, act), by=BOSS, now=LATER)
    undone(desk, decision)
    assert (item_row(item)["owner_id"], item_row(item)["state"]) == (None, "new")


def test_undoing_twice_names_who_did_it_first(desk):
    """The second gets a conflict, and the item stays as it is."""
    item, decision = proposed(desk)
    decision_accept(decision, by=desk.by(), now=LATER)
    undone(desk, decision, by=desk.by(name="Una"))
    version = item_row(item)["version"]
    with pytest.raises(Conflict, match="Una has undone this"):
        undone(desk, decision)
    assert item_row(item)["version"] == version


def test_an_unanswered_proposal_cannot_be_undone(desk):
    """There is nothing to take back."""
    _, decision = proposed(desk)
    with pytest.raises(Conflict, match="nothing to undo"):
        undone(desk, decision)


def test_a_second_answer_is_a_conflict_that_names_the_first(desk):
    """Who came second learns who answered and how."""
    _, decision = proposed(desk)
    decision_accept(decision, by=desk.by(name="First"), now=LATER)
    for act in (
        lambda: decision_accept(decision, by=desk.by(), now=LATER),
        lambda: decision_change(decision, desk.people["Ben"], by=desk.by(), now=LATER),
        lambda: decision_refuse(decision, "wrong_time", by=desk.by(), now=LATER),
    ):
        with pytest.raises(Conflict, match="First has answered .* accepted, and it went to Ana"):
            act()


def test_a_superseded_proposal_says_so(desk):
    """An answer to an old proposal does nothing."""
    item, decision = proposed(desk)
    item_state(item_row(item)["reference"], State.WAITING_VENDOR, by=BOSS, now=LATER)
    with pytest.raises(Conflict, match="holds no more"):
        decision_accept(decision, by=desk.by(), now=LATER)


def test_somebody_deactivated_meanwhile_cannot_be_accepted(desk):
    """The proposal is checked again at the moment of the answer."""
    item, decision = proposed(desk)
    person_activity_set(desk.people["Ana"], is_active=False, reason="left", by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="not active"):
        decision_accept(decision, by=desk.by(), now=LATER)
    assert item_row(item)["owner_id"] is None


def test_answers_need_the_right_and_sight_of_the_desk(desk):
    """An agent may not answer; for somebody of another desk there is no such decision."""
    _, decision = proposed(desk)
    stranger = factories.actor(Role.MANAGER, factories.make_desk())
    acts = (
        lambda by: decision_accept(decision, by=by, now=LATER),
        lambda by: decision_change(decision, desk.people["Ben"], by=by, now=LATER),
        lambda by: decision_refuse(decision, "wrong_time", by=by, now=LATER),
        lambda by: decision_undo(decision, by=by, now=LATER),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act(desk.by(Role.AGENT))
        with pytest.raises(NotFound):
            act(stranger)
    with pytest.raises(NotFound):
        decision_accept(10**12, by=BOSS, now=LATER)


def test_an_answer_that_fails_leaves_nothing(desk, monkeypatch):
    """When the decision cannot be written, the item is not given either."""
    item, decision = proposed(desk)
    before = kinds(item)

    def dies(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(answers.services, "decision_answer_many", dies)
    with pytest.raises(KeyboardInterrupt):
        decision_accept(decision, by=desk.by(), now=LATER)
    assert kinds(item) == before
    assert Decision.objects.get(id=decision).status == "proposed"


@pytest.mark.django_db(transaction=True)
def test_of_two_people_accepting_at_once_one_wins():
    """Both see the open proposal; one gets the item for her choice, the other a conflict that names the first."""
    desk = make_small_desk()
    item, decision = proposed(desk, "Mail")
    gate = threading.Barrier(2)
    results: dict[str, object] = {}

    def answer(name):
        try:
            gate.wait()
            results[name] = decision_accept(decision, by=desk.by(name=name), now=LATER).decision.status
        except Conflict as error:
            results[name] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=[name]) for name in ("Ida", "Joe")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    losers = [name for name, result in results.items() if isinstance(result, Conflict)]
    assert len(losers) == 1
    (winner,) = set(results) - set(losers)
    assert winner in str(results[losers[0]])
    assert kinds(item).count("decided") == 1
    assert Decision.objects.get(id=decision).answered_by_name == winner
