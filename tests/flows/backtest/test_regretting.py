"""A past day in hindsight, from a desk's events, clocks and hours: what could have been kept is known by counting."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.factories import BOSS, actor, make_desk, make_extra, make_item, make_person
from tests.flows.assign.small_desk import item_row
from watchbill.apps.clocks import services as clocks
from watchbill.apps.clocks.queries import forget_compiled
from watchbill.apps.core.actor import console
from watchbill.apps.people.models import Membership, Team
from watchbill.apps.people.rights import Role
from watchbill.apps.people.services import person_activity_set
from watchbill.apps.reports.regrets import regret_of, regret_page, regret_row
from watchbill.apps.shifts.absences import absence_add
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.apps.work.models import WorkItem
from watchbill.apps.work.queues import queue_save
from watchbill.engine.base.errors import InvalidFacts, NotAllowed
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.flows.backtest.regretting import day_named, gather_day, regret_ask, regret_do
from watchbill.flows.report.excluding import exclusion_approve, exclusion_ask

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
"""A Monday."""
ALWAYS = {
    "zone": "UTC",
    "weekly": {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
}
HOURS = {"P1": 2, "P2": 4, "P3": 8, "P4": 24}


@pytest.fixture(autouse=True)
def _fresh():
    """Compiled policies are remembered by keys that the next test's database uses again."""
    forget_compiled()


class Desk:
    """A desk with promises around the clock: two hours for a P1, four, eight, and a day for a P4."""

    def __init__(self, zone="UTC"):
        self.start = datetime(2026, 2, 1, tzinfo=UTC)
        self.id = make_desk(zone=zone, has_clocks=False)
        told = {"holds_from": self.start - timedelta(days=365), "is_for_history": True, "reason": "test", "by": BOSS}
        targets = {name: 60 * of for name, of in HOURS.items()}
        clocks.calendar_publish(self.id, "always", ALWAYS, now=self.start, **told)
        body = {"clocks": [{"kind": "resolution", "calendar": "always", "targets_min": targets}]}
        clocks.policy_publish(self.id, body, now=self.start, **told)

    def person(self, name, week=("08:00-18:00",)):
        key = make_person(self.id, name)
        usual_hours_set(key, desk_id=self.id, week=[list(week)] * 7, by=BOSS, now=self.start)
        return key

    def item(self, opened, priority=3, **fields):
        return make_item(self.id, now=opened, impact=None, urgency=None, priority=priority, **fields)

    def take(self, reference, who, at):
        item_assign(reference, who, version=self.version(reference), by=BOSS, now=at)
        item_state(reference, State.IN_PROGRESS, version=self.version(reference), by=BOSS, now=at)

    def to(self, reference, state, at):
        item_state(reference, state, version=self.version(reference), by=BOSS, now=at)

    def done(self, reference, who, begun, over):
        self.take(reference, who, begun)
        self.to(reference, State.RESOLVED, over)

    def version(self, reference):
        return item_row(WorkItem.objects.get(reference=reference).id)["version"]

    def regret(self, day=DAY, **how):
        now = datetime(2026, 4, 20, tzinfo=UTC)
        run_id = regret_ask(self.id, day, is_waking=False, **{"by": BOSS, "now": now} | how)
        assert regret_do(run_id)
        row = regret_row(run_id)
        assert row.state == "done", row.message
        return row.result


def at(hour, minute=0, day=2, month=3):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_a_p1_was_lost_because_a_p4_came_first():
    """One person: a P4 of two hours from nine to eleven, while a P1 ran out that had come at nine and took half an hour."""
    desk = Desk()
    ann = desk.person("Ann")
    urgent, other = desk.item(at(9), 1, title="All is down"), desk.item(at(9), 4)
    desk.done(other, ann, at(9), at(11))
    desk.done(urgent, ann, at(11), at(11, 30))
    found = desk.regret()
    whole = found["whole"]
    assert (whole["due"], whole["kept"], whole["savable"], whole["lost"]) == (1, 0, 1, 0)
    assert (whole["attainment"], whole["bound"], whole["regret"]) == (0, 100, 100)
    [case] = found["cases"]
    assert (case["item"], case["title"], case["why"], case["late_min"]) == (urgent, "All is down", "other_first", 30)
    assert (case["first"], case["minutes"]) == ([other], {"other_first": 120})
    assert found["priorities"][0]["savable"] == 1
    assert found["priorities"][3]["due"] == 0
    assert [one["effort"] for one in found["sweep"]] == [0.8, 1.0, 1.2]
    assert found["sentence"] == (
        "1 promise ran out on this day, and it was not kept. 1 could have been kept: the day was 100.0 points from the best"
        " possible in hindsight."
    )
    tomorrow = desk.regret(DAY + timedelta(days=1))
    assert (tomorrow["whole"]["due"], tomorrow["whole"]["kept"], tomorrow["whole"]["regret"]) == (1, 1, 0)
    assert tomorrow["sentence"].endswith("It could not have gone better.")


def test_nobody_could_have_kept_what_came_at_night():
    """Nobody is there after four in the afternoon: the P1 that came at half past five, and was due before eight, is out of reach."""
    desk = Desk()
    ann = desk.person("Ann", ("08:00-16:00",))
    late = desk.item(at(17, 30), 1)
    desk.done(late, ann, at(8, day=3), at(9, day=3))
    found = desk.regret()
    assert (found["whole"]["savable"], found["whole"]["lost"], found["whole"]["regret"]) == (0, 1, 0)
    assert found["cases"][0]["is_savable"] is False
    assert "1 could not have been kept by anybody" in found["sentence"]


def test_who_was_away_was_not_there():
    """The same day with everybody at work and with Ann on leave: then nobody could have done it."""
    desk = Desk()
    ann = desk.person("Ann")
    absence_add(ann, from_at=at(0), until_at=at(0, day=3), by=BOSS, now=desk.start)
    missed = desk.item(at(9), 1)
    desk.done(missed, ann, at(8, day=3), at(9, day=3))
    assert desk.regret()["whole"]["lost"] == 1
    other = Desk()
    ben = other.person("Ben")
    missed = other.item(at(9), 1)
    other.done(missed, ben, at(8, day=3), at(9, day=3))
    found = other.regret()
    assert found["whole"]["savable"] == 1
    assert found["cases"][0]["why"] == "untaken"


@pytest.mark.parametrize(("begun", "is_savable"), [(17, True), (20, False)])
def test_who_worked_extra_hours_was_there(begun, is_savable):
    """A P1 came after everybody had gone; Ann was called in before it ran out, or after."""
    desk = Desk()
    ann = desk.person("Ann", ("08:00-16:00",))
    make_extra(desk.id, ann, at(begun), at(begun + 3))
    late = desk.item(at(17, 30), 1)
    desk.done(late, ann, at(8, day=3), at(9, day=3))
    [case] = desk.regret()["cases"]
    assert case["is_savable"] is is_savable


@pytest.mark.parametrize(("left", "is_savable"), [(at(0, day=1), False), (at(9, 20), False), (at(12), True)])
def test_who_had_left_was_not_there(left, is_savable):
    """Ann left the desk before the day, 20 minutes after a P1 of half an hour came, or when it had run out; Ben works at night."""
    desk = Desk()
    ann, ben = desk.person("Ann"), desk.person("Ben", ("20:00-23:00",))
    for day in (10, 11):
        desk.done(desk.item(at(20, day=day, month=2), 1), ben, at(20, day=day, month=2), at(20, 30, day=day, month=2))
    missed = desk.item(at(9), 1)
    desk.done(missed, ben, at(20), at(20, 30))
    person_activity_set(ann, is_active=False, reason="left", by=BOSS, now=left)
    [case] = desk.regret()["cases"]
    assert (case["item"], case["is_savable"]) == (missed, is_savable)


def test_a_night_shift_over_midnight_is_one_shift():
    """Opened at eleven at night and due at one: it belongs to the day on which it ran out, with its minutes from before midnight."""
    desk = Desk()
    eve = desk.person("Eve", ("22:00-06:00",))
    missed, other = desk.item(at(23), 1), desk.item(at(23), 4)
    desk.done(other, eve, at(23), at(0, 45, day=3))
    desk.done(missed, eve, at(0, 45, day=3), at(1, 30, day=3))
    assert desk.regret()["whole"]["due"] == 0
    [case] = desk.regret(date(2026, 3, 3))["cases"]
    assert (case["is_savable"], case["minutes"]) == (True, {"other_first": 105, "work": 15})


def test_a_pause_is_nobodys_fault():
    """Two hours with the customer move the due from eleven to one; the minutes told are the four hours less that pause."""
    desk = Desk()
    ann = desk.person("Ann")
    one = desk.item(at(9), 2)
    desk.take(one, ann, at(9))
    desk.to(one, State.WAITING_CUSTOMER, at(10))
    desk.to(one, State.IN_PROGRESS, at(12))
    desk.to(one, State.RESOLVED, at(17))
    [case] = desk.regret()["cases"]
    assert (case["due_at"], case["late_min"]) == ("2026-03-02T15:00+00:00", 120)
    assert sum(case["minutes"].values()) == 240
    assert case["is_savable"]


def test_a_day_on_which_clocks_change_has_its_own_length():
    """In Berlin 29 March has 23 hours: what ran out at half past eleven at night there is in, what ran out after midnight is not."""
    desk = Desk(zone="Europe/Berlin")
    ann = desk.person("Ann")
    for opened in (
        at(20, 30, day=28, month=3),
        at(20, 59, day=29, month=3),
        at(21, day=29, month=3),
        at(21, 1, day=28, month=3),
    ):
        desk.done(desk.item(opened, 1), ann, opened, opened + timedelta(minutes=10))
    found = desk.regret(date(2026, 3, 29))
    assert (found["begins_at"], found["ends_at"]) == ("2026-03-28T23:00+00:00", "2026-03-29T22:00+00:00")
    assert found["whole"]["due"] == 1


def test_what_is_still_open_is_missed_so_far():
    """Never done, and not even begun: it could have been kept."""
    desk = Desk()
    desk.person("Ann")
    never = desk.item(at(9), 1)
    [case] = desk.regret()["cases"]
    assert (case["item"], case["done_at"], case["late_min"], case["why"]) == (never, None, None, "untaken")


def test_an_empty_day_says_so():
    """Something was there, nothing ran out."""
    desk = Desk()
    ann = desk.person("Ann")
    desk.done(desk.item(at(9), 3), ann, at(9), at(10))
    found = desk.regret(date(2026, 3, 10))
    assert found["sentence"].startswith("No promise ran out")
    assert found["whole"]["regret"] is None


def test_days_that_cannot_be_told_are_refused():
    """Not over, before the history begins, no history at all, no day at all."""
    desk = Desk()
    now = at(12)
    with pytest.raises(InvalidFacts, match="no history yet"):
        regret_ask(desk.id, date(2026, 3, 1), by=BOSS, now=now)
    desk.item(at(9))
    with pytest.raises(InvalidFacts, match="2 March 2026 is not over"):
        regret_ask(desk.id, DAY, by=BOSS, now=now)
    with pytest.raises(InvalidFacts, match="There is no history of 1 March 2026: this desk’s begins on 2 March 2026"):
        regret_ask(desk.id, date(2026, 3, 1), by=BOSS, now=now)
    with pytest.raises(InvalidFacts, match="Expected a day such as"):
        day_named(desk.id, "soon", now)
    assert day_named(desk.id, "Yesterday", now) == date(2026, 3, 1)
    with pytest.raises(NotAllowed):
        regret_ask(desk.id, DAY, by=actor(Role.AGENT, desk.id), now=at(12, day=3))


def test_a_day_is_kept_and_found_again():
    """By its day, the latest first; asked for anew, the last that was worked out stays until then."""
    desk = Desk()
    desk.person("Ann")
    desk.item(at(9), 1)
    assert regret_of(desk.id, DAY, by=BOSS) == (None, None)
    desk.regret()
    again = regret_ask(desk.id, DAY, is_waking=False, by=BOSS, now=at(9, day=4))
    row, done = regret_of(desk.id, DAY, by=BOSS)
    assert (row.id, row.state, done.state) == (again, "waiting", "done")
    [line] = regret_page(desk.id, by=BOSS)
    assert (line.day, line.due, line.savable) == (DAY, 1, 1)


def test_effort_is_learned_from_the_whole_history():
    """It says the same of every day, also of one long before the latest work."""
    desk = Desk()
    ann = desk.person("Ann")
    for day in range(2, 12):
        desk.done(desk.item(at(9, day=day), 1), ann, at(9, day=day), at(9, 10 + day, day=day))
    first, last = (gather_day(desk.id, date(2026, 3, day), at(12, day=20)) for day in (2, 11))
    assert first.effort == last.effort
    assert [one.case.effort_min for one in first.day.really if one.case.counts] == [12]
    assert [one.case.effort_min for one in last.day.really if one.case.counts] == [21]


def test_what_came_first_begins_with_what_took_the_longest():
    """Three others that could have waited: an hour, two, and half of one."""
    desk = Desk()
    ann = desk.person("Ann")
    urgent = desk.item(at(9), 1)
    others = [desk.item(at(9), 4) for _ in range(3)]
    for other, begun, over in zip(others, (at(9), at(10), at(12)), (at(10), at(12), at(12, 30)), strict=True):
        desk.done(other, ann, begun, over)
    desk.done(urgent, ann, at(12, 30), at(13))
    [case] = desk.regret()["cases"]
    assert (case["first"], case["first_count"]) == (others[:2], 2)


def test_what_is_left_out_of_the_figures_is_left_out_here():
    """An approved exclusion: the promise is none of the day's any more, and what was done for it stays work."""
    desk = Desk()
    ann = desk.person("Ann")
    first, second = desk.item(at(9), 1), desk.item(at(9), 1)
    desk.done(first, ann, at(9), at(12))
    desk.done(second, ann, at(12), at(13))
    assert desk.regret()["whole"]["due"] == 2
    asked = exclusion_ask(first, "resolution", code="test", text="A drill", by=BOSS, now=at(14))
    assert desk.regret()["whole"]["due"] == 2
    exclusion_approve(asked.id, by=console("somebody else"), now=at(15))
    found = desk.regret()
    assert [one["item"] for one in found["cases"]] == [second]
    assert found["whole"]["due"] == 1


@pytest.mark.parametrize("is_member", [True, False])
def test_only_who_takes_the_teams_work_is_able(is_member):
    """A P1 of a team: its one member is on shift, or nobody is, while somebody of another team is free all day."""
    desk = Desk()
    ann, ben = desk.person("Ann"), desk.person("Ben", ("08:00-18:00",) if is_member else ("20:00-22:00",))
    network, mail = (Team.objects.create(desk_id=desk.id, name=name) for name in ("Network", "Mail"))
    Membership.objects.create(team=mail, person_id=ann)
    Membership.objects.create(team=network, person_id=ben)
    queue = queue_save(desk.id, name="Network", team_id=network.id, by=BOSS, now=desk.start)
    missed = desk.item(at(9), 1, queue_id=queue)
    [case] = desk.regret()["cases"]
    assert (case["item"], case["is_savable"]) == (missed, is_member)


def test_work_of_no_team_can_be_done_by_everybody():
    """Ann did some of it in the evening. Ben and Cleo were idle all day, when a P1 ran out: they could have done it."""
    desk = Desk()
    ann = desk.person("Ann", ("20:00-22:00",))
    desk.person("Ben")
    desk.person("Cleo")
    missed, other = desk.item(at(9), 1), desk.item(at(9), 4)
    desk.done(other, ann, at(20), at(21))
    [case] = desk.regret()["cases"]
    assert (case["item"], case["is_savable"], case["why"]) == (missed, True, "untaken")


def test_work_outside_the_hours_says_that_somebody_was_there():
    """Ann works in the evening, outside her hours: a P1 that ran out then was other work's fault, not that nobody was there."""
    desk = Desk()
    ann = desk.person("Ann", ("08:00-16:00",))
    missed, other = desk.item(at(18), 1), desk.item(at(18), 4)
    desk.done(other, ann, at(18), at(20))
    desk.done(missed, ann, at(20), at(21))
    found = desk.regret()
    assert [one["item"] for one in found["cases"]] == [missed]
    assert found["cases"][0]["is_savable"] == ("other_first" in found["cases"][0]["minutes"])
