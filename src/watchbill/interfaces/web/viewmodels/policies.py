"""Policies: what holds, its versions, what differs between two of them, and the form of the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.charts import Week
from watchbill.interfaces.web.viewmodels.clockpolicy import ClockDraft, ClockTrial
from watchbill.interfaces.web.viewmodels.parts import Chip, Conflict, ErrorSummary, Field, Link, Option, Reason
from watchbill.interfaces.web.viewmodels.people import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCard:
    """One policy of the overview."""

    title: str
    href: str
    text: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesPage:
    """The overview."""

    desk: str
    cards: Sequence[PolicyCard]
    calendars: Sequence[PolicyCard]
    retired: Sequence[PolicyCard] = ()
    new_calendar_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version of a policy; *take_back* publishes it again."""

    label: str
    href: str
    by: str
    reason: str
    state: str
    is_shown: bool
    take_back: Form | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """One value that differs between two versions."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """Two versions side by side."""

    before: str
    after: str
    lines: Sequence[DiffLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingLine:
    """One rule by condition: when it holds, and what it then asks."""

    when: str
    demands: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One parameter: what it says, its value, and what it is as delivered, where that differs."""

    title: str
    sentence: str
    value: str
    is_off: bool = False
    delivered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetLine:
    """One target on the shared (logarithmic) axis."""

    label: str
    text: str
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCard:
    """One clock of a clock policy in words."""

    title: str
    calendar: str
    calendar_href: str
    warn: str
    targets: Sequence[TargetLine]
    conditions: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGroup:
    """Fields under one heading. *aside*: further ones that open under a title of their own; *look*: a class of its own."""

    title: str
    fields: Sequence[Field]
    hint: str = ""
    aside: Sequence[Field] = ()
    aside_title: str = ""
    hidden: Sequence[tuple[str, str]] = ()
    look: str = ""

    @property
    def is_aside_open(self) -> bool:
        """Whether something is wrong there."""
        return any(field.error for field in self.aside)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishForm:
    """The form that makes the next version."""

    action_href: str
    seen: int
    groups: Sequence[FieldGroup]
    last: Sequence[Field]
    is_open: bool
    try_href: str = ""
    replay_href: str = ""
    dry_run_href: str = ""
    reference: str = ""
    week_href: str = ""
    uses_href: str = ""
    clocks: ClockDraft | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one version decides about one case."""

    title: str
    chosen: str
    reason: str
    reasons: Sequence[Reason]
    others: Sequence[tuple[str, float]]
    left_out: Sequence[str] = ()
    way_out: str = ""

    @property
    def score(self) -> float:
        """What the reasons add up to."""
        return sum(reason.points for reason in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The same case under the version in force and under another."""

    reference: str
    href: str
    is_same: bool
    verdicts: Sequence[Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftWeek:
    """The week that comes out of the form as it stands; nothing is written."""

    week: Week | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One replay, dry run or tuning of a list."""

    name: str
    href: str
    state: Chip
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage:
    """One policy: the version shown, its history, and forms for those who may."""

    title: str
    back_href: str
    state: str
    versions: Sequence[VersionLine]
    choices: Sequence[Option]
    against: Sequence[Option]
    shown_number: int
    here: str
    desk: str
    routing: Sequence[RoutingLine] = ()
    routing_notes: Sequence[str] = ()
    musts: Sequence[RuleLine] = ()
    weights: Sequence[RuleLine] = ()
    clocks: Sequence[ClockCard] = ()
    week: Week | None = None
    week_text: str = ""
    closed: Sequence[str] = ()
    special: Sequence[str] = ()
    listed: Sequence[str] = ()
    notes: Sequence[str] = ()
    draft_week: DraftWeek | None = None
    holidays_form: Form | None = None
    diff: Diff | None = None
    form: PublishForm | None = None
    try_href: str = ""
    reference: str = ""
    trial: Trial | None = None
    clock_trial: ClockTrial | None = None
    conflict: Conflict | None = None
    errors: ErrorSummary | None = None
    errors_prefix: str = "policy"
    retire_form: Form | None = None
    runs: Sequence[RunLine] = ()
    runs_title: str = ""
    tunings: Sequence[RunLine] = ()
    tune_href: str = ""
    links: Sequence[Link] = ()
    uses: Sequence[str] = ()
    edit_href: str = ""
    editors: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixPage:
    """Impact and urgency to priority."""

    back_href: str
    levels: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[str, int, Sequence[Option]]]]]
    is_default: bool
    history_href: str
    action_href: str = ""
    reason: str = ""
    version: int = 0
    bad_cell: str = ""
    conflict: Conflict | None = None
    errors: ErrorSummary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EffortLine:
    """Assumed minutes of one sort of case; *width* draws them."""

    category: str
    priority: str
    minutes: int
    width: float
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTimeLine:
    """What history says of one class: pick-up and effort in words, what 80 % need, and how many items say so."""

    what: str
    pick_up: str
    pick_up_p80: str
    effort: str
    effort_p80: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EffortPage:
    """The table of assumed effort, and what was *learned* of how long work takes."""

    back_href: str
    lines: Sequence[EffortLine]
    learned: Sequence[LeadTimeLine]
    learned_note: str
    history_href: str
    fields: Sequence[Field]
    action_href: str = ""
    version: int = 0
    conflict: Conflict | None = None
    errors: ErrorSummary | None = None
