"""Customers that were there before terms were kept have theirs since ever."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import make_desk
from watchbill.apps.customers.queries import terms_of
from watchbill.engine.base.time import EARLIEST

BEFORE = [("customers", "0002_customers_have_versions"), ("work", "0009_closed_desks_take_no_work")]


@pytest.mark.django_db(transaction=True)
def test_customers_of_before_have_terms_since_ever():
    """As they stood: the tier and whether they are sensitive, without a contract and a zone."""
    desk = make_desk(has_clocks=False)
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(BEFORE)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into customers_customer (desk_id, name, tier, is_sensitive) values (%s, 'Acme', 'plus', true) returning id",
                [desk],
            )
            (acme,) = cursor.fetchone()
    finally:
        MigrationExecutor(connection).migrate(latest)
    [terms] = terms_of([acme])[acme]
    assert (terms.at, terms.tier, terms.contract, terms.zone, terms.is_sensitive) == (EARLIEST, "plus", "", "", True)
