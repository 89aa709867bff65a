"""Alerts at the command line and by the API: the same as on the page."""

from __future__ import annotations

from collections import deque

from tests.flows.alerts.history import alarm
from tests.interfaces.office import NOW
from watchbill.adapters.memory import MemoryChannel
from watchbill.apps.notices.ports import Refused
from watchbill.flows.alerts import words
from watchbill.flows.alerts.telling import alert_end, alert_tell
from watchbill.flows.outbox import messages_send

DESK = ("--desk", "north")


def test_api_and_command_say_what_the_page_says(office, api, run):
    """The list, one alert, the series; acknowledged by command."""
    alarm(office)
    (told,) = api("agent").get("/alerts?desk=north")[1]["alerts"]
    assert told["kind"] == "incoming"
    assert api("agent").get(f"/alerts/{told['reference']}")[1]["value"] == 25
    (listed,) = run("alerts", "list", *DESK, "--json")["alerts"]
    assert listed["reference"] == told["reference"]
    series = api("agent").get("/alerts/series?desk=north")[1]["series"]
    assert [one["key"] for one in series] == ["incoming", "unassigned"]
    assert series == run("alerts", "series", *DESK, "--json")["series"] or len(series[0]["hours"]) == 48
    assert "Coming in, by hour" in run("alerts", "series", *DESK)
    assert "acknowledged by" in run("alerts", "acknowledge", told["reference"], "--note", "Mine")
    status, body = api("queue_manager").post(f"/alerts/{told['reference']}/acknowledge", {})
    assert (status, body["code"]) == (409, "conflict")
    assert api("stranger").get(f"/alerts/{told['reference']}")[0] == 404


def test_lists_are_paged_by_command(office, run):
    """Each page says where the next begins, and the last does not."""
    desk = office.desks["north"]
    for waits in (9, 10, 11):
        alert = alert_tell(desk, words.unassigned(waits, 1, 5), now=NOW)
        alert_end(alert, note="Over", now=NOW)
    first = run("alerts", "list", *DESK, "--limit", "2", "--json")
    assert f"More: --after {first['next']}" in run("alerts", "list", *DESK, "--limit", "2")
    last = run("alerts", "list", *DESK, "--limit", "2", "--after", first["next"], "--json")
    assert [len(first["alerts"]), len(last["alerts"]), last["next"]] == [2, 1, None]
    run("notices", "endpoint", "Chat", "https://hooks.example.org/x", *DESK)
    for waits in (12, 13, 14):
        alert = alert_tell(desk, words.unassigned(waits, 1, 5), now=NOW)
        alert_end(alert, note="Over", now=NOW)
    first = run("notices", "list", *DESK, "--limit", "4", "--json")
    last = run("notices", "list", *DESK, "--limit", "4", "--after", str(first["next"]), "--json")
    assert [len(first["messages"]), len(last["messages"]), last["next"]] == [4, 2, None]
    assert f"More: --after {first['next']}" in run("notices", "list", *DESK, "--limit", "4")


def test_what_raises_an_alert_is_set_by_command(office, run):
    """Shown, set in part, and watched again."""
    assert run("alerts", "settings", *DESK, "--off", "load", "--risk-items", "7", "--json")["off"] == ["load"]
    assert "risk_items: 7" in run("alerts", "settings", *DESK)
    assert run("alerts", "settings", *DESK, "--off", "", "--json")["off"] == []


def test_what_was_sent_is_told_by_command_and_api(office, api, run):
    """Endpoints, what was given up, its attempts, and sending again: the same both ways; secrets once."""
    made = run("notices", "endpoint", "Chat", "https://hooks.example.org/x", *DESK, "--json")
    assert made["secret"].startswith("whsec_")
    body = {"desk": "north", "name": "Chat", "url": "https://hooks.example.org/y", "kinds": ["incoming"]}
    assert api("manager").call("PUT", "/endpoints", body)[1] == {"name": "Chat", "secret": None}
    assert api("manager").call("PUT", "/endpoints", {**body, "kinds": ["noise"]})[0] == 422
    (endpoint,) = api("manager").get("/endpoints?desk=north")[1]["endpoints"]
    assert endpoint["url"] == "https://hooks.example.org/y"
    assert "incoming" in run("notices", "endpoints", *DESK)
    alarm(office)
    assert messages_send({"webhook": MemoryChannel(faults=deque([Refused("Nobody here")]))}) == 1
    (message,) = api("queue_manager").get("/messages?desk=north&state=dead")[1]["messages"]
    assert run("notices", "list", *DESK, "--state", "dead", "--json")["messages"][0]["key"] == message["key"]
    assert "Nobody here" in run("notices", "list", *DESK)
    assert "Nobody here" in run("notices", "attempts", message["key"])
    (tried,) = api("queue_manager").get(f"/messages/{message['key']}/attempts")[1]["attempts"]
    assert tried["is_ok"] is False
    assert "is sent again" in run("notices", "again", message["key"])
    assert api("queue_manager").post(f"/messages/{message['key']}/again", None)[0] == 409
    assert api("stranger").get(f"/messages/{message['key']}/attempts")[0] == 404
    messages_send({"webhook": MemoryChannel()})
    assert run("notices", "send", "--as", "queue_manager", "--json") == {"attempts": 0}
    (told,) = api("queue_manager").get("/notices")[1]["notices"]
    assert told["kind"] == "incoming"
