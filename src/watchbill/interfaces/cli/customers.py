"""`watchbill customers`: whom a desk serves, on what terms and where: assignment weighs it, and clocks follow it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table, version_option

if TYPE_CHECKING:
    from watchbill.apps.customers.services import Kept

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
    from watchbill.apps.customers.shown import customers_shown

    page = customers_shown(call.desk(desk).id, text=search, after=after, limit=limit, by=call.by)
    heads = ("reference", "name", "tier", "contract", "zone", "is_sensitive", "version")
    more = [f'More: --after "{page["next"]}"'] if page["next"] else []
    call.tell(page, *table(heads, [[row[head] for head in heads] for row in page["customers"]]), *more)


@customers.command("show")
@click.argument("reference")
@spoken
def customers_show(call: Call, reference: str) -> None:
    """Show a customer (CUS-7) with its sites, and how it and they stood from when on, the latest first."""
    from watchbill.apps.core.references import CUSTOMER, key_of
    from watchbill.apps.customers.shown import customer_shown

    whole = customer_shown(key_of(CUSTOMER, reference), by=call.by)
    heads = ("since", "tier", "contract", "zone", "is_sensitive", "by", "reason")
    columns, at_site = ("reference", "name", "zone", "is_active"), ("site", "since", "name", "zone", "by", "reason")
    called = [_since(one, heads) for one in whole["terms"]]
    sites = [_since({**one, "site": site["reference"]}, at_site) for site in whole["sites"] for one in site["terms"]]
    call.tell(
        whole,
        f"{whole['reference']}  {whole['name']}  (version {whole['version']})",
        f"Clearances asked for: {', '.join(whole['clearances']) or 'none'}",
        "",
        *table(columns, [[one[name] for name in columns] for one in whole["sites"]]),
        "",
        *table(heads, called),
        *(["", *table(at_site, sites)] if sites else []),
    )


def _since(terms: dict[str, Any], heads: Sequence[str]) -> list[object]:
    """A row of terms; those that hold for a whole history hold since ever."""
    return [terms[name] or "ever" if name == "since" else terms[name] for name in heads]


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
    _tell(call, kept, reference)


@customers.command("clearances")
@click.argument("reference")
@click.argument("clearance", nargs=-1)
@version_option
@reason_option
@spoken
def customers_clearances(call: Call, reference: str, clearance: tuple[str, ...], **given: Any) -> None:
    """Say which clearances whoever works for a customer (CUS-7) must have; without any: none."""
    from watchbill.apps.core.references import CUSTOMER, key_of
    from watchbill.apps.customers.services import clearances_set

    kept = clearances_set(key_of(CUSTOMER, reference), clearance, **given, by=call.by, now=call.now)
    _tell(call, kept, reference)


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


def _tell(call: Call, kept: Kept, what: str) -> None:
    from watchbill.apps.customers.shown import kept_shown

    said = "is kept" if kept.changed else "nothing was different"
    call.tell(kept_shown(kept), f"{what}{' ' if kept.changed else ': '}{said} (version {kept.version})")


def _site_kept(call: Call, kept: Kept) -> None:
    from watchbill.apps.core.references import CUSTOMER, SITE, shown

    _tell(call, kept, f"{shown(SITE, kept.site_id)} of {shown(CUSTOMER, kept.customer_id)}")
