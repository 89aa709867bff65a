"""How customers stood from when on: nothing that held is ever lost, and of two writers the second is told."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import BOSS, NOW, actor, make_desk, minutes
from watchbill.apps.core.trail import AuditFilter, audit_page
from watchbill.apps.customers.bulk import customer_ensure_many
from watchbill.apps.customers.queries import (
    customer_get,
    customer_list,
    site_find,
    site_list,
    site_terms_of,
    sites_of,
    terms_of,
)
from watchbill.apps.customers.services import customer_ensure, customer_update, site_add, site_update
from watchbill.apps.people.rights import Role
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.time import EARLIEST

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return make_desk(has_clocks=False)


@pytest.fixture
def acme(desk):
    return customer_ensure(desk, "Acme", by=BOSS, now=NOW)


def told(customer_id):
    return [(t.at, t.tier, t.contract, t.zone, t.is_sensitive) for t in terms_of([customer_id])[customer_id]]


def test_a_customer_has_terms_since_ever(desk, acme):
    """However it was made: by hand or by an import; asking for it again adds none."""
    customer_ensure(desk, "Acme", by=BOSS, now=NOW + minutes(1))
    made = customer_ensure_many(desk, ["Acme", "Bolt"])
    customer_ensure_many(desk, ["Acme", "Bolt"])
    assert made["Acme"] == acme
    first = [(EARLIEST, "standard", "", "", False)]
    assert (told(acme), told(made["Bolt"])) == (first, first)


def test_each_change_adds_terms_and_those_before_stay(acme):
    """Only what was given changes; what stands already adds nothing."""
    customer_update(acme, tier="premier", contract="Gold 24/7", reason="signed", by=BOSS, now=NOW)
    customer_update(acme, zone="Asia/Kolkata", by=BOSS, now=NOW + minutes(5))
    kept = customer_update(acme, tier="premier", zone="Asia/Kolkata", by=BOSS, now=NOW + minutes(6))
    assert told(acme) == [
        (EARLIEST, "standard", "", "", False),
        (NOW, "premier", "Gold 24/7", "", False),
        (NOW + minutes(5), "premier", "Gold 24/7", "Asia/Kolkata", False),
    ]
    assert [(t.by_name, t.reason) for t in terms_of([acme])[acme]][1] == (BOSS.name, "signed")
    now = customer_get(acme, by=BOSS)
    assert (now.tier, now.contract, now.zone) == ("premier", "Gold 24/7", "Asia/Kolkata")
    assert (now.version, kept.version, kept.changed) == (3, 3, set())
    customer_update(acme, contract="", zone="", by=BOSS, now=NOW + minutes(7))
    assert told(acme)[-1] == (NOW + minutes(7), "premier", "", "", False)


def test_terms_stay_in_order_when_the_clock_was_set_back(acme):
    """What was said last holds last."""
    customer_update(acme, tier="plus", by=BOSS, now=NOW)
    customer_update(acme, tier="premier", by=BOSS, now=NOW - minutes(60))
    assert [(at, tier) for at, tier, *_ in told(acme)][1:] == [(NOW, "plus"), (NOW, "premier")]


def test_each_change_of_a_site_adds_its_terms(acme, django_assert_num_queries):
    """Its name and zone; whether it is in use is none, and what stands already adds nothing."""
    site = site_add(acme, "Dublin", zone="Europe/Dublin", by=BOSS, now=NOW).site_id
    site_update(site, zone="Asia/Kolkata", reason="moved", by=BOSS, now=NOW + minutes(5))
    site_update(site, zone="Asia/Kolkata", is_active=False, by=BOSS, now=NOW + minutes(6))
    site_update(site, name="Pune", zone="", by=BOSS, now=NOW - minutes(60))
    with django_assert_num_queries(1):
        terms = site_terms_of([site, 10**12])
    assert [(t.at, t.name, t.zone, t.reason) for t in terms[site]] == [
        (EARLIEST, "Dublin", "Europe/Dublin", ""),
        (NOW + minutes(5), "Dublin", "Asia/Kolkata", "moved"),
        (NOW + minutes(5), "Pune", "", ""),
    ]


def test_terms_are_never_changed(acme):
    """The database refuses it."""
    site_add(acme, "Dublin", by=BOSS, now=NOW)
    for statement in (
        "update customers_terms set tier = 'plus'", "delete from customers_terms",
        "update customers_siteterms set zone = 'UTC'", "delete from customers_siteterms",
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_terms_of_many_customers_come_in_one_query(desk, acme, django_assert_num_queries):
    """Those of a customer that is not there are none."""
    bolt = customer_ensure(desk, "Bolt", by=BOSS, now=NOW)
    with django_assert_num_queries(1):
        assert set(terms_of([acme, bolt, 10**12])) == {acme, bolt}


@pytest.mark.parametrize(
    ("values", "field"),
    [({"tier": "gold"}, "tier"), ({"zone": "Mars/Olympus"}, "zone"), ({"contract": "x" * 501}, "contract")],
)
def test_what_no_terms_may_say_is_refused(acme, values, field):
    """Naming the field, and nothing is kept."""
    with pytest.raises(InvalidFacts) as refused:
        customer_update(acme, **values, by=BOSS, now=NOW)
    assert {refused.value.details.get("field"), refused.value.details.get("key")} & {field}
    assert len(told(acme)) == 1


def test_sites_are_named_once_and_never_lost(desk, acme):
    """A site can be renamed, moved and taken out of use; the customer's version and trail tell of each."""
    dublin = site_add(acme, " Dublin ", zone="Europe/Dublin", by=BOSS, now=NOW).site_id
    site_add(acme, "Cork", reason="new office", by=BOSS, now=NOW)
    with pytest.raises(Conflict, match="has a site called Dublin already"):
        site_add(acme, "Dublin", by=BOSS, now=NOW)
    with pytest.raises(Conflict, match="has a site called Cork already"):
        site_update(dublin, name="Cork", by=BOSS, now=NOW)
    assert site_update(dublin, name="Dublin 2", is_active=False, version=3, by=BOSS, now=NOW).version == 4
    assert [(s.name, s.zone, s.is_active) for s in site_list(acme)] == [
        ("Cork", "", True), ("Dublin 2", "Europe/Dublin", False),
    ]  # fmt: skip
    assert sites_of([dublin])[dublin] == site_find(acme, "Dublin 2")
    acts = [event["action"] for event in audit_page(AuditFilter(object_kind="customer"), desk_ids=[desk], limit=9)]
    assert acts == ["site_changed", "site_added", "site_added", "customer_made"]
    with pytest.raises(InvalidFacts, match="no site “Dublin”"):
        site_find(acme, "Dublin")
    with pytest.raises(InvalidFacts):
        site_update(dublin, zone="Mars/Olympus", by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="1 to 500"):
        site_add(acme, " ", by=BOSS, now=NOW)


def test_of_two_writers_the_second_is_told(desk, acme):
    """Whether terms or a site came in between."""
    kim = actor(Role.MANAGER, desk, name="Kim")
    site = site_add(acme, "Dublin", version=1, by=kim, now=NOW).site_id
    with pytest.raises(Conflict, match="Kim changed Acme since") as second:
        customer_update(acme, tier="plus", version=1, by=BOSS, now=NOW)
    assert second.value.details["changes"][0]["set"] == {"site": {"name": "Dublin", "zone": ""}}
    customer_update(acme, tier="plus", version=2, by=kim, now=NOW)
    with pytest.raises(Conflict, match="Kim changed Acme since"):
        site_update(site, name="Cork", version=2, by=BOSS, now=NOW)


def test_customers_of_another_desk_are_not_there(desk, acme):
    """Not to be read, not to be changed; and an agent of this desk may look but not touch."""
    stranger = actor(Role.ADMIN, make_desk(has_clocks=False))
    agent = actor(Role.AGENT, desk)
    site = site_add(acme, "Dublin", by=BOSS, now=NOW).site_id
    for by, error in ((stranger, NotFound), (agent, NotAllowed)):
        with pytest.raises(error):
            customer_update(acme, tier="plus", by=by, now=NOW)
        with pytest.raises(error):
            site_add(acme, "Cork", by=by, now=NOW)
        with pytest.raises(error):
            site_update(site, name="Cork", by=by, now=NOW)
    with pytest.raises(NotFound):
        customer_get(acme, by=stranger)
    assert customer_get(acme, by=agent).name == "Acme"
    assert [row.name for row in customer_list(desk, by=agent)] == ["Acme"]
