"""`watchbill people`: who works on a desk, what she can do, and corrections by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.bulk import bulk_tell
from watchbill.interfaces.cli.speaking import Call, desk_option, instant, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.apps.people.queries import PersonRow


@click.group()
def people() -> None:
    """List, add and correct people; say who is there; take somebody's access away."""


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
@click.option("--region", default="", metavar="REGION", help="Her own region; else that of her teams.")
@spoken
def people_add(
    call: Call, name: str, desk: str | None, email: str, zone: str, language: tuple[str, ...], team: tuple[str, ...],
    skill: tuple[str, ...], wip_limit: int, hours: str, region: str,
) -> None:  # fmt: skip
    """Add a person called NAME to a desk, with teams, skills and usual hours."""
    from watchbill.apps.people.queries import person_get
    from watchbill.flows.people import NewPerson, person_add, week_read

    new = NewPerson(
        desk_id=call.desk(desk).id, name=name, email=email, zone=zone, languages=language, wip_limit=wip_limit,
        teams=team, skills=dict(map(_skill, skill)), week=week_read(hours), region=region,
    )  # fmt: skip
    row = _person(person_get(person_add(new, by=call.by, now=call.now), by=call.by))
    call.tell(row, f"{row['name']} is {row['reference']}")


def _skill(text: str) -> tuple[str, int]:
    name, _, level = text.rpartition("=")
    if not name or not (level.isascii() and level.isdecimal()):
        raise click.BadParameter(f"{text!r} is not SKILL=LEVEL, such as network=3")
    return name, int(level)


@people.command("set")
@click.argument("reference")
@click.option("--email", metavar="ADDRESS", help="Her mail address.")
@click.option("--zone", metavar="ZONE", help="IANA time zone.")
@click.option("--language", multiple=True, metavar="CODE", help="All that she speaks; may be given several times.")
@click.option("--wip-limit", type=click.IntRange(0, 1000), help="Open items at most.")
@click.option("--skill", multiple=True, metavar="SKILL=LEVEL", help="Level 1 to 5, 0 for none; several times, too.")
@click.option("--join", multiple=True, metavar="TEAM", help="A team that she is to be in; several times, too.")
@click.option("--leave", multiple=True, metavar="TEAM", help="A team that she is not to be in; several times, too.")
@click.option("--new", "makes_new", is_flag=True, help="Make skills, and teams to join, that the desk does not have.")
@click.option("--hours", metavar="WEEK", help='Usual hours: "mon-fri 09:00-17:30; sat 10:00-14:00"; "" for none.')
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
@click.option("--version", type=click.IntRange(min=0), help="The version you saw: a conflict if somebody was faster.")
@spoken
def people_set(
    call: Call, reference: str, email: str | None, zone: str | None, language: tuple[str, ...], wip_limit: int | None,
    skill: tuple[str, ...], join: tuple[str, ...], leave: tuple[str, ...], hours: str | None, reason: str,
    version: int | None, *, makes_new: bool,
) -> None:  # fmt: skip
    """Correct a person by hand, all of it or nothing; what is not given stays."""
    from watchbill.apps.core.references import PERSON, key_of
    from watchbill.apps.people.queries import person_get
    from watchbill.flows.people import Correction, person_correct, week_read

    given = {"email": email, "zone": zone, "languages": language or None, "wip_limit": wip_limit}
    asked = Correction(
        values={name: value for name, value in given.items() if value is not None}, skills=dict(map(_skill, skill)),
        join=join, leave=leave, week=None if hours is None else week_read(hours), makes_new=makes_new,
    )  # fmt: skip
    key = key_of(PERSON, reference)
    is_changed = person_correct(key, asked, version=version, reason=reason, by=call.by, now=call.now)
    row = _person(person_get(key, by=call.by))
    said = f"is corrected (version {row['version']})" if is_changed else "was so already"
    call.tell(row, f"{row['name']} {said}")


@people.command("presence")
@click.argument("reference")
@click.argument("state", type=click.Choice(["available", "away", "off"]))
@click.option("--until", metavar="INSTANT", help="Such as 2026-03-02T17:00+01:00; else until it is said otherwise.")
@spoken
def people_presence(call: Call, reference: str, state: str, until: str | None) -> None:
    """Say whether a person is available, away or off."""
    from watchbill.apps.core.references import PERSON, key_of
    from watchbill.apps.people.queries import person_get
    from watchbill.apps.shifts.services import presence_set

    until_at = None if until is None else instant(until, "--until")
    person = person_get(key_of(PERSON, reference), by=call.by)
    presence_set(person.id, desk_id=person.desk_id, state=state, until_at=until_at, by=call.by, now=call.now)
    call.tell({"reference": reference, "state": state, "until_at": until_at}, f"{person.name} is {state}")


@people.command("relieve")
@click.argument("reference")
@click.argument("to")
@click.option("--item", multiple=True, metavar="CASE-10042", help="Only this one; may be given several times.")
@click.option("--version", type=click.IntRange(min=0), help="The version you saw: a conflict if somebody was faster.")
@spoken
def people_relieve(call: Call, reference: str, to: str, item: tuple[str, ...], version: int | None) -> None:
    """Give a person's open work, up to 500 items, to TO (PER-12 or whole name); exit code 1 when some were refused."""
    from watchbill.apps.core.references import PERSON, key_of
    from watchbill.apps.people.queries import person_get, person_key
    from watchbill.flows.people import person_relieve

    person = person_get(key_of(PERSON, reference), by=call.by)
    result = person_relieve(
        person.id, person_key(person.desk_id, to, by=call.by), references=item or None,
        version=person.version if version is None else version, by=call.by, now=call.now,
    )  # fmt: skip
    bulk_tell(call, result, f"given to {to}")


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
@click.option("--back", is_flag=True, help="Take somebody back who was deactivated; access has to be given anew.")
@click.option("--version", type=click.IntRange(min=0), help="The version you saw: a conflict if somebody was faster.")
@spoken
def people_deactivate(call: Call, reference: str, reason: str, version: int | None, *, back: bool) -> None:
    """Take a person's access away at once, and list her open work."""
    from watchbill.apps.core.references import PERSON, key_of
    from watchbill.apps.people.queries import person_get
    from watchbill.apps.people.services import person_activity_set
    from watchbill.flows.people import person_deactivate

    person = person_get(key_of(PERSON, reference), by=call.by)
    if back:
        person_activity_set(person.id, is_active=True, reason=reason, version=version, by=call.by, now=call.now)
        call.tell(_person(person_get(person.id, by=call.by)), f"{person.name} is active again")
        return
    left = person_deactivate(
        person.id, desk_id=person.desk_id, reason=reason, version=version, by=call.by, now=call.now
    )
    references = [item.reference for item in left]
    call.tell(
        {"reference": reference, "name": person.name, "open_items": references},
        f"{person.name} is deactivated. Open work that now needs others: {', '.join(references) or 'none'}",
    )
