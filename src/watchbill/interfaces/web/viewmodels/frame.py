"""What stands around every page: clocks, navigation, freshness, demo time, account, keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.interfaces.web.viewmodels.parts import Link, Option, Toast


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskClock:
    """The desk's time when the page was made, and how it goes on: *rate* desk seconds per wall second.

    *limit_at* is the instant that the page's clock must not pass by itself (the ticker has got no further).
    """

    now: datetime
    wall_now: datetime
    rate: float = 1.0
    limit_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionClock:
    """Local time elsewhere."""

    label: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTime:
    """The band that says the time is not real, with its controls (absent without an address).

    *share* is how much has been told of the story, or done of a jump; *brief* says it in two or three words.
    *refresh_href*: where the band is fetched anew while a jump is under way.
    """

    text: str
    brief: str
    share: float
    is_playing: bool
    is_over: bool
    reached: str
    rates: Sequence[Option]
    jumps: Sequence[Option]
    action_href: str = ""
    restart_href: str = ""
    refresh_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NavGroup:
    """A titled part of the navigation."""

    title: str
    links: Sequence[Link]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The signed-in person and her settings of this browser."""

    name: str
    role: str
    href: str
    theme: str
    has_keys: bool
    preferences_href: str
    sign_out_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGroup:
    """A titled part of the sheet of keys; each row is the keys and what they do."""

    title: str
    rows: Sequence[tuple[Sequence[str], str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What every page of a closed desk says, and where it is opened again."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """That a desk is invented; *progress*: how far it is while it is being made."""

    text: str
    progress: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Everything around the page's own content. *theme* is ``light``, ``dark`` or empty to follow the system."""

    title: str
    home_href: str
    clock: DeskClock
    regions: Sequence[RegionClock]
    nav: Sequence[NavGroup]
    account: Account
    keys: Sequence[KeyGroup]
    palette_href: str
    here: str = ""
    bell: Link | None = None
    bell_href: str = ""
    desks: Sequence[Link] = ()
    demo: DemoTime | None = None
    live_href: str = ""
    toast: Toast | None = None
    theme: str = ""
    has_errors: bool = False
    closed: Closed | None = None
    generated: Generated | None = None

    @property
    def links(self) -> Sequence[Link]:
        """Every page of the navigation, for the phone's bar."""
        return [link for group in self.nav for link in group.links]
