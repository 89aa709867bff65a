"""A small hand-made desk: two queues, a night and a day crew, made through services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests import factories
from tests.factories import BOSS, EPOCH
from watchbill.apps.clocks import queries as clocks
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.services import mode_set
from watchbill.apps.people.models import Skill
from watchbill.apps.people.rights import Role
from watchbill.apps.people.services import skill_set
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.apps.work.models import WorkEvent, WorkItem
from watchbill.apps.work.queues import queue_save
from watchbill.engine.base.work import Priority
from watchbill.flows.assign.tick import tick_desk

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday, in a zone without surprises."""
DAY, NIGHT = "08:00-18:00", "20:00-06:00"


@dataclass(slots=True)
class SmallDesk:
    """Keys of what was made, and the few things that tests do again and again."""

    id: int
    queues: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    skills: dict[str, int] = field(default_factory=dict)

    def person(self, name, *, hours=DAY, **skills):
        """Add somebody who works *hours* on every day of the week, with levels by skill."""
        person_id = self.people[name] = factories.make_person(self.id, name)
        usual_hours_set(person_id, desk_id=self.id, week=[[hours]] * 7, by=BOSS, now=EPOCH)
        for skill, level in skills.items():
            skill_set(person_id, self.skills[skill], level=level, by=BOSS, now=EPOCH)
        return person_id

    def skill(self, name):
        self.skills[name] = Skill.objects.create(desk_id=self.id, name=name).id

    def queue(self, name, *, skill=None, level=1):
        skill_id = self.skills[skill] if skill else None
        self.queues[name] = queue_save(self.id, name=name, skill_id=skill_id, skill_level=level, by=BOSS, now=EPOCH)

    def mode(self, queue, mode, **rails):
        """Switch a queue; rails let everything through unless said otherwise."""
        whole = {"per_hour": 100, "priorities": [1, 2, 3, 4], "load_percent": 10_000, **rails}
        return mode_set(self.queues[queue], mode=mode, guard_rails=whole, reason="test", by=BOSS, now=EPOCH)

    def item(self, queue="Mail", *, now=NOW, priority=3, **fields):
        """Open an item; return its id."""
        reference = factories.make_item(
            self.id, now=now, queue_id=self.queues[queue], priority=Priority(priority), **fields
        )
        return WorkItem.objects.get(reference=reference).id

    def tick(self, now=NOW, **options):
        return tick_desk(self.id, now, **options)

    def proposal(self, item_id):
        return queries.decision_open_for([item_id]).get(item_id)

    def by(self, role=Role.COORDINATOR, name="Cora", person=None):
        return factories.actor(role, self.id, name=name, person_id=self.people[person] if person else None)


def make_small_desk(*, zone: str = "UTC") -> SmallDesk:
    """Ana and Ben by day, Nora by night; the queues Mail and Network, which asks for the skill network."""
    clocks.forget_compiled()
    queries.forget_compiled()
    desk = SmallDesk(id=factories.make_desk(zone=zone))
    desk.skill("network")
    desk.queue("Mail")
    desk.queue("Network", skill="network", level=2)
    desk.person("Ana", network=3)
    desk.person("Ben")
    desk.person("Nora", hours=NIGHT)
    return desk


def item_row(item_id):
    return WorkItem.objects.values().get(id=item_id)


def reference(item_id):
    return item_row(item_id)["reference"]


def texts(item_id, kind):
    """What the item's notes of one kind say, in order."""
    return [e.data["text"] for e in WorkEvent.objects.filter(item_id=item_id, kind=kind).order_by("seq")]


def kinds(item_id):
    return list(WorkEvent.objects.filter(item_id=item_id).order_by("seq").values_list("kind", flat=True))
