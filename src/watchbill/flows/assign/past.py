"""The work of a desk as it stood at moments of the past, walked through in order, as facts for the engine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.decisions.queries import Answers
from watchbill.apps.people.abilities import ability_list
from watchbill.apps.shifts.queries import Staffed, staffed
from watchbill.apps.work import competing
from watchbill.apps.work.choices import Step
from watchbill.apps.work.competing import MULTIPLIER, Carried, Competing
from watchbill.engine.assign.dryrun import Compared
from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Presence, Snapshot
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.routing import Route
from watchbill.engine.base.ids import ItemId, PersonId, QueueId
from watchbill.engine.base.work import ACTIONABLE, OPEN, Priority, State
from watchbill.flows.assign.gather import SEED, item_facts, person_facts
from watchbill.flows.assign.routes import routes_of

BESIDE = 50
"""Other unowned items of a moment that are looked at: they say how short each skill is."""
GRID = timedelta(minutes=30)
"""Who is on shift is looked up once for each such stretch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How a desk stood just before one choice."""

    now: datetime
    items: Sequence[ItemFacts]
    rows: Sequence[Competing]
    people: Sequence[PersonFacts]
    past: Past

    @property
    def standing(self) -> Mapping[ItemId, PersonId | None]:
        """Nothing stands proposed: what was is not looked at."""
        return {}

    def snapshot(self, policy: Policy) -> Snapshot:
        """Return the facts with what the rules of *policy* ask."""
        routes = self.past.routes(self.rows, policy, self.now)
        items = [replace(item, route=routes.get(item.id, ())) for item in self.items]
        return Snapshot(now=self.now, items=items, people=self.people, policy=policy, seed=SEED)


class Past:
    """A desk of the past: *begin* says how open items stood at first, *steps* what happened then, in order."""

    def __init__(self, desk_id: int, begin: Sequence[Step], steps: Sequence[Step]) -> None:
        self._desk_id, self._steps = desk_id, steps
        ids = sorted({step.item_id for step in (*begin, *steps)})
        self._rows = {row.id: row for row in competing.items_of(desk_id, ids)}
        self._promises = clocks.promises_lived(ids)
        self._able = ability_list(desk_id)
        self._effort = competing.effort_table(desk_id)
        self._hours: dict[datetime, Mapping[int, Staffed]] = {}
        self._now: dict[int, Step] = {}
        self._owned: dict[int, set[int]] = defaultdict(set)
        self._owners: dict[int, dict[int, None]] = defaultdict(dict)
        self._knows: dict[int, dict[int, None]] = defaultdict(dict)
        for step in begin:
            self._take(step)

    def situations(self, looked_at: frozenset[int]) -> Iterator[tuple[Compared, Situation]]:
        """Give each choice whose place among the steps is asked for, with the situation before it."""
        for at, step in enumerate(self._steps):
            if at in looked_at and step.item_id in self._rows and step.owner_id is not None:
                yield self._choice(step), self._situation(step)
            self._take(step)

    def routes(self, rows: Sequence[Competing], policy: Policy, at: datetime) -> Mapping[int, Route]:
        """Return what the rules of a policy ask for items of a moment, by item."""
        return routes_of(self._desk_id, rows, policy, self._able, at)

    def _take(self, step: Step) -> None:
        """Let one step happen."""
        before = self._now.get(step.item_id)
        if before is not None and before.owner_id is not None:
            self._owned[before.owner_id].discard(step.item_id)
        if State(step.state) not in OPEN:
            self._now.pop(step.item_id, None)
            return
        self._now[step.item_id] = step
        if step.owner_id is not None:
            self._owned[step.owner_id].add(step.item_id)
            self._owners[step.item_id][step.owner_id] = None
            row = self._rows.get(step.item_id)
            if row is not None and row.customer_id is not None:
                self._knows[row.customer_id][step.owner_id] = None

    def _choice(self, step: Step) -> Compared:
        row, owner = self._rows[step.item_id], step.owner_id
        return Compared(
            item=ItemId(step.item_id),
            at=step.at,
            priority=Priority(step.priority),
            queue=None if step.queue_id is None else QueueId(step.queue_id),
            effort_min=self._effort.minutes(row.category, step.priority),
            decided=PersonId(owner or 0),
            in_force=None,
            draft=None,
        )

    def _situation(self, step: Step) -> Situation:
        free = [
            other
            for other in reversed(self._now.values())
            if other.owner_id is None and other.item_id != step.item_id and State(other.state) in ACTIONABLE
        ][:BESIDE]
        rows = [self._row(one) for one in (step, *free) if one.item_id in self._rows]
        hours = self._hours_at(step.at)
        return Situation(
            now=step.at,
            items=[self._facts(row, step.at) for row in rows],
            rows=rows,
            people=[
                replace(
                    person_facts(one, hours.get(one.id), self._carried(one.id, step.item_id)),
                    presence=Presence.AVAILABLE,
                    is_absent=False,
                )
                for one in self._able
            ],
            past=self,
        )

    def _row(self, step: Step) -> Competing:
        """The item as it stood, and nobody's: what it asks beside is as it is now."""
        row = self._rows[step.item_id]
        return replace(
            row,
            priority=step.priority,
            state=State.NEW.value if State(step.state) not in ACTIONABLE else step.state,
            queue_id=step.queue_id,
            team_id=step.team_id or row.team_id,
            owner_id=None,
        )

    def _facts(self, row: Competing, at: datetime) -> ItemFacts:
        running = [
            (kind, due_at, target_s)
            for kind, due_at, target_s, started_at, stopped_at in self._promises.get(row.id, ())
            if started_at <= at and (stopped_at is None or stopped_at > at)
        ]
        known = self._knows.get(row.customer_id, {}) if row.customer_id is not None else {}
        return item_facts(
            row,
            effort_min=self._effort.minutes(row.category, row.priority),
            promises=running,
            worked=tuple(self._owners.get(row.id, ())),
            known=tuple(known),
            said=Answers(),
            route=(),
        )

    def _carried(self, person_id: int, but: int) -> Carried:
        load, count, classes = 0.0, 0, Counter[str]()
        for item_id in self._owned.get(person_id, ()):
            step, row = self._now[item_id], self._rows.get(item_id)
            if item_id == but or row is None:
                continue
            state = State(step.state)
            load += MULTIPLIER.get(state, 0.0) * self._effort.minutes(row.category, step.priority)
            if state in ACTIONABLE:
                count += 1
                classes.update(row.classes)
        return Carried(load, count, classes)

    def _hours_at(self, at: datetime) -> Mapping[int, Staffed]:
        since = datetime.fromtimestamp(at.timestamp() // GRID.total_seconds() * GRID.total_seconds(), at.tzinfo)
        if since not in self._hours:
            self._hours[since] = staffed(self._desk_id, since, closed_on=clocks.closed_dates(self._desk_id, since))
        return self._hours[since]
