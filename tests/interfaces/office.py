"""Two small desks with people and users, made through flows and services: what tests of interfaces walk around in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from watchbill.apps.clocks.queries import forget_compiled
from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.core.actor import console
from watchbill.apps.core.services import clock_move
from watchbill.apps.people import services as people
from watchbill.apps.people import users
from watchbill.apps.people.queries import actor_of_username
from watchbill.apps.people.rights import Role
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.apps.work.queues import queue_save
from watchbill.flows.act.opening import Draft, item_open

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
BY = console("tester")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {"zone": "UTC", "weekly": {day: ["00:00-24:00"] for day in WEEK}}
TARGETS = {"P1": 60, "P2": 120, "P3": 480, "P4": 1440}
CLOCKS = {
    "clocks": [
        {"kind": "response", "calendar": "always", "targets_min": TARGETS},
        {"kind": "resolution", "calendar": "always", "targets_min": {name: 4 * of for name, of in TARGETS.items()}},
    ]
}


@dataclass(slots=True)
class Office:
    """Keys of what was made: desks, queues and people by name, and API keys by user."""

    desks: dict[str, int] = field(default_factory=dict)
    queues: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def actor(self, username):
        return actor_of_username(username)

    def item(self, desk="north", *, now=NOW, **fields):
        """Open an item and return its reference."""
        queue = {"north": "Mail", "south": "Network"}[desk]
        draft = Draft(desk_id=self.desks[desk], queue_id=self.queues[queue], **{"title": "It does not work", **fields})
        return item_open(draft, by=BY, now=now).reference

    def user(self, username, role=None, desk=None, person=None):
        """Make a user with one role, and an API key."""
        users.user_create(
            username, name=username.title(), person_id=self.people[person] if person else None, by=BY, now=NOW
        )
        if role is not None:
            desk_id = self.desks[desk] if desk else None
            users.role_grant(username, role, desk_id=desk_id, by=BY, now=NOW)
        self.keys[username] = users.token_issue(username, label="test", life=timedelta(days=1), by=BY, now=NOW)
        return self.keys[username]


def office_open() -> Office:
    """Make the desks north and south, their people, and users named after what they may do; desk time stands still."""
    forget_compiled()
    clock_move(desk_at=NOW, rate=0, limit_at=None, by=BY, now=NOW)
    office = Office()
    for slug, queue in (("north", "Mail"), ("south", "Network")):
        desk_id = people.desk_ensure(slug, name=slug.title(), zone="UTC", by=BY, now=NOW)
        office.desks[slug] = desk_id
        early = NOW - timedelta(days=365)
        calendar_publish(
            desk_id, "always", ALWAYS, holds_from=early, is_for_history=True, reason="first", by=BY, now=NOW
        )
        policy_publish(desk_id, CLOCKS, holds_from=early, is_for_history=True, reason="first", by=BY, now=NOW)
        office.queues[queue] = queue_save(desk_id, name=queue, by=BY, now=NOW)
        for name in (f"Ann {slug.title()}", f"Bo {slug.title()}"):
            office.people[name] = people.person_create(desk_id, name=name, by=BY, now=NOW)
            usual_hours_set(office.people[name], desk_id=desk_id, week=[["00:00-24:00"]] * 7, by=BY, now=NOW)
    for role in Role:
        office.user(role.value, role)
    office.user("ann", Role.AGENT, "north", person="Ann North")
    office.user("chief", Role.MANAGER, "north")
    office.user("stranger", Role.ADMIN, "south", person="Ann South")
    office.user("nobody")
    return office
