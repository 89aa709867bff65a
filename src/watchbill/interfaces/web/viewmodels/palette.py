"""What the command palette lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PaletteEntry:
    """One line. *press* names the key of a control on the page that is clicked instead of going to *href*."""

    label: str
    href: str
    note: str = ""
    keys: Sequence[str] = ()
    press: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaletteGroup:
    """A titled part of the list; empty groups are left out by who builds them."""

    title: str
    entries: Sequence[PaletteEntry]
