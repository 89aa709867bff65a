"""Why a risk is what it is: features gathered into families that a person would name, and a sentence for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.sense.risk.facts import Ints
from watchbill.engine.sense.risk.features import Features
from watchbill.engine.sense.risk.outcome import Reason

FAMILIES = ("time", "owner", "queue", "state", "quiet", "hands", "kind", "last_touch", "desk")
"""The codes of reasons. A model's contributions are summed by family: features of one family say much the same."""

_BY_NAME = {
    "used": "time", "left_h": "time", "until_due_h": "time", "hour": "time", "weekday": "time", "odds.hour": "time",
    "is_owned": "owner", "owned_h": "owner", "staff_days": "queue", "ahead": "queue", "ahead_per_h": "queue", "odds.owner_queue": "owner",
    "in_state_h": "state", "is_over": "state", "odds.state": "state", "odds.queue_state": "queue",
    "quiet_h": "quiet", "touches": "quiet", "odds.touch_state": "quiet", "odds.quiet_state": "quiet",
    "handovers": "hands", "moves": "hands", "reopened": "hands", "raised": "hands",
    "priority": "kind", "commitment": "kind", "odds.priority": "kind",
}  # fmt: skip
_BY_START = {
    "odds.trait.": "kind", "owner_": "owner", "odds.owner": "owner", "recent.owner": "owner", "queue_": "queue",
    "odds.queue": "queue", "recent.queue": "queue", "actor_": "last_touch", "odds.actor": "last_touch",
    "recent.actor": "last_touch", "desk_": "desk",
}  # fmt: skip


def family_of(name: str) -> str:
    """The family that a feature belongs to."""
    return _BY_NAME.get(name) or next(family for start, family in _BY_START.items() if name.startswith(start))


Row = Mapping[str, float]


def _time(row: Row) -> str:
    return f"{row['used']:.0%} of its time is used, {hours_words(row['left_h'])} of business time are left"


def _owner(row: Row) -> str:
    if not row["is_owned"]:
        return "nobody owns it"
    ended = f"{row['owner_ended_168h']:.0f} in the last seven days"
    return f"its owner has {_count(row['owner_open'], 'open item')} and ended {ended}"


def _queue(row: Row) -> str:
    ended = f"{row['queue_ended_168h']:.0f} ended in the last seven days"
    return f"{_count(row['queue_open'], 'item')} open in its queue, {ended}"


def _state(row: Row) -> str:
    return f"in its present state for {hours_words(row['in_state_h'])}"


def _quiet(row: Row) -> str:
    return (
        f"nothing has happened to it for {hours_words(row['quiet_h'])}"
        if row["touches"]
        else "nobody has touched it yet"
    )


def _hands(row: Row) -> str:
    if row["reopened"]:
        return f"opened again {_count(row['reopened'], 'time')}"
    return f"changed hands {_count(row['handovers'] + row['moves'], 'time')}"


def _kind(row: Row) -> str:
    odds = sum(value for name, value in row.items() if _is_odds_of(name, "kind"))
    return f"work of this kind is missed {_often(odds)} than other work"


def _is_odds_of(name: str, family: str) -> bool:
    return name.startswith("odds.") and family_of(name) == family


def _last_touch(row: Row) -> str:
    return f"what was touched last by the same hand was missed {_often(row['odds.actor'])} than other work"


def _desk(row: Row) -> str:
    came = _count(row["desk_in_24h"], "item")
    return f"{came} came to the desk in the last day, {row['desk_in_usual']:.1f} times the usual"


_WORDS: Mapping[str, Callable[[Row], str]] = {
    "time": _time, "owner": _owner, "queue": _queue, "state": _state, "quiet": _quiet, "hands": _hands, "kind": _kind,
    "last_touch": _last_touch, "desk": _desk,
}  # fmt: skip


def told_first(shares: NDArray[np.floating[Any]], found: Features) -> Ints:
    """The two families of each row (n x 2) that push its risk up most, of *shares* (n x families), as they can be told.

    A family whose words would say the opposite, because it matters by its interplay with others, comes last.
    """
    tellable = shares.copy()
    for code in ("kind", "last_touch"):
        names = [name for name in found.names if _is_odds_of(name, code)]
        odds = sum((found.column(name) for name in names), np.zeros(len(shares)))
        place = FAMILIES.index(code)
        tellable[(odds <= 0) & (shares[:, place] > 0), place] = -np.inf
    return np.argsort(-tellable, axis=1, kind="stable")[:, :2].astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Telling:
    """The features behind scores, from which words are made when somebody reads them."""

    features: Features

    def reason(self, family: int, row: int) -> Reason:
        """One family of one row in words."""
        code = FAMILIES[family]
        told = dict(zip(self.features.names, map(float, self.features.values[row]), strict=True))
        return Reason(code, _WORDS[code](told))


def _often(odds: float) -> str:
    return "more often" if odds > 0 else "less often"


def hours_words(hours: float) -> str:
    """Hours as people say them: "2.5 h", "12 h", "3 days"."""
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    return f"{hours:.1f} h" if hours < 10 else f"{hours:.0f} h"


def _count(number: float, what: str) -> str:
    return f"{number:.0f} {what}" if round(number) == 1 else f"{number:.0f} {what}s"
