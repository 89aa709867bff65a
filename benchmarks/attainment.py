"""How fast attainment is over a million clocks, by every slice; and how fast the lists behind its numbers are.

Rows are written by SQL as the product's own reading writes them: 500,000 closed items of one desk, two clocks each, over
a year; one in fifty of the clocks missed has an exclusion. Beside them 50,000 items are open, as on a desk at work: their
response is met, their resolution runs, or is paused, and one in five of those is broken. Counting is told in CPU seconds of this process and its PostgreSQL
backend together, without helpers: what it takes of one core on a quiet machine; wall seconds, with PostgreSQL's helpers, stand
beside them. Lists are wall milliseconds. The middle of five rounds.

Run: python -m benchmarks.attainment
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psutil

from benchmarks._database import fresh_database
from benchmarks._report import report

ITEMS, OPEN = 500_000, 50_000
PEOPLE, QUEUES, TEAMS, CUSTOMERS = 512, 40, 12, 1024
SINCE = datetime(2025, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TARGET_S, LIST_TARGET_MS = 1.0, 100.0
ROUNDS = 5

FILL = (
    "insert into people_team (desk_id, name, is_active) select %(desk)s, 'Team ' || n, true from generate_series(1, %(teams)s) n",
    ("insert into people_person (desk_id, name, zone, wip_limit, is_active, is_robot, languages, evidence, version, email,"
    " external_ref) select %(desk)s, 'Person ' || n, 'UTC', 20, true, false, '{}', '{}', 1, '', ''"
    " from generate_series(1, %(people)s) n"),
    ("insert into work_queue (desk_id, name, skill_level, is_active) select %(desk)s, 'Queue ' || n, 1, true"
    " from generate_series(1, %(queues)s) n"),
    ("insert into customers_customer (desk_id, name, tier, is_sensitive) select %(desk)s, 'Customer ' || n, 'standard', false"
    " from generate_series(1, %(customers)s) n"),
    ("insert into work_item (desk_id, reference, external_source, external_ref, kind, title, description, category, language,"
    " customer_id, queue_id, skill_level, team_id, owner_id, state, state_since, priority, next_step, is_taken_over,"
    " attributes, opened_at, updated_at, resolved_at, due_sort_at, act_by_at, version)"
    " select %(desk)s, 'CASE-' || (1000000 + n), '', '', 'incident', 'Item ' || n, '', '', '',"
    " (select min(id) from customers_customer) + (hashint8(n)::bigint & 1023), (select min(id) from work_queue) + n %% %(queues)s,"
    " 1, (select min(id) from people_team) + n %% %(teams)s, (select min(id) from people_person) + (hashint8(n + 7)::bigint & 511),"
    " case when n <= %(items)s then 'closed' else 'in_progress' end, at, 1 + (hashint8(n + 3)::bigint & 3), '', false, '{}', at, at,"
    " case when n <= %(items)s then at end, 'infinity', 'infinity', 5 from generate_series(1, %(items)s::bigint + %(open)s) n,"
    " lateral (select %(since)s::timestamptz + least(n, %(items)s) * interval '63 seconds' as at) o"),
    ("insert into reports_commitment (item_id, desk_id, at, queue_id, team_id, owner_id, customer_id, target_s, elapsed_s,"
    " cycle, priority, status, agreement, name) select i.id, i.desk_id, case when i.is_open and k.name = 'resolution'"
    " then %(now)s::timestamptz + case when i.id %% 5 = 0 then -1 else 1 end * (1 + i.id %% 2880) * interval '1 minute'"
    " else i.opened_at + k.hours * interval '1 hour' end, i.queue_id,"
    " i.team_id, i.owner_id, i.customer_id, 28800, 20000, 1, i.priority,"
    " case when i.is_open and k.name = 'resolution' then (array['running', 'paused'])[1 + i.id %% 2]"
    " when (hashint8(i.id + k.hours) & 15) < 12 then 'met' else 'missed' end, 'sla', k.name"
    " from work_item as i, (values ('response', 2), ('resolution', 9)) as k(name, hours)"),
    ("insert into clocks_clock (item_id, desk_id, name, kind, agreement, cycle, status, policy_id, calendar_id, target_s, elapsed_s,"
    " paused_s, started_at, due_at, breach_at) select item_id, desk_id, name, name, agreement, cycle, status, 1, 1, target_s,"
    " elapsed_s, 0, at - interval '8 hours', case when status = 'running' then at end, at from reports_commitment"
    " where status in ('running', 'paused')"),
    ("insert into reports_exclusion (item_id, desk_id, name, cycle, status, code, text, asked_at, asked_by_name,"
    " answered_by_name, answer, withdrawn_by_name) select item_id, desk_id, name, cycle, 'approved', 'outage', 'Bench', at,"
    " 'Mia', 'Jo', '', '' from reports_commitment where status = 'missed' and item_id %% 50 = 0"),
)  # fmt: skip


def main() -> int:
    """Fill a desk, count by every slice, list what is behind numbers; the exit code says whether the targets were met."""
    with fresh_database():
        desk_id = fill()
        return 0 if all([*slices(desk_id), *lists(desk_id)]) else 1


def fill() -> int:
    """Write the rows, and let the planner see them."""
    from django.db import connection

    from watchbill.apps.core.actor import console
    from watchbill.apps.people.services import desk_ensure

    desk_id = desk_ensure("bench", name="Bench", zone="Europe/Vienna", by=console("bench"), now=NOW)
    values: dict[str, Any] = {
        "desk": desk_id, "people": PEOPLE, "queues": QUEUES, "teams": TEAMS, "customers": CUSTOMERS, "items": ITEMS, "open": OPEN,
        "since": SINCE, "now": NOW,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, values)
        cursor.execute("vacuum analyze")
    return desk_id


def middle(act: Callable[[], Any]) -> tuple[float, Any]:
    """Do *act* ROUNDS times; the time in the middle counts."""
    took, result = [], None
    for _ in range(ROUNDS):
        started = time.perf_counter()
        result = act()
        took.append(time.perf_counter() - started)
    return sorted(took)[ROUNDS // 2], result


def on_one_core(act: Callable[[], Any]) -> float:
    """Do *act* ROUNDS times without helper processes; the CPU seconds in the middle count."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("set max_parallel_workers_per_gather = 0")
        cursor.execute("select pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])
        took = []
        for _ in range(ROUNDS):
            before, cpu = sum(backend.cpu_times()[:2]), time.process_time()
            act()
            took.append(time.process_time() - cpu + sum(backend.cpu_times()[:2]) - before)
        cursor.execute("reset max_parallel_workers_per_gather")
    return float(sorted(took)[ROUNDS // 2])


def slices(desk_id: int) -> list[bool]:
    """Count a million by every slice."""
    from watchbill.apps.core.actor import console
    from watchbill.apps.reports.attainment import attainment, summed
    from watchbill.apps.reports.slices import By, Slice

    by, whole = console("bench"), Slice(desk_id=desk_id, zone="Europe/Vienna")
    done = []
    for dividing in By:
        act = partial(attainment, whole, dividing, by=by, now=NOW)
        took, rows = middle(act)
        total = summed(rows)
        if total.all.total != 2 * ITEMS + OPEN or total.broken != OPEN // 5 or not total.excluded:
            raise AssertionError(f"{2 * ITEMS + OPEN:,} commitments expected, and {OPEN // 5:,} broken, got {total}")
        done.append(
            report(
                name="attainment",
                case=f"by {dividing.value}, {2 * ITEMS:,} clocks, {OPEN:,} more open",
                value=on_one_core(act),
                unit="s of one core",
                target=TARGET_S,
                against={"wall_s": round(took, 3), "rows": len(rows)},
            )
        )
    return done


def lists(desk_id: int) -> list[bool]:
    """List what is behind numbers: the first page, a page far back, and of one owner in one month."""
    from watchbill.apps.core.actor import console
    from watchbill.apps.core.sql import tuples
    from watchbill.apps.reports.attainment import Result, commitment_page
    from watchbill.apps.reports.slices import Slice

    by = console("bench")
    (owner,) = tuples("select min(owner_id) from work_item", [])[0]
    back = (SINCE + timedelta(days=100), 0)
    whole, one = Slice(desk_id=desk_id), Slice(desk_id=desk_id, owner_id=owner, priority=1)
    cases: list[tuple[str, Callable[[], Any]]] = [
        ("first page", lambda: commitment_page(whole, Result.DECIDED, by=by, now=NOW)),
        ("first page of the missed", lambda: commitment_page(whole, Result.MISSED, by=by, now=NOW)),
        ("a page far back", lambda: commitment_page(whole, Result.MISSED, before=back, by=by, now=NOW)),
        ("of one owner and priority", lambda: commitment_page(one, Result.MISSED, by=by, now=NOW)),
        ("the broken", lambda: commitment_page(whole, Result.BROKEN, by=by, now=NOW)),
        ("the excluded", lambda: commitment_page(whole, Result.EXCLUDED, by=by, now=NOW)),
    ]
    done = []
    for case, act in cases:
        took, rows = middle(act)
        if len(rows) != 50:
            raise AssertionError(f"50 rows expected of {case}, got {len(rows)}")
        done.append(
            report(name="attainment", case=f"list: {case}", value=took * 1000, unit="ms", target=LIST_TARGET_MS)
        )
    return done


if __name__ == "__main__":
    sys.exit(main())
