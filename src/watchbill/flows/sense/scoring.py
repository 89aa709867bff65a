"""Running promises are scored: how likely each is to be missed, why, and which act would lower it most."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from watchbill.apps.clocks.promises import running_promises
from watchbill.apps.core.services import lock_try
from watchbill.apps.decisions.queries import policy_in_force, proposals_open
from watchbill.apps.decisions.risks import BASELINE
from watchbill.apps.decisions.riskwrites import Score, scores_keep
from watchbill.apps.people.queries import desk_by_id, desk_ids, person_names
from watchbill.apps.work import livelog
from watchbill.apps.work.competing import EventMark, event_mark
from watchbill.engine.base.intervals import micros_in, micros_of
from watchbill.engine.base.work import DONE, State
from watchbill.engine.sense.danger import gains, ranks
from watchbill.engine.sense.risk import NEVER, Asked, Log, Past, Promises, score
from watchbill.engine.sense.risk.past import AS_LOGGED
from watchbill.engine.sense.risk.reasons import FAMILIES
from watchbill.flows.apart import set_apart
from watchbill.flows.sense.futures import Chance, chances_of
from watchbill.flows.sense.history import STATES
from watchbill.flows.sense.minds import Mind, mind_of
from watchbill.flows.sense.running import Rows, Weighed, rows_of, weighed
from watchbill.flows.sense.taking import Told, told_of

EVERY = timedelta(minutes=5)
"""Time alone raises a risk: a desk on which nothing happens is scored anew after so much desk time."""

SHARE = 10
"""Scoring takes at most one part in so many of the watch's own time: a desk whose scoring took a second waits ten."""

LOG = timedelta(days=28)
"""How far back live scoring looks at what was closed: the longest that a feature looks."""

TOLD = 3_000
"""So many promises of a desk, the weightiest first, have their reasons in full words; all others in short ones."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TRIED = 20_000
"""On so many promises of a desk, the weightiest first, an act is tried: a second scoring of each."""

SHORT = {
    "time": "the time that is used and left", "owner": "who owns it", "queue": "the state of its queue",
    "state": "the state that it is in", "quiet": "how little has happened to it", "hands": "the hands it has gone through",
    "kind": "the kind of work that it is", "last_touch": "who touched it last", "desk": "how busy the desk is",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Done:
    """When a desk was scored last: how far its events reached, when on its clock, and until when to rest (of the machine)."""

    events: EventMark
    at: datetime
    rests_until: float


_done: dict[int, _Done] = {}  # of this process, which alone holds the watch; another scores anew


def tick(now: datetime) -> int:
    """Score every desk on which something happened, or time went on; return how many scores changed.

    At once after a change, unless scoring would take more than its share of the watch's time; then as soon as it may.
    One runner at a time; running twice changes nothing.
    """
    changed = 0
    for desk_id in desk_ids():
        with set_apart("risks of desk", desk_id):
            changed += _tick_desk(desk_id, now)
    return changed


def _tick_desk(desk_id: int, now: datetime) -> int:
    before, began = _done.get(desk_id), time.monotonic()
    if before is not None and began < before.rests_until:
        return 0
    mark = event_mark(desk_id, before=(before.events.last_id, before.events.near) if before else (0, 0))
    if before is not None and not mark.since and timedelta(0) <= now - before.at < EVERY:
        return 0
    at = now - EVERY  # what breaks is due again, once it has rested
    try:
        with lock_try(f"risks:{desk_id}") as is_mine:
            changed = desk_score(desk_id, now) if is_mine else 0
        at = now
    finally:
        took_s = time.monotonic() - began
        _done[desk_id] = _Done(events=mark, at=at, rests_until=began + took_s * SHARE)
    return changed


def ticks_forget() -> None:
    """Forget what was scored when: for tests, whose databases use the same keys again."""
    _done.clear()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Acts:
    """The act that was tried on each row: its code ("": none), and who would own the item."""

    code: Sequence[str]
    person: Ints
    p_after: Floats


def desk_score(desk_id: int, now: datetime) -> int:
    """Score all running promises of a desk and keep it; return how many scores changed. A dozen statements, whatever its size.

    Without a model, some forty: roll-outs of the live desk stand in, and where they cannot be made the share of the target
    that is used, each named as such; of the latter no act is claimed to help.
    """
    rows = rows_of(desk_id, running_promises(desk_id, now=now), now)
    if not len(rows):
        return scores_keep(desk_id, (), now=now)
    known = weighed(rows, policy_in_force(desk_id, now).policy)
    mind = mind_of(desk_id)
    scores = _without_model(desk_id, rows, known, now) if mind is None else _by_model(desk_id, mind, rows, known, now)
    return scores_keep(desk_id, list(scores), now=now)


def _without_model(desk_id: int, rows: Rows, known: Weighed, now: datetime) -> Iterator[Score]:
    """Give scores where nothing was learned: the share of futures where they can be made, else that of the target that is used."""
    chances = chances_of(desk_id, rows, now)
    p_miss = np.clip(rows.used, 0.001, 0.999)
    p_after = p_miss.copy()
    for at, chance in chances.items():
        p_miss[at], p_after[at] = chance.p_miss, chance.p_after
    lacking = np.flatnonzero(gains(p_miss, p_after) == 0).tolist()
    told = told_of(desk_id, rows, known, p_miss, [at for at in lacking if at in chances], now)
    _lower(p_after, told)
    gain = gains(p_miss, p_after)
    rank, is_worst = ranks(rows.item, known.weight, p_miss, gain)
    for at in range(len(rows)):
        chance = chances.get(at) or _used(rows, known, at)
        yield Score(
            int(rows.item[at]), rows.name[at], float(p_miss[at]), float(gain[at]), float(rank[at]), bool(is_worst[at]),
            chance.source, chance.number,
            _body(chance.reasons, told.get(at) or Told(action=chance.action if gain[at] else None)),
        )  # fmt: skip


def _lower(p_after: Floats, told: Mapping[int, Told]) -> None:
    for at, one in told.items():
        if one.action is not None:
            p_after[at] = one.action["p_after"]


def _body(reasons: Sequence[Sequence[str]], told: Told) -> str:
    none = {"none": told.none} if told.none else {}
    return json.dumps({"reasons": reasons, "action": told.action, **none})


def _used(rows: Rows, known: Weighed, at: int) -> Chance:
    """What is plain to see."""
    return Chance(
        p_miss=float(rows.used[at]),
        reasons=[
            ("time", f"{rows.used[at]:.0%} of its time is used"),
            ("owner", "nobody owns it" if known.owner[at] < 0 else "somebody owns it"),
        ],
        source=BASELINE,
        number=0,
    )


def _by_model(desk_id: int, mind: Mind, rows: Rows, known: Weighed, now: datetime) -> Iterator[Score]:
    past, row_of = live_past(desk_id, mind, rows, now)
    asked = _asked(mind, rows, row_of, now)
    scores = score(mind.model, past, asked)
    acts = _tried(desk_id, mind, past, asked, rows, known, scores.p_miss)
    lacking = np.flatnonzero(gains(scores.p_miss, acts.p_after) == 0).tolist()
    taken = told_of(desk_id, rows, known, scores.p_miss, lacking, now)
    _lower(acts.p_after, taken)
    gain = gains(scores.p_miss, acts.p_after)
    rank, is_worst = ranks(rows.item, known.weight, scores.p_miss, gain)
    told = np.zeros(len(rows), dtype=bool)
    told[np.argsort(-known.weight * scores.p_miss, kind="stable")[:TOLD]] = True
    people = person_names(sorted({int(person) for person in acts.person[gain > 0]}))
    short = [[code, SHORT[code]] for code in FAMILIES]
    for at in range(len(rows)):
        reasons = scores.reasons_of(at) if told[at] else [short[family] for family in scores.families[at]]
        yield Score(
            int(rows.item[at]), rows.name[at], float(scores.p_miss[at]), float(gain[at]), float(rank[at]),
            bool(is_worst[at]), scores.source, mind.number,
            _body(reasons, taken.get(at) or Told(action=_action(acts, at, people) if gain[at] else None)),
        )  # fmt: skip


def live_past(desk_id: int, mind: Mind, rows: Rows, now: datetime) -> tuple[Past, Ints]:
    """Make the ledgers of what is open and of the last weeks, with the verdicts counted before; and each row's place in it."""
    columns = livelog.live_events(desk_id, since=now - LOG, now=now)
    keys, item = np.unique(columns["item"], return_inverse=True)
    begins = (
        np.flatnonzero(np.concatenate(([True], item[1:] != item[:-1]))) if len(item) else np.empty(0, dtype=np.int64)
    )
    at_us = _in_order(item, columns["at_us"])
    missing = np.setdiff1d(rows.item, keys)
    keys_all = np.concatenate([keys, missing])  # an item without an event by now is asked about as one just opened
    open_keys = np.unique(rows.item)
    opening = mind.traits_of(open_keys)
    place = np.searchsorted(open_keys, keys_all)
    is_open = np.isin(keys_all, open_keys)
    place = np.minimum(place, len(open_keys) - 1)
    log = Log(
        opened_us=np.concatenate([at_us[begins], np.full(len(missing), NEVER)]),
        traits={name: np.where(is_open, codes[place], -1) for name, codes in opening.items()},
        item=item.astype(np.int64),
        at_us=at_us,
        state=columns["state"],
        priority=columns["priority"],
        queue=columns["queue"],
        owner=columns["owner"],
        actor=mind.actors.of(columns["actor"], others=True),
        new=STATES.index(State.NEW),
        done=frozenset(STATES.index(each) for each in DONE),
        zone_us=micros_in(now.astimezone(ZoneInfo(desk_by_id(desk_id).zone)).utcoffset() or timedelta(0)),
    )
    order = np.argsort(keys_all, kind="stable")
    row_of = order[np.searchsorted(keys_all[order], rows.item)]
    return Past(log, Promises.none(), likeness=mind.likeness), row_of.astype(np.int64)


def _in_order(item: NDArray[np.intp], at_us: Ints) -> Ints:
    """Let an event that came late, with an instant before the one before it, count as coming with it."""
    at_us = at_us.copy()
    while len(late := np.flatnonzero((at_us[1:] < at_us[:-1]) & (item[1:] == item[:-1]))):
        at_us[late + 1] = at_us[late]
    return at_us


def _asked(mind: Mind, rows: Rows, row_of: Ints, now: datetime) -> Asked:
    codes = {name: code for code, name in enumerate(mind.names)}
    return Asked(
        item=row_of,
        name=np.array([codes.get(name, len(codes)) for name in rows.name], dtype=np.int64),
        at_us=np.full(len(rows), micros_of(now)),
        used=rows.used,
        left_s=rows.left_s,
        due_us=rows.due_us,
    )


def _tried(desk_id: int, mind: Mind, past: Past, asked: Asked, rows: Rows, known: Weighed, p_miss: Floats) -> Acts:
    """Try the act that lies at hand on each row, by the same model: what is proposed for its item, or that its owner begins.

    Who else could take an item is the assignment's to say, and what taking it up next does the hours' (`taking`).
    """
    proposals = proposals_open(desk_id)
    person = np.full(len(rows), AS_LOGGED, dtype=np.int64)
    code = [""] * len(rows)
    new = STATES.index(State.NEW)
    for at in np.argsort(-known.weight * p_miss, kind="stable")[:TRIED]:
        proposal = proposals.get(int(rows.item[at]))
        if proposal is not None and proposal.chosen_id is not None:
            code[at] = "assign" if known.owner[at] < 0 else "move"
            person[at] = proposal.chosen_id
        elif known.owner[at] >= 0 and known.state[at] == new:
            code[at] = "begin"
            person[at] = known.owner[at]
    tried = np.array([bool(each) for each in code], dtype=bool)
    p_after = p_miss.copy()
    if mind.model.source == "model" and tried.any():
        begins = np.array([each == "begin" for each in code], dtype=bool)
        state = np.where(begins, STATES.index(State.IN_PROGRESS), AS_LOGGED)
        p_after[tried] = score(
            mind.model, past, replace(asked.at(tried), owner=person[tried], state=state[tried])
        ).p_miss
    return Acts(code=code, person=person, p_after=p_after)


_WORDS = {"assign": "Give it to {} now", "move": "Move it to {}", "begin": "Let {} begin it now"}


def _action(acts: Acts, at: int, people: Mapping[int, str]) -> dict[str, Any]:
    person = int(acts.person[at])
    words = _WORDS[acts.code[at]].format(people.get(person, "its owner"))
    return {"code": acts.code[at], "words": words, "p_after": round(float(acts.p_after[at]), 4), "person_id": person}
