"""The generated company: the same for the same seed, whole in its numbers, and never more than life-like."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from watchbill.apps.clocks.holidays import holidays_of
from watchbill.demo import dates
from watchbill.demo.company.facts import LOAD_WEEKS, PRODUCTS, REGIONS, WEEKS_BEFORE, effort_min, team_of
from watchbill.demo.company.hours import Hours, instant_of, minute_of
from watchbill.demo.company.lives import CLOSER, CUSTOMER, STAYS_MIN, VENDOR, World
from watchbill.demo.company.log import COUNTRIES, company_make
from watchbill.demo.company.promises import ASSIGNMENT, calendars, clock_policy
from watchbill.engine.base.work import ACTIONABLE, DONE, OPEN, State
from watchbill.engine.clocks.trial import Trial

TODAY = date(2026, 11, 18)
ROBOTS = {CUSTOMER, VENDOR, CLOSER}


def closed(years=(2024, 2025, 2026, 2027)):
    return {country: frozenset(holidays_of(country, years)) for country in COUNTRIES}


def make(today=TODAY, *, weeks=WEEKS_BEFORE, **more):
    begins_at, ends_at = dates.begins_at(today), dates.ends_at(dates.weeks_to_shift(today))
    return company_make(begins_at=begins_at, ends_at=ends_at, holidays=closed(), weeks=weeks, **more)


@pytest.fixture(scope="module")
def company():
    return make()


@pytest.fixture(scope="module")
def world(company):
    span = {"first": TODAY - timedelta(weeks=60), "last": TODAY + timedelta(weeks=12)}
    return World(company.staff, holidays=closed(), **span, seed=0)


def test_same_seed_gives_the_same_company_to_the_last_update():
    """Twice the same; another seed has other people, customers and cases."""
    first, again, other = (make(weeks=6, seed=seed).digest() for seed in (1, 1, 2))
    assert first == again != other


def test_company_is_the_same_whatever_day_it_is_made():
    """People and customers do not depend on the day, and 400 items are open on each day on which a story may begin."""
    monday = TODAY - timedelta(days=TODAY.weekday())
    made = [make(monday + timedelta(days=day), weeks=8) for day in range(3)]
    assert {(each.staff, each.clients) for each in made} == {(made[0].staff, made[0].clients)}
    assert [len(each.open_at(each.begins_at)) for each in made] == [400, 400, 400]


def test_company_has_its_numbers(company):
    """60 people in three regions with a team for each group of products, and 400 open items in all states, some handed over."""
    assert (len(company.staff), len({who.name for who in company.staff}), len(company.clients)) == (60, 60, 150)
    assert Counter(who.region for who in company.staff) == {region.name: region.people for region in REGIONS}
    assert len({who.team for who in company.staff}) == 9
    rows = [case.at(company.begins_min) for case in company.open_at(company.begins_at)]
    assert len(rows) == 400
    assert {row.state for row in rows} == OPEN - {State.SCHEDULED}
    assert {row.priority for row in rows} == {1, 2, 3, 4}
    assert min(Counter(row.team.split()[0] for row in rows).values()) > 80
    assert sum(bool(row.handed_over) for row in rows) > 10
    assert any(not row.owner for row in rows)


def test_year_of_arrivals_has_weeks_holidays_and_growth(company):
    """Office hours bring most, weekends little, holidays less, and the last quarter more than the first."""
    begins_at = company.begins_at
    before = [case.arrival for case in company.cases if case.arrival.at < company.begins_min]
    assert begins_at - instant_of(before[0].at) > timedelta(weeks=51)
    days = Counter(instant_of(each.at).weekday() for each in before)
    assert days[5] + days[6] < 0.1 * len(before) < 0.8 * days[0]
    quarter = 13 * 7 * 24 * 60
    last, first = (
        sum(
            company.begins_min - (back + 1) * quarter < each.at <= company.begins_min - back * quarter
            for each in before
        )
        for back in (0, 3)
    )
    assert 1.03 < last / first < 1.3
    ahead = [case for case in company.cases if case.arrival.at > company.begins_min]
    assert len(ahead) > 800


def test_lives_have_all_that_happens_to_cases(company):
    """Some are handed over between regions, bounced between queues, reopened, cancelled; some grow old."""
    cases = company.cases
    pairs = [
        (case, before.state, after.state)
        for case in cases
        for before, after in zip(case.rows, case.rows[1:], strict=False)
    ]
    assert 0.03 < len({case.reference for case, a, b in pairs if a is State.RESOLVED and b in OPEN}) / len(cases) < 0.1
    assert 0.03 < sum(any(row.handed_over for row in case.rows) for case in cases) / len(cases) < 0.2
    assert sum(len({row.product for row in case.rows}) > 1 for case in cases) / len(cases) > 0.05
    assert sum(case.rows[-1].state is State.CANCELLED for case in cases) / len(cases) > 0.01
    oldest = min(case.arrival.at for case in company.open_at(company.begins_at))
    assert company.begins_min - oldest > 30 * 24 * 60


def test_nobody_acts_outside_her_hours(company, world):
    """An update by a person lies in her own shift, or at its very end: with at most one exception in a thousand."""
    acts = [(row.actor, row.at) for case in company.cases for row in case.rows if row.actor not in ROBOTS]
    outside = sum(
        not (world.worker(name).hours.is_open(at) or world.worker(name).hours.is_open(at - 1)) for name, at in acts
    )
    assert len(acts) > 50_000
    assert outside / len(acts) < 0.001


def test_owners_can_do_and_speak_what_their_cases_ask(company):
    """Whoever owns a case is of its team, has its queue's skill at its level, and speaks its language."""
    staff, products = {who.name: who for who in company.staff}, {product.name: product for product in PRODUCTS}
    for case in company.cases:
        for row in case.rows:
            if row.owner:
                who, product = staff[row.owner], products[row.product]
                assert who.team == row.team == team_of(who.region, product)
                assert who.can(product.skill, product.level, case.arrival.language), (who, case.reference)


def test_nobody_is_handed_a_case_to_hand_it_back(company):
    """Regions hand a case over once a watch at most, to where it is begun sooner; what must stay in its region stays."""
    moved = 0
    for case in company.cases:
        passes = [b.at for a, b in zip(case.rows, case.rows[1:], strict=False) if a.handed_over != b.handed_over]
        moved += len(passes)
        assert all(later - at >= STAYS_MIN for at, later in pairwise(passes)), case.reference
        owners = [row.owner for row in case.rows if row.owner]
        changes = sum(a != b for a, b in pairwise(owners))
        assert changes <= 20, (case.reference, changes)
        if case.arrival.client.is_sensitive:
            assert {row.team.split()[0] for row in case.rows} == {case.arrival.client.region}
    assert moved > 500


def test_most_open_cases_can_be_taken_up_by_another_region_and_some_cannot(company):
    """By skill, level, language and clearance: what there is to pass with the sun, and what really has to wait."""
    found = [others(company, case, case.at(company.begins_min)) for case in company.open_at(company.begins_at)]
    assert sum(len(regions) == 2 for regions in found) / 400 > 0.7
    assert 0.05 < sum(not regions for regions in found) / 400 < 0.25


def others(company, case, row):
    """The other regions in which somebody may own a case as it stands."""
    here, product = row.team.split()[0], next(each for each in PRODUCTS if each.name == row.product)
    return {
        who.region for who in company.staff
        if who.region != here and who.can(product.skill, product.level, case.arrival.language)
        and {who.clearance} >= set(case.arrival.client.clearances)
    }  # fmt: skip


def test_a_share_of_what_people_hold_goes_on_with_the_sun(company):
    """At changes of region of three days: P1 and P2 that others may take are 15 to 40 % of what their owners could work on."""
    staff = {who.name: who for who in company.staff}
    held = moving = 0
    for day in (17, 18, 19):
        for region, hour in (("APJ", 9), ("EMEA", 17), ("AMS", 22)):
            at = minute_of(datetime.fromisoformat(f"2026-11-{day}T{hour:02}:30+00:00"))
            for case in company.cases:
                row = case.at(at)
                if row is None or row.state not in ACTIONABLE or not row.owner or staff[row.owner].region != region:
                    continue
                held += 1
                moving += row.priority <= ASSIGNMENT["sun_always"] and bool(others(company, case, row))
    assert 0.15 < moving / held < 0.4, (moving, held)


def test_each_life_is_in_order(company):
    """It opens first, its instants never go back, only what is open has work, and what is closed stays so."""
    for case in company.cases:
        times = [row.at for row in case.rows]
        assert times == sorted(times)
        assert (times[0], case.rows[0].state) == (case.arrival.at, State.NEW)
        ended = [place for place, row in enumerate(case.rows) if row.state in DONE - {State.RESOLVED}]
        assert ended in ([], [len(case.rows) - 1])


def test_load_of_each_region_is_as_stated(company, world):
    """Effort that arrived lately by staffed time: one region has more than it can well do, one has hours to spare."""
    monday = minute_of(datetime.fromisoformat("2026-11-16T00:00+00:00"))
    since = monday - LOAD_WEEKS * 7 * 24 * 60
    for region in REGIONS:
        staffed = sum(
            world.worker(who.name).hours.between(since, monday) for who in company.staff if who.region == region.name
        )
        effort = sum(
            case.arrival.work_min for case in company.cases
            if case.arrival.client.region == region.name and since <= case.arrival.at < monday
        )  # fmt: skip
        assert effort / staffed == pytest.approx(region.load_ratio, abs=0.005), region.name
    ratios = [region.load_ratio for region in REGIONS]
    assert min(ratios) <= 0.82 < 0.95 < max(ratios) < 1


def test_one_region_has_more_than_it_can_do_for_a_time(company, world):
    """In the weeks of the surge more effort arrives in one region than it has hours, and in the others less; before, in none."""
    week_min = 7 * 24 * 60
    monday = minute_of(datetime.fromisoformat("2026-11-16T00:00+00:00"))
    ratios = {}
    for region in REGIONS:
        hours = [world.worker(who.name).hours for who in company.staff if who.region == region.name]
        for name, first, weeks in (("before", -8, 6), ("surge", -2, 2)):
            since, until = monday + first * week_min, monday + (first + weeks) * week_min
            staffed = sum(each.between(since, until) for each in hours)
            effort = sum(
                case.arrival.work_min for case in company.cases
                if case.arrival.client.region == region.name and since <= case.arrival.at < until
            )  # fmt: skip
            ratios[region.name, name] = effort / staffed
    over = {key for key, ratio in ratios.items() if ratio > 1}
    assert over == {("AMS", "surge")}, ratios
    assert min(ratios.values()) > 0.6, ratios


def test_mean_effort_is_what_the_desk_assumes(company):
    """The table of assumed effort tells the truth within a tenth, for each product."""
    for product in PRODUCTS:
        found = [case.arrival for case in company.cases if case.arrival.product is product]
        assumed = sum(effort_min(product, each.priority) for each in found)
        assert sum(each.work_min for each in found) == pytest.approx(assumed, rel=0.12), product.name


def test_hours_count_staffed_minutes_only():
    """A night and a weekend add nothing; an end is the last minute worked, a start the next one."""
    week = (*(((540, 1020),),) * 5, (), ())
    hours = Hours("Europe/Berlin", week, closed_on=(), first=date(2026, 3, 27), last=date(2026, 3, 31))
    friday = minute_of(datetime.fromisoformat("2026-03-27T16:00+01:00"))
    monday = minute_of(datetime.fromisoformat("2026-03-30T09:00+02:00"))
    assert hours.between(friday, monday) == 60
    done = hours.worked(friday) + 60
    assert (hours.end(done), hours.start(done)) == (friday + 60, monday)
    assert hours.is_open(friday)
    assert not hours.is_open(friday + 60)
    assert (hours.opens(friday), hours.opens(friday + 60)) == (friday, monday)


def test_case_without_a_region_has_its_clocks_in_the_customers_office_hours():
    """What a page, the API or a command opens has no region: P3 and P4 run in the customer's zone, or in UTC, from the start."""
    policy = clock_policy()
    named = {name: calendar.as_json() for name, calendar in calendars(closed()).items()}
    opened, now = "2026-11-18T20:00+00:00", "2026-11-18T20:01+00:00"

    def clocks(priority, **facts):
        event = {"at": opened, "kind": "opened", "priority": priority, "facts": facts}
        trial = Trial.from_json({"policy": policy, "calendars": named, "now": now, "events": [event]})
        return {each["kind"]: each for each in trial.run() if each["status"] != "absent"}

    for priority in (3, 4):
        for tier in ("premier", "standard"):
            made = clocks(priority, tier=tier, customer_zone="America/New_York")
            assert set(made) >= {"response", "resolution"}
            assert {each["zone"] for each in made.values()} == {"America/New_York"}
            assert made["response"]["remaining_s"] == made["response"]["target_s"] - 60
            imported = clocks(priority, tier=tier, **{"attributes.region": "EMEA"})
            assert {each["calendar"] for each in imported.values()} == {"EMEA office"}
        assert {each["zone"] for each in clocks(priority).values()} == {"UTC"}
