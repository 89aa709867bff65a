"""What people may take and what customers and items ask for, on their pages."""

from __future__ import annotations

import pytest

from tests.interfaces.office import BY
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.apps.core.trail import AuditFilter, audit_page
from watchbill.apps.customers.queries import customer_get
from watchbill.apps.people.queries import person_get
from watchbill.apps.work.queries import work_get

SENT = {"version": "1", "clearances": "", "class_limits": "", "deputy": "", "reason": ""}


def last_line(office, kind, name):
    (line,) = audit_page(AuditFilter(object_kind=kind, object_ref=name), desk_ids=[office.desks["north"]], limit=1)
    return line


def test_what_a_person_may_take_is_set_on_her_page(enter, office, ann):
    """Only for those who correct people; kept, shown among her facts, in the trail by name, and nothing the second time."""
    assert "Correct what she may take" not in html_of(enter("agent"), f"/people/{ann}/?desk=north")
    assert enter("agent").post(f"/people/{ann}/limits/?desk=north", SENT).status_code == 403
    client = enter("manager")
    sent = {
        **SENT, "clearances": "export\n bank ", "tiers": ["plus"], "class_limits": "kind:change = 2\ncategory:Net work=4",
        "deputy": str(office.people["Bo North"]), "reason": "as agreed",
    }  # fmt: skip
    assert client.post(f"/people/{ann}/limits/?desk=north", sent).status_code == 302
    found = person_get(ann, by=BY)
    assert (found.clearances, found.tiers, found.deputy) == (("bank", "export"), ("plus",), "Bo North")
    assert found.class_limits == {"kind:change": 2, "category:Net work": 4}
    page = html_of(client, f"/people/{ann}/?desk=north")
    assert problems(page) == []
    for said in ("bank, export", "Plus", "2 of kind:change, 4 of category:Net work", "<dd>Bo North</dd>"):
        assert said in page
    line = last_line(office, "person", "Ann North")
    assert (line["after"]["deputy"], line["before"]["deputy"], line["reason"]) == ("Bo North", "", "as agreed")
    assert client.post(f"/people/{ann}/limits/?desk=north", {**sent, "version": "2"}).status_code == 302
    assert person_get(ann, by=BY).version == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"class_limits": "kind:problem=2"}, "“kind:problem” is no class of work"),
        ({"class_limits": "category:=2"}, "is no class of work"),
        ({"class_limits": "two changes"}, "is not a class and a number"),
        ({"class_limits": "kind:change=1001"}, "expected 0 to 1000 items"),
        ({"tiers": ["gold"]}, "“gold” is no tier"),
        ({"clearances": "x" * 201}, "1 to 200 characters"),
        ({"clearances": "\n".join(map(str, range(51)))}, "at most 50 clearances"),
        ({"deputy": "me"}, "must be a whole number"),
    ],
)
def test_what_cannot_be_is_refused_in_its_place(enter, ann, wrong, said):
    """The page comes again with what was sent and why not; nothing is kept."""
    answer = enter("manager").post(f"/people/{ann}/limits/?desk=north", {**SENT, **wrong})
    html = answer.content.decode()
    assert (answer.status_code, problems(html)) == (422, [])
    assert said in html
    assert next(iter(wrong.values()))[0] in html
    assert person_get(ann, by=BY).version == 1


def test_who_comes_second_is_told_what_the_first_said(enter, office, ann):
    """By name, not by number or with brackets; the page offers both."""
    client = enter("manager")
    first = {**SENT, "clearances": "export", "class_limits": "kind:change=2", "deputy": str(office.people["Bo North"])}
    client.post(f"/people/{ann}/limits/?desk=north", first)
    answer = client.post(f"/people/{ann}/limits/?desk=north", {**first, "deputy": "", "clearances": "bank"})
    html = answer.content.decode()
    assert answer.status_code == 409
    for said in ("kind:change = 2", "Bo North", ">export<"):
        assert said in html


def test_a_customer_says_what_it_asks_for(enter, office, acme):
    """On its page by who corrects customers; its version moves, and the second writer is told."""
    where = f"/customers/{acme}/clearances/?desk=north"
    assert "none asked for" in html_of(enter("agent"), f"/customers/{acme}/?desk=north")
    assert enter("agent").post(where, {"version": "1", "clearances": "bank"}).status_code == 403
    client = enter("manager")
    assert client.post(where, {"version": "1", "clearances": "bank\nexport", "reason": "law"}).status_code == 302
    assert customer_get(acme, by=BY).clearances == ["bank", "export"]
    page = html_of(client, f"/customers/{acme}/?desk=north")
    assert problems(page) == []
    assert "bank, export" in page
    refused = client.post(where, {"version": "2", "clearances": "x" * 201})
    assert (refused.status_code, "1 to 200 characters" in refused.content.decode()) == (422, True)
    late = client.post(where, {"version": "1", "clearances": "visa"})
    assert (late.status_code, "bank, export" in late.content.decode()) == (409, True)
    assert last_line(office, "customer", "Acme")["reason"] == "law"


def test_a_case_asks_for_clearances_in_its_details(enter, office):
    """Kept with the other details, shown on the case and in its history; taken away with an empty field."""
    reference, client = office.item(), enter("manager")
    sent = {"version": "1", "title": "It does not work", "clearances": "export"}
    assert client.post(f"/cases/{reference}/edit/?desk=north", sent).status_code == 302
    assert work_get(reference, by=BY).clearances == ("export",)
    page = html_of(client, f"/cases/{reference}/?desk=north")
    assert "<dt>Clearances</dt><dd>export</dd>" in page
    assert "clearances: export" in page
    client.post(f"/cases/{reference}/edit/?desk=north", {**sent, "version": "2", "clearances": ""})
    assert work_get(reference, by=BY).attributes == {}
