"""Futures of a desk rolled out: the share in which a promise is missed, where too little history is there to learn from.

List scheduling with drawn efforts (Graham 1969; "roll-outs", Tesauro and Galperin 1996): items in the order of their index, each
to its owner, or to whoever who may take it would finish first, within people's hours. No new work arrives, so a
risk is rather too low than too high where much comes in. docs/algorithms/risk.md, "Roll-outs".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An open item with a promise: hands-on hours expected to be left, when it is due, its index, and who may do it.

    owner: who has it; None: anybody of *eligible*. index: the higher, the earlier (`assign`'s order of work).
    """

    item: ItemId
    effort_h: float
    due_us: int
    index: float
    owner: PersonId | None = None
    eligible: Sequence[PersonId] = ()

    def __post_init__(self) -> None:
        if not self.effort_h >= 0:
            raise InvalidFacts(f"the effort of item {self.item} must not be negative, got {self.effort_h}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """When somebody is at work from now on: [start, end) in microseconds, sorted, apart."""

    person: PersonId
    spans: Sequence[tuple[int, int]]


class _Hours:
    """Working time of one person as a line without gaps, and back."""

    def __init__(self, worker: Worker) -> None:
        spans = np.array(worker.spans, dtype=np.int64).reshape(-1, 2)
        self._starts = spans[:, 0]
        self._ends = np.cumsum(spans[:, 1] - spans[:, 0])
        self._begins = self._ends - (spans[:, 1] - spans[:, 0])

    def instant(self, worked_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """When so much has been worked; NEVER where the hours known do not suffice."""
        if not len(self._ends):
            return np.full(worked_us.shape, _NEVER)
        place = np.searchsorted(self._ends, worked_us, "left")
        inside = np.minimum(place, len(self._ends) - 1)
        return np.where(place < len(self._ends), self._starts[inside] + worked_us - self._begins[inside], _NEVER)


def _factors(futures: int) -> NDArray[np.float64]:
    """By what efforts are multiplied: log-normal with mean one, an even step of it for each future."""
    normal = NormalDist()
    steps = np.array([normal.inv_cdf((number + 0.5) / futures) for number in range(futures)])
    return np.exp(SPREAD * steps - SPREAD**2 / 2)


def roll_out(
    jobs: Sequence[Job], workers: Sequence[Worker], *, seed: int, futures: int = FUTURES
) -> Mapping[ItemId, float]:
    """The share of futures in which each job is finished after its due, or by nobody.

    Parameters
    ----------
    jobs: open items; one whose owner or eligible people are not among *workers* is missed in all futures.
    workers: people with their hours ahead, which should reach the latest due.
    seed: the same facts and seed give the same shares.
    futures: how many are drawn. Of one job they are the even steps of its distribution (Latin hypercube, McKay 1979), so that
        chance is in their combinations only; with 200 a share is right within 7 points, nineteen times in twenty, or better.

    O(jobs * eligible * futures), all futures of a job at once.
    """
    people = {worker.person: place for place, worker in enumerate(workers)}
    hours = [_Hours(worker) for worker in workers]
    worked = np.zeros((len(workers), futures), dtype=np.int64)
    drawn = np.random.default_rng(seed)
    factors = _factors(futures)
    found: dict[ItemId, float] = {}
    for job in sorted(jobs, key=lambda one: (-one.index, one.item)):
        effort = (job.effort_h * _HOUR_US * drawn.permutation(factors)).astype(np.int64)
        asked = job.eligible if job.owner is None else (job.owner,)
        able = [people[person] for person in sorted(asked) if person in people]
        if not able:
            found[job.item] = 1.0
            continue
        finished = np.stack([hours[place].instant(worked[place] + effort) for place in able])
        first = np.argmin(finished, axis=0)
        taken = np.array(able)[first]
        worked[taken, np.arange(futures)] += effort
        found[job.item] = float(np.mean(finished[first, np.arange(futures)] > job.due_us))
    return found
