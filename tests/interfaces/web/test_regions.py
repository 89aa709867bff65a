"""Regions on their page, and where a person is on hers."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.apps.people.models import Membership, Person, Team
from watchbill.apps.people.queries import person_get, person_named
from watchbill.apps.people.regions import region_get, region_names, region_save

WHERE = "/people/regions/?desk=north"


@pytest.fixture
def emea(office):
    return region_save(office.desks["north"], name="EMEA", zone="Europe/Vienna", by=BY, now=NOW)


@pytest.fixture
def team(office):
    return Team.objects.create(desk_id=office.desks["north"], name="Mail").id


def test_a_region_is_made_on_its_page(enter, office):
    """Those who only look are told what regions are for, and get no form; a slip stands at its field."""
    looking = html_of(enter("agent"), WHERE)
    assert "No region yet" in looking
    assert "Make a region" not in looking
    assert enter("agent").post("/people/regions/new/?desk=north", {}).status_code == 403
    client = enter("manager")
    assert "/people/regions/" in html_of(client, "/people/?desk=north")
    html = html_of(client, "/people/regions/new/?desk=north", 422, name="APJ", zone="Asia/Tokio")
    assert "such as Asia/Tokyo" in html
    assert 'value="Asia/Tokio"' in html
    sent = {"name": "APJ", "zone": "Asia/Tokyo"}
    assert client.post("/people/regions/new/?desk=north", sent).status_code == 302
    page = html_of(client, WHERE)
    assert problems(page) == []
    assert "Mon 18:00" in page
    assert "has a region called APJ already" in html_of(client, "/people/regions/new/?desk=north", 422, **sent)


def test_a_region_is_changed_by_one_at_a_time(enter, office, emea):
    """The second is told who was first, and what she said; "use mine" goes through."""
    client, where = enter("manager"), f"/people/regions/{emea}/?desk=north"
    assert client.post(where, {"version": 1, "name": "Europe", "zone": "Europe/Berlin"}).status_code == 302
    clash = html_of(client, where, 409, version=1, name="EU", zone="Europe/Berlin")
    assert "changed the region Europe since you opened the page" in clash
    mine = dict(re.findall(r'name="(version|name|zone)" value="([^"]+)"', clash.split("Use mine")[0]))
    assert client.post(where, mine).status_code == 302
    assert region_names(office.desks["north"]) == {emea: "EU"}


def test_a_region_with_somebody_in_it_is_not_retired(enter, office, emea, ann):
    """The page names her; once she has left, it is retired, listed so, and can be used again."""
    client, where = enter("manager"), f"/people/regions/{emea}/activity/?desk=north"
    Person.objects.filter(id=ann).update(region_id=emea)
    html = html_of(client, where, 422, version=1, is_active=0, reason="moved")
    assert "EMEA still has Ann North: give them another region first" in html
    assert problems(html) == []
    Person.objects.filter(id=ann).update(region=None)
    assert client.post(where, {"version": 1, "is_active": 0, "reason": "moved"}).status_code == 302
    page = html_of(client, WHERE)
    assert "retired" in page
    assert "Use it again" in page
    assert "Set her region" not in html_of(client, f"/people/{ann}/?desk=north")
    assert client.post(where, {"version": 2, "is_active": 1, "reason": "back"}).status_code == 302
    assert region_get(office.desks["north"], "EMEA", by=BY).is_active


def test_a_team_is_put_into_a_region(enter, office, emea, ann, team):
    """Its people count there, and their pages say so; into none again with the empty choice."""
    Membership.objects.create(team_id=team, person_id=ann)
    client, where = enter("manager"), "/people/regions/team/?desk=north"
    assert client.post(where, {"team": team, "region": emea, "reason": ""}).status_code == 302
    page = html_of(client, WHERE)
    assert problems(page) == []
    assert re.search(r"EMEA.*?>1<.*?>Mail<", page, re.DOTALL)
    assert "EMEA, as her teams" in html_of(client, f"/people/{ann}/?desk=north")
    assert client.post(where, {"team": team, "region": ""}).status_code == 302
    assert person_get(ann, by=BY).region == ""


def test_a_person_is_put_into_a_region_on_her_page(enter, office, emea, ann):
    """Next to what she may take; the second of two writers is told."""
    client, where = enter("manager"), f"/people/{ann}/region/?desk=north"
    assert enter("agent").post(where, {"version": 1, "region": emea}).status_code == 403
    assert client.post(where, {"version": 1, "region": emea, "reason": "moved"}).status_code == 302
    page = html_of(client, f"/people/{ann}/?desk=north")
    assert problems(page) == []
    assert "<dd>EMEA</dd>" in page
    late = html_of(client, where, 409, version=1, region="")
    assert "EMEA" in late
    assert client.post(where, {"version": 2, "region": ""}).status_code == 302
    assert person_get(ann, by=BY).region_id is None


def test_the_page_takes_the_same_queries_for_any_number_of_regions(office, enter, emea):
    """Neither regions nor teams nor people add a query."""
    client, desk_id = enter("manager"), office.desks["north"]
    client.get(WHERE)
    counts = []
    for turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            html_of(client, WHERE)
        counts.append(len(queries))
        for number in range(5):
            region = region_save(desk_id, name=f"R {turn} {number}", zone="UTC", by=BY, now=NOW)
            Team.objects.create(desk_id=desk_id, name=f"T {turn} {number}", region_id=region)
    assert counts[0] == counts[1]


def test_somebody_new_gets_a_region_of_her_own(office, enter):
    """The form asks only where there are regions; one that is gone is refused at its field."""
    client, desk_id = enter("manager"), office.desks["north"]
    assert 'name="region"' not in html_of(client, "/people/?desk=north")
    region_save(desk_id, name="EMEA", zone="Europe/Vienna", by=BY, now=NOW)
    assert '<option value="EMEA"' in html_of(client, "/people/?desk=north")
    sent = {"name": "Zoe", "wip_limit": 3, "region": "Moon"}
    assert "no region “Moon”" in html_of(client, "/people/new/?desk=north", 422, **sent)
    assert client.post("/people/new/?desk=north", {**sent, "region": "EMEA"}).status_code == 302
    assert "EMEA" in html_of(client, f"/people/{person_named(desk_id, 'Zoe', by=BY)}/?desk=north")
