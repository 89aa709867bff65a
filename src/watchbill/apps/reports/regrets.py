"""Past days in hindsight: asked for, worked out by the worker, kept, and found again by their day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import REGRET, shown
from watchbill.apps.core.runs import DONE, Run, Runs
from watchbill.apps.core.services import audit_add
from watchbill.apps.core.sql import records
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.reports import models

NEAR = 14
"""Days that are listed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegretRow(Run):
    """One day in hindsight as it is kept; see `models.Regret`."""

    prefix = REGRET
    also = ("day", "doing")

    day: date
    doing: str

    @property
    def share(self) -> float:
        return self.items_done / self.items if self.items else 0.0


REGRETS = Runs(
    table=models.Regret.objects,
    row_type=RegretRow,
    name="regret",
    done="worked out",
    policy="day",
    draft="This day",
    ask="Work it out on the page A day in hindsight",
    may_view=lambda by, desk_id: may(by, Right.WORK_VIEW, desk_id),
)
regret_get, regret_row = REGRETS.get, REGRETS.row


def regret_add(desk_id: int, day: date, *, by: Actor, now: datetime) -> int:
    """Keep a day that is to be worked out and return its key, in the caller's transaction."""
    require(by, Right.BREACH_CONFIRM, desk_id)
    told = {"day": day.isoformat()}
    run_id = REGRETS.add(desk_id, day=day, policy=told, digest=day.isoformat(), against=0, by=by, now=now)
    audit_add(
        "regret_asked", object_kind="regret", object_ref=shown(REGRET, run_id) or "", desk_id=desk_id, after=told, by=by,
        now=now,
    )  # fmt: skip
    return run_id


def regret_of(desk_id: int, day: date, *, by: Actor) -> tuple[RegretRow | None, RegretRow | None]:
    """Return the latest of a day, and the latest that was worked out: both None where it was never asked for. At most two queries."""
    require(by, Right.WORK_VIEW, desk_id)
    row = next(iter(REGRETS.latest(desk_id, limit=1, day=day)), None)
    if row is None or row.state == DONE:
        return row, row
    return row, next(iter(REGRETS.latest(desk_id, limit=1, day=day, state=DONE)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegretLine:
    """One day in a list, with its figures as they were worked out last."""

    day: date
    due: int
    kept: int
    savable: int
    lost: int
    regret: float | None

    def as_json(self) -> dict[str, Any]:
        """Return what the API answers."""
        return asdict(self)


def regret_page(desk_id: int, *, before: date | None = None, limit: int = NEAR, by: Actor) -> Sequence[RegretLine]:
    """Return the days of a desk that were worked out, those before *before*, the latest day first: one query.

    Which ones is read from the index, so that only the results of those that are listed are unpacked, and each once.
    """
    require(by, Right.WORK_VIEW, desk_id)
    rows = records(
        "select k.day, (w.whole ->> 'due')::int as due, (w.whole ->> 'kept')::int as kept, (w.whole ->> 'savable')::int as savable,"
        " (w.whole ->> 'lost')::int as lost, (w.whole ->> 'regret')::float as regret from (select distinct on (day) day, id"
        f" from reports_regret where desk_id = %(desk)s and state = 'done'{'' if before is None else ' and day < %(before)s'}"
        " order by day desc, id desc limit %(limit)s) as k join reports_regret as r on r.id = k.id"
        " cross join lateral (select r.result -> 'whole' as whole offset 0) as w order by k.day desc",
        {"desk": desk_id, "before": before, "limit": limit},
    )
    return [RegretLine(**row) for row in rows]
