"""Chances where history is too thin to learn from: the live desk, rolled out by its order of work and its people's hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchbill.apps.decisions.queries import Proposal, proposals_open
from watchbill.apps.decisions.risks import ROLLOUT
from watchbill.apps.people.queries import person_names
from watchbill.apps.work.competing import items_due_first
from watchbill.engine.assign.ahead import Ahead, ahead
from watchbill.engine.assign.facts import CommitmentKind
from watchbill.engine.assign.index import work_until
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import micros_in, micros_of
from watchbill.engine.sense.risk.reasons import hours_words
from watchbill.engine.sense.rollout import FUTURES, Job, Piece, Rolled, Spans, Worker, hours_between, roll_out
from watchbill.flows.assign.gather import SEED, gather_desk
from watchbill.flows.sense.running import Rows
from watchbill.flows.sense.taking import HORIZON, action_of, clipped, is_at_work, spans_of

MOST = 2_000
"""So many open items are rolled out, what is due first before the rest, which keeps the share of its target."""

Places = Sequence[Sequence[int]]
"""Rows of one item: those that an answer keeps, and its resolution, which takes all of its work."""
_NONE: Places = ((), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """What is said of one promise. ``reasons``: code and words; ``action``: as it is kept, None where none was tried."""

    p_miss: float
    reasons: Sequence[tuple[str, str]]
    source: str = ROLLOUT
    number: int = FUTURES
    action: dict[str, Any] | None = None

    @property
    def p_after(self) -> float:
        return self.p_miss if self.action is None else float(self.action["p_after"])


def chances_of(desk_id: int, rows: Rows, now: datetime) -> dict[int, Chance]:
    """Roll a desk out and return what the futures say, by the place of each row that they can speak of.

    Left out is what nobody can work on now, is due beyond `HORIZON`, comes after the `MOST` due first, or lies with people
    whose usual hours are not known. Some thirty statements, whatever the desk holds.
    """
    spans = spans_of(desk_id, now)
    ids = items_due_first(desk_id, now, most=MOST) if spans else []
    items = _items(desk_id, ids, now) if ids else {}
    places = _places(rows, items)
    jobs = [_job(one, places.get(item, _NONE), rows) for item, one in items.items()]
    rolled = roll_out(jobs, [Worker(person=each, spans=hours) for each, hours in spans.items()], seed=SEED)
    desk = _Desk(rows=rows, spans=spans, takers=_takers(items, proposals_open(desk_id)), now_us=micros_of(now))
    return dict(
        told
        for job in jobs
        if _has_hours(items[job.item], spans)
        for told in desk.told(items[job.item], job, places.get(job.item, _NONE), rolled[job.item])
    )


def _items(desk_id: int, ids: Sequence[int], now: datetime) -> dict[int, Ahead]:
    return {one.item.id: one for one in ahead(gather_desk(desk_id, now, also=ids, only=ids).snapshot)}


def _places(rows: Rows, items: Mapping[int, Ahead]) -> dict[int, Places]:
    found: dict[int, tuple[list[int], ...]] = defaultdict(lambda: ([], []))
    for place, item in enumerate(rows.item.tolist()):
        if item in items:
            found[item][rows.kind[place] == "resolution"].append(place)
    return dict(found)


def _job(one: Ahead, places: Places, rows: Rows) -> Job:
    """Work as an answer, where one is due, and the rest, which comes when its turn comes."""
    answers, whole = ([int(rows.due_us[place]) for place in some] for some in places)
    effort_h = work_until(CommitmentKind.RESOLUTION, one.item) / 60
    answer_h = work_until(CommitmentKind.RESPONSE, one.item) / 60 if answers else 0.0
    return Job(
        item=one.item.id,
        pieces=(
            Piece(effort_h=answer_h, index=one.points, dues_us=answers),
            Piece(effort_h=effort_h - answer_h, index=one.later_points if answers else one.points, dues_us=whole),
        ),
        owner=one.owner,
        eligible=one.eligible,
    )


def _has_hours(one: Ahead, spans: Mapping[PersonId, Spans]) -> bool:
    """Whether anybody's hours are known of those who may do it; where nobody may at all, that is known, too."""
    able = one.eligible if one.owner is None else (one.owner,)
    return not able or any(person in spans for person in able)


def _takers(items: Mapping[int, Ahead], proposals: Mapping[int, Proposal]) -> dict[int, tuple[str, int, str]]:
    """Who could take each item up at once, by what act, and her name: who is proposed for it, or its owner. One query."""
    takers: dict[int, tuple[str, int]] = {}
    for item, one in items.items():
        chosen = proposals[item].chosen_id if item in proposals else None
        if chosen is not None and chosen != one.owner:
            takers[item] = ("assign" if one.item.owner is None else "move", chosen)
        elif one.owner is not None:
            takers[item] = ("next", one.owner)
    names = person_names(sorted({person for _, person in takers.values()}))
    return {item: (code, person, names.get(person, "its owner")) for item, (code, person) in takers.items()}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Desk:
    """What telling of a future needs beside it."""

    rows: Rows
    spans: Mapping[PersonId, Spans]
    takers: Mapping[int, tuple[str, int, str]]
    now_us: int

    def told(self, one: Ahead, job: Job, places: Places, rolled: Rolled) -> Iterator[tuple[int, Chance]]:
        done_h = 0.0
        for piece, some, shares in zip(job.pieces, places, rolled.p_miss, strict=True):
            done_h += piece.effort_h
            for place, share in zip(some, shares, strict=True):
                if self.rows.due_us[place] <= self.now_us + micros_in(HORIZON):
                    yield place, self._chance(place, share, done_h, one, rolled.ahead_h)

    def _chance(self, place: int, share: float, work_h: float, one: Ahead, ahead_h: float | None) -> Chance:
        due_us = int(self.rows.due_us[place])
        able = one.eligible if one.owner is None else (one.owner,)
        different = {id(spans): spans for person in able if (spans := self.spans.get(person)) is not None}.values()
        most_h = max((hours_between(spans, self.now_us, due_us) for spans in different), default=0.0)
        return Chance(
            p_miss=clipped(share),
            reasons=(
                ("time", f"{hours_words(most_h)} at work until it is due, {_work_words(work_h)}"),
                _queue_words(one, ahead_h),
            ),
            action=self._action(one, work_h, due_us, int(self.rows.safe_us[place])),
        )

    def _action(self, one: Ahead, work_h: float, due_us: int, safe_us: int) -> dict[str, Any] | None:
        """What taking it up at once, before all else, does; and doing so only at the latest safe moment."""
        if one.item.id not in self.takers:
            return None
        code, person, name = self.takers[one.item.id]
        spans = self.spans.get(PersonId(person), ())
        if code == "next" and not is_at_work(spans, self.now_us):
            return None
        return action_of(
            code, person, name, work_h=work_h, spans=spans, now_us=self.now_us, due_us=due_us, safe_us=safe_us
        )


def _work_words(work_h: float) -> str:
    return f"for about {hours_words(work_h)} of work" if work_h >= 0.25 else "for an answer of minutes"


def _queue_words(one: Ahead, ahead_h: float | None) -> tuple[str, str]:
    before = f"{hours_words(ahead_h)} of more pressing work before it" if ahead_h else "nothing more pressing before it"
    if one.owner is not None:
        return "owner", f"its owner has {before}"
    if not one.eligible:
        return "queue", "nobody may take it"
    can = "one person can" if len(one.eligible) == 1 else f"{len(one.eligible)} people can"
    return "queue", f"{can} take it, with {before}"
