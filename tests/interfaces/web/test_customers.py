"""Customers on their pages: found by name, their terms since when, their sites, and the cases that lie there."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.customers.queries import customer_get, customer_list, site_list, terms_of
from watchbill.apps.customers.services import customer_ensure, site_add
from watchbill.apps.work.queries import work_get
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_state


@pytest.fixture
def acme(office):
    return customer_ensure(office.desks["north"], "Acme & Sons", by=BY, now=NOW)


@pytest.fixture
def terms():
    """What the form of the terms sends, as a page with nothing changed would."""
    return {"tier": "standard", "contract": "", "zone": "", "is_sensitive": "0", "reason": "", "version": "1"}


def test_the_list_is_found_by_name_and_counts_open_cases(office, enter, acme):
    """Numbers lead to their rows; a name that nobody has says so, and a desk without customers where they come from."""
    office.item(customer="Acme & Sons")
    done = office.item(customer="Bolt")
    item_state(done, State.CLOSED, by=BY, now=NOW)
    html = html_of(enter("ann"), "/customers/?desk=north")
    assert "Acme &amp; Sons" in html
    assert f"/cases/?customer={acme}" in html
    assert html.count("/cases/?customer=") == 1
    assert "Bolt" not in html_of(enter("ann"), "/customers/?desk=north&q=acme")
    assert "No customer matches" in html_of(enter("ann"), "/customers/?desk=north&q=nobody")
    assert "No customer yet" in html_of(enter("stranger"), "/customers/?desk=south")


def test_the_list_is_paged_and_takes_the_same_queries_for_any_number(office, enter):
    """A page holds fifty, by the numbers in their names; the next begins after the last of them."""
    client, counts = enter("ann"), []
    for start in (0, 60):
        for number in range(start, start + 60):
            customer_ensure(office.desks["north"], f"C{number}", by=BY, now=NOW)
        client.get("/customers/?desk=north")
        with CaptureQueriesContext(connection) as queries:
            html = html_of(client, "/customers/?desk=north")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "after=C49" in html
    second = html_of(client, "/customers/?desk=north&after=C49")
    assert ">C50<" in second
    assert ">C9<" not in second


def test_terms_are_changed_with_a_reason_and_shown_since_when(enter, acme, terms):
    """Who may edit people sets them; everybody of the desk reads what held before, and why that changed."""
    client, address = enter("chief"), f"/customers/{acme}/terms/"
    sent = {**terms, "tier": "premier", "contract": "Gold", "zone": "Asia/Kolkata", "reason": "signed on Monday"}
    assert "Change the terms" in html_of(client, f"/customers/{acme}/")
    assert client.post(address, sent)["Location"] == f"/customers/{acme}/"
    assert "Terms kept, from now on" in html_of(client, f"/customers/{acme}/")
    found = customer_get(acme, by=BY)
    assert (found.tier, found.contract, found.zone, found.version) == ("premier", "Gold", "Asia/Kolkata", 2)
    html = html_of(enter("ann"), f"/customers/{acme}/")
    for word in ("since ever", "signed on Monday", "2 Mar 2026 09:00 UTC", "Premier", "Asia/Kolkata"):
        assert word in html
    assert "Change the terms" not in html
    assert enter("ann").post(address, sent).status_code == 403
    client.post(address, {**sent, "version": "2"})
    assert "Nothing was different" in html_of(client, f"/customers/{acme}/")
    assert len(terms_of([acme])[acme]) == 2


def test_what_no_terms_may_say_stands_in_the_form_again(enter, acme, terms):
    """The field that is wrong says so, and what was typed is still there."""
    answer = enter("chief").post(f"/customers/{acme}/terms/", {**terms, "contract": "Gold", "zone": "Mars/Olympus"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Expected an IANA time zone" in html
    assert 'value="Mars/Olympus"' in html
    assert 'value="Gold"' in html


def test_the_second_of_two_writers_chooses(enter, acme, terms):
    """What stands now beside what she sent; "use mine" sends it on the present version."""
    client = enter("chief")
    client.post(f"/customers/{acme}/terms/", {**terms, "tier": "premier"})
    clash = client.post(f"/customers/{acme}/terms/", {**terms, "tier": "plus"})
    html = clash.content.decode()
    assert clash.status_code == 409
    assert "Chief changed Acme &amp; Sons since" in html
    assert 'name="version" value="2"' in html


def test_sites_are_added_and_changed(enter, acme):
    """A name that is taken is refused in the form; another customer's site is not there."""
    client = enter("chief")
    site = {"name": "Dublin", "zone": "Europe/Dublin", "reason": "", "version": "1"}
    assert client.post(f"/customers/{acme}/sites/", site).status_code == 302
    assert client.post(f"/customers/{acme}/sites/", {**site, "version": "2"}).status_code == 409
    [dublin] = site_list(acme)
    change = {"name": "Dublin 2", "zone": "", "is_active": "0", "version": "2"}
    assert client.post(f"/customers/{acme}/sites/{dublin.id}/", change).status_code == 302
    html = html_of(client, f"/customers/{acme}/")
    assert "Dublin 2" in html
    assert "not in use" in html
    assert "UTC: Dublin, Europe/Dublin" in html
    bolt = customer_ensure(customer_get(acme, by=BY).desk_id, "Bolt", by=BY, now=NOW)
    assert client.post(f"/customers/{bolt}/sites/{dublin.id}/", {**change, "version": "1"}).status_code == 404
    assert enter("ann").post(f"/customers/{acme}/sites/", site).status_code == 403


def test_its_open_cases_are_on_its_page(office, enter, acme):
    """And from the case a link leads there; the number of queries does not grow with them."""
    first = office.item(customer="Acme & Sons", title="No heat")
    client = enter("ann")
    assert f'href="/customers/{acme}/"' in html_of(client, f"/cases/{first}/")
    assert "No heat" in html_of(client, f"/customers/{acme}/")
    with CaptureQueriesContext(connection) as few:
        html_of(client, f"/customers/{acme}/")
    for _ in range(20):
        office.item(customer="Acme & Sons")
    with CaptureQueriesContext(connection) as many:
        html = html_of(client, f"/customers/{acme}/")
    assert len(few) == len(many)
    assert "All 21 open cases" in html


def test_a_case_is_placed_at_a_site(office, enter, acme):
    """On opening by name; later chosen from the customer's sites; with another customer it is at none."""
    site_add(acme, "Dublin", by=BY, now=NOW)
    client = enter("ann")
    opened = {"title": "No heat", "kind": "case", "customer": "Acme & Sons", "site": "Dublin"}
    item = client.post("/cases/new/?desk=north", opened)["Location"].split("/")[2]
    assert "<dt>Site</dt><dd>Dublin</dd>" in html_of(client, f"/cases/{item}/")
    wrong = client.post("/cases/new/?desk=north", {**opened, "site": "Cork"})
    assert wrong.status_code == 422
    assert "This customer has no site “Cork”" in wrong.content.decode()
    details = {"title": "No heat", "category": "", "description": "", "customer": "Acme & Sons", "version": "1"}
    assert client.post(f"/cases/{item}/edit/", {**details, "site": ""}).status_code == 302
    assert client.post(f"/cases/{item}/edit/", {**details, "site": "Dublin", "version": "2"}).status_code == 302
    moved = {**details, "customer": "Bolt", "site": "Dublin", "version": "3"}
    assert client.post(f"/cases/{item}/edit/", moved).status_code == 302
    found = work_get(item, by=BY)
    assert (found.customer, found.site) == ("Bolt", None)
    html = html_of(client, f"/cases/{item}/")
    assert "site: none; customer: Bolt" in html
    trail = html_of(enter("chief"), f"/audit/?desk=north&ref={item}")
    assert "Acme &amp; Sons" in trail
    assert [row.name for row in customer_list(office.desks["north"], by=BY)] == ["Acme & Sons", "Bolt"]
