"""Alerts at the command line and by the API: the same as on the page."""

from __future__ import annotations

from tests.flows.alerts.history import alarm

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


def test_what_raises_an_alert_is_set_by_command(office, run):
    """Shown, set in part, and watched again."""
    assert run("alerts", "settings", *DESK, "--off", "load", "--risk-items", "7", "--json")["off"] == ["load"]
    assert "risk_items: 7" in run("alerts", "settings", *DESK)
    assert run("alerts", "settings", *DESK, "--off", "", "--json")["off"] == []
