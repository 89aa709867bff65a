"""Customers and sites that were there before terms were kept have theirs since ever."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import BOSS, NOW, make_desk
from watchbill.apps.customers.queries import site_terms_of, terms_of
from watchbill.apps.customers.services import customer_ensure
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


@pytest.mark.django_db(transaction=True)
def test_sites_of_before_have_terms_since_ever():
    """As they were called, and where they were."""
    desk = make_desk(has_clocks=False)
    acme = customer_ensure(desk, "Acme", by=BOSS, now=NOW)
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate([("customers", "0003_terms_and_sites")])
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into customers_site (customer_id, name, zone) values (%s, 'Pune', 'Asia/Kolkata') returning id",
                [acme],
            )
            (pune,) = cursor.fetchone()
    finally:
        MigrationExecutor(connection).migrate(latest)
    [terms] = site_terms_of([pune])[pune]
    assert (terms.at, terms.name, terms.zone) == (EARLIEST, "Pune", "Asia/Kolkata")
