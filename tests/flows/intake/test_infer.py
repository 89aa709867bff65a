"""Teams, skills and hours from a desk's own events, with evidence, and never over what somebody has confirmed."""

from tests.factories import BOSS, NOW
from tests.flows.intake import log, read
from watchbill.apps.people.services import membership_set, skill_set
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.flows.intake.infer import infer

RESOLVER_3 = "p.name = 'Resolver 3'"


def facts():
    """What is inferred, by names."""
    return {
        "teams": read.fetch(
            "select p.name, t.name as team, m.is_confirmed, m.evidence::text from people_membership as m"
            " join people_person as p on p.id = m.person_id join people_team as t on t.id = m.team_id order by 1, 2"
        ),
        "skills": read.fetch(
            "select p.name, s.name as skill, k.level, k.is_confirmed, k.evidence::text from people_personskill as k"
            " join people_person as p on p.id = k.person_id join people_skill as s on s.id = k.skill_id order by 1, 2"
        ),
        "hours": read.fetch(
            "select p.name, h.weekday, h.opens_min, h.closes_min, h.is_confirmed, h.evidence::text from shifts_usualhours"
            " as h join people_person as p on p.id = h.person_id order by 1, 2, 3"
        ),
        "people": read.fetch("select name, evidence::text from people_person order by 1"),
    }


def weeks_of_work(weeks=4):
    """Resolver 3 takes and resolves items of Group 9 on Mondays between nine and noon, for some weeks."""
    rows = []
    for week in range(weeks):
        for n, hour in enumerate((9, 10, 11)):
            day = 29 + 7 * week if week == 0 else 7 * week
            month = 2 if week == 0 else 3
            number, owned = f"INC{week}{n}", {"assigned_to": "Resolver 3", "assignment_group": "Group 9"}
            when = {"opened_at": f"{day}/{month}/2016 08:00", "sys_updated_by": "Updated by 44", **owned}
            rows += [
                log.row(number, 0, f"{day}/{month}/2016 {hour}:05", "Active", **when),
                log.row(number, 1, f"{day}/{month}/2016 {hour}:40", "Resolved", **when),
            ]
    return rows


def test_facts_carry_their_evidence(bring, desk):
    """Counts and period stand beside the team, the skill and the hours."""
    bring(weeks_of_work())
    found = infer(desk, by=BOSS, now=NOW)
    assert (found.memberships, found.skills, found.likenesses) == (1, 1, 1)
    told = facts()
    (team,) = told["teams"]
    assert (team["name"], team["team"]) == ("Resolver 3", "Group 9")
    assert '"items": 12' in team["evidence"]
    assert "2016-02-29T" in team["evidence"]
    (skill,) = told["skills"]
    assert (skill["skill"], skill["level"]) == ("Category 55", 2)
    (hours,) = told["hours"]
    assert (hours["weekday"], hours["opens_min"], hours["closes_min"]) == (0, 540, 720)
    assert '"weeks": 4' in hours["evidence"]


def test_other_names_of_a_person_are_evidence_and_nothing_more(bring, desk):
    """Updated by 44 and Resolved by 149 are probably Resolver 3: said with counts, merged with nobody."""
    bring(weeks_of_work())
    infer(desk, by=BOSS, now=NOW)
    (person,) = facts()["people"]
    assert '"acts_as": {"name": "Updated by 44", "counts": {"of": 12, "together": 12}}' in person["evidence"]
    assert '"resolves_as": {"name": "Resolved by 149"' in person["evidence"]
    assert read.fetch("select count(*) as n from work_event where actor_person_id is not null") == [{"n": 0}]


def test_inferring_again_finds_the_same(bring, desk):
    """Nothing is doubled, and nothing drifts."""
    bring([*weeks_of_work(), *log.many(60)])
    first = infer(desk, by=BOSS, now=NOW)
    told = facts()
    assert infer(desk, by=BOSS, now=NOW) == first
    assert facts() == told


def test_confirmed_facts_stay(bring, desk):
    """What somebody has set by hand is not overwritten by what the log suggests."""
    bring(weeks_of_work())
    ids = {row["name"]: row["id"] for row in read.fetch("select id, name from people_person")}
    skill = read.fetch("select id from people_skill")[0]["id"]
    team = read.fetch("select id from people_team where name = 'Group 9'")[0]["id"]
    person = ids["Resolver 3"]
    skill_set(person, skill, level=5, by=BOSS, now=NOW)
    membership_set(team, person, is_member=True, by=BOSS, now=NOW)
    usual_hours_set(person, desk_id=desk, week=[["13:00-17:00"], [], [], [], [], [], []], by=BOSS, now=NOW)
    infer(desk, by=BOSS, now=NOW)
    told = facts()
    assert [(row["level"], row["is_confirmed"]) for row in told["skills"]] == [(5, True)]
    assert [row["is_confirmed"] for row in told["teams"]] == [True]
    assert [(row["opens_min"], row["is_confirmed"]) for row in told["hours"]] == [(780, True)]


def test_robots_say_nothing_about_working_hours(bring, desk):
    """What an automatic account does at night is nobody's night shift."""
    rows = weeks_of_work()
    night = [log.row(r["number"], 2, f"{20 + n}/4/2016 03:00", "Closed", sys_updated_by="Updated by 908", opened_at=r["opened_at"],
                     assigned_to="Resolver 3", assignment_group="Group 9") for n, r in enumerate(rows[::2][:9])]  # fmt: skip
    bring([*rows, *night])
    infer(desk, by=BOSS, now=NOW)
    assert {row["opens_min"] for row in facts()["hours"]} == {540}
