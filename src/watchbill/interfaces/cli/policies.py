"""`watchbill policy`: read, replay and publish what Watchbill goes by."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from watchbill.interfaces.cli.files import file_object, slips_placed
from watchbill.interfaces.cli.items import INSTANTS
from watchbill.interfaces.cli.speaking import Call, desk_option, spoken, table

KINDS = ("assign", "clocks", "calendar")


@click.group()
def policy() -> None:
    """Read, replay and publish policies of assignment and clocks, and calendars."""


policies = click.Group("policies", policy.commands, hidden=True, help=policy.help)
"""The same by the name that it had first."""


@policy.command("show")
@click.argument("kind", type=click.Choice(KINDS), required=False)
@desk_option
@spoken
def policy_show(call: Call, kind: str | None, desk: str | None) -> None:
    """List the versions; with KIND, print the bodies that hold, ready to edit and publish."""
    from watchbill.apps.clocks import queries as clocks
    from watchbill.apps.decisions import queries as decisions
    from watchbill.apps.people.rights import Right, require

    desk_id = call.desk(desk).id
    require(call.by, Right.POLICY_VIEW, desk_id)
    versions: dict[str, list[dict[str, Any]]] = {
        "assign": decisions.policy_versions(desk_id),
        "clocks": clocks.policy_versions(desk_id),
        "calendar": clocks.calendar_versions(desk_id),
    }
    if kind is None:
        names = ("name", "number", "holds_from", "by", "reason")
        found = {
            sort: [{n: each[n] for n in names if n in each} for each in ({**row, "by": row["by_name"]} for row in rows)]
            for sort, rows in versions.items()
        }
        lines = [[sort, *(row.get(name) for name in names)] for sort, rows in found.items() for row in rows]
        call.tell(found, *table(("kind", *names), lines))
        return
    if kind == "assign":
        body: Any = decisions.policy_in_force(desk_id, call.now).policy.as_json()
    else:
        held = [row for row in versions[kind] if row["holds_from"] <= call.now]
        latest: dict[str, Any] = {}
        for row in sorted(held, key=lambda row: (row["holds_from"], row["number"])):
            latest[row.get("name", "")] = row["body"]
        body = latest if kind == "calendar" else latest.get("")
    call.tell(body, json.dumps(body, indent=2, ensure_ascii=False))


@policy.command("publish")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.File("r", encoding="utf-8"))
@desk_option
@click.option("--name", metavar="CALENDAR", help="Which calendar, for the kind calendar.")
@click.option("--reason", required=True, help="Why; it is kept with the version.")
@click.option("--holds-from", type=INSTANTS, metavar="INSTANT", help="From when on, with offset; else from now on.")
@click.option("--for-history", is_flag=True, help="Let it hold from before now: only where no item was opened since.")
@click.option("--seen", type=click.IntRange(min=0), help="The version you edited: a conflict if one came since.")
@click.option(
    "--leave", "leaves", multiple=True, metavar="KEY", help="What the replay shows to be left undone, and is meant so."
)
@spoken
def policy_publish(
    call: Call, kind: str, file: Any, desk: str | None, name: str | None, reason: str, holds_from: datetime | None,
    seen: int | None, leaves: tuple[str, ...], *, for_history: bool,
) -> None:  # fmt: skip
    """Publish FILE (JSON or TOML; “-” reads standard input) as the next version.

    An assignment policy says what is to be other than in force, and all that changes is listed. A calendar is a week of hours, or made of others: {"union": ["EMEA", "APJ"]} or {"intersection": [...]}. A clock policy
    of a desk that has items must have been replayed over them first: watchbill policy replay FILE.
    """
    from watchbill.apps.clocks import services as clocks
    from watchbill.apps.clocks.using import published_notes
    from watchbill.apps.decisions import services as decisions
    from watchbill.engine.base.errors import InvalidFacts
    from watchbill.flows.replay.drafts import draft_of

    desk_id, body = call.desk(desk).id, file_object(file)
    how: dict[str, Any] = {
        "holds_from": holds_from or call.now, "is_for_history": for_history, "reason": reason, "seen_number": seen,
        "by": call.by, "now": call.now,
    }  # fmt: skip
    if kind == "calendar":
        if not name:
            raise InvalidFacts("Say which calendar: --name CALENDAR")
        number = clocks.calendar_publish(desk_id, name, body, **how)
        more = {"notes": published_notes(desk_id, name.strip(), holds_from=how["holds_from"], now=call.now)}
    else:
        policy_of_file, _ = draft_of(body) if kind == "clocks" else (body, None)
        with slips_placed(body):
            number, more = (
                decisions.policy_publish(desk_id, body, **how) if kind == "assign"
                else clocks.policy_publish(desk_id, policy_of_file, leaves=leaves, **how)
            ), {}  # fmt: skip
    if kind == "assign":
        _tell_published(call, desk_id, number)
    else:
        call.tell({"kind": kind, "number": number, **more}, f"Published: {kind} {number}", *more.get("notes", ()))


@policy.command("take-back")
@click.argument("number", type=click.IntRange(min=0))
@desk_option
@click.option("--reason", required=True, help="Why; it is kept with the version.")
@click.option("--seen", type=click.IntRange(min=0), help="The newest version you saw: a conflict if one came since.")
@spoken
def policy_take_back(call: Call, number: int, desk: str | None, reason: str, seen: int | None) -> None:
    """Take version NUMBER of the assignment policy back: publish it again at once, as it was; 0 is what is delivered.

    No dry run is needed for a version that held within the last 14 days.
    """
    from watchbill.apps.decisions import services as decisions

    desk_id = call.desk(desk).id
    new = decisions.policy_take_back(desk_id, number, reason=reason, seen_number=seen, by=call.by, now=call.now)
    _tell_published(call, desk_id, new)


def _tell_published(call: Call, desk_id: int, number: int) -> None:
    """Say what a new version of the assignment policy changes, and what is worth saying of it."""
    from watchbill.apps.decisions.drafts import version_changes
    from watchbill.apps.decisions.queries import policy_version
    from watchbill.flows.assign.routes import policy_notes

    notes, changes = policy_notes(desk_id, policy_version(desk_id, number)), version_changes(desk_id, number)
    call.tell(
        {"kind": "assign", "number": number, "notes": notes, "changes": [one._asdict() for one in changes]},
        f"Published: assign {number}", *(f"Changes {one}" for one in changes), *notes,
    )  # fmt: skip


@policy.command("retire")
@click.argument("calendar")
@desk_option
@click.option("--reason", required=True, help="Why; it is kept in the audit trail.")
@click.option("--back", is_flag=True, help="Offer a retired calendar again.")
@spoken
def policy_retire(call: Call, calendar: str, desk: str | None, reason: str, *, back: bool) -> None:
    """Take CALENDAR out of what new policies may name; refused while a policy or another calendar uses it, now or later."""
    from watchbill.apps.clocks.retiring import calendar_restore, calendar_retire

    act = calendar_restore if back else calendar_retire
    act(call.desk(desk).id, calendar, reason=reason, by=call.by, now=call.now)
    said = "is offered again" if back else "is retired: no new policy may name it"
    call.tell({"name": calendar, "is_retired": not back}, f"The calendar {calendar} {said}")


@policy.command("holidays")
@click.argument("calendar")
@click.option("--country", required=True, metavar="CODE", help="ISO code of the country, such as BR.")
@click.option("--subdivision", metavar="CODE", help="State or province, such as SP.")
@click.option(
    "--year", "years", type=int, multiple=True, help="May be given several times; else this year and two more."
)
@desk_option
@click.option("--reason", required=True, help="Why; it is kept with the version.")
@click.option("--holds-from", type=INSTANTS, metavar="INSTANT", help="From when on, with offset; else from now on.")
@spoken
def policy_holidays(
    call: Call, calendar: str, country: str, subdivision: str | None, years: tuple[int, ...], desk: str | None,
    reason: str, holds_from: datetime | None,
) -> None:  # fmt: skip
    """Close CALENDAR on the public holidays of a country: publishes its next version, and says until when they are listed."""
    from watchbill.apps.clocks.holidays import holidays_add
    from watchbill.apps.clocks.using import published_notes

    desk_id, since = call.desk(desk).id, holds_from or call.now
    number, added = holidays_add(
        desk_id, calendar, country=country.upper(), subdivision=subdivision, years=years,
        holds_from=since, reason=reason, by=call.by, now=call.now,
    )  # fmt: skip
    days = [[day.isoformat(), title] for day, title in added.items()]
    notes = published_notes(desk_id, calendar, holds_from=since, now=call.now)
    found = {"number": number, "added": dict(days), "notes": notes}
    call.tell(found, *table(("day", "holiday"), days), f"Published: calendar {number}", *notes)
