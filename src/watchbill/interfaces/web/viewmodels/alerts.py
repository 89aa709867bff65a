"""Alerts, the series that they rest on, and what was told and sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Empty, ErrorSummary, Field, Link, Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One alert; *state* in a word, *look* its chip. *answer_href* only for who may acknowledge it now."""

    reference: str
    title: str
    text: str
    since: str
    told: str
    state: str
    look: str
    note: str
    is_urgent: bool = False
    answer_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChart:
    """A number by hour against its usual band: paths of an SVG, a sentence for those who listen, a table behind it."""

    title: str
    note: str
    summary: str
    width: float
    height: float
    band: str
    line: str
    ticks: Sequence[tuple[float, str]]
    grid: Sequence[tuple[float, str]]
    rows: Sequence[tuple[str, str, str]]
    high: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsPage:
    """The alerts of a desk and what they compare."""

    desk: str
    views: Sequence[Link]
    lines: Sequence[AlertLine]
    charts: Sequence[SeriesChart]
    held: str
    pager: Pager
    settings_href: str = ""
    fields: Sequence[Field] = ()
    hidden: Sequence[tuple[str, str]] = ()
    errors: ErrorSummary | None = None
    empty: Empty | None = None
    waiting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One notice to the reader."""

    id: int
    text: str
    at: str
    reference: str
    href: str
    is_new: bool
    is_urgent: bool
    over: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesPage:
    """What was told to the reader, and how she wants it."""

    rows: Sequence[NoticeRow]
    pager: Pager
    read_href: str
    save_href: str
    fields: Sequence[Field]
    errors: ErrorSummary | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One message that goes out; *again_href* only for one that was given up."""

    what: str
    to: str
    at: str
    state: str
    look: str
    said: str
    key: str
    again_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointLine:
    """Where webhooks go."""

    name: str
    url: str
    kinds: str
    state: str
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsPage:
    """What was sent, and where it goes. *secret* is shown this once."""

    desk: str
    views: Sequence[Link]
    parts: Sequence[Link]
    lines: Sequence[MessageLine]
    pager: Pager
    endpoints: Sequence[EndpointLine]
    fields: Sequence[Field]
    save_href: str
    mail: str
    secret: str = ""
    errors: ErrorSummary | None = None
    empty: Empty | None = None
