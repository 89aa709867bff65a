"""A page of the audit trail is found by an index, whatever it is narrowed by."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from watchbill.apps.core.trail import AuditFilter, audit_page

ROWS = 30_000
FILL = f"""
insert into core_auditevent (at, desk_id, actor_kind, actor_name, action, object_kind, object_ref, reason)
select '2026-03-02T09:00Z'::timestamptz + n * interval '1 s', 1 + n % 5, 'person',
    case when n = 700 then 'Kim' else 'Person ' || n % 200 end, case when n = 800 then 'matrix_set' else 'signed_in' end,
    case when n = 900 then 'priority_matrix' else 'user' end, 'user ' || n % 1000, ''
from generate_series(1, {ROWS}) as n;
analyze core_auditevent;
"""


@pytest.fixture
def long_trail(db):
    """A trail in which one actor, one act and one kind of thing stand far back."""
    with connection.cursor() as cursor:
        cursor.execute(FILL)


def rows_read(wanted, desk_ids):
    """How the page was found: the names of the indexes, and the number of rows that were looked at."""
    with CaptureQueriesContext(connection) as asked:
        found = audit_page(wanted, desk_ids=desk_ids)
    [query] = asked.captured_queries
    with connection.cursor() as cursor:
        cursor.execute("explain (analyze, timing off, format json) " + query["sql"])
        plan = cursor.fetchone()[0][0]["Plan"]
    steps = [plan]
    for step in steps:
        steps += step.get("Plans", [])
    read = max(step["Actual Rows"] + step.get("Rows Removed by Filter", 0) for step in steps)
    return {step["Index Name"] for step in steps if "Index Name" in step}, read, found


@pytest.mark.parametrize("desk_ids", [None, [1, 2]])
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (AuditFilter(actor_name="Kim"), "core_audit_actor_name"),
        (AuditFilter(action="matrix_set"), "core_audit_action"),
        (AuditFilter(object_kind="priority_matrix"), "core_audit_object"),
        (AuditFilter(actor_name="Kim", action="signed_in"), "core_audit_actor_name"),
    ],
)
def test_what_is_rare_is_found_without_walking_the_trail(long_trail, wanted, desk_ids, index):
    """Thirty thousand rows; no more than a handful of them are looked at."""
    used, read, found = rows_read(wanted, desk_ids)
    assert used == {index}
    assert read <= 10
    assert len(found) <= 1


@pytest.mark.parametrize("wanted", [AuditFilter(), AuditFilter(action="signed_in"), AuditFilter(actor_name="Person 7")])
def test_a_page_of_what_is_common_stops_at_its_end(long_trail, wanted):
    """As many rows are looked at as the page shows, not all that there are."""
    _, read, found = rows_read(wanted, None)
    assert (len(found), read) == (50, 50)
