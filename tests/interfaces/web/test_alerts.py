"""Alerts on the page: with what is usual, who sees to it, and what raises them; and what was told the reader."""

from __future__ import annotations

import re
from collections import deque

import pytest

from tests.flows.alerts.history import alarm
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.adapters.memory import MemoryChannel
from watchbill.apps.notices.ports import Refused
from watchbill.engine.sense.alarms import AlertKind
from watchbill.flows.outbox import messages_send


@pytest.fixture
def alarmed(office):
    return alarm(office)


def test_the_page_shows_what_is_out_of_the_usual_and_takes_an_answer(enter, alarmed):
    """The alert with its numbers, charts with their bands, the bell; acknowledged once, with a note."""
    client = enter("queue_manager")
    page = html_of(client, "/alerts/?desk=north")
    assert problems(page) == []
    assert "25 came since 09:15 (UTC)" in page
    assert "Coming in, by hour over 48 hours: 25 in the latest hour" in page
    assert "learned from 4 weeks; at most 0.5 false alarms a week" in page
    assert 'hx-get="/notices/count/"' in page
    assert client.get("/notices/count/").content == b"1"
    (reference,) = set(re.findall(r"ALR-\d+", page))
    answer = client.post(f"/alerts/{reference}/acknowledge/?desk=north", {"note": "Calling Ann"})
    assert answer.status_code == 302
    assert "Calling Ann" in html_of(client, "/alerts/?desk=north")
    again = client.post(f"/alerts/{reference}/acknowledge/?desk=north", {"note": ""})
    assert again.status_code == 409
    assert "has acknowledged it already" in again.content.decode()


def test_who_comes_second_with_an_answer_finds_the_settings_as_they_are(enter, alarmed):
    """What was refused is about the alert: the form of the settings beside it says what holds, and not nothing."""
    client = enter("manager")
    (reference,) = set(re.findall(r"ALR-\d+", html_of(client, "/alerts/?desk=north")))
    address = f"/alerts/{reference}/acknowledge/?desk=north"
    client.post(address, {"note": ""})
    page = client.post(address, {"note": "Me, too"}).content.decode()
    assert "has acknowledged it already" in page
    assert re.search(r'name="per_week" value="1"', page)
    assert len(re.findall(r'name="kinds"[^>]* checked', page)) == len(AlertKind)


def test_the_list_of_notices_is_read_and_set(enter, alarmed):
    """New until read; wishes are kept, and a slip stands at its field."""
    client = enter("queue_manager")
    page = html_of(client, "/notices/?desk=north")
    assert problems(page) == []
    assert "More comes in than usual" in page
    number = page.split('name="notice" value="')[1].split('"')[0]
    client.post("/notices/read/", {"notice": number})
    assert 'name="notice"' not in html_of(client, "/notices/")
    wish = {"zone": "Europe/Madrid", "quiet_from": "22:00", "quiet_until": "06:30", "digest_after": 2, "digest_min": 15}
    assert client.post("/notices/wish/", {**wish, "kinds": ["incoming"]}).status_code == 302
    page = html_of(client, "/notices/")
    assert 'value="22:00"' in page
    refused = client.post("/notices/wish/", {**wish, "zone": "Mars/Base"})
    assert refused.status_code == 422
    assert problems(refused.content.decode()) == []


def test_a_quiet_desk_says_so(enter, office):
    """Empty states that lead on."""
    assert "Nothing has been out of the usual" in html_of(enter("queue_manager"), "/alerts/?desk=north")
    page = html_of(enter("queue_manager"), "/notices/")
    assert "Nothing has been told you" in page
    assert problems(page) == []


def test_settings_are_set_by_page_and_api(enter, office, api):
    """A manager may; a queue manager is not offered it; an old version is a conflict."""
    assert "What raises an alert" not in html_of(enter("queue_manager"), "/alerts/?desk=north")
    client = enter("manager")
    sent = {"kinds": ["incoming", "fts"], "per_week": "0.5", "risk_items": "5", "load_percent": "90", "version": "0"}
    assert client.post("/alerts/settings/?desk=north", sent).status_code == 302
    assert api("agent").get("/alerts/settings?desk=north")[1] == {
        "per_week": 0.5, "risk_items": 5, "load_percent": 90, "version": 2,
        "off": ["balance", "fallback", "load", "nobody", "risk", "unassigned"],
    }  # fmt: skip
    wrong = client.post("/alerts/settings/?desk=north", {**sent, "per_week": "often", "version": "2"})
    assert wrong.status_code == 422
    assert "must be a number" in wrong.content.decode()
    old = client.post("/alerts/settings/?desk=north", {**sent, "per_week": "2", "version": "1"})
    assert old.status_code == 409
    body = {"desk": "north", "per_week": 1, "risk_items": 7, "load_percent": 90, "off": []}
    assert api("manager").call("PUT", "/alerts/settings", body)[1]["risk_items"] == 7
    assert api("queue_manager").call("PUT", "/alerts/settings", body)[0] == 403


def test_what_the_api_says_of_settings_it_takes(office, api):
    """The version of a desk that was never looked at, too; and notes and addresses as long as the page takes them."""
    seen = api("chief").get("/alerts/settings?desk=north")[1]
    assert seen["version"] == 0
    status, kept = api("chief").call("PUT", "/alerts/settings", {**seen, "desk": "north", "risk_items": 7})
    assert (status, kept["version"]) == (200, 2)
    body = {"desk": "north", "name": "Chat", "url": f"https://hooks.example.org/{'x' * 900}"}
    assert api("chief").call("PUT", "/endpoints", body)[0] == 200
    alarm(office)
    (told,) = api("chief").get("/alerts?desk=north")[1]["alerts"]
    status, _ = api("chief").post(f"/alerts/{told['reference']}/acknowledge", {"note": "x" * 2000})
    assert status == 200


def test_what_was_sent_is_shown_and_sent_again(enter, office):
    """A webhook is made, its secret shown once; what was given up is shown with the reason and sent again."""
    client = enter("manager")
    assert "Nothing here" in html_of(client, "/alerts/sent/?desk=north")
    sent = {"name": "Chat", "url": "https://hooks.example.org/x", "is_active": "1"}
    made = client.post("/alerts/endpoints/?desk=north", sent).content.decode()
    assert problems(made) == []
    (secret,) = set(re.findall(r"whsec_[\w-]+", made))
    assert secret not in html_of(client, "/alerts/sent/?desk=north")
    refused = client.post("/alerts/endpoints/?desk=north", {**sent, "url": "http://hooks.example.org/x"})
    assert refused.status_code == 422
    assert "A webhook goes to an https address" in refused.content.decode()
    alarm(office)
    messages_send({"webhook": MemoryChannel(faults=deque([Refused("Nobody here")]))})
    page = html_of(client, "/alerts/sent/?desk=north&state=dead")
    assert problems(page) == []
    assert "Nobody here" in page
    key = page.split('name="key" value="')[1].split('"')[0]
    assert client.post("/alerts/sent/again/?desk=north", {"key": key}).status_code == 302
    assert client.post("/alerts/sent/again/?desk=north", {"key": key}).status_code == 409
    assert "Webhooks" not in html_of(enter("queue_manager"), "/alerts/sent/?desk=north")
    assert enter("agent").get("/alerts/sent/?desk=north").status_code == 403
