"""What a report shows, ready for a template: every number is a text already, every mark has its place."""

from __future__ import annotations

from dataclasses import dataclass

Cells = tuple[str, ...]
Tick = tuple[float, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers behind a chart."""

    heads: Cells
    rows: tuple[Cells, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What every chart has. key: its kind; summary: the chart in a sentence, for those who listen; note: under grade C."""

    key: str
    title: str
    summary: str
    width: float
    height: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    table: Table
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart(Plot):
    """Really against simulated over days or hours. band: outline of 90 % of the replications; out: places outside of it."""

    band: str = ""
    real: str = ""
    simulated: str = ""
    out: tuple[tuple[float, float], ...] = ()
    x_title: str = ""
    y_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Real as a bar, learned as a line across it."""

    x: float
    width: float
    y: float
    height: float
    learned_y: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart(Plot):
    """A learned part against the data."""

    unit: str
    ground: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One policy on an axis. look: best, as_is or other."""

    x: float
    look: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DotRow:
    """One line of policies; bound_x: the most that anybody could have kept; flag: said under the label."""

    label: str
    y: float
    dots: tuple[Dot, ...]
    bound_x: float | None
    flag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DotChart(Plot):
    """Policies by priority, or under other assumptions."""

    rows: tuple[DotRow, ...]
    left: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week of a policy against as is. mark: better or worse, where the whole interval says so; low_y, high_y: of the interval."""

    x: float
    y: float
    low_y: float
    high_y: float
    mark: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekChart(Plot):
    """Promises missed more or fewer than as is, week by week."""

    zero_y: float
    weeks: tuple[Week, ...]
    y_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandLine:
    """One policy over demand. look: best, as_is or other; band: outline of its interval, for those that are looked at."""

    look: str
    path: str
    band: str
    label: str
    label_y: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandChart(Plot):
    """Promises kept as more or less comes in."""

    lines: tuple[DemandLine, ...]
    y_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisker:
    """A mean with its interval on the axis of its column, in percent of the width; reference: where as is lies."""

    x: float
    low: float
    high: float
    reference: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A figure of a policy. mark: better or worse, where the paired interval says so; more: said under it."""

    text: str
    interval: str
    mark: str
    more: str
    whisker: Whisker | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """One policy with its figures, in the order of the heads."""

    name: str
    says: str
    cells: tuple[Cell, ...]
    is_best: bool
    is_reference: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The comparison. heads: what each column is, and its unit."""

    title: str
    sub: str
    heads: tuple[tuple[str, str], ...]
    rows: tuple[PolicyRow, ...]
    has_intervals: bool
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet:
    """A distance as a bar against the floor and the limit, in percent of the width."""

    width: float
    floor: float | None
    limit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """One measure of the twin. state: passed, failed or unknown."""

    name: str
    real: str
    simulated: str
    spread: str
    distance: str
    floor: str
    limit: str
    state: str
    word: str
    bullet: Bullet | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """One gate. state: passed, failed or unknown."""

    key: str
    says: str
    state: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """How well the twin behaves. says: the grade in words."""

    grade: str
    says: str
    why: Cells
    sub: str
    gates: tuple[GateRow, ...]
    measures: tuple[MeasureRow, ...]
    backlog: LineChart | None
    cycle: LineChart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Priorities:
    """Attainment of each policy by priority, with bound and regret."""

    chart: DotChart
    attained: Table
    regret: Table | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The comparison under other assumptions. says: does the ranking hold; flips: where it does not, in sentences."""

    says: str
    flips: Cells
    chart: DotChart
    ranks: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part that was learned."""

    name: str
    says: str
    evidence: str
    chart: BarChart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A backtest as its page, its document and the What-if page show it. banner, prefix: of grade C, else empty."""

    title: str
    file: str
    grade: str
    banner: str
    prefix: str
    sentence: str
    detail: str
    read: tuple[tuple[str, str], ...]
    what_if: Cells
    promise: tuple[tuple[str, str], ...]
    twin: Twin
    policies: Policies
    weekly: WeekChart | None
    demand: DemandChart | None
    priorities: Priorities | None
    bound: tuple[tuple[str, str], ...]
    bound_says: str
    sweep: Sweep | None
    learned: tuple[Part, ...]
    assumptions: tuple[tuple[str, str, str, str], ...]
    left_out: tuple[tuple[str, str], ...]
    warnings: Cells
    notes: tuple[tuple[str, str], ...]
    made: str
