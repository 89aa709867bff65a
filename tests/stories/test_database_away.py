"""The database goes away and comes back: pages and API say so and go on, worker and ticker go on, nobody restarts."""

from __future__ import annotations

import json
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest

from tests.factories import minutes
from tests.interfaces.office import BY, NOW, office_open
from tests.stories.test_kill_9 import holds_the_watch
from watchbill.apps.core.services import clock_jump
from watchbill.apps.people import services as people
from watchbill.apps.people.rights import Role

PASSWORD = "plum-tree-9944"


def signed_in(house) -> str:
    """Sign in as a person does, by the form; return the cookies."""
    _, headers, page = house.ask("GET", "/sign-in/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1).decode()
    cookies = SimpleCookie(headers["Set-Cookie"])
    sent = {"csrfmiddlewaretoken": token, "username": "zoe", "password": PASSWORD}
    status, headers, _ = house.ask(
        "POST", "/sign-in/", urlencode(sent), Cookie=f"watchbill_csrf={cookies['watchbill_csrf'].value}",
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert status == 302
    cookies = SimpleCookie(headers["Set-Cookie"])
    return re.search(r"watchbill_session=[^;]+", headers["Set-Cookie"]).group()


@pytest.mark.slow
def test_everything_outlives_a_database_that_goes_away(install):
    """503 with a word when to try again, for pages, API and sign-in; afterwards the same processes do their work."""
    house = install()
    with house.here():
        key = office_open().user("caller", Role.ADMIN)
        people.user_create("zoe", name="Zoe Ray", password=PASSWORD, by=BY, now=NOW)
        people.role_grant("zoe", Role.MANAGER, by=BY, now=NOW)
    parts = {name: house.run(name) for name in ("web", "worker", "tick")}
    house.wait_for(house.answers, "web answers")
    house.wait_for(lambda: holds_the_watch(house), "the ticker acts")
    house.wait_for(lambda: worker_is_up(house), "the worker is connected")
    cookie = signed_in(house)
    assert house.ask("GET", "/board/", Cookie=cookie)[0] == 200
    bearer = {"Authorization": f"Bearer {key}"}
    item = json.dumps({"desk": "north", "title": "Once", "queue": "Mail"})
    write = {**bearer, "Content_Type": "application/json", "Idempotency_Key": "k1"}

    house.server.stop()
    for path in ("/board/", "/cases/", "/people/"):
        status, headers, page = house.ask("GET", path, Cookie=cookie)
        assert (status, headers.get("Retry-After")) == (503, "5"), path
        assert b"The database does not answer" in page
    assert house.ask("GET", "/healthz")[0] == 503
    for answer in (house.ask("GET", "/api/v1/desks", **bearer), house.ask("POST", "/api/v1/items", item, **write)):
        assert answer[0] == 503
        assert json.loads(answer[2])["code"] == "unavailable"
    house.wait_for(lambda: "ticker stopped" in house.said(parts["tick"]), "the ticker noticed")
    house.wait_for(lambda: "trying again" in house.said(parts["worker"]), "the worker noticed")

    house.server.start()
    house.wait_for(house.answers, "web answers again")
    assert house.ask("GET", "/board/", Cookie=cookie)[0] == 200
    assert house.ask("POST", "/api/v1/items", item, **write)[0] == 201
    with house.here():
        clock_jump(NOW + minutes(5), by=BY, now=NOW)
    house.wait_for(lambda: house.rows("select jump_to_at is null from core_installation") == [(True,)], "time goes on")
    assert house.rows("select kind from work_event order by seq")[0] == ("opened",)
    assert house.rows("select count(*) from decisions_decision") == [(1,)]
    house.wait_for(lambda: worker_is_up(house), "the worker is connected again")
    assert {name for name, process in parts.items() if process.poll() is None} == set(parts)
    assert not [name for name, process in parts.items() if "Traceback" in house.said(process)]


def worker_is_up(house) -> bool:
    """Whether somebody listens for jobs."""
    return bool(house.rows("select 1 from pg_stat_activity where query ilike 'listen%procrastinate%'"))
