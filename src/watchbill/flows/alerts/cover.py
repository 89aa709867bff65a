"""Work for which nobody who may take it is at work before its promises fall due, by queue and region."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.decisions.queries import policy_in_force
from watchbill.apps.people import queries as people
from watchbill.apps.people.abilities import ability_list
from watchbill.apps.shifts.queries import Staffed
from watchbill.apps.work import flowing
from watchbill.apps.work.flowing import Asked
from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Presence
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.rules import may_ever_take
from watchbill.engine.base.ids import ItemId, QueueId, SkillId, TeamId
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import Priority
from watchbill.flows.assign.gather import person_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So many items of a queue that ask the same, and who of those who may take them is back first; None: nobody is known to be."""

    count: int
    asked: str
    back: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A queue, in a region or without one, with work that falls due before anybody who may take it is at work."""

    queue_id: int | None
    region_id: int | None
    parts: tuple[Part, ...]

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)


def is_at_work(one: Staffed) -> bool:
    return one.is_on_shift and one.presence != Presence.OFF


def back_at(one: Staffed) -> datetime | None:
    """When somebody who is not at work will be, as far as it is known."""
    return one.presence_until if one.is_on_shift else one.opens_at


def is_known(one: Staffed) -> bool:
    """Whether anything is known of when somebody works."""
    return one.is_on_shift or one.opens_at is not None or one.is_absent


def gaps(desk_id: int, hours: Mapping[int, Staffed], now: datetime) -> list[Gap]:
    """Return what nobody is there for: three queries where there is nothing such, else six.

    Who may take it fulfils what lasts (team, skill, language, clearances, tiers); shifts, slots and the rules of the policy are left
    out, so that nothing is told which somebody at work could take. Where the hours of all who may are unknown nothing is said.
    """
    policy = policy_in_force(desk_id, now).policy
    staff = [person_facts(one, hours.get(one.id), None) for one in ability_list(desk_id) if one.is_active]

    there = [one for one in staff if (at := hours.get(one.id)) is not None and is_at_work(at)]

    @cache
    def is_covered(item: ItemFacts) -> bool:
        """Whether somebody at work may take what asks this: many rows ask the same, and the first who may is enough."""
        return any(may_ever_take(item, one, policy) for one in there)

    @cache
    def able(item: ItemFacts) -> list[tuple[PersonFacts, Staffed | None]]:
        """All who may."""
        return [(one, hours.get(one.id)) for one in staff if may_ever_take(item, one, policy)]

    def uncovered(rows: Sequence[Asked]) -> list[tuple[Asked, PersonFacts | None, datetime | None]]:
        found = []
        for row in rows:
            item = _item(row, now)
            if is_covered(item):
                continue
            known = [(one, at) for one, at in able(item) if at is not None and is_known(at)]
            if able(item) and not known:
                continue
            first = min(((back_at(at) or FAR_FUTURE, one.id, one) for one, at in known), default=None)
            until = None if first is None or first[0] == FAR_FUTURE else first[0]
            if row.due_at[0] < (until or FAR_FUTURE):
                found.append((row, first[2] if first and until else None, until))
        return found

    open_queues = sorted({row.queue_id or 0 for row, *_ in uncovered(flowing.items_asked(desk_id, now))})
    if not open_queues:
        return []
    counts: dict[tuple[int | None, int | None], Counter[tuple[str, str | None, datetime | None]]] = defaultdict(Counter)
    skills = {row["id"]: row["name"] for row in people.skill_list(desk_id, by=WATCHBILL)}
    teams = {row["id"]: row["name"] for row in people.team_list(desk_id, by=WATCHBILL)}
    for row, back, until in uncovered(flowing.items_asked(desk_id, now, queue_ids=open_queues)):
        said = (_asked(row, policy, skills, teams), back.name if back else None, until)
        counts[row.queue_id, row.region_id][said] += sum(at < (until or FAR_FUTURE) for at in row.due_at)
    return [
        Gap(queue_id=queue, region_id=region, parts=tuple(
            Part(count=count, asked=asked, back=back, until=until) for (asked, back, until), count in found.items()
        ))
        for (queue, region), found in counts.items()
    ]  # fmt: skip


def _item(row: Asked, now: datetime) -> ItemFacts:
    """What a row asks, as an item: the rest of it is asked of nobody."""
    return ItemFacts(
        id=ItemId(0), queue=QueueId(0), priority=Priority.P3, opened_at=now, touch_min=1, effort_min=1,
        team=None if row.team_id is None else TeamId(row.team_id),
        skill=None if row.skill_id is None else SkillId(row.skill_id), min_level=row.skill_level,
        language=row.language or None, tier=row.tier, clearances=frozenset(row.clearances),
    )  # fmt: skip


def _asked(row: Asked, policy: Policy, skills: Mapping[int, str], teams: Mapping[int, str]) -> str:
    """What items ask of who takes them, in words."""
    asked = []
    if policy.needs_skill and row.skill_id is not None:
        level = f" at level {row.skill_level}" if row.skill_level > 1 else ""
        asked.append(f"{skills.get(row.skill_id, 'a skill')}{level}")
    if policy.needs_language and row.language:
        asked.append(f"the language {row.language}")
    if policy.needs_clearance and row.clearances:
        asked.append(f"the clearance {', '.join(sorted(set(row.clearances)))}")
    if policy.needs_team and row.team_id is not None:
        asked.append(f"somebody of {teams.get(row.team_id, 'its team')}")
    return " and ".join(asked) or f"somebody for {row.tier} customers"
