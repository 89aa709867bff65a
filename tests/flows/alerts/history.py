"""Weeks of a desk's past, written straight into its tables: what alerts learn from."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from tests.factories import BOSS
from tests.flows.assign.small_desk import NOW
from watchbill.apps.core.services import clock_move
from watchbill.apps.people.models import RoleGrant, User
from watchbill.apps.people.rights import Role
from watchbill.apps.work.models import WorkEvent, WorkItem
from watchbill.flows.alerts.learning import limits_learn
from watchbill.flows.alerts.watching import tick

_numbers = itertools.count(1)
FAR = datetime(9999, 1, 1, tzinfo=UTC)


def opened(desk_id, at, many=1, *, owner=None, state="in_progress", queue=None, **fields):
    """Items opened at an instant, each with its first event; they are owned by *owner* from the beginning."""
    common = {"state": state, "priority": 3, "owner_id": owner, "queue_id": queue}
    items = WorkItem.objects.bulk_create(
        WorkItem(
            desk_id=desk_id, reference=f"CASE-{90000 + next(_numbers)}", kind="case", title="History", state_since=at,
            opened_at=at, updated_at=at, **{"due_sort_at": FAR, "act_by_at": FAR, **common, **fields},
        )
        for _ in range(many)
    )  # fmt: skip
    event(items, at, seq=1, kind="opened", **common)
    return items


def event(items, at, *, seq, kind, **after):
    WorkEvent.objects.bulk_create(
        WorkEvent(
            item=item, desk_id=item.desk_id, seq=seq, kind=kind, at=at, actor_kind="person", actor_name="Somebody",
            **{"state": "in_progress", "priority": 3, **after},
        )
        for item in items
    )  # fmt: skip


def usual_weeks(desk_id, owner, *, weeks=5, until=NOW, per_hour=2):
    """So many weeks in which the same comes every hour of the day's ten, done at once."""
    at = until - timedelta(weeks=weeks)
    while at < until:
        if 8 <= at.hour < 18:
            opened(desk_id, at, per_hour, owner=owner, state="closed")
        at += timedelta(hours=1)


def manager(desk, name, *, person=None, role=Role.QUEUE_MANAGER, email=""):
    """A user who answers alerts."""
    user = User.objects.create(username=name.lower(), name=name, person_id=desk.people.get(person), email=email)
    RoleGrant.objects.create(user=user, role=role, desk_id=desk.id)
    return user


def alarm(office):
    """Four usual weeks of the desk north, 25 items in a quarter of an hour, and the look that finds them."""
    north, ben = office.desks["north"], office.people["Bo North"]
    usual_weeks(north, ben, weeks=4)
    limits_learn(NOW)
    tick(NOW + timedelta(minutes=15))
    opened(north, NOW + timedelta(minutes=20), 25, owner=ben, state="closed")
    tick(NOW + timedelta(minutes=30))
    clock_move(desk_at=NOW + timedelta(minutes=30), rate=0, limit_at=None, by=BOSS, now=NOW)
    return north
