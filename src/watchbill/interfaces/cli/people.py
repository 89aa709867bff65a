"""`watchbill people`: who works on a desk, what she can do, and corrections by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.apps.people.queries import PersonRow


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
