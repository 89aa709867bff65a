"""`watchbill decisions`: read proposals and answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.apps.decisions.queries import DecisionRow
    from watchbill.flows.assign.answers import Answered

STATUSES = ("proposed", "accepted", "changed", "refused", "applied", "superseded")
REFUSALS = ("wrong_skill", "wrong_time", "keep_with_owner", "customer_asks", "other")


@click.group()
def decisions() -> None:
    """Read proposals and their reasons; accept, change, refuse or undo them."""


def _summary(row: DecisionRow) -> dict[str, Any]:
    from watchbill.apps.core.references import DECISION, shown

    return {
        "reference": shown(DECISION, row.id), "item": row.reference, "title": row.title, "status": row.status.value,
        "mode": row.mode.value, "verdict": row.outcome["verdict"], "chosen": row.chosen, "score": row.score,
        "reason": row.outcome["reason"], "policy_number": row.policy_number, "facts_digest": row.facts_digest,
        "proposed_at": row.proposed_at, "answered_by": row.answered_by_name, "given_to": row.given_to,
        "undone_by": row.undone_by_name,
    }  # fmt: skip


def _key(reference: str) -> int:
    from watchbill.apps.core.references import DECISION, key_of

    return key_of(DECISION, reference)


def _answered(call: Call, done: Answered) -> None:
    summary = _summary(done.decision)
    undone = f", undone by {summary['undone_by']}" if summary["undone_by"] else ""
    call.tell(
        {"decision": summary, "item": done.reference, "version": done.version},
        f"{summary['reference']}: {summary['status']}{undone}; {done.reference} is at version {done.version}",
    )


@decisions.command("list")
@desk_option
@click.option("--status", type=click.Choice(STATUSES), help="Only decisions with this status.")
@limit_option
@spoken
def decision_list(call: Call, desk: str | None, status: str | None, limit: int) -> None:
    """List decisions, the latest first."""
    from watchbill.apps.decisions.choices import Status
    from watchbill.apps.decisions.queries import decision_list as decisions_of

    found = decisions_of(call.desk(desk).id, status=Status(status) if status else None, limit=limit, by=call.by)
    rows = [_summary(row) for row in found]
    heads = ("reference", "item", "status", "mode", "chosen", "score", "reason")
    call.tell({"decisions": rows}, *table(heads, [[row[name] for name in heads] for row in rows]))


@decisions.command("show")
@click.argument("reference")
@spoken
def decision_show(call: Call, reference: str) -> None:
    """Show one decision with its reasons, the next best and who was left out."""
    from watchbill.apps.decisions.queries import decision_get
    from watchbill.engine.assign.words import points_words, score_words

    row = decision_get(_key(reference), by=call.by)
    outcome = row.outcome
    call.tell(
        {**_summary(row), "outcome": outcome},
        f"{reference}  {row.reference}  {row.status}  {row.chosen or 'nobody'}",
        outcome["reason"],
        *(f"  {points_words(each['points']):>8}  {each['words']}" for each in outcome["contributions"]),
        *(
            f"Next best: {each['name']} ({score_words(each['score'])}): {each['lost_by']}"
            for each in outcome["alternatives"]
        ),
        *(f"Left out: {each['words']}" for each in outcome["rejected"]),
        *(f"Way out: {each['words']}" for each in outcome["ways_out"]),
    )


@decisions.command("accept")
@click.argument("reference")
@spoken
def decision_accept(call: Call, reference: str) -> None:
    """Give the item to the person proposed."""
    from watchbill.flows.assign.answers import decision_accept as accept

    _answered(call, accept(_key(reference), by=call.by, now=call.now))


@decisions.command("change")
@click.argument("reference")
@click.argument("person")
@click.option("--reason", default="", help="Why somebody else.")
@spoken
def decision_change(call: Call, reference: str, person: str, reason: str) -> None:
    """Give the item to PERSON (PER-12 or whole name) instead."""
    from watchbill.apps.decisions.queries import decision_get
    from watchbill.apps.people.queries import person_key
    from watchbill.flows.assign.answers import decision_change as change

    key = _key(reference)
    person_id = person_key(decision_get(key, by=call.by).desk_id, person, by=call.by)
    _answered(call, change(key, person_id, reason=reason, by=call.by, now=call.now))


@decisions.command("refuse")
@click.argument("reference")
@click.argument("reason", type=click.Choice(REFUSALS))
@click.option("--text", default="", help="More about it; needed for “other”.")
@spoken
def decision_refuse(call: Call, reference: str, reason: str, text: str) -> None:
    """Say no, for one of five reasons."""
    from watchbill.flows.assign.answers import decision_refuse as refuse

    _answered(call, refuse(_key(reference), reason, text=text, by=call.by, now=call.now))


@decisions.command("undo")
@click.argument("reference")
@spoken
def decision_undo(call: Call, reference: str) -> None:
    """Take an answer back, a person's or autopilot's."""
    from watchbill.flows.assign.answers import decision_undo as undo

    _answered(call, undo(_key(reference), by=call.by, now=call.now))
