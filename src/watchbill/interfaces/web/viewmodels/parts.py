"""The small components that several pages share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Alarm(StrEnum):
    """Whether colour is due: nothing, likely to go wrong, has gone wrong."""

    NONE = ""
    WARN = "warn"
    CRIT = "crit"


class ClockState(StrEnum):
    """The face of a clock pill; also its CSS class."""

    NONE = "none"
    OK = "ok"
    SOON = "soon"
    RISK = "risk"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPill:
    """Time to one target. *due_at* only while the clock runs, so that the page can tick it by itself."""

    state: ClockState
    text: str
    spoken: str
    title: str = ""
    due_at: datetime | None = None
    amber_below_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuse:
    """The same time drawn on the shared axis; x, width and tick are per cent of the axis."""

    state: ClockState
    x: float
    width: float
    tick: float | None
    due_at: datetime | None = None
    amber_below_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBar:
    """Effort hours held, as per cent of the axis, in drawing order; the tick stands at the capacity."""

    actionable: float
    inbound: float
    waiting: float
    over: float
    capacity: float
    ratio: float
    title: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Somewhere to go. *key* follows ``G``; *count* appears only when someone must act."""

    label: str
    href: str
    icon: str = ""
    key: str = ""
    is_current: bool = False
    count: int | None = None
    alarm: Alarm = Alarm.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A short fact beside a title."""

    label: str
    look: str = ""
    href: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a select or a radio group."""

    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One labelled input. *kind* is an input type, ``textarea``, ``select``, ``checkbox``, ``choices``, ``file`` or ``person``.

    A person is written by name, whole or in part; *href* answers the names that fit.
    """

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    hint: str = ""
    error: str = ""
    options: Sequence[Option] = ()
    rows: int = 3
    width: str = ""
    autocomplete: str = ""
    href: str = ""
    placeholder: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSummary:
    """What is wrong with a form: field name and message, in the order of the page."""

    errors: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One count that opens its rows."""

    number: int
    label: str
    note: str
    href: str
    alarm: Alarm = Alarm.NONE
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule that spoke, with the points it gave."""

    label: str
    points: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One person who was weighed, with the score, or with the rule that excluded."""

    name: str
    href: str
    score: float
    note: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One person whom an item may be given to: her key, and her score or what she fails."""

    value: str
    name: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Everybody but the one proposed: those who may take it, those against a rule, and those who cannot own work.

    *more* says how many fit beside those shown. Without *action_href* nobody is offered.
    """

    action_href: str = ""
    search_href: str = ""
    able: Sequence[Candidate] = ()
    against: Sequence[Candidate] = ()
    impossible: Sequence[Candidate] = ()
    more: str = ""
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A proposal with its reasons, and where its answers go.

    *refusals* are the five reasons to decline, with the words and the error of a form that was refused; *others* who may be chosen instead; the three actions are
    empty when the reader has no right to them. *no_one* is filled instead of *reasons* when no one can take
    the item: why, and the cheapest way out. *effect* says what accepting leads to, beside what is now; *on_time* the same of
    the promise most in danger.
    *answer* is what became of an answered one, which *undo_href* takes back. *at*: the instant that reasons and points speak of,
    *is_old* when Watchbill has had time to look again since.
    """

    title: str
    policy: str
    policy_href: str
    at: datetime
    is_old: bool
    facts: str
    reasons: Sequence[Reason]
    considered: Sequence[Considered]
    hard_rules: str
    excluded: Sequence[tuple[int, str]]
    excluded_href: str
    case_reference: str
    case_href: str
    accept_href: str = ""
    decline_href: str = ""
    others: Others = Others()
    refusals: Sequence[Option] = ()
    refusal_text: str = ""
    refusal_error: str = ""
    hidden: Sequence[tuple[str, str]] = ()
    no_one: str = ""
    way_out: str = ""
    effect: str = ""
    on_time: str = ""
    answer: str = ""
    undo_href: str = ""
    undo_s: int = 30
    is_on_case: bool = False

    @property
    def score(self) -> float:
        """What the reasons add up to."""
        return sum(reason.points for reason in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLine:
    """The chance that one running promise is missed, its two main reasons, and what would lower it most, or why nothing does."""

    label: str
    chance: str
    is_likely: bool
    is_chance: bool
    reasons: Sequence[str]
    action: str
    none: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Toast:
    """One line after an act. *seconds* is the wall time left to undo it."""

    text: str
    undo_href: str = ""
    seconds: int = 0
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """What normal looks like, when the next event is expected, and one or two useful things to do."""

    title: str
    text: str
    actions: Sequence[Link] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Key-based paging: where the next page starts, where the list does, and how many rows there are in all."""

    shown: str
    first_href: str = ""
    next_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedViews:
    """Named addresses of a list, and the form that names the present one.

    *error*: why a name was refused; *can_replace*: it is that of another view of one's own.
    """

    views: Sequence[Link]
    save_href: str = ""
    delete_href: str = ""
    current_name: str = ""
    query: str = ""
    may_share: bool = False
    is_shared: bool = False
    error: str = ""
    can_replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkBar:
    """What can be done to the selected rows of a list; empty parts are absent. *error*: why it was refused, at a field."""

    action_href: str
    people_href: str = ""
    states: Sequence[Option] = ()
    priorities: Sequence[Option] = ()
    limit: int = 200
    selected: int = 0
    owner: str = ""
    text: str = ""
    error: str = ""
    error_field: str = ""
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of a conflict: what the other person made of it, and what this form says."""

    label: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Someone wrote first: who, when, what, and the two ways on."""

    title: str
    by: str
    at: datetime
    changes: Sequence[Change]
    action_href: str
    keep_href: str
    hidden: Sequence[tuple[str, str]] = field(default=())
