"""A replay from beginning to end: blocks of items handed out, their sums merged, and what comes out of it kept."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from functools import partial
from operator import attrgetter
from time import perf_counter
from typing import Any

from django.db import connection

from watchbill.apps.clocks import replays
from watchbill.apps.clocks.replays import REPLAYS, ReplayRow
from watchbill.apps.core.runs import DONE, REFUSED
from watchbill.apps.customers.queries import customers_of
from watchbill.apps.work.queues import queues_of
from watchbill.apps.work.readthrough import Block, blocks_of, reference_of
from watchbill.engine.clocks import ClockPolicy
from watchbill.engine.clocks.replay import CUSTOMER, PRIORITY, QUEUE, Tally, findings_of
from watchbill.flows.apart import each_done
from watchbill.flows.replay.blocks import Failed, Replaying, Result, Task
from watchbill.flows.replay.names import names_unknown
from watchbill.flows.replay.processes import in_processes
from watchbill.flows.runs import Tell, quiet, run_do

BLOCK = 2_000
"""Items read at once."""

ALONE = 20_000
"""Items up to which one process is as fast as several, which must be started first."""

PROCESSES = 2

FORGOTTEN = 10_000
"""Items forgotten at once, so that a worker that is told to stop does."""

LINES = 200
"""Customers with sums of their own in the result, those first for whom most changes."""


def replays_run(*, processes: int | None = None, tell: Tell = quiet) -> int:
    """Run the replays that wait, the first that was asked for first, and forget the items of old ones; return how many have ended."""
    waiting = [partial(replay_run, replay_id, processes=processes, tell=tell) for replay_id in REPLAYS.waiting()]
    return each_done([*waiting, partial(_forget_old, tell)])


def _forget_old(tell: Tell) -> int:
    for replay_id in replays.replays_old():
        with REPLAYS.lock(replay_id) as is_mine:
            if is_mine:
                _forget(replay_id, tell)
    return 0


def replay_run(replay_id: int, *, processes: int | None = None, tell: Tell = quiet) -> bool:
    """Run one replay to its end, from the beginning: `run_do`."""
    return run_do(
        REPLAYS,
        replay_id,
        lambda row: _run(row, processes=processes, tell=tell),
        forget=lambda run_id: _forget(run_id, tell),
    )


def _forget(replay_id: int, tell: Tell) -> None:
    """Forget the items of a replay, some at a time: told to stop or killed, what is gone is gone."""
    after: int | None = 0
    while after is not None:
        tell(0, 1)
        after = replays.items_forget(replay_id, after=after, limit=FORGOTTEN)


def _run(row: ReplayRow, *, processes: int | None, tell: Tell) -> None:
    began = perf_counter()
    blocks = blocks_of(row.desk_id, size=BLOCK)
    items = sum(block.items for block in blocks)
    REPLAYS.step(row.id, items_done=0, items=items)
    draft = ClockPolicy.from_json(row.policy)
    task = Task(replay_id=row.id, desk_id=row.desk_id, policy=row.policy, calendars=row.calendars, now=row.asked_at)
    count = min(processes or (1 if items <= ALONE else PROCESSES), max(len(blocks), 1))
    whole, done, failed = Tally(), 0, list[Failed]()
    waiting = (block for block in blocks if not failed)  # nothing more is begun once the draft has failed
    with closing(_results(task, waiting, processes=count, beat=lambda: tell(done, items))) as results:
        for block, (tally, failure) in results:
            whole.merge(tally)
            done += block.items
            REPLAYS.step(row.id, items_done=done)
            tell(done, items)
            if failure is not None:
                failed.append(failure)
    if failed:
        first = min(failed, key=attrgetter("item_id"))
        said = f"The draft fails on {reference_of(first.item_id)}: {first.message}"
        _forget(row.id, quiet)
        REPLAYS.end(row.id, state=REFUSED, message=said)
        return
    result = result_of(row.desk_id, draft, whole)
    result |= {"now": row.asked_at.isoformat(), "seconds": round(perf_counter() - began, 2), "processes": count}
    REPLAYS.end(row.id, state=DONE, result=result)


def _results(
    task: Task, blocks: Iterator[Block], *, processes: int, beat: Callable[[], None]
) -> Generator[tuple[Block, Result]]:
    if processes == 1:
        do = Replaying(task)
        yield from ((block, do(block)) for block in blocks)
        return
    database = str(connection.settings_dict["NAME"])
    yield from in_processes(
        "watchbill.flows.replay.blocks:Replaying", task, blocks, processes=processes, database=database, beat=beat
    )


NUMBERS = ("breaches_before", "breaches_after", "added", "removed", "dues_moved", "changed")


def result_of(desk_id: int, draft: ClockPolicy, tally: Tally) -> dict[str, Any]:
    """Return what a replay comes to, as plain JSON."""
    names = tally.by_name()
    flows: dict[str, list[dict[str, Any]]] = {}
    for (name, before, after), count in sorted(tally.flows.items()):
        flows.setdefault(name, []).append({"before": before, "after": after, "clocks": count})
    queues = _largest_first(tally.by(QUEUE))
    customers = _largest_first(tally.by(CUSTOMER))
    queue_names = queues_of(desk_id)
    shown = dict(list(customers.items())[:LINES])
    customer_names = {key: row.name for key, row in customers_of([key for key in shown if key is not None]).items()}
    ranks = tally.by(PRIORITY)
    nothing = [0] * len(NUMBERS)
    return {
        "items": tally.items,
        "items_changed": tally.changed,
        "total": _line([sum(line[place] for line in names.values()) for place in range(len(NUMBERS))]),
        "commitments": [{"name": name, **_line(names.get(name, nothing)), "flows": flows[name]} for name in flows],
        "by_priority": [
            {"priority": key, "items": tally.at_priority[key], **_line(ranks.get(key, nothing))}
            for key in sorted(tally.at_priority)
        ],
        "by_queue": [{"key": key, "name": queue_names.get(key or 0), **_line(line)} for key, line in queues.items()],
        "by_customer": [
            {"key": key, "name": customer_names.get(key or 0), **_line(line)} for key, line in shown.items()
        ],
        "customers": len(customers),
        "findings": [
            finding._asdict()
            for finding in (*names_unknown(desk_id, draft, items=tally.items), *findings_of(draft, tally))
        ],
    }


def _line(line: list[int]) -> Mapping[str, int]:
    return dict(zip(NUMBERS, line, strict=True))


def _largest_first(lines: dict[int | None, list[int]]) -> dict[int | None, list[int]]:
    """Return lines, those first of which most changes: breaches, then anything."""
    return dict(sorted(lines.items(), key=lambda each: (-(each[1][2] + each[1][3]), -each[1][5], each[0] or 0)))
