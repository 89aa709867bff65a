"""Corrections of people by hand, at the command line."""

from __future__ import annotations

import pytest

from tests.interfaces.office import BY, NOW
from watchbill.apps.people.bulk import skill_ensure_many, team_ensure_many
from watchbill.apps.people.queries import person_get
from watchbill.apps.people.regions import region_save
from watchbill.apps.shifts.queries import hours_of, presence_of
from watchbill.apps.work.queries import work_get
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.flows.act.assigning import item_assign


@pytest.fixture
def ann(office):
    skill_ensure_many(office.desks["north"], ["network"])
    team_ensure_many(office.desks["north"], ["Field"])
    return office.people["Ann North"]


def test_a_person_is_corrected(run, ann):
    """All of it or nothing; what is not given stays; said again, it says so."""
    who = f"PER-{ann}"
    told = run(
        "people", "set", who, "--zone", "Asia/Kolkata", "--language", "en", "--skill", "network=4", "--join", "Field",
        "--hours", "mon-fri 09:00-17:30", "--wip-limit", 7, "--json",
    )  # fmt: skip
    assert (told["zone"], told["languages"], told["skills"], told["teams"], told["wip_limit"]) == (
        "Asia/Kolkata", ["en"], {"network": 4}, ["Field"], 7,
    )  # fmt: skip
    assert len(hours_of([ann])[ann]) == 5
    assert run("people", "set", who, "--skill", "voice=1", "--new", "--json")["skills"] == {"network": 4, "voice": 1}
    run("people", "set", who, "--skill", "voice=0")
    assert "Ann North was so already" in run("people", "set", who, "--zone", "Asia/Kolkata")
    assert "is corrected" in run("people", "set", who, "--hours", "", "--leave", "Field", "--skill", "network=0")
    assert hours_of([ann])[ann] == []
    assert (person_get(ann, by=BY).teams, person_get(ann, by=BY).skills) == ((), ())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--skill", "netwrok=3"], "did you mean network"),
        (["--skill", "network=6"], "from 1"),
        (["--zone", "Calcuta"], "Asia/Calcutta"),
        (["--hours", "mon 9 to 5"], "opening hours"),
        (["--hours", "mon 09:00-12:00, 11:00-13:00"], "overlap"),
    ],
)
def test_what_cannot_be_is_refused(run, ann, words, said):
    """With what was probably meant."""
    with pytest.raises(InvalidFacts, match=said):
        run("people", "set", f"PER-{ann}", "--wip-limit", 3, *words)
    assert person_get(ann, by=BY).wip_limit == 12


def test_the_second_of_two_writers_is_told(run, ann):
    """An old version is a conflict."""
    run("people", "set", f"PER-{ann}", "--wip-limit", 3, "--version", 1)
    with pytest.raises(Conflict):
        run("people", "set", f"PER-{ann}", "--wip-limit", 4, "--version", 1)


def test_presence_work_and_coming_back(run, office, ann):
    """Said, given away, taken back."""
    item, who = office.item(), f"PER-{ann}"
    item_assign(item, ann, by=BY, now=NOW)
    assert "Ann North is away" in run("people", "presence", who, "away", "--until", "2026-03-02T17:00+01:00")
    assert presence_of(ann, NOW)["state"] == "away"
    run("people", "deactivate", who, "--reason", "left")
    assert "1 given to Bo North, 0 refused" in run("people", "relieve", who, "Bo North")
    assert work_get(item, by=BY).owner == "Bo North"
    assert "is active again" in run("people", "deactivate", who, "--reason", "back", "--back")
    assert person_get(ann, by=BY).is_active


def test_somebody_new_gets_a_region_of_her_own(run, office):
    """By name."""
    region_save(office.desks["north"], name="EMEA", zone="Europe/Vienna", by=BY, now=NOW)
    told = run("people", "add", "Zoe", "--region", "EMEA", "--desk", "north", "--json")
    assert told["region"] == "EMEA"
