"""`watchbill customers`: whom a desk serves, and what assignment weighs of them."""

from __future__ import annotations

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table, version_option


@click.group()
def customers() -> None:
    """List customers; set a tier, or that one is sensitive."""


@customers.command("list")
@desk_option
@click.option("--search", default="", metavar="TEXT", help="Part of a name.")
@click.option("--after", default="", metavar="NAME", help="Names after this one.")
@limit_option
@spoken
def customers_list(call: Call, desk: str | None, search: str, after: str, limit: int) -> None:
    """List customers of a desk by name."""
    from watchbill.apps.core.references import CUSTOMER, shown
    from watchbill.apps.customers.queries import customer_list

    found = customer_list(call.desk(desk).id, text=search, after=after, limit=limit + 1, by=call.by)
    names = ("name", "tier", "is_sensitive", "version")
    rows = [
        {"reference": shown(CUSTOMER, row.id), **{name: getattr(row, name) for name in names}} for row in found[:limit]
    ]
    more = rows[-1]["name"] if len(found) > limit else None
    lines = table(("reference", *names), [list(row.values()) for row in rows])
    call.tell({"customers": rows, "next": more}, *lines, *([f'More: --after "{more}"'] if more else []))


@customers.command("set")
@click.argument("reference")
@click.option("--tier", metavar="TIER", help="standard, plus or premier.")
@click.option("--sensitive/--not-sensitive", default=None, help="Whether it is sensitive.")
@version_option
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
@spoken
def customers_set(
    call: Call, reference: str, *, tier: str | None, sensitive: bool | None, version: int | None, reason: str
) -> None:
    """Set the tier of a customer (CUS-7), or whether it is sensitive: both weigh in assignment."""
    from watchbill.apps.core.references import CUSTOMER, key_of
    from watchbill.apps.customers.services import customer_update

    new = customer_update(
        key_of(CUSTOMER, reference), tier=tier, is_sensitive=sensitive, version=version, reason=reason, by=call.by,
        now=call.now,
    )  # fmt: skip
    call.tell({"reference": reference, "version": new}, f"{reference} is kept (version {new})")
