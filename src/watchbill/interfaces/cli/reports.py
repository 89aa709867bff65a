"""`watchbill attainment`, `breaches`, `exclusions` and `pauses`: what was promised and kept, and why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from watchbill.apps.reports.choices import By, ExclusionStatus, PausedBy, PauseSort, Result, Sort
from watchbill.engine.clocks.facts import Agreement
from watchbill.interfaces.cli.speaking import PRIORITY, Call, desk_option, instant, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.apps.reports.queries import ExclusionRow
    from watchbill.apps.reports.slices import Slice

Command = TypeVar("Command", bound=Callable[..., Any])

after_option = click.option("--after", default="", metavar="KEY", help="Where the page before ended (its `next`).")


def slice_options(command: Command) -> Command:
    """Give a command the options that say which commitments."""
    for option in (
        click.option("--customer", metavar="CUSTOMER", help="Of this customer (CUS-7)."),
        click.option("--owner", metavar="PERSON", help="Of this owner (PER-12 or whole name)."),
        click.option("--team", metavar="NAME", help="Of this team."),
        click.option("--queue", metavar="NAME", help="Of this queue."),
        click.option("--priority", type=PRIORITY, help="Of this priority."),
        click.option(
            "--agreement", type=click.Choice([one.value for one in Agreement]), help="With whom it is agreed."
        ),
        click.option("--commitment", metavar="NAME", default="", help="Of this name, such as response."),
        click.option("--until", metavar="INSTANT", help="Before this instant, with offset."),
        click.option("--since", metavar="INSTANT", help="At this instant or later, with offset."),
        desk_option,
    ):
        command = option(command)
    return command


def _slice(call: Call, desk: str | None, asked: dict[str, Any]) -> Slice:
    from watchbill.flows.report.shown import Named, slice_of

    named = asked | {name: instant(asked[name], f"--{name}") for name in ("since", "until") if asked[name] is not None}
    return slice_of(call.desk(desk), Named(**named), by=call.by)


def _said(share: Mapping[str, Any] | None) -> str:
    if share is None:
        return "not known"
    if share["share"] is None:
        return "none yet"
    few = ", few" if share["is_small"] else ""
    return f"{share['share']:.1%} ({share['low']:.1%} to {share['high']:.1%}{few})"


def _tell_page(call: Call, page: Mapping[str, Any], name: str, heads: Iterable[str], *more: str) -> None:
    """Answer with a page of a list, and how to ask for the one after it."""
    columns = list(heads)
    following = [f"More: --after {page['next']}"] if page["next"] else []
    call.tell(page, *table(columns, [[row[head] for head in columns] for row in page[name]]), *following, *more)


@click.group()
def attainment() -> None:
    """What was promised and kept, by any slice, with how sure one can be of it."""


@attainment.command("show")
@click.option(
    "--by",
    "dividing",
    type=click.Choice([one.value for one in By]),
    default="commitment",
    show_default=True,
    help="By what.",
)
@slice_options
@spoken
def attainment_show(call: Call, dividing: str, desk: str | None, **asked: Any) -> None:
    """Show attainment by one slice, with and without what is excluded."""
    from watchbill.flows.report.shown import attainment_shown

    found = attainment_shown(_slice(call, desk, asked), By(dividing), by=call.by, now=call.now)
    heads = (dividing, "attainment", "met", "missed", "with excluded", "excluded", "open broken")
    lines = [
        [row["label"], _said(row["attainment"]), row["attainment"]["hits"],
         row["attainment"]["total"] - row["attainment"]["hits"], _said(row["with_excluded"]), row["excluded"], row["broken"]]
        for row in (*found["slices"], found["all"])
    ]  # fmt: skip
    call.tell(found, *table(heads, lines))


@attainment.command("list")
@click.option(
    "--result",
    type=click.Choice([one.value for one in Result]),
    default="decided",
    show_default=True,
    help="Which of them.",
)
@slice_options
@after_option
@limit_option
@spoken
def attainment_list(call: Call, result: str, desk: str | None, after: str, limit: int, **asked: Any) -> None:
    """List the commitments behind a number, the latest first."""
    from watchbill.flows.report.shown import commitments_shown

    page = commitments_shown(
        _slice(call, desk, asked), Result(result), after=after, limit=limit, by=call.by, now=call.now
    )
    heads = ("item", "commitment", "cycle", "status", "target_s", "elapsed_s", "at", "owner", "reason", "exclusion")
    _tell_page(call, page, "commitments", heads)


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
@after_option
@limit_option
@spoken
def breach_list(
    call: Call, *, reason: str, is_confirmed: bool | None, desk: str | None, after: str, limit: int, **asked: Any
) -> None:
    """List breaches, the latest first, and how many each reason explains."""
    from watchbill.flows.report.shown import breaches_shown

    page = breaches_shown(
        _slice(call, desk, asked), reason=reason, is_confirmed=is_confirmed, after=after, limit=limit, by=call.by
    )
    heads = ("reference", "item", "commitment", "breach_at", "suggested", "confirmed", "confirmed_by")
    names = ("label", "confirmed", "suggested")
    counts = table(("reason", *names[1:]), [[one[name] for name in names] for one in page["reasons"]])
    _tell_page(call, page, "breaches", heads, "", *counts)


@breaches.command("confirm")
@click.argument("references", nargs=-1, required=True)
@click.option("--code", default="", help="The reason; left out: each as suggested.")
@click.option("--note", default="", help="More about it; needed for “other”.")
@desk_option
@spoken
def breaches_confirm(call: Call, references: tuple[str, ...], code: str, note: str, desk: str | None) -> None:
    """Confirm why commitments were broken."""
    from watchbill.apps.core.references import BREACH, key_of
    from watchbill.flows.report.answering import breaches_confirm as confirm
    from watchbill.flows.report.shown import confirmed_shown

    keys = [key_of(BREACH, one) for one in references]
    done = confirm(call.desk(desk).id, keys, code=code, note=note, by=call.by, now=call.now)
    call.tell(
        confirmed_shown(done),
        f"{len(done.done)} confirmed",
        *(f"{item}: {reason}" for item, reason in done.left),
    )


@breaches.command("codes")
@desk_option
@spoken
def code_list(call: Call, desk: str | None) -> None:
    """List a desk's codes for breaches and exclusions."""
    from watchbill.flows.report.shown import codes_shown

    found = codes_shown(call.desk(desk).id)
    lines = [[sort, row["code"], row["label"], row["is_active"]] for sort, rows in found.items() for row in rows]
    call.tell(found, *table(("sort", "code", "label", "in use"), lines))


@breaches.command("code")
@click.argument("sort", type=click.Choice([one.value for one in Sort]))
@click.argument("code")
@click.argument("label")
@click.option("--out-of-use", is_flag=True, help="Offer it no more; what was said with it stays.")
@desk_option
@spoken
def code_save(call: Call, sort: str, code: str, label: str, *, out_of_use: bool, desk: str | None) -> None:
    """Add CODE with its words LABEL, call it otherwise, or put it out of use."""
    from watchbill.apps.reports.codes import code_save as save

    save(call.desk(desk).id, Sort(sort), code, label=label, is_active=not out_of_use, by=call.by, now=call.now)
    call.tell({"code": code, "label": label, "is_active": not out_of_use}, f"{code}: {label}")


@click.group()
def exclusions() -> None:
    """Commitments left out of the figures: one person asks, another approves."""


def _tell(call: Call, row: ExclusionRow) -> None:
    from watchbill.flows.report.shown import exclusion_shown

    told = exclusion_shown(row)
    call.tell(told, f"{told['reference']}: {row.name} of {row.reference} is {row.status.value}")


@exclusions.command("list")
@desk_option
@click.option("--status", type=click.Choice([one.value for one in ExclusionStatus]), help="Only those.")
@after_option
@limit_option
@spoken
def exclusion_list(call: Call, desk: str | None, status: str | None, after: str, limit: int) -> None:
    """List exclusions, the latest first."""
    from watchbill.flows.report.shown import exclusions_shown

    wanted = ExclusionStatus(status) if status else None
    page = exclusions_shown(call.desk(desk).id, status=wanted, after=after, limit=limit, by=call.by)
    heads = ("reference", "item", "commitment", "status", "code", "text", "asked_by", "answered_by")
    _tell_page(call, page, "exclusions", heads)


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
    "--by",
    "counted",
    type=click.Choice([one.value for one in PausedBy]),
    default="person",
    show_default=True,
    help="By whom.",
)
@click.option(
    "--last-percent", type=click.IntRange(1, 99), default=10, show_default=True, help="Late: in this last part."
)
@click.option(
    "--message-min", type=click.IntRange(0, 10_080), default=30, show_default=True, help="Silent: none within."
)
@click.option(
    "--list",
    "which",
    type=click.Choice([one.value for one in PauseSort]),
    help="The pauses behind a number, the latest first, in place of the numbers.",
)
@click.option("--key", default="", metavar="KEY", help="With --list: of this person or team, by the `key` of its row.")
@slice_options
@after_option
@limit_option
@spoken
def pauses(
    call: Call, counted: str, last_percent: int, message_min: int, which: str | None, key: str, desk: str | None,
    after: str, limit: int, **asked: Any,
) -> None:  # fmt: skip
    """Who begins pauses late or without a message to the customer, beside everybody else."""
    from watchbill.apps.reports.queries import PauseRule
    from watchbill.flows.report.shown import audit_shown, pauses_shown

    wanted, by = _slice(call, desk, asked), PausedBy(counted)
    rule = PauseRule(last_ratio=last_percent / 100, message_min=message_min)
    if which is not None:
        page = pauses_shown(wanted, rule, PauseSort(which), by, key=key, after=after, limit=limit, by=call.by)
        _tell_page(
            call, page, "pauses", ("item", "commitment", "by", "team", "began_at", "gone_ratio", "message_s", "state")
        )
        return
    found = audit_shown(wanted, rule, by, by=call.by)
    lines = [
        [row["name"], row["late"]["own"]["total"], _said(row["late"]["own"]), row["late"]["stands_out"],
         _said(row["silent"] and row["silent"]["own"]), bool(row["silent"] and row["silent"]["stands_out"])]
        for row in found["rows"]
    ]  # fmt: skip
    call.tell(found, *table(("who", "pauses", "late", "stands out", "silent", "stands out"), lines))
