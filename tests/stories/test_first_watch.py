"""A night on a small hand-made desk, told twice: once with people answering, once on autopilot. The clock moves by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.factories import BOSS, minutes
from tests.flows.assign.small_desk import NOW, item_row, kinds, make_small_desk
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.decisions.models import Decision
from watchbill.apps.decisions.reports import decision_counts
from watchbill.apps.notices.models import Notice
from watchbill.apps.people.services import person_activity_set
from watchbill.apps.work.models import WorkEvent, WorkItem
from watchbill.apps.work.services import projection_rebuild
from watchbill.engine.assign.schedule import Step
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_note, item_state
from watchbill.flows.assign.answers import decision_accept, decision_change, decision_refuse, decision_undo
from watchbill.flows.watch import step

EVENING = NOW.replace(hour=17)
MORNING = EVENING + timedelta(hours=16)
ARRIVALS = (  # minutes after the evening, queue, priority
    (5, "Mail", 3), (40, "Network", 2), (70, "Mail", 4), (130, "Mail", 3), (200, "Mail", 1), (210, "Network", 3),
    (330, "Mail", 3), (480, "Mail", 2), (600, "Network", 1), (780, "Mail", 4), (905, "Network", 3), (930, "Mail", 3),
)  # fmt: skip


class Night:
    """The desk, its clock, and what arrives when."""

    def __init__(self) -> None:
        self.desk = make_small_desk()
        self.desk.person("Nils", hours="20:00-06:00", network=2)
        self.now: datetime = EVENING
        self.items: list[int] = []
        self.runs: list[Step] = []

    def until(self, end: datetime, then=lambda: None) -> None:
        """Move time in steps of five minutes; work arrives, the watch steps, and *then* somebody acts."""
        while self.now < end:
            self.now += minutes(5)
            for after, queue, priority in ARRIVALS:
                at = EVENING + minutes(after)
                if self.now - minutes(5) < at <= self.now:
                    self.items.append(self.desk.item(queue, now=at, priority=priority))
            self.runs += [run.step for run in step(self.now).runs]
            then()

    def proposals(self):
        return [row for row in map(self.desk.proposal, self.items) if row is not None and row.chosen_id is not None]


def test_a_night_in_advise(db):
    """Ida answers what is proposed: she accepts, changes, refuses and undoes, and in the morning everything adds up."""
    night = Night()
    ida = night.desk.by(name="Ida")
    told = {"accepted": 0, "changed": 0, "refused": 0, "undone": 0}

    def answer() -> None:
        for row in night.proposals():
            if row.item_id == night.items[0] and not told["refused"]:
                decision_refuse(row.id, "wrong_time", by=ida, now=night.now)
                told["refused"] += 1
            elif row.chosen == "Nora" and row.outcome["alternatives"] and not told["changed"]:
                other = row.outcome["alternatives"][0]["person"]
                decision_change(row.id, other, reason="she knows it", by=ida, now=night.now)
                told["changed"] += 1
            else:
                decision_accept(row.id, by=ida, now=night.now)
                told["accepted"] += 1
                if not told["undone"]:
                    decision_undo(row.id, by=ida, now=night.now)
                    told["undone"] += 1

    night.until(MORNING, then=answer)
    counts = decision_counts(night.desk.id)
    assert {name: getattr(counts, name) for name in told} == told
    assert counts.is_reconciled
    assert min(told.values()) >= 1
    assert all(item_row(item)["owner_id"] is not None for item in night.items)
    assert Step.NOTHING in night.runs
    _everything_is_in_the_notes(night)
    _everybody_works_only_on_shift(night)


def test_a_night_on_autopilot(db):
    """Inside the rails Watchbill gives work away and notes it; outside it asks; at six the crew leaves and it says so."""
    night = Night()
    for queue in ("Mail", "Network"):
        night.desk.mode(queue, "autopilot", per_hour=2, priorities=[2, 3, 4])
    night.until(MORNING)
    rows = Decision.objects.filter(status="applied")
    by_priority = {item: item_row(item)["priority"] for item in night.items}
    assert {row.item_id for row in rows} == {item for item, priority in by_priority.items() if priority != 1}
    held = [night.desk.proposal(item) for item, priority in by_priority.items() if priority == 1]
    assert all("may not give away P1" in row.outcome["held"] for row in held)
    assert decision_counts(night.desk.id).is_reconciled
    assert Notice.objects.filter(kind="assigned").count() == rows.count()
    for row in rows:
        an_hour = rows.filter(queue_id=row.queue_id, answered_at__gt=row.answered_at - minutes(60))
        assert an_hour.filter(answered_at__lte=row.answered_at).count() <= 2
    _everything_is_in_the_notes(night)
    _everybody_works_only_on_shift(night)


@pytest.mark.parametrize("mode", ["advise", "autopilot"])
def test_the_same_night_again_is_the_same_night(db, mode):
    """Same facts, same answers: two desks that live through the same night decide alike."""
    stories = []
    for _ in range(2):
        night = Night()
        night.desk.mode("Mail", mode)
        night.desk.mode("Network", mode)
        night.until(EVENING + timedelta(hours=8))
        names = {person_id: name for name, person_id in night.desk.people.items()}
        place = {item: number for number, item in enumerate(night.items)}
        decisions = Decision.objects.filter(item_id__in=night.items).order_by("id")
        stories.append([(place[d.item_id], d.status, names.get(d.chosen_id), d.proposed_at) for d in decisions])
    assert stories[0] == stories[1]
    assert len(stories[0]) >= len(place)


def test_somebody_leaves_in_the_middle_of_the_night(db):
    """Deactivated at midnight, she is given nothing more, and what she owned is proposed for others."""
    night = Night()
    night.desk.mode("Mail", "autopilot")
    night.until(EVENING + timedelta(hours=7))
    nora = night.desk.people["Nora"]
    person_activity_set(nora, is_active=False, reason="ill", by=BOSS, now=night.now)
    midnight = night.now
    night.until(MORNING)
    assert not Decision.objects.filter(given_to_id=nora, answered_at__gt=midnight).exists()
    assert not Decision.objects.filter(chosen_id=nora, status="proposed").exists()
    assert not WorkItem.objects.filter(owner_id=nora, state__in=["new", "in_progress"]).exists()


def test_a_day_after_the_night_the_rows_are_what_the_events_say(db):
    """Rebuilt from the events, the items are as the flows left them, answers and undoing included."""
    night = Night()
    night.desk.mode("Mail", "autopilot")
    night.until(EVENING + timedelta(hours=5))
    given = Decision.objects.filter(status="applied").order_by("id").last()
    decision_undo(given.id, by=night.desk.by(), now=night.now)
    resolved = next(item for item in night.items if item_row(item)["owner_id"] is not None)
    reference = item_row(resolved)["reference"]
    item_note(reference, "Solved <b>it</b>", by=BOSS, now=night.now)
    item_state(reference, State.RESOLVED, by=BOSS, now=night.now)
    before = {item: item_row(item) for item in night.items}
    projection_rebuild()
    assert {item: item_row(item) for item in night.items} == before
    assert {c.status for c in clocks_of_items([resolved])[resolved]} <= {"met", "missed"}


def _everything_is_in_the_notes(night):
    """Each decision that was made left its suggestion, or its act; each answer its note."""
    for item in night.items:
        said = kinds(item)
        rows = list(Decision.objects.filter(item_id=item))
        applied_at_once = sum(1 for row in rows if row.status == "applied" and row.proposed_at == row.answered_at)
        answers = sum(1 for row in rows if row.status in {"accepted", "changed", "refused", "applied"})
        undone = sum(1 for row in rows if row.undone_at is not None)
        assert said.count("suggested") == len(rows) - applied_at_once
        assert said.count("decided") == answers + undone
    for event in WorkEvent.objects.filter(kind__in=["suggested", "decided"]):
        assert event.data["decision"]["facts_digest"]
        assert "alternatives" in event.data["decision"]


def _everybody_works_only_on_shift(night):
    """Nobody is proposed outside her hours."""
    hours = {"Ana": (8, 18), "Ben": (8, 18), "Nora": (20, 30), "Nils": (20, 30)}
    names = {person_id: name for name, person_id in night.desk.people.items()}
    for row in Decision.objects.exclude(chosen_id=None):
        opens, closes = hours[names[row.chosen_id]]
        hour = row.proposed_at.hour + row.proposed_at.minute / 60
        assert opens <= hour < closes or opens <= hour + 24 < closes
