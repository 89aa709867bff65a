"""Work that waits and people with room, kept apart by skill from event to event, so that nobody looks through all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import Generic, Self, TypeVar

from watchbill.engine.backtest.desk import Act, Desk, Job, Person
from watchbill.engine.base.ids import PersonId, SkillId

Thing = TypeVar("Thing", Job, Person)
Key = tuple[float, ...]
"""Where a thing stands; the smallest is first."""
FEW = 32
"""A heap as short as this is not looked through for what is stale."""


class Heap(Generic[Thing]):
    """Things by key, of which some are stale: these are thrown away when they come up, or when there may be too many.

    A thing is stale when it has another stamp than it was pushed with: it is in other hands, or she has other things in hers.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[Key, int, Thing]] = []
        self._most = FEW

    @classmethod
    def of(cls, rows: Iterable[tuple[Key, Thing]]) -> Self:
        """A heap of things that are all fresh. O(things)."""
        made = cls()
        made._rows = [(key, thing.stamp, thing) for key, thing in rows]
        heapify(made._rows)
        made._most = max(FEW, 2 * len(made._rows))
        return made

    def push(self, key: Key, thing: Thing) -> None:
        """O(log things). No two things have the same key."""
        rows = self._rows
        heappush(rows, (key, thing.stamp, thing))
        if len(rows) > self._most:
            rows[:] = {(key, stamp): (key, stamp, one) for key, stamp, one in rows if one.stamp == stamp}.values()
            heapify(rows)
            self._most = max(FEW, 2 * len(rows))

    def first(self) -> tuple[Key, Thing] | None:
        """The smallest that is fresh; it stays."""
        rows = self._rows
        while rows:
            key, stamp, thing = rows[0]
            if stamp == thing.stamp:
                return key, thing
            heappop(rows)
        return None


class Match:
    """Brings what is first in the queue to the person preferred for it, as long as somebody has room.

    has_room: whether a person may be given something now. preference: of a person for work of a skill, ending with her id. rank:
    where a case stands, told the mean expected effort of the queue; is_fixed: it does not change while the case waits.
    knows_first: of all who have room the one goes first who has worked on the case last; owns_first: she even takes it before
    anything that stands before it.
    """

    def __init__(
        self,
        has_room: Callable[[Person], bool],
        preference: Callable[[Person, SkillId], Key],
        rank: Callable[[Job, Desk, float], float],
        *,
        is_fixed: bool,
        knows_first: bool = False,
        owns_first: bool = False,
    ) -> None:
        self._has_room, self._preference, self._rank = has_room, preference, rank
        self._is_fixed, self._knows_first, self._owns_first = is_fixed, knows_first, owns_first
        self._people: dict[SkillId, Heap[Person]] = defaultdict(Heap)
        self._coming: dict[SkillId, dict[PersonId, tuple[int, Person]]] = defaultdict(dict)
        self._queues: dict[SkillId, Heap[Job]] = defaultdict(Heap)
        self._owned: dict[PersonId, Heap[Job]] = defaultdict(Heap)

    def acts(self, desk: Desk) -> Iterator[Act]:
        """What follows from what has arrived and from who was freed: nothing else can let two meet.

        O(log n) for each of them and for each act when the rank is fixed; else all that waits for their skills is ranked anew.
        """
        if self._owns_first:
            yield from self._to_owners(desk)
        skills = self._touched(desk)
        if not skills:
            return
        mean = 0.0 if self._is_fixed else desk.mean_expected_min
        lines = {skill: self._line(desk, skill, mean) for skill in skills if self._best(skill) is not None}
        heads = [(head[0], skill) for skill, line in lines.items() if (head := line.first()) is not None]
        heapify(heads)
        while heads:
            _, skill = heappop(heads)
            head, best = lines[skill].first(), self._best(skill)
            if head is None or best is None:
                continue  # nobody has room for work of this skill any more
            taker = self._last_of(desk, head[1]) or best
            yield head[1], taker
            self._offer(taker)
            if (after := lines[skill].first()) is not None:
                heappush(heads, (after[0], skill))

    def _touched(self, desk: Desk) -> Iterable[SkillId]:
        """Skills for which something waits and something has changed."""
        touched = dict[SkillId, None]()
        for job in desk.arrived:
            if job.holder is None:
                touched[job.skill] = None
                if self._is_fixed:
                    self._queues[job.skill].push(self._key(job, desk, 0.0), job)
        waiting = desk.by_skill if desk.waiting else {}
        for person in desk.freed:
            if self._offer(person) and waiting:
                for skill in person.agent.skills:
                    if waiting.get(skill):
                        touched[skill] = None
        return touched

    def _to_owners(self, desk: Desk) -> Iterator[Act]:
        """Whoever has room takes the first of the cases on which she has worked last."""
        looked_at = {person.agent.id: person for person in desk.freed}
        for job in desk.arrived:
            if job.workers and (owner := desk.people[job.workers[-1]]).agent.may(job):
                self._owned[owner.agent.id].push(self._key(job, desk, 0.0), job)
                looked_at[owner.agent.id] = owner
        for owner in looked_at.values():
            while self._has_room(owner) and (head := self._owned[owner.agent.id].first()) is not None:
                yield head[1], owner

    def _line(self, desk: Desk, skill: SkillId, mean: float) -> Heap[Job]:
        """The queue of a skill in order."""
        if self._is_fixed:
            return self._queues[skill]
        rank = self._rank
        return Heap.of(
            ((rank(job, desk, mean), job.case.opened_min, job.case.id), job) for job in desk.by_skill[skill].values()
        )

    def _key(self, job: Job, desk: Desk, mean: float) -> Key:
        return self._rank(job, desk, mean), job.case.opened_min, job.case.id

    def _offer(self, person: Person) -> bool:
        """Put a person where work of her skills finds her; return whether she has room."""
        if not self._has_room(person):
            return False
        coming, as_she_is = self._coming, (person.stamp, person)
        for skill in person.agent.skills:
            coming[skill][person.agent.id] = as_she_is
        return True

    def _best(self, skill: SkillId) -> Person | None:
        """Who stands first for work of a skill; people find their places only now, since most come and go before any work does."""
        people = self._people[skill]
        if coming := self._coming[skill]:
            for stamp, person in coming.values():
                if stamp == person.stamp:
                    people.push(self._preference(person, skill), person)
            coming.clear()
        first = people.first()
        return None if first is None else first[1]

    def _last_of(self, desk: Desk, job: Job) -> Person | None:
        """Who has worked on the case last, if she goes first and may take it now."""
        if not self._knows_first or not job.workers:
            return None
        last = desk.people[job.workers[-1]]
        return last if last.agent.may(job) and self._has_room(last) else None
