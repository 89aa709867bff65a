"""The last weeks of a desk as courses for simulation: what came in, as it was promised, and the people of today in their hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks.queries import Lived
from watchbill.apps.decisions.queries import Answers
from watchbill.apps.people.abilities import ability_list
from watchbill.apps.shifts.hours import spans_ahead, weeks_of
from watchbill.apps.work import competing
from watchbill.apps.work.choices import opened_between, steps_at
from watchbill.apps.work.competing import Competing
from watchbill.apps.work.efforts import effort_table
from watchbill.engine.assign.facts import CommitmentKind, ItemFacts, PersonFacts
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.routing import Route
from watchbill.engine.assign.rules import SURPLUS_LEVELS, is_able
from watchbill.engine.backtest.courses import Able, Course, Past, Staff, course
from watchbill.engine.base.ids import ItemId
from watchbill.engine.base.work import ACTIONABLE, Priority, State
from watchbill.flows.assign.gather import item_facts, person_facts
from watchbill.flows.assign.routes import Routing

WEEK = timedelta(days=7)
BEGUN = 2
"""Of what was begun before a week, one part in so many is left to do: an assumption, for history does not say it."""
SEED = 1
"""Settles how long each piece of work takes: the same for every setting and in every week."""


def courses_of(desk_id: int, policy: Policy, now: datetime, *, weeks: int) -> list[Course]:
    """Return the last *weeks* whole weeks before *now*, the oldest first, each with what waited when it began.

    Some ten queries and four a week. What an item asks for, and who may do it under *policy*, is as it is today; its promise is
    the one to resolve it, or the last to fall due, with the due that it had last. Only weeks in which something came with a
    promise. Neither absences nor extra hours of those weeks count: a policy is tuned for usual ones, and extra hours were an answer
    to what had gone wrong under the policy of then.
    """
    found = (_course(desk_id, policy, now - (back + 1) * WEEK, now) for back in reversed(range(weeks)))
    return [one for one in found if any(case.counts for case in one.model.cases)]


def _course(desk_id: int, policy: Policy, since: datetime, now: datetime) -> Course:
    until = since + WEEK
    before = {step.item_id: step.state for step in steps_at(desk_id, since) if State(step.state) in ACTIONABLE}
    rows = competing.items_of(desk_id, sorted({*before, *opened_between(desk_id, since, until)}))
    able = ability_list(desk_id)
    people = [person_facts(one, None, None) for one in able if one.is_active]
    promises = clocks.promises_lived([row.id for row in rows])
    effort = effort_table(desk_id)
    routes = Routing(desk_id, [row.id for row in rows], policy, able).routes(rows, now)
    who = Who(people, policy)
    work = [
        Past(
            item=ItemId(row.id), opened_at=row.opened_at, due_at=due_of(promises.get(row.id, ())),
            priority=Priority(row.priority),
            mean_min=effort.minutes(row.category, row.priority) // (BEGUN if before.get(row.id) == State.IN_PROGRESS else 1),
            able=who.may(row, routes.get(row.id, ())),
        )
        for row in rows
    ]  # fmt: skip
    hours = weeks_of(desk_id, closed_on=clocks.closed_dates(desk_id, since))
    spans = spans_ahead(hours, since, until=until + WEEK, off={}, away={})
    staff = [
        Staff(id=one.id, spans=spans[one.id], region=str(one.region or ""), limit=one.wip_limit)
        for one in people
        if spans.get(one.id)
    ]
    return course(work, staff, since=since, until=until, handover_min=policy.handover_min, seed=SEED)


class Who:
    """Who may do what, asked once for all items that ask for the same."""

    def __init__(self, people: Sequence[PersonFacts], policy: Policy) -> None:
        self._people, self._policy = people, policy
        self._known: dict[tuple[object, ...], Able] = {}

    def may(self, row: Competing, route: Route) -> Able:
        key = (row.team_id, row.skill_id, row.skill_level, row.language, row.tier, tuple(sorted(row.clearances)), route)
        if key not in self._known:
            item = item_facts(row, effort_min=1, promises=(), worked=(), known=(), said=Answers(), route=route)
            self._known[key] = tuple(
                (person.id, level_of(item, person)) for person in self._people if is_able(item, person, self._policy)
            )
        return self._known[key]


def level_of(item: ItemFacts, person: PersonFacts) -> int:
    """1 for just what the item asks, one more for each level above it that makes a person faster."""
    if item.skill is None:
        return 1
    return 1 + min(SURPLUS_LEVELS, max(0, person.skills.get(item.skill, 0) - item.min_level))


def due_of(promises: Sequence[Lived]) -> datetime | None:
    """When the promise to resolve falls due, or the last of those there are."""
    resolution = [due_at for kind, due_at, *_ in promises if kind == CommitmentKind.RESOLUTION]
    return max(resolution or [due_at for _, due_at, *_ in promises], default=None)
