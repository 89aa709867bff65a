"""Three cases of one desk: one promise kept, one broken, one still open and broken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.factories import BOSS, NOW, make_item, make_person, minutes
from watchbill.apps.reports.attainment import Attained, attainment
from watchbill.apps.reports.choices import By
from watchbill.apps.reports.slices import Slice
from watchbill.engine.base.work import Priority, State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.flows.report.reading import read_timelines

LATER = NOW + timedelta(days=2)


def three_cases(desk: int) -> dict[str, Any]:
    """Make three P2 (half an hour to respond): answered after 10 minutes, after 2 hours, and never; 09:00 on a Monday."""
    ann = make_person(desk, "Ann")
    quick, late, never = (make_item(desk, priority=Priority.P2) for _ in range(3))
    for reference, after in ((quick, 10), (late, 120)):
        item_assign(reference, ann, by=BOSS, now=NOW + minutes(after))
        item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(after))
    read_timelines(LATER)
    return {"quick": quick, "late": late, "never": never, "ann": ann}


def attained(desk: int, dividing: By = By.COMMITMENT, **wanted: Any) -> dict[str, Attained]:
    """Return attainment two days later by the words of the page."""
    rows = attainment(Slice(desk_id=desk, **wanted), dividing, by=BOSS, now=LATER)
    return {row.label: row for row in rows}
