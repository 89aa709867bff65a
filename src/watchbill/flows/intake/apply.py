"""Apply staged rows: batches of items, each one transaction with its clocks and its mark, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from math import ceil
from threading import Lock
from typing import Any

from django.db import connection, transaction

from watchbill.apps.customers.bulk import customer_ensure_many, customers_hold
from watchbill.apps.inbox import services, staging
from watchbill.apps.people.bulk import person_ensure_many, skill_ensure_many, team_ensure_many
from watchbill.apps.work.bulk import items_known, queue_ensure_many, work_load
from watchbill.engine.base.work import Kind
from watchbill.flows.clocks import recompute
from watchbill.flows.intake.clocks import clocks_add

BATCH_ITEMS = 1_000
"""Items applied in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """What is applied: an import's staged items, numbered from 1 to ``items``, to one desk."""

    import_id: int
    desk_id: int
    kind: Kind
    source: str
    later: tuple[str, ...]
    has_repeats: bool
    items: int
    hold_after: datetime | None
    told_at: datetime

    @property
    def batches(self) -> int:
        return ceil(self.items / BATCH_ITEMS)


def names_make(import_id: int, *, desk_id: int, zone: str) -> None:
    """Make the teams, skills, customers, people and queues that the file names, and keep what each name stands for."""
    makers: dict[str, Callable[[list[tuple[str, str | None]]], dict[str, int]]] = {
        "team": lambda names: team_ensure_many(desk_id, [name for name, _ in names]),
        "skill": lambda names: skill_ensure_many(desk_id, [name for name, _ in names]),
        "customer": lambda names: customer_ensure_many(desk_id, [name for name, _ in names]),
        "owner": lambda names: person_ensure_many(desk_id, [name for name, _ in names], zone=zone),
        "queue": lambda names: _queues_make(desk_id, names),
    }
    for space in staging.SPACES:
        for names in staging.names_without_target(import_id, space):
            services.names_map(import_id, space, makers[space](names))
    services.names_close()


def _queues_make(desk_id: int, names: list[tuple[str, str | None]]) -> dict[str, int]:
    teams = team_ensure_many(desk_id, [team for _, team in names if team])
    return queue_ensure_many(desk_id, [(name, teams.get(team or "")) for name, team in names])


def batches_apply(what: Applying, *, workers: int, tell: Callable[[float], None]) -> None:
    """Apply every batch that has not been applied yet; the first failure stops the others before their next batch."""
    numbers, done, guard = count(), count(1), Lock()
    failed: list[BaseException] = []

    def work() -> None:
        while not failed and (number := next(numbers)) < what.batches:
            try:
                batch_apply(what, number)
            except BaseException as error:
                failed.append(error)
                raise
            with guard:
                tell(next(done) / what.batches)

    side_by_side([work] * min(workers, what.batches), workers=workers)
    if failed:
        raise failed[0]


def side_by_side(works: Sequence[Callable[[], Any]], *, workers: int) -> list[Any]:
    """Do several things at once, each on a connection of its own, and return what they return.

    With one worker, or one thing to do, one after another on the caller's connection. Raises what the first of them
    raised that failed, after all have ended.
    """
    if min(workers, len(works)) < 2:
        return [work() for work in works]
    with ThreadPoolExecutor(workers, thread_name_prefix="intake") as pool:
        running = [pool.submit(_on_own_connection, work) for work in works]
    return [one.result() for one in running]


def _on_own_connection(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connection.close()


def batch_apply(what: Applying, number: int) -> None:
    """Apply one batch of items in one transaction: events, rows, clocks, held events, and the mark that it is done."""
    first, last = number * BATCH_ITEMS + 1, (number + 1) * BATCH_ITEMS
    with eased():
        if not services.batch_claim(what.import_id, number):
            return
        known = items_known(what.desk_id, what.source, staging.items_between(what.import_id, first, last))
        if known:
            staging.items_mark_known(what.import_id, known)
        events = staging.step_derive(
            what.import_id, first, last, kind=what.kind.value, later=what.later, has_repeats=what.has_repeats
        )
        held = 0
        if what.hold_after is not None:
            held = staging.step_hold(what.desk_id, source=what.source, kind=what.kind.value, after=what.hold_after)
        customers_hold(staging.STEP)
        loaded = work_load(staging.STEP, desk_id=what.desk_id, kind=what.kind, source=what.source, is_live=False)
        clocks_add(what.desk_id, loaded.made, told_at=what.told_at)
        recompute(what.desk_id, loaded.changed, now=what.told_at, told_at=what.told_at)
        services.batch_close(
            what.import_id, number, items_added=len(loaded.made), events=events, events_added=loaded.events_added,
            held=held,
        )  # fmt: skip


@contextmanager
def eased() -> Iterator[None]:
    """A transaction that sorts in memory, and commits without waiting for the disk: its mark is lost with it.

    The planner's figures come from a small sample, quick to take: the database takes its own larger one later.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "select set_config('work_mem', '64MB', true), set_config('maintenance_work_mem', '128MB', true),"
                " set_config('synchronous_commit', 'off', true), set_config('jit', 'off', true),"
                " set_config('default_statistics_target', '20', true)"
            )
        yield
