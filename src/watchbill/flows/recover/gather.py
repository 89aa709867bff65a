"""The live desk as a situation to recover from: what is open, who is there, what came in these hours of earlier weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.core.actor import WATCHBILL, Actor
from watchbill.apps.decisions.deferrals import deferred_until
from watchbill.apps.people.abilities import Ability, ability_list
from watchbill.apps.people.partners import PartnerRow
from watchbill.apps.shifts.absences import Away, away_ahead, away_at
from watchbill.apps.shifts.extra import extra_ahead
from watchbill.apps.shifts.hours import off_until, spans_ahead, weeks_of
from watchbill.apps.work import competing
from watchbill.apps.work.choices import opened_between, opened_first
from watchbill.apps.work.efforts import effort_table
from watchbill.engine.assign.ahead import Ahead, ahead
from watchbill.engine.assign.balance import suggest
from watchbill.engine.assign.facts import CommitmentKind, ItemFacts, PersonFacts
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.rails import Mode
from watchbill.engine.backtest.recovery.facts import Came, HourRules, Moved, Pending, Situation, Worker
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import merged
from watchbill.engine.base.work import Priority, State
from watchbill.flows.assign.courses import BEGUN, WEEK, Who, due_of, level_of
from watchbill.flows.assign.gather import Gathered, gather_desk, person_facts
from watchbill.flows.assign.routes import Routing
from watchbill.flows.balance.loads import loads_get
from watchbill.flows.balance.suggesting import SHOWN, Weighed, looked_at, weigh
from watchbill.flows.recover.partners import partners_of

MOST_OPEN = 2_000
"""Open items that are simulated, the first due first."""
WEEKS = 8
FOLLOW = timedelta(hours=24)
"""How long after the horizon promises are still counted."""
EXACT = 300
"""Up to so many items, open and usual to come, the live policy itself is simulated on autopilot."""
DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_DAY_MIN = 1440
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A desk at one instant as the plans see it, with what telling and applying them needs. weekly: items of each earlier week.

    is_large: too large for the live policy itself to be simulated. partners: those that take work of the desk, by key.
    """

    situation: Situation
    gathered: Gathered
    weighed: Weighed
    weekly: tuple[int, ...]
    has_more: bool
    is_large: bool
    unknown_hours: int
    partners: Mapping[int, PartnerRow]

    @property
    def now(self) -> datetime:
        return self.gathered.now


def look(desk_id: int, *, hours: int, rules: HourRules | None = None, by: Actor = WATCHBILL, now: datetime) -> Look:
    """Gather a desk: some fifty statements, whatever it holds. *by*: for whom, since she moves what is of her own region on one side.

    Raises InvalidFacts, in words, where there is too little to simulate from: no whole week of history, or nobody's hours known.
    """
    weeks = _weeks(desk_id, now)
    follow = timedelta(hours=hours) + FOLLOW
    people = _People(desk_id, now, until=now + follow + 2 * DAY)
    ids = competing.items_due_first(desk_id, now, most=MOST_OPEN + 1)
    has_more, ids = len(ids) > MOST_OPEN, ids[:MOST_OPEN]
    gathered = gather_desk(desk_id, now, also=ids, only=ids)
    policy, staff = gathered.snapshot.policy, gathered.people
    waits = deferred_until(desk_id, now)
    pending = [
        _pending(one, gathered, staff, wait_min=_after(waits.get(one.item.id, now), now))
        for one in ahead(gathered.snapshot)
    ]
    came, weekly = _came(desk_id, policy, now, follow=follow, hours=hours, weeks=weeks)
    weighed = _weighed(desk_id, now).for_(by)
    partners, known = partners_of(desk_id, [gathered.items[one.item] for one in pending])
    is_large = len(pending) + len(came) // weeks > EXACT
    situation = Situation(
        open=pending, came=came, weeks=weeks, workers=people.workers(), moves=_moves(weighed, {one.item: one for one in pending}, gathered), partners=partners,
        horizon_min=hours * 60, follow_min=int(follow / _MINUTE), parameters=policy,
        is_on_autopilot=_is_on_autopilot(gathered) and not is_large, rules=rules or HourRules(),
    )  # fmt: skip
    return Look(
        situation=situation, gathered=gathered, weighed=weighed, weekly=weekly, has_more=has_more, is_large=is_large,
        unknown_hours=people.unknown, partners=known,
    )  # fmt: skip


def _weeks(desk_id: int, now: datetime) -> int:
    first = opened_first(desk_id)
    weeks = 0 if first is None else min(WEEKS, (now - first) // WEEK)
    if weeks < 1:
        raise InvalidFacts(
            "What usually comes in at these hours is not known: this desk has no whole week of history yet. Import some, or wait a week"
        )
    return weeks


class _People:
    """Everybody with her hours, from a day back on."""

    def __init__(self, desk_id: int, now: datetime, *, until: datetime) -> None:
        closed_on = clocks.closed_dates(desk_id, now)
        weeks = weeks_of(desk_id, closed_on=closed_on)
        self.able = {one.id: one for one in ability_list(desk_id) if one.is_active}
        self.away, self.off, self.now = away_ahead(desk_id, now), off_until(desk_id, now), now
        extra = extra_ahead(desk_id, now - DAY)
        self.past = spans_ahead(weeks, now - DAY, until=now, off={}, away={}, extra=extra)
        self.ahead = spans_ahead(
            weeks, now, until=until, off=self.off, away=self.away, extra=extra
        )  # fmt: skip
        self.unknown = sum(person not in weeks for person in self.able)
        if not self.ahead:
            raise InvalidFacts("Nobody's usual hours are known on this desk, so who could work when cannot be said")

    def workers(self) -> list[Worker]:
        return [self._worker(self.able[person], spans) for person, spans in sorted(self.ahead.items()) if person in self.able]  # fmt: skip

    def _worker(self, one: Ability, spans: Spans) -> Worker:
        gone: list[Away] = list(self.away.get(one.id, ()))
        is_away = away_at(gone, self.now) is not None or any(each.from_at < self.now + DAY for each in gone)
        return Worker(
            id=PersonId(one.id), spans=tuple(merged([*((a - _DAY_MIN, b - _DAY_MIN) for a, b in self.past.get(one.id, ())), *spans])),
            region=str(one.region_id or ""), limit=one.wip_limit, can_be_asked=not is_away and one.id not in self.off,
        )  # fmt: skip


def _pending(one: Ahead, gathered: Gathered, staff: Mapping[int, PersonFacts], *, wait_min: int) -> Pending:
    item = one.item
    is_begun = State(gathered.items[item.id].state) is State.IN_PROGRESS
    who = one.eligible if one.owner is None else (one.owner,)
    due = _due(item)
    return Pending(
        item=item.id, due_min=None if due is None else int((due - gathered.now) / _MINUTE), priority=item.priority,
        mean_min=max(1, item.effort_min // (BEGUN if is_begun else 1)),
        able=tuple((person, level_of(item, staff[person])) for person in who if person in staff),
        owner=one.owner, is_begun=is_begun, wait_min=wait_min,
    )  # fmt: skip


def _due(item: ItemFacts) -> datetime | None:
    """Of the promise to resolve, or the last of those that run."""
    whole = [one.due_at for one in item.commitments if one.kind is CommitmentKind.RESOLUTION]
    return max(whole or [one.due_at for one in item.commitments], default=None)


def _after(at: datetime, now: datetime) -> int:
    return max(0, int((at - now) / _MINUTE))


def _came(
    desk_id: int, policy: Policy, now: datetime, *, follow: timedelta, hours: int, weeks: int
) -> tuple[list[Came], tuple[int, ...]]:
    """What came in the same hours of each of the last weeks, and how many of them in the horizon."""
    begins = [now - back * WEEK for back in range(1, weeks + 1)]
    of_week = {item: since for since in begins for item in opened_between(desk_id, since, since + follow)}
    rows = competing.items_of(desk_id, sorted(of_week))
    able, effort = ability_list(desk_id), effort_table(desk_id)
    people = [person_facts(one, None, None) for one in able if one.is_active]
    promises = clocks.promises_lived([row.id for row in rows])
    routes = Routing(desk_id, [row.id for row in rows], policy, able).routes(rows, now)
    who, found = Who(people, policy), []
    weekly: Counter[datetime] = Counter()
    for row in rows:
        since, due = of_week[row.id], due_of(promises.get(row.id, ()))
        at_min = int((row.opened_at - since) / _MINUTE)
        weekly[since] += at_min < hours * 60
        found.append(
            Came(
                at_min=at_min, due_after_min=None if due is None else int((due - row.opened_at) / _MINUTE),
                priority=Priority(row.priority), mean_min=effort.minutes(row.category, row.priority),
                able=who.may(row, routes.get(row.id, ())),
            )
        )  # fmt: skip
    return found, tuple(weekly[since] for since in begins)


def _weighed(desk_id: int, now: datetime) -> Weighed:
    loads = loads_get(desk_id, horizon_h=8, by=WATCHBILL, now=now)
    return weigh(loads, looked_at(loads))


def _moves(weighed: Weighed, pending: Mapping[int, Pending], gathered: Gathered) -> list[Moved]:
    found = suggest(weighed.facts, most=min(SHOWN, weighed.left_in_hour))
    return [
        Moved(
            item=one.item, giver=one.giver, taker=one.taker,
            level=level_of(gathered.facts[one.item], gathered.people[one.taker]),
        )
        for one in found
        if one.item in pending
    ]  # fmt: skip


def _is_on_autopilot(gathered: Gathered) -> bool:
    """Whether most of what is open lies in queues in which Watchbill gives work out, or proposes it."""
    modes = Counter(gathered.mode_of(row).mode for row in gathered.items.values())
    return 2 * (modes[Mode.AUTOPILOT] + modes[Mode.ADVISE]) >= sum(modes.values())
