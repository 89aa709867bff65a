"""A person's absences on her page: those that are not over, and the form that adds one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.apps.people.queries import PersonRow
from watchbill.apps.people.rights import Right
from watchbill.apps.shifts.absences import AbsenceKind, AbsenceRow, absence_list
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import moment
from watchbill.interfaces.web.sent import Sent, message_of, value_of
from watchbill.interfaces.web.viewmodels.parts import Field, Option
from watchbill.interfaces.web.viewmodels.people import AbsenceLine

SHOWN = 20


def may_say(visit: Visit, found: PersonRow) -> bool:
    """Return whether the visitor may say when the person is away."""
    return visit.actor.person_id == found.id or visit.may(Right.PEOPLE_EDIT)


def absence_lines(visit: Visit, found: PersonRow) -> list[AbsenceLine]:
    """Return the person's absences, the earliest first: one query."""
    rows = absence_list(found.desk_id, until_after=visit.now, person_id=found.id, limit=SHOWN, by=visit.actor)
    return [_line(visit, found, row) for row in rows]


def _line(visit: Visit, found: PersonRow, row: AbsenceRow) -> AbsenceLine:
    begin, end = (moment(at, visit.now, visit.desk.zone) for at in (row.from_at, row.until_at))
    return AbsenceLine(
        reference=row.reference,
        when=f"{begin} to {end}",
        what=row.kind.capitalize() + (f", {row.deputy} stands in" if row.deputy else ""),
        note=row.note,
        cancel_href=visit.href("absence-cancel", found.id, row.id) if may_say(visit, found) else "",
        cancel_label="Back now" if row.from_at < visit.now else "Take back",
    )


def absence_fields(others: Sequence[Mapping[str, Any]], sent: Sent | None, *, place: str) -> Sequence[Field]:
    """Return the fields of a new absence, whose times are read as *place* says; any of the *others* may stand in."""

    def field(name: str, label: str, hint: str = "", *, is_required: bool = False) -> Field:
        return Field(
            name=name, label=label, value=value_of(sent, "absence", name), hint=hint, is_required=is_required,
            error=message_of(sent, "absence", name),
        )  # fmt: skip

    kind, deputy = value_of(sent, "absence", "kind", AbsenceKind.LEAVE), value_of(sent, "absence", "deputy")
    return [
        field("from", "From", f"Now, tomorrow 9:00, or 24 Nov 9:00 ({place})", is_required=True),
        field("until", "Until", "The moment she is back", is_required=True),
        Field(name="kind", label="Kind", kind="select", error=message_of(sent, "absence", "kind"),
              options=[Option(value=one, label=one.capitalize(), is_chosen=one == kind) for one in AbsenceKind]),
        Field(name="deputy", label="Who stands in", kind="select", error=message_of(sent, "absence", "deputy"),
              options=[Option(value="", label="her usual deputy, if any"), *(
                  Option(value=str(one["id"]), label=one["name"], is_chosen=str(one["id"]) == deputy)
                  for one in others
              )]),
        field("note", "Note"),
    ]  # fmt: skip
