"""Bulk services say the same as the single ones."""

import json
from datetime import UTC, datetime

import pytest
from django.db import connection

from watchbill.apps.work import bulk, fields
from watchbill.engine.base.work import State

AT = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)

PATCHES = [{"state": state.value} for state in State] + [
    {}, {"owner_id": 7}, {"owner_id": None}, {"state": "resolved", "owner_id": None, "title": "x"}, {"priority": 2},
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("patch", PATCHES)
def test_what_follows_from_a_patch_is_the_same_in_sql(patch):
    """`fields.completed` and its twin in the bulk load add the same fields with the same values."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select ({bulk._COMPLETED})::text from (select %s::jsonb as patch, %s::timestamptz as at) as s",
            [json.dumps(patch), AT],
        )
        assert json.loads(cursor.fetchone()[0]) == fields.completed(patch, at=AT)


@pytest.mark.django_db
def test_relation_columns_are_the_ones_that_a_load_reads():
    """The documented columns make a table that a load takes, empty as it is."""
    with connection.cursor() as cursor:
        cursor.execute(f"create temporary table nothing_here ({bulk.STEP_COLUMNS}) on commit drop")
    loaded = bulk.work_load("nothing_here", desk_id=1, kind=bulk.Kind.INCIDENT, source="x", is_live=True)
    assert (loaded.events_added, loaded.made, loaded.changed) == (0, (), ())
