"""Reads of policies, modes and decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Min

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import records
from watchbill.apps.core.versions import version_list
from watchbill.apps.decisions import models
from watchbill.apps.decisions.choices import Refusal, Status
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.rails import GuardRails, Mode
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.intervals import EPOCH

HOUR = timedelta(hours=1)


# Policies and modes


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """The assignment policy that holds at an instant. Number 0 is the one that Watchbill comes with."""

    number: int
    policy: Policy


@lru_cache(maxsize=256)
def policy_of(version_id: int) -> Policy:
    """Return a published version by its key; versions never change, so they are kept compiled."""
    body = models.AssignPolicy.objects.values_list("body", flat=True).get(id=version_id)
    return Policy.from_json(body, is_stored=True)


def forget_compiled() -> None:
    """Forget compiled versions: for tests, whose databases use the same keys again."""
    policy_of.cache_clear()


def policy_in_force(desk_id: int, at: datetime) -> PolicyInForce:
    """Return the policy of a desk at *at*: one query; published versions never change, so they are kept compiled."""
    row = (
        models.AssignPolicy.objects.filter(desk_id=desk_id, holds_from__lte=at)
        .order_by("-holds_from", "-number")
        .values_list("id", "number")
        .first()
    )
    if row is None:
        return PolicyInForce(number=0, policy=Policy())
    return PolicyInForce(number=row[1], policy=policy_of(row[0]))


def policy_version(desk_id: int, number: int) -> Policy:
    """Return one version of a desk's policy; 0 is as delivered. Raises NotFound."""
    key = models.AssignPolicy.objects.filter(desk_id=desk_id, number=number).values_list("id", flat=True).first()
    if key is None and number:
        raise NotFound(f"The assignment policy has no version {number}")
    return Policy() if key is None else policy_of(key)


def policies_held(desk_id: int, *, since: datetime, now: datetime) -> frozenset[int]:
    """Return which versions were in force at any time after *since*; 0, what is delivered, is until the first holds."""
    begun = models.AssignPolicy.objects.filter(desk_id=desk_id, holds_from__lte=now).order_by("holds_from", "number")
    spans = [(0, EPOCH), *begun.values_list("number", "holds_from")]
    ends = [*(at for _, at in spans[1:]), now + HOUR]
    return frozenset(number for (number, at), end in zip(spans, ends, strict=True) if end > max(since, at))


def policy_versions(desk_id: int) -> list[dict[str, Any]]:
    """Return every version of a desk's assignment policy, latest first."""
    return version_list(models.AssignPolicy.objects.filter(desk_id=desk_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueModeRow:
    """What Watchbill may do in a queue. Version 0: nobody has set it, so it advises."""

    mode: Mode = Mode.ADVISE
    rails: GuardRails = field(default_factory=GuardRails)
    version: int = 0


def modes_of_desk(desk_id: int) -> dict[int, QueueModeRow]:
    """Return modes by queue, for the queues of a desk on which one was set: one query."""
    rows = models.QueueMode.objects.filter(queue__desk_id=desk_id).values("queue_id", "mode", "guard_rails", "version")
    return {
        row["queue_id"]: QueueModeRow(
            mode=Mode(row["mode"]), rails=GuardRails.from_json(row["guard_rails"]), version=row["version"]
        )
        for row in rows
    }


# Decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision with the names that a page shows. ``outcome`` is described in docs/reference/decisions.md."""

    id: int
    desk_id: int
    item_id: int
    reference: str
    title: str
    item_version: int
    queue_id: int | None
    status: Status
    mode: Mode
    chosen_id: int | None
    chosen: str | None
    score: float | None
    outcome: Mapping[str, Any]
    policy_number: int
    facts_digest: str
    proposed_at: datetime
    recorded_at: datetime
    answered_at: datetime | None
    answered_recorded_at: datetime | None
    answered_by_name: str
    given_to_id: int | None
    given_to: str | None
    refusal: str
    reason: str
    receipt: Mapping[str, Any] | None
    undone_at: datetime | None
    undone_by_name: str

    @property
    def is_open(self) -> bool:
        return self.status is Status.PROPOSED

    @property
    def as_of(self) -> datetime:
        """The instant that its reasons and points speak of: when it was made, or last found to hold for another reason."""
        at = self.outcome.get("as_of")
        return self.proposed_at if at is None else datetime.fromisoformat(at)

    @property
    def can_be_undone(self) -> bool:
        """Whether there is something to take back, as far as the decision itself can say."""
        return self.undone_at is None and self.status in {
            Status.ACCEPTED,
            Status.CHANGED,
            Status.APPLIED,
            Status.REFUSED,
        }


_ROW = """
select d.id, d.desk_id, d.item_id, i.reference, i.title, d.item_version, d.queue_id, d.status, d.mode, d.chosen_id,
    c.name as chosen, d.score, d.outcome, d.policy_number, d.facts_digest, d.proposed_at, d.recorded_at, d.answered_at,
    d.answered_recorded_at, d.answered_by_name, d.given_to_id, g.name as given_to, d.refusal, d.reason, d.receipt,
    d.undone_at, d.undone_by_name
from decisions_decision as d join work_item as i on i.id = d.item_id
left join people_person as c on c.id = d.chosen_id left join people_person as g on g.id = d.given_to_id
where
"""


def _decisions(where: str, values: Mapping[str, Any]) -> list[DecisionRow]:
    return [
        DecisionRow(**{**row, "status": Status(row["status"]), "mode": Mode(row["mode"])})
        for row in records(_ROW + where, values)
    ]


def decision_open_for(item_ids: Sequence[int]) -> dict[int, DecisionRow]:
    """Return the open proposals of items, by item: one query. The caller has made sure that the items may be seen."""
    rows = _decisions(" d.item_id = any(%(items)s) and d.status = 'proposed'", {"items": list(item_ids)})
    return {row.item_id: row for row in rows}


def chosen_for(item_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of the people proposed for items, by item: one query, for lists that show no reasons."""
    rows = records(
        "select d.item_id, p.name from decisions_decision as d join people_person as p on p.id = d.chosen_id"
        " where d.item_id = any(%(items)s) and d.status = 'proposed'",
        {"items": list(item_ids)},
    )
    return {row["item_id"]: row["name"] for row in rows}


def decisions_of_item(item_id: int, *, limit: int = 50) -> list[DecisionRow]:
    """Return what was decided about an item, the latest first. The caller has made sure that it may be seen."""
    return _decisions(" d.item_id = %(item)s order by d.id desc limit %(limit)s", {"item": item_id, "limit": limit})


def decision_get(decision_id: int, *, by: Actor) -> DecisionRow:
    """Return one decision. Raises NotFound when it does not exist or is on a desk not to be seen."""
    rows = _decisions(" d.id = %(id)s", {"id": decision_id}) if 0 < decision_id < 2**63 else []
    if not rows or not may(by, Right.WORK_VIEW, rows[0].desk_id):
        raise NotFound("There is no such decision, or you may not see it")
    return rows[0]


def decision_list(
    desk_id: int,
    *,
    status: Status | None = None,
    queue_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
    by: Actor,
) -> list[DecisionRow]:
    """Return decisions of a desk, the latest first, those with a smaller id than *before*: one query."""
    require(by, Right.WORK_VIEW, desk_id)
    where = " d.desk_id = %(desk)s"
    where += " and d.status = %(status)s" if status is not None else ""
    where += " and d.queue_id = %(queue)s" if queue_id is not None else ""
    where += " and d.id < %(before)s" if before is not None else ""
    values = {"desk": desk_id, "status": status, "queue": queue_id, "before": before, "limit": limit}
    return _decisions(where + " order by d.id desc limit %(limit)s", values)


# What the tick and its gathering ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An open proposal as the tick compares it with a new answer.

    ``because``: why a person has to answer, or which musts leave everybody out. ``helps_at``: when the cheapest way out
    of a proposal that names nobody happens by itself.
    """

    id: int
    item_id: int
    item_version: int
    verdict: str
    chosen_id: int | None
    mode: str
    because: str
    helps_at: datetime | None


def proposals_open(desk_id: int) -> dict[int, Proposal]:
    """Return the open proposals of a desk by item: one query."""
    rows = records(
        "select d.id, d.item_id, d.item_version, o.verdict, d.chosen_id, d.mode, coalesce(o.because, '') as because,"
        " (o.ways_out #>> '{0,at}')::timestamptz as helps_at from decisions_decision as d cross join lateral"
        " jsonb_to_record(d.outcome) as o(verdict text, because text, ways_out jsonb)"
        " where d.desk_id = %(desk)s and d.status = 'proposed' order by d.item_id",
        {"desk": desk_id},
    )
    return {row["item_id"]: Proposal(**row) for row in rows}


STAYS = (
    f"(d.refusal = '{Refusal.KEEP_WITH_OWNER.value}' and d.undone_at is null and i.owner_id is not null"
    " and d.answered_at >= coalesce(i.owner_since, d.answered_at))"
)
"""Whether the answer ``d`` says that its item ``i`` is to stay with its owner, and this is still the same one since then."""


@dataclass(slots=True, kw_only=True)
class Answers:
    """What people have said before about one item. is_kept: it stays with its present owner. moved_at: when a decision last gave it to somebody, or a move of it was asked for or answered."""

    declined: set[int] = field(default_factory=set)
    is_kept: bool = False
    was_undone: bool = False
    moved_at: datetime | None = None
    last_id: int = 0


def answers_before(item_ids: Sequence[int]) -> dict[int, Answers]:
    """Return, by item, who was refused, whether it is to stay with its owner, what was undone, and when it was given: one query.

    What a decision gave to somebody rests with her, whether it had an owner before or none. A move by Balance rests as one by
    assignment does, whatever the other side has said.
    """
    found: dict[int, Answers] = defaultdict(Answers)
    for row in records(
        f"select d.item_id, d.id, d.status, d.chosen_id, {STAYS} as stays, d.answered_at, d.undone_at"
        " from decisions_decision as d join work_item as i on i.id = d.item_id"
        " where d.item_id = any(%(items)s) and d.status not in ('proposed', 'superseded')"
        " union all select item_id, 0, 'moved', null, false, max(coalesce(answered_at, asked_at)), null"
        " from decisions_move where item_id = any(%(items)s) and status <> 'gone' group by item_id order by id",
        {"items": list(item_ids)},
    ):
        answers = found[row["item_id"]]
        if row["status"] == "moved":
            answers.moved_at = row["answered_at"]
            continue
        answers.last_id = row["id"]
        if row["status"] == Status.REFUSED:
            if row["undone_at"] is None:
                answers.declined.add(row["chosen_id"])
                answers.is_kept |= row["stays"]
        elif row["undone_at"] is not None:
            answers.was_undone = True
        else:
            answers.moved_at = max(row["answered_at"], answers.moved_at or row["answered_at"])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """What autopilot did in one queue in the hour before."""

    count: int
    first_at: datetime


def acts_in_hour(desk_id: int, now: datetime) -> dict[int, Acts]:
    """Return autopilot's acts by queue in the sixty minutes of desk time before *now*, undone ones included."""
    rows = records(
        "select queue_id, count(*) as count, min(answered_at) as first_at from decisions_decision"
        " where queue_id in (select id from work_queue where desk_id = %(desk)s) and status = 'applied'"
        " and answered_at > %(since)s and answered_at <= %(now)s group by queue_id",
        {"desk": desk_id, "since": now - HOUR, "now": now},
    )
    return {row.pop("queue_id"): Acts(**row) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How far the last run of the tick saw on a desk."""

    ran_at: datetime
    planned_at: datetime
    seen: Mapping[str, Any]
    next_change_at: datetime | None


def tick_seen(desk_id: int) -> Seen | None:
    """Return how far the tick has seen on a desk, or None before its first run."""
    row = models.DeskTick.objects.filter(desk_id=desk_id).values("ran_at", "planned_at", "seen", "next_change_at")
    found = row.first()
    return None if found is None else Seen(**found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How a desk is decided on: in how many queues by autopilot, and why without the solver ("": with it)."""

    autopilots: int
    fallback: str


def running_of(desk_id: int) -> Running:
    """Return how a desk is decided on just now: one query."""
    rows = records(
        "select (select count(*) from decisions_queuemode as m join work_queue as q on q.id = m.queue_id"
        " where q.desk_id = %(desk)s and m.mode = 'autopilot') as autopilots,"
        " coalesce((select seen ->> 'fallback' from decisions_desktick where desk_id = %(desk)s), '') as fallback",
        {"desk": desk_id},
    )
    return Running(**rows[0])


def settings_mark(desk_id: int) -> list[int]:
    """Return a mark that changes with whatever is audited on a desk (people, hours, skills, modes, policies): one query.

    A customer who comes with an item is work, and no setting. The number of rows among the last thousand ids is part of
    the mark, so that a row which commits late is noticed too.
    """
    of_desk = "core_auditevent where desk_id = %(desk)s and not action = 'customer_made'"
    rows = records(
        f"select last, (select count(*) from {of_desk} and id > last - 1000) as near"
        f" from (select coalesce(max(id), 0) as last from {of_desk}) as x",
        {"desk": desk_id},
    )
    return [rows[0]["last"], rows[0]["near"]]


def tick_next_at() -> datetime | None:
    """Return the earliest instant, over all desks, at which staffing or a guard-rail changes by itself."""
    first: datetime | None = models.DeskTick.objects.aggregate(first=Min("next_change_at"))["first"]
    return first
