"""What clocks have to tell, and when: warnings, latest safe moments, pauses that ended by their limit, breaches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import connection

from watchbill.apps.clocks.queries import policy_of
from watchbill.apps.core.sql import tuples

IS_LIVE = "({0}.status = 'running' or {0}.status = 'paused' and {0}.resumes_at is not null)"
"""Whether warnings lie ahead: it runs, or it is paused and will run by itself."""

NEXT = (
    f"least(case when {IS_LIVE} then"
    " (select min(w) from unnest(coalesce({0}.warn_ats::timestamptz[], array[{0}.warn_at])) as w where w > coalesce({1}, '-infinity')) end,"
    f" case when {IS_LIVE} and {{0}}.safe_at > coalesce({{1}}, '-infinity') then {{0}}.safe_at end,"
    f" case when {IS_LIVE} and {{0}}.resumes_at > coalesce({{1}}, '-infinity') then {{0}}.resumes_at end,"
    " case when {0}.breach_at > coalesce({1}, '-infinity') and {0}.status <> 'cancelled' then {0}.breach_at end)"
)
"""The first instant of the clock {0} after {1} that is to be told; `bulk.next_at` says the same, and a test holds them together."""


def clock_next_at(*, after: datetime | None = None) -> datetime | None:
    """Return the next instant, after *after* if given, at which any clock has something to tell: one look at the index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(next_at) from clocks_clock where next_at > coalesce(%s::timestamptz, '-infinity')", [after]
        )
        return cursor.fetchone()[0]


def items_due(until: datetime, *, without: Collection[int] = (), limit: int = 1000) -> list[int]:
    """Return items whose clocks have something to tell up to *until*, the earliest first; never those of *without*."""
    rows = tuples(
        "select item_id from clocks_clock where next_at <= %s and item_id <> all(%s) order by next_at, id limit %s",
        [until, list(without), limit],
    )
    return list(dict.fromkeys(item_id for (item_id,) in rows))


@dataclass(frozen=True, slots=True)
class Telling:
    """Something of a clock that has come and has not been told yet.

    ``what``: warning, start_by (its latest safe moment), resumed (a pause ended by its limit) or breach. ``number``: which
    of the warnings, from 0; ``warnings``: how many there are.
    """

    clock_id: int
    item_id: int
    name: str
    kind: str
    agreement: str
    what: str
    at: datetime
    target_s: int
    policy_id: int
    number: int
    warnings: int

    @property
    def ratio(self) -> float | None:
        """The share of the target after which this warning came; None when it is no warning, or not known any more."""
        if self.what != "warning":
            return None
        ratios = _ratios(self.policy_id, self.name)
        return ratios[self.number] if len(ratios) == self.warnings else None


@lru_cache(maxsize=1024)
def _ratios(policy_id: int, name: str) -> tuple[float, ...]:
    """Return the warning shares of a commitment; () when definitions of that name differ in how many they have."""
    found = {each.warn_ratios for each in policy_of(policy_id).clocks if each.name == name}
    return found.pop() if len(found) == 1 else ()


_TO_TELL = f"""
select c.id, c.item_id, c.name, c.kind, c.agreement, n.what, n.at, c.target_s, c.policy_id, n.number::int, n.of::int
from clocks_clock as c cross join lateral (
    select 0 as rank, 'resumed' as what, c.resumes_at as at, 0 as number, 0 as of where {IS_LIVE.format("c")}
    union all
    select 1, 'warning', w.at, w.number - 1, cardinality(coalesce(c.warn_ats, array[c.warn_at]))
        from unnest(coalesce(c.warn_ats, array[c.warn_at])) with ordinality as w(at, number) where {IS_LIVE.format("c")}
    union all select 2, 'start_by', c.safe_at, 0, 0 where {IS_LIVE.format("c")}
    union all select 3, 'breach', c.breach_at, 0, 0 where c.status <> 'cancelled'
) as n
where c.item_id = any(%s) and c.next_at <= %s and n.at > coalesce(c.told_at, '-infinity') and n.at <= %s
order by c.item_id, n.at, n.rank, c.id, n.number
"""


def clocks_to_tell(item_ids: Sequence[int], until: datetime) -> list[Telling]:
    """Return all that the clocks of items have to tell up to *until*, in order. The caller has locked the items."""
    return [Telling(*row) for row in tuples(_TO_TELL, [list(item_ids), until, until])]


def safe_moments_pass(item_ids: Sequence[int], now: datetime) -> None:
    """Count latest safe moments up to *now* as told that came to lie in the past as more was learned: nobody could know.

    Where an earlier warning is still to be told, the moment is told after it: `told_at` cannot pass the one and not the other,
    and who reads late of the warning is told no less truly that the work had to be begun by then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "update clocks_clock as c set told_at = c.safe_at, next_at = "
            + NEXT.format("c", "c.safe_at")
            + " where c.item_id = any(%s) and c.next_at <= %s and c.next_at = c.safe_at",
            [list(item_ids), now],
        )


def clocks_told(tellings: Sequence[Telling]) -> None:
    """Note what has been told, and set what comes next of each clock; one whose pause has ended by its limit runs."""
    told = {telling.clock_id: telling.at for telling in tellings}  # in order: the last one of each stays
    with connection.cursor() as cursor:
        cursor.execute(
            "update clocks_clock as c set told_at = t.at,"
            " status = case when c.status = 'paused' and c.resumes_at <= t.at then 'running' else c.status end,"
            " next_at = "
            + NEXT.format("c", "t.at")
            + " from unnest(%s::bigint[], %s::timestamptz[]) as t(id, at) where c.id = t.id",
            [list(told), list(told.values())],
        )
