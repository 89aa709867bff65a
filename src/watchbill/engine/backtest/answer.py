"""The answer of a backtest, whole: what was read, how well the twin behaves, what each policy comes to, and what it all rests on.

Its form as JSON is documented in docs/reference/backtest.md; a change of it is a new number in SCHEMA.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = "watchbill.backtest/1"


class Grade(StrEnum):
    """How far a twin may be trusted: all gates passed, all but the past change, or fewer, which is illustrative only."""

    A = "A"
    B = "B"
    C = "C"


class Sort(StrEnum):
    """Where a policy comes from."""

    AS_WAS = "as_was"
    AS_IS = "as_is"
    WHAT_IF = "what_if"
    """As is, under what is asked."""
    PEER = "peer"
    WATCHBILL = "watchbill"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What was read. begins_at, ends_at: of the first and last opening, as ISO instants."""

    name: str
    profile: str
    sha256: str
    rows: int
    rejected: int
    items: int
    events: int
    people: int
    teams: int
    begins_at: str
    ends_at: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing in which the twin is held against reality. distance is between the two, floor between two real periods, limit the
    most that passes; low and high: 90 % of the replications. Values that make no sense for a measure are None.
    """

    key: str
    name: str
    unit: str
    real: float | None
    simulated: float | None
    low: float | None
    high: float | None
    distance: float
    floor: float | None
    limit: float | None
    is_passed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One of the gates (a) to (e). is_passed: None when it could not be looked at, which says."""

    key: str
    says: str
    is_passed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogDay:
    """Open items at the end of a day: really, and in 90 % of the replications."""

    on: str
    real: int
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Share of cases done by so many hours after opening."""

    hours: tuple[float, ...]
    real: tuple[float, ...]
    simulated: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """The twin held against a period that it had not seen."""

    grade: Grade
    why: tuple[str, ...]
    trained: tuple[str, str]
    tested: tuple[str, str]
    replications: int
    measures: tuple[Measure, ...]
    gates: tuple[Gate, ...]
    backlog: tuple[BacklogDay, ...]
    cycle: Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """One part that was learned. evidence: how many observations; bars: (label, real, learned) for its plot, in *unit*."""

    part: str
    says: str
    evidence: int
    unit: str = ""
    bars: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """Something that the history does not say. basis: "measured", "fitted", "told" or "assumed"."""

    name: str
    value: str
    basis: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the figures are of, and what was left out and why. weeks: of the measured span."""

    items: int
    warm_up: int
    stragglers: int
    backlog: int
    begins_at: str
    ends_at: str
    weeks: float
    replications: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A mean with its 95 % interval; low and high are None where one replication says nothing about luck."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One policy. attainment and the like in percent, hours to resolve, changes of hands per 100 cases, largest over mean effort per
    staffed hour among people of the same teams. gain: of attainment, paired with as is; better: share of replications in which it
    is better. regret: bound minus attainment of the same courses, in points; never below nothing, since no policy passes the bound.
    weekly: promises missed more than as is, of what came in in each whole week of the measured span, paired.
    """

    name: str
    sort: Sort
    says: str
    attainment: float
    interval: tuple[float | None, float | None]
    by_priority: dict[str, float | None]
    missed_per_week: Span
    p1_missed_per_week: Span
    p50_h: Span
    p90_h: Span
    reassignments: Span
    load_spread: Span
    interrupted: float
    gain: Span | None
    better: float | None
    regret: float | None
    regret_by_priority: dict[str, float | None]
    weekly: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The comparison with other arrivals. factor: how much comes in; attainment: in percent, by policy, on the same luck."""

    factor: float
    attainment: dict[str, Span]
    replications: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """The most that anybody could have kept who had known all. by_window: counting only whether there was time at all.

    Means over the courses of the comparison; at_effort: of the first course, at other efforts.
    """

    attainment: float
    by_window: float
    by_priority: dict[str, float | None]
    at_effort: dict[str, float]
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """The comparison under other assumptions. ranking: names, the best first; flips: pairs (now behind, before ahead) that changed
    places by more than chance.
    """

    name: str
    effort: float
    availability: float
    order: str
    attainment: dict[str, float]
    gain: dict[str, Span]
    ranking: tuple[str, ...]
    flips: tuple[tuple[str, str], ...]
    bound: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer in a sentence, with what stands behind it. is_illustrative: the twin is of grade C."""

    sentence: str
    detail: str
    best: str
    is_illustrative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A backtest, whole. seconds: by part of the work."""

    source: Source
    promise: dict[str, Any]
    twin: Fidelity
    learned: tuple[Learned, ...]
    assumptions: tuple[Assumption, ...]
    measured: Measured
    policies: tuple[Compared, ...]
    bound: Ceiling | None
    sweep: tuple[Swept, ...]
    what_if: tuple[str, ...]
    verdict: Verdict
    warnings: tuple[str, ...]
    seed: int
    seconds: dict[str, float] = field(default_factory=dict)
    demand: tuple[Demand, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values, numbers rounded to what they can carry."""
        return {"schema": SCHEMA, **_rounded(asdict(self))}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value
