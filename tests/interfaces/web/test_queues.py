"""Queues: what lies in them, modes with guard-rails, the off switch, honest counts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.decisions.queries import decision_list, modes_of_desk
from watchbill.apps.decisions.reports import answers_by_day, counts_by_queue
from watchbill.apps.work.backlog import queue_ages
from watchbill.apps.work.models import Queue
from watchbill.apps.work.queues import queue_save
from watchbill.flows.assign.answers import decision_accept, decision_refuse, decision_undo

QUERIES_LIST = 14


@pytest.fixture
def mail(office):
    return office.queues["Mail"]


def rails(version=0, **more):
    return {
        "version": version,
        "mode": "autopilot",
        "per_hour": 5,
        "load_percent": 200,
        "priorities": ["3", "4"],
        "reason": "try",
        **more,
    }


def test_the_list_counts_open_and_unassigned_and_says_the_mode(office, enter, mail):
    """Numbers lead to their rows; a queue that nobody has set advises."""
    office.item()
    office.item()
    html = html_of(enter("coordinator"), "/queues/?desk=north")
    assert "1 queue, 2 open cases, 2 without an owner" in html
    assert f"/cases/?queue={mail}" in html
    assert ">Advise<" in html


def test_the_oldest_is_told_for_all_and_for_those_without_an_owner(office, mail):
    """Ages come from when items were opened."""
    office.item()
    age = queue_ages(office.desks["north"], by=BY)[mail]
    assert (age.opened_at, age.unassigned_at) == (NOW, NOW)


def test_the_list_takes_the_same_queries_for_any_number_of_queues(office, enter):
    """Neither queues nor items add a query."""
    client = enter("chief")
    client.get("/queues/?desk=north")
    counts = []
    for turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            html_of(client, "/queues/?desk=north")
        counts.append(len(queries))
        for number in range(5):
            queue_save(office.desks["north"], name=f"Queue {turn} {number}", by=BY, now=NOW)
            office.item()
    assert counts == [QUERIES_LIST, QUERIES_LIST]


def test_autopilot_is_set_with_its_guard_rails(office, enter, mail):
    """Who, how many an hour, which priorities; the page then says them in words."""
    ann = office.people["Ann North"]
    client = enter("queue_manager")
    assert client.post(f"/queues/{mail}/mode/?desk=north", rails(people=[ann])).status_code == 302
    row = modes_of_desk(office.desks["north"])[mail]
    assert (row.mode, row.rails.per_hour, row.rails.priorities, row.rails.people) == ("autopilot", 5, {3, 4}, {ann})
    assert "P3, P4; at most 5 an hour; to Ann North" in html_of(client, f"/queues/{mail}/?desk=north")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"load_percent": "5"}, "Load: 10 to 10,000 per cent"), ({"per_hour": "0"}, "Acts an hour: 1 to 10,000"), ({"per_hour": "many"}, "whole number"),
     ({"priorities": []}, "at least one priority"), ({"mode": "on"}, "one of off, advise, autopilot")],
)  # fmt: skip
def test_guard_rails_that_do_not_fit_are_refused_at_their_field(office, enter, mail, wrong, said):
    """422 with what was written kept; nothing is set."""
    html = html_of(enter("queue_manager"), f"/queues/{mail}/mode/?desk=north", 422, **rails(**wrong))
    assert said in html
    assert 'value="try"' in html
    assert modes_of_desk(office.desks["north"]) == {}


def test_two_who_set_a_mode_at_once_the_second_is_told(enter, mail):
    """409 with both ways on."""
    enter("chief").post(f"/queues/{mail}/mode/?desk=north", rails())
    html = html_of(enter("queue_manager"), f"/queues/{mail}/mode/?desk=north", 409, **rails(mode="off"))
    assert "Chief changed the mode of Mail since you opened the page" in html
    assert 'name="version" value="1"' in html


def test_the_off_switch_stops_autopilot_on_the_whole_desk(office, enter, mail):
    """Every queue on autopilot is back to advise; without one there is no switch."""
    client = enter("queue_manager")
    client.post(f"/queues/{mail}/mode/?desk=north", rails())
    assert "Stop autopilot on this desk" in html_of(client, "/queues/?desk=north")
    client.post("/queues/stop/?desk=north", {"reason": "storm"})
    assert modes_of_desk(office.desks["north"])[mail].mode == "advise"
    assert "Stop autopilot on this desk" not in html_of(client, "/queues/?desk=north")


def test_what_became_of_proposals_adds_up(office, enter, mail, propose):
    """Proposed = waiting + answered; a refusal by its reason; an undone one is counted once on the chart."""
    for _ in range(3):
        office.item()
    propose()
    desk_id = office.desks["north"]
    first, second, _ = decision_list(desk_id, by=BY)
    decision_accept(first.id, by=BY, now=NOW)
    decision_refuse(second.id, "wrong_skill", by=BY, now=NOW)
    decision_undo(first.id, by=BY, now=NOW)
    span = {"since": NOW - timedelta(days=1), "until": NOW + timedelta(minutes=1), "by": BY}
    counts = counts_by_queue(desk_id, **span)[mail]
    settled = counts.accepted + counts.changed + counts.refused + counts.applied + counts.superseded
    assert (counts.proposed, counts.accepted, counts.refused, counts.undone) == (3, 1, 1, 1)
    assert counts.proposed == counts.open + settled
    assert answers_by_day(desk_id, zone="UTC", **span) == {NOW.date(): {"undone": 1, "refused": 1}}
    html = html_of(enter("coordinator"), f"/queues/{mail}/?desk=north")
    assert "People decided otherwise in 100% of 2 answers" in html
    assert re.search(r"not the right skill</th><td class=\"r\">1<", html)


def test_a_queue_is_made_and_edited_by_who_may(office, enter, mail):
    """Name, skill level, in use; a name that is taken is refused at its field."""
    client = enter("queue_manager")
    form = {"name": "Night", "team": "", "skill": "", "skill_level": 2, "is_active": 1}
    assert client.post("/queues/new/?desk=north", form).status_code == 302
    night = Queue.objects.get(name="Night")
    assert (night.skill_level, night.is_active) == (2, True)
    html = html_of(client, f"/queues/{night.id}/edit/?desk=north", 422, **{**form, "name": "Mail", "version": 1})
    assert "has a queue called Mail already" in html
    client.post(f"/queues/{night.id}/edit/?desk=north", {**form, "name": "Nights", "is_active": "", "version": 1})
    night.refresh_from_db()
    assert (night.name, night.is_active) == ("Nights", False)


def test_two_who_edit_a_queue_at_once_the_second_is_told_by_whom(office, enter, mail):
    """409 with the name and the change of the first, and both ways on; "use mine" then goes through."""
    form = {"name": "Mail", "team": "", "skill": "", "skill_level": 2, "is_active": 1, "version": 1}
    assert 'name="version" value="1"' in html_of(enter("queue_manager"), f"/queues/{mail}/?desk=north")
    assert enter("chief").post(f"/queues/{mail}/edit/?desk=north", form).status_code == 302
    client = enter("queue_manager")
    clash = html_of(client, f"/queues/{mail}/edit/?desk=north", 409, **{**form, "name": "Post", "skill_level": 1})
    assert "Chief changed the queue Mail since you opened the page" in clash
    assert "Name</th><td>Mail</td><td>Post" in clash
    assert "From level</th><td>2</td><td>1" in clash
    shown = clash.split("Use mine")[0].split('class="buttons"')[1]
    mine = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', shown))
    assert client.post(f"/queues/{mail}/edit/?desk=north", mine).status_code == 302
    assert Queue.objects.values_list("name", "skill_level", "version").get(id=mail) == ("Post", 1, 3)


def test_who_may_only_look_sees_no_form(office, enter, mail):
    """A coordinator sees modes and counts, and can set nothing."""
    client = enter("coordinator")
    html = html_of(client, f"/queues/{mail}/?desk=north")
    assert "Guard-rails" not in html
    assert "Edit the queue" not in html
    assert client.post(f"/queues/{mail}/mode/?desk=north", rails()).status_code == 403


def test_a_queue_of_another_desk_is_not_there(office, enter):
    """404, also for writing."""
    far = office.queues["Network"]
    client = enter("chief")
    assert client.get(f"/queues/{far}/").status_code == 404
    assert client.post(f"/queues/{far}/mode/", rails()).status_code == 404
