"""Autopilot: what it applies, each guard-rail that holds it back, and that it can be undone and switched off."""

from __future__ import annotations

import pytest

from tests.factories import BOSS, minutes
from tests.flows.assign.small_desk import NOW, item_row, kinds, texts
from watchbill.apps.decisions.models import Decision
from watchbill.apps.decisions.services import autopilot_stop, mode_set
from watchbill.apps.notices.models import Notice
from watchbill.apps.people.models import Person
from watchbill.apps.work.models import WorkEvent
from watchbill.apps.work.services import Change, work_change
from watchbill.apps.work.weighing import effort_set
from watchbill.engine.assign.schedule import Step
from watchbill.engine.base.errors import Conflict
from watchbill.engine.base.work import EventKind, State
from watchbill.flows.act.items import item_state
from watchbill.flows.assign.answers import decision_undo


def test_autopilot_gives_the_item_away_in_one_act(desk):
    """Owner, state, clocks, notice and note as if somebody had accepted, signed by Watchbill; no separate suggestion."""
    desk.mode("Network", "autopilot")
    item = desk.item("Network")
    run = desk.tick()
    assert (run.applied.applied, run.applied.proposed) == (1, 0)
    row = item_row(item)
    assert (row["owner_id"], row["state"], row["is_taken_over"]) == (desk.people["Ana"], "new", True)
    assert kinds(item) == ["opened", "decided"]
    event = WorkEvent.objects.get(item_id=item, kind="decided")
    assert (event.actor_kind, event.actor_name) == ("system", "Watchbill")
    assert event.data["text"].startswith("Autopilot gave this to Ana")
    decision = Decision.objects.get(item_id=item)
    assert (decision.status, decision.mode, decision.given_to_id) == ("applied", "autopilot", desk.people["Ana"])
    assert event.data["decision"]["facts_digest"] == decision.facts_digest
    assert decision.receipt["version"] == row["version"]
    assert list(Notice.objects.values_list("person_id", "kind")) == [(desk.people["Ana"], "assigned")]


def test_ticking_again_gives_nothing_away_twice(desk):
    """What is applied is settled."""
    desk.mode("Mail", "autopilot")
    item = desk.item()
    desk.tick()
    before = kinds(item), Decision.objects.count()
    desk.tick(step=Step.PLAN)
    assert (kinds(item), Decision.objects.count()) == before


def test_who_carries_too_much_is_given_no_more_by_itself(desk):
    """Ana alone can take it: with 53 h of work for a week of 70 h the third is proposed only and says why, for she was given two just now."""
    desk.mode("Network", "autopilot", load_percent=70)
    effort_set(desk.id, category="", priority=None, minutes=1600, by=BOSS, now=NOW)
    items = [desk.item("Network") for _ in range(3)]
    run = desk.tick()
    assert (run.applied.applied, run.applied.proposed) == (2, 1)
    assert [item_row(item)["owner_id"] for item in items] == [desk.people["Ana"]] * 2 + [None]
    assert desk.proposal(items[2]).outcome["held"].startswith("autopilot gives nobody more who carries over 70 %")
    desk.mode("Network", "autopilot", load_percent=200)
    assert desk.tick().applied.applied == 1


def test_only_the_allowed_priorities_are_given_away(desk):
    """A P1 outside the rails is proposed, and the proposal says why a person has to answer."""
    desk.mode("Mail", "autopilot", priorities=[3, 4])
    urgent, usual = desk.item(priority=1), desk.item(priority=4)
    run = desk.tick()
    assert (run.applied.applied, run.applied.proposed) == (1, 1)
    assert item_row(usual)["owner_id"] is not None
    assert item_row(urgent)["owner_id"] is None
    assert "may not give away P1" in desk.proposal(urgent).outcome["held"]
    assert "A person has to answer" in texts(urgent, "suggested")[0]


def test_only_the_allowed_people_are_given_work(desk):
    """Somebody outside the rails is proposed, not given."""
    desk.mode("Network", "autopilot", people=[desk.people["Ben"]])
    item = desk.item("Network")
    desk.tick()
    assert item_row(item)["owner_id"] is None
    assert desk.proposal(item).chosen == "Ana"
    assert "to this person" in desk.proposal(item).outcome["held"]


def test_no_more_acts_an_hour_than_allowed_the_most_urgent_first(desk):
    """The limit counts any sixty minutes of desk time; what waits is given away when the hour frees, by itself."""
    desk.mode("Mail", "autopilot", per_hour=2)
    items = [desk.item(priority=priority) for priority in (4, 1, 3, 2)]
    assert desk.tick().applied.applied == 2
    owned = [item_row(item)["owner_id"] is not None for item in items]
    assert owned == [False, True, False, True]
    assert "used its 2 acts" in desk.proposal(items[0]).outcome["held"]
    for later in (5, 30, 59):
        desk.tick(NOW + minutes(later))
    assert sum(item_row(item)["owner_id"] is not None for item in items) == 2
    desk.tick(NOW + minutes(61))
    assert all(item_row(item)["owner_id"] is not None for item in items)
    for item in (items[0], items[2]):
        assert [row.status for row in Decision.objects.filter(item_id=item)] == ["applied"]


def test_acts_count_where_they_were_done(desk):
    """Proposed in one queue, moved by the log and given away in another: it is the other's hour that is used."""
    desk.queue("Post")
    desk.mode("Post", "autopilot", per_hour=1)
    items = [desk.item("Mail") for _ in range(3)]
    desk.tick()
    for item in items:
        moved = Change(item_id=item, kind=EventKind.QUEUE, patch={"queue_id": desk.queues["Post"]})
        work_change(moved, by=BOSS, now=NOW + minutes(1))
    for later in (6, 12, 18, 50):
        desk.tick(NOW + minutes(later))
    assert sum(item_row(item)["owner_id"] is not None for item in items) == 1
    desk.tick(NOW + minutes(67))
    assert sum(item_row(item)["owner_id"] is not None for item in items) == 2


def test_undone_acts_count_towards_the_hour(desk):
    """Undoing is no way to make autopilot act more often."""
    desk.mode("Mail", "autopilot", per_hour=1)
    first = desk.item()
    desk.tick()
    decision_undo(Decision.objects.get(item_id=first).id, by=desk.by(), now=NOW + minutes(1))
    second = desk.item(now=NOW + minutes(2))
    desk.tick(NOW + minutes(5))
    assert item_row(second)["owner_id"] is None


def test_what_a_person_undid_is_left_to_people(desk):
    """Autopilot's act is undone exactly, and the item is proposed from then on, not given."""
    desk.mode("Mail", "autopilot")
    item = desk.item()
    before = item_row(item)
    desk.tick()
    answered = decision_undo(Decision.objects.get(item_id=item).id, by=desk.by(), now=NOW + minutes(1))
    after = item_row(item)
    for name in ("owner_id", "state", "team_id", "queue_id", "is_taken_over"):
        assert after[name] == before[name]
    assert (answered.decision.status, answered.decision.undone_by_name) == ("applied", "Cora")
    assert "by decision of Watchbill" in texts(item, "decided")[-1]
    desk.tick(NOW + minutes(6))
    desk.tick(NOW + minutes(70))
    assert item_row(item)["owner_id"] is None
    assert "undid" in desk.proposal(item).outcome["held"]


def test_off_means_off_at_once(desk):
    """After the switch nothing is given away or proposed."""
    desk.mode("Mail", "autopilot")
    desk.tick()
    desk.mode("Mail", "off")
    item = desk.item()
    desk.tick(NOW + minutes(1))
    assert item_row(item)["owner_id"] is None
    assert desk.proposal(item) is None


def test_one_switch_stops_autopilot_on_the_whole_desk(desk):
    """Every queue goes back to advise; a new item is proposed."""
    desk.mode("Mail", "autopilot")
    desk.mode("Network", "autopilot")
    assert autopilot_stop(desk.id, reason="too eager", by=BOSS, now=NOW) == 2
    item = desk.item()
    desk.tick()
    assert item_row(item)["owner_id"] is None
    assert desk.proposal(item).mode == "advise"


def test_switching_to_autopilot_applies_what_was_proposed(desk):
    """The standing proposal is applied, not made anew."""
    item = desk.item()
    desk.tick()
    proposal = desk.proposal(item)
    desk.mode("Mail", "autopilot")
    desk.tick(NOW + minutes(1))
    row = Decision.objects.get(item_id=item)
    assert (row.id, row.status, row.mode) == (proposal.id, "applied", "autopilot")
    assert item_row(item)["owner_id"] == proposal.chosen_id


def test_guard_rails_are_of_each_queue(desk):
    """One queue flies, the other advises."""
    desk.mode("Mail", "autopilot")
    flying, advised = desk.item("Mail"), desk.item("Network")
    desk.tick()
    assert item_row(flying)["owner_id"] is not None
    assert item_row(advised)["owner_id"] is None
    assert desk.proposal(advised).chosen == "Ana"


def test_rails_keep_their_values_when_only_the_mode_changes(desk):
    """Switching off and on again does not widen the limits."""
    desk.mode("Mail", "autopilot", per_hour=1, priorities=[4])
    for mode in ("off", "autopilot"):
        mode_set(desk.queues["Mail"], mode=mode, by=BOSS, now=NOW)
    item = desk.item(priority=2)
    desk.tick()
    assert "may not give away P2" in desk.proposal(item).outcome["held"]


def test_autopilot_gives_nobody_more_than_her_free_slots(desk):
    """Three free slots, five items: three are given, two wait with reasons."""
    Person.objects.filter(id=desk.people["Ana"]).update(wip_limit=3)
    desk.mode("Network", "autopilot")
    items = [desk.item("Network") for _ in range(5)]
    assert desk.tick().applied.applied == 3
    left = [item for item in items if item_row(item)["owner_id"] is None]
    assert len(left) == 2
    assert all(desk.proposal(item).outcome["verdict"] in {"wait", "no_one"} for item in left)


def test_a_resolved_act_of_autopilot_cannot_be_undone(desk):
    """Once people went on, the item is theirs."""
    desk.mode("Mail", "autopilot")
    item = desk.item()
    desk.tick()
    item_state(item_row(item)["reference"], State.RESOLVED, by=BOSS, now=NOW + minutes(9))
    with pytest.raises(Conflict, match="was changed by"):
        decision_undo(Decision.objects.get(item_id=item).id, by=desk.by(), now=NOW + minutes(10))


def test_a_proposal_forgets_autopilot_when_its_queue_goes_back_to_advise(desk):
    """What was held back is then a plain proposal: no rail speaks any more, and no second note is written."""
    desk.mode("Mail", "autopilot", priorities=[4])
    item = desk.item(priority=1)
    desk.tick()
    assert desk.proposal(item).outcome["held"]
    autopilot_stop(desk.id, reason="test", by=BOSS, now=NOW)
    desk.tick(NOW + minutes(1))
    proposal = desk.proposal(item)
    assert (proposal.mode, proposal.outcome["held"]) == ("advise", "")
    assert kinds(item).count("suggested") == 1


def test_what_is_told_anew_of_a_proposal_is_of_that_instant(desk):
    """The choice stands for another reason: points, score and the instant they speak of belong together."""
    desk.mode("Mail", "autopilot", priorities=[4])
    item = desk.item(priority=3)
    desk.tick()
    before = desk.proposal(item)
    autopilot_stop(desk.id, reason="test", by=BOSS, now=NOW)
    later = NOW + minutes(60)
    desk.tick(later)
    after = desk.proposal(item)
    assert (after.id, after.proposed_at, before.as_of, after.as_of) == (before.id, before.proposed_at, NOW, later)
    assert after.score != before.score
    assert after.score == pytest.approx(sum(one["points"] for one in after.outcome["contributions"]), abs=0.01)
