"""The work of a desk as it stood at moments of the past, walked through in order, as facts for the engine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.decisions.queries import Answers
from watchbill.apps.people.abilities import ability_list
from watchbill.apps.shifts.queries import Staffed, hours_book
from watchbill.apps.work import competing
from watchbill.apps.work.choices import Step
from watchbill.apps.work.competing import Carried, Competing
from watchbill.apps.work.efforts import MULTIPLIER, effort_table
from watchbill.engine.assign.dryrun import Compared
from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Presence, Snapshot
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.ids import ItemId, PersonId, QueueId
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import ACTIONABLE, OPEN, Priority, State
from watchbill.flows.assign.gather import SEED, item_facts, person_facts
from watchbill.flows.assign.routes import Routing

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

    @property
    def standing(self) -> Mapping[ItemId, PersonId | None]:
        """Nothing stands proposed: what was is not looked at."""
        return {}

    def snapshot(self, routing: Routing) -> Snapshot:
        """Return the facts with what the rules of the policy of *routing* ask."""
        routes = routing.routes(self.rows, self.now)
        items = [replace(item, route=routes[item.id]) if item.id in routes else item for item in self.items]
        return Snapshot(now=self.now, items=items, people=self.people, policy=routing.policy, seed=SEED)


@dataclass(slots=True)
class _Load:
    """What one person carries at a moment: hundredths of minutes, so that taking away is exact."""

    hundredths: int = 0
    open_count: int = 0
    by_class: Counter[str] = field(default_factory=Counter)

    @property
    def carried(self) -> Carried:
        return Carried(self.hundredths / 100, self.open_count, +self.by_class)


def _since(at: datetime) -> datetime:
    """Where the stretch of `GRID` begins in which an instant lies."""
    return datetime.fromtimestamp(at.timestamp() // GRID.total_seconds() * GRID.total_seconds(), at.tzinfo)


class Past:
    """A desk of the past: *begin* says how open items stood at first, *steps* what happened then, in order."""

    def __init__(self, desk_id: int, begin: Sequence[Step], steps: Sequence[Step]) -> None:
        self._desk_id, self._steps = desk_id, steps
        ids = sorted({step.item_id for step in (*begin, *steps)})
        self._rows = {row.id: row for row in competing.items_of(desk_id, ids)}
        self._promises = clocks.promises_lived(ids)
        self._able = ability_list(desk_id)
        self._effort = effort_table(desk_id)
        self._rules, self._hours = (
            clocks.rulebook(desk_id),
            hours_book(desk_id, _since(steps[0].at) if steps else FAR_FUTURE),
        )
        self._stretch: datetime | None = None
        self._staffed: Mapping[int, Staffed] = {}
        self._people: dict[int, PersonFacts] = {}
        self._now: dict[int, Step] = {}
        self._loads: dict[int, _Load] = defaultdict(_Load)
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

    def reference_of(self, item_id: int) -> str:
        """Return what people call an item of the past."""
        return self._rows[item_id].reference

    def routing(self, policy: Policy) -> Routing:
        """Return what the rules of a policy look at in all items of the past."""
        return Routing(self._desk_id, sorted(self._rows), policy, self._able)

    def _take(self, step: Step) -> None:
        """Let one step happen."""
        before = self._now.get(step.item_id)
        if before is not None:
            self._weigh(before, -1)
        if State(step.state) not in OPEN:
            self._now.pop(step.item_id, None)
            return
        self._now[step.item_id] = step
        self._weigh(step, 1)
        if step.owner_id is not None:
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
        return Situation(
            now=step.at,
            items=[self._facts(row, step.at) for row in rows],
            rows=rows,
            people=self._people_at(step),
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

    def _weigh(self, step: Step, sign: int) -> None:
        """Add an item as it stands to its owner's load (*sign* 1), or take it away again (-1)."""
        row = self._rows.get(step.item_id)
        if step.owner_id is None or row is None:
            return
        state = State(step.state)
        load = self._loads[step.owner_id]
        load.hundredths += (
            sign * round(100 * MULTIPLIER.get(state, 0.0)) * self._effort.minutes(row.category, step.priority)
        )
        if state in ACTIONABLE:
            load.open_count += sign
            for name in row.classes:
                load.by_class[name] += sign
        self._people.pop(step.owner_id, None)

    def _people_at(self, step: Step) -> list[PersonFacts]:
        """Return everybody as she stood before the step; facts are made anew for those alone of whom something has changed."""
        since = _since(step.at)
        if since != self._stretch:
            closed_on = clocks.closed_dates(self._desk_id, since, book=self._rules)
            before, self._staffed = self._staffed, self._hours.at(since, closed_on=closed_on)
            self._stretch = since
            for person_id, hours in self._staffed.items():
                if before.get(person_id) != hours:
                    self._people.pop(person_id, None)
        held = self._now.get(step.item_id)
        if held is not None:
            self._weigh(held, -1)  # what the choice is about weighs on nobody
        for one in self._able:
            if one.id not in self._people:
                facts = person_facts(one, self._staffed.get(one.id), self._loads[one.id].carried)
                self._people[one.id] = replace(facts, presence=Presence.AVAILABLE, is_absent=False)
        people = [self._people[one.id] for one in self._able]
        if held is not None:
            self._weigh(held, 1)
        return people
