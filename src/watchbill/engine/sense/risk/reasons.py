"""Why a risk is what it is: features gathered into families that a person would name, and a sentence for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchbill.engine.sense.risk.features import Features
from watchbill.engine.sense.risk.outcome import Reason

FAMILIES = ("time", "owner", "queue", "state", "quiet", "hands", "kind", "last_touch", "desk")
"""The codes of reasons. A model's contributions are summed by family: features of one family say much the same."""

_BY_NAME = {
    "used": "time", "left_h": "time", "until_due_h": "time", "hour": "time", "weekday": "time", "odds.hour": "time",
    "is_owned": "owner", "owned_h": "owner", "staff_days": "queue", "ahead": "queue", "ahead_per_h": "queue", "odds.owner_queue": "owner",
    "in_state_h": "state", "odds.state": "state", "odds.queue_state": "queue",
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Telling:
    """The features behind scores, from which words are made when somebody reads them."""

    features: Features

    def reason(self, family: int, row: int) -> Reason:
        """One family of one row in words."""
        code = FAMILIES[family]
        return Reason(code, self._words(code, row))

    def _of(self, name: str, row: int) -> float:
        return float(self.features.column(name)[row])

    def _words(self, code: str, row: int) -> str:
        of = lambda name: self._of(name, row)  # noqa: E731 - a short name for the row's numbers
        match code:
            case "time":
                return f"{of('used'):.0%} of its time is used, {_hours(of('left_h'))} of business time are left"
            case "owner" if not of("is_owned"):
                return "nobody owns it"
            case "owner":
                return (
                    f"its owner has {_count(of('owner_open'), 'open item')} and ended"
                    f" {of('owner_ended_168h'):.0f} in the last seven days"
                )
            case "queue":
                return (
                    f"{_count(of('queue_open'), 'item')} open in its queue,"
                    f" {of('queue_ended_168h'):.0f} ended in the last seven days"
                )
            case "state":
                return f"in its present state for {_hours(of('in_state_h'))}"
            case "quiet" if not of("touches"):
                return "nobody has touched it yet"
            case "quiet":
                return f"nothing has happened to it for {_hours(of('quiet_h'))}"
            case "hands" if of("reopened"):
                return f"opened again {_count(of('reopened'), 'time')}"
            case "hands":
                return f"changed hands {_count(of('handovers') + of('moves'), 'time')}"
            case "kind":
                return f"work of this kind is missed {self._beside(row)} than other work"
            case "last_touch":
                return "what was touched last by the same hand was missed " + _often(of("odds.actor"))
            case _:
                return f"{_count(of('desk_in_24h'), 'item')} came in the last day, {of('desk_in_usual'):.1f} times the usual"

    def _beside(self, row: int) -> str:
        found = [at for at, name in enumerate(self.features.names) if family_of(name) == "kind" and "odds." in name]
        odds = self.features.values[row, found]
        return "more often" if float(np.nanmean(odds)) > 0 else "no more often"


def _often(odds: float) -> str:
    return "more often than other work" if odds > 0 else "no more often than other work"


def _hours(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    return f"{hours:.1f} h" if hours < 10 else f"{hours:.0f} h"


def _count(number: float, what: str) -> str:
    return f"{number:.0f} {what}" if round(number) == 1 else f"{number:.0f} {what}s"
