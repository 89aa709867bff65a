"""Attainment: how many of the commitments that were decided were met, by any slice, and the items behind each number.

Read from the clocks themselves, never from what another system says of its own targets (`docs/reference/measures.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import natural, records, tuples
from watchbill.apps.people.rights import Right, require
from watchbill.apps.reports.choices import By, Result
from watchbill.apps.reports.slices import NOBODY, Slice, commitment_sql, counted_sql, item_sql, values_of
from watchbill.engine.report import Proportion

Key = str | int | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attained:
    """Attainment of one slice. ``all`` counts everything, ``counted`` without the exclusions that were approved.

    ``broken`` are past their target and still open, in neither; ``broken_out`` those of them whose exclusion was approved,
    which will be left out once they are decided. ``excluded`` are all that were or will be left out.
    """

    key: Key
    label: str
    all: Proportion
    counted: Proportion
    broken: int = 0
    broken_out: int = 0

    @property
    def excluded(self) -> int:
        return self.all.total - self.counted.total + self.broken_out


NAMES: Mapping[By, str] = {
    By.QUEUE: "work_queue",
    By.TEAM: "people_team",
    By.OWNER: "people_person",
    By.CUSTOMER: "customers_customer",
}
"""The table that names what a slice has as key."""

NONE_WORDS = {By.QUEUE: "No queue", By.TEAM: "No team", By.OWNER: "Nobody", By.CUSTOMER: "No customer"}

DECIDED = "c.status in ('met', 'missed')"
BROKEN = (
    "c.status in ('running', 'paused') and c.at <= %(now)s and exists (select from clocks_clock as k"
    " where k.item_id = c.item_id and k.name = c.name and k.status in ('running', 'paused') and k.breach_at <= %(now)s)"
)
"""Open ones are looked up at their clocks, whose due may have moved without an event of the item (terms, a new version)."""


def _where(wanted: Slice) -> str:
    return commitment_sql(wanted, "c", at="at") + item_sql(wanted, row="c")


def attainment(wanted: Slice, dividing: By, *, by: Actor, now: datetime) -> list[Attained]:
    """Return attainment by one slice, with what is broken and open at *now* beside it: two statements, and the names.

    In the order of people: weeks and months by date, priorities by rank, everything else by name.
    """
    require(by, Right.WORK_VIEW, wanted.desk_id)
    values = {**values_of(wanted), "now": now}
    met, missed = "count(*) filter (where c.status = 'met')", "count(*) filter (where c.status = 'missed')"
    where = f"where {DECIDED} and {_where(wanted)}"
    left_out = (
        "from reports_exclusion as x join reports_commitment as c on c.item_id = x.item_id and c.name = x.name"
        f" and c.cycle = x.cycle {where} and x.desk_id = %(desk)s and x.status = 'approved'"
    )
    counted = counted_sql(
        dividing,
        ([met, missed, "0", "0"], f"from reports_commitment as c {where}"),
        (["0", "0", met, missed], left_out),
    )
    decided = tuples(counted, values)
    still_open = f"from reports_commitment as c where {BROKEN} and {_where(wanted)}"
    out = (
        "count(*) filter (where exists (select from reports_exclusion as x where x.item_id = c.item_id and x.name = c.name"
        " and x.cycle = c.cycle and x.status = 'approved'))"
    )
    broken: dict[Key, tuple[int, int]] = {
        key: (count, out_of_it)
        for key, count, out_of_it in tuples(counted_sql(dividing, (["count(*)", out], still_open)), values)
    }
    counts = {key: (met, missed, met_out, missed_out) for key, met, missed, met_out, missed_out in decided}
    keys = list({**counts, **broken})
    labels = _labels(dividing, keys)
    found = []
    for key in keys:
        met_n, missed_n, met_out, missed_out = counts.get(key, (0, 0, 0, 0))
        broken_n, broken_out = broken.get(key, (0, 0))
        found.append(
            Attained(
                key=key,
                label=labels[key],
                all=Proportion(hits=met_n, total=met_n + missed_n),
                counted=Proportion(hits=met_n - met_out, total=met_n + missed_n - met_out - missed_out),
                broken=broken_n,
                broken_out=broken_out,
            )
        )
    order = {key: place for place, key in enumerate(labels)}
    return sorted(found, key=lambda one: order[one.key])


def summed(rows: list[Attained]) -> Attained:
    """Return the whole of what was divided."""
    return Attained(
        key=None,
        label="All",
        all=Proportion(hits=sum(r.all.hits for r in rows), total=sum(r.all.total for r in rows)),
        counted=Proportion(hits=sum(r.counted.hits for r in rows), total=sum(r.counted.total for r in rows)),
        broken=sum(r.broken for r in rows),
        broken_out=sum(r.broken_out for r in rows),
    )


def _labels(dividing: By, keys: list[Key]) -> dict[Key, str]:
    """Return what keys are called, in the order in which they are shown; what is not there comes last."""
    if dividing in NAMES:
        rows = tuples(
            f"select id, name from {NAMES[dividing]} where id = any(%s) order by {natural('name')}, id",
            [[key for key in keys if key is not None]],
        )
        return {**dict(rows), **({None: NONE_WORDS[dividing]} if None in keys else {})}
    said = {key: f"P{key}" if dividing is By.PRIORITY else str(key) for key in keys}
    return dict(sorted(said.items(), key=lambda pair: pair[1]))


def slice_names(wanted: Slice) -> dict[By, str]:
    """Return what the queue, team, owner and customer of a slice are called; nothing of another desk. One statement."""
    keys = {
        By.QUEUE: wanted.queue_id,
        By.TEAM: wanted.team_id,
        By.OWNER: wanted.owner_id,
        By.CUSTOMER: wanted.customer_id,
    }
    asked = {by: key for by, key in keys.items() if key is not None}
    if not asked:
        return {}
    rows = tuples(
        " union all ".join(
            f"select '{by.value}', name from {NAMES[by]} where id = %({by.value})s and desk_id = %(desk)s"
            for by in asked
        ),
        {"desk": wanted.desk_id, **{by.value: key for by, key in asked.items()}},
    )
    known = {By(by): name for by, name in rows}
    return {by: NONE_WORDS[by] if key == NOBODY else known.get(by, f"number {key}") for by, key in asked.items()}


def commitment_names(desk_id: int) -> list[str]:
    """Return what the commitments of a desk are called: one look a name at the index, however many there are."""
    one = "(select c.name from reports_commitment as c where c.desk_id = %(desk)s{} order by c.name limit 1)"
    rows = tuples(
        f"with recursive n as (select {one.format('')} as name union all"
        f" select {one.format(' and c.name > n.name')} from n where n.name is not null)"
        " select name from n where name is not null",
        {"desk": desk_id},
    )
    return [name for (name,) in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRow:
    """One commitment of one item; ``at``: when it was decided, or broken where it is still open."""

    id: int
    item_id: int
    reference: str
    title: str
    priority: int
    owner: str | None
    queue: str | None
    customer: str | None
    name: str
    agreement: str
    cycle: int
    status: str
    target_s: int
    elapsed_s: int
    at: datetime
    reason: str
    is_confirmed: bool
    exclusion: str


_RESULT = {
    Result.MET: "c.status = 'met'",
    Result.MISSED: "c.status = 'missed'",
    Result.DECIDED: DECIDED,
    Result.EXCLUDED: f"({DECIDED} or {BROKEN}) and x.status = 'approved'",
    Result.BROKEN: BROKEN,
}


_BEHIND = (
    "from reports_commitment as c left join reports_exclusion as x on x.item_id = c.item_id and x.name = c.name"
    " and x.cycle = c.cycle and x.status in ('asked', 'approved')"
)


def _clauses(wanted: Slice, result: Result, *, has_excluded: bool) -> list[str]:
    return [_RESULT[result], _where(wanted), *([] if has_excluded else ["x.status is distinct from 'approved'"])]


def commitment_counts(
    wanted: Slice, result: Result, *, has_excluded: bool = True, before: tuple[datetime, int] | None = None, by: Actor,
    now: datetime,
) -> tuple[int, int]:  # fmt: skip
    """Return how many commitments are behind a number, and how many of them come earlier in the list than a page of it.

    *before* is where that page begins, as for `commitment_page`. One statement.
    """
    require(by, Right.WORK_VIEW, wanted.desk_id)
    at, key = before or (None, 0)
    earlier = "count(*) filter (where (c.at, c.id) >= (%(b_at)s, %(b_id)s))" if before else "0"
    rows = tuples(
        f"select count(*), {earlier} {_BEHIND} where {' and '.join(_clauses(wanted, result, has_excluded=has_excluded))}",
        {**values_of(wanted), "now": now, "b_at": at, "b_id": key},
    )
    total, skipped = rows[0]
    return int(total), int(skipped)


def commitment_page(
    wanted: Slice,
    result: Result,
    *,
    has_excluded: bool = True,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
    by: Actor,
    now: datetime,
) -> list[CommitmentRow]:
    """Return the commitments behind a number, the latest first, paged by (instant, id); without the excluded ones if asked.

    Ask for one more than the page shows to know whether there is a next one. One statement.
    """
    require(by, Right.WORK_VIEW, wanted.desk_id)
    values = {**values_of(wanted), "now": now, "limit": limit}
    clauses = _clauses(wanted, result, has_excluded=has_excluded)
    if before is not None:
        clauses.append("(c.at, c.id) < (%(b_at)s, %(b_id)s)")
        values |= {"b_at": before[0], "b_id": before[1]}
    rows = records(
        "select c.id, c.item_id, i.reference, i.title, c.priority, p.name as owner, q.name as queue, k.name as customer,"
        " c.name, c.agreement, c.cycle, c.status, c.target_s, c.elapsed_s, c.at,"
        " coalesce(nullif(b.confirmed, ''), b.suggested, '') as reason, coalesce(b.confirmed, '') <> '' as is_confirmed,"
        " coalesce(c.exclusion, '') as exclusion"
        f" from (select c.*, x.status as exclusion {_BEHIND} where {' and '.join(clauses)} order by c.at desc, c.id desc limit %(limit)s) as c"
        " join work_item as i on i.id = c.item_id left join people_person as p on p.id = i.owner_id"
        " left join work_queue as q on q.id = i.queue_id left join customers_customer as k on k.id = i.customer_id"
        " left join reports_breach as b on b.item_id = c.item_id and b.name = c.name and b.cycle = c.cycle and not b.is_void"
        " order by c.at desc, c.id desc",
        values,
    )
    return [CommitmentRow(**row) for row in rows]
