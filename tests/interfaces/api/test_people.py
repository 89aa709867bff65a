"""Corrections of people by hand, by API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interfaces.office import BY, NOW
from watchbill.apps.people.bulk import person_skill_infer_many, skill_ensure_many, team_ensure_many
from watchbill.apps.people.queries import person_get
from watchbill.apps.people.regions import region_save
from watchbill.apps.shifts.queries import hours_of, presence_of
from watchbill.apps.work.queries import work_get
from watchbill.flows.act.assigning import item_assign


@pytest.fixture
def ann(office):
    return office.people["Ann North"]


@pytest.fixture
def skills(office):
    return skill_ensure_many(office.desks["north"], ["network", "Mail"])


def test_a_person_is_corrected_in_all_that_the_page_can(api, office, ann, skills):
    """Every part is set by hand, what is left out stays, and the trail says each part with who and why."""
    team_ensure_many(office.desks["north"], ["Field", "Fax"])
    body = {
        "email": " ann@example.org ", "zone": "Europe/Lisbon", "languages": ["PT", "en"], "wip_limit": 5,
        "skills": {"network": 4, "mail": 2}, "join": ["field", "Fax"], "week": [["22:00-06:00"], *[[]] * 6],
        "reason": "moved", "version": 1,
    }  # fmt: skip
    status, told = api("chief").patch(f"/people/PER-{ann}", body)
    assert (status, told["email"], told["zone"], told["languages"], told["wip_limit"]) == (
        200, "ann@example.org", "Europe/Lisbon", ["pt", "en"], 5,
    )  # fmt: skip
    held = {one["name"]: (one["level"], one["is_confirmed"]) for one in told["skills"]}
    assert (held, told["teams"]) == ({"network": (4, True), "Mail": (2, True)}, ["Fax", "Field"])
    assert [(one["weekday"], one["opens_min"]) for one in hours_of([ann])[ann]] == [(0, 22 * 60)]
    status, told = api("chief").patch(f"/people/PER-{ann}", {"skills": {"network": 0}, "leave": ["Fax"]})
    assert (status, [one["name"] for one in told["skills"]], told["teams"]) == (200, ["Mail"], ["Field"])
    assert told["email"] == "ann@example.org"
    events = api("chief").get("/audit?desk=north&object_kind=person")[1]["events"]
    mine = [one for one in events if one["object_ref"] == "Ann North" and one["actor"] == "Chief"]
    assert [one["action"] for one in mine] == [
        "membership_set", "skill_set", "usual_hours_set", "membership_set", "membership_set", "skill_set", "skill_set",
        "person_corrected",
    ]  # fmt: skip
    assert (mine[-1]["reason"], mine[-1]["before"]["zone"]) == ("moved", "UTC")


def test_what_was_inferred_is_confirmed_and_what_is_so_already_writes_nothing(api, office, ann, skills):
    """The level that was inferred, said by hand, counts as said; said again it changes nothing, but an old version is told."""
    person_skill_infer_many(office.desks["north"], [(ann, skills["network"], 3, {})])
    caller, path = api("chief"), f"/people/PER-{ann}"
    status, told = caller.patch(path, {"skills": {"network": 3}})
    assert (status, told["skills"][0]["is_confirmed"], told["version"]) == (200, True, 2)
    same = {"skills": {"network": 3, "Mail": 0}, "zone": "UTC", "leave": []}
    assert caller.patch(path, same)[1]["version"] == 2
    assert caller.patch(path, {**same, "version": 1})[0] == 409
    assert caller.patch(path, {"wip_limit": 3, "version": 1})[1]["details"]["changes"][0]["by"] == "Chief"


def test_what_the_desk_does_not_have_is_made_when_that_is_asked(api, office, ann, skills):
    """A name that is there in another case is that one; an empty one is refused; a team to leave is never made."""
    caller, path = api("chief"), f"/people/PER-{ann}"
    body = {"skills": {"NETWORK": 2, " Voice ": 3}, "join": ["Night"], "makes_new": True}
    status, told = caller.patch(path, body)
    assert (status, {one["name"]: one["level"] for one in told["skills"]}, told["teams"]) == (
        200, {"network": 2, "Voice": 3}, ["Night"],
    )  # fmt: skip
    assert caller.patch(path, {"skills": {" ": 3}, "makes_new": True})[1]["details"]["field"] == "skills"
    assert caller.patch(path, {"leave": ["Moon"], "makes_new": True})[0] == 422


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"zone": "Europe/Lisbn"}, "Europe/Lisbon"),
        ({"email": "x" * 201}, "at most 200"),
        ({"languages": [" "]}, "Languages"),
        ({"wip_limit": 1001}, "wip_limit"),
        ({"skills": {"netwrok": 3}}, "no skill “netwrok” – did you mean network?"),
        ({"skills": {"MAILS": 3}}, "did you mean Mail?"),
        ({"skills": {"network": 6}}, "skills"),
        ({"join": ["Feild"]}, "no team “Feild” – did you mean Field?"),
        ({"leave": ["Moon"]}, "no team “Moon”"),
        ({"join": ["Field"], "leave": ["field"]}, "not both"),
        ({"week": [["09:00-12:00", "11:00-13:00"], *[[]] * 6]}, "overlap"),
        ({"week": [["09:00-12:00"]]}, "seven days"),
        ({"nickname": "Annie"}, "nickname"),
    ],
)
def test_a_correction_that_does_not_fit_is_refused_whole(api, office, ann, skills, wrong, said):
    """The field is named, with the word that was probably meant, and nothing else of it is kept."""
    team_ensure_many(office.desks["north"], ["Field"])
    status, told = api("chief").patch(f"/people/PER-{ann}", {"wip_limit": 5, **wrong})
    assert status == 422
    assert said in str(told)
    found = person_get(ann, by=BY)
    assert (found.wip_limit, found.version) == (12, 1)


def test_whose_desk_it_is_is_asked_first(api, ann):
    """An agent may not; somebody of another desk learns nothing of her."""
    for path in ("", "/presence", "/relieve", "/reactivate"):
        call = api("stranger").patch if not path else api("stranger").post
        body = {"/presence": {"state": "off"}, "/relieve": {"to": "Ann South"}, "/reactivate": {"reason": "x"}}
        assert call(f"/people/PER-{ann}{path}", body.get(path, {}))[0] == 404
    assert api("agent").patch(f"/people/PER-{ann}", {"wip_limit": 5})[0] == 403
    assert api("agent").post(f"/people/PER-{ann}/presence", {"state": "off"})[0] == 403


def test_presence_is_said_by_oneself_or_by_who_may_correct(api, ann):
    """Until when is an instant to come."""
    later = (NOW + timedelta(hours=2)).isoformat()
    status, told = api("ann").post(f"/people/PER-{ann}/presence", {"state": "away", "until_at": later})
    assert (status, told["state"], presence_of(ann, NOW)["state"]) == (200, "away", "away")
    assert api("chief").post(f"/people/PER-{ann}/presence", {"state": "available"})[1]["until_at"] is None
    status, told = api("ann").post(f"/people/PER-{ann}/presence", {"state": "off", "until_at": NOW.isoformat()})
    assert (status, told["details"]["field"]) == (422, "until")
    assert api("ann").post(f"/people/PER-{ann}/presence", {"state": "asleep"})[0] == 422


def test_a_leavers_work_is_given_to_others_and_she_is_taken_back(api, office, ann):
    """What was named, then all; an old version is a conflict; her key stays ended."""
    items = [office.item() for _ in range(3)]
    for item in items:
        item_assign(item, ann, by=BY, now=NOW)
    caller, path = api("chief"), f"/people/PER-{ann}"
    caller.post(f"{path}/deactivate", {"reason": "left"})
    assert caller.post(f"{path}/relieve", {"to": "Bo North", "version": 1})[0] == 409
    status, told = caller.post(f"{path}/relieve", {"to": "Bo North", "references": items[:1]})
    assert (status, told["done"], told["refused"]) == (200, 1, 0)
    assert caller.post(f"{path}/relieve", {"to": "Bo North"})[1]["done"] == 2
    assert {work_get(item, by=BY).owner for item in items} == {"Bo North"}
    assert caller.post(f"{path}/reactivate", {"reason": "back", "version": 1})[0] == 409
    assert caller.post(f"{path}/reactivate", {"reason": "back"})[1]["is_active"] is True
    assert api("ann").get("/desks")[0] == 401


def test_somebody_new_gets_a_region_of_her_own(api, office):
    """By name; one that there is not, or that is retired, is refused, and she is not made."""
    region_save(office.desks["north"], name="EMEA", zone="Europe/Vienna", by=BY, now=NOW)
    body = {"desk": "north", "name": "Zoe", "region": "EMEA"}
    assert api("chief").post("/people", {**body, "region": "APJ"})[1]["details"]["field"] == "region"
    status, told = api("chief").post("/people", body)
    assert (status, told["region"], told["is_region_own"]) == (201, "EMEA", True)
