"""Reads of breaches with their reasons, of exclusions, and of pauses by whom they were begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import records, tuples
from watchbill.apps.people.rights import Right, desks_of, may, require
from watchbill.apps.reports.choices import ExclusionStatus, PausedBy, PauseSort
from watchbill.apps.reports.slices import Slice, commitment_sql, item_sql, values_of
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.work import State
from watchbill.engine.report import Compared, Proportion, compare

MIXTURE = "mixture"
"""What stands for a breach of which no reason is clear."""


# Breaches


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachRow:
    """One breach. ``evidence`` is the suggestion as kept: shares, counted_s, handovers."""

    id: int
    desk_id: int
    item_id: int
    reference: str
    title: str
    priority: int
    state: str
    owner: str | None
    queue: str | None
    customer: str | None
    name: str
    agreement: str
    cycle: int
    breach_at: datetime
    suggested: str
    evidence: Mapping[str, Any]
    confirmed: str
    note: str
    confirmed_by_name: str
    confirmed_at: datetime | None
    exclusion: str


_BREACH = (
    "select b.id, b.desk_id, b.item_id, i.reference, i.title, i.priority, i.state, p.name as owner, q.name as queue,"
    " k.name as customer, b.name, b.agreement, b.cycle, b.breach_at, b.suggested, b.evidence, b.confirmed, b.note,"
    " b.confirmed_by_name, b.confirmed_at, coalesce(x.status, '') as exclusion"
)
_BREACH_JOINS = (
    " left join people_person as p on p.id = i.owner_id left join work_queue as q on q.id = i.queue_id"
    " left join customers_customer as k on k.id = i.customer_id left join reports_exclusion as x on x.item_id = b.item_id"
    " and x.name = b.name and x.cycle = b.cycle and x.status in ('asked', 'approved')"
)
_REASON = "coalesce(nullif(b.confirmed, ''), nullif(b.suggested, ''), 'mixture')"


def _breach_where(wanted: Slice, reason: str = "", *, is_confirmed: bool | None = None) -> str:
    clauses = [commitment_sql(wanted, "b", at="breach_at") + item_sql(wanted), "not b.is_void"]
    clauses += [f"{_REASON} = %(reason)s"] if reason else []
    if is_confirmed is not None:
        clauses.append(f"b.confirmed {'<>' if is_confirmed else '='} ''")
    return " and ".join(clauses)


def breach_page(
    wanted: Slice, *, reason: str = "", is_confirmed: bool | None = None, before: tuple[datetime, int] | None = None,
    limit: int = 50, by: Actor,
) -> list[BreachRow]:  # fmt: skip
    """Return breaches that came in the slice's time, the latest first, paged by (instant, id): one statement."""
    require(by, Right.WORK_VIEW, wanted.desk_id)
    values = {**values_of(wanted), "reason": reason, "limit": limit}
    where = _breach_where(wanted, reason, is_confirmed=is_confirmed)
    if before is not None:
        where += " and (b.breach_at, b.id) < (%(b_at)s, %(b_id)s)"
        values |= {"b_at": before[0], "b_id": before[1]}
    rows = records(
        f"{_BREACH} from (select b.* from reports_breach as b join work_item as i on i.id = b.item_id where {where}"
        " order by b.breach_at desc, b.id desc limit %(limit)s) as b join work_item as i on i.id = b.item_id"
        f"{_BREACH_JOINS} order by b.breach_at desc, b.id desc",
        values,
    )
    return [BreachRow(**row) for row in rows]


def breaches_get(ids: Sequence[int], *, by: Actor) -> list[BreachRow]:
    """Return breaches by key, those of desks that the actor may see, in the order of their keys."""
    desks = desks_of(by)
    rows = records(
        f"{_BREACH} from reports_breach as b join work_item as i on i.id = b.item_id{_BREACH_JOINS}"
        " where b.id = any(%(ids)s) and not b.is_void and (%(desks)s::bigint[] is null or b.desk_id = any(%(desks)s))"
        " order by b.id",
        {"ids": list(ids), "desks": None if desks is None else list(desks)},
    )
    return [BreachRow(**row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """Breaches for one reason: those that a person confirmed, and those that are only suggested."""

    code: str
    confirmed: int
    suggested: int

    @property
    def total(self) -> int:
        return self.confirmed + self.suggested


def reason_counts(wanted: Slice, *, by: Actor) -> list[ReasonCount]:
    """Return how many breaches each reason explains, the most frequent first (Pareto): one statement."""
    require(by, Right.WORK_VIEW, wanted.desk_id)
    rows = tuples(
        f"select {_REASON}, count(*) filter (where b.confirmed <> ''), count(*) filter (where b.confirmed = '')"
        f" from reports_breach as b{' join work_item as i on i.id = b.item_id' if item_sql(wanted) else ''}"
        f" where {_breach_where(wanted)} group by 1 order by count(*) desc, 1",
        values_of(wanted),
    )
    return [ReasonCount(code=code, confirmed=confirmed, suggested=suggested) for code, confirmed, suggested in rows]


def breach_answers(breach_id: int) -> list[dict[str, Any]]:
    """Return what was said of a breach, the latest first. The caller has made sure that it may be seen."""
    return records(
        "select code, suggested, note, at, by_name from reports_breachanswer where breach_id = %s order by id desc",
        [breach_id],
    )


# Exclusions


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRow:
    """One exclusion: who asked, why, and what the second person said."""

    id: int
    desk_id: int
    item_id: int
    reference: str
    title: str
    name: str
    cycle: int
    status: ExclusionStatus
    code: str
    text: str
    asked_at: datetime
    asked_by_name: str
    asked_by_user_id: int | None
    answered_at: datetime | None
    answered_by_name: str
    answer: str
    withdrawn_at: datetime | None
    withdrawn_by_name: str

    def is_asked_by(self, actor: Actor) -> bool:
        """Whether *actor* is who asked: by account, and by name where neither has one (the console)."""
        if self.asked_by_user_id is not None or actor.user_id is not None:
            return self.asked_by_user_id == actor.user_id
        return self.asked_by_name == actor.name


_EXCLUSION = (
    "select x.id, x.desk_id, x.item_id, i.reference, i.title, x.name, x.cycle, x.status, x.code, x.text, x.asked_at,"
    " x.asked_by_name, x.asked_by_user_id, x.answered_at, x.answered_by_name, x.answer, x.withdrawn_at,"
    " x.withdrawn_by_name from reports_exclusion as x join work_item as i on i.id = x.item_id"
)


def _exclusion(row: dict[str, Any]) -> ExclusionRow:
    return ExclusionRow(**{**row, "status": ExclusionStatus(row["status"])})


def exclusion_list(
    desk_id: int, *, status: ExclusionStatus | None = None, before: int | None = None, limit: int = 50, by: Actor
) -> list[ExclusionRow]:
    """Return exclusions of a desk, the latest first, paged by key."""
    require(by, Right.WORK_VIEW, desk_id)
    rows = records(
        f"{_EXCLUSION} where x.desk_id = %(desk)s and (%(status)s::text is null or x.status = %(status)s)"
        " and (%(before)s::bigint is null or x.id < %(before)s) order by x.id desc limit %(limit)s",
        {"desk": desk_id, "status": status, "before": before, "limit": limit},
    )
    return [_exclusion(row) for row in rows]


def exclusion_get(exclusion_id: int, *, by: Actor) -> ExclusionRow:
    """Return one exclusion. Raises NotFound for one of a desk that the actor may not see."""
    rows = records(f"{_EXCLUSION} where x.id = %s", [exclusion_id])
    if not rows or not may(by, Right.WORK_VIEW, rows[0]["desk_id"]):
        raise NotFound("There is no such exclusion, or you may not see it")
    return _exclusion(rows[0])


def exclusions_waiting(desk_id: int) -> int:
    """Return how many exclusions wait for a second person."""
    return int(
        tuples("select count(*) from reports_exclusion where desk_id = %s and status = 'asked'", [desk_id])[0][0]
    )


def exclusions_approved(desk_id: int) -> set[tuple[int, str, int]]:
    """Return the commitments of a desk that are left out of the figures: item, name and cycle."""
    return set(
        tuples(
            "select item_id, name, cycle from reports_exclusion where desk_id = %s and status = 'approved'", [desk_id]
        )
    )


def commitment_exists(item_id: int, name: str, cycle: int) -> bool:
    """Say whether an item has, or had, this commitment."""
    rows = tuples(
        "select exists (select from clocks_clock where item_id = %(item)s and name = %(name)s and cycle = %(cycle)s"
        " and status <> 'absent') or exists (select from clocks_cycle where item_id = %(item)s and name = %(name)s"
        " and cycle = %(cycle)s)",
        {"item": item_id, "name": name, "cycle": cycle},
    )
    return bool(rows[0][0])


# Pauses


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRule:
    """What counts as late and as silent: within the last ``last_ratio`` of the target; no message within ``message_min``."""

    last_ratio: float = 0.1
    message_min: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PausesOf:
    """The pauses that one person or team began, beside those of everybody else."""

    key: str
    name: str
    late: Compared[str]
    silent: Compared[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseAudit:
    """Pauses of a desk: ``late`` of all, ``silent`` of those that wait for the customer.

    ``has_messages``: whether any message to a customer is known at all; without one, nothing can be called silent.
    """

    late: Proportion
    silent: Proportion
    has_messages: bool
    rows: tuple[PausesOf, ...]


_LATE = "u.gone_ratio >= 1 - %(last)s and u.gone_ratio < 1"
_FOR_CUSTOMER = f"u.state = '{State.WAITING_CUSTOMER.value}'"
_SILENT = f"{_FOR_CUSTOMER} and (u.message_s is null or u.message_s > %(message_s)s)"


def _pause_where(wanted: Slice) -> str:
    return commitment_sql(wanted, "u", at="began_at") + item_sql(wanted)


def _pause_values(wanted: Slice, rule: PauseRule) -> dict[str, Any]:
    return {**values_of(wanted), "last": rule.last_ratio, "message_s": rule.message_min * 60}


def pause_audit(wanted: Slice, rule: PauseRule, counted: PausedBy, *, by: Actor) -> PauseAudit:
    """Return how often pauses begin late or silently, by person or team, compared with everybody else: one statement.

    Needs the right to read the audit trail, for it speaks of people.
    """
    require(by, Right.AUDIT_VIEW, wanted.desk_id)
    key = "coalesce(u.by_person_id::text, u.by_name)" if counted is PausedBy.PERSON else "coalesce(u.team_id, 0)::text"
    name = "min(u.by_name)" if counted is PausedBy.PERSON else "coalesce(min(t.name), 'No team')"
    rows = tuples(
        f"select {key}, {name}, count(*), count(*) filter (where {_LATE}), count(*) filter (where {_FOR_CUSTOMER}),"
        f" count(*) filter (where {_SILENT}), count(u.message_s) from reports_pause as u"
        " left join people_team as t on t.id = u.team_id"
        f"{' join work_item as i on i.id = u.item_id' if item_sql(wanted) else ''} where {_pause_where(wanted)} group by 1",
        _pause_values(wanted, rule),
    )
    names = {key: name for key, name, *_ in rows}
    late = {key: Proportion(hits=late, total=total) for key, _, total, late, *_ in rows}
    silent = {row[0]: Proportion(hits=row[5], total=row[4]) for row in rows if row[4]}
    has_messages = any(row[6] for row in rows)
    quiet = {one.key: one for one in compare(silent)} if has_messages else {}
    found = [PausesOf(key=one.key, name=names[one.key], late=one, silent=quiet.get(one.key)) for one in compare(late)]
    return PauseAudit(
        late=_sum(late), silent=_sum(silent), has_messages=has_messages,
        rows=tuple(sorted(found, key=lambda one: (not _stands_out(one), -one.late.own.hits, -one.late.own.total, one.name))),
    )  # fmt: skip


def _stands_out(one: PausesOf) -> bool:
    return one.late.stands_out or (one.silent is not None and one.silent.stands_out)


def _sum(parts: Mapping[str, Proportion]) -> Proportion:
    return Proportion(hits=sum(p.hits for p in parts.values()), total=sum(p.total for p in parts.values()))


def _knows_messages(wanted: Slice, values: Mapping[str, Any]) -> bool:
    """Whether any message to a customer is known among the pauses of a slice, as `PauseAudit.has_messages`."""
    rows = tuples(
        "select 1 from reports_pause as u join work_item as i on i.id = u.item_id"
        f" where {_pause_where(wanted)} and u.message_s is not null limit 1",
        values,
    )
    return bool(rows)


_SORT = {PauseSort.ALL: "true", PauseSort.LATE: _LATE, PauseSort.FOR_CUSTOMER: _FOR_CUSTOMER, PauseSort.SILENT: _SILENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRow:
    """One pause of one item."""

    id: int
    reference: str
    title: str
    name: str
    began_at: datetime
    ended_at: datetime | None
    gone_ratio: float
    message_s: int | None
    state: str
    by_name: str
    team: str | None

    @property
    def message_after(self) -> timedelta | None:
        return None if self.message_s is None else timedelta(seconds=self.message_s)


def pause_page(
    wanted: Slice, rule: PauseRule, sort: PauseSort = PauseSort.ALL, *, counted: PausedBy = PausedBy.PERSON, key: str = "",
    before: tuple[datetime, int] | None = None, limit: int = 50, by: Actor,
) -> list[PauseRow]:  # fmt: skip
    """Return the pauses behind a number, the latest first, paged by (instant, id): one statement.

    Silent ones take another: there are none where no message to a customer is known at all.
    """
    require(by, Right.AUDIT_VIEW, wanted.desk_id)
    values = {**_pause_values(wanted, rule), "key": key, "limit": limit}
    if sort is PauseSort.SILENT and not _knows_messages(wanted, values):
        return []
    where = f"{_pause_where(wanted)} and {_SORT[sort]}"
    if key:
        of_person = "coalesce(u.by_person_id::text, u.by_name)"
        where += f" and {of_person if counted is PausedBy.PERSON else 'coalesce(u.team_id, 0)::text'} = %(key)s"
    if before is not None:
        where += " and (u.began_at, u.id) < (%(b_at)s, %(b_id)s)"
        values |= {"b_at": before[0], "b_id": before[1]}
    rows = records(
        "select u.id, i.reference, i.title, u.name, u.began_at, u.ended_at, u.gone_ratio, u.message_s, u.state, u.by_name,"
        " t.name as team from reports_pause as u join work_item as i on i.id = u.item_id"
        f" left join people_team as t on t.id = u.team_id where {where} order by u.began_at desc, u.id desc limit %(limit)s",
        values,
    )
    return [PauseRow(**row) for row in rows]
