"""Replays of drafts of the clock policy: asked for, run by the worker, kept with the items that they change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from watchbill.apps.clocks import models
from watchbill.apps.core.references import REPLAY
from watchbill.apps.core.runs import KEPT, UNDER_WAY, Run, Runs
from watchbill.apps.core.sql import records, tuples
from watchbill.apps.people.rights import Right, may
from watchbill.engine.clocks.replay import Effect, Finding, require_said


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRow(Run):
    """One replay as it is kept; see `models.Replay`."""

    prefix = REPLAY
    also = ("leaves",)

    calendars: Mapping[str, Any]
    drafted: Sequence[str]
    holds_from: datetime | None
    leaves: Sequence[str]

    @property
    def findings(self) -> list[Finding]:
        """What the draft leaves undone."""
        return [Finding(**each) for each in (self.result or {}).get("findings", ())]


REPLAYS = Runs(
    table=models.Replay.objects,
    row_type=ReplayRow,
    name="replay",
    done="replayed",
    policy="clock policy",
    draft="This very draft, with the calendars that it counts on,",
    ask="Replay it over the history of the desk first: the button “Replay” of its page, or watchbill policy replay",
    may_view=lambda by, desk_id: may(by, Right.POLICY_VIEW, desk_id),
)
replay_get, replay_row, replay_list = REPLAYS.get, REPLAYS.row, REPLAYS.latest


def replays_old() -> list[int]:
    """Return the replays that have ended, are no longer among the latest of their desk, and still have items."""
    rows = tuples(
        "select r.id from (select id, rank() over (partition by desk_id order by id desc) as place from clocks_replay"
        " where state <> all(%s)) as r where r.place > %s"
        " and exists (select from clocks_replayitem as i where i.replay_id = r.id) order by r.id",
        [list(UNDER_WAY), KEPT],
    )
    return [replay_id for (replay_id,) in rows]


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


def replay_required(desk_id: int, *, digest: str, against: int, leaves: Sequence[str]) -> ReplayRow:
    """Return the finished replay on the strength of which a draft is published: `Runs.required`.

    Raises InvalidFacts also when the draft leaves undone what *leaves* does not say.
    """
    row = REPLAYS.required(desk_id, digest=digest, against=against)
    require_said(row.findings, leaves)
    return row


def replay_published(row: ReplayRow, *, number: int, leaves: Sequence[str]) -> None:
    """Note which version was published on the strength of a replay, and what it leaves undone, as was said."""
    said = [finding.key for finding in row.findings if finding.key in set(leaves)]
    REPLAYS.published(row.id, number=number, leaves=said)
