"""Counts over decisions: what reconciles at the end of a run, and how often people decide otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import records, tuples
from watchbill.apps.people.rights import Right, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Decisions of a desk by what became of them; ``proposed`` counts every one that was made.

    proposed = open + accepted + changed + refused + applied + superseded. ``undone`` are some of the answered ones.
    """

    proposed: int
    open: int
    accepted: int
    changed: int
    refused: int
    applied: int
    superseded: int
    undone: int

    @property
    def is_reconciled(self) -> bool:
        """Whether every proposal is accounted for."""
        answered = self.accepted + self.changed + self.refused + self.applied
        return self.proposed == self.open + answered + self.superseded and self.undone <= answered


_COUNTS = (
    "count(*) as proposed, count(*) filter (where status = 'proposed') as open,"
    " count(*) filter (where status = 'accepted') as accepted, count(*) filter (where status = 'changed') as changed,"
    " count(*) filter (where status = 'refused') as refused, count(*) filter (where status = 'applied') as applied,"
    " count(*) filter (where status = 'superseded') as superseded,"
    " count(*) filter (where undone_at is not null) as undone from decisions_decision"
)
"""The columns of `Counts`, by name."""


def decision_counts(desk_id: int, *, since: datetime | None = None) -> Counts:
    """Return the counts of a desk, for proposals made at or after *since* (desk time): one query."""
    rows = records(
        f"select {_COUNTS} where desk_id = %(desk)s and (%(since)s::timestamptz is null or proposed_at >= %(since)s)",
        {"desk": desk_id, "since": since},
    )
    return Counts(**rows[0])


def given_since(desk_id: int, *, after_id: int) -> list[tuple[int, int]]:
    """Return (decision, person) of what autopilot gave away by work events with ids above *after_id*: one query."""
    rows = tuples(
        "select id, given_to_id from decisions_decision where desk_id = %s and status = 'applied'"
        " and (receipt ->> 'event_id')::bigint > %s order by id",
        [desk_id, after_id],
    )
    return [(decision_id, person_id) for decision_id, person_id in rows]


def given_without_note(desk_id: int) -> int:
    """Return how many decisions gave an item to somebody without a note of it in the item's events: 0 when all is well."""
    rows = tuples(
        "select count(*) from decisions_decision as d where d.desk_id = %s"
        " and d.status in ('accepted', 'changed', 'applied') and not exists (select from work_event as e"
        "  where e.id = (d.receipt ->> 'event_id')::bigint and e.item_id = d.item_id and e.kind = 'decided'"
        "  and e.owner_id = d.given_to_id and e.data ? 'text')",
        [desk_id],
    )
    return int(rows[0][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """How people answered in one queue. ``by_refusal`` counts refusals that were not undone, by code.

    An override is an answer against the proposal: changed, refused, or an accepted or applied one undone.
    """

    queue_id: int | None
    accepted: int
    changed: int
    refused: int
    applied: int
    undone: int
    by_refusal: Mapping[str, int]

    @property
    def answered(self) -> int:
        return self.accepted + self.changed + self.refused + self.applied

    @property
    def override_ratio(self) -> float | None:
        """Overrides over all answers, 0 to 1; None without any answer."""
        return (self.changed + self.refused + self.undone) / self.answered if self.answered else None


def override_rates(desk_id: int, *, since: datetime, until: datetime, by: Actor) -> list[Overrides]:
    """Return answers by queue for those given in [since, until) of desk time: one query.

    A refusal or a change that was undone counts for nothing; an acceptance or an act of autopilot that was undone
    counts as an override.
    """
    require(by, Right.WORK_VIEW, desk_id)
    rows = tuples(
        "select queue_id, status, refusal, undone_at is not null, count(*) from decisions_decision"
        " where desk_id = %s and answered_at >= %s and answered_at < %s"
        " and status in ('accepted', 'changed', 'refused', 'applied')"
        " and not (status in ('changed', 'refused') and undone_at is not null) group by 1, 2, 3, 4",
        [desk_id, since, until],
    )
    totals: dict[int | None, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    refusals: dict[int | None, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for queue_id, status, refusal, is_undone, count in rows:
        totals[queue_id][status] += count
        totals[queue_id]["undone"] += count if is_undone else 0
        if status == "refused":
            refusals[queue_id][refusal] += count
    return [
        Overrides(
            queue_id=queue_id,
            accepted=found["accepted"],
            changed=found["changed"],
            refused=found["refused"],
            applied=found["applied"],
            undone=found["undone"],
            by_refusal=dict(sorted(refusals[queue_id].items())),
        )
        for queue_id, found in sorted(totals.items(), key=lambda pair: pair[0] or 0)
    ]


def counts_by_queue(desk_id: int, *, since: datetime, until: datetime, by: Actor) -> dict[int | None, Counts]:
    """Return the fate of proposals made in [since, until) of desk time, by queue: one query."""
    require(by, Right.WORK_VIEW, desk_id)
    rows = records(
        f"select queue_id, {_COUNTS} where desk_id = %s and proposed_at >= %s and proposed_at < %s group by queue_id",
        [desk_id, since, until],
    )
    return {row.pop("queue_id"): Counts(**row) for row in rows}


def answers_by_day(
    desk_id: int, *, queue_id: int | None = None, since: datetime, until: datetime, zone: str, by: Actor
) -> dict[date, dict[str, int]]:
    """Return answers given in [since, until) by day of *zone* and by what they were: one query.

    Each is counted once: as ``undone`` when it was taken back, else by its status. Days without answers are absent.
    """
    require(by, Right.WORK_VIEW, desk_id)
    rows = tuples(
        "select (answered_at at time zone %(zone)s)::date, case when undone_at is null then status else 'undone' end,"
        " count(*) from decisions_decision where desk_id = %(desk)s and answered_at >= %(since)s"
        " and answered_at < %(until)s and status in ('accepted', 'changed', 'refused', 'applied')"
        " and (%(queue)s::bigint is null or queue_id = %(queue)s) group by 1, 2",
        {"zone": zone, "desk": desk_id, "since": since, "until": until, "queue": queue_id},
    )
    found: dict[date, dict[str, int]] = defaultdict(dict)
    for day, what, count in rows:
        found[day][what] = count
    return dict(found)
