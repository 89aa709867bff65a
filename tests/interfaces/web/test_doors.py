"""Who gets in, and what those are told who do not."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.urls import path

from tests.interfaces.office import BY, NOW
from watchbill.apps.core.trail import AuditFilter, audit_page
from watchbill.apps.people import users
from watchbill.config.urls import urlpatterns as every
from watchbill.interfaces.web.forms import back_of

PASSWORD = "plum-tree-9944"


@pytest.fixture
def zoe(office):
    """A queue manager with a password."""
    users.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
    users.role_grant("zoe", "queue_manager", by=BY, now=NOW)


def sign_in(client, password=PASSWORD, **more):
    return client.post("/sign-in/", {"username": "zoe", "password": password, **more})


def acts():
    return [event["action"] for event in audit_page(AuditFilter(object_ref="zoe"), desk_ids=None)]


def test_the_right_password_opens_the_page_of_ones_role(zoe):
    """A queue manager's day starts at the Board, and signing in is written down."""
    client = Client()
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/board/")
    assert client.get("/board/").status_code == 200
    assert acts()[0] == "signed_in"


def test_a_wrong_password_is_said_with_the_name_kept(zoe):
    """422, the summary, the name typed again for nothing, and a line in the audit log."""
    answer = sign_in(Client(), "wrong")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "There is a problem" in html
    assert 'value="zoe"' in html
    assert acts()[0] == "sign_in_failed"


def test_too_many_wrong_passwords_close_the_door_in_words(zoe):
    """After eight, even the right one waits, and the page says how long and what else to do."""
    for _ in range(8):
        answer = sign_in(Client(), "wrong")
    assert answer.status_code == 429
    answer = sign_in(Client())
    assert answer.status_code == 429
    assert "closed from here for 15 minutes" in answer.content.decode()


def test_signing_in_leads_where_one_wanted_to_go(zoe):
    """The address asked for before signing in is kept."""
    answer = Client().get("/cases/?view=any")
    assert answer["Location"] == "/sign-in/?next=%2Fcases%2F%3Fview%3Dany"
    html = Client().get(answer["Location"]).content.decode()
    assert 'name="back" value="/cases/?view=any"' in html
    assert sign_in(Client(), back="/cases/?view=any")["Location"] == "/cases/?view=any"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_no_form_leads_elsewhere(elsewhere):
    """An address that is not ours is not followed."""
    request = RequestFactory().post("/sign-in/", {"back": elsewhere})
    assert back_of(request, "/board/") == "/board/"


def test_a_closed_account_is_out_at_once(zoe):
    """The next request after deactivation leads to the door."""
    client = Client()
    sign_in(client)
    users.user_activity_set("zoe", is_active=False, by=BY, now=NOW)
    assert client.get("/board/")["Location"].startswith("/sign-in/")


def test_signing_out_ends_the_session(zoe):
    """And leads to the door."""
    client = Client()
    sign_in(client)
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/board/").status_code == 302


@pytest.mark.django_db
def test_the_one_time_link_makes_the_first_admin_once():
    """Whoever opens it first is the admin; the second is told that it was used."""
    secret = users.link_issue(label="first start", by=BY, now=NOW)
    client = Client()
    assert "Make the first account" in client.get(f"/link/{secret}/").content.decode()
    answer = client.post(f"/link/{secret}/", {"username": "root", "password": "password"})
    assert answer.status_code == 422
    assert "too common" in answer.content.decode()
    answer = client.post(f"/link/{secret}/", {"username": "root", "password": PASSWORD})
    assert answer.status_code == 302
    assert "root" in client.get("/account/").content.decode()
    assert Client().get(f"/link/{secret}/").status_code == 404


def test_a_link_for_a_user_sets_her_password(zoe):
    """She chooses a new one and is in; her name is not asked for."""
    secret = users.link_issue(username="zoe", label="forgot", by=BY, now=NOW)
    html = Client().get(f"/link/{secret}/").content.decode()
    assert 'name="username"' not in html
    Client().post(f"/link/{secret}/", {"password": "heron-lake-2210"})
    assert sign_in(Client(), "heron-lake-2210").status_code == 302


def test_a_fragment_cannot_ask_for_a_name(db):
    """Without a session htmx is told to load the sign-in page as a whole."""
    answer = Client().get("/board/live/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/sign-in/")


class ViewWithoutRight:
    """An address list with a view that forgot to say who may open it."""

    urlpatterns = [path("forgotten/", lambda request: None, name="forgotten"), *every]


def test_a_view_without_a_right_is_closed_to_all(enter, settings):
    """Forgetting the declaration opens nothing, not even to an admin."""
    settings.ROOT_URLCONF = ViewWithoutRight
    assert enter("admin").get("/forgotten/").status_code == 403


def test_a_role_elsewhere_opens_nothing_here(enter):
    """The admin of the desk south sees no page of the desk north, and is told no more than that."""
    client = enter("stranger")
    assert client.get("/board/?desk=south").status_code == 200
    assert client.get("/board/?desk=north").status_code == 404
    assert b"North" not in client.get("/board/").content


def test_somebody_without_roles_is_told_so(enter):
    """403 in words on every page, and the account page says what is missing."""
    client = enter("nobody")
    answer = client.get("/board/")
    assert answer.status_code == 403
    assert "see the desk" in answer.content.decode()
    assert "Nobody has given you a role yet" in client.get("/account/").content.decode()


def test_the_desk_is_changed_on_a_phone(enter):
    """Whoever has two desks finds both under More, and the one that is shown marked; with one desk there is no choice."""
    tabs = (
        enter("admin").get("/board/?desk=south").content.decode().split('class="tabs only-phone"')[1].split("</nav>")[0]
    )
    assert 'href="/board/?desk=north">' in tabs
    assert 'href="/board/?desk=south" aria-current="true">' in tabs
    assert "?desk=north" not in enter("stranger").get("/board/").content.decode()


def test_the_desk_is_kept_in_links_and_remembered(enter):
    """Chosen once by address, it stays; each link names it, so two windows can show two desks."""
    client = enter("admin")
    html = client.get("/board/?desk=south").content.decode()
    assert 'href="/cases/?desk=south"' in html
    assert "South" in client.get("/cases/").content.decode().split("</header>")[0]


def test_an_address_that_is_nothing_keeps_the_frame(enter):
    """404 with the navigation around it; a stranger sees the bare page."""
    assert 'aria-label="Primary"' in enter("agent").get("/nowhere/").content.decode()
    bare = Client().get("/nowhere/")
    assert bare.status_code == 404
    assert 'aria-label="Primary"' not in bare.content.decode()


def test_a_form_without_its_token_is_refused_in_words(zoe):
    """Cross-site requests end at the door."""
    client = Client(enforce_csrf_checks=True)
    answer = sign_in(client)
    assert answer.status_code == 403
    assert "Reload the page" in answer.content.decode()


def test_a_lost_database_is_said_and_comes_back(enter, monkeypatch):
    """503 with a hint when to try again, from a page that needs no database."""
    from django.db import OperationalError

    client = enter("agent")
    monkeypatch.setattr("watchbill.interfaces.web.pages.board.board_page", lambda visit: (_ for _ in ()).throw(OperationalError("gone")))  # fmt: skip
    answer = client.get("/board/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "try again in a few seconds" in answer.content.decode()


def test_preferences_change_the_next_page(enter):
    """Theme and single keys are kept for the user, and the form leads back."""
    client = enter("agent")
    answer = client.post("/account/preferences/", {"theme": "dark", "back": "/board/"})
    assert answer["Location"] == "/board/"
    html = client.get("/board/").content.decode()
    assert 'data-theme="dark"' in html
    assert 'data-keys="off"' in html


def test_a_password_is_changed_by_whoever_knows_the_old_one(zoe):
    """A wrong old one and a weak new one stay in the form; this session goes on afterwards."""
    client = Client()
    sign_in(client)
    assert client.post("/account/password/", {"old": "no", "new": "heron-lake-2210"}).status_code == 422
    assert client.post("/account/password/", {"old": PASSWORD, "new": "12345678"}).status_code == 422
    assert client.post("/account/password/", {"old": PASSWORD, "new": "heron-lake-2210"}).status_code == 302
    assert client.get("/account/").status_code == 200
    assert sign_in(Client(), PASSWORD).status_code == 422


def test_an_api_key_is_shown_once_and_revoked(enter):
    """The secret stands on the page after making it and never again; revoked, it is gone from the list."""
    client = enter("ann")
    html = client.post("/account/keys/", {"label": "Rota script", "life": "30"}).content.decode()
    assert "wb_" in html
    page = client.get("/account/").content.decode()
    assert "Rota script" in page
    assert "wb_" not in page.replace("Bearer wb_...", "")
    revoke = page.split('action="/account/keys/')[1:]
    number = next(part.split("/")[0] for part in revoke if "Revoke Rota script" in part.split("</form>")[0])
    assert client.post(f"/account/keys/{number}/revoke/").status_code == 302
    assert "Rota script" not in client.get("/account/").content.decode()


def test_somebody_elses_key_cannot_be_revoked(enter, office):
    """A number guessed is refused."""
    from watchbill.apps.people.queries import token_list

    theirs = next(row["id"] for row in token_list(by=office.actor("admin")) if row["user__username"] == "chief")
    assert enter("ann").post(f"/account/keys/{theirs}/revoke/").status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/board/card/?case=%00", "/people/?q=%00", "/people/?after=%00", "/cases/CASE-1%00/", "/audit/?actor=%00",
        "/audit/?ref=%00", "/audit/?action=%00", "/cases/?owner=%00a", "/cases/?from=%00", "/cases/?q=%00",
        f"/people/{'9' * 23}/", f"/imports/{'9' * 20}/", f"/queues/{'9' * 23}/", "/cases/?queue=9223372036854775807",
        "/board/?after=2026-03-02T09:00:00%2B00:00_5", "/cases/?after=9999-12-31T23:59:59-10:00_5",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_kept_is_said_in_words(enter, address):
    """A NUL character or a number beyond every number in an address is an error of the address, never ours."""
    client = enter("admin")
    client.raise_request_exception = False
    answer = client.get(f"{address}{'&' if '?' in address else '?'}desk=north")
    assert answer.status_code in {200, 404, 422}, answer.status_code


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/cases/{case}/state/", {"state": "resolved", "version": "9999999999999"}),
        ("/cases/{case}/note/", {"text": "a\x00b"}),
        ("/cases/{case}/note/", {"text": "a" * 200_001}),
        ("/cases/{case}/assign/", {"person": "a\x00", "version": "1"}),
        ("/cases/{case}/next-step/", {"what": "a\x00", "who": "Ann North", "due_at": "in 2 h", "version": "1"}),
        ("/cases/{case}/next-step/", {"what": "a", "who": "Ann North", "due_at": "9999-12-31 23:59", "version": "1"}),
        ("/people/{person}/presence/", {"state": "away", "until": "9999-12-31 23:59", "version": "1"}),
        ("/cases/new/", {"title": "x", "customer": "a\x00b"}),
        ("/cases/new/", {"title": "x", "category": "a\x00b"}),
        ("/cases/new/", {"title": "x" * 501}),
        ("/cases/views/", {"name": "a\x00b", "query": ""}),
        ("/queues/new/", {"name": "a\x00", "skill_level": "1"}),
        ("/queues/new/", {"name": "a", "skill_level": "9" * 12}),
        ("/users/new/", {"username": "a\x00", "name": "x"}),
        ("/users/new/", {"username": "ab", "name": "x\x00"}),
        ("/account/keys/", {"label": "x\x00", "life": "90"}),
    ],
)
def test_a_form_that_cannot_be_kept_is_said_in_words(enter, office, address, sent):
    """The same for what forms send: refused with a page that says so, and nothing is kept."""
    client = enter("admin")
    client.raise_request_exception = False
    address = address.format(case=office.item(), person=office.people["Ann North"])
    answer = client.post(f"{address}?desk=north", {"desk": "north", **sent})
    assert answer.status_code in {409, 422}, answer.status_code
    assert "</html>" in answer.content.decode()
