"""Recovery options side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Chip


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisker:
    """Expected misses as an interval from *low* to *high* with its mean at *x*, in per cent of the axis."""

    low: float
    high: float
    x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionLine:
    """One plan. by_priority: misses as words, P1 first; asks: who is asked for extra hours, or what partners are asked for, which is confirmed first.

    apply_href: empty where it cannot be applied; why_not: the reason then. doubt: what speaks against applying it, said beside the button,
    which is then not one among equals.
    """

    code: str
    name: str
    what: str
    why: str
    is_best: bool
    is_nothing: bool
    misses: str
    by_priority: Sequence[str]
    change: str
    cost: str
    people: str
    moved: str
    put_off: str
    passed: str
    whisker: Whisker
    apply_href: str
    why_not: str
    doubt: str
    ask_head: str
    asks: Sequence[str]
    ask_label: str
    details: Sequence[str]
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a partner must be told, of which items; href: a letter that says it, empty where no address is known."""

    said: str
    items: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverPage:
    """The page; what is empty is not there yet. haste: that time runs too fast to apply anything; ticks: of the axis of misses, (per cent, label); letters: to the partners of what was applied, or taken back; before: earlier plans that stand, where one is undone, and letters of it."""

    desk: str
    state: Chip | None
    reference: str
    head: str
    age: str
    is_old: bool
    haste: str
    message: str
    live_href: str
    share: float
    ask_href: str
    hours: int
    choices: Sequence[int]
    options: Sequence[OptionLine]
    dropped: Sequence[tuple[str, str]]
    assumptions: Sequence[str]
    ticks: Sequence[tuple[float, str]]
    scale: str
    applied: str
    undo_href: str
    letters: Sequence[Letter]
    before: Sequence[tuple[str, str, Sequence[Letter]]]
    problem: str
