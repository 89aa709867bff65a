"""A draft beside the live decisions: begun for a policy that competed, worked out at every run of the tick, never acted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter

from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.decisions import shadows
from watchbill.apps.people.abilities import ability_list
from watchbill.apps.shifts.absences import away_ahead
from watchbill.apps.shifts.extra import extra_ahead
from watchbill.apps.shifts.hours import off_until, spans_ahead, weeks_of
from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.index import mean_touch_min, urgency_points
from watchbill.engine.assign.lateness import SEEN_MIN, Placed, Queued, Spans, late_in_order, placed
from watchbill.engine.assign.one import place_one
from watchbill.engine.assign.outcome import Decision, Verdict
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.rules import has_worked_on, speed_of
from watchbill.engine.assign.shadow import Shadowed
from watchbill.engine.assign.tables import tables_of
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.flows.apart import set_apart
from watchbill.flows.assign.gather import Gathered, gather_held
from watchbill.flows.assign.routes import routes_of

MOST = 25
"""Decisions of one run that are held beside, the most urgent first: what a shadow costs a turn has a bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What one run of the tick decided: the situation, the plan that stood before, and its answers in order."""

    gathered: Gathered
    standing: Mapping[ItemId, PersonId | None]
    decisions: Sequence[Decision]


def shadow_turn(decided: Decided) -> int:
    """Hold the draft that is shadowed on the desk, if any, beside what was decided; return how many decisions were compared.

    Outside of the run's transaction and locks: whatever fails here leaves what was decided alone. One query where nothing is
    shadowed; else some ten, and ten more where the draft differs; none by item.
    """
    with set_apart("shadow run of desk", decided.gathered.desk_id):
        return _turn(decided)
    return 0


def _turn(decided: Decided) -> int:
    began, gathered = perf_counter(), decided.gathered
    row = shadows.shadow_running(gathered.desk_id, gathered.now)
    if row is None:
        return 0
    if row.against != gathered.policy_number:
        shadows.shadow_outdated(row, number=gathered.policy_number, now=gathered.now)
        return 0
    chosen = sorted(
        (
            one
            for one in decided.decisions
            if one.verdict not in (Verdict.STAY, Verdict.MOVE) and one.item in gathered.facts
        ),
        key=lambda one: (gathered.facts[one.item].priority, one.item),
    )[:MOST]
    if not chosen:
        return 0
    found = _beside(decided, row.draft(), chosen)
    shadows.shadow_keep(row, found, seconds=perf_counter() - began, now=gathered.now)
    return len(found)


def _beside(decided: Decided, draft: Policy, chosen: Sequence[Decision]) -> list[tuple[Shadowed, str]]:
    """Ask both policies about each item alone, beside the same plan; then what those who differ are expected to come to."""
    gathered, current = decided.gathered, dict(decided.standing)
    held, drafted = gathered.snapshot, _drafted(gathered, draft)
    tables, others = tables_of(held), tables_of(drafted)
    found = []
    for one in chosen:
        if one.item not in tables.index or one.item not in others.index:
            continue
        in_force, other = place_one(tables, one.item, current), place_one(others, one.item, current)
        facts = gathered.facts[one.item]
        found.append(
            (Shadowed(item=one.item, priority=facts.priority, done=one.person, in_force=in_force.person, draft=other.person), other.reason)
        )  # fmt: skip
        current[one.item] = one.person
    differing = [one for one, _ in found if not one.agrees and one.done is not None]
    chances = _Chances(gathered, differing) if differing else None
    return [(chances.told(one) if chances is not None and one in differing else one, reason) for one, reason in found]


def _drafted(gathered: Gathered, draft: Policy) -> Snapshot:
    """The same situation under the draft, with what its rules ask of each item."""
    snapshot = gathered.snapshot
    if draft.rules == snapshot.policy.rules:
        return replace(snapshot, policy=draft)
    rows = list(gathered.items.values())
    routes = routes_of(gathered.desk_id, rows, draft, ability_list(gathered.desk_id), gathered.now)
    items = [replace(item, route=routes.get(item.id, ())) for item in snapshot.items]
    return replace(snapshot, items=items, policy=draft)


class _Chances:
    """How likely items are missed in the hands of people: each works her own items in the order of their urgency, in her hours."""

    def __init__(self, gathered: Gathered, differing: Sequence[Shadowed]) -> None:
        people = {person for one in differing for person in (one.done, one.draft) if person is not None}
        self._gathered, self._spans = gathered, _spans(gathered.desk_id, gathered.now, people)
        self._mean_min = mean_touch_min(gathered.snapshot.items)
        self._queues: dict[PersonId, list[Placed]] = {person: [] for person in people}
        for one in gather_held(gathered, people):
            if one.owner in self._spans:
                self._queues[one.owner].append(self._placed(one.facts, one.owner))

    def told(self, one: Shadowed) -> Shadowed:
        """The choice with the chances of those who were chosen."""
        return replace(one, p_done=self._chance(one.item, one.done), p_draft=self._chance(one.item, one.draft))

    def _chance(self, item: ItemId, person: PersonId | None) -> float | None:
        if person is None or person not in self._spans:
            return None
        others = [one for one in self._queues[person] if one.item != item]
        queue = sorted([*others, self._placed(self._gathered.facts[item], person)])
        return late_in_order(queue)[item][0]

    def _placed(self, item: ItemFacts, person: PersonId) -> Placed:
        who: PersonFacts = self._gathered.people[person]
        policy = self._gathered.snapshot.policy
        speed = speed_of(item, who, policy)
        extra = policy.handover_min if item.is_touched and not has_worked_on(item, person) else 0
        queued = Queued(
            item=item, urgency=urgency_points(item, self._gathered.snapshot, mean_min=self._mean_min),
            touch_min=item.touch_min / speed + extra, effort_min=item.effort_min / speed + extra,
        )  # fmt: skip
        return placed(queued, self._spans[person], self._gathered.now)


def _spans(desk_id: int, now: datetime, people: set[PersonId]) -> dict[PersonId, Spans]:
    """When these people are at work ahead, in minutes from now; those whose hours are known: five queries."""
    weeks = {
        who: week for who, week in weeks_of(desk_id, closed_on=closed_dates(desk_id, now)).items() if who in people
    }
    until = now + timedelta(minutes=SEEN_MIN)
    ahead = spans_ahead(
        weeks, now, until=until, off=off_until(desk_id, now), away=away_ahead(desk_id, now), extra=extra_ahead(desk_id, now)
    )  # fmt: skip
    return {PersonId(who): spans for who, spans in ahead.items()}
