"""How fast clocks are told of which something comes due: 100,000 in the same minute, and how late the ticker is at 1,000 a minute.

As on a desk at work, one in four tells a warning and goes on, one its latest safe moment, one a breach, and one all that a
clock can tell at once: two warnings, the latest safe moment and the breach. Afterwards every event is checked against its
clock: each told once, with its true instant, in its item.

Run: python -m benchmarks.firing [CLOCKS]
"""

from __future__ import annotations

import random
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from benchmarks._database import fresh_database
from benchmarks._report import report

SEED = 20260302
CLOCKS, STORM_S = 100_000, 60.0
PER_MIN, LATE_S = 1_000, 2.0
BATCH, PEOPLE = 5_000, 500


def main() -> int:
    """Fill a desk, let everything fire, check it; the exit code says whether both targets were met."""
    clocks = int(sys.argv[1]) if len(sys.argv) > 1 else CLOCKS
    with fresh_database():
        item_ids = fill(clocks)
        return 0 if all([storm(item_ids), minute(item_ids[:PER_MIN])]) else 1


def fill(clocks: int) -> list[int]:
    """Open items that are given but not begun, each with a clock for response and one for resolution, by our own services."""
    from watchbill.apps.clocks.services import calendar_publish, policy_publish
    from watchbill.apps.core.actor import console
    from watchbill.apps.people.models import Person
    from watchbill.apps.people.services import desk_ensure
    from watchbill.apps.work.services import NewItem, work_create_many
    from watchbill.engine.base.calendar import Calendar
    from watchbill.engine.clocks import default_policy
    from watchbill.flows import lead_times, renewing
    from watchbill.flows.clocks import recompute

    by, now, draw = console("bench"), datetime.now(UTC), random.Random(SEED)
    since = now - timedelta(days=400)
    desk_id = desk_ensure("bench", name="Bench", zone="UTC", by=by, now=now)
    always = Calendar.always().as_json()
    calendar_publish(desk_id, "always", always, holds_from=since, is_for_history=True, reason="bench", by=by, now=now)
    policy = default_policy(calendar="always").as_json()
    policy_publish(desk_id, policy, holds_from=since, is_for_history=True, reason="bench", by=by, now=now)
    people = Person.objects.bulk_create([Person(desk_id=desk_id, name=f"Person {n:03}") for n in range(PEOPLE)])
    item_ids: list[int] = []
    for start in range(0, clocks, BATCH):
        new = [
            NewItem(
                desk_id=desk_id,
                patch={
                    "kind": "incident", "title": f"The printer of room {number} does not print", "state": "new",
                    "description": "It did yesterday. " * 8, "priority": draw.choices((1, 2, 3, 4), (5, 20, 45, 30))[0],
                    "category": f"category {number % 60}", "owner_id": people[number % PEOPLE].id,
                },
                opened_at=now - timedelta(minutes=draw.randrange(10 * 24 * 60)),
            )
            for number in range(start, min(clocks, start + BATCH))
        ]  # fmt: skip
        made = [row.item_id for row in work_create_many(new, by=by)]
        recompute(desk_id, made, now=now, told_at=now)
        item_ids += made
    while lead_times.tick(now) or renewing.tick(now):
        pass  # today's learning is done: it would compute every clock anew
    return item_ids


ALL = "interval '3 seconds'"
MIX = f"""
update clocks_clock as c set status = 'running', told_at = d.at - {ALL} - interval '1 microsecond', due_at = m.breach_at,
    warn_at = m.warn_ats[1], warn_ats = m.warn_ats, safe_at = m.safe_at, breach_at = m.breach_at,
    next_at = d.at
from unnest(%s::bigint[], %s::timestamptz[]) as d(id, at) cross join lateral (select
    case d.id %% 4 when 0 then array[d.at, d.at + interval '1 day'] when 3 then array[d.at - {ALL}, d.at - {ALL} * 2 / 3]
        else array[d.at - interval '1 day', d.at - interval '1 hour'] end as warn_ats,
    case d.id %% 4 when 0 then d.at + interval '2 days' when 1 then d.at when 3 then d.at - {ALL} / 3
        else d.at - interval '1 hour' end as safe_at,
    case when d.id %% 4 < 2 then d.at + interval '3 days' else d.at end as breach_at) as m
where c.item_id = d.id and c.kind = %s
"""
"""Of four items, told at the instant given: a warning, a latest safe moment, a breach, or, in the seconds before, all of it."""


def come_due(item_ids: Sequence[int], kind: str, ats: Sequence[datetime]) -> None:
    """Let what the clock of that kind of each item has to tell come at the instant given, and nothing else tell anything."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("update clocks_clock set next_at = null, told_at = coalesce(breach_at, due_at, now())")
        cursor.execute(MIX, [list(item_ids), list(ats), kind])
        cursor.execute(  # of one that tells all, what comes first
            "update clocks_clock set next_at = (select min(n) from unnest(warn_ats || safe_at || breach_at) as n where n > told_at)"
            " where kind = %s and item_id = any(%s)",
            [kind, list(item_ids)],
        )
        cursor.execute("vacuum analyze clocks_clock, work_item, work_event")


def wrong(item_ids: Sequence[int], kind: str, since: datetime) -> int:
    """How many clocks were not told just once of each thing with its true instant, or whose item does not count its events."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from clocks_clock as c join work_item as i on i.id = c.item_id cross join lateral ("
            " select count(*) as told, count(distinct (e.data ->> 'what', e.at)) as different, max(e.seq) as last,"
            " count(*) filter (where case e.data ->> 'what' when 'breach' then e.at = c.breach_at when 'start_by' then e.at = c.safe_at"
            " else e.at = any(c.warn_ats) end) as exact"
            " from work_event as e where e.item_id = c.item_id and e.kind = 'clock' and e.recorded_at >= %s"
            " and e.data ->> 'clock' = %s) as n where c.item_id = any(%s) and c.kind = %s"
            " and (n.told <> case when c.item_id %% 4 = 3 then 4 else 1 end or n.different <> n.told or n.exact <> n.told"
            " or n.last <> i.version or (c.next_at is null) <> (c.item_id %% 4 >= 2))",
            [since, kind, list(item_ids), kind],
        )
        return int(cursor.fetchone()[0])


def tellings(item_ids: Sequence[int]) -> int:
    """How much these clocks have to tell."""
    return sum(4 if item_id % 4 == 3 else 1 for item_id in item_ids)


def storm(item_ids: Sequence[int]) -> bool:
    """All clocks ran out within one minute: how long until the last is told, on a ticker that comes then."""
    from watchbill.flows.firing import tick

    draw, minute_at = random.Random(SEED), datetime.now(UTC) - timedelta(minutes=2)
    ats = [minute_at + timedelta(seconds=draw.uniform(0, 60)) for _ in item_ids]
    come_due(item_ids, "resolution", ats)
    since = datetime.now(UTC)
    began = time.perf_counter()
    told = tick(datetime.now(UTC))
    took = time.perf_counter() - began
    amiss = wrong(item_ids, "resolution", since)
    if told != tellings(item_ids) or amiss or tick(datetime.now(UTC)):
        raise AssertionError(f"{told} of {tellings(item_ids)} told, {amiss} clocks wrong, or one twice")
    return report(
        name="firing",
        case=f"{len(item_ids):,} clocks due in the same minute, fired and noted",
        value=took,
        unit="s",
        target=STORM_S,
        against={"told": told, "per_s": round(told / took), "wrong": amiss},
    )


def minute(item_ids: Sequence[int]) -> bool:
    """Clocks run out all through one minute beside a ticker that runs as in the product: how late each is told."""
    from django.db import connection, connections

    from watchbill.interfaces import ticker

    stop, ready = threading.Event(), datetime.now(UTC) + timedelta(seconds=8)

    def run() -> None:
        try:
            ticker.run(stop)
        finally:
            connections.close_all()

    draw = random.Random(SEED)
    ats = [ready + timedelta(seconds=draw.uniform(0, 60)) for _ in item_ids]
    come_due(item_ids, "response", ats)
    since = datetime.now(UTC)
    thread = threading.Thread(target=run)
    thread.start()
    try:
        time.sleep(max(0.0, (max(ats) - datetime.now(UTC)).total_seconds()) + 4)
    finally:
        stop.set()
        thread.join()
    if amiss := wrong(item_ids, "response", since):
        raise AssertionError(f"{amiss} clocks were not told once with their true instant")
    with connection.cursor() as cursor:
        cursor.execute(
            "select extract(epoch from recorded_at - at)::float from work_event"
            " where kind = 'clock' and recorded_at >= %s and data ->> 'clock' = 'response'",
            [since],
        )
        late = sorted(row[0] for row in cursor.fetchall())
    return report(
        name="firing",
        case=f"{len(item_ids):,} clocks a minute, 99th percentile of lateness",
        value=statistics.quantiles(late, n=100)[98],
        unit="s",
        target=LATE_S,
        against={"median_s": round(statistics.median(late), 3), "latest_s": round(late[-1], 3), "told": len(late)},
    )


if __name__ == "__main__":
    sys.exit(main())
