"""The demo's door and its band: one click a role, a clock that moves; nothing of it in a real installation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.interfaces.office import BY, NOW
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.core.queries import Story, clock_get
from watchbill.apps.core.services import clock_done, story_set
from watchbill.apps.inbox.models import Import
from watchbill.apps.people.demo_users import Seat, demo_seats_make, demo_users_make
from watchbill.apps.people.rights import Role
from watchbill.apps.people.services import desk_ensure


@pytest.fixture
def demo(office):
    """The office as a demo of ten days, its time standing still at the beginning."""
    story_set(Story(desk="north", starts_at=NOW, ends_at=NOW + timedelta(days=10), weeks=553))
    demo_users_make(agent_id=office.people["Ann North"], by=BY, now=NOW)
    return office


def enter_as(role):
    client = Client()
    assert client.post(f"/start/demo-{role}/").status_code == 302
    return client


def test_one_click_enters_in_any_role(demo):
    """Every role has its door, and each leads to the page of its day."""
    html = Client().get("/start/").content.decode()
    for role in ("agent", "coordinator", "queue-manager", "manager", "admin", "auditor"):
        assert f'action="/start/demo-{role}/"' in html
        enter_as(role)
    assert "as Ann North" in html
    answer = Client().post("/start/demo-queue-manager/")
    assert answer["Location"] == "/board/"


def test_the_sign_in_page_of_a_demo_is_its_door(demo):
    """Nobody is asked for a password that does not exist; the wanted page is kept."""
    assert Client().get("/sign-in/?next=/cases/")["Location"] == "/start/?next=%2Fcases%2F"
    assert 'name="back" value="/cases/"' in Client().get("/start/?next=/cases/").content.decode()


def test_only_the_demos_own_users_can_be_entered(demo):
    """Not the office's admin, not a name that does not exist."""
    assert Client().post("/start/admin/").status_code == 404
    assert Client().post("/start/demo-god/").status_code == 404


def test_a_real_installation_has_no_such_door(office):
    """Even with users of those names: the page leads to the sign-in form, the click is refused."""
    demo_users_make(agent_id=None, by=BY, now=NOW)
    assert Client().get("/start/")["Location"] == "/sign-in/"
    assert Client().post("/start/demo-admin/").status_code == 403


def test_a_real_installation_shows_no_band(enter):
    """And its clock cannot be moved by address."""
    client = enter("admin")
    assert 'aria-label="Demo time"' not in client.get("/board/").content.decode()
    assert client.post("/demo/clock/", {"act": "play"}).status_code == 403
    assert [client.get(f"/demo/{page}/").status_code for page in ("band", "restart")] == [404, 404]


@pytest.fixture
def made_up(demo):
    """A second desk, generated, of which the first part is loaded, with one user of its own."""
    desk_id = desk_ensure("made-up", name="Made up", zone="UTC", note="Invented.", is_generated=True, by=BY, now=NOW)
    seat = Seat(
        slug="manager-east", name="Regional manager East", role=Role.MANAGER, person_id=demo.people["Ann North"]
    )
    demo_seats_make(desk_id, [seat], by=BY, now=NOW)
    return desk_id


PLACES = ("board", "cases", "people", "queues", "customers", "attainment", "imports", "policies", "audit")


def test_generated_desk_says_so_on_every_page(made_up):
    """In the switcher, in a line of its own, and in the band; the other desk has none of it."""
    client = enter_as("admin")
    for place in PLACES:
        html = client.get(f"/{place}/?desk=made-up").content.decode()
        assert "No person, customer or case of this desk exists" in html, place
        assert "Made up (generated)" in html, place
        assert "four generated weeks" in html, place
        assert "No person, customer" not in client.get(f"/{place}/?desk=north").content.decode(), place
    for place in ("desks", "users", "account"):
        assert "Made up (generated)" in client.get(f"/{place}/").content.decode(), place


def test_progress_of_the_second_desk_is_shown_until_it_is_there(made_up):
    """On its pages, in the switcher of the other desk, and on the start page, where its own doors are."""
    client = enter_as("admin")
    assert "It is still being made: 0%" in client.get("/board/?desk=made-up").content.decode()
    assert "Made up (generated), 0% made" in client.get("/board/?desk=north").content.decode()
    door = Client().get("/start/").content.decode()
    assert "Being made: 0%" in door
    assert 'action="/start/demo-manager-east/"' in door
    Import.objects.create(
        desk_id=made_up, profile="p", profile_digest="d", file_name="f.csv", file_size=1, sha256="s", status="done",
        by_name="Watchbill", started_at=NOW,
    )  # fmt: skip
    for address in ("/board/?desk=made-up", "/start/"):
        assert "eing made" not in client.get(address).content.decode()


def test_regional_manager_sees_the_generated_desk_alone(made_up):
    """Her door leads to it, and the other desk is not to be seen."""
    client = enter_as("manager-east")
    assert "No person, customer or case of this desk exists" in client.get("/board/").content.decode()
    assert client.get("/board/?desk=north").status_code == 404


def test_the_band_always_says_that_it_is_demo_time(demo):
    """On every page, with what the data is, and the controls."""
    client = enter_as("auditor")
    for address in ("/board/", "/cases/", "/account/"):
        html = client.get(address).content.decode()
        assert "resolution times remain those of history" in html
        assert "moved by 553 weeks" in html
    assert 'value="play"' in html


def test_time_plays_pauses_and_changes_its_speed(demo):
    """Each press leads back to its page."""
    client = enter_as("agent")
    answer = client.post("/demo/clock/", {"rate": "10", "back": "/cases/"})
    assert answer["Location"] == "/cases/"
    assert clock_get().rate == 600
    assert 'value="10" aria-pressed="true"' in client.get("/board/").content.decode()
    client.post("/demo/clock/", {"act": "pause"})
    assert clock_get().rate == 0
    client.post("/demo/clock/", {"act": "play"})
    assert clock_get().rate == 60


def test_a_jump_is_told_while_it_lasts(demo):
    """Where to, and that what lies between happens in order."""
    client = enter_as("coordinator")
    client.post("/demo/clock/", {"jump": "4"})
    html = client.get("/board/").content.decode()
    assert "Jumping to 13:00 UTC" in html
    assert 'data-refresh="/demo/band/?next=/board/"' in html
    assert "Stop here" in html
    done(NOW + timedelta(hours=1), reached_rate=2400.0)
    band = client.get("/demo/band/?next=/board/").content.decode()
    assert "25% done at 40 min/s" in band
    assert 'value="0.25" aria-label="How far the jump has come"' in band
    assert 'name="back" value="/board/"' in band
    assert 'id="desk-clock"' in band
    done(NOW + timedelta(hours=4), reached_rate=None)
    assert "data-refresh" not in client.get("/demo/band/").content.decode()


def done(until, *, reached_rate):
    clock_done(until, ahead_s=2, ends_at=None, reached_rate=reached_rate, is_told=False)


def test_starting_again_asks_first(demo):
    """On the page itself where scripts run, elsewhere on a page of its own; neither throws anything away."""
    client = enter_as("agent")
    html = client.get("/board/").content.decode()
    assert 'href="/demo/restart/" data-dialog="demo-restart"' in html
    assert '<dialog class="pop ask" id="demo-restart"' in html
    question = client.get("/demo/restart/?next=/cases/").content.decode()
    assert "Everything done here since then is forgotten" in question
    assert 'href="/cases/">Go on as it is' in question
    assert not AuditEvent.objects.filter(action="demo_restarted").exists()
    client.post("/demo/clock/", {"act": "restart"})
    assert AuditEvent.objects.filter(action="demo_restarted").exists()


@pytest.mark.parametrize("form", [{"rate": "99"}, {"jump": "999"}, {"rate": "x"}, {"act": "dance"}, {}])
def test_what_the_clock_cannot_do_is_refused(demo, form):
    """422 in words."""
    assert enter_as("agent").post("/demo/clock/", form).status_code == 422


def test_at_the_end_the_page_says_so_and_offers_a_restart(demo):
    """No play any more; starting again is asked of whoever runs the demo."""
    story_set(Story(desk="north", starts_at=NOW - timedelta(days=10), ends_at=NOW, weeks=553))
    client = enter_as("manager")
    html = client.get("/board/").content.decode()
    assert "the log ends here" in html
    assert 'value="play"' not in html
    client.post("/demo/clock/", {"act": "restart"})
    assert "begins again in a few seconds" in client.get("/board/").content.decode()


def test_a_case_taken_over_from_the_log_says_what_still_follows_it(demo):
    """Owner and queue are ours, states and resolution times those of history."""
    from watchbill.flows.act.assigning import item_assign

    item = demo.item(external_source="servicenow", external_ref="INC7")
    client = enter_as("coordinator")
    assert "remain those of history." not in client.get(f"/cases/{item}/").content.decode().split('id="main"')[1]
    item_assign(item, demo.people["Ann North"], by=BY, now=NOW)
    assert "Taken over from the log" in client.get(f"/cases/{item}/").content.decode()
