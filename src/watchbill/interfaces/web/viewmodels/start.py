"""The door of a demo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One role to enter in by one click."""

    label: str
    text: str
    href: str
    note: str = ""
    is_first: bool = False
    desk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskDoors:
    """The doors that lead to one generated desk only; *progress* while it is being made."""

    title: str
    doors: Sequence[Door]
    progress: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage:
    """The roles, and where the demo's data comes from. *back* is the page that the visitor wanted."""

    doors: Sequence[Door]
    notes: Sequence[str]
    second: Sequence[DeskDoors] = ()
    back: str = ""
