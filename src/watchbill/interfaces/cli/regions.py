"""`watchbill people regions`: where teams and people are."""

from __future__ import annotations

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, spoken, table

version_option = click.option(
    "--version", type=click.IntRange(min=0), help="The version you saw: a conflict if somebody was faster."
)


@click.group()
def regions() -> None:
    """List, make, change and retire regions; put teams and people into them."""


@regions.command("list")
@desk_option
@spoken
def region_list(call: Call, desk: str | None) -> None:
    """List the regions of a desk with their teams, and how many people count there."""
    from watchbill.apps.people.regions import region_list as listed

    heads = ("name", "zone", "is_active", "people", "teams", "version")
    rows = [{name: getattr(row, name) for name in heads} for row in listed(call.desk(desk).id, by=call.by)]
    shown = [[row["name"], row["zone"], row["is_active"], row["people"], ", ".join(row["teams"])] for row in rows]
    call.tell({"regions": rows}, *table(heads[:-1], shown))


@regions.command("add")
@click.argument("name")
@click.option("--zone", required=True, metavar="ZONE", help="IANA time zone, such as Asia/Tokyo.")
@desk_option
@spoken
def region_add(call: Call, name: str, zone: str, desk: str | None) -> None:
    """Make a region called NAME."""
    from watchbill.apps.people.regions import region_save

    region_save(call.desk(desk).id, name=name, zone=zone, by=call.by, now=call.now)
    call.tell({"name": name, "zone": zone}, f"Made the region {name}")


@regions.command("set")
@click.argument("region")
@click.option("--name", help="Its new name.")
@click.option("--zone", metavar="ZONE", help="Its new time zone.")
@version_option
@desk_option
@spoken
def region_set(
    call: Call, region: str, name: str | None, zone: str | None, version: int | None, desk: str | None
) -> None:  # fmt: skip
    """Give REGION another name or time zone."""
    from watchbill.apps.people.regions import region_get
    from watchbill.flows.regions import region_change

    desk_id = call.desk(desk).id
    row = region_get(desk_id, region, by=call.by)
    said = {"name": row.name if name is None else name, "zone": row.zone if zone is None else zone}
    region_change(desk_id, row.id, **said, version=version, by=call.by, now=call.now)
    call.tell(said, f"{said['name']}: {said['zone']}")


@regions.command("retire")
@click.argument("region")
@click.option("--reason", required=True, help="Why; it is kept in the audit trail.")
@click.option("--back", is_flag=True, help="Use a retired region again.")
@version_option
@desk_option
@spoken
def region_retire(
    call: Call, region: str, reason: str, version: int | None, desk: str | None, *, back: bool
) -> None:  # fmt: skip
    """Retire REGION. Refused, naming them, while teams or active people are in it; what happened in it keeps its name."""
    from watchbill.apps.people.regions import region_activity_set, region_get

    desk_id = call.desk(desk).id
    row = region_get(desk_id, region, by=call.by)
    region_activity_set(
        desk_id, row.id, is_active=back, reason=reason, version=version, by=call.by, now=call.now
    )  # fmt: skip
    call.tell({"name": row.name, "is_active": back}, f"{row.name} is {'in use again' if back else 'retired'}")


@regions.command("put")
@click.argument("region")
@click.option("--team", multiple=True, metavar="TEAM", help="A team by name; may be given several times.")
@click.option("--person", multiple=True, metavar="PERSON", help="A person (PER-12 or whole name); several times, too.")
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
@desk_option
@spoken
def region_put(
    call: Call, region: str, team: tuple[str, ...], person: tuple[str, ...], reason: str, desk: str | None
) -> None:  # fmt: skip
    """Put teams and people into REGION, all or nothing; "" takes them out of theirs. A person's own comes before her teams'."""
    from watchbill.flows.regions import region_put as put

    if not team and not person:
        raise click.UsageError("Say --team or --person")
    changed = put(call.desk(desk).id, region, teams=team, people=person, reason=reason, by=call.by, now=call.now)
    call.tell({"region": region, "changed": changed}, f"{region or 'No region'}: {', '.join(changed) or 'nothing new'}")
