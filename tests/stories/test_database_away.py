"""The database goes away and comes back: pages and API say so and go on, worker and ticker go on, nobody restarts."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.factories import minutes
from tests.interfaces.office import BY, NOW, office_open
from watchbill.apps.core.services import clock_jump
from watchbill.apps.people.models import User
from watchbill.apps.people.rights import Role


def signed_in(house, username: str) -> str:
    """Return the cookie of somebody who is signed in."""
    with house.here():
        client = Client()
        client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return f"watchbill_session={client.cookies['watchbill_session'].value}"


@pytest.mark.slow
def test_everything_outlives_a_database_that_goes_away(install):
    """503 with a word when to try again, for pages, API and sign-in; afterwards the same processes do their work."""
    house = install()
    with house.here():
        key = office_open().user("caller", Role.ADMIN)
    parts = {name: house.run(name) for name in ("web", "worker", "tick")}
    house.wait_for(house.answers, "web answers")
    house.wait_for(house.has_ticker, "the ticker acts")
    house.wait_for(lambda: worker_is_up(house), "the worker is connected")
    cookie = signed_in(house, "manager")
    assert house.ask("GET", "/board/", Cookie=cookie)[0] == 200
    bearer = {"Authorization": f"Bearer {key}"}
    item = json.dumps({"desk": "north", "title": "Once", "queue": "Mail"})
    write = {**bearer, "Content_Type": "application/json", "Idempotency_Key": "k1"}

    house.server.stop()
    for path in ("/board/", "/cases/", "/people/"):
        status, headers, page = house.ask("GET", path, Cookie=cookie)
        assert (status, headers.get("retry-after")) == (503, "5"), path
        assert b"The database does not answer" in page
    assert house.ask("GET", "/healthz")[0] == 503
    for answer in (house.ask("GET", "/api/v1/desks", **bearer), house.ask("POST", "/api/v1/items", item, **write)):
        assert answer[0] == 503
        assert json.loads(answer[2])["code"] == "unavailable"
    house.wait_for(lambda: "ticker stopped" in house.said(parts["tick"]), "the ticker noticed")

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
    assert house.said(parts["tick"]).count("database answers again") == 1
    for name, process in parts.items():
        assert "Traceback" not in house.said(process), name
    for path in ("/board/", "/cases/", "/people/", "/api/v1/desks", "/api/v1/items"):
        (line,) = [line for line in house.said(parts["web"]).splitlines() if f"path={path}" in line]
        assert "event=database_lost" in line
        assert "reason=" in line
    assert "Service Unavailable: /board/" not in house.said(parts["web"])
    assert "logger=procrastinate" not in house.said(parts["worker"])
    assert 'event="database lost, trying again"' in house.said(parts["worker"])


def worker_is_up(house) -> bool:
    """Whether somebody listens for jobs."""
    return bool(house.rows("select 1 from pg_stat_activity where query ilike 'listen%procrastinate%'"))
