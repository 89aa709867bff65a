"""The forms of regions: a new one, changes of one, which teams are in it; and in which one a person is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from watchbill.apps.people.queries import PersonRow, team_list
from watchbill.apps.people.regions import RegionRow, region_names
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.viewmodels.parts import Field, Option
from watchbill.interfaces.web.viewmodels.people import Form

REGION = "region"
"""The form's name on a person's page."""
NEW = "new"
TEAM = "team"


def edit_name(region_id: int) -> str:
    """Return the name of the form that changes a region."""
    return f"edit-{region_id}"


def activity_name(region_id: int) -> str:
    """Return the name of the form that retires a region, or takes it into use again."""
    return f"activity-{region_id}"


def region_fields(found: PersonRow, regions: Mapping[int, str], sent: Sent | None) -> list[Field]:
    """Return the fields of where a person is; none on a desk without regions."""
    if not regions:
        return []
    return [_choice(sent, REGION, regions.items(), found.region_id, "that of her teams"), _why(sent, REGION)]


def new_person_region(desk_id: int, sent: Sent | None, form: str) -> list[Field]:
    """Return the field of where somebody new is, by name; none on a desk without regions."""
    names = region_names(desk_id, is_in_use=True).values()
    return [_choice(sent, form, [(name, name) for name in names], None, "that of her teams")] if names else []


def _choice(sent: Sent | None, form: str, rows: Iterable[tuple[int | str, str]], held: int | None, none: str) -> Field:
    chosen = value_of(sent, form, "region", held)
    options = [Option(value=str(key), label=name, is_chosen=str(key) == chosen) for key, name in rows]
    return Field(
        name="region", label="Region", kind="select", options=[Option(value="", label=none), *options],
        error=message_of(sent, form, "region"),
    )  # fmt: skip


def _why(sent: Sent | None, form: str, *, is_required: bool = False) -> Field:
    return Field(
        name="reason", label="Why", value=value_of(sent, form, "reason"), is_required=is_required,
        error=message_of(sent, form, "reason"), hint="Kept in the audit trail",
    )  # fmt: skip


def _named(sent: Sent | None, form: str, name: str, zone: str) -> list[Field]:
    return [
        Field(name="name", label="Name", value=value_of(sent, form, "name", name), is_required=True,
              error=message_of(sent, form, "name")),
        Field(name="zone", label="Time zone", value=value_of(sent, form, "zone", zone), is_required=True,
              hint="Such as Asia/Tokyo", error=message_of(sent, form, "zone")),
    ]  # fmt: skip


def new_form(visit: Visit, sent: Sent | None) -> Form:
    """Return the form of a new region."""
    return Form(
        name=NEW, title="Make a region", action_href=visit.href("region-new"), submit="Make it",
        fields=_named(sent, NEW, "", visit.desk.zone), is_open=sent is not None and sent.form == NEW,
    )  # fmt: skip


def edit_form(visit: Visit, row: RegionRow, sent: Sent | None) -> Form:
    """Return the form that gives a region another name or zone."""
    form = edit_name(row.id)
    return Form(
        name=form, title="Change", action_href=visit.href("region-edit", row.id), submit="Keep",
        fields=_named(sent, form, row.name, row.zone), hidden=[("version", str(row.version))],
        is_open=sent is not None and sent.form == form,
    )  # fmt: skip


def activity_form(visit: Visit, row: RegionRow, sent: Sent | None) -> Form:
    """Return the form that retires a region, or takes it into use again."""
    form = activity_name(row.id)
    return Form(
        name=form,
        title="Retire" if row.is_active else "Use again",
        action_href=visit.href("region-activity", row.id),
        submit="Retire it" if row.is_active else "Use it again",
        hint="Nobody may be in it any more. What happened in it keeps its name." if row.is_active else "",
        fields=[_why(sent, form, is_required=True)],
        hidden=[("version", str(row.version)), ("is_active", "0" if row.is_active else "1")],
        is_open=sent is not None and sent.form == form,
    )


def team_form(visit: Visit, rows: Sequence[RegionRow], sent: Sent | None) -> Form | None:
    """Return the form that puts a team into a region; None where there is nothing to put or nowhere to put it."""
    where = {name: row.name for row in rows for name in row.teams}
    chosen = value_of(sent, TEAM, "team")
    teams = [
        Option(
            value=str(one["id"]),
            label=f"{one['name']} ({where[one['name']]})" if one["name"] in where else one["name"],
            is_chosen=str(one["id"]) == chosen,
        )
        for one in team_list(visit.desk.id, by=visit.actor)
    ]
    if not teams or not rows:
        return None
    in_use = [(row.id, row.name) for row in rows if row.is_active]
    return Form(
        name=TEAM, title="Put a team into a region", action_href=visit.href("region-team"), submit="Put it there",
        hint="Its people count there, but for those who have a region of their own or a team of another.",
        errors=summary_of(sent, TEAM), is_open=sent is not None and sent.form == TEAM,
        fields=[
            Field(name="team", label="Team", kind="select", options=teams, error=message_of(sent, TEAM, "team")),
            _choice(sent, TEAM, in_use, None, "none"),
            _why(sent, TEAM),
        ],
    )  # fmt: skip
