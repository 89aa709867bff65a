"""The smallest valid things that tests need, made through services."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from watchbill.apps.clocks import services as clocks
from watchbill.apps.clocks.replays import replay_row
from watchbill.apps.core.actor import Actor, console
from watchbill.apps.people import services as people
from watchbill.apps.people.rights import Role
from watchbill.apps.shifts.extra import NewExtra, extra_add_many
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.clocks import default_policy
from watchbill.flows.act.opening import Draft, item_open
from watchbill.flows.replay.drafts import replay_ask
from watchbill.flows.replay.run import replay_run

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday, 09:00 in Sao Paulo."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BOSS = console("test")
_numbers = itertools.count(1)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def make_desk(*, slug: str | None = None, zone: str = "America/Sao_Paulo", has_clocks: bool = True) -> int:
    """A desk; with clocks: office hours 08:00-18:00 on weekdays and the default targets, since ever."""
    desk_id = people.desk_ensure(slug or f"desk-{next(_numbers)}", name="Test desk", zone=zone, by=BOSS, now=NOW)
    if has_clocks:
        office = Calendar.working_week(zone, "08:00-18:00").as_json()
        clocks.calendar_publish(
            desk_id, "office", office, holds_from=EPOCH, is_for_history=True, reason="test", by=BOSS, now=NOW
        )
        policy = default_policy(calendar="office").as_json()
        clocks.policy_publish(desk_id, policy, holds_from=EPOCH, is_for_history=True, reason="test", by=BOSS, now=NOW)
    return desk_id


def publish_replayed(desk_id: int, body: Mapping[str, Any], **how: Any) -> int:
    """Publish a clock policy on a desk that has items: replayed first, and all that it leaves undone is said."""
    told = {"reason": "test", "by": BOSS, "now": NOW, **how}
    told.setdefault("holds_from", told["now"])
    asked = {"holds_from": told["holds_from"], "by": told["by"], "now": told["now"]}
    replay_id = replay_ask(desk_id, body, is_waking=False, **asked)
    replay_run(replay_id)
    leaves = [finding.key for finding in replay_row(replay_id).findings]
    return clocks.policy_publish(desk_id, body, leaves=leaves, **told)


def make_person(desk_id: int, name: str | None = None) -> int:
    return people.person_create(desk_id, name=name or f"Person {next(_numbers)}", by=BOSS, now=NOW)


def make_extra(desk_id: int, person_id: int, from_at: datetime, until_at: datetime) -> None:
    """Let a person work beside her usual hours."""
    span = NewExtra(person_id=person_id, from_at=from_at, until_at=until_at)
    extra_add_many(desk_id, [span], why="a test", source_ref="REC-1", by=BOSS, now=from_at)


def make_item(desk_id: int, *, now: datetime = NOW, **fields: object) -> str:
    """An item's reference; P3 unless said otherwise."""
    return item_open(Draft(desk_id=desk_id, **{"title": "Printer is silent", **fields}), by=BOSS, now=now).reference


def actor(role: Role | None, desk_id: int | None, *, person_id: int | None = None, name: str = "Somebody") -> Actor:
    """Somebody with one role on one desk, without a user behind it."""
    roles = {} if role is None else {desk_id: frozenset({role.value})}
    return Actor(name=name, person_id=person_id, roles=roles)
