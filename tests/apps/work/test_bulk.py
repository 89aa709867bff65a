"""Bulk services say the same as the single ones."""

import json
from datetime import UTC, datetime

import pytest
from django.db import connection

from tests.factories import make_desk
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


@pytest.mark.django_db
def test_items_are_found_by_their_number_whatever_the_statistics_say():
    """A desk that has filled since statistics were taken: each reference is one look into its index, not a walk through the desk."""
    old, new = make_desk(has_clocks=False), make_desk(has_clocks=False)
    opened = json.dumps({"kind": "incident", "title": "x", "state": "new", "priority": 3})
    with connection.cursor() as cursor:
        for desk in (old, new):
            cursor.execute(f"create temporary table log_rows ({bulk.STEP_COLUMNS}) on commit drop")
            cursor.execute(
                "insert into log_rows select n, 'INC' || n, %(at)s, 1, %(at)s, true, 'import', 'log', 'opening',"
                " %(opened)s::jsonb, '{}' from generate_series(1, 3000) as n",
                {"at": AT, "opened": opened},
            )
            bulk.work_load("log_rows", desk_id=desk, kind=bulk.Kind.INCIDENT, source="log", is_live=False)
            cursor.execute("drop table log_rows")
            if desk == old:
                cursor.execute("analyze work_item")
        refs = [f"INC{number}" for number in range(1, 101)]
        assert len(bulk.items_known(new, "log", refs)) == len(refs)
        cursor.execute(
            f"explain select * from unnest(%(refs)s::text[]) as s(external_ref) cross join lateral ({bulk._ITEM_OF}) as i",
            {"desk_id": new, "source": "log", "refs": refs},
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "using work_item_external" in plan, plan
