"""Timelines are read as they grow: which commitments there are, why those that were broken were, and every pause."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.core.seals import Mark, mark_is_settled, mark_take
from watchbill.apps.core.services import desk_changed, lock_try
from watchbill.apps.reports import reading
from watchbill.apps.reports.reading import BreachWrite, PauseWrite, Stand
from watchbill.apps.shifts.extra import extra_of_teams
from watchbill.apps.shifts.queries import team_calendars
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.ids import PersonId, TeamId
from watchbill.engine.base.intervals import Interval, merged
from watchbill.engine.base.work import State
from watchbill.engine.report import BreachFacts, Moment, Suggestion, pauses, suggest
from watchbill.flows.apart import apart
from watchbill.flows.report.lives import Life, lives

LOCK = "reports.read"
EVENTS = "work_event"
BATCH = 1000
"""Items read in one transaction."""

_marks: dict[str, Mark] = {}  # of this process: the mark whose writers were not all done when last looked at


def read_timelines(now: datetime) -> int:
    """Read what happened since the last time, and clocks made anew; return how many items were read.

    Wall time calls, desk time is *now*.
    Only up to the event below which none can come any more (`core.seals.mark_take`), so that nothing is missed. One runner
    at a time; running twice changes nothing. An item that cannot be read is left out, and said.
    """
    return _read_recomputed(now) + _read_events(now)


def _read_recomputed(now: datetime) -> int:
    """Read the items whose clocks were made anew though nothing happened to them."""
    read = 0
    while True:
        with lock_try(LOCK) as is_mine:
            found = reading.recomputed_take(BATCH) if is_mine else {}
            if not found:
                return read
            read += _read_apart(found, now)


def _read_events(now: datetime) -> int:
    mark = _marks.get(EVENTS) or mark_take(EVENTS)
    if not mark_is_settled(mark, EVENTS):
        _marks[EVENTS] = mark
        return 0
    _marks.pop(EVENTS, None)
    read = 0
    while True:
        with lock_try(LOCK) as is_mine:
            since = reading.read_up_to()
            if not is_mine or since >= mark.last_id:
                return read
            changed, last = reading.items_changed(since, mark.last_id, limit=BATCH)
            read += _read_apart(changed, now)
            reading.reading_set(last)


def _read_apart(found: Mapping[int, Sequence[int]], now: datetime) -> int:
    for desk_id, item_ids in found.items():
        apart(item_ids, lambda ids, desk_id=desk_id: read_items(desk_id, ids, now), what="timeline of item")  # type: ignore[misc]
        desk_changed(desk_id)
    return sum(map(len, found.values()))


def read_anew(now: datetime) -> int:
    """Read every timeline from the first event on, as after a change of what counts; return how many items were read."""
    with lock_try(LOCK) as is_mine:
        if not is_mine:
            return 0
        reading.reading_set(0)
    return read_timelines(now)


def read_items(desk_id: int, item_ids: Sequence[int], now: datetime) -> None:
    """Read items of one desk, in the caller's transaction: their commitments, breaches by *now*, and pauses."""
    told = reading.items_with_a_story(item_ids, now)
    stands = reading.stands(told)
    found = list(lives(desk_id, told, now)) if told else []
    broken = [life for life in found if life.breach_at is not None and life.breach_at <= now]
    there = Staffed(desk_id, broken, now)
    reading.commitments_keep(item_ids)
    reading.breaches_keep(item_ids, [_breach(desk_id, life, stands[life.item_id], there) for life in broken])
    reading.pauses_keep(item_ids, [one for life in found for one in _pauses(desk_id, life, stands[life.item_id])])


class Staffed(Mapping[TeamId | None, Sequence[Interval]]):
    """When anybody of a team was at work by usual and extra hours, over the time of some breaches; reckoned when it is asked for."""

    def __init__(self, desk_id: int, broken: Sequence[Life], now: datetime) -> None:
        self._known: dict[TeamId | None, Sequence[Interval]] = {}
        self._weeks: Mapping[int | None, Sequence[Calendar]] = {}
        self._extra: Mapping[int | None, Sequence[Interval]] = {}
        if broken:
            self._from = min(life.segments[0].from_at for life in broken)
            self._to = max(life.breach_at for life in broken if life.breach_at)
            self._weeks = team_calendars(desk_id, closed_on=closed_dates(desk_id, now))
            self._extra = extra_of_teams(desk_id, self._from)

    def __getitem__(self, team: TeamId | None) -> Sequence[Interval]:
        if team not in self._known:
            usual = (one.span for week in self._weeks[team] for one in week.open_intervals(self._from, self._to))
            extra = ((max(one.start_at, self._from), min(one.end_at, self._to)) for one in self._extra.get(team, ()))
            self._known[team] = [Interval(start_at=begin, end_at=end) for begin, end in merged([*usual, *extra])]
        return self._known[team]

    def __iter__(self) -> Iterator[TeamId | None]:
        return iter(None if team is None else TeamId(team) for team in self._weeks)

    def __len__(self) -> int:
        return len(self._weeks)


def _breach(desk_id: int, life: Life, stands: Sequence[Stand], there: Staffed) -> BreachWrite:
    if life.breach_at is None:
        raise ValueError("only what was broken has a breach")
    found = suggest(
        BreachFacts(
            segments=life.segments,
            calendars=life.calendars,
            breach_at=life.breach_at,
            moments=[_moment(stand) for stand in stands],
            staffing=there,
        )
    )
    return BreachWrite(
        item_id=life.item_id, desk_id=desk_id, name=life.name, agreement=life.agreement, cycle=life.cycle,
        breach_at=life.breach_at, suggested=found.reason.value if found.reason else "", evidence=evidence_of(found),
    )  # fmt: skip


def evidence_of(found: Suggestion) -> dict[str, object]:
    """Return what a suggestion rests on, as it is kept."""
    return {
        "shares": {one.reason.value: round(one.share, 4) for one in found.shares},
        "counted_s": found.counted_s,
        "handovers": found.handovers,
    }


def _moment(stand: Stand) -> Moment:
    return Moment(
        at=stand.at,
        state=State(stand.state),
        owner=None if stand.owner_id is None else PersonId(stand.owner_id),
        team=None if stand.team_id is None else TeamId(stand.team_id),
    )


def _pauses(desk_id: int, life: Life, stands: Sequence[Stand]) -> Iterator[PauseWrite]:
    """Give the pauses of a commitment, each with who did what began it."""
    messages = [stand.at for stand in stands if stand.is_message]
    for pause in pauses(life.segments, messages=messages):
        stand = stands[max(bisect_right(stands, pause.began_at, key=attrgetter("at")) - 1, 0)]
        yield PauseWrite(
            item_id=life.item_id, desk_id=desk_id, name=life.name, agreement=life.agreement, cycle=life.cycle,
            began_at=pause.began_at, ended_at=pause.ended_at, gone_ratio=pause.gone_ratio, message_s=pause.message_s,
            state=stand.state, by_person_id=stand.by_person_id, by_name=stand.by_name, team_id=stand.team_id,
        )  # fmt: skip
