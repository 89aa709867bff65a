"""`watchbill absences`: who is away, from when until when, and who stands in."""

from __future__ import annotations

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, instant, limit_option, spoken, table

KINDS = ("leave", "sick", "training", "other")


@click.group()
def absences() -> None:
    """Who is away from when until when, and who stands in: no work is given to her meanwhile."""


@absences.command("list")
@desk_option
@click.option("--person", metavar="PERSON", help="Only this person's (PER-12 or whole name).")
@click.option("--after", default="", metavar="ABS-6", help="Absences behind this one.")
@limit_option
@spoken
def absence_list(call: Call, desk: str | None, person: str | None, after: str, limit: int) -> None:
    """List absences that are not over, the earliest first."""
    from watchbill.apps.core.references import ABSENCE, key_of
    from watchbill.apps.people.queries import person_key
    from watchbill.apps.shifts.absences import absence_list as rows_of
    from watchbill.apps.shifts.absences import absence_shown

    desk_id = call.desk(desk).id
    found = rows_of(
        desk_id, until_after=call.now, person_id=person_key(desk_id, person, by=call.by) if person else None,
        after=key_of(ABSENCE, after) if after else None, limit=limit + 1, by=call.by,
    )  # fmt: skip
    rows = [absence_shown(row) for row in found[:limit]]
    more = rows[-1]["reference"] if len(found) > limit else None
    heads = ("reference", "person", "from_at", "until_at", "kind", "deputy", "note")
    call.tell(
        {"absences": rows, "next": more},
        *table(heads, [[row[name] for name in heads] for row in rows]),
        *([f"More: --after {more}"] if more else []),
    )


@absences.command("add")
@click.argument("person")
@click.argument("from_at", metavar="FROM")
@click.argument("until_at", metavar="UNTIL")
@desk_option
@click.option("--kind", type=click.Choice(KINDS), default="leave", show_default=True, help="Why she is away.")
@click.option("--deputy", metavar="PERSON", help="Who stands in meanwhile.")
@click.option("--note", default="", help="For those who plan.")
@spoken
def absence_add(
    call: Call, person: str, from_at: str, until_at: str, desk: str | None, kind: str, deputy: str | None, note: str
) -> None:
    """Say that PERSON (PER-12 or whole name) is away from FROM until UNTIL, instants with offset."""
    from watchbill.apps.people.queries import person_key
    from watchbill.apps.shifts.absences import absence_add as add
    from watchbill.apps.shifts.absences import absence_shown

    desk_id = call.desk(desk).id
    row = add(
        person_key(desk_id, person, by=call.by), from_at=instant(from_at, "FROM"), until_at=instant(until_at, "UNTIL"),
        kind=kind, note=note, deputy_id=person_key(desk_id, deputy, by=call.by) if deputy else None,
        by=call.by, now=call.now,
    )  # fmt: skip
    call.tell(absence_shown(row), *filter(None, (f"{row.person} is away: {row.reference}", row.warning)))


@absences.command("cancel")
@click.argument("reference")
@spoken
def absence_cancel(call: Call, reference: str) -> None:
    """Take an absence back; one that has begun ends now."""
    from watchbill.apps.core.references import ABSENCE, key_of
    from watchbill.apps.shifts.absences import absence_cancel as cancel
    from watchbill.apps.shifts.absences import absence_shown

    row = cancel(key_of(ABSENCE, reference), by=call.by, now=call.now)
    said = "was taken back" if row.cancelled_at else "ends now"
    call.tell(absence_shown(row), f"{row.reference} of {row.person} {said}")
