"""Futures of a desk rolled out: the share in which a promise is missed, where too little history is there to learn from.

List scheduling with drawn efforts (Graham 1969; "roll-outs", Tesauro and Galperin 1996): pieces of work in the order of their
index, each to its owner, or to whoever who may take it would finish first, within people's hours. No new work arrives, so a
risk is rather too low than too high where much comes in. docs/algorithms/risk.md, "Roll-outs".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId

FUTURES = 200
SPREAD = 0.8
"""Standard deviation of the logarithm of an effort about its expectation: one in six takes more than 1.6 times as long."""

_HOUR_US = 3_600_000_000
_NEVER = int(np.iinfo(np.int64).max)

Ints = NDArray[np.int64]
Spans = Sequence[tuple[int, int]]
"""When somebody is at work from now on: [start, end) in microseconds, sorted, apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of an item's work: hands-on hours expected, its index (the higher, the earlier), and the dues that it keeps.

    effort_h: 0 for the beginning. dues_us: instants of promises that are kept when the piece is finished by then.
    """

    effort_h: float
    index: float
    dues_us: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An open item: its pieces of work, each after the one before it, and who may do them.

    owner: who has it; None: anybody of *eligible*, the same person for all pieces.
    """

    item: ItemId
    pieces: Sequence[Piece]
    owner: PersonId | None = None
    eligible: Sequence[PersonId] = ()

    def __post_init__(self) -> None:
        for piece in self.pieces:
            if not piece.effort_h >= 0:
                raise InvalidFacts(f"the effort of item {self.item} must not be negative, got {piece.effort_h}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Somebody and when she is at work."""

    person: PersonId
    spans: Spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """What came of the futures of one item.

    p_miss: by piece, the share of futures in which each of its dues is missed. ahead_h: working hours, on average, that come
    before its first piece with whoever does it; None where nobody can.
    """

    p_miss: tuple[tuple[float, ...], ...]
    ahead_h: float | None


class _Hours:
    """Working time as a line without gaps, and back."""

    def __init__(self, spans: Spans) -> None:
        table = np.array(spans, dtype=np.int64).reshape(-1, 2)
        self._starts = table[:, 0]
        self._ends = np.cumsum(table[:, 1] - table[:, 0])
        self._begins = self._ends - (table[:, 1] - table[:, 0])

    def instant(self, worked_us: Ints) -> Ints:
        """When so much has been worked; NEVER where the hours known do not suffice."""
        if not len(self._ends):
            return np.full(worked_us.shape, _NEVER)
        place = np.searchsorted(self._ends, worked_us, "left")
        inside = np.minimum(place, len(self._ends) - 1)
        return np.where(place < len(self._ends), self._starts[inside] + worked_us - self._begins[inside], _NEVER)


class _Crew:
    """Everybody with the work that each has been given in each future. People of the same hours are looked at together."""

    def __init__(self, workers: Sequence[Worker], futures: int) -> None:
        shared: dict[tuple[tuple[int, int], ...], int] = {}
        self.place = {worker.person: at for at, worker in enumerate(workers)}
        self.hours_of = np.array(
            [shared.setdefault(tuple(worker.spans), len(shared)) for worker in workers], dtype=np.int64
        )
        self.hours = [_Hours(spans) for spans in shared]
        self.worked = np.zeros((len(workers), futures), dtype=np.int64)
        self._futures = np.arange(futures)

    def able(self, job: Job) -> Ints:
        """The places of those who may do a job, in the order of their keys."""
        asked = job.eligible if job.owner is None else (job.owner,)
        return np.array([self.place[person] for person in sorted(asked) if person in self.place], dtype=np.int64)

    def first(self, able: Ints, effort_us: Ints) -> Ints:
        """By future, the place of the one of *able* who would finish so much work first; of equal ones the first."""
        best = np.full(effort_us.shape, _NEVER)
        taken = np.full(effort_us.shape, able[0])
        for hours in dict.fromkeys(self.hours_of[able].tolist()):
            same = able[self.hours_of[able] == hours]
            freest = same[np.argmin(self.worked[same], axis=0)]
            finished = self.hours[hours].instant(self.worked[freest, self._futures] + effort_us)
            is_sooner = finished < best
            best, taken = np.where(is_sooner, finished, best), np.where(is_sooner, freest, taken)
        return taken

    def ahead(self, taken: Ints) -> float:
        """Hours of work, on average over the futures, that those who take it have before it."""
        return float(self.worked[taken, self._futures].mean() / _HOUR_US)

    def do(self, taken: Ints, effort_us: Ints) -> Ints:
        """Give the work to those who take it, and return when it is finished in each future."""
        self.worked[taken, self._futures] += effort_us
        worked, hours = self.worked[taken, self._futures], self.hours_of[taken]
        finished = np.empty_like(worked)
        for each in dict.fromkeys(hours.tolist()):
            finished[hours == each] = self.hours[each].instant(worked[hours == each])
        return finished


@cache
def _factors(futures: int) -> NDArray[np.float64]:
    """By what efforts are multiplied: log-normal with mean one, an even step of it for each future, rising."""
    normal = NormalDist()
    steps = np.array([normal.inv_cdf((number + 0.5) / futures) for number in range(futures)])
    return np.exp(SPREAD * steps - SPREAD**2 / 2)


def _in_order(jobs: Sequence[Job]) -> Iterator[tuple[Job, int]]:
    """Pieces, the highest index first, no piece before the one that comes before it."""
    keyed = []
    for job in jobs:
        index = float("inf")
        for number, piece in enumerate(job.pieces):
            index = min(index, piece.index)
            keyed.append((-index, job.item, number, job))
    for *_, number, job in sorted(keyed, key=lambda one: one[:3]):
        yield job, number


def roll_out(
    jobs: Sequence[Job], workers: Sequence[Worker], *, seed: int, futures: int = FUTURES
) -> Mapping[ItemId, Rolled]:
    """The share of futures in which each promise is missed: its piece is finished after its due, or by nobody.

    Parameters
    ----------
    jobs: open items; one whose owner or eligible people are not among *workers* is missed in all futures. What comes later in
        the order changes nothing for what comes before, so a list that is cut at its end is as right as the whole.
    workers: people with their hours ahead, which should reach the latest due.
    seed: the same facts and seed give the same shares; an item's own draws follow from it and the item alone, so that a new
        item does not make those of all others tremble.
    futures: how many are drawn. Of one job they are the even steps of its distribution (Latin hypercube, McKay 1979), so that
        chance is in their combinations only; with 200 a share is right within 7 points, nineteen times in twenty, or better.

    O(pieces * (eligible + different hours) * futures), all futures of a piece at once.
    """
    crew, factors = _Crew(workers, futures), _factors(futures)
    shares: dict[ItemId, list[tuple[float, ...]]] = {job.item: [] for job in jobs}
    ahead: dict[ItemId, float | None] = dict.fromkeys(shares)
    holders: dict[ItemId, Ints] = {}
    for job, number in _in_order(jobs):
        piece, able = job.pieces[number], crew.able(job)
        if not len(able):
            shares[job.item].append((1.0,) * len(piece.dues_us))
            continue
        drawn = np.random.default_rng((seed, job.item)).permutation(factors) * _HOUR_US
        if number == 0:
            whole = (sum(each.effort_h for each in job.pieces) * drawn).astype(np.int64)
            holders[job.item] = crew.first(able, whole)
            ahead[job.item] = crew.ahead(holders[job.item])
        finished = crew.do(holders[job.item], (piece.effort_h * drawn).astype(np.int64))
        shares[job.item].append(tuple(float(np.mean(finished > due_us)) for due_us in piece.dues_us))
    return {item: Rolled(p_miss=tuple(found), ahead_h=ahead[item]) for item, found in shares.items()}


def taken_up(effort_h: float, spans: Spans, *, from_us: int, due_us: int, futures: int = FUTURES) -> float:
    """The share of futures in which work is not done by its due if it is taken up at an instant, before all else.

    effort_h: hands-on hours expected until the promise is kept, 0 where it is kept by beginning. spans: when whoever takes it
    up is at work; without an hour before the due it is missed.
    """
    return float(np.mean(_factors(futures) * effort_h >= hours_between(spans, from_us, due_us)))


def hours_between(spans: Spans, from_us: int, until_us: int) -> float:
    """Working hours of somebody between two instants."""
    return sum(max(0, min(end, until_us) - max(start, from_us)) for start, end in spans) / _HOUR_US
