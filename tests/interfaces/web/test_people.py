"""People, one person, one's own page: load, corrections by hand, conflicts, leaving."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.core.services import clock_move
from watchbill.apps.notices.queries import notices_unread
from watchbill.apps.notices.services import NewNotice, notice_add_many
from watchbill.apps.people import bulk
from watchbill.apps.people.models import Membership, Person, PersonSkill, Skill, Team
from watchbill.apps.people.services import person_create
from watchbill.apps.shifts.queries import Staffed, hours_of
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.apps.work.queries import work_get
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_next_step
from watchbill.interfaces.web.pages.people import Staff

QUERIES_LIST = 15
QUERIES_PERSON = 35


@pytest.fixture
def skill(office):
    return Skill.objects.create(desk_id=office.desks["north"], name="Network").id


def version_of(person_id):
    return Person.objects.get(id=person_id).version


def test_the_list_shows_who_is_on_and_what_she_holds(office, enter, ann):
    """Open work counts against the limit; waiting work does not."""
    item_assign(office.item(), ann, by=BY, now=NOW)
    html = html_of(enter("coordinator"), "/people/?desk=north")
    assert re.search(r"Ann North.*?>1 / 12<", html, re.DOTALL)
    assert "2 of 2 people at work now" in html
    assert "1 can be worked on, 0 waiting; the limit is 12" in html


def test_a_shift_ends_on_its_minute():
    """An instant between two seconds does not let it end a minute early."""
    staffed = Staffed(is_on_shift=True, left_s=3599, next_week_s=3599, opens_at=None, presence="available")
    staff = Staff(by_person={1: staffed}, now=NOW + timedelta(milliseconds=700), zone="UTC")
    assert staff.shift(1) == "until 10:00"


def test_the_list_is_searched_filtered_and_paged_by_name(office, enter):
    """Fifty a page, in the order of names; a search finds a part of a name."""
    for number in range(60):
        person_create(office.desks["north"], name=f"Person {number:02}", by=BY, now=NOW)
    client = enter("coordinator")
    first = html_of(client, "/people/?desk=north")
    assert "Person 47" in first
    assert "Person 48" not in first
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert "Person 48" in html_of(client, following)
    found = html_of(client, "/people/?desk=north&q=son+07")
    assert "Person 07" in found
    assert "Person 08" not in found


def test_numbers_in_names_are_ordered_by_their_size(office, enter):
    """On the list and its next page, and among the people offered to a field; a search takes words in part."""
    for number in (10, 2, 100, 1, *range(20, 75)):
        person_create(office.desks["north"], name=f"Zeta {number}", by=BY, now=NOW)
    client = enter("coordinator")
    first = html_of(client, "/people/?desk=north")
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    shown = [int(n) for n in re.findall(r">Zeta (\d+)<", first + html_of(client, following))]
    assert shown == sorted(shown)
    assert len(shown) == 59
    offered = html_of(client, "/people-offered/owner/?desk=north&owner=zet+10")
    assert re.findall(r"Zeta \d+", offered) == ["Zeta 10", "Zeta 100"]


def test_the_list_takes_the_same_queries_for_any_number_of_people(office, enter):
    """Neither people nor their work add a query."""
    client = enter("coordinator")
    client.get("/people/?desk=north")
    counts = []
    for turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            html_of(client, "/people/?desk=north")
        counts.append(len(queries))
        for number in range(10):
            person = person_create(office.desks["north"], name=f"More {turn} {number}", by=BY, now=NOW)
            item_assign(office.item(), person, by=BY, now=NOW)
    assert counts == [QUERIES_LIST, QUERIES_LIST]


def test_a_fact_tells_how_it_is_known(office, enter, ann, skill):
    """An inferred skill shows its counts and period, one set by hand says so."""
    evidence = {"counts": {"items": 26}, "period": ["2026-01-09T14:09:00+00:00", "2026-02-09T20:22:00+00:00"]}
    bulk.person_skill_infer_many(office.desks["north"], [(ann, skill, 2, evidence)])
    client = enter("chief")
    assert "26 items, 9 Jan to 9 Feb 2026" in html_of(client, f"/people/{ann}/")
    answer = client.post(f"/people/{ann}/skill/", {"version": version_of(ann), "skill": skill, "level": 4})
    assert answer.status_code == 302
    held = PersonSkill.objects.get(person_id=ann)
    assert (held.level, held.is_confirmed) == (4, True)
    assert "set by hand" in html_of(client, f"/people/{ann}/")


def test_two_who_correct_at_once_the_second_is_told_by_whom(office, enter, ann, skill):
    """409 with the name and the change of the first, and both ways on; "use mine" then goes through."""
    seen = version_of(ann)
    enter("chief").post(f"/people/{ann}/skill/", {"version": seen, "skill": skill, "level": 4})
    client = enter("manager")
    clash = html_of(client, f"/people/{ann}/skill/", 409, version=seen, skill=skill, level=2)
    assert "Chief changed Ann North since you opened the page" in clash
    assert "Use mine" in clash
    mine = dict(re.findall(r'name="(version|skill|level)" value="(\d+)"', clash.split("Use mine")[0]))
    assert client.post(f"/people/{ann}/skill/", mine).status_code == 302
    assert PersonSkill.objects.get(person_id=ann).level == 2


def test_hours_that_cannot_be_read_are_refused_at_their_day(enter, ann):
    """422, the other days keep what was written, and nothing is changed."""
    client = enter("chief")
    week = {"mon": "08:00-12:00", "tue": "9 to 5", "version": version_of(ann)}
    html = html_of(client, f"/people/{ann}/hours/", 422, **week)
    assert 'href="#hours-tue"' in html
    assert 'value="08:00-12:00"' in html
    assert "Expected opening hours such as 09:00-17:30" in html
    assert len(hours_of([ann])[ann]) == 7


def test_hours_that_overlap_are_refused(enter, ann):
    """Two intervals from the same minute are a slip of the pen, not an error of the server."""
    week = {"mon": "09:00-10:00, 09:00-11:00", "version": version_of(ann)}
    assert "do not overlap" in html_of(enter("chief"), f"/people/{ann}/hours/", 422, **week)


def test_hours_set_by_hand_are_drawn(enter, ann):
    """A night runs on into the next morning on the chart."""
    client = enter("chief")
    client.post(f"/people/{ann}/hours/", {"mon": "22:00-06:00", "version": version_of(ann)})
    html = html_of(client, f"/people/{ann}/")
    assert "Mon 22:00-06:00" in html
    assert html.count('class="w-set"') == 2


def test_teams_are_corrected_by_hand(office, enter, ann):
    """In and out; a team of another desk is not there."""
    team = Team.objects.create(desk_id=office.desks["north"], name="Mail team")
    other = Team.objects.create(desk_id=office.desks["south"], name="Far team")
    client = enter("chief")
    client.post(f"/people/{ann}/team/", {"version": version_of(ann), "team": team.id, "is_member": 1})
    assert Membership.objects.get(person_id=ann).is_confirmed
    client.post(f"/people/{ann}/team/", {"version": version_of(ann), "team": team.id, "is_member": 0})
    assert not Membership.objects.filter(person_id=ann).exists()
    wrong = {"version": version_of(ann), "team": other.id, "is_member": 1}
    assert client.post(f"/people/{ann}/team/", wrong).status_code == 404


def test_a_skill_and_a_team_of_a_new_name_are_made(enter, ann):
    """A house just set up has neither: its first are named on the page of whoever has them."""
    client = enter("chief")
    html = html_of(client, f"/people/{ann}/")
    assert ("Or a new skill" in html, "Or a new team" in html) == (True, True)
    client.post(f"/people/{ann}/skill/", {"version": version_of(ann), "new": " Voice ", "level": 3})
    client.post(f"/people/{ann}/team/", {"version": version_of(ann), "new": "Night", "is_member": 1})
    assert PersonSkill.objects.get(person_id=ann).skill.name == "Voice"
    assert Membership.objects.get(person_id=ann).team.name == "Night"
    html = html_of(client, f"/people/{ann}/skill/", 422, version=version_of(ann), new="x" * 201, level=3)
    assert "has 1 to 200 characters" in html
    assert 'href="#skill-new"' in html


def test_hours_are_told_on_her_own_clock_and_on_the_desk_s(office, enter, ann):
    """Somebody far away reads when she is on without counting; where both clocks show the same, it is said once."""
    usual_hours_set(ann, desk_id=office.desks["north"], week=[["09:00-17:00"]] * 7, by=BY, now=NOW)
    client = enter("chief")
    assert "On shift until 17:00<" in html_of(client, f"/people/{ann}/")
    Person.objects.filter(id=ann).update(zone="Asia/Kolkata")
    html = html_of(client, f"/people/{ann}/")
    assert "On shift until 17:00 Kolkata time (11:30 UTC)" in html
    assert "24 Nov 9:00 (UTC)" in html


def test_limit_and_zone_are_corrected_or_refused_with_their_input(enter, ann):
    """A zone that there is none of is named at its field."""
    client = enter("chief")
    facts = {"wip_limit": 7, "zone": "Europe/Dublin", "languages": "en, pt", "email": "", "reason": "moved"}
    assert client.post(f"/people/{ann}/facts/", {**facts, "version": version_of(ann)}).status_code == 302
    person = Person.objects.get(id=ann)
    assert (person.wip_limit, person.zone, person.languages) == (7, "Europe/Dublin", ["en", "pt"])
    html = html_of(client, f"/people/{ann}/facts/", 422, **{**facts, "zone": "Mars", "version": person.version})
    assert "IANA time zone" in html
    assert 'value="Mars"' in html


def test_who_may_not_correct_sees_no_form(enter, ann):
    """An agent reads the page; the addresses of corrections are closed to her."""
    client = enter("agent")
    html = html_of(client, f"/people/{ann}/")
    assert "Correct a skill" not in html
    assert "Deactivate" not in html
    assert client.post(f"/people/{ann}/skill/", {"version": 1}).status_code == 403


def test_presence_is_said_by_oneself_or_by_who_may_correct(enter, ann):
    """Ann says that she is away; another agent cannot say so for her."""
    client = enter("ann")
    answer = client.post(f"/people/{ann}/presence/", {"version": 0, "state": "away", "until": "in 2 h"})
    assert answer.status_code == 302
    assert ">away<" in html_of(client, f"/people/{ann}/")
    assert enter("agent").post(f"/people/{ann}/presence/", {"version": 0, "state": "off"}).status_code == 403


def test_a_leaver_s_open_work_is_listed_and_given_to_others(office, enter, ann):
    """Deactivated with a reason: her work stays hers until it is reassigned, all at once or as chosen."""
    items = [office.item() for _ in range(3)]
    for item in items:
        item_assign(item, ann, by=BY, now=NOW)
    client = enter("chief")
    assert "Say why" in html_of(client, f"/people/{ann}/activity/", 422, version=0, reason=" ")
    client.post(f"/people/{ann}/activity/", {"version": version_of(ann), "is_active": 0, "reason": "left the company"})
    html = html_of(client, f"/people/{ann}/")
    assert "3 open items still name Ann North as owner" in html
    assert all(item in html for item in items)
    bo = office.people["Bo North"]
    sent = {"version": version_of(ann), "to": bo}
    client.post(f"/people/{ann}/reassign/", {**sent, "which": "chosen", "case": f"{items[0]}:2"})
    assert work_get(items[0], by=BY).owner == "Bo North"
    client.post(f"/people/{ann}/reassign/", {**sent, "which": "all"})
    assert {work_get(item, by=BY).owner for item in items} == {"Bo North"}
    assert "Nothing open is left" in html_of(client, f"/people/{ann}/")


def test_two_who_deactivate_and_take_back_the_second_is_told(enter, ann):
    """409 with who was faster; an old page never does the opposite of what its button says."""
    seen = version_of(ann)
    sent = {"version": seen, "is_active": 0, "reason": "ill"}
    assert enter("chief").post(f"/people/{ann}/activity/", sent).status_code == 302
    client = enter("manager")
    clash = html_of(client, f"/people/{ann}/activity/", 409, **{**sent, "reason": "left"})
    assert "Chief changed Ann North since you opened the page" in clash
    assert not Person.objects.get(id=ann).is_active
    back = {"version": version_of(ann), "is_active": 1, "reason": "well again"}
    assert client.post(f"/people/{ann}/activity/", back).status_code == 302
    assert Person.objects.get(id=ann).is_active


def test_work_is_not_given_away_on_an_old_page(office, enter, ann):
    """Who gives a leaver's work away after somebody took her back is told, and it stays hers."""
    item = office.item()
    item_assign(item, ann, by=BY, now=NOW)
    chief = enter("chief")
    chief.post(f"/people/{ann}/activity/", {"version": version_of(ann), "is_active": 0, "reason": "ill"})
    seen = version_of(ann)
    chief.post(f"/people/{ann}/activity/", {"version": seen, "is_active": 1, "reason": "well again"})
    sent = {"version": seen, "which": "all", "to": office.people["Bo North"]}
    clash = html_of(enter("manager"), f"/people/{ann}/reassign/", 409, **sent)
    assert "Chief changed Ann North since you opened the page" in clash
    assert work_get(item, by=BY).owner == "Ann North"


def test_what_has_another_owner_by_now_is_left_alone(office, enter, ann):
    """Of two chosen cases one was taken meanwhile: it stays where it is, and the page says so."""
    items = [office.item() for _ in range(2)]
    for item in items:
        item_assign(item, ann, by=BY, now=NOW)
    zoe = person_create(office.desks["north"], name="Zoe North", by=BY, now=NOW)
    item_assign(items[0], zoe, by=BY, now=NOW)
    client = enter("chief")
    sent = {"version": version_of(ann), "which": "chosen", "to": office.people["Bo North"]}
    client.post(f"/people/{ann}/reassign/", {**sent, "case": [f"{items[0]}:3", f"{items[1]}:2"]})
    assert [work_get(item, by=BY).owner for item in items] == ["Zoe North", "Bo North"]
    assert f"1 case left alone: Zoe North owns {items[0]} by now" in html_of(client, f"/people/{ann}/")
    client.post(f"/people/{ann}/reassign/", {**sent, "case": [f"{items[0]}:2"]})
    assert work_get(items[0], by=BY).owner == "Zoe North"
    assert "changed it since you saw it" in html_of(client, f"/people/{ann}/")


def test_reassigning_nothing_or_to_nobody_is_refused(office, enter, ann):
    """The page says what is missing, and changes nothing."""
    item = office.item()
    item_assign(item, ann, by=BY, now=NOW)
    client = enter("chief")
    bo = office.people["Bo North"]
    assert "Choose at least one case" in html_of(
        client, f"/people/{ann}/reassign/", 422, version=0, which="chosen", to=bo
    )
    assert "The new owner is missing" in html_of(client, f"/people/{ann}/reassign/", 422, version=0, which="all", to="")
    assert work_get(item, by=BY).owner == "Ann North"


def test_a_person_of_another_desk_is_not_there(office, enter):
    """404, whatever the address."""
    far = office.people["Ann South"]
    client = enter("chief")
    assert client.get(f"/people/{far}/").status_code == 404
    assert client.post(f"/people/{far}/skill/", {"version": 1}).status_code == 404


def test_a_person_s_page_takes_the_same_queries_for_any_amount_of_work(office, enter, ann):
    """Her open work adds none."""
    client = enter("chief")
    client.get(f"/people/{ann}/")
    counts = []
    for _ in range(2):
        for _ in range(3):
            item_assign(office.item(), ann, by=BY, now=NOW)
        with CaptureQueriesContext(connection) as queries:
            html_of(client, f"/people/{ann}/")
        counts.append(len(queries))
    assert counts == [QUERIES_PERSON, QUERIES_PERSON]


def test_names_are_text(office, enter):
    """HTML and formulas in a name are shown as they are."""
    person = person_create(office.desks["north"], name="<b>=1+1</b>", by=BY, now=NOW)
    html = html_of(enter("chief"), f"/people/{person}/")
    assert "<b>=1+1</b>" not in html
    assert "&lt;b&gt;=1+1&lt;/b&gt;" in html


def test_one_s_own_page_shows_queue_steps_and_what_was_told(office, enter, ann):
    """What lies with her, a step that is late, and the notice of the assignment, until it is marked as read."""
    item = office.item(title="Mine to do")
    item_assign(item, ann, by=BY, now=NOW)
    item_next_step(item, what="Call back", who=ann, due_at=NOW + timedelta(hours=1), by=BY, now=NOW)
    later = NOW + timedelta(hours=2)
    clock_move(desk_at=later, rate=0, limit_at=None, by=BY, now=later)
    client = enter("ann")
    html = html_of(client, "/me/")
    assert "Mine to do" in html
    assert "was due" in html
    assert "Mark as read" in html
    client.post("/me/read/", {"notice": shown_notices(html)})
    assert "Mark as read" not in html_of(client, "/me/")


def shown_notices(html):
    return re.findall(r'name="notice" value="(\d+)"', html)


def test_what_was_not_shown_stays_unread(office, enter, ann):
    """The page shows fifty; what is older, and what came after it was drawn, is not marked with them."""
    told = NewNotice(desk_id=office.desks["north"], person_id=ann, kind="note", text="Older")
    notice_add_many([told] * 60, now=NOW)
    client = enter("ann")
    shown = shown_notices(html_of(client, "/me/"))
    notice_add_many([replace(told, text="Came later")], now=NOW)
    assert client.post("/me/read/", {"notice": shown}).status_code == 302
    assert [notice["text"] for notice in notices_unread(by=office.actor("ann"))] == ["Came later", *["Older"] * 10]
    enter("stranger").post("/me/read/", {"notice": shown_notices(html_of(client, "/me/"))})
    assert len(notices_unread(by=office.actor("ann"))) == 11


def test_a_user_who_is_no_person_is_told_so(enter):
    """The page has words for it, and the navigation does not offer it."""
    html = html_of(enter("coordinator"), "/me/")
    assert "not linked to a person" in html
    assert "My work</a>" not in html


SOMEBODY = {
    "name": "Zoe Nova", "email": "", "zone": "UTC", "languages": "en, pt", "teams": "Field", "skills": "on site 4, mail 2",
    "wip_limit": "7", "hours": "mon-fri 09:00-12:00, 13:00-17:30; sat 10:00-14:00",
}  # fmt: skip


def test_a_person_is_added_on_the_page(office, enter):
    """One form makes her with teams, skills and hours; who may not edit people does not see it."""
    client = enter("chief")
    assert "Add a person" in html_of(client, "/people/?desk=north")
    assert "Add a person" not in html_of(enter("ann"), "/people/?desk=north")
    answer = client.post("/people/new/?desk=north", SOMEBODY)
    assert answer.status_code == 302
    html = html_of(client, answer["Location"])
    for shown in ("Zoe Nova", "Field", "on site", "Limit", "7 open items", "en, pt"):
        assert shown in html
    person = Person.objects.get(name="Zoe Nova")
    assert len(hours_of([person.id])[person.id]) == 11
    assert enter("ann").post("/people/new/?desk=north", SOMEBODY).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "Ann North", "This desk has somebody called Ann North already"),
        ("name", "", "1 to 200 characters"),
        ("skills", "mail", "such as network 3"),
        ("hours", "someday", "such as mon-fri"),
        ("hours", "mon 9-5", "xpected"),
        ("zone", "Mars", "IANA time zone"),
        ("wip_limit", "1001", "from 0 to 1000"),
    ],
)
def test_somebody_new_who_does_not_fit_is_asked_again(office, enter, field, value, said):
    """422 with the reason at its field, and what was typed stays."""
    html = html_of(enter("chief"), "/people/new/?desk=north", 422, **{**SOMEBODY, field: value})
    assert said in html
    assert 'value="mon-fri' in html or field == "hours"
    assert not Person.objects.filter(name="Zoe Nova").exists()
