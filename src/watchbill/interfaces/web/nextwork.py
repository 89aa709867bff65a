"""What next, as the panel of a person's page and of one's own."""

from __future__ import annotations

from collections.abc import Mapping

from watchbill.apps.people.queries import PersonRow
from watchbill.apps.people.rights import Right
from watchbill.apps.shifts.queries import Staffed
from watchbill.flows.assign.picking import NextLine, next_for
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import plural
from watchbill.interfaces.web.viewmodels.people import NextPanel, NextRow
from watchbill.interfaces.web.words import capital

SHOWN = 7
"""Lines of the panel: nobody plans further ahead by a list."""


def next_panel(visit: Visit, person: PersonRow, hours: Mapping[int, Staffed]) -> NextPanel:
    """Return the panel: the first lines in order; for the person herself, with the button that picks.

    hours: working time of the desk's people at the moment.
    """
    found = next_for(person, hours=hours, most=SHOWN, by=visit.actor, now=visit.now)
    first = found.first_free
    is_me = visit.actor.person_id == person.id and visit.may(Right.WORK_TAKE)
    note = f"Not for {'you' if is_me else 'her'} now: {found.left_out}." if found.left_out else ""
    return NextPanel(
        rows=[_row(visit, line) for line in found.lines],
        sub=f"{plural(found.waiting, 'case')} to pick from" if found.waiting else "",
        note=note,
        pick_href=visit.href("me-pick") if is_me and first is not None else "",
        pick_reference=first.reference if first is not None else "",
    )


def _row(visit: Visit, line: NextLine) -> NextRow:
    return NextRow(
        reference=line.reference,
        href=visit.href("case", line.reference),
        title=line.title,
        priority=int(line.priority),
        is_own=line.is_own,
        why=capital(line.why),
        before=line.before,
    )
