"""`watchbill customers`: whom a desk serves, on what terms and where: assignment weighs it, and clocks follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table, version_option

if TYPE_CHECKING:
    from watchbill.apps.customers.services import Kept

NAMES = ("name", "tier", "contract", "zone", "is_sensitive", "version")

reason_option = click.option("--reason", default="", help="Why; it is kept in the audit trail.")


@click.group()
def customers() -> None:
    """List customers; set their terms and sites."""


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
    rows = [
        {"reference": shown(CUSTOMER, row.id), **{name: getattr(row, name) for name in NAMES}} for row in found[:limit]
    ]
    more = rows[-1]["name"] if len(found) > limit else None
    lines = table(("reference", *NAMES), [list(row.values()) for row in rows])
    call.tell({"customers": rows, "next": more}, *lines, *([f'More: --after "{more}"'] if more else []))


@customers.command("show")
@click.argument("reference")
@spoken
def customers_show(call: Call, reference: str) -> None:
    """Show a customer (CUS-7) with its sites, and how it stood from when on, the latest first."""
    from watchbill.apps.core.references import CUSTOMER, SITE, key_of, shown
    from watchbill.apps.customers.queries import customer_get, site_list, terms_of
    from watchbill.engine.base.time import EARLIEST

    row = customer_get(key_of(CUSTOMER, reference), by=call.by)
    sites = [
        {"reference": shown(SITE, one.id), "name": one.name, "zone": one.zone, "is_active": one.is_active}
        for one in site_list(row.id)
    ]
    terms: list[dict[str, Any]] = [
        {
            "since": None if one.at == EARLIEST else one.at, "tier": one.tier, "contract": one.contract, "zone": one.zone,
            "is_sensitive": one.is_sensitive, "by": one.by_name, "reason": one.reason,
        }
        for one in reversed(terms_of([row.id])[row.id])
    ]  # fmt: skip
    whole = {"reference": shown(CUSTOMER, row.id), **{name: getattr(row, name) for name in NAMES}}
    heads = ("since", "tier", "contract", "zone", "is_sensitive", "by", "reason")
    called = [[one["since"] or "ever", *(one[name] for name in heads[1:])] for one in terms]
    call.tell(
        {**whole, "sites": sites, "terms": terms},
        f"{whole['reference']}  {row.name}  (version {row.version})",
        "",
        *table(("reference", "name", "zone", "is_active"), [list(one.values()) for one in sites]),
        "",
        *table(heads, called),
    )


@customers.command("set")
@click.argument("reference")
@click.option("--tier", metavar="TIER", help="standard, plus or premier.")
@click.option("--contract", metavar="TEXT", help='What was agreed; "" for none.')
@click.option("--zone", metavar="ZONE", help='IANA time zone; "" for not known.')
@click.option("--sensitive/--not-sensitive", default=None, help="Whether it is sensitive.")
@version_option
@reason_option
@spoken
def customers_set(call: Call, reference: str, *, sensitive: bool | None, **given: Any) -> None:
    """Set the terms of a customer (CUS-7) from now on; the clocks of its open items are computed anew."""
    from watchbill.apps.core.references import CUSTOMER, key_of
    from watchbill.flows.customers import customer_change

    kept = customer_change(key_of(CUSTOMER, reference), is_sensitive=sensitive, **given, by=call.by, now=call.now)
    call.tell({"reference": reference, "version": kept.version}, f"{reference} is kept (version {kept.version})")


@customers.command("site-add")
@click.argument("reference")
@click.argument("name")
@click.option("--zone", default="", metavar="ZONE", help="IANA time zone; without one: the customer's.")
@version_option
@reason_option
@spoken
def site_add(call: Call, reference: str, name: str, **given: Any) -> None:
    """Add a site called NAME to a customer (CUS-7)."""
    from watchbill.apps.core.references import CUSTOMER, key_of
    from watchbill.apps.customers.services import site_add as add

    _site_kept(call, add(key_of(CUSTOMER, reference), name, **given, by=call.by, now=call.now))


@customers.command("site-set")
@click.argument("site")
@click.option("--name", metavar="NAME", help="What it is called from now on.")
@click.option("--zone", metavar="ZONE", help='IANA time zone; "" for the customer\'s.')
@click.option("--in-use/--out-of-use", "is_active", default=None, help="Whether items are placed there.")
@version_option
@reason_option
@spoken
def site_set(call: Call, site: str, **given: Any) -> None:
    """Rename a site (SITE-3), set its time zone, or take it out of use; the version is its customer's."""
    from watchbill.apps.core.references import SITE, key_of
    from watchbill.flows.customers import site_change

    _site_kept(call, site_change(key_of(SITE, site), **given, by=call.by, now=call.now))


def _site_kept(call: Call, kept: Kept) -> None:
    from watchbill.apps.core.references import CUSTOMER, SITE, shown

    site, customer = shown(SITE, kept.site_id), shown(CUSTOMER, kept.customer_id)
    call.tell(
        {"site": site, "reference": customer, "version": kept.version},
        f"{site} of {customer} is kept (version {kept.version})",
    )
