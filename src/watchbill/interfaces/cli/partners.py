"""`watchbill partners`: outside firms that do work for a desk, and what they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from watchbill.interfaces.cli.speaking import PRIORITY, Call, desk_option, spoken, table, version_option

View = TypeVar("View", bound=Callable[..., Any])

OF_CHANGE = (
    click.option("--name", help="Its new name."),
    click.option("--at-once", type=int, metavar="N", help="How many of our items it works on at the same time."),
    click.option("--most", type=int, metavar="N", help="How many open items it takes from us at most."),
    click.option("--lead-min", type=int, metavar="MINUTES", help="Minutes from being asked until it begins."),
)
SAID = (
    click.option("--category", multiple=True, metavar="NAME", help="A category it takes; several times; none: all."),
    click.option("--least-priority", type=PRIORITY, help="The most urgent priority that may be passed to it."),
    click.option("--price", metavar="AMOUNT", help='For one item, such as 85 or 85.50; "" for not known.'),
    click.option("--currency", metavar="CODE", help="Three letters, such as EUR; asked for with a price."),
    click.option("--email", metavar="ADDRESS", help="Where it is asked."),
    click.option("--note", help="What else should be known."),
)
reason_option = click.option("--reason", required=True, help="Why; it is kept in the audit trail.")


def _options(*options: Callable[[View], View]) -> Callable[[View], View]:
    """Give a command several options, in their order."""

    def give(command: View) -> View:
        for option in reversed(options):
            command = option(command)
        return command

    return give


@click.group()
def partners() -> None:
    """List the partners of a desk, to which open items can be passed; name, change and retire them."""


@partners.command("list")
@desk_option
@click.option("--retired", is_flag=True, help="The retired ones, too.")
@spoken
def partner_list(call: Call, desk: str | None, *, retired: bool) -> None:
    """List the partners of a desk by name: what they take, when they begin, and what one item costs."""
    from watchbill.flows.partners import partners_told

    rows = partners_told(call.desk(desk).id, is_in_use=not retired, by=call.by)
    heads = (
        "reference",
        "name",
        "takes",
        "categories",
        "lead_min",
        "at_once",
        "most",
        "held",
        "price",
        "email",
        "is_active",
    )
    shown = [[_cells(row)[head] for head in heads] for row in rows]
    notes = [f"{row['name']}: {note}" for row in rows for note in row["notes"]]
    call.tell({"partners": rows}, *table(heads, shown), *notes)


def _cells(row: Mapping[str, Any]) -> dict[str, object]:
    """Return what a line of the table shows."""
    least = row["least_priority"]
    return {
        **row,
        "takes": "P4" if least == 4 else f"P{least} to P4",
        "categories": ", ".join(row["categories"]) or "all",
        "price": "not known" if row["price"] is None else f"{row['price']} {row['currency']}",
    }


@partners.command("add")
@click.argument("name")
@click.option("--at-once", type=int, metavar="N", required=True, help="On how many of our items it works at once.")
@click.option("--most", type=int, metavar="N", required=True, help="How many open items it takes from us at most.")
@click.option(
    "--lead-min", type=int, metavar="MINUTES", required=True, help="Minutes from being asked until it begins."
)
@_options(*SAID)
@desk_option
@spoken
def partner_add(call: Call, name: str, desk: str | None, **given: Any) -> None:
    """Name a partner; without --least-priority it takes P2 and what is less urgent."""
    from watchbill.apps.people.partners import partner_add as add

    facts = _said(given)
    _tell(call, add(call.desk(desk).id, name=name, **facts, by=call.by, now=call.now), "is added")


@partners.command("change")
@click.argument("partner")
@_options(*OF_CHANGE, *SAID)
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
@version_option
@desk_option
@spoken
def partner_change(
    call: Call, partner: str, reason: str, version: int | None, desk: str | None, **given: Any
) -> None:  # fmt: skip
    """Change what is said of PARTNER (PTN-3 or its whole name); what is left out stays. --category "" means all again."""
    from watchbill.apps.people.partners import partner_change as change

    key = _key(call, partner, desk)
    is_changed = change(key, **_said(given), version=version, reason=reason, by=call.by, now=call.now)
    _tell(call, key, "is changed" if is_changed else "nothing was different")


@partners.command("retire")
@click.argument("partner")
@reason_option
@version_option
@desk_option
@spoken
def partner_retire(call: Call, partner: str, reason: str, version: int | None, desk: str | None) -> None:
    """Retire PARTNER (PTN-3 or its whole name): nothing more is passed to it."""
    from watchbill.apps.people.partners import partner_retire as retire

    key = _key(call, partner, desk)
    retire(key, reason=reason, version=version, by=call.by, now=call.now)
    _tell(call, key, "is retired")


@partners.command("restore")
@click.argument("partner")
@reason_option
@version_option
@desk_option
@spoken
def partner_restore(call: Call, partner: str, reason: str, version: int | None, desk: str | None) -> None:
    """Take a retired PARTNER into use again, as it was."""
    from watchbill.apps.people.partners import partner_restore as restore

    key = _key(call, partner, desk)
    restore(key, reason=reason, version=version, by=call.by, now=call.now)
    _tell(call, key, "is in use again")


def _key(call: Call, partner: str, desk: str | None) -> int:
    """Return the key of a partner; a reference needs no desk."""
    from watchbill.apps.core.references import PARTNER, is_reference, key_of
    from watchbill.apps.people.partners import partner_named, partner_seen

    if is_reference(PARTNER, partner):
        return partner_seen(key_of(PARTNER, partner), by=call.by).id
    return partner_named(call.desk(desk).id, partner, by=call.by).id


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what options say; those left out are not there."""
    from watchbill.apps.people.partnerfacts import price_of

    said = {name: value for name, value in given.items() if value not in (None, ())}
    if "category" in said:
        said["categories"] = said.pop("category")
    if "price" in said:
        said["price"] = price_of(said["price"])
    return said


def _tell(call: Call, key: int, what: str) -> None:
    from watchbill.flows.partners import partner_told

    row = partner_told(key, by=call.by)
    call.tell(row, f"{row['reference']} {row['name']} {what} (version {row['version']})", *row["notes"])
