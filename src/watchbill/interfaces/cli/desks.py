"""`watchbill desks`, `people` and `mode`: who works where, and what Watchbill may do there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.speaking import PRIORITY, Call, desk_option, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.apps.decisions.queries import QueueModeRow
    from watchbill.apps.people.queries import PersonRow


@click.command()
@spoken
def desks(call: Call) -> None:
    """List the desks."""
    from watchbill.apps.people.queries import desk_list

    names = ("slug", "name", "zone", "note", "is_generated")
    found = desk_list(by=call.by)
    rows = [{**{n: getattr(desk, n) for n in names}, "is_closed": desk.closed_at is not None} for desk in found]
    shown = (*names[:4], "is_closed")
    call.tell({"desks": rows}, *table(shown, [[row[name] for name in shown] for row in rows]))


@click.command("make-desk")
@click.argument("slug")
@click.option("--zone", required=True, metavar="ZONE", help="IANA time zone, such as Europe/Vienna.")
@click.option("--name", default="", help="As people see it; else the slug.")
@click.option("--hours", default="08:00-18:00", show_default=True, help="When it is open; several parted by commas.")
@click.option("--days", type=click.IntRange(1, 7), default=5, show_default=True, help="On how many days from Monday.")
@spoken
def make_desk(call: Call, slug: str, zone: str, name: str, hours: str, days: int) -> None:
    """Make a desk, with opening hours and the default targets to begin with."""
    from watchbill.flows.intake.desk import desk_make

    desk_make(slug, name=name, zone=zone, hours=hours, days=days, by=call.by, now=call.now)
    call.tell({"slug": slug}, f"Made the desk {slug}; users see it when they get a role on it: watchbill users grant")


@click.command("rename-desk")
@click.argument("slug")
@click.argument("name")
@spoken
def rename_desk(call: Call, slug: str, name: str) -> None:
    """Give the desk SLUG another NAME; the slug stays."""
    from watchbill.apps.people.services import desk_rename

    desk_rename(call.desk(slug).id, name=name, by=call.by, now=call.now)
    call.tell({"slug": slug, "name": name}, f"The desk {slug} is called {name}")


@click.command("close-desk")
@click.argument("slug")
@click.option("--reason", required=True, help="Why; it is kept in the audit trail.")
@click.option("--back", is_flag=True, help="Open a closed desk again.")
@spoken
def close_desk(call: Call, slug: str, reason: str, *, back: bool) -> None:
    """Close the desk SLUG: it takes no new work, and nothing of it is deleted. Refused while it has open items."""
    from watchbill.flows.desks import desk_close, desk_reopen

    act = desk_reopen if back else desk_close
    act(call.desk(slug).id, reason=reason, by=call.by, now=call.now)
    call.tell({"slug": slug, "is_closed": not back}, f"The desk {slug} is {'open again' if back else 'closed'}")


@click.group()
def people() -> None:
    """List and add people; take somebody's access away."""


def _person(row: PersonRow) -> dict[str, Any]:
    from watchbill.apps.core.references import PERSON, shown

    names = ("name", "email", "zone", "region", "languages", "wip_limit", "is_robot", "is_active", "version")
    return {
        "reference": shown(PERSON, row.id),
        **{name: getattr(row, name) for name in names},
        "teams": [team["name"] for team in row.teams],
        "skills": {skill["name"]: skill["level"] for skill in row.skills},
    }


@people.command("list")
@desk_option
@click.option("--search", default="", metavar="TEXT", help="Part of a name or an address.")
@click.option("--after", default="", metavar="NAME", help="Names after this one.")
@limit_option
@spoken
def people_list(call: Call, desk: str | None, search: str, after: str, limit: int) -> None:
    """List people of a desk by name."""
    from watchbill.apps.people.queries import person_list

    found = person_list(call.desk(desk).id, by=call.by, text=search, after=after, limit=limit + 1)
    rows = [_person(row) for row in found[:limit]]
    more = rows[-1]["name"] if len(found) > limit else None
    lines = table(
        ("reference", "name", "active", "region", "teams", "skills"),
        [
            [
                row["reference"],
                row["name"],
                row["is_active"],
                row["region"],
                ", ".join(row["teams"]),
                len(row["skills"]),
            ]
            for row in rows
        ],
    )
    call.tell({"people": rows, "next": more}, *lines, *([f'More: --after "{more}"'] if more else []))


@people.command("add")
@click.argument("name")
@desk_option
@click.option("--email", default="", metavar="ADDRESS", help="Her mail address.")
@click.option("--zone", default="", metavar="ZONE", help="IANA time zone; else the desk's.")
@click.option("--language", multiple=True, metavar="CODE", help="Such as en or pt-BR; may be given several times.")
@click.option("--team", multiple=True, metavar="TEAM", help="A new name makes a new team; may be given several times.")
@click.option("--skill", multiple=True, metavar="SKILL=LEVEL", help="Level 1 to 5; a new name makes a new skill.")
@click.option("--wip-limit", type=click.IntRange(0, 1000), default=12, show_default=True, help="Open items at most.")
@click.option("--hours", default="", metavar="WEEK", help='Usual hours: "mon-fri 09:00-17:30; sat 10:00-14:00".')
@spoken
def people_add(
    call: Call, name: str, desk: str | None, email: str, zone: str, language: tuple[str, ...], team: tuple[str, ...],
    skill: tuple[str, ...], wip_limit: int, hours: str,
) -> None:  # fmt: skip
    """Add a person called NAME to a desk, with teams, skills and usual hours."""
    from watchbill.apps.people.queries import person_get
    from watchbill.flows.people import NewPerson, person_add, week_read

    new = NewPerson(
        desk_id=call.desk(desk).id, name=name, email=email, zone=zone, languages=language, wip_limit=wip_limit,
        teams=team, skills=dict(map(_skill, skill)), week=week_read(hours),
    )  # fmt: skip
    row = _person(person_get(person_add(new, by=call.by, now=call.now), by=call.by))
    call.tell(row, f"{row['name']} is {row['reference']}")


def _skill(text: str) -> tuple[str, int]:
    name, _, level = text.rpartition("=")
    if not name or not (level.isascii() and level.isdecimal()):
        raise click.BadParameter(f"{text!r} is not SKILL=LEVEL, such as network=3")
    return name, int(level)


@people.command("limits")
@click.argument("reference")
@click.option(
    "--clearance", multiple=True, metavar="NAME", help="A clearance that she has; may be given several times."
)
@click.option("--tier", multiple=True, metavar="TIER", help="A customer tier that she may serve; none: all of them.")
@click.option("--most", multiple=True, metavar="CLASS=N", help="Open items of a class at most, such as kind:change=2.")
@click.option("--deputy", metavar="PERSON", help="Who stands in while she is absent (PER-12 or whole name).")
@click.option("--set", "is_set", is_flag=True, help="Set all of these as given; without it they are shown.")
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
@click.option("--version", type=click.IntRange(min=0), help="The version you saw: a conflict if somebody was faster.")
@spoken
def people_limits(
    call: Call, reference: str, clearance: tuple[str, ...], tier: tuple[str, ...], most: tuple[str, ...],
    deputy: str | None, reason: str, version: int | None, *, is_set: bool,
) -> None:  # fmt: skip
    """Show what a person may take and who stands in for her, or set it."""
    from watchbill.apps.core.references import PERSON, key_of, shown
    from watchbill.apps.people.abilities import Limits, class_limit_read, limits_get, limits_set
    from watchbill.apps.people.queries import person_get, person_key

    person = person_get(key_of(PERSON, reference), by=call.by)
    if is_set:
        limits = Limits(
            clearances=clearance, tiers=tier, class_limits=dict(map(class_limit_read, most)),
            deputy_id=None if deputy is None else person_key(person.desk_id, deputy, by=call.by),
        )  # fmt: skip
        seen = person.version if version is None else version
        limits_set(person.id, limits, version=seen, reason=reason, by=call.by, now=call.now)
    elif clearance or tier or most or deputy:
        raise click.UsageError("Say --set to set them: what is not given is then taken away")
    found = limits_get(person.id, by=call.by).as_json()
    found["deputy"] = None if (key := found.pop("deputy_id")) is None else shown(PERSON, key)
    call.tell(
        {"reference": reference, "name": person.name, **found},
        f"{person.name}: clearances {', '.join(found['clearances']) or 'none'}; tiers {', '.join(found['tiers']) or 'all'};"
        f" at most {', '.join(f'{n} of {name}' for name, n in found['class_limits'].items()) or 'as the policy says'};"
        f" deputy {found['deputy'] or 'nobody'}",
    )


@people.command("deactivate")
@click.argument("reference")
@click.option("--reason", required=True, help="Why; it is kept in the audit trail.")
@click.option("--version", type=click.IntRange(min=0), help="The version you saw: a conflict if somebody was faster.")
@spoken
def people_deactivate(call: Call, reference: str, reason: str, version: int | None) -> None:
    """Take a person's access away at once, and list her open work."""
    from watchbill.apps.core.references import PERSON, key_of
    from watchbill.apps.people.queries import person_get
    from watchbill.flows.people import person_deactivate

    person = person_get(key_of(PERSON, reference), by=call.by)
    left = person_deactivate(
        person.id, desk_id=person.desk_id, reason=reason, version=version, by=call.by, now=call.now
    )
    references = [item.reference for item in left]
    call.tell(
        {"reference": reference, "name": person.name, "open_items": references},
        f"{person.name} is deactivated. Open work that now needs others: {', '.join(references) or 'none'}",
    )


@click.group()
def mode() -> None:
    """What Watchbill may do in a queue: off, advise, autopilot or pull, with guard-rails."""


def _mode(queue: str, row: QueueModeRow) -> dict[str, Any]:
    from watchbill.apps.core.references import PERSON, shown

    people_named = [shown(PERSON, key) for key in sorted(row.rails.people)]
    return {
        "queue": queue,
        "mode": row.mode.value,
        **row.rails.as_json(),
        "people": people_named,
        "version": row.version,
    }


@mode.command("list")
@desk_option
@spoken
def mode_list(call: Call, desk: str | None) -> None:
    """List the queues of a desk with their modes and guard-rails."""
    from watchbill.apps.decisions.queries import QueueModeRow, modes_of_desk
    from watchbill.apps.work.queues import queue_list

    desk_id = call.desk(desk).id
    modes = modes_of_desk(desk_id)
    rows = [_mode(queue["name"], modes.get(queue["id"], QueueModeRow())) for queue in queue_list(desk_id, by=call.by)]
    heads = ("queue", "mode", "per_hour", "priorities", "people", "version")
    call.tell({"queues": rows}, *table(heads, [[row[name] for name in heads] for row in rows]))


@mode.command("set")
@click.argument("queue")
@click.argument("mode", type=click.Choice(["off", "advise", "autopilot", "pull"]))
@desk_option
@click.option("--per-hour", type=click.IntRange(1, 10_000), help="Acts in any 60 minutes of desk time.")
@click.option("--priority", type=PRIORITY, multiple=True, help="What autopilot may give away.")
@click.option("--person", multiple=True, metavar="PERSON", help="Who may be given work; none means everybody.")
@click.option(
    "--load-percent", type=click.IntRange(10, 10_000), help="Nobody who carries more of her time is given more."
)
@click.option("--version", type=click.IntRange(min=0), help="The version you saw: a conflict if somebody was faster.")
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
@spoken
def mode_set(
    call: Call, queue: str, mode: str, desk: str | None, per_hour: int | None, priority: tuple[int, ...],
    person: tuple[str, ...], load_percent: int | None, version: int | None, reason: str,
) -> None:  # fmt: skip
    """Switch QUEUE; guard-rails that are not given stay as they were."""
    from watchbill.apps.decisions.queries import QueueModeRow, modes_of_desk
    from watchbill.apps.decisions.services import mode_set as switch
    from watchbill.apps.people.queries import person_key
    from watchbill.apps.work.queues import queue_find

    desk_id = call.desk(desk).id
    found = queue_find(desk_id, name=queue)
    rails = modes_of_desk(desk_id).get(found["id"], QueueModeRow()).rails.as_json()
    given: dict[str, Any] = {
        "per_hour": per_hour,
        "priorities": list(priority),
        "people": [person_key(desk_id, each, by=call.by) for each in person],
        "load_percent": load_percent,
    }
    rails |= {name: value for name, value in given.items() if value}
    new = switch(found["id"], mode=mode, guard_rails=rails, version=version, reason=reason, by=call.by, now=call.now)
    call.tell({"queue": queue, "mode": mode, "version": new}, f"{queue}: {mode} (version {new})")


@mode.command("stop")
@desk_option
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
@spoken
def mode_stop(call: Call, desk: str | None, reason: str) -> None:
    """Switch every queue of a desk from autopilot back to advise, at once."""
    from watchbill.apps.decisions.services import autopilot_stop

    stopped = autopilot_stop(call.desk(desk).id, reason=reason, by=call.by, now=call.now)
    call.tell({"queues": stopped}, f"Queues taken off autopilot: {stopped}; proposals go on")
