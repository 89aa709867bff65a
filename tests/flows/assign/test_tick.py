"""The tick in advise: what is proposed, when, and that doing it twice does nothing."""

from __future__ import annotations

import zlib
from datetime import timedelta

import pytest
from django.db import connections, transaction

from tests.factories import BOSS, minutes
from tests.flows.assign.small_desk import NOW, item_row, kinds, make_small_desk, reference, texts
from watchbill.apps.decisions import services
from watchbill.apps.decisions.models import Decision, DeskTick
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.people.services import person_activity_set
from watchbill.apps.work import competing
from watchbill.apps.work.models import WorkEvent
from watchbill.engine.assign.schedule import Step
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note, item_state
from watchbill.flows.assign import applying
from watchbill.flows.assign.tick import tick, tick_desk

NIGHT_TIME = NOW.replace(hour=19)


def test_a_waiting_item_gets_a_proposal_and_a_signed_note(desk):
    """The one with the skill is proposed, and the note says why, who else, who not, and on which policy and facts."""
    item = desk.item("Network")
    run = desk.tick()
    assert (run.step, run.applied.proposed) == (Step.PLAN, 1)
    proposal = desk.proposal(item)
    assert (proposal.chosen, proposal.status, proposal.policy_number) == ("Ana", "proposed", 0)
    (note,) = texts(item, "suggested")
    for part in ("Proposed for Ana", "Left out:", "Expected: load from", "Policy 0", proposal.facts_digest[:12]):
        assert part in note
    event = WorkEvent.objects.get(item_id=item, kind="suggested")
    assert (event.actor_kind, event.actor_name) == ("system", "Watchbill")
    assert event.data["decision"]["facts_digest"] == proposal.facts_digest


def test_up_to_three_alternatives_are_kept_with_their_scores(desk):
    """The next best come with the proposal, best first."""
    for name in ("Cleo", "Dora", "Eva"):
        desk.person(name)
    item = desk.item()
    desk.tick()
    others = desk.proposal(item).outcome["alternatives"]
    assert len(others) == 3
    assert [other["score"] for other in others] == sorted((other["score"] for other in others), reverse=True)


def test_ticking_twice_changes_nothing(desk):
    """Not a row differs after a second run, by the schedule or forced."""
    for _ in range(3):
        desk.item()
    desk.tick()
    before = list(Decision.objects.order_by("id").values()), WorkEvent.objects.count()
    assert desk.tick().step is Step.NOTHING
    assert desk.tick(step=Step.PLAN).applied == applying.Applied()
    assert (list(Decision.objects.order_by("id").values()), WorkEvent.objects.count()) == before


def test_unchanged_facts_write_nothing_at_all(desk, django_assert_max_num_queries):
    """Five minutes later nothing is gathered and not even the mark of the run is touched."""
    desk.item()
    desk.tick()
    mark = DeskTick.objects.values().get()
    with django_assert_max_num_queries(11):
        assert desk.tick(NOW + minutes(5)).step is Step.NOTHING
    assert DeskTick.objects.values().get() == mark


def test_one_new_item_is_placed_beside_the_plan(desk):
    """A single arrival is put against what stands; what stands is not touched."""
    first = desk.item()
    desk.tick()
    standing = desk.proposal(first)
    second = desk.item(now=NOW + minutes(3))
    run = desk.tick(NOW + minutes(3))
    assert (run.step, run.applied.proposed) == (Step.PLACE, 1)
    assert desk.proposal(second).chosen in {"Ana", "Ben"}
    assert desk.proposal(first) == standing


def test_a_new_customer_changes_no_rules(desk):
    """An item of somebody who was never here before is placed like any other: the whole queue is not planned anew."""
    desk.item()
    desk.tick()
    desk.item(now=NOW + minutes(1), customer="Never seen")
    assert desk.tick(NOW + minutes(2)).step is Step.PLACE


def test_a_note_lets_the_proposal_stand(desk):
    """Words on an item change no choice: the proposal then speaks of the new version, without another note."""
    item = desk.item(priority=1)
    desk.tick()
    item_note(reference(item), "Called back", by=BOSS, now=NOW + minutes(2))
    run = desk.tick(NOW + minutes(2))
    assert (run.step, run.applied.proposed, run.applied.refreshed) == (Step.PLACE, 0, 1)
    assert desk.proposal(item).item_version == item_row(item)["version"]
    assert kinds(item).count("suggested") == 1


def test_assigning_by_hand_ends_the_proposal(desk):
    """What somebody decided by hand needs no answer any more."""
    item = desk.item()
    desk.tick()
    item_assign(reference(item), desk.people["Ben"], by=BOSS, now=NOW)
    assert desk.proposal(item) is None
    assert Decision.objects.get(item_id=item).status == "superseded"


def test_an_item_that_waits_for_its_customer_loses_its_proposal(desk):
    """Only actionable work competes for people."""
    item = desk.item()
    desk.tick()
    item_state(reference(item), State.WAITING_CUSTOMER, by=BOSS, now=NOW + minutes(1))
    desk.tick(NOW + minutes(6))
    assert desk.proposal(item) is None
    assert not desk.tick(NOW + minutes(90), step=Step.PLAN).applied.proposed


def test_no_one_at_night_is_an_answer_with_a_way_out(desk):
    """Between the crews the proposal names nobody, says why, and who comes first."""
    item = desk.item("Network", now=NIGHT_TIME)
    desk.tick(NIGHT_TIME)
    proposal = desk.proposal(item)
    assert proposal.chosen is None
    assert proposal.outcome["verdict"] == "no_one"
    assert proposal.outcome["reason"].startswith("No one can take this")
    assert proposal.outcome["ways_out"][0]["name"] == "Ana"
    assert "Cheapest way out" in texts(item, "suggested")[0]


def test_another_reason_why_nobody_can_is_shown_but_not_noted_again(desk):
    """At night nobody with the skill is there; when she has left for good, the card says so and the notes stay quiet."""
    item = desk.item("Network", now=NIGHT_TIME)
    desk.tick(NIGHT_TIME)
    before = desk.proposal(item)
    person_activity_set(desk.people["Ana"], is_active=False, reason="left", by=BOSS, now=NIGHT_TIME)
    desk.tick(NIGHT_TIME + minutes(10), step=Step.PLAN)
    after = desk.proposal(item)
    assert after.id == before.id
    assert after.outcome["rejected"] != before.outcome["rejected"]
    assert len(texts(item, "suggested")) == 1


def test_a_shift_that_starts_changes_the_answer(desk):
    """When the night crew comes on, the next tick proposes her, by itself."""
    item = desk.item(now=NIGHT_TIME)
    desk.tick(NIGHT_TIME)
    assert desk.proposal(item).chosen is None
    assert desk.tick(NIGHT_TIME + minutes(50)).step is Step.NOTHING
    assert desk.tick(NIGHT_TIME + minutes(60)).step is Step.PLAN
    assert desk.proposal(item).chosen == "Nora"
    assert [row.status for row in Decision.objects.order_by("id")] == ["superseded", "proposed"]
    assert kinds(item).count("suggested") == 2


def test_a_deactivated_person_is_never_proposed(desk):
    """Deactivation is seen at once, by standing proposals too, and what she owned is proposed for others."""
    items = [desk.item("Network") for _ in range(2)]
    item_assign(reference(items[1]), desk.people["Ana"], by=BOSS, now=NOW)
    desk.tick()
    assert desk.proposal(items[0]).chosen == "Ana"
    desk.person("Zoe", network=2)
    desk.tick(NOW + minutes(1))
    person_activity_set(desk.people["Ana"], is_active=False, reason="left", by=BOSS, now=NOW + minutes(2))
    assert desk.tick(NOW + minutes(2)).step is Step.PLAN
    assert {desk.proposal(item).chosen for item in items} == {"Zoe"}


@pytest.mark.parametrize("is_rebalancing", [False, True])
def test_what_a_leaver_waited_for_goes_to_somebody_who_hears_the_answer(desk, is_rebalancing):
    """Waiting for the customer, in the hands of somebody who has left: proposed for others; with its owner there it is hers."""
    if is_rebalancing:
        policy_publish(desk.id, {"is_rebalancing": True}, holds_from=NOW, reason="test", by=BOSS, now=NOW)
    item = desk.item("Mail")
    item_assign(reference(item), desk.people["Ana"], by=BOSS, now=NOW)
    item_state(reference(item), State.WAITING_CUSTOMER, by=BOSS, now=NOW)
    desk.tick()
    assert desk.proposal(item) is None
    person_activity_set(desk.people["Ana"], is_active=False, reason="left", by=BOSS, now=NOW + minutes(1))
    desk.tick(NOW + minutes(1))
    assert desk.proposal(item).chosen == "Ben"


def test_a_queue_that_is_off_is_left_alone(desk):
    """Nothing of it is proposed, and what was proposed before is withdrawn."""
    item = desk.item()
    desk.tick()
    desk.mode("Mail", "off")
    desk.tick(NOW + minutes(1))
    assert desk.proposal(item) is None
    assert desk.tick(NOW + minutes(2), step=Step.PLAN).applied.proposed == 0


def test_a_clock_that_jumps_back_plans_anew_and_harms_nothing(desk):
    """An earlier instant than the last run is met with a fresh plan, not with an error."""
    item = desk.item()
    desk.tick(NOW + timedelta(hours=1))
    assert desk.tick(NOW).step is Step.PLAN
    assert desk.proposal(item) is not None


def test_the_number_of_queries_does_not_depend_on_the_work(desk, django_assert_max_num_queries):
    """Thirty items take as many statements as one; one of them asks whether a draft runs in the shadow."""
    for _ in range(30):
        desk.item()
    with django_assert_max_num_queries(49):
        desk.tick()
    assert Decision.objects.filter(status="proposed").count() == 30


def test_killed_in_the_middle_nothing_is_half_done(desk, monkeypatch):
    """When the run dies between the notes and the proposals, neither is there, and the next run does all of it."""
    item = desk.item()
    before = kinds(item)

    def dies(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(services, "decision_add_many", dies)
    with pytest.raises(KeyboardInterrupt):
        desk.tick()
    assert kinds(item) == before
    assert not Decision.objects.exists()
    assert not DeskTick.objects.exists()
    monkeypatch.undo()
    assert desk.tick().applied.proposed == 1


def test_an_item_changed_at_the_same_moment_is_left_for_the_next_run(desk, monkeypatch):
    """Between gathering and applying somebody takes the item: no proposal is written over that."""
    item = desk.item()
    real = applying.words.suggestion_text

    def meanwhile(*args, **options):
        item_assign(reference(item), desk.people["Ben"], by=BOSS, now=NOW)
        return real(*args, **options)

    monkeypatch.setattr(applying.words, "suggestion_text", meanwhile)
    assert desk.tick().applied.proposed == 0
    assert desk.proposal(item) is None


@pytest.mark.django_db(transaction=True)
def test_a_second_runner_returns_at_once():
    """While one process is at a desk, another neither waits nor does the work again."""
    desk = make_small_desk()
    desk.item()
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select pg_advisory_xact_lock(%s)", [zlib.crc32(f"assign:{desk.id}".encode())])
            assert tick_desk(desk.id, NOW) is None
            assert tick(NOW) == []
            cursor.execute("rollback")
    finally:
        other.close()
    assert [run.applied.proposed for run in tick(NOW)] == [1]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_noticed():
    """An event with an older id that becomes visible after a newer one still counts as news."""
    desk = make_small_desk()
    first, second = desk.item(), desk.item()
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(
                "insert into work_event (item_id, desk_id, seq, kind, at, actor_kind, actor_name, state, priority, data)"
                " values (%s, %s, 99, 'fields', now(), 'person', 'Late', 'new', 3, '{\"set\": {}}')",
                [first, desk.id],
            )
            with transaction.atomic():
                item_assign(reference(second), desk.people["Ben"], by=BOSS, now=NOW)
            mark = competing.event_mark(desk.id)
            assert competing.event_mark(desk.id, before=(mark.last_id, mark.near)).since == 0
            cursor.execute("commit")
    finally:
        other.close()
    assert competing.event_mark(desk.id, before=(mark.last_id, mark.near)).since == 1
