"""A draft of the assignment policy beside what was decided in the last days: asked for, run in the worker, kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import PERSON, shown
from watchbill.apps.core.runs import DONE
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.drafts import draft_changes, draft_read
from watchbill.apps.decisions.dryruns import DRY_RUNS, DryRunRow, draft_digest
from watchbill.apps.people.abilities import ability_list
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.choices import steps_at, steps_between
from watchbill.apps.work.queues import queues_of
from watchbill.engine.assign.decide import place
from watchbill.engine.assign.dryrun import Compared, DryRun, Line, compared, summed
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.apart import each_done
from watchbill.flows.assign.past import Past
from watchbill.flows.replay.drafts import JOB
from watchbill.flows.runs import Tell, quiet, run_do
from watchbill.flows.waking import wake

DAYS = 14
MOST_DAYS = 90
MOST_CHOICES = 1_000
"""Choices looked at; of more, so many evenly through the days."""
EXAMPLES = 50
STEP = 20
"""Choices after which it is said how far the run has come."""

LIMITS = (
    (
        "Each choice is asked in the situation as it was: what other people would have done later with other work is not played"
        " forward. That is a backtest."
    ),
    (
        "People's teams, skills, languages, limits and usual hours are those of today; absences and what they said of themselves"
        " are not known any more."
    ),
    (
        "Promises are taken with the due that they had last; declines are left out; who knows a customer is learned within the"
        " days looked at."
    ),
    "An item that went from one person to another is asked about as if nobody had owned it.",
    "That a choice differs says neither that it is better nor worse.",
)
"""What a dry run cannot say, in words, with every result."""


def dry_run_ask(
    desk_id: int, body: Mapping[str, Any], *, days: int = DAYS, is_waking: bool = True, by: Actor, now: datetime
) -> int:
    """Keep a draft to be run dry over the last *days* of a desk; return its key. The worker is woken, unless the caller runs it.

    Kept is the whole policy that it means: what it does not name is as in force.
    Raises NotAllowed, and InvalidFacts naming the key for a draft that cannot be read, or contradicts itself.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    if not 1 <= days <= MOST_DAYS:
        raise InvalidFacts(f"days: expected 1 to {MOST_DAYS}, got {days}", key="days")
    policy = draft_read(desk_id, body, now=now)
    draft = {key: value for key, value in policy.as_json().items() if key != "version"}
    latest = next(iter(queries.policy_versions(desk_id)), None)
    with transaction.atomic():
        run_id = DRY_RUNS.add(
            desk_id, policy=draft, days=days, digest=draft_digest(policy), against=latest["number"] if latest else 0,
            by=by, now=now,
        )  # fmt: skip
        if is_waking:
            wake(JOB)
    return run_id


def dry_runs_run(*, tell: Tell = quiet) -> int:
    """Do the dry runs that wait, the first that was asked for first; return how many have ended."""
    return each_done(partial(dry_run_do, run_id, tell=tell) for run_id in DRY_RUNS.waiting())


def dry_run_do(run_id: int, *, tell: Tell = quiet) -> bool:
    """Do one dry run to its end, from the beginning: `run_do`."""
    return run_do(DRY_RUNS, run_id, lambda row: DRY_RUNS.end(row.id, state=DONE, result=_result(row, tell)))


def _result(row: DryRunRow, tell: Tell) -> dict[str, Any]:
    began, until = perf_counter(), row.asked_at
    since = until - timedelta(days=row.days)
    steps = steps_between(row.desk_id, since, until)
    choices = [at for at, step in enumerate(steps) if step.is_choice]
    every = max(1, -(-len(choices) // MOST_CHOICES))
    looked_at = frozenset(choices[::every])
    DRY_RUNS.step(row.id, items_done=0, items=len(looked_at))
    found: list[Compared] = []
    past = Past(row.desk_id, steps_at(row.desk_id, since), steps)
    for one in _compared(row, past, looked_at):
        found.append(one)
        tell(len(found), len(looked_at))
        if len(found) % STEP == 0:
            DRY_RUNS.step(row.id, items_done=len(found))
    DRY_RUNS.step(row.id, items_done=len(found))
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "choices": len(choices),
        "looked_at": len(found),
        "changes": [change._asdict() for change in draft_changes(row.desk_id, _draft(row), now=row.asked_at)],
        "seconds": round(perf_counter() - began, 2),
        **shown_sums(row.desk_id, summed(found)),
        "examples": _examples(row.desk_id, past, found),
        "limits": list(LIMITS),
    }


def _draft(row: DryRunRow) -> Policy:
    """The draft as it was kept; it was checked when it was asked for."""
    return Policy.from_json(row.policy, is_stored=True)


def _compared(row: DryRunRow, past: Past, looked_at: frozenset[int]) -> Iterator[Compared]:
    """Ask both policies about each choice, in the situation of that moment; once where they see the same in it."""
    in_force, draft = queries.policy_in_force(row.desk_id, row.asked_at).policy, _draft(row)
    routings = [past.routing(policy) for policy in (in_force, draft)]
    are_rules_all = replace(draft, rules=in_force.rules, version=in_force.version) == in_force
    for choice, situation in past.situations(looked_at):
        held, drafted = (situation.snapshot(routing) for routing in routings)
        first = place(held, choice.item, current=situation.standing)
        is_same = are_rules_all and held.items == drafted.items
        yield compared(choice, first, first if is_same else place(drafted, choice.item, current=situation.standing))


def shown_sums(desk_id: int, sums: DryRun) -> dict[str, Any]:
    """Return sums as plain JSON, with names."""
    queues = queues_of(desk_id)
    names = {one.id: one.name for one in ability_list(desk_id)}
    return {
        "total": _line(sums.total),
        "by_priority": [{"priority": int(p), **_line(line)} for p, line in sums.by_priority.items() if line.choices],
        "by_queue": sorted(
            ({"name": queues.get(queue or 0), **_line(line)} for queue, line in sums.by_queue.items()),
            key=lambda line: -line["differs"],
        ),
        "nobody_by": [{"rule": rule, "choices": count} for rule, count in sums.nobody_by.items()],
        "people": [
            {
                "person": shown(PERSON, share.person), "name": names.get(share.person, ""),
                "decided_min": share.decided_min, "in_force_min": share.in_force_min, "draft_min": share.draft_min,
            }
            for share in sums.people
        ],
        "spread": dict(sums.spread),
    }  # fmt: skip


def _line(line: Line) -> dict[str, int]:
    names = ("choices", "differs", "agree_in_force", "agree_draft", "nobody_in_force", "nobody_draft")
    return {name: getattr(line, name) for name in names}


def _examples(desk_id: int, past: Past, found: Sequence[Compared]) -> list[dict[str, Any]]:
    """The latest choices on which the draft differs, with the draft's reason."""
    names = {one.id: one.name for one in ability_list(desk_id)}
    latest = [one for one in reversed(found) if one.differs][:EXAMPLES]
    return [
        {
            "item": past.reference_of(one.item), "at": one.at.isoformat(), "priority": int(one.priority),
            "decided": names.get(one.decided), "in_force": names.get(one.in_force or 0), "draft": names.get(one.draft or 0),
            "reason": one.reason,
        }
        for one in latest
    ]  # fmt: skip
