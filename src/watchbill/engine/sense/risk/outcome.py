"""What comes out: scores with their reasons, and what a lesson learned from a desk's past says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from watchbill.engine.sense.risk.facts import Floats, Ints

if TYPE_CHECKING:
    from watchbill.engine.sense.risk.model import Model
    from watchbill.engine.sense.risk.reasons import Telling


class Reason(NamedTuple):
    """One of the main reasons of a risk: a code that stays, and words for people."""

    code: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """p_miss: probability of a miss, a row each. families: the two main families of reasons of each row, as codes of
    `reasons.FAMILIES`, the stronger first. source: "model" or "baseline".
    """

    p_miss: Floats
    families: Ints
    source: str
    telling: Telling

    def reasons_of(self, row: int) -> tuple[Reason, Reason]:
        """The two main reasons of one row, in words. Words are made when they are read, not for a hundred thousand rows."""
        first, second = (self.telling.reason(int(family), row) for family in self.families[row])
        return first, second


class Bin(NamedTuple):
    """One of fifteen equally large groups by forecast: how many, what was forecast, and the share that was missed."""

    number: int
    forecast: float
    missed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How forecasts fared against what came of them. None: it cannot be said (no misses, or nothing but misses).

    number, missed: snapshots, and how many of them were missed. auc: chance that a missed one was forecast higher than one
    that was met. brier: mean square error; skill: its improvement on what was usual in training (`skill`), on the true rate of
    the test itself, which nobody could know (`skill_hindsight`), and on the share of the target that is used, calibrated
    on the same data (`skill_baseline`). ece: mean gap between forecast and share missed over 15 equally large groups;
    ece_if_perfect: what it would be on average if every probability were exactly right, with so few snapshots.
    precision: at recall 0.7. lead_h: median elapsed hours from the first warning to the due of what was missed, warnings being
    forecasts from the level on at which six in ten come true.
    """

    number: int
    missed: int
    auc: float | None
    brier: float | None
    skill: float | None
    skill_hindsight: float | None
    skill_baseline: float | None
    ece: float | None
    ece_if_perfect: float | None
    precision: float | None
    lead_h: float | None
    bins: tuple[Bin, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """All of it as plain JSON."""
        return asdict(self) | {"bins": [each._asdict() for each in self.bins]}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesson:
    """What was learned: the model, or None with ``words`` that say why not.

    reliability: on the test slice, by name: "all", "0 %", "25 %", ... and "baseline".
    counts: snapshots and promises in each slice. since_us: where training, calibration and test begin, and the end.
    """

    model: Model | None
    words: str
    reliability: Mapping[str, Reliability]
    counts: Mapping[str, int]
    since_us: tuple[int, int, int, int]
