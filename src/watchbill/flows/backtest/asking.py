"""Backtests of a desk: what can be compared, asked for, done by the worker, kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.runs import DONE, REFUSED
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.dryruns import draft_digest, dry_run_list
from watchbill.apps.decisions.tunings import tuning_list
from watchbill.apps.people.rights import Right, require
from watchbill.apps.reports.backtests import BACKTESTS, BacktestRow, backtest_add
from watchbill.engine.assign.policy import Policy
from watchbill.engine.backtest.asked import DEMAND, FULL, QUICK, Asked, Contender, asked_for, ours, usual
from watchbill.engine.backtest.twin.changes import Names
from watchbill.engine.backtest.twin.whatif import change_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.slips import Slips, slips_of
from watchbill.flows.apart import each_done
from watchbill.flows.assign.tuning import suggested
from watchbill.flows.backtest.desk import history_of_desk, names_of_desk, promise_of_desk, source_of_desk
from watchbill.flows.backtest.running import backtest
from watchbill.flows.runs import Tell, quiet, run_do
from watchbill.flows.waking import wake

JOB = "run_backtests"
PARTS = 1000
"""A run counts thousandths of its way."""
MOST_CHANGES = 12
"""Of one what-if."""
LEAST_PROCESSES = 2
"""So that replications never take the worker's own time."""


class Depth(StrEnum):
    """How thoroughly: a first look, or what may be shown to others."""

    QUICK = "quick"
    FULL = "full"


ASKED = {Depth.QUICK: QUICK, Depth.FULL: FULL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An assignment policy of the desk that can be compared: in force, a draft that was run dry, or what a tuning suggests."""

    name: str
    says: str
    body: dict[str, Any]

    def contender(self) -> Contender:
        return ours(self.name, Policy.from_json(self.body, is_stored=True), says=self.says)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What may stand in a comparison: a usual policy, or one of the desk."""

    name: str
    says: str
    is_draft: bool


class _LeftOff(Exception):
    """Somebody has stopped the run."""


def choices_of(desk_id: int, now: datetime) -> list[Choice]:
    """Return what can be compared on a desk: the usual policies, and its own that differ from what Watchbill comes with."""
    return [
        *(Choice(name=one.name, says=one.says, is_draft=False) for one in usual().values()),
        *(Choice(name=one.name, says=one.says, is_draft=True) for one in drafts_of(desk_id, now)),
    ]


def drafts_of(desk_id: int, now: datetime) -> list[Draft]:
    """Return the policy in force and the latest drafts of a desk, each policy once, and none that is as Watchbill comes."""
    found: dict[str, Draft | None] = {draft_digest(Policy()): None}
    for draft in _own(desk_id, now):
        found.setdefault(draft_digest(Policy.from_json(draft.body, is_stored=True)), draft)
    return [draft for draft in found.values() if draft is not None]


def _own(desk_id: int, now: datetime) -> Iterator[Draft]:
    force = queries.policy_in_force(desk_id, now)
    says = f"Version {force.number} of the assignment policy, on autopilot"
    yield Draft(name="watchbill in force", says=says, body=force.policy.as_json())
    for dry in dry_run_list(desk_id):
        if dry.published is None and dry.state != REFUSED:
            yield Draft(
                name=f"watchbill {dry.reference}", says=f"The draft of dry run {dry.reference}", body=dict(dry.policy)
            )
    for tuned in tuning_list(desk_id):
        if (body := suggested(tuned)) is not None:
            yield Draft(name=f"watchbill {tuned.reference}", says=f"What tuning {tuned.reference} suggests", body=body)


def backtest_ask(
    desk_id: int, names: Sequence[str], *, depth: str = Depth.QUICK, what_if: Sequence[str] = (), known: Names | None = None,
    has_demand: bool = False, also: Sequence[InvalidFacts] = (), is_waking: bool = True, by: Actor, now: datetime,
) -> int:  # fmt: skip
    """Ask for policies to be compared on a desk's own history; return the run's key. The worker is woken, unless the caller runs it.

    what_if: changes such as those of `twin.changes.KINDS`, under which all compete. known: the `names_of_desk` where the caller has
    them already. has_demand: the quick one, too, says what
    comes of other arrivals. also: what is wrong with what the caller has read itself. Raises NotAllowed, and InvalidFacts of all of it, and
    of no policy, or one that there is not, and of every change that cannot be read (field ``what_if[0]`` and so on).
    """
    require(by, Right.POLICY_EDIT, desk_id)
    slips = Slips()
    drafts = {draft.name: draft for draft in drafts_of(desk_id, now)}
    plain = [name for name in dict.fromkeys(names) if name not in drafts]
    slips.of(asked_for, tuple(plain))
    if not names:
        slips.found.append(
            InvalidFacts("Choose at least one policy to compare with the desk as it is", field="policies")
        )
    if depth not in set(Depth):
        slips.found.append(InvalidFacts(f"Expected a comparison that is quick or full, got “{depth}”", field="depth"))
    changes = slips.of(_changes, desk_id, what_if, known, now)
    slips.found += also
    slips.end()
    chosen = [drafts[name] for name in dict.fromkeys(names) if name in drafts]
    asking = {
        "policies": plain,
        "drafts": [{"name": one.name, "says": one.says, "body": one.body} for one in chosen],
        "depth": depth,
        **({"demand": True} if has_demand else {}),
        **({"what_if": changes} if changes else {}),
    }
    latest = next(iter(queries.policy_versions(desk_id)), None)
    with transaction.atomic():
        run_id = backtest_add(desk_id, asking, against=latest["number"] if latest else 0, by=by, now=now)
        if is_waking:
            wake(JOB)
    return run_id


def _changes(desk_id: int, texts: Sequence[str], known: Names | None, now: datetime) -> list[dict[str, str]]:
    """Return changes as they are kept, each with its sentence. Raises InvalidFacts for all that cannot be read, at once."""
    if not texts:
        return []
    known, slips, found = known or names_of_desk(desk_id, now), Slips(), []
    if len(texts) > MOST_CHANGES:
        raise InvalidFacts(f"At most {MOST_CHANGES} changes at once, got {len(texts)}", field="what_if")
    for place, text in enumerate(texts):
        try:
            found.append({"text": text, "says": change_of(text, known).says})
        except InvalidFacts as error:
            slips.found += [InvalidFacts(one.message, field=f"what_if[{place}]") for one in slips_of(error)]
    slips.end()
    return found


def backtests_run(*, tell: Tell = quiet) -> int:
    """Do the backtests that wait, the first that was asked for first; return how many have ended."""
    return each_done(partial(backtest_do, run_id, tell=tell) for run_id in BACKTESTS.waiting())


def backtest_do(run_id: int, *, tell: Tell = quiet) -> bool:
    """Do one backtest to its end, from the beginning: `run_do`. One that somebody stops leaves off at its next step."""
    return run_do(BACKTESTS, run_id, lambda row: _do(row, tell))


def _do(row: BacktestRow, tell: Tell) -> None:
    def told(what: str, share: float) -> None:
        done = int(PARTS * min(share, 1.0))
        tell(done, PARTS)
        if not BACKTESTS.step(row.id, items_done=done, items=PARTS, doing=what):
            raise _LeftOff

    try:
        result = _answer(row, told)
    except _LeftOff:
        return
    BACKTESTS.end(row.id, state=DONE, result=result)


def _answer(row: BacktestRow, told: Any) -> dict[str, Any]:
    told("reading", 0.0)
    history = history_of_desk(row.desk_id, row.asked_at)
    promised = promise_of_desk(row.desk_id, row.asked_at)
    found = backtest(
        history, source_of_desk(row.desk_id, history), promised.promise, _asked(row),
        **_where(), tell=told,
    )  # fmt: skip
    return replace(found, warnings=(*promised.warnings, *found.warnings)).as_json()


def _where() -> dict[str, Any]:
    """On all of the cluster where there is one, else beside the worker's own core."""
    if settings.RAY_ADDRESS:
        return {"ray": settings.RAY_ADDRESS}
    return {"workers": max(LEAST_PROCESSES, (os.cpu_count() or 1) - 1)}


def _asked(row: BacktestRow) -> Asked:
    drafts = [Draft(**draft).contender() for draft in row.policy["drafts"]]
    asked = ASKED[Depth(row.depth)]
    return replace(
        asked,
        contenders=(*asked_for(tuple(row.policies)), *drafts),
        what_if=tuple(one["text"] for one in row.changes),
        demand=DEMAND if row.policy.get("demand") else asked.demand,
    )
