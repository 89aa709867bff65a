"""What lowers a risk where no act is known: who takes the work up before all else, by her hours and the assumed effort; or why nobody can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.decisions.queries import Proposal, proposals_open
from watchbill.apps.decisions.risks import ROLLOUT
from watchbill.apps.shifts.absences import away_ahead
from watchbill.apps.shifts.extra import extra_ahead
from watchbill.apps.shifts.hours import off_until, spans_ahead, weeks_of
from watchbill.engine.assign.facts import CommitmentKind, ItemFacts
from watchbill.engine.assign.index import work_until
from watchbill.engine.assign.rules import failed_musts
from watchbill.engine.assign.ways import nearest, ways_out
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import MICROS_PER_S, instant_of, micros_of
from watchbill.engine.base.work import WAITING, State
from watchbill.engine.sense.danger import LEAST_LOWERED
from watchbill.engine.sense.rollout import FUTURES, Spans, hours_between, taken_up
from watchbill.flows.assign.gather import Gathered, gather_desk
from watchbill.flows.sense.history import STATES
from watchbill.flows.sense.running import Floats, Rows, Weighed

HORIZON = timedelta(days=14)
"""How far people's hours are laid out."""

MOST = 2_000
"""Of so many promises it is said what taking them up does, the weightiest dangers first."""

OTHERS = 100
"""Of so many items everybody else is asked, where neither their owners nor who is proposed can help."""

LEAST, MOST_LIKELY = 0.5 / FUTURES, 1 - 0.5 / FUTURES
"""Of so many futures none, or all: no more is said than that it is rarer, or likelier, than one of them."""

WORDS = {
    "assign": "Give it to {} now", "move": "Move it to {} now", "next": "Let {} take it up next",
    "back": "Let {} take it up first when she is back",
}  # fmt: skip
ANSWERS = frozenset({"response", "next_update"})
"""Kinds of promise that an answer keeps, whatever the item waits for."""
_WAITS = {
    State.WAITING_CUSTOMER: "It waits for the customer; what asking again would change is not known",
    State.WAITING_VENDOR: "It waits for the vendor; what asking again would change is not known",
    State.WAITING_OTHER: "It waits for others; what asking again would change is not known",
    State.SCHEDULED: "It is scheduled for later, and no act was tried",
}


def spans_of(desk_id: int, now: datetime) -> dict[PersonId, Spans]:
    """When each active person whose usual hours are known is at work within the horizon, in microseconds: five queries.

    People of one week share one value, by which they are told apart from others quickly.
    """
    weeks = weeks_of(desk_id, closed_on=closed_dates(desk_id, now))
    ahead_of = spans_ahead(
        weeks, now, until=now + HORIZON, off=off_until(desk_id, now), away=away_ahead(desk_id, now), extra=extra_ahead(desk_id, now)
    )  # fmt: skip
    now_us, minute_us = micros_of(now), 60 * MICROS_PER_S
    shared = {
        spans: tuple((now_us + start * minute_us, now_us + end * minute_us) for start, end in spans)
        for spans in ahead_of.values()
    }
    return {PersonId(person): shared[spans] for person, spans in ahead_of.items()}


def is_at_work(spans: Spans, now_us: int) -> bool:
    """Whether somebody is at work at an instant."""
    return any(start <= now_us < end for start, end in spans)


def clipped(share: float) -> float:
    """A share of futures as it is said."""
    return min(max(share, LEAST), MOST_LIKELY)


def action_of(
    code: str, person: int, name: str, *, work_h: float, spans: Spans, now_us: int, due_us: int, safe_us: int
) -> dict[str, Any]:
    """What taking work up at once, before all else, makes of its risk; and doing so only at the latest safe moment."""

    def chance(from_us: int) -> float:
        return round(clipped(taken_up(work_h, spans, from_us=from_us, due_us=due_us)), 4)

    told: dict[str, Any] = {"code": code, "words": WORDS[code].format(name), "p_after": chance(now_us)}
    told |= {"person_id": person, "source": ROLLOUT}
    if now_us < safe_us < due_us:
        told |= {"safe_at": instant_of(safe_us).isoformat(), "p_safe": chance(safe_us)}
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said of one promise: an act as it is kept, or why none helps."""

    action: dict[str, Any] | None = None
    none: str = ""


def told_of(
    desk_id: int, rows: Rows, known: Weighed, p_miss: Floats, places: Iterable[int], now: datetime
) -> dict[int, Told]:
    """Return, by place, what lowers the risks at *places*, the weightiest dangers first, or why nothing does: some thirty statements.

    What is tried: whoever is proposed takes it up now; its owner next, or first when she is back; where neither helps,
    anybody else who fulfils every must. Of all that, what leaves the least chance of a miss.
    """
    chosen = sorted(places, key=lambda at: -known.weight[at] * p_miss[at])[:MOST]
    if not chosen:
        return {}
    ids = sorted({int(rows.item[at]) for at in chosen})
    desk = _Desk(
        rows=rows, gathered=gather_desk(desk_id, now, also=ids, only=ids), spans=spans_of(desk_id, now),
        proposals=proposals_open(desk_id), now_us=micros_of(now),
    )  # fmt: skip
    return {at: desk.told(at, State(STATES[known.state[at]]), float(p_miss[at])) for at in chosen}


@dataclass(slots=True, kw_only=True, eq=False)
class _Desk:
    """What telling needs beside a promise; asked: the items of which everybody else was asked."""

    rows: Rows
    gathered: Gathered
    spans: Mapping[PersonId, Spans]
    proposals: Mapping[int, Proposal]
    now_us: int
    asked: set[int] = field(default_factory=set)

    def told(self, at: int, state: State, p_miss: float) -> Told:
        item, kind = self.gathered.facts.get(int(self.rows.item[at])), self.rows.kind[at]
        if state in WAITING and kind not in ANSWERS:
            return Told(none=_WAITS[state])
        if item is None:
            return Told()
        owner = self.gathered.items[item.id].owner_id
        acts = [self._action(at, item, code, person) for code, person in self._takers(item, owner)]
        if (found := _least(acts, p_miss)) is not None:
            return Told(action=found)
        why = self._why(at, owner)
        if item.is_pinned:
            return Told(none=f"{why}, and it is to stay with her")
        if item.id not in self.asked and len(self.asked) >= OTHERS:
            return Told(none=why)
        self.asked.add(item.id)
        return self._others(at, item, owner, p_miss, why)

    def _takers(self, item: ItemFacts, owner: int | None) -> Iterator[tuple[str, int]]:
        proposal = self.proposals.get(item.id)
        if proposal is not None and proposal.chosen_id not in {None, owner}:
            yield "assign" if owner is None else "move", int(proposal.chosen_id or 0)
        if owner is not None and owner in self.spans:
            yield "next" if is_at_work(self.spans[PersonId(owner)], self.now_us) else "back", owner

    def _others(self, at: int, item: ItemFacts, owner: int | None, p_miss: float, why: str) -> Told:
        """Ask everybody but the owner, as assignment would."""
        snapshot = self.gathered.snapshot
        people = [person for person in snapshot.people if person.id != owner]
        able = [person for person in people if not failed_musts(item, person, snapshot.policy)]
        code = "assign" if owner is None else "move"
        found = _least([self._action(at, item, code, person.id) for person in able], p_miss)
        if found is not None:
            return Told(action=found)
        if able:
            return Told(none=f"{why}; nobody who may take it would lower it")
        alone = replace(snapshot, people=people)
        ways = ways_out(item, alone, nearest(item, alone, full=frozenset()))
        nobody = "nobody can" if owner is None else "nobody else can"
        return Told(none=f"{why}; {nobody} take it now" + (f": {ways[0].words}" if ways else ""))

    def _why(self, at: int, owner: int | None) -> str:
        if owner is None:
            return "Nobody owns it"
        name = self.gathered.names.get(owner, "its owner")
        if owner not in self.spans:
            return f"When {name} is at work is not known"
        if not hours_between(self.spans[PersonId(owner)], self.now_us, int(self.rows.due_us[at])):
            return f"{name} is not at work before it is due"
        return f"Taken up next by {name} it would be missed no less likely"

    def _action(self, at: int, item: ItemFacts, code: str, person: int) -> dict[str, Any]:
        is_whole = self.rows.kind[at] == "resolution"
        kind = CommitmentKind.RESOLUTION if is_whole else CommitmentKind.RESPONSE
        return action_of(
            code, person, self.gathered.names.get(person, "its owner"), work_h=work_until(kind, item) / 60,
            spans=self.spans.get(PersonId(person), ()), now_us=self.now_us, due_us=int(self.rows.due_us[at]),
            safe_us=int(self.rows.safe_us[at]),
        )  # fmt: skip


def _least(acts: list[dict[str, Any]], p_miss: float) -> dict[str, Any] | None:
    """The act that leaves the least chance of a miss, the first of equal ones; None where none lowers it."""
    found = min(acts, key=lambda act: act["p_after"], default=None)
    return found if found is not None and p_miss - found["p_after"] >= LEAST_LOWERED else None
