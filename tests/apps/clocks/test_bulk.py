"""Clocks copied by the thousand are the clocks that are written one by one."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from tests.factories import NOW, make_desk, make_item
from tests.flows.intake import read
from watchbill.apps.clocks.bulk import clocks_load
from watchbill.apps.clocks.models import Clock
from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.clocks.services import ClockWrite, clocks_write

HOUR = timedelta(hours=1)


@pytest.mark.django_db
@pytest.mark.parametrize("told_at", [None, NOW, NOW + 2 * HOUR])
def test_copied_clocks_equal_written_ones(told_at):
    """Every status, with warning and breach before and after what has been told, and without them."""
    desk = make_desk()
    make_item(desk)
    item = read.fetch("select id from work_item")[0]["id"]
    rules = rulebook(desk).at(NOW)
    base = ClockWrite(
        item_id=item, desk_id=desk, name="", kind="", status="", policy_id=rules.policy.id,
        calendar_id=rules.calendars["office"].id, target_s=3600, elapsed_s=60, paused_s=0, started_at=NOW, due_at=None,
        stopped_at=None, warn_at=None, breach_at=None,
    )  # fmt: skip
    instants = (None, NOW + HOUR, NOW + 3 * HOUR)
    statuses = ("running", "paused", "met", "missed", "cancelled")
    clocks = [
        replace(
            base,
            name=f"kind \\ {n}",
            kind=f"kind {n}",
            warn_ats=(n % 2 and [NOW, NOW + HOUR]) or None,
            status=status,
            warn_at=warn,
            breach_at=breach,
            due_at=breach,
            stopped_at=warn,
        )
        for n, (status, warn, breach) in enumerate(product(statuses, instants, instants))
    ]
    columns = ", ".join(
        c
        for c in (
            "name",
            "kind",
            "warn_ats",
            "status",
            "due_at",
            "stopped_at",
            "warn_at",
            "breach_at",
            "told_at",
            "next_at",
        )
    )
    kept = []
    for write in (clocks_load, clocks_write):
        write(clocks, told_at=told_at)
        kept.append(read.fetch(f"select {columns} from clocks_clock where kind like 'kind %%' order by kind"))
        Clock.objects.filter(kind__startswith="kind ").delete()
    assert kept[0] == kept[1]
    assert len(kept[0]) == 45
