"""`watchbill stuck` and `watchbill traffic`: what does not move, and what becomes of work when a region goes home."""

from __future__ import annotations

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table

REASONS = (
    "unaccepted", "left", "absent", "off_shift", "queue_retired", "team_empty", "no_path", "bouncing", "ageing",
)  # fmt: skip


@click.command()
@desk_option
@click.option("--reason", type=click.Choice(REASONS), help="Only what is stuck for this reason.")
@click.option("--after", default="", metavar="PLACE", help="Items behind this place: “next” of the page before.")
@limit_option
@spoken
def stuck(call: Call, desk: str | None, reason: str | None, after: str, limit: int) -> None:
    """List work that is stuck, the first promise first, and why."""
    from watchbill.apps.work.queries import Key
    from watchbill.engine.sense.stuck import StuckReason
    from watchbill.flows.stuck import stuck_find, stuck_shown

    page = stuck_find(
        call.desk(desk).id, reason=StuckReason(reason) if reason else None, after=Key.parse(after), limit=limit,
        by=call.by, now=call.now,
    )  # fmt: skip
    told = stuck_shown(page)
    rows = [
        (one["reference"], f"P{one['priority']}", one["owner"] or "", ", ".join(one["words"]), one["title"])
        for one in told["items"]
    ]
    counts = ", ".join(f"{name}: {count:,}" for name, count in told["counts"].items())
    call.tell(
        told,
        f"{page.total:,} stuck. {counts}".strip() if page.total else "Nothing is stuck.",
        *(table(("reference", "priority", "owner", "why", "subject"), rows) if rows else ()),
        *([f"More: --after {told['next']}"] if told["next"] else []),
    )


@click.group()
def traffic() -> None:
    """What becomes of work when a region goes home: kept, passed with the sun, or parked."""


@traffic.command("list")
@desk_option
@click.option("--region", default="", help="Only what this region leaves.")
@click.option("--choice", type=click.Choice(("keep", "pass", "park")), help="Only what is kept, passed or parked.")
@click.option("--after", default="", metavar="PLACE", help="Items behind this place: “next” of the page before.")
@limit_option
@spoken
def traffic_list(call: Call, desk: str | None, region: str, choice: str | None, after: str, limit: int) -> None:
    """List what was decided for the coming changes of region, and why."""
    from watchbill.apps.decisions.traffic import changes_ahead, traffic_page
    from watchbill.apps.people.regions import region_named
    from watchbill.apps.work.queries import Key
    from watchbill.flows.traffic import changes_shown, traffic_key, traffic_shown

    desk_id = call.desk(desk).id
    found = traffic_page(
        desk_id, region_id=region_named(desk_id, region), choice=choice or "", after=Key.parse(after),
        limit=limit + 1, by=call.by, now=call.now,
    )  # fmt: skip
    changes = changes_shown(changes_ahead(desk_id, by=call.by, now=call.now))
    rows = traffic_shown(found[:limit])
    more = str(traffic_key(found[limit - 1])) if len(found) > limit else None
    heads = ("reference", "owner", "leaves_at", "choice", "to_region", "reason")
    call.tell(
        {"changes": changes, "items": rows, "next": more},
        *(
            f"{one['region']} goes home at {one['leaves_at']}: {one['keep']} kept, {one['pass']} passed, {one['park']} parked"
            for one in changes
        ),
        *(table(heads, [[row[name] for name in heads] for row in rows]) if rows else ("No region goes home soon.",)),
        *([f"More: --after {more}"] if more else []),
    )


@traffic.command("pin")
@click.argument("reference")
@click.option("--off", is_flag=True, help="Let it go again.")
@spoken
def traffic_pin(call: Call, reference: str, off: bool) -> None:  # noqa: FBT001 -- a flag
    """Keep an item with its owner at changes of region, whatever is decided."""
    from watchbill.flows.traffic import item_pin

    written = item_pin(reference, is_pinned=not off, by=call.by, now=call.now)
    said = "is not pinned any more" if off else "stays with its owner"
    call.tell({"item": written.reference, "version": written.version, "is_pinned": not off}, f"{reference} {said}")
