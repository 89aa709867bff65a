"""`watchbill attainment`, `breaches`, `exclusions` and `pauses`: what was promised and kept, and why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from watchbill.interfaces.cli.speaking import PRIORITY, Call, desk_option, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.apps.reports.queries import ExclusionRow
    from watchbill.apps.reports.slices import Slice
    from watchbill.engine.report import Proportion

BY = ("commitment", "agreement", "priority", "queue", "team", "owner", "customer", "week", "month")
AGREEMENTS = ("sla", "ola", "uc")
RESULTS = ("met", "missed", "decided", "excluded", "broken")
STATUSES = ("asked", "approved", "refused", "withdrawn")

Command = TypeVar("Command", bound=Callable[..., Any])


def slice_options(command: Command) -> Command:
    """Give a command the options that say which commitments."""
    for option in (
        click.option("--owner", metavar="PERSON", help="Of this owner (PER-12 or whole name)."),
        click.option("--queue", metavar="NAME", help="Of this queue."),
        click.option("--priority", type=PRIORITY, help="Of this priority."),
        click.option("--agreement", type=click.Choice(AGREEMENTS), help="With whom it is agreed."),
        click.option("--commitment", metavar="NAME", default="", help="Of this name, such as response."),
        click.option("--until", metavar="INSTANT", help="Before this instant, with offset."),
        click.option("--since", metavar="INSTANT", help="At this instant or later, with offset."),
        desk_option,
    ):
        command = option(command)
    return command


def _slice(call: Call, desk: str | None, asked: dict[str, Any]) -> Slice:
    from datetime import datetime

    from watchbill.apps.people.queries import person_key
    from watchbill.apps.reports.slices import Slice
    from watchbill.apps.work.queues import queue_find
    from watchbill.engine.base.errors import InvalidFacts
    from watchbill.engine.base.time import require_instant

    def instant(name: str) -> datetime | None:
        if asked[name] is None:
            return None
        try:
            return require_instant(datetime.fromisoformat(asked[name]), f"--{name}")
        except ValueError:
            raise InvalidFacts(f"--{name} takes an instant such as 2026-03-02T17:00+01:00", field=name) from None

    row = call.desk(desk)
    return Slice(
        desk_id=row.id,
        since=instant("since"),
        until=instant("until"),
        commitment=asked["commitment"],
        agreement=asked["agreement"] or "",
        priority=asked["priority"],
        queue_id=queue_find(row.id, name=asked["queue"])["id"] if asked["queue"] else None,
        owner_id=person_key(row.id, asked["owner"], by=call.by) if asked["owner"] else None,
        zone=row.zone,
    )


def _share(counted: Proportion) -> dict[str, Any]:
    low, high = counted.interval
    return {"hits": counted.hits, "total": counted.total, "share": counted.share, "low": low, "high": high,
            "is_small": counted.is_small}  # fmt: skip


def _said(counted: Proportion) -> str:
    if counted.share is None:
        return "none yet"
    low, high = counted.interval
    few = ", few" if counted.is_small else ""
    return f"{counted.share:.1%} ({low:.1%} to {high:.1%}{few})"


@click.group()
def attainment() -> None:
    """What was promised and kept, by any slice, with how sure one can be of it."""


@attainment.command("show")
@click.option("--by", "dividing", type=click.Choice(BY), default="commitment", show_default=True, help="By what.")
@slice_options
@spoken
def attainment_show(call: Call, dividing: str, desk: str | None, **asked: Any) -> None:
    """Show attainment by one slice, with and without what is excluded."""
    from watchbill.apps.reports.attainment import attainment as attained
    from watchbill.apps.reports.attainment import summed
    from watchbill.apps.reports.slices import By

    rows = attained(_slice(call, desk, asked), By(dividing), by=call.by, now=call.now)
    everything = [*rows, summed(rows)]
    heads = (dividing, "attainment", "met", "missed", "with excluded", "excluded", "open broken")
    call.tell(
        {
            "by": dividing,
            "slices": [
                {"label": row.label, "attainment": _share(row.counted), "with_excluded": _share(row.all),
                 "excluded": row.excluded, "broken": row.broken}
                for row in everything
            ],
        },
        *table(
            heads,
            [
                [row.label, _said(row.counted), row.counted.hits, row.counted.total - row.counted.hits, _said(row.all),
                 row.excluded, row.broken]
                for row in everything
            ],
        ),
    )  # fmt: skip


@attainment.command("list")
@click.option("--result", type=click.Choice(RESULTS), default="decided", show_default=True, help="Which of them.")
@slice_options
@limit_option
@spoken
def attainment_list(call: Call, result: str, desk: str | None, limit: int, **asked: Any) -> None:
    """List the commitments behind a number, the latest first."""
    from watchbill.apps.reports.attainment import Result, commitment_page

    found = commitment_page(_slice(call, desk, asked), Result(result), limit=limit, by=call.by, now=call.now)
    heads = ("reference", "name", "cycle", "status", "target_s", "elapsed_s", "at", "owner", "reason", "exclusion")
    rows = [{name: getattr(row, name) for name in heads} for row in found]
    call.tell({"commitments": rows}, *table(heads, [[row[name] for name in heads] for row in rows]))


@attainment.command("read")
@click.option("--anew", is_flag=True, help="From the first event on, as after a change of what counts.")
@spoken
def attainment_read(call: Call, *, anew: bool) -> None:
    """Read timelines now: commitments, breaches and pauses; the worker does so by itself."""
    from watchbill.apps.people.rights import Right, require
    from watchbill.flows.report.reading import read_anew, read_timelines

    require(call.by, Right.POLICY_EDIT, None)
    items = (read_anew if anew else read_timelines)(call.now)
    call.tell({"items": items}, f"{items:,} items read")


@click.group()
def breaches() -> None:
    """Commitments that were broken, with the reasons that are suggested and confirmed."""


@breaches.command("list")
@click.option("--reason", metavar="CODE", default="", help="For this reason; `mixture` for no clear one.")
@click.option("--confirmed/--to-confirm", "is_confirmed", default=None, help="Only those.")
@slice_options
@limit_option
@spoken
def breach_list(
    call: Call, *, reason: str, is_confirmed: bool | None, desk: str | None, limit: int, **asked: Any
) -> None:
    """List breaches, the latest first, and how many each reason explains."""
    from watchbill.apps.core.references import BREACH, shown
    from watchbill.apps.reports.queries import breach_page, reason_counts

    wanted = _slice(call, desk, asked)
    found = breach_page(wanted, reason=reason, is_confirmed=is_confirmed, limit=limit, by=call.by)
    names = (
        "name",
        "cycle",
        "breach_at",
        "suggested",
        "confirmed",
        "confirmed_by_name",
        "note",
        "evidence",
        "exclusion",
    )
    rows = [
        {"reference": shown(BREACH, row.id), "item": row.reference, **{name: getattr(row, name) for name in names}}
        for row in found
    ]
    counts = [
        {"code": one.code, "confirmed": one.confirmed, "suggested": one.suggested}
        for one in reason_counts(wanted, by=call.by)
    ]
    heads = ("reference", "item", "name", "breach_at", "suggested", "confirmed", "confirmed_by_name")
    call.tell(
        {"breaches": rows, "reasons": counts},
        *table(heads, [[row[name] for name in heads] for row in rows]),
        "",
        *table(("reason", "confirmed", "suggested"), [list(one.values()) for one in counts]),
    )


@breaches.command("confirm")
@click.argument("references", nargs=-1, required=True)
@click.option("--code", default="", help="The reason; left out: each as suggested.")
@click.option("--note", default="", help="More about it; needed for “other”.")
@desk_option
@spoken
def breaches_confirm(call: Call, references: tuple[str, ...], code: str, note: str, desk: str | None) -> None:
    """Confirm why commitments were broken."""
    from watchbill.apps.core.references import BREACH, key_of, shown
    from watchbill.flows.report.answering import breaches_confirm as confirm

    keys = [key_of(BREACH, one) for one in references]
    done = confirm(call.desk(desk).id, keys, code=code, note=note, by=call.by, now=call.now)
    call.tell(
        {
            "done": [shown(BREACH, row.id) for row in done.done],
            "left": [{"item": item, "reason": reason} for item, reason in done.left],
        },
        f"{len(done.done)} confirmed",
        *(f"{item}: {reason}" for item, reason in done.left),
    )


@breaches.command("codes")
@desk_option
@spoken
def code_list(call: Call, desk: str | None) -> None:
    """List a desk's codes for breaches and exclusions."""
    from watchbill.apps.reports.codes import Sort
    from watchbill.apps.reports.codes import code_list as codes_of

    desk_id = call.desk(desk).id
    rows = [
        {"sort": sort.value, "code": row.code, "label": row.label, "is_active": row.is_active}
        for sort in Sort
        for row in codes_of(desk_id, sort)
    ]
    call.tell({"codes": rows}, *table(("sort", "code", "label", "in use"), [list(row.values()) for row in rows]))


@breaches.command("code")
@click.argument("sort", type=click.Choice(("breach", "exclusion")))
@click.argument("code")
@click.argument("label")
@click.option("--out-of-use", is_flag=True, help="Offer it no more; what was said with it stays.")
@desk_option
@spoken
def code_save(call: Call, sort: str, code: str, label: str, *, out_of_use: bool, desk: str | None) -> None:
    """Add CODE with its words LABEL, call it otherwise, or put it out of use."""
    from watchbill.apps.reports.codes import Sort
    from watchbill.apps.reports.codes import code_save as save

    save(call.desk(desk).id, Sort(sort), code, label=label, is_active=not out_of_use, by=call.by, now=call.now)
    call.tell({"code": code, "label": label, "is_active": not out_of_use}, f"{code}: {label}")


@click.group()
def exclusions() -> None:
    """Commitments left out of the figures: one person asks, another approves."""


def _exclusion(row: ExclusionRow) -> dict[str, Any]:
    from watchbill.apps.core.references import EXCLUSION, shown

    names = ("name", "cycle", "code", "text", "asked_by_name", "asked_at", "answered_by_name", "answer", "answered_at",
             "withdrawn_by_name", "withdrawn_at")  # fmt: skip
    return {
        "reference": shown(EXCLUSION, row.id), "item": row.reference, "status": row.status.value,
        **{name: getattr(row, name) for name in names},
    }  # fmt: skip


def _tell(call: Call, row: ExclusionRow) -> None:
    told = _exclusion(row)
    call.tell(told, f"{told['reference']}: {row.name} of {row.reference} is {row.status.value}")


@exclusions.command("list")
@desk_option
@click.option("--status", type=click.Choice(STATUSES), help="Only those.")
@limit_option
@spoken
def exclusion_list(call: Call, desk: str | None, status: str | None, limit: int) -> None:
    """List exclusions, the latest first."""
    from watchbill.apps.reports.queries import ExclusionStatus
    from watchbill.apps.reports.queries import exclusion_list as exclusions_of

    found = exclusions_of(
        call.desk(desk).id, status=ExclusionStatus(status) if status else None, limit=limit, by=call.by
    )
    rows = [_exclusion(row) for row in found]
    heads = ("reference", "item", "name", "status", "code", "text", "asked_by_name", "answered_by_name")
    call.tell({"exclusions": rows}, *table(heads, [[row[name] for name in heads] for row in rows]))


@exclusions.command("ask")
@click.argument("item")
@click.argument("commitment")
@click.option(
    "--cycle", type=click.IntRange(min=1), default=1, show_default=True, help="Which one, of those that repeat."
)
@click.option("--code", required=True, help="The reason.")
@click.option("--text", required=True, help="Why, for whoever is to approve it.")
@spoken
def exclusion_ask(call: Call, item: str, commitment: str, cycle: int, code: str, text: str) -> None:
    """Ask to leave COMMITMENT of ITEM out of the figures."""
    from watchbill.flows.report.excluding import exclusion_ask as ask

    _tell(call, ask(item, commitment, cycle=cycle, code=code, text=text, by=call.by, now=call.now))


def _key(reference: str) -> int:
    from watchbill.apps.core.references import EXCLUSION, key_of

    return key_of(EXCLUSION, reference)


@exclusions.command("approve")
@click.argument("reference")
@click.option("--text", default="", help="More about it.")
@spoken
def exclusion_approve(call: Call, reference: str, text: str) -> None:
    """Approve what somebody else asks for."""
    from watchbill.flows.report.excluding import exclusion_approve as approve

    _tell(call, approve(_key(reference), text=text, by=call.by, now=call.now))


@exclusions.command("refuse")
@click.argument("reference")
@click.option("--text", required=True, help="Why not.")
@spoken
def exclusion_refuse(call: Call, reference: str, text: str) -> None:
    """Refuse what somebody else asks for."""
    from watchbill.flows.report.excluding import exclusion_refuse as refuse

    _tell(call, refuse(_key(reference), text=text, by=call.by, now=call.now))


@exclusions.command("withdraw")
@click.argument("reference")
@click.option("--text", default="", help="Why.")
@spoken
def exclusion_withdraw(call: Call, reference: str, text: str) -> None:
    """Take back what you asked for, approved or not."""
    from watchbill.flows.report.excluding import exclusion_withdraw as withdraw

    _tell(call, withdraw(_key(reference), text=text, by=call.by, now=call.now))


@click.command("pauses")
@click.option(
    "--by", "counted", type=click.Choice(("person", "team")), default="person", show_default=True, help="By whom."
)
@click.option(
    "--last-percent", type=click.IntRange(1, 99), default=10, show_default=True, help="Late: in this last part."
)
@click.option(
    "--message-min", type=click.IntRange(0, 10_080), default=30, show_default=True, help="Silent: none within."
)
@slice_options
@spoken
def pauses(call: Call, counted: str, last_percent: int, message_min: int, desk: str | None, **asked: Any) -> None:
    """Who begins pauses late or without a message to the customer, beside everybody else."""
    from watchbill.apps.reports.queries import PausedBy, PauseRule, pause_audit

    rule = PauseRule(last_ratio=last_percent / 100, message_min=message_min)
    found = pause_audit(_slice(call, desk, asked), rule, PausedBy(counted), by=call.by)
    rows = [
        {
            "name": one.name, "pauses": one.late.own.total, "late": _share(one.late.own),
            "late_of_others": one.late.others.share, "stands_out": one.late.stands_out,
            "silent": None if one.silent is None else _share(one.silent.own),
            "silent_stands_out": one.silent is not None and one.silent.stands_out,
        }
        for one in found.rows
    ]  # fmt: skip
    call.tell(
        {"late": _share(found.late), "silent": _share(found.silent) if found.has_messages else None, "rows": rows},
        *table(
            ("who", "pauses", "late", "stands out", "silent", "stands out"),
            [
                [one.name, one.late.own.total, _said(one.late.own), one.late.stands_out,
                 "not known" if one.silent is None else _said(one.silent.own),
                 one.silent is not None and one.silent.stands_out]
                for one in found.rows
            ],
        ),
    )  # fmt: skip
