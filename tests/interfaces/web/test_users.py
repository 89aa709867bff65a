"""Users and roles: made, given roles, sent links, cut off; for who may edit users alone."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.people.models import Token, User
from watchbill.apps.people.queries import actor_of_username
from watchbill.apps.people.users import user_create
from watchbill.engine.base.errors import NotFound


def test_the_page_lists_users_roles_and_keys(enter):
    """Every role in words with what it allows, and each key with its owner, never its secret."""
    html = html_of(enter("admin"), "/users/")
    assert "Queue manager, every desk" in html
    assert "Manager, North" in html
    assert "Switch queues between off, advise, autopilot and pull" in html
    assert "wb_" not in html


@pytest.mark.parametrize("username", ["manager", "auditor", "chief"])
def test_it_is_closed_to_others(enter, username):
    """Only who may edit users everywhere."""
    client = enter(username)
    assert client.get("/users/").status_code == 403
    assert client.post("/users/role/", {"username": username, "role": "admin", "on": ""}).status_code == 403


def test_a_new_user_gets_a_link_that_is_shown_once(office, enter):
    """Made with her person; the link is on this page only, and opens."""
    client = enter("admin")
    form = {"username": "zoe", "name": "Zoe Ray", "email": "", "person": "Bo North", "desk": "north"}
    html = html_of(client, "/users/new/", **form)
    link = re.search(r'id="new-link"[^>]*>([^<]+)<', html)[1]
    assert User.objects.get(username="zoe").person_id == office.people["Bo North"]
    assert client.get(re.sub(r"^https?://[^/]+", "", link)).status_code == 200
    assert "new-link" not in html_of(client, "/users/")


def test_a_user_that_cannot_be_made_is_refused_with_its_input(enter):
    """A name that is taken, one with a space, a person that there is none of."""
    client = enter("admin")
    form = {"username": "zoe", "name": "Zoe", "email": "", "person": "", "desk": "north"}
    assert "There is a user" in html_of(client, "/users/new/", 422, **{**form, "username": "agent"})
    assert "no spaces" in html_of(client, "/users/new/", 422, **{**form, "username": "z oe"})
    assert "At most 200" in html_of(client, "/users/new/", 422, **{**form, "username": "zed", "name": "z" * 201})
    assert "no such person" in html_of(
        client, "/users/new/", 422, **{**form, "username": "zed", "person": "PER-999999"}
    )
    html = html_of(client, "/users/new/", 422, **{**form, "person": "Nobody Here"})
    assert 'href="#new-person"' in html
    assert 'value="Nobody Here"' in html


def test_roles_are_given_and_taken_at_once(office, enter):
    """On one desk or on all; the next request of the user has them, or has not."""
    client = enter("admin")
    client.post("/users/role/", {"username": "nobody", "role": "coordinator", "on": "north", "act": "give"})
    assert actor_of_username("nobody").roles == {office.desks["north"]: {"coordinator"}}
    client.post("/users/role/", {"username": "nobody", "role": "coordinator", "on": "north", "act": "take"})
    assert actor_of_username("nobody").roles == {}
    assert "Choose a role" in html_of(client, "/users/role/", 422, username="nobody", role="king", on="")


def test_access_is_taken_and_given_back(enter):
    """An open session ends with its next request."""
    client, other = enter("admin"), enter("agent")
    client.post("/users/act/", {"username": "agent", "act": "off"})
    assert other.get("/board/").status_code == 302
    with pytest.raises(NotFound):
        actor_of_username("agent")
    client.post("/users/act/", {"username": "agent", "act": "on"})
    assert actor_of_username("agent").roles


def test_anybody_s_key_is_revoked(office, enter, api):
    """The key stops working at once."""
    caller = api("agent")
    key = Token.objects.get(user__username="agent")
    enter("admin").post(f"/users/keys/{key.id}/revoke/", {"x": ""})
    assert caller.get("/desks")[0] == 401


def test_the_page_takes_the_same_queries_for_any_number_of_users(enter):
    """Users and roles add none."""
    client = enter("admin")
    client.get("/users/")
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            html_of(client, "/users/")
        counts.append(len(queries))
        user_create(f"more-{number}", name="More", by=BY, now=NOW)
    assert counts[0] == counts[1]


def test_the_only_administrator_does_not_lock_everybody_out(enter):
    """Her own role stays, and the page says what to do first."""
    client = enter("admin")
    html = html_of(client, "/users/role/", 422, username="admin", role="admin", on="", act="take")
    assert "only administrator" in html
    assert client.get("/users/").status_code == 200
