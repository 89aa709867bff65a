"""One case: clocks, composer, timeline, reasons, next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.interfaces.web.viewmodels.clocks import ClockChart, Held, Life
from watchbill.interfaces.web.viewmodels.parts import (
    Chip,
    ClockPill,
    Conflict,
    Decision,
    ErrorSummary,
    Field,
    Link,
    RiskLine,
)
from watchbill.interfaces.web.viewmodels.stuck import TrafficLine


@dataclass(frozen=True, slots=True, kw_only=True)
class BigClock:
    """One target in large type, in business time.

    One that runs ticks from *from_at* to *until_at*, while its calendar is open, and is over at *ends_at*.
    """

    label: str
    pill: ClockPill
    value: str
    note: str
    measure: str = ""
    from_at: datetime | None = None
    until_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of the timeline. Events of the system have hollow dots; *is_hot* asks for an answer.

    *undo_href*: where it is taken back, on the one entry that can be.
    """

    id: str
    at: datetime
    actor: str
    actor_href: str
    act: str
    text: str
    detail: str = ""
    is_system: bool = False
    is_hot: bool = False
    link: Link | None = None
    undo_href: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDay:
    """The events of one day, newest first."""

    label: str
    events: Sequence[Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Who does what by when, or what is missing. *action_href* is empty without the right to set it."""

    who: str
    what: str
    by: str
    is_late: bool
    action_href: str
    fields: Sequence[Field]
    done_href: str = ""

    @property
    def is_set(self) -> bool:
        """Whether all three parts are there."""
        return bool(self.who and self.what and self.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAction:
    """One act with its small form; *key* opens it, if it has one. *version* is what the act is about, when that is not the case."""

    name: str
    label: str
    key: str
    action_href: str
    submit: str
    fields: Sequence[Field]
    version: int | None = None
    is_open: bool = False
    conflict: Conflict | None = None
    errors: ErrorSummary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """The form for a work note or a reply."""

    action_href: str
    text: str = ""
    error: str = ""
    can_reply: bool = False
    is_reply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """A case as it is read beside the list."""

    reference: str
    href: str
    priority: int
    subject: str
    about: str
    chips: Sequence[Chip]
    clocks: Sequence[BigClock]
    next_step: NextStep
    days: Sequence[EventDay]
    facts: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """The whole page of one case."""

    reference: str
    external: str
    priority: int
    subject: str
    about: str
    version: int
    back: Link
    position: str
    previous_href: str
    next_href: str
    chips: Sequence[Chip]
    actions: Sequence[CaseAction]
    clocks: Sequence[BigClock]
    chart: ClockChart | None
    filters: Sequence[Link]
    days: Sequence[EventDay]
    facts: Sequence[tuple[str, str, str]]
    next_step: NextStep
    live_href: str
    older_href: str = ""
    lives: Sequence[Life] = ()
    clocks_href: str = ""
    held: Held | None = None
    risks: Sequence[RiskLine] = ()
    risk_href: str = ""
    put_off: PutOff | None = None
    traffic: TrafficLine | None = None
    traffic_href: str = ""
    composer: Composer | None = None
    decision: Decision | None = None
    notices: Sequence[str] = ()
    merged: Link | None = None
    conflict: Conflict | None = None
    errors: ErrorSummary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """That nobody is given the case for a while. lift_href: empty for those who may not end it."""

    text: str
    lift_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLatePage:
    """An answer that came second. *answer* says who answered when, *onward* leads to the next suggestion, *again* back to this one."""

    reference: str
    subject: str
    said: str
    answer: str
    stands: str
    onward: Link | None
    again: Link
    days: Sequence[EventDay]
    decision: Decision | None = None
