"""Lists of whole numbers are bigint[] to the database, so that it can look keys up in them."""

from __future__ import annotations

import pytest

from watchbill.apps.core.sql import tuples

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("keys", [[1], [40_000, 2], [2**40, None], [-5], [[1, 2], [3, 4]], [2**63 - 1], [-(2**63)]])
def test_whole_numbers_of_every_size_are_bigint(keys):
    """The type does not depend on the largest of them, and nothing is lost."""
    assert tuples("select pg_typeof(%s)::text, %s", [keys, keys]) == [("bigint[]", keys)]


def test_other_lists_go_as_before():
    """Texts, truths, nothing at all, and what is larger than any key."""
    assert tuples("select pg_typeof(%s)::text", [[2**70]]) == [("numeric[]",)]
    assert tuples("select pg_typeof(%s)::text", [[True]]) == [("boolean[]",)]
    assert tuples("select %s::text[] = '{}'", [[]]) == [(True,)]
    assert tuples("select %s::text[]", [["a", "b,c"]]) == [(["a", "b,c"],)]


def test_a_plan_compares_keys_with_keys():
    """The plan speaks of one type: a hash table is made of the list, as nothing has to be cast for each row."""
    rows = tuples("explain (verbose) select id from work_item where id + 0 = any(%s)", [list(range(100))])
    plan = " ".join(row[0] for row in rows)
    assert "::bigint[]" in plan
    assert "smallint" not in plan
