"""What a risk is judged by: some eighty numbers about an item, its owner, its queue and the desk at one instant.

One implementation for training, live scoring and the report. No number here can see the future: all of them come from
`Past`, whose ledgers end at the instant asked about; a test deletes the future and demands the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.sense.risk.facts import DAY_US, HOUR_US, NEVER, Asked, Floats
from watchbill.engine.sense.risk.past import Past, Standing, bucketed, hours_since

PRIOR = 8
"""Verdicts of everybody that are mixed into a class of its own, so that few verdicts say little (shrinkage)."""

RECENT_US = 10 * DAY_US
RECENT_PRIOR = 5
RECENTLY = frozenset({"owner", "queue", "actor", "owner_state", "queue_state"})
"""Likenesses of which the last ten days are looked at beside all that is known."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """A number for each row and name."""

    names: tuple[str, ...]
    values: NDArray[np.float32]

    def column(self, name: str) -> NDArray[np.float32]:
        return self.values[:, self.names.index(name)]

    def in_order(self, names: Sequence[str]) -> NDArray[np.float32]:
        """The columns of *names*; one that a log does not have (another profile's trait) is unknown (NaN) everywhere."""
        if tuple(names) == self.names:
            return self.values
        place = {name: at for at, name in enumerate(self.names)}
        found = np.full((len(self.values), len(names)), np.nan, dtype=np.float32)
        for at, name in enumerate(names):
            if name in place:
                found[:, at] = self.values[:, place[name]]
        return found


def features(past: Past, asked: Asked) -> Features:
    """The numbers of every row asked about. O((rows + log) log log): bisections only, no walk per item."""
    standing = past.standing(asked)
    found: dict[str, Floats] = {}
    found |= _promise(asked, standing)
    found |= _life(past, asked, standing)
    found |= _people(past, asked, standing)
    found |= _stream(past, asked, standing)
    found |= _likeness(past, asked, standing)
    return Features(names=tuple(found), values=np.column_stack(list(found.values())).astype(np.float32))


def is_lasting(name: str) -> bool:
    """Whether a number means the same next month: counts of the whole desk follow its growth and seasons, and are only told.

    Trees would take them for the calendar: "when 900 were open" was March, and March was bad.
    """
    return not name.startswith("desk_") or name == "desk_in_usual"


def sign(name: str) -> int:
    """Which way a number may push the risk: 1 only up, -1 only down, 0 either way.

    More of the target used, and more misses among what is alike, never lower a risk; more people at work never raise it.
    """
    if name == "used" or name.startswith(("odds.", "recent.")):
        return 1
    return -1 if name in {"left_h", "staff_days", "owner_staffed_h", "queue_staffed_h"} else 0


def _promise(asked: Asked, standing: Standing) -> dict[str, Floats]:
    return {
        "used": asked.used,
        "left_h": asked.left_s / 3600,
        "until_due_h": np.clip((asked.due_us - asked.at_us) / HOUR_US, -1e4, 1e4),
        "priority": standing.priority.astype(np.float64),
        "commitment": asked.name.astype(np.float64),
    }


def _life(past: Past, asked: Asked, standing: Standing) -> dict[str, Floats]:
    wall_us = asked.at_us + past.log.zone_us
    return {
        "touches": past.lived("touch", asked),
        "handovers": past.lived("handover", asked),
        "moves": past.lived("move", asked),
        "reopened": past.lived("reopened", asked),
        "raised": past.lived("raised", asked),
        "is_owned": (standing.owner >= 0).astype(np.float64),
        "is_over": past.is_over(standing).astype(np.float64),
        "quiet_h": hours_since(asked.at_us, standing.touched_us),
        "in_state_h": hours_since(asked.at_us, standing.state_us),
        "owned_h": hours_since(asked.at_us, standing.owner_us),
        "hour": (wall_us % DAY_US / HOUR_US).astype(np.float64),
        "weekday": ((wall_us // DAY_US + 3) % 7).astype(np.float64),
    }


def _people(past: Past, asked: Asked, standing: Standing) -> dict[str, Floats]:
    at, owner, week = asked.at_us, standing.owner, asked.at_us - 7 * DAY_US
    return {
        "owner_quiet_h": hours_since(at, past.acts_of["owner"].latest("at", owner, at, NEVER)),
        "owner_ended_h": hours_since(at, past.ended_of["owner"].latest("at", owner, at, NEVER)),
        "owner_acts": past.acts_of["owner"].count(owner, at, week),
        "actor_acts": past.acts_of["actor"].count(standing.actor, at, week),
        "actor_ended": past.ended_by.count(standing.actor, at, week),
        "owner_staffed_h": past.staffed_h("owner", owner, asked),
        "queue_staffed_h": past.staffed_h("queue", standing.queue, asked),
        "staff_days": past.days_in_queue.count(standing.queue, at, week),
    }


def _stream(past: Past, asked: Asked, standing: Standing) -> dict[str, Floats]:
    """What is open, comes and goes: with the owner, in the queue, on the desk."""
    at = asked.at_us
    desk = np.zeros(len(asked), dtype=np.int64)
    found: dict[str, Floats] = {}
    for name, group in (("owner", standing.owner), ("queue", standing.queue), ("desk", desk)):
        load = past.open_of[name].total("change", group, at)
        for hours in (4, 24, 168):
            found[f"{name}_ended_{hours}h"] = past.ended_of[name].count(group, at, at - hours * HOUR_US)
        found[f"{name}_open"] = load
        found[f"{name}_weeks"] = load / (found[f"{name}_ended_168h"] + 1)
    for name, group in (("queue", standing.queue), ("desk", desk)):
        for hours in (1, 4, 24):
            found[f"{name}_in_{hours}h"] = past.arrived_in[name].count(group, at, at - hours * HOUR_US)
    usual = past.arrived_in["desk"].count(desk, at, at - 28 * DAY_US) / 28
    found["desk_in_usual"] = found["desk_in_24h"] / (usual + 1)
    since = past.arrived_in["queue"].count(standing.queue, at, np.minimum(past.log.opened_us[asked.item], at))
    found["ahead"] = np.maximum(found["queue_open"] - since, 0)
    found["ahead_per_h"] = found["ahead"] / (past.staffed_h("queue", standing.queue, asked) + 1)
    return found


def _likeness(past: Past, asked: Asked, standing: Standing) -> dict[str, Floats]:
    """How often promises like this one were missed, as log odds beside everybody's, as far as it was known by then."""
    at, since = asked.at_us, asked.at_us - RECENT_US
    groups = past.groups(asked, standing)
    everybody = bucketed(groups["all"], asked)
    usual = (past.verdicts["all"].total("missed", everybody, at) + 1) / (past.verdicts["all"].count(everybody, at) + 2)
    beside = _log_odds(usual)
    found: dict[str, Floats] = {}
    for name, codes in groups.items():
        group, ledger = bucketed(codes, asked), past.verdicts[name]
        rate = (ledger.total("missed", group, at) + PRIOR * usual) / (ledger.count(group, at) + PRIOR)
        if name != "all":
            found[f"odds.{name}"] = _log_odds(rate) - beside
        if name in RECENTLY:
            number = ledger.count(group, at, since)
            lately = (ledger.total("missed", group, at, since) + RECENT_PRIOR * rate) / (number + RECENT_PRIOR)
            found[f"recent.{name}"] = _log_odds(lately) - beside
    return found


def _log_odds(share: Floats) -> Floats:
    share = np.clip(share, 0.01, 0.99)
    return np.log(share / (1 - share))
