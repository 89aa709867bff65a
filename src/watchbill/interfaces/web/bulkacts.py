"""Acts on many cases in words, and the latest ones as the list of cases offers to take them back."""

from __future__ import annotations

from datetime import timedelta

from watchbill.apps.people.rights import Right
from watchbill.apps.work.acts import ActRow, act_list
from watchbill.engine.base.work import EventKind
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import moment, plural
from watchbill.interfaces.web.viewmodels.cases import BulkActLine

OFFERED = 5
OFFERED_FOR = timedelta(hours=24)
"""How many acts the list offers to take back, and for how long by the wall; older ones the command line and the API do."""


def act_words(kind: EventKind, what: str, cases: int) -> str:
    """Return what was done to how many: "23 cases given to Ann"."""
    many = plural(cases, "case")
    if kind is EventKind.ASSIGNED:
        return f"{many} given to {what}" if what else f"{many} given back to the queue"
    return f"{many} set to {words.STATE[what].lower() if kind is EventKind.STATE else f'P{what}'}"


def undo_href(visit: Visit, act_id: int) -> str:
    """Return where an act on many cases is taken back."""
    return visit.href("cases-undo", act_id)


def latest_acts(visit: Visit) -> list[BulkActLine]:
    """Return the latest acts of the desk that the visitor may take back, and what became of them. One query."""
    if not visit.may(Right.WORK_BULK):
        return []
    rows = act_list(visit.desk.id, since=visit.wall_now - OFFERED_FOR, limit=OFFERED, by=visit.actor)
    return [_line(visit, row) for row in rows]


def _line(visit: Visit, row: ActRow) -> BulkActLine:
    return BulkActLine(
        text=act_words(row.kind, row.what, row.items),
        by=f"{row.actor_name}, {moment(row.at, visit.now)}",
        undone_by=row.undone_by_name,
        undo_href="" if row.undone_at else undo_href(visit, row.id),
    )
