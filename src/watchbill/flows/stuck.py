"""Stuck work is found by its instants: gifts that nobody acts on, and promises that fall due while the owner is away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.core.actor import WATCHBILL, Actor
from watchbill.apps.core.services import lock_try
from watchbill.apps.decisions import acceptances, deskwatch
from watchbill.apps.decisions.acceptances import Gift, Overdue
from watchbill.apps.decisions.deferrals import deferred_until
from watchbill.apps.decisions.deskwatch import DeskLook
from watchbill.apps.decisions.freed import NewFreed, freed_end, freed_next_at, freed_set
from watchbill.apps.decisions.queries import policy_in_force
from watchbill.apps.decisions.stuckwork import StuckPage, promises_before, stuck_page
from watchbill.apps.notices.services import NewNotice, notice_add_many
from watchbill.apps.people.queries import desk_ids, people_who_may
from watchbill.apps.people.rights import Right
from watchbill.apps.shifts.absences import away_of
from watchbill.apps.shifts.extra import extra_of, intervals_with
from watchbill.apps.shifts.hours import weeks_of_people
from watchbill.apps.shifts.queries import Staffed, staffed
from watchbill.apps.work.queries import Key
from watchbill.apps.work.services import Change, work_change_many
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.holidays import Holidays
from watchbill.engine.base.intervals import Interval
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import EventKind
from watchbill.engine.sense.stuck import LONGEST, REASON_WORDS, StuckLimits, StuckReason, accept_by, unaccepted_words
from watchbill.flows import traffic
from watchbill.flows.apart import set_apart

LATE = timedelta(hours=1)
"""A gift that is seen later than this, or that was taken back, counts from when it is seen."""
DAY = timedelta(days=1)
RARELY, OFTEN = timedelta(hours=1), timedelta(minutes=5)
"""How far the next look at the people of a desk is away: at most, and at least."""
NAMED = 5
"""So many items are named in one notice."""


def tick(now: datetime) -> bool:
    """Find what is stuck on every desk; return whether more is to be done at once. Safe to run twice."""
    is_behind = False
    for desk_id in desk_ids():
        with set_apart("stuck work of desk", desk_id):
            is_behind = tick_desk(desk_id, now) or is_behind
    return is_behind


def tick_next_at(now: datetime | None = None) -> datetime | None:
    """Return the earliest instant at which anything may be stuck: three looks at indexes.

    *now*: items that compete since then are known already.
    """
    known = [acceptances.gift_next_at(), deskwatch.look_next_at(), freed_next_at(now) if now else None]
    return min((at for at in known if at is not None), default=None)


def tick_desk(desk_id: int, now: datetime) -> bool:
    """Do one desk, in one transaction under its lock: gifts enlisted, gifts overdue, and the look at its people."""
    with lock_try(f"stuck:{desk_id}") as is_mine:
        if not is_mine:
            return False
        gifts, overdue = acceptances.gifts_new(desk_id), acceptances.gifts_overdue(desk_id, now)
        look = deskwatch.look_of(desk_id)
        is_due = look is None or look.look_at <= now
        if gifts or overdue or is_due:
            policy = policy_in_force(desk_id, now).policy
            closed_on = closed_dates(desk_id, now)
            if gifts:
                _enlist(desk_id, gifts, policy, closed_on=closed_on, now=now)
            if overdue:
                _raise(desk_id, overdue, policy, closed_on=closed_on, now=now)
            if is_due:
                _look(desk_id, look, policy, staffed(desk_id, now, closed_on=closed_on), now)
        return len(gifts) == acceptances.MOST or len(overdue) == acceptances.MOST


class _Hours:
    """Working time of some people from an instant on."""

    def __init__(self, person_ids: Sequence[int], *, closed_on: Holidays, now: datetime) -> None:
        self._weeks: Mapping[int, Calendar] = weeks_of_people(person_ids, closed_on=closed_on)
        self._away: Mapping[int, list[Interval]] = away_of(person_ids, now - LONGEST)
        self._extra: Mapping[int, list[Interval]] = extra_of(person_ids, now - LONGEST)

    def accept_by(self, person_id: int, from_at: datetime, minutes: int) -> datetime:
        week = self._weeks.get(person_id)
        extra = self._extra.get(person_id, [])
        hours = None if week is None else intervals_with(week, extra, from_at, from_at + LONGEST)
        return accept_by(from_at, minutes, hours, self._away.get(person_id, []))


def _enlist(desk_id: int, gifts: Sequence[Gift], policy: Policy, *, closed_on: Holidays, now: datetime) -> None:
    hours = _Hours([gift.owner_id for gift in gifts], closed_on=closed_on, now=now)
    rows = []
    for gift in gifts:
        is_fresh = not gift.is_older and now - gift.given_at <= LATE
        from_at = gift.given_at if is_fresh else now
        minutes = int(policy.accept_min[str(gift.priority)])
        by_at = hours.accept_by(gift.owner_id, from_at, minutes) if minutes else None
        rows.append((gift, from_at, minutes, by_at))
    acceptances.gifts_enlist(desk_id, rows)


def _raise(desk_id: int, found: Sequence[Overdue], policy: Policy, *, closed_on: Holidays, now: datetime) -> None:
    """Note and tell what nobody acted on, and let it compete if the policy moves it; hours that changed are reckoned with.

    The time of what is put off begins when it may be begun.
    """
    acceptances.gifts_end([gift.item_id for gift in found if gift.is_moot], "accepted")
    due = [gift for gift in found if not gift.is_moot]
    hours = _Hours([gift.owner_id for gift in due], closed_on=closed_on, now=now)
    waits = deferred_until(desk_id, now) if due else {}
    instants = {
        gift.item_id: hours.accept_by(
            gift.owner_id, max(gift.from_at, waits.get(gift.item_id, gift.from_at)), gift.minutes
        )
        for gift in due
    }
    acceptances.gifts_postpone({item_id: at for item_id, at in instants.items() if at > now})
    late = [gift for gift in due if instants[gift.item_id] <= now]
    if not late:
        return
    texts = {gift.item_id: unaccepted_words(gift.owner, gift.minutes, moves=policy.accept_moves) for gift in late}
    work_change_many(
        [
            Change(item_id=gift.item_id, kind=EventKind.NOTE, data={"text": f"{texts[gift.item_id]}."})
            for gift in sorted(late, key=lambda gift: gift.item_id)
        ],
        by=WATCHBILL,
        now=now,
    )
    acceptances.gifts_end([gift.item_id for gift in late], "raised")
    if policy.accept_moves:
        freed_set(
            desk_id,
            [
                NewFreed(
                    item_id=gift.item_id, owner_id=gift.owner_id, why=StuckReason.UNACCEPTED,
                    text=texts[gift.item_id], from_at=now,
                )
                for gift in late
            ],
        )  # fmt: skip
    _tell(desk_id, late, now=now)


def _tell(desk_id: int, late: Sequence[Overdue], *, now: datetime) -> None:
    """Tell those who may give work away, in one message for all."""
    names = ", ".join(f"{gift.reference} ({gift.owner})" for gift in late[:NAMED])
    more = f" and {len(late) - NAMED:,} more" if len(late) > NAMED else ""
    text = f"Given, and not acted on in time: {names}{more}"
    notice_add_many(
        [
            NewNotice(
                desk_id=desk_id, person_id=person_id, kind="unaccepted", text=text,
                subject_ref=late[0].reference if len(late) == 1 else "",
            )
            for person_id in people_who_may(Right.AUTOPILOT_SET, desk_id)
        ],
        now=now,
    )  # fmt: skip


def _look(desk_id: int, look: DeskLook | None, policy: Policy, hours: Mapping[int, Staffed], now: datetime) -> None:
    """Find promises that fall due while their owners are off shift, decide about the sun, and learn ages once a day."""
    found = []
    if policy.off_shift_moves:
        returns = returns_of(hours)
        found = [
            NewFreed(
                item_id=row.item_id, owner_id=row.owner_id, why=StuckReason.OFF_SHIFT, from_at=now,
                until_at=returns[row.owner_id],
                text=f"{row.owner} is off shift, and back only after a promise is due",
            )
            for row in promises_before(desk_id, returns, now)
        ]  # fmt: skip
    freed_end(desk_id, StuckReason.OFF_SHIFT, but=[one.item_id for one in found], now=now)
    freed_set(desk_id, found)
    sun_at = traffic.decide_desk(desk_id, policy, hours, now)
    is_old = look is None or look.learned_at is None or look.learned_at + DAY <= now
    ends = [now + timedelta(seconds=row.left_s) for row in hours.values() if row.is_on_shift]
    ahead = [max(at, now + OFTEN) for at in (*ends, sun_at) if at is not None]
    deskwatch.look_set(
        desk_id,
        look_at=min([*ahead, now + RARELY]),
        ages=deskwatch.ages_learned(desk_id) if is_old else look.ages if look else {},
        learned_at=now if is_old or look is None else look.learned_at,
    )


def returns_of(hours: Mapping[int, Staffed]) -> dict[int, datetime]:
    """Return when people who are off shift, and not away for longer, are back; where it is known."""
    return {
        person_id: row.opens_at
        for person_id, row in hours.items()
        if not row.is_on_shift and not row.is_absent and row.opens_at is not None
    }


def stuck_find(
    desk_id: int,
    *,
    reason: StuckReason | None = None,
    after: Key | None = None,
    limit: int = 50,
    by: Actor,
    now: datetime,
) -> StuckPage:
    """Return a page of stuck items, first due first, each with its reasons, and how many there are of each reason."""
    hours = staffed(desk_id, now, closed_on=closed_dates(desk_id, now))
    policy = policy_in_force(desk_id, now).policy
    look = deskwatch.look_of(desk_id)
    return stuck_page(
        desk_id,
        limits=StuckLimits(
            bounce_moves=policy.bounce_moves, bounce_days=policy.bounce_days, quiet_days=policy.quiet_days
        ),
        ages=look.ages if look else {},
        absent=[person_id for person_id, row in hours.items() if row.is_absent],
        returns=returns_of(hours),
        reason=reason,
        after=after,
        limit=limit,
        by=by,
        now=now,
    )


def stuck_shown(page: StuckPage) -> dict[str, Any]:
    """Return a page of stuck items in plain values, for the API and the command line."""
    return {
        "items": [
            {
                "reference": one.row.reference, "title": one.row.title, "priority": one.row.priority,
                "state": one.row.state, "owner": one.row.owner, "queue": one.row.queue,
                "due_at": None if one.row.due_sort_at == FAR_FUTURE else one.row.due_sort_at,
                "reasons": [reason.value for reason in one.reasons],
                "words": [REASON_WORDS[reason] for reason in one.reasons],
            }
            for one in page.items
        ],
        "counts": {reason.value: count for reason, count in page.counts.items()},
        "total": page.total,
        "next": str(page.next) if page.next else None,
    }  # fmt: skip
