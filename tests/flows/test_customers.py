"""Customers and the clocks of their items: an item lies with a customer and its site, and terms that change are followed."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.factories import BOSS, NOW, actor, make_desk, make_item, minutes
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.customers.queries import customer_list, terms_of
from watchbill.apps.customers.services import customer_ensure, site_add
from watchbill.apps.people.rights import Role
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.services import projection_rebuild
from watchbill.apps.work.timeline import work_events
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_edit, item_state
from watchbill.flows.act.opening import Draft, item_open
from watchbill.flows.customers import customer_change, site_change

pytestmark = pytest.mark.django_db

LATER = NOW + minutes(5)


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def acme(desk):
    return customer_ensure(desk, "Acme", by=BOSS, now=NOW)


@pytest.fixture
def dublin(acme):
    return site_add(acme, "Dublin", zone="Europe/Dublin", by=BOSS, now=NOW).site_id


def item(reference):
    return work_get(reference, by=BOSS)


def falsify() -> None:
    """Let all clocks say something that no computation would."""
    with connection.cursor() as cursor:
        cursor.execute("update clocks_clock set target_s = 7")


def is_anew(reference: str) -> bool:
    """Whether the clocks of an item were computed since they were falsified."""
    return all(clock.target_s != 7 for clock in clocks_of_items([item(reference).id])[item(reference).id])


def test_an_item_is_opened_at_a_site(desk, acme, dublin):
    """By the names of customer and site; its event says so, and making the row anew agrees."""
    reference = make_item(desk, customer="Acme", site="Dublin")
    found = item(reference)
    assert (found.customer, found.site, found.site_id) == ("Acme", "Dublin", dublin)
    [event] = work_events(found.id)
    assert (event.data["set"]["customer_id"], event.data["set"]["site_id"]) == (acme, dublin)
    projection_rebuild()
    assert item(reference) == found


def test_customer_and_site_are_edited_by_name(desk, acme, dublin):
    """A new customer is made; with it the site of the old one goes; each event names both."""
    reference = make_item(desk, customer="Acme")
    item_edit(reference, {"site": "Dublin"}, by=BOSS, now=LATER)
    assert item(reference).site_id == dublin
    item_edit(reference, {"customer": "Bolt", "title": "Scanner"}, by=BOSS, now=LATER)
    found = item(reference)
    assert (found.title, found.customer, found.site) == ("Scanner", "Bolt", None)
    event = work_events(found.id, limit=1)[0]
    assert event.data == {
        "customer": "Bolt", "site": "", "set": {"title": "Scanner", "customer_id": found.customer_id, "site_id": None},
    }  # fmt: skip
    item_edit(reference, {"customer": "Acme", "site": "Dublin"}, by=BOSS, now=LATER)
    assert (item(reference).customer_id, item(reference).site_id) == (acme, dublin)
    with pytest.raises(InvalidFacts, match="Nothing was changed"):
        item_edit(reference, {"customer": "Acme", "site": " Dublin "}, by=BOSS, now=LATER)
    item_edit(reference, {"site": ""}, by=BOSS, now=LATER)
    item_edit(reference, {"customer": ""}, by=BOSS, now=LATER)
    assert (item(reference).customer_id, item(reference).site_id) == (None, None)


def test_a_site_is_its_customers(desk, acme, dublin):
    """Another customer's, one out of use and one of nobody are refused, on opening and later; nothing is kept."""
    reference = make_item(desk, customer="Bolt")
    with pytest.raises(InvalidFacts, match="no site “Dublin”"):
        item_edit(reference, {"site": "Dublin"}, by=BOSS, now=LATER)
    with pytest.raises(InvalidFacts):
        make_item(desk, customer="New one", site="Dublin")
    with pytest.raises(InvalidFacts, match="say whose"):
        make_item(desk, site="Dublin")
    with pytest.raises(InvalidFacts):
        item_edit(reference, {"customer": "New one", "site": "Dublin"}, by=BOSS, now=LATER)
    site_change(dublin, is_active=False, by=BOSS, now=LATER)
    with pytest.raises(InvalidFacts, match="out of use"):
        make_item(desk, customer="Acme", site="Dublin")
    assert [row.name for row in customer_list(desk, by=BOSS)] == ["Acme", "Bolt"]
    assert item(reference).version == 1


def test_an_edit_of_the_customer_computes_the_clocks(desk, acme, dublin):
    """As an edit of any other field that clocks may look at."""
    reference = make_item(desk)
    for values in ({"customer": "Acme"}, {"site": "Dublin"}):
        falsify()
        item_edit(reference, values, by=BOSS, now=LATER)
        assert is_anew(reference)


@pytest.mark.parametrize(
    "values", [{"tier": "premier"}, {"contract": "Gold"}, {"zone": "Asia/Kolkata"}, {"is_sensitive": True}]
)
def test_clocks_of_open_items_follow_new_terms(desk, acme, values):
    """Those that are done, and those of other customers, stay; more items than one batch are all computed."""
    opened = [make_item(desk, customer="Acme") for _ in range(2)]
    done, other = make_item(desk, customer="Acme"), make_item(desk, customer="Bolt")
    item_state(done, State.CLOSED, by=BOSS, now=NOW)
    falsify()
    kept = customer_change(acme, **values, reason="signed", by=BOSS, now=LATER)
    assert (kept.version, kept.changed, kept.desk_id) == (2, set(values), desk)
    assert [is_anew(one) for one in (*opened, done, other)] == [True, True, False, False]
    assert terms_of([acme])[acme][-1].at == LATER


def test_what_clocks_do_not_look_at_computes_none(desk, acme, dublin):
    """Whether a site is in use, and what stands already."""
    reference = make_item(desk, customer="Acme", site="Dublin")
    falsify()
    customer_change(acme, is_sensitive=False, tier="standard", by=BOSS, now=LATER)
    site_change(dublin, is_active=False, by=BOSS, now=LATER)
    assert not is_anew(reference)
    assert len(terms_of([acme])[acme]) == 1


@pytest.mark.parametrize("values", [{"zone": "Europe/Lisbon"}, {"name": "Dublin 2"}])
def test_a_site_is_followed_by_its_items(desk, acme, dublin, values):
    """And by none elsewhere at the customer's."""
    there, elsewhere = make_item(desk, customer="Acme", site="Dublin"), make_item(desk, customer="Acme")
    falsify()
    site_change(dublin, **values, by=BOSS, now=LATER)
    assert (is_anew(there), is_anew(elsewhere)) == (True, False)


def test_nothing_is_kept_of_a_change_that_is_refused(desk, acme):
    """Seen in another version, without the right, or on another desk: terms and clocks stay."""
    reference = make_item(desk, customer="Acme")
    falsify()
    for by, version, error in (
        (BOSS, 9, Conflict),
        (actor(Role.AGENT, desk), 1, NotAllowed),
        (actor(Role.ADMIN, make_desk(has_clocks=False)), 1, NotFound),
    ):
        with pytest.raises(error):
            customer_change(acme, tier="plus", version=version, by=by, now=LATER)
    assert len(terms_of([acme])[acme]) == 1
    assert not is_anew(reference)


def test_an_item_opened_for_a_customer_of_another_desk_makes_its_own(desk, acme):
    """Customers are a desk's own."""
    far = make_desk()
    reference = item_open(Draft(desk_id=far, title="x", customer="Acme"), by=BOSS, now=NOW).reference
    assert item(reference).customer_id not in (None, acme)
