"""Reads of risk: how likely promises of open items are to be missed, what would help most, and how far that is to be trusted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import records, tuples
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.queries import WorkFilter, filter_sql
from watchbill.engine.base.errors import InvalidFacts

LIKELY = 0.5
"""From this chance of a miss on, a promise is called likely to be missed."""

BASELINE = "share"
"""The source of a score before anything is learned: the share of the target that is used, which is no probability."""

ROLLOUT = "rollout"
"""The source of a score where history is too thin to learn from: the share of simulated futures; ``number`` is how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One of the two main reasons of a risk: a code that stays, and words for people."""

    code: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What lowers a risk most, and what the risk is then, by the same model. ``person_id``: who would own the item.

    ``source``: `ROLLOUT` where people's hours and the assumed effort say what it does, whatever the risk itself is judged by.
    ``safe_at``, ``p_safe``: where it is known, the latest safe moment, and the risk if the item is only taken up then.
    """

    code: str
    words: str
    p_after: float
    person_id: int | None
    safe_at: datetime | None = None
    p_safe: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRisk:
    """The risk of one running promise. ``action`` is None where nothing that was tried lowers it; ``none`` then says why.

    ``number``: of the model; of the futures for roll-outs; 0 for the share that is used.
    """

    name: str
    p_miss: float
    source: str
    number: int
    reasons: tuple[Reason, ...]
    action: Action | None
    gain: float
    scored_at: datetime
    none: str = ""

    @property
    def is_mixed(self) -> bool:
        """Whether what the act makes of it is told by people's hours, beside a risk that is learned."""
        return self.action is not None and self.action.source == ROLLOUT != self.source

    @property
    def is_chance(self) -> bool:
        """Whether it is a probability, learned or rolled out, and not only the share of time that is used."""
        return self.source != BASELINE

    @property
    def is_likely(self) -> bool:
        return self.is_chance and self.p_miss >= LIKELY


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRisk:
    """The risks of one item's running promises, that which makes its rank first; ``rank`` is weight x probability x gain."""

    item_id: int
    rank: float
    promises: tuple[PromiseRisk, ...]

    @property
    def worst(self) -> PromiseRisk:
        return self.promises[0]

    def of(self, name: str) -> PromiseRisk | None:
        """The risk of one commitment by its name."""
        return next((each for each in self.promises if each.name == name), None)


def risks_of_items(item_ids: Sequence[int]) -> dict[int, ItemRisk]:
    """Return the risks of items, as they were scored last: one query. The caller has made sure that they may be seen."""
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in records(
        "select item_id, commitment, p_miss, gain, rank, source, number, body, scored_at from decisions_risk"
        " where item_id = any(%s) order by item_id, is_worst desc, p_miss desc, commitment",
        [list(item_ids)],
    ):
        rows[row["item_id"]].append(row)
    return {
        item_id: ItemRisk(item_id=item_id, rank=each[0]["rank"], promises=tuple(map(_promise, each)))
        for item_id, each in rows.items()
    }


def worst_of_items(item_ids: Sequence[int]) -> dict[int, tuple[float, datetime]]:
    """Return how likely the worst promise of each item is to be missed, and when that was scored: one query.

    Only probabilities: the share of a target that is used says nothing about how likely anything is.
    """
    return {
        item_id: (p_miss, scored_at)
        for item_id, p_miss, scored_at in tuples(
            "select item_id, max(p_miss), min(scored_at) from decisions_risk where item_id = any(%(items)s)"
            " and source <> %(baseline)s group by item_id",
            {"items": list(item_ids), "baseline": BASELINE},
        )
    }


def _promise(row: Mapping[str, Any]) -> PromiseRisk:
    body = row["body"]
    action = body.get("action")
    return PromiseRisk(
        name=row["commitment"],
        p_miss=row["p_miss"],
        source=row["source"],
        number=row["number"],
        reasons=tuple(Reason(code=code, words=words) for code, words in body["reasons"]),
        action=None if action is None else Action(**{**action, "safe_at": _instant(action.get("safe_at"))}),
        gain=row["gain"],
        scored_at=row["scored_at"],
        none=body.get("none", ""),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


class Place(NamedTuple):
    """Where a page of items by danger ended: the rank and the key of its last item."""

    rank: float
    item_id: int

    def __str__(self) -> str:
        return f"{self.rank!r}_{self.item_id}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """Read what ``str`` wrote; empty text is no place. Raises InvalidFacts."""
        if not text:
            return None
        rank, _, item_id = text.rpartition("_")
        try:
            found = cls(float(rank), int(item_id))
        except ValueError:
            raise InvalidFacts(f"“{text[:60]}” is not a place in this list", field="after") from None
        if not (0 <= found.rank < 1e9 and 0 <= found.item_id < 2**63):
            raise InvalidFacts(f"“{text[:60]}” is not a place in this list", field="after")
        return found


class Endangered(NamedTuple):
    """One line of the list by danger."""

    reference: str
    place: Place


_LIKELY = f" and r.p_miss >= {LIKELY} and r.source <> '{BASELINE}'"


def danger_page(
    wanted: WorkFilter, *, is_likely: bool = False, name: str = "", after: Place | None = None, limit: int, by: Actor,
    now: datetime,
) -> list[Endangered]:  # fmt: skip
    """Return the open items of a filter whose promises can still be saved, the greatest danger first: one query, by key.

    is_likely: only those more likely to miss than not. name: only those whose worst promise is this one. Ask for one more than
    the page shows. Items whose promises are broken, paused or none are not among them.
    """
    require(by, Right.WORK_VIEW, wanted.desk_id)
    where, values = filter_sql(wanted, by=by, now=now)
    values |= {"limit": limit, "name": name}
    seek = ""
    if after is not None:
        seek = " and (r.rank, r.item_id) < (%(rank)s, %(key)s)"
        values |= {"rank": after.rank, "key": after.item_id}
    rows = tuples(
        "select i.reference, r.rank, r.item_id from decisions_risk as r join work_item as i on i.id = r.item_id"
        f" where r.desk_id = %(desk)s and r.is_worst{_LIKELY if is_likely else ''}"
        f"{' and r.commitment = %(name)s' if name else ''} and {where}{seek}"
        " order by r.rank desc, r.item_id desc limit %(limit)s",
        values,
    )
    return [Endangered(reference, Place(rank, item_id)) for reference, rank, item_id in rows]


def danger_count(
    wanted: WorkFilter, *, is_likely: bool = False, name: str = "", at_most: int = 10_000, by: Actor, now: datetime
) -> int:
    """Return how many items `danger_page` holds in all, counting no further than *at_most*."""
    require(by, Right.WORK_VIEW, wanted.desk_id)
    where, values = filter_sql(wanted, by=by, now=now)
    values |= {"at_most": at_most, "name": name}
    ((count,),) = tuples(
        "select count(*) from (select 1 from decisions_risk as r join work_item as i on i.id = r.item_id"
        f" where r.desk_id = %(desk)s and r.is_worst{_LIKELY if is_likely else ''}"
        f"{' and r.commitment = %(name)s' if name else ''} and {where} limit %(at_most)s) as x",
        values,
    )
    return int(count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A model that was learned, without its body: since when, from what, and how it fared."""

    number: int
    learned_at: datetime
    recorded_at: datetime
    source: str
    digest: str
    words: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsRow:
    """When verdicts were counted last, and how the forecasts of the four weeks before fared."""

    counted_at: datetime
    recorded_at: datetime
    lately: Mapping[str, Any]
    is_asked: bool


_MODEL = (
    "select number, learned_at, recorded_at, source, digest, words, figures from decisions_riskmodel where desk_id = %s"
)


def model_in_use(desk_id: int) -> ModelRow | None:
    """Return what a desk has learned last; None before the first time."""
    rows = records(f"{_MODEL} order by number desc limit 1", [desk_id])
    return ModelRow(**rows[0]) if rows else None


def models_since(desk_id: int, since: datetime) -> list[ModelRow]:
    """Return the models that were in use at or after an instant, the latest first."""
    rows = records(
        f"{_MODEL} and (learned_at >= %s or number = (select max(number) from decisions_riskmodel where desk_id = %s and"
        " learned_at < %s)) order by number desc",
        [desk_id, since, desk_id, since],
    )
    return [ModelRow(**row) for row in rows]


def has_chances(desk_id: int) -> bool:
    """Say whether a desk's scores are chances: by a model in use, or rolled out."""
    ((found,),) = tuples(
        "select coalesce((select source <> '' from decisions_riskmodel where desk_id = %(desk)s order by number desc limit 1),"
        f" false) or exists (select 1 from decisions_risk where desk_id = %(desk)s and is_worst and source = '{ROLLOUT}')",
        {"desk": desk_id},
    )
    return bool(found)


def sources(desk_id: int) -> dict[str, int]:
    """Return how many running promises of a desk are scored by what: one query over all of them, for desks without a model."""
    rows = tuples(
        "select source, count(*) from decisions_risk where desk_id = %s group by 1 order by 2 desc, 1", [desk_id]
    )
    return dict(rows)


def model_body(desk_id: int, number: int) -> Mapping[str, Any] | None:
    """Return the body of a model; None where history was too thin for one."""
    rows = records("select body from decisions_riskmodel where desk_id = %s and number = %s", [desk_id, number])
    return rows[0]["body"] if rows else None


def counts_row(desk_id: int) -> CountsRow | None:
    """Return when verdicts were counted last, without them."""
    rows = records(
        "select counted_at, recorded_at, lately, is_asked from decisions_riskcounts where desk_id = %s", [desk_id]
    )
    return CountsRow(**rows[0]) if rows else None


def marks(desk_id: int) -> tuple[int, datetime | None]:
    """Return the number of the model in use (0: none), and when verdicts were counted, in wall time: what a score rests on."""
    rows = tuples(
        "select coalesce((select max(number) from decisions_riskmodel where desk_id = %(desk)s), 0),"
        " (select recorded_at from decisions_riskcounts where desk_id = %(desk)s)",
        {"desk": desk_id},
    )
    number, recorded_at = rows[0]
    return int(number), recorded_at


def counts_body(desk_id: int) -> tuple[Mapping[str, Any], bytes] | None:
    """Return what numbers stand for, and the packed verdicts."""
    rows = records("select codes, packed from decisions_riskcounts where desk_id = %s", [desk_id])
    return (rows[0]["codes"], bytes(rows[0]["packed"])) if rows else None


def scored_at(desk_id: int) -> datetime | None:
    """Return when a score of the desk was written last, of those most in danger."""
    rows = tuples(
        "select scored_at from decisions_risk where desk_id = %s and is_worst order by rank desc, item_id desc limit 1",
        [desk_id],
    )
    return rows[0][0] if rows else None


def names_scored(desk_id: int) -> Iterator[str]:
    """Give the commitments that running promises of a desk have, in order."""
    for (name,) in tuples(
        "select distinct commitment from decisions_risk where desk_id = %s order by commitment", [desk_id]
    ):
        yield name
