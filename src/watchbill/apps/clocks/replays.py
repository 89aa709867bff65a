"""Replays of drafts of the clock policy: asked for, run by the worker, kept with the items that they change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from watchbill.apps.clocks import models
from watchbill.apps.core import runs
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import lock_take
from watchbill.apps.core.sql import records, tuples
from watchbill.apps.people.rights import Right, may
from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.engine.clocks.replay import Effect, Finding, require_said

WAITING, RUNNING, DONE = runs.WAITING, runs.RUNNING, runs.DONE
REFUSED, STOPPED, UNDER_WAY = runs.REFUSED, runs.STOPPED, runs.UNDER_WAY

KEPT = 10
"""Replays of a desk whose items are kept; of older ones, only the sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRow:
    """One replay as it is kept; see `models.Replay`."""

    id: int
    desk_id: int
    by_name: str
    by_user_id: int | None
    asked_at: datetime
    recorded_at: datetime
    finished_recorded_at: datetime | None
    policy: Mapping[str, Any]
    calendars: Mapping[str, Any]
    drafted: Sequence[str]
    holds_from: datetime | None
    digest: str
    against: int
    state: str
    tries: int
    items: int
    items_done: int
    message: str
    result: Mapping[str, Any] | None
    published: int | None
    leaves: Sequence[str]

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def findings(self) -> list[Finding]:
        """What the draft leaves undone."""
        return [Finding(**each) for each in (self.result or {}).get("findings", ())]


_COLUMNS = tuple(ReplayRow.__dataclass_fields__)


def replay_get(replay_id: int, *, by: Actor) -> ReplayRow:
    """Return one replay. Raises NotFound, also for those who may not read the desk's policies."""
    row = replay_row(replay_id)
    if not may(by, Right.POLICY_VIEW, row.desk_id):
        raise NotFound("There is no such replay")
    return row


def replay_row(replay_id: int) -> ReplayRow:
    """Return one replay for those who run it. Raises NotFound."""
    values = models.Replay.objects.filter(id=replay_id).values(*_COLUMNS).first()
    if values is None:
        raise NotFound("There is no such replay")
    return ReplayRow(**values)


def replay_list(desk_id: int, *, limit: int = KEPT) -> list[ReplayRow]:
    """Return the latest replays of a desk, the latest first."""
    rows = models.Replay.objects.filter(desk_id=desk_id).order_by("-id").values(*_COLUMNS)[:limit]
    return [ReplayRow(**row) for row in rows]


def replay_add(
    desk_id: int,
    *,
    policy: Mapping[str, Any],
    calendars: Mapping[str, Any],
    drafted: Sequence[str],
    holds_from: datetime | None,
    digest: str,
    against: int,
    by: Actor,
    now: datetime,
) -> int:
    """Keep a replay that is to be run, and return its key; the same one that is under way is not begun twice.

    In the caller's transaction: one is asked for at a time on a desk.
    """
    lock_take(f"replays:{desk_id}")
    same = models.Replay.objects.filter(desk_id=desk_id, digest=digest, against=against, state__in=UNDER_WAY).first()
    if same is not None:
        return int(same.pk)
    row = models.Replay.objects.create(
        desk_id=desk_id, policy=policy, calendars=calendars, drafted=list(drafted), holds_from=holds_from,
        digest=digest, against=against, by_name=by.name, by_user_id=by.user_id, asked_at=now,
    )  # fmt: skip
    return int(row.pk)


def replay_lock(replay_id: int) -> AbstractContextManager[bool]:
    """Hold the lock of one replay on this connection, or yield False at once when another process is at it."""
    return runs.run_lock(f"replay:{replay_id}")


def replays_open() -> list[int]:
    """Return the replays that wait or are under way, the first that was asked for first."""
    return runs.runs_open(models.Replay.objects)


def replays_old() -> list[int]:
    """Return the replays that have ended, are no longer among the latest of their desk, and still have items."""
    rows = tuples(
        "select r.id from (select id, rank() over (partition by desk_id order by id desc) as place from clocks_replay"
        " where state <> all(%s)) as r where r.place > %s"
        " and exists (select from clocks_replayitem as i where i.replay_id = r.id) order by r.id",
        [list(UNDER_WAY), KEPT],
    )
    return [replay_id for (replay_id,) in rows]


def replay_begin(replay_id: int, *, items: int) -> None:
    """Begin, or begin anew; the caller has forgotten what an earlier run that was killed has left."""
    runs.run_begin(models.Replay.objects, replay_id, items=items)


def replay_step(replay_id: int, *, items_done: int) -> None:
    """Note how far a replay has come."""
    runs.run_step(models.Replay.objects, replay_id, items_done=items_done)


def replay_put_back(replay_id: int, *, is_tried: bool = False) -> None:
    """Let a replay wait again; that the worker was told to stop is no fault of the draft, and counts as no try."""
    runs.run_put_back(models.Replay.objects, replay_id, is_tried=is_tried)


def replay_end(replay_id: int, *, state: str, message: str = "", result: Mapping[str, Any] | None = None) -> None:
    """End a replay: done with its result, refused or stopped with a sentence, its items being forgotten."""
    runs.run_end(models.Replay.objects, replay_id, state=state, message=message, result=result)


Line = tuple[int, int, int, int | None, int | None, str]
"""An item that changes: key, effects, priority, queue, customer, and its changes as JSON."""


def items_add(replay_id: int, lines: Iterable[Line]) -> None:
    """Keep items whose result changes, with one COPY that does not wait for the disk: lost by a crash, they are made anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")
        with cursor.copy(
            "copy clocks_replayitem (replay_id, item_id, effects, priority, queue_id, customer_id, changes) from stdin"
        ) as copy:
            copy.write("".join(map(f"{replay_id}\t%s\t%s\t%s\t%s\t%s\t%s\n".__mod__, map(_written, lines))))


def items_forget(replay_id: int, *, after: int = 0, limit: int) -> int | None:
    """Forget the next items of a replay, those above the key *after*; return the last one's key, None when there was none."""
    return tuples(
        "with gone as (delete from clocks_replayitem where replay_id = %(replay)s and item_id in (select item_id"
        " from clocks_replayitem where replay_id = %(replay)s and item_id > %(after)s order by item_id limit %(limit)s)"
        " returning item_id) select max(item_id) from gone",
        {"replay": replay_id, "after": after, "limit": limit},
    )[0][0]


def _written(line: Line) -> tuple[object, ...]:
    *numbers, changes = line
    return (*("\\N" if each is None else each for each in numbers), changes.replace("\\", "\\\\"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which of the items are asked for; what is None is not asked. ``effects``: a sum, any of which an item has."""

    effects: int | None = None
    priority: int | None = None
    queue_id: int | None = None
    customer_id: int | None = None
    name: str | None = None


_ONE_CHANGE = (
    "exists (select from jsonb_array_elements(r.changes) as c where c->>'name' = %(name)s and (c->>'effect' = any(%(words)s)"
    " or (%(moved)s and c#>>'{before,2}' <> c#>>'{after,2}')))"
)
"""That one change is of a commitment and has an effect: it is called by the first, and may have moved the due, too."""


def items_page(replay_id: int, asked: Asked, *, after: int = 0, limit: int = 50) -> list[dict[str, Any]]:
    """Return items whose result changes, by their keys, those after *after*. The caller has made sure that they may be seen."""
    clauses = ["r.replay_id = %(replay)s", "r.item_id > %(after)s"]
    clauses += ["r.effects & %(effects)s > 0"] if asked.effects is not None else []
    clauses += ["r.priority = %(priority)s"] if asked.priority is not None else []
    clauses += ["r.queue_id is not distinct from nullif(%(queue_id)s, 0)"] if asked.queue_id is not None else []
    clauses += (
        ["r.customer_id is not distinct from nullif(%(customer_id)s, 0)"] if asked.customer_id is not None else []
    )
    clauses += [_ONE_CHANGE] if asked.name and asked.effects is not None else []
    clauses += ["r.changes @> jsonb_build_array(jsonb_build_object('name', %(name)s::text))"] if asked.name else []
    return records(
        "select r.item_id, i.reference, i.title, i.state, r.priority, r.effects, r.queue_id, r.customer_id, r.changes"
        " from (select * from clocks_replayitem as r"
        f" where {' and '.join(clauses)} order by r.item_id limit %(limit)s) as r"
        " join work_item as i on i.id = r.item_id order by r.item_id",
        {
            "replay": replay_id, "after": after, "limit": limit, "effects": asked.effects, "priority": asked.priority,
            "queue_id": asked.queue_id, "customer_id": asked.customer_id, "name": asked.name,
            "words": [str(each.name).lower() for each in Effect if asked.effects and each & asked.effects],
            "moved": bool(asked.effects and asked.effects & Effect.MOVED),
        },
    )  # fmt: skip


def items_are_kept(replay_id: int) -> bool:
    """Whether any item is listed for a replay: those of older ones are gone."""
    return models.ReplayItem.objects.filter(replay_id=replay_id).exists()


def replay_required(desk_id: int, *, digest: str, against: int, leaves: Sequence[str]) -> int:
    """Return the finished replay of exactly this draft beside what holds now, on the strength of which it is published.

    Raises InvalidFacts that says what to do when there is none, and when the draft leaves undone what *leaves* does
    not say.
    """
    rows = models.Replay.objects.filter(desk_id=desk_id, digest=digest).order_by("-id").values(*_COLUMNS)
    found = [ReplayRow(**row) for row in rows[:KEPT]]
    done = next((row for row in found if row.state == DONE and row.against == against), None)
    if done is None:
        raise InvalidFacts(_missing(found, against), field="replay")
    require_said(done.findings, leaves)
    return done.id


def _missing(found: Sequence[ReplayRow], against: int) -> str:
    """Say why no replay counts, and what to do."""
    ask = "Replay it over the history of the desk first: the button “Replay” of its page, or watchbill policy replay"
    if any(row.is_under_way for row in found):
        return "The replay of this draft is still under way; publish when it has ended"
    if any(row.state == DONE for row in found):
        return f"This draft was replayed before version {against} of the clock policy was published. {ask}"
    return f"This very draft, with the calendars that it counts on, has not been replayed. {ask}"


def replay_published(replay_id: int, *, number: int, leaves: Sequence[str]) -> None:
    """Note which version was published on the strength of a replay, and what it leaves undone, as was said."""
    row = replay_row(replay_id)
    said = [finding.key for finding in row.findings if finding.key in set(leaves)]
    models.Replay.objects.filter(id=replay_id).update(published=number, leaves=said)
