"""The list of cases: search, filters, saved views, bulk acts, export."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from watchbill.apps.core.trail import AuditFilter, audit_page
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.saved import saved_views
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.interfaces.web.exports import defused


def rows_of(html):
    return re.findall(r'data-row="([^"]+)"', html)


@pytest.fixture
def cases(enter):
    """Fetch the list as a queue manager."""
    client = enter("queue_manager")

    def _cases(query="", status=200):
        answer = client.get(f"/cases/?desk=north{query}")
        assert answer.status_code == status
        return answer.content.decode()

    _cases.client = client
    return _cases


@pytest.fixture
def three(office):
    """Three cases that differ in everything that can be asked for."""
    a = office.item(priority=1, title="Login loop", customer="Orrin Health")
    b = office.item(priority=2, title="Export stuck", customer="Vantor Freight")
    c = office.item(priority=4, title="Login page slow", external_source="snow", external_ref="INC0042")
    item_assign(b, office.people["Ann North"], by=BY, now=NOW)
    item_state(c, State.WAITING_CUSTOMER, by=BY, now=NOW)
    return a, b, c


def test_search_finds_words_references_and_customers(cases, three):
    """By beginnings of words, our reference in any case, their number, or a part of a customer's name."""
    a, b, c = three
    assert set(rows_of(cases("&q=login"))) == {a, c}
    assert rows_of(cases("&q=log+loo")) == [a]
    assert rows_of(cases(f"&q={b.lower()}")) == [b]
    assert rows_of(cases("&q=INC0042")) == [c]
    assert rows_of(cases("&q=vantor")) == [b]
    assert "No case fits this" in cases("&q=zebra")


@pytest.mark.parametrize("text", ["'", "a & b | !c", ":*", "\\", "%00", "<script>", "(((", "-", "=1+1"])
def test_no_search_is_a_fault(cases, three, text):
    """What a query language would choke on is only text."""
    from urllib.parse import quote

    cases(f"&q={quote(text)}")


def test_the_marks_of_filters_name_nobody_of_another_desk(cases, three, office):
    """Whoever guesses a key of another desk's person or customer is told that nothing fits, and no name."""
    from watchbill.apps.customers.models import Customer

    acme = Customer.objects.create(desk_id=office.desks["south"], name="Acme South")
    html = cases(f"&owner={office.people['Ann South']}") + cases(f"&customer={acme.id}")
    assert "Ann South" not in html
    assert "Acme South" not in html


def test_filters_narrow_and_can_be_taken_away_one_by_one(cases, three, office):
    """Queue, owner, priority, state; each shown as a mark that leads to the list without it."""
    a, b, c = three
    assert rows_of(cases("&priority=1&priority=2")) == [a, b]
    assert rows_of(cases("&owner=Ann+North")) == [b]
    assert rows_of(cases(f"&owner={office.people['Ann North']}")) == [b]
    assert rows_of(cases("&state=waiting_customer")) == [c]
    assert set(rows_of(cases(f"&queue={office.queues['Mail']}"))) == {a, b, c}
    html = cases("&priority=1&q=login")
    assert "“login” ×" in html
    assert 'href="/cases/?q=login&amp;desk=north"' in html


@pytest.mark.parametrize("query", ["&priority=7", "&state=x", "&view=x", "&queue=x"])
def test_a_filter_that_makes_no_sense_is_named_beside_the_whole_list(cases, three, query):
    """422 with the summary; the list without any filter stands below."""
    html = cases(query, status=422)
    assert "There is a problem" in html
    assert len(rows_of(html)) == 3


def test_a_filter_that_makes_no_sense_stays_in_its_form(cases, three):
    """What was typed stands there again, the mistake at its field, above the list without any filter."""
    html = cases("&owner=Nobody+Here&priority=2&q=login", status=422)
    assert "This desk has nobody called “Nobody Here”" in re.search(r'id="f-owner-error".*?</p>', html)[0]
    assert 'value="Nobody Here"' in html
    assert 'value="login"' in html
    assert '<option value="2" selected>P2' in html
    assert len(rows_of(html)) == 3


def test_an_owner_is_asked_by_a_part_of_the_name_that_is_hers_alone(cases, three):
    """As in every other field for a person."""
    assert rows_of(cases("&owner=ann")) == [three[1]]


def test_a_view_is_saved_shared_and_removed(cases, three, enter):
    """One's own, or for everybody on the desk; only the owner removes it."""
    client = cases.client
    client.post("/cases/views/?desk=north", {"name": "Top logins", "query": "q=login&priority=1&evil=1", "shared": "1"})
    html = cases()
    href = re.search(r'href="([^"]+)">Top logins', html)[1].replace("&amp;", "&")
    assert rows_of(client.get(href).content.decode()) == [three[0]]
    other = enter("agent").get("/cases/?desk=north&q=login&priority=1").content.decode()
    assert "Top logins" in other
    assert "Delete “Top logins”" not in other
    mine = client.get(href).content.decode()
    drop = re.search(r'action="(/cases/views/\d+/drop/[^"]*)"', mine)[1].replace("&amp;", "&")
    assert enter("agent").post(drop).status_code == 404
    client.post(drop)
    assert "Top logins" not in cases()


def test_a_view_without_a_name_is_asked_again(cases):
    """422 in words."""
    answer = cases.client.post("/cases/views/?desk=north", {"name": " ", "query": "q=x"})
    assert answer.status_code == 422


def test_ones_own_view_is_replaced_whoever_shares_one_of_that_name(cases, three, enter):
    """What a colleague shares later does not take one's own view away from oneself."""
    client, address = cases.client, "/cases/views/?desk=north"
    enter("agent").post(address, {"name": "Mine", "query": "q=login"})
    client.post(address, {"name": "Mine", "query": "q=mail", "shared": "1"})
    answer = enter("agent").post(address, {"name": "Mine", "query": "priority=1", "replace": "1"})
    assert answer.status_code == 302


def test_a_name_that_is_taken_is_said_and_nothing_is_replaced_unasked(cases, three, enter):
    """One's own view may be replaced, or another name chosen; the list stands as it was asked for, the form as it was sent."""
    client, address = cases.client, "/cases/views/?desk=north"
    client.post(address, {"name": "Mine", "query": "q=login"})
    answer = client.post(address, {"name": "Mine", "query": "priority=1", "shared": "1"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "You have a view called “Mine” already: replace it, or choose another name" in html
    assert 'name="replace" value="1">Replace “Mine”' in html
    assert 'name="query" value="priority=1"' in html
    assert 'name="shared" value="1" checked' in html
    assert rows_of(html) == rows_of(cases("&priority=1"))
    assert "q=login" in re.search(r'href="([^"]+)">Mine', cases())[1]
    assert client.post(address, {"name": "Mine", "query": "q=login", "shared": "1"}).status_code == 302
    assert (
        client.post(address, {"name": "Mine", "query": "priority=1", "shared": "1", "replace": "1"}).status_code == 302
    )
    assert "priority=1" in re.search(r'href="([^"]+)">Mine', cases())[1]
    answer = enter("agent").post(address, {"name": "Mine", "query": "q=x", "replace": "1"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "shares a view called “Mine”: choose another name" in html
    assert "Replace “Mine”" not in html


def test_many_are_given_to_one(cases, three):
    """By a part of her name, with a note on each; the page says how many."""
    a, _b, c = three
    form = {"case": [f"{a}:1", f"{c}:2"], "owner": "bo", "text": "Yours for tonight", "back": "/cases/?desk=north"}
    answer = cases.client.post("/cases/bulk/?desk=north", form)
    assert answer["Location"] == "/cases/?desk=north"
    assert [work_get(each, by=BY).owner for each in (a, c)] == ["Bo North", "Bo North"]
    assert "2 cases given to bo" in cases()


def test_many_get_a_state_or_with_a_reason_a_priority(cases, three):
    """One thing at a time."""
    a, b, _c = three
    both = {"case": [f"{a}:1", f"{b}:2"]}
    assert cases.client.post("/cases/bulk/?desk=north", {**both, "state": "waiting_vendor"}).status_code == 302
    assert work_get(b, by=BY).state == "waiting_vendor"
    both = {"case": [f"{a}:2", f"{b}:3"]}
    assert cases.client.post("/cases/bulk/?desk=north", {**both, "priority": "3"}).status_code == 422
    assert (
        cases.client.post("/cases/bulk/?desk=north", {**both, "priority": "3", "text": "Duplicates"}).status_code == 302
    )
    assert work_get(a, by=BY).priority == 3
    assert cases.client.post("/cases/bulk/?desk=north", {**both, "priority": "3", "state": "new"}).status_code == 422
    assert cases.client.post("/cases/bulk/?desk=north", both).status_code == 422


def test_a_refused_act_on_many_keeps_what_was_chosen_and_typed(cases, three):
    """The boxes stay ticked, and the mistake stands in the bar, not in the filter."""
    a, b, c = three
    form = {"case": [f"{a}:1", f"{c}:2"], "owner": "Nobody Here", "text": "Yours"}
    answer = cases.client.post("/cases/bulk/?desk=north", form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert ['form="bulk-form" checked' in re.search(rf'value="{one}:\d+".*?>', html)[0] for one in (a, b, c)] == [
        True, False, True,
    ]  # fmt: skip
    assert 'href="#bulk-owner"' in html
    assert "f-owner-error" not in html
    assert "nobody called “Nobody Here”" in re.search(r'id="bulk-error".*?</p>', html)[0]
    assert re.search(r'id="bulk-owner"[^>]*value="Nobody Here"', html)
    priority = cases.client.post("/cases/bulk/?desk=north", {"case": f"{a}:1", "priority": "3"}).content.decode()
    assert '<option value="3" selected>P3' in priority


def test_what_could_not_be_done_is_listed_with_its_reason(cases, three):
    """The rest is done; the page says which were left and why."""
    a, b, _c = three
    answer = cases.client.post(
        "/cases/bulk/?desk=north", {"case": [f"{a}:1", f"{b}:2", "CASE-1:1"], "owner": "Ann North"}
    )
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "2 cases were left as they are" in html
    assert f"{b}: Ann North owns {b} already" in html
    assert "CASE-1: This desk has no such item" in html
    assert work_get(a, by=BY).owner == "Ann North"


def undo_of(html):
    """Where the toast takes back what it tells."""
    return re.search(r'class="toast".*?action="([^"]+)"', html, re.DOTALL)[1].replace("&amp;", "&")


def test_an_act_on_many_is_taken_back_where_it_is_told(cases, three):
    """The line after the act offers it; every case is as it was before, and the page says so."""
    a, b, _c = three
    cases.client.post("/cases/bulk/?desk=north", {"case": [f"{a}:1", f"{b}:2"], "state": "closed"})
    html = cases()
    assert "2 cases set to closed" in html
    answer = cases.client.post(undo_of(html), {"back": "/cases/?desk=north&view=mine"})
    assert answer["Location"] == "/cases/?desk=north&view=mine"
    assert [work_get(each, by=BY).state for each in (a, b)] == ["new", "new"]
    assert "Undone: 2 cases are as before" in cases()


def test_what_changed_since_an_act_is_left_and_named(cases, three):
    """Above the list that the visitor came from; the others are as they were."""
    a, b, c = three
    cases.client.post("/cases/bulk/?desk=north", {"case": [f"{a}:1", f"{b}:2"], "owner": "Bo North"})
    item_state(b, State.WAITING_VENDOR, by=BY, now=NOW)
    back = "/cases/?desk=north&state=waiting_customer"
    answer = cases.client.post(undo_of(cases()), {"back": back})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert f"{b}: {BY.name} changed it since: state" in html
    assert rows_of(html) == [c]
    assert "Undone: 1 case is as before" in html
    assert [work_get(each, by=BY).owner for each in (a, b)] == [None, "Bo North"]


def test_what_was_done_can_be_taken_back_when_something_was_left(cases, three):
    """The page that names what was left offers to undo the rest, and leads back to the list."""
    a, _b, _c = three
    page = cases.client.post("/cases/bulk/?desk=north", {"case": [f"{a}:1", "CASE-1:1"], "owner": "Ann North"})
    answer = cases.client.post(undo_of(page.content.decode()))
    assert answer["Location"].startswith("/cases/")
    assert work_get(a, by=BY).owner is None


def test_the_latest_acts_can_be_taken_back_later_and_by_others_who_may(cases, three, enter):
    """They stand on the list, with who did them; what was undone says by whom. Twice is a conflict in words."""
    a, b, _c = three
    cases.client.post("/cases/bulk/?desk=north", {"case": [f"{a}:1", f"{b}:2"], "state": "closed"})
    cases()
    other = enter("manager")
    html = other.get("/cases/?desk=north").content.decode()
    assert 'aria-label="Undo: 2 cases set to closed"' in html
    assert "Queue_Manager, 09:00" in html
    href = re.search(r'action="(/cases/acts/\d+/undo/[^"]*)"', html)[1].replace("&amp;", "&")
    assert enter("coordinator").post(href).status_code == 403
    assert other.post(href).status_code == 302
    html = cases()
    assert "undone by Manager" in html
    assert "/cases/acts/" not in html
    again = cases.client.post(href)
    assert again.status_code == 409
    assert "Manager has undone this already" in again.content.decode()
    assert "Last acts" not in enter("coordinator").get("/cases/?desk=north").content.decode()


def test_bulk_needs_its_right(enter, three):
    """A coordinator has no boxes and no bar, and is refused."""
    client = enter("coordinator")
    assert "bulk-form" not in client.get("/cases/?desk=north").content.decode()
    assert client.post("/cases/bulk/?desk=north", {"case": f"{three[0]}:1", "state": "new"}).status_code == 403


def read_csv(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_export_holds_the_whole_filtered_list(cases, three):
    """Every row of the filter, in its order, not only the first page."""
    answer = cases.client.get("/cases/export.csv?desk=north&q=login")
    assert answer["Content-Type"].startswith("text/csv")
    assert {row["reference"] for row in read_csv(answer)} == {three[0], three[2]}


def test_the_export_goes_on_past_a_batch(office, cases, monkeypatch):
    """Read page by page without losing or doubling a row."""
    monkeypatch.setattr("watchbill.interfaces.web.pages.cases.EXPORT_BATCH", 2)
    made = [office.item() for _ in range(5)]
    assert [row["reference"] for row in read_csv(cases.client.get("/cases/export.csv?desk=north"))] == made
    newest = [row["reference"] for row in read_csv(cases.client.get("/cases/export.csv?desk=north&view=any"))]
    assert newest == made[::-1]


def test_no_cell_is_a_formula(office, cases):
    """What a spreadsheet would calculate gets an apostrophe."""
    office.item(title="=HYPERLINK(1)", customer="@evil")
    (row,) = read_csv(cases.client.get("/cases/export.csv?desk=north"))
    assert (row["subject"], row["customer"]) == ("'=HYPERLINK(1)", "'@evil")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_each_start_of_a_formula_is_defused(text):
    """OWASP's list."""
    assert defused(text) == f"'{text}"


def test_other_texts_stay_as_they_are():
    """And nothing is an empty cell."""
    assert [defused("a=b"), defused(None), defused(NOW)] == ["a=b", "", "2026-03-02T09:00:00+00:00"]


def test_paging_goes_on_by_key(office, cases):
    """The filter is kept; the count is told."""
    made = [office.item(title="Same words") for _ in range(51)]
    html = cases("&q=same")
    assert "First 50 of 51" in html
    following = re.search(r'rel="next" href="([^"]+)"', html)[1].replace("&amp;", "&")
    second = cases.client.get(following).content.decode()
    assert rows_of(html) + rows_of(second) == made


def test_names_are_offered_as_they_are_typed(cases):
    """The people of the desk that fit, for any field."""
    html = cases.client.get("/people-offered/owner/?desk=north&owner=an").content.decode()
    assert 'value="Ann North"' in html
    assert "South" not in html


def test_the_number_of_queries_does_not_grow_with_the_rows(office, cases):
    """Two rows or forty."""

    def asked():
        with CaptureQueriesContext(connection) as seen:
            cases("&view=open")
        return len(seen)

    cases()
    office.item()
    office.item()
    few = asked()
    for _ in range(40):
        office.item()
    assert asked() == few


def test_a_shared_view_is_made_by_who_works_here_and_removed_by_who_keeps_the_queues(office, enter):
    """An auditor keeps views for herself; what an agent shared, a queue manager can take away, and it is written down."""
    auditor, agent = enter("auditor"), enter("agent")
    sent = {"name": "Logins", "query": "q=login"}
    address = "/cases/views/?desk=north"
    assert "Share it with the desk" not in auditor.get("/cases/?desk=north&q=login").content.decode()
    assert auditor.post(address, {**sent, "shared": "1"}).status_code == 403
    assert auditor.post(address, sent).status_code == 302
    assert agent.post(address, {**sent, "name": "For all", "shared": "1"}).status_code == 302
    (shared,) = [view for view in saved_views(office.desks["north"], by=office.actor("auditor")) if view["is_shared"]]
    drop = f"/cases/views/{shared['id']}/drop/?desk=north"
    assert enter("coordinator").post(drop).status_code == 404
    assert enter("stranger").post(drop).status_code == 404
    assert drop.partition("?")[0] in enter("queue_manager").get("/cases/?desk=north&q=login").content.decode()
    assert enter("queue_manager").post(drop).status_code == 302
    assert audit_page(AuditFilter(action="view_removed"), desk_ids=None)[0]["object_ref"] == "For all"
    assert [view["name"] for view in saved_views(office.desks["north"], by=office.actor("auditor"))] == ["Logins"]
