"""Alerts are raised when more comes, waits or is held than usual, once, for those who are there; and end by themselves."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import BOSS, EPOCH, make_person
from tests.flows.alerts.history import event, opened, usual_weeks
from tests.flows.assign.small_desk import NOW
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.decisions import alerts
from watchbill.apps.decisions.alerts import limits_outdated
from watchbill.apps.decisions.models import Alert, AlertSample, AlertWatch
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.inbox.services import desk_lock
from watchbill.apps.notices.models import Notice
from watchbill.apps.people.models import Desk, Membership, Person, Region, Team
from watchbill.apps.people.rights import Role
from watchbill.apps.people.services import skill_set
from watchbill.apps.shifts.absences import absence_add
from watchbill.apps.shifts.queries import staffed
from watchbill.apps.work.models import Queue
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed
from watchbill.engine.sense import surges
from watchbill.engine.sense.alarms import Settings
from watchbill.flows.alerts.cover import gaps
from watchbill.flows.alerts.learning import desk_learn, limits_learn
from watchbill.flows.alerts.telling import recipients
from watchbill.flows.alerts.watching import tick

known_thresholds = cache(surges.thresholds)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def learned(desk, monkeypatch):
    """Five usual weeks, learned; the watch has begun. The same weeks have the same thresholds, which take a while."""
    monkeypatch.setattr(surges, "thresholds", known_thresholds)
    usual_weeks(desk.id, desk.people["Ben"])
    assert limits_learn(NOW) >= 1
    tick(NOW + QUARTER)
    return desk


def kinds():
    return sorted(Alert.objects.filter(closed_at=None).values_list("kind", flat=True))


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def test_a_desk_whose_history_comes_later_learns_within_the_hour(desk, monkeypatch):
    """Looked at while it was empty, then five weeks are imported: known an hour later, not a day."""
    monkeypatch.setattr(surges, "thresholds", known_thresholds)
    limits_learn(NOW)
    usual_weeks(desk.id, desk.people["Ben"])
    assert limits_learn(NOW + timedelta(minutes=59)) == 0
    assert limits_learn(NOW + timedelta(hours=1)) == 1
    assert any(one.body for one in alerts.series_of(desk.id).values())


def test_what_comes_as_usual_raises_nothing(learned):
    """Two an hour, as ever."""
    for n in range(2, 8):
        if n % 2:
            opened(learned.id, later(15 * n - 5), owner=learned.people["Ben"])
        assert tick(later(15 * n)) == 1
    assert kinds() == []


def test_half_a_history_teaches_and_tells_nothing(desk, monkeypatch):
    """While a history is imported nothing is learned and nothing is judged, which would call the desk's own work a burst."""
    monkeypatch.setattr(surges, "thresholds", known_thresholds)
    usual_weeks(desk.id, desk.people["Ben"])
    alerts.watch_ensure(desk.id, watched_until=NOW, next_at=later(15))
    with desk_lock(desk.id):
        assert limits_learn(NOW) == 0
        assert tick(later(15)) == 0
    assert limits_learn(NOW) == 1
    assert tick(later(15)) == 1


def test_limits_of_before_an_import_judge_nothing(learned):
    """A burst is none by limits that a new history has outdated; learned anew, they judge again."""
    limits_outdated(learned.id)
    opened(learned.id, later(20), 20, owner=learned.people["Ben"], state="closed")
    tick(later(30))
    assert kinds() == []
    limits_learn(later(30))
    opened(learned.id, later(35), 20, owner=learned.people["Ben"], state="closed")
    tick(later(45))
    assert kinds() == ["incoming"]


def test_a_burst_is_told_once_and_ends_by_itself(learned):
    """20 in a quarter of an hour: one alert, told to who is there; over when a whole hour was as usual."""
    opened(learned.id, later(20), 20, owner=learned.people["Ben"], state="closed")
    tick(later(30))
    (alert,) = Alert.objects.all()
    assert (alert.kind, alert.value, alert.recipients) == ("incoming", 20, 1)
    assert alert.text.startswith("20 came since 09:15 (UTC);")
    (notice,) = Notice.objects.all()
    assert (notice.user.name, notice.subject_ref) == ("Dana", f"ALR-{alert.id}")
    opened(learned.id, later(35), 20, owner=learned.people["Ben"], state="closed")
    tick(later(45))
    tick(later(45))
    assert Alert.objects.count() == Notice.objects.count() == 1
    tick(later(60))
    assert kinds() == ["incoming"], "the hour that ended had the burst in it"
    tick(later(120))
    alert.refresh_from_db()
    notice.refresh_from_db()
    assert alert.closed_note == notice.closed_note
    assert alert.closed_note.startswith("0 came in the last whole hour;")


def test_what_commits_late_is_counted_and_nothing_twice(learned):
    """Hours of looks: every item of them is in the sample of its hour, once."""
    for n in range(2, 10):
        opened(learned.id, later(15 * n - 1), owner=learned.people["Ben"])
        tick(later(15 * n))
    series = alerts.series_of(learned.id)["incoming"]
    assert alerts.samples_of(series.id, since=NOW, until=later(180)) == {later(0): 3, later(60): 4, later(120): 1}


def test_a_long_queue_is_told_and_ends(learned):
    """Nothing ever waits on this desk: six that do are told, and over when somebody takes them."""
    items = opened(learned.id, later(16), 6)
    tick(later(30))
    assert "unassigned" in kinds()
    for item in items:
        item.owner_id = learned.people["Ben"]
        item.save()
    tick(later(45))
    assert "unassigned" not in kinds()
    assert Alert.objects.get(kind="unassigned").closed_note == "0 wait without an owner"


def test_levels_are_read_back_from_events(desk):
    """Waiting from 10:20 to 12:40 of the day before: the ends of these hours, and no others."""
    since = NOW - timedelta(days=1)
    items = opened(desk.id, since + timedelta(minutes=80), 3)
    event(items, since + timedelta(minutes=220), seq=2, kind="assigned", owner_id=desk.people["Ben"])
    for item in items:
        item.owner_id = desk.people["Ben"]
        item.save()
    opened(desk.id, since - timedelta(days=2), owner=desk.people["Ben"])
    desk_learn(desk.id, now=NOW)
    series = alerts.series_of(desk.id)["unassigned"]
    found = alerts.samples_of(series.id, since=since - timedelta(days=2), until=NOW)
    assert {at for at, level in found.items() if level} == {since + timedelta(hours=1), since + timedelta(hours=2)}
    assert set(found.values()) == {0, 3}
    assert series.body is None, "three weeks are needed"


def test_hand_overs_between_regions_are_counted_and_told(desk):
    """Ana's region gets ten of Ben's items at once; with limits learned from quiet weeks that is more than usual."""
    east, west = (Region.objects.create(desk_id=desk.id, name=name) for name in ("East", "West"))
    Person.objects.filter(name="Ana", desk_id=desk.id).update(region=west)
    Person.objects.filter(name__in=("Ben", "Nora"), desk_id=desk.id).update(region=east)
    ana, ben = desk.people["Ana"], desk.people["Ben"]
    for week in range(1, 5):
        one = opened(desk.id, NOW - timedelta(weeks=week), owner=ben)
        event(one, NOW - timedelta(weeks=week) + QUARTER, seq=2, kind="assigned", owner_id=ana)
    desk_learn(desk.id, now=NOW)
    tick(NOW + QUARTER)
    items = opened(desk.id, later(16), 10, owner=ben)
    event(items, later(20), seq=2, kind="assigned", owner_id=ana)
    tick(later(30))
    (alert,) = Alert.objects.filter(kind="fts")
    assert (alert.region_id, alert.value, alert.title) == (west.id, 10, "More is handed over to West than usual")
    tick(later(60))
    assert "fts" in kinds()
    tick(later(120))
    assert "fts" not in kinds()


def test_items_in_danger_are_told_as_urgent(learned):
    """Ten or more past their latest safe moment, not late yet."""
    opened(learned.id, later(1), 11, owner=learned.people["Ben"], act_by_at=later(5), due_sort_at=later(300))
    tick(later(30))
    (alert,) = Alert.objects.filter(kind="risk")
    assert alert.is_urgent
    assert alert.text.startswith("11 open items are past")


def test_who_holds_too_much_is_named(learned):
    """Ana and Ben are on shift with limits of 12: Ben's 30 are told, with the share that both hold."""
    opened(learned.id, later(1), 30, owner=learned.people["Ben"])
    tick(later(30))
    (alert,) = Alert.objects.filter(kind="load")
    assert (
        "2 people hold 125 % of what their limits allow; this alert's limit is 100 %; over their own limit: Ben 30 of 12"
        in alert.text
    )


def test_what_a_desk_does_not_want_is_not_told_and_ends(learned):
    """A kind that is switched off raises nothing, and what is open of it ends."""
    opened(learned.id, later(1), 30, owner=learned.people["Ben"])
    tick(later(30))
    assert "load" in kinds()
    chief = learned.by(Role.MANAGER)
    alerts.settings_set(learned.id, Settings(off=("load",)), by=chief, now=NOW)
    tick(later(45))
    assert "load" not in kinds()
    assert AuditEvent.objects.filter(action="alert_settings_set").exists()
    with pytest.raises(NotAllowed):
        alerts.settings_set(learned.id, Settings(), by=learned.by(Role.QUEUE_MANAGER), now=NOW)
    with pytest.raises(InvalidFacts, match="no alert “noise”"):
        Settings(off=("noise",))


def test_who_comes_second_with_settings_is_told_so(learned):
    """Also when she saw a desk of which nobody had ever said anything."""
    chief = learned.by(Role.MANAGER)
    seen = alerts.settings_of(learned.id)[1]
    assert alerts.settings_set(learned.id, Settings(risk_items=5), version=seen, by=chief, now=NOW) == 2
    for version in (seen, 0):
        with pytest.raises(Conflict, match="Somebody has changed"):
            alerts.settings_set(learned.id, Settings(risk_items=7), version=version, by=chief, now=NOW)
    assert alerts.settings_of(learned.id) == (Settings(risk_items=5), 2)


def test_settings_of_a_desk_that_was_never_looked_at_are_set(desk):
    """It has no version yet, and is looked at from then on."""
    assert alerts.settings_of(desk.id) == (Settings(), 0)
    assert alerts.settings_set(desk.id, Settings(risk_items=5), version=0, by=desk.by(Role.MANAGER), now=NOW) == 2


def test_who_is_told_is_who_is_there(desk):
    """By day Dana, by night Nils; who is no person always; when nobody is there, all."""
    (day,) = recipients(desk.id, None, now=NOW)
    (night,) = recipients(desk.id, None, now=NOW.replace(hour=22))
    assert (day.name, night.name) == ("Dana", "Nils")
    assert {one.name for one in recipients(desk.id, None, now=NOW.replace(hour=19))} == {"Dana", "Nils"}


def test_an_alert_is_acknowledged_once_by_whoever_may(learned):
    """Who, when and the note are kept and audited; a second one hears who was first."""
    opened(learned.id, later(20), 20, owner=learned.people["Ben"], state="closed")
    tick(later(30))
    reference = alerts.alert_page(learned.id, by=learned.by())[0].reference
    boss = learned.by(Role.QUEUE_MANAGER, name="Dana")
    row = alerts.alert_acknowledge(reference, note=" On it ", by=boss, now=later(31))
    assert (row.acknowledged_by_name, row.acknowledged_note, row.acknowledged_at) == ("Dana", "On it", later(31))
    assert AuditEvent.objects.get(action="alert_acknowledged").object_ref == reference
    with pytest.raises(Conflict, match="Dana has acknowledged it already"):
        alerts.alert_acknowledge(reference, note="", by=learned.by(Role.MANAGER, name="Max"), now=later(32))
    with pytest.raises(NotAllowed):
        alerts.alert_acknowledge(reference, note="", by=learned.by(Role.AGENT), now=later(32))
    assert alerts.alert_get(reference, by=boss).acknowledged_at == later(31)
    assert not Actor(name="x").roles


def test_a_long_rest_begins_anew(learned):
    """Nothing is made of three days in which nobody watched; and the limits are learned again when they are a week old."""
    opened(learned.id, NOW + timedelta(days=1), 50, owner=learned.people["Ben"], state="closed")
    tick(NOW + timedelta(days=3))
    assert "incoming" not in kinds()
    assert limits_learn(NOW + timedelta(days=3)) == 0
    assert limits_learn(NOW + timedelta(days=8)) == 1
    assert AlertWatch.objects.get(desk_id=learned.id).learned_at == NOW + timedelta(days=8)
    assert AlertSample.objects.exists()


def test_a_desk_that_nobody_is_at_is_told_once_and_ends(desk):
    """All on leave while a promise falls due: one urgent alert to all managers; over when the first one is back."""
    managers = Notice.objects.filter(kind="nobody")
    limits_learn(NOW)
    opened(desk.id, NOW, 2, due_sort_at=later(120))
    opened(desk.id, NOW, due_sort_at=later(60 * 24 * 30))
    tick(later(15))
    tick(later(30))
    assert kinds() == []
    for name in desk.people:
        absence_add(desk.people[name], from_at=later(30), until_at=later(60 * 24), by=desk.by(Role.MANAGER), now=NOW)
    tick(later(45))
    tick(later(60))
    (alert,) = Alert.objects.all()
    assert (alert.kind, alert.is_urgent, alert.value) == ("nobody", True, 2)
    assert "until Tue 03 Mar 09:00 (UTC); before that, promises of 2 open items fall due" in alert.text
    assert managers.count() == 2
    tick(later(60 * 24 + 15))
    assert kinds() == []


def test_a_night_in_which_nothing_falls_due_is_no_alert(desk):
    """Nobody is there between the shifts, but no promise is lost by it; one that would be is told."""
    limits_learn(NOW)
    tick(later(9 * 60 + 15))
    opened(desk.id, NOW, due_sort_at=later(60 * 24))
    tick(later(9 * 60 + 30))
    assert kinds() == []
    opened(desk.id, NOW, due_sort_at=later(10 * 60))
    tick(later(9 * 60 + 45))
    assert kinds() == ["nobody"]


def test_a_desk_that_has_learned_nothing_is_watched(desk):
    """Nobody has asked for it, and no worker has learned a thing: it is looked at, and told what needs no history."""
    tick(NOW)
    assert alerts.watch_get(desk.id).learned_at is None
    opened(desk.id, NOW, 11, owner=desk.people["Ben"], act_by_at=NOW, due_sort_at=later(300))
    assert tick(later(15)) == 1
    assert kinds() == ["risk"]


def test_a_closed_desk_is_not_begun_to_be_watched(desk):
    """There is nobody who would want to hear of it."""
    Desk.objects.filter(id=desk.id).update(closed_at=NOW)
    tick(NOW)
    assert alerts.watch_get(desk.id) is None


@pytest.fixture
def regions(desk):
    """Network, of a team of the region East, asks for a skill that only Ana has; she is away until the next morning."""
    east = Region.objects.create(desk_id=desk.id, name="East")
    team = Team.objects.create(desk_id=desk.id, name="East network", region=east)
    Membership.objects.create(person_id=desk.people["Ana"], team=team)
    Queue.objects.filter(id=desk.queues["Network"]).update(team_id=team.id)
    absence_add(desk.people["Ana"], from_at=NOW, until_at=later(60 * 23), by=desk.by(Role.MANAGER), now=NOW)
    tick(NOW)
    return desk, east


def test_a_queue_that_nobody_at_work_may_take_is_told_while_others_are_there(regions):
    """Ben is at work, but may take no network: two fall due before Ana is back, a third after; over when she is."""
    desk, east = regions
    network = desk.queues["Network"]
    opened(desk.id, NOW, 2, queue=network, due_sort_at=later(300))
    opened(desk.id, NOW, queue=network, due_sort_at=later(60 * 30))
    opened(desk.id, NOW, 3, queue=desk.queues["Mail"], due_sort_at=later(120))
    tick(later(15))
    tick(later(30))
    (alert,) = Alert.objects.all()
    assert (alert.kind, alert.value, alert.region_id, alert.is_urgent) == ("nobody", 2, east.id, False)
    assert alert.title == "Nobody is there for Network in East"
    assert alert.text == (
        "Promises of 2 open items fall due before anybody who may take them is at work:"
        " 2 ask for network at level 2 and somebody of East network, and Ana is the first one back, Tue 03 Mar 08:00 (UTC)"
    )
    opened(desk.id, NOW, queue=network, due_sort_at=later(300))
    tick(later(45))
    assert [one.value for one in Alert.objects.all()] == [3]
    tick(later(60 * 23 + 15))
    alert.refresh_from_db()
    assert alert.closed_note == "Nothing there falls due any more before somebody who may take it is at work"


def test_a_skill_that_nobody_has_is_told_of_its_queue(desk):
    """Whatever is due, and whenever: nobody who may take it is known to come."""
    desk.skill("cobol")
    desk.queue("Mainframe", skill="cobol")
    policy_publish(
        desk.id, {"needs_language": False}, holds_from=EPOCH, is_for_history=True, reason="test", by=BOSS, now=NOW
    )
    tick(NOW)
    opened(desk.id, NOW, queue=desk.queues["Mainframe"], due_sort_at=later(60 * 24 * 20))
    opened(
        desk.id, NOW, queue=desk.queues["Mainframe"], due_sort_at=later(60), attributes={"clearance": []}, language="en"
    )
    opened(desk.id, NOW, queue=desk.queues["Mainframe"])
    tick(later(15))
    (alert,) = Alert.objects.all()
    assert alert.text.endswith("2 ask for cobol, and nobody such is known to come")
    assert alert.text.startswith("Promises of 2 open items fall due")


def test_what_people_of_unknown_hours_may_take_is_not_told(regions):
    """Somebody may take it of whom nobody knows when she works: nothing is said of it."""
    desk, _ = regions
    dora = desk.people["Dora"] = make_person(desk.id, "Dora")
    Membership.objects.create(person_id=dora, team=Team.objects.get(desk_id=desk.id))
    skill_set(dora, desk.skills["network"], level=2, by=BOSS, now=EPOCH)
    absence_add(desk.people["Ana"], from_at=later(60 * 23), until_at=later(60 * 50), by=desk.by(Role.MANAGER), now=NOW)
    opened(desk.id, NOW, 2, queue=desk.queues["Network"], due_sort_at=later(300))
    tick(later(15))
    assert kinds() == ["nobody"], "Ana's hours are known, and she is not there"
    skill_set(desk.people["Ana"], desk.skills["network"], level=1, by=BOSS, now=EPOCH)
    tick(later(30))
    assert kinds() == []


def test_queues_without_anybody_are_told_ten_at_a_time(desk):
    """Those with most items first; the questions to the database are the same for one queue and for twelve."""
    desk.skill("cobol")
    tick(NOW)
    for number in range(12):
        desk.queue(f"Mainframe {number:02}", skill="cobol")
    opened(desk.id, NOW, queue=desk.queues["Mainframe 00"], due_sort_at=later(300))
    hours = staffed(desk.id, NOW)
    with CaptureQueriesContext(connection) as one:
        gaps(desk.id, hours, NOW)
    for number in range(1, 12):
        opened(desk.id, NOW, number + 1, queue=desk.queues[f"Mainframe {number:02}"], due_sort_at=later(300))
    with CaptureQueriesContext(connection) as many:
        assert len(gaps(desk.id, hours, NOW)) == 12
    assert len(one) == len(many) == 6
    tick(later(15))
    assert min(Alert.objects.values_list("value", flat=True)) == 3
    assert Alert.objects.count() == 10
    tick(later(30))
    assert Alert.objects.count() == 12
