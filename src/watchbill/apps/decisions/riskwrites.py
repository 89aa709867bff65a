"""Writes of risk: what was learned, what was counted, and scores by the hundred thousand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from watchbill.apps.core.services import desk_changed
from watchbill.apps.decisions import models

MANY = 5_000
"""After so many changes the planner sees how many scores there are, before its own time comes."""

LEAST = 0.005
"""A probability that moved by less is not written again."""


class Score(NamedTuple):
    """One score as it is to be kept; ``body`` is JSON."""

    item_id: int
    commitment: str
    p_miss: float
    gain: float
    rank: float
    is_worst: bool
    source: str
    number: int
    body: str


def model_keep(
    desk_id: int, *, source: str, digest: str, words: str, figures: Mapping[str, Any], body: Mapping[str, Any] | None,
    now: datetime,
) -> int:  # fmt: skip
    """Add what a desk has learned; return its number. In the caller's transaction, under the desk's lock of learning."""
    last = models.RiskModel.objects.filter(desk_id=desk_id).order_by("-number").values_list("number", flat=True).first()
    number = (last or 0) + 1
    models.RiskModel.objects.create(
        desk_id=desk_id,
        number=number,
        learned_at=now,
        source=source,
        digest=digest,
        words=words,
        figures=figures,
        body=body,
    )
    desk_changed(desk_id)
    return number


def counts_keep(
    desk_id: int, *, codes: Mapping[str, Any], packed: bytes, lately: Mapping[str, Any], now: datetime
) -> None:
    """Put what was counted in the place of what was known: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into decisions_riskcounts as c (desk_id, counted_at, codes, packed, lately)"
            " values (%s, %s, %s::jsonb, %s, %s::jsonb) on conflict (desk_id) do update set counted_at = excluded.counted_at,"
            " recorded_at = clock_timestamp(), is_asked = false, codes = excluded.codes, packed = excluded.packed, lately = excluded.lately",
            [desk_id, now, json.dumps(codes), packed, json.dumps(lately)],
        )


def learning_ask(desk_id: int) -> None:
    """Note that a desk is to learn as soon as it can; one that has never learned does so anyway."""
    models.RiskCounts.objects.filter(desk_id=desk_id).update(is_asked=True)


_COLUMNS = ("item_id", "commitment", "p_miss", "gain", "rank", "is_worst", "source", "number", "body")
_STAGE = (
    "create temporary table risk_stage (item_id bigint, commitment text, p_miss float8, gain float8, rank float8,"
    " is_worst boolean, source text, number int, body jsonb) on commit drop"
)
_MERGE = (
    f"insert into decisions_risk as r (desk_id, {', '.join(_COLUMNS)}, scored_at)"
    f" select %(desk)s, {', '.join(f's.{name}' for name in _COLUMNS)}, %(now)s from risk_stage as s"
    " left join decisions_risk as k on k.item_id = s.item_id and k.commitment = s.commitment"
    " where k.id is null or abs(k.p_miss - s.p_miss) >= %(least)s or abs(k.gain - s.gain) >= %(least)s"
    " or k.is_worst <> s.is_worst or k.number <> s.number or k.source <> s.source"
    " or (k.body -> 'action' -> 'code') is distinct from (s.body -> 'action' -> 'code')"
    " or (k.body -> 'action' -> 'person_id') is distinct from (s.body -> 'action' -> 'person_id')"
    " or (k.body -> 'none') is distinct from (s.body -> 'none')"
    f" on conflict (item_id, commitment) do update set ({', '.join(_COLUMNS[2:])}, scored_at)"
    f" = ({', '.join(f'excluded.{name}' for name in _COLUMNS[2:])}, excluded.scored_at)"
)
_SCOPE = {True: "", False: " and r.item_id = any(%(items)s)"}


def scores_keep(desk_id: int, scores: Sequence[Score], *, items: Sequence[int] | None = None, now: datetime) -> int:
    """Keep the scores of a desk, of *items* or of all; what has none any more is forgotten. Return how many rows changed.

    One transaction: a COPY into a table of its own, and two statements, whatever the number of scores. A score that has hardly
    moved is left as it is.
    """
    values: dict[str, Any] = {
        "desk": desk_id,
        "now": now,
        "least": LEAST,
        "items": None if items is None else list(items),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("drop table if exists risk_stage")
        cursor.execute(_STAGE)
        with cursor.copy(f"copy risk_stage ({', '.join(_COLUMNS)}) from stdin") as copy:
            for score in scores:
                copy.write_row(score)
        cursor.execute("analyze risk_stage")
        cursor.execute(
            f"delete from decisions_risk as r where r.desk_id = %(desk)s{_SCOPE[items is None]} and not exists"
            " (select 1 from risk_stage as s where s.item_id = r.item_id and s.commitment = r.commitment)",
            values,
        )
        changed = int(cursor.rowcount)
        cursor.execute(_MERGE, values)
        changed += int(cursor.rowcount)
        if changed >= MANY:
            cursor.execute("analyze decisions_risk")
    if changed:
        desk_changed(desk_id)
    return changed
