"""What becomes of a case at its owner's coming change of region, and until when it is put off, as the list and the case itself show it."""

from __future__ import annotations

from watchbill.apps.decisions.deferrals import deferral_get
from watchbill.apps.decisions.traffic import TrafficRow, traffic_of
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import ItemDetail
from watchbill.engine.assign.traffic import Choice
from watchbill.flows.traffic import CHOICE_WORDS
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import moment
from watchbill.interfaces.web.viewmodels.case import PutOff
from watchbill.interfaces.web.viewmodels.stuck import TrafficLine
from watchbill.interfaces.web.words import capital


def traffic_line(visit: Visit, row: TrafficRow, *, list_href: str = "") -> TrafficLine:
    """Return one decision with its reason; its case knows the way back to *list_href*."""
    choice = Choice(row.choice)
    to = f" to {row.to_region}" if row.to_region else ""
    return TrafficLine(
        reference=row.reference,
        href=visit.href("case", row.reference, **{"from": list_href}),
        priority=row.priority,
        subject=row.title,
        owner=row.owner,
        choice=capital(f"{CHOICE_WORDS[choice]}{to}"),
        reason=row.body["reason"],
        rejected=[f"Not {CHOICE_WORDS[Choice(no['choice'])]}: {no['words']}" for no in row.body["rejected"]],
        changes=f"{row.region}, {moment(row.leaves_at, visit.now)}",
        is_pinned=row.is_pinned,
        pinned_by=row.pinned_by,
        pin_href=visit.href("case-pin", row.reference) if visit.may(Right.WORK_ASSIGN) else "",
    )


def traffic_panel(visit: Visit, item: ItemDetail) -> TrafficLine | None:
    """Return what was decided about a case, None for nothing: one query, none for one that nobody owns."""
    row = None if item.owner_id is None else traffic_of(item.id, visit.now)
    return None if row is None else traffic_line(visit, row)


def put_off_of(visit: Visit, item: ItemDetail) -> PutOff | None:
    """Return until when a case is put off, None when it is not: one query."""
    row = deferral_get(item.id, visit.now)
    if row is None:
        return None
    return PutOff(
        text=f"Put off until {moment(row.until_at, visit.now)} UTC by {row.by_name} ({row.text}): nobody is given it before",
        lift_href=visit.href("case-lift", item.reference) if visit.may(Right.WORK_EDIT) else "",
    )
