"""Changes of region: decided ahead, noted once, passed on through assignment, pinned by people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import factories
from tests.factories import BOSS, EPOCH, make_extra, minutes
from tests.flows.assign.small_desk import NOW, SmallDesk, item_row, texts
from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.decisions.models import DeskWatch, Freed, Traffic
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.decisions.traffic import changes_ahead, traffic_of, traffic_page
from watchbill.apps.people.models import Person, Region
from watchbill.apps.work.models import WorkItem
from watchbill.engine.assign.facts import Commitment, CommitmentKind
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import State
from watchbill.flows import stuck
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.flows.act.undoing import item_undo
from watchbill.flows.assign import gather
from watchbill.flows.assign.answers import decision_refuse
from watchbill.flows.assign.gather import gather_desk
from watchbill.flows.traffic import item_pin

EVENING = NOW.replace(hour=16, minute=30)
"""An hour and a half before the day crew goes home; the night crew comes at 18:00."""


@pytest.fixture
def desk(db):
    made = SmallDesk(id=factories.make_desk(zone="UTC"))
    made.queue("Mail")
    for name, hours, region in (("Ana", "08:00-18:00", "EMEA"), ("Ines", "17:00-23:59", "AMS")):
        made.person(name, hours=hours)
        here, _ = Region.objects.get_or_create(desk_id=made.id, name=region)
        Person.objects.filter(id=made.people[name]).update(region=here)
    return made


def owned(desk):
    item = desk.item("Mail", priority=2)
    item_assign(WorkItem.objects.get(id=item).reference, desk.people["Ana"], by=BOSS, now=NOW)
    return item


@pytest.fixture
def due(monkeypatch):
    """Let items have a promise that is due so many hours after EVENING, and eight hours of work."""
    hours: dict[int, float] = {}
    kept = gather.item_facts

    def with_due(row, *, effort_min, **rest):
        item = kept(row, effort_min=180, **rest)
        if row.id not in hours:
            return replace(item, commitments=())
        at = EVENING + timedelta(hours=hours[row.id])
        return replace(item, commitments=(Commitment(kind=CommitmentKind.RESOLUTION, due_at=at, target_min=480),))

    monkeypatch.setattr(gather, "item_facts", with_due)
    return hours


def choices(desk, at=EVENING):
    return {row.item_id: row.choice for row in traffic_page(desk.id, by=WATCHBILL, now=at)}


def test_what_would_be_late_is_passed_and_proposed_to_the_next_region(desk, due):
    """One due in the night, one next week: passed and parked, each with its note; Ines is proposed for the first."""
    passed, parked = owned(desk), owned(desk)
    due[passed], due[parked] = 6, 100
    stuck.tick(EVENING)
    assert choices(desk) == {passed: "pass", parked: "park"}
    assert [
        (one.region, one.kept, one.passed, one.parked) for one in changes_ahead(desk.id, by=WATCHBILL, now=EVENING)
    ] == [("EMEA", 0, 1, 1)]
    (note,) = texts(passed, "note")
    assert note.startswith("EMEA goes home: passed with the sun, because a promise would be lost until Ana is back")
    assert "Not parked" in note or "not parked" in note
    desk.tick(EVENING)
    assert desk.proposal(passed) is None
    later = EVENING + minutes(31)
    desk.tick(later)
    proposal = desk.proposal(passed)
    assert proposal.chosen_id == desk.people["Ines"]
    assert desk.proposal(parked) is None
    assert any("Passed with the sun from EMEA to AMS" in text for text in texts(passed, "suggested"))


def test_who_is_called_in_at_night_is_back_then(desk, due):
    """Due at half past ten at night: Ana stays away until the morning, and it is passed; called in at nine, she keeps it."""
    item = owned(desk)
    due[item] = 6
    make_extra(desk.id, desk.people["Ana"], EVENING.replace(hour=19, minute=0), EVENING.replace(hour=23, minute=0))
    stuck.tick(EVENING)
    assert choices(desk) != {item: "pass"}


def test_it_is_decided_two_hours_before_and_noted_once(desk, due):
    """The instant is known before; a second look at the same change says nothing again."""
    item = owned(desk)
    due[item] = 6
    stuck.tick(NOW)
    assert not Traffic.objects.exists()
    assert stuck.tick_next_at(NOW) <= NOW.replace(hour=16)
    for at in (EVENING, EVENING + minutes(45), EVENING + minutes(80)):
        stuck.tick(at)
    assert len([text for text in texts(item, "note") if "goes home" in text]) == 1


def test_a_change_is_one_at_whatever_moment_it_is_looked_at(desk, due):
    """Parts of a second make no other change of it: one line, on the hour, and one note."""
    item = owned(desk)
    due[item] = 6
    for at in (0.549, 1.208, 2.9):
        stuck.tick(EVENING + minutes(3 * int(at)) + timedelta(seconds=at))
        DeskWatch.objects.update(look_at=EVENING)
    (change,) = changes_ahead(desk.id, by=WATCHBILL, now=EVENING + minutes(9))
    assert change.leaves_at == EVENING.replace(hour=18, minute=0)
    assert len([text for text in texts(item, "note") if "goes home" in text]) == 1


def test_on_autopilot_it_is_given(desk, due):
    """Inside the guard-rails, and it can be undone like every decision."""
    desk.mode("Mail", "autopilot")
    item = owned(desk)
    due[item] = 6
    stuck.tick(EVENING)
    desk.tick(EVENING + minutes(31))
    assert item_row(item)["owner_id"] == desk.people["Ines"]


def test_a_pin_keeps_it_and_can_be_taken_off(desk, due):
    """A pinned item competes no more, and is kept at the next look."""
    item = owned(desk)
    due[item] = 6
    stuck.tick(EVENING)
    reference = WorkItem.objects.get(id=item).reference
    item_pin(reference, is_pinned=True, by=BOSS, now=EVENING)
    assert not gather_desk(desk.id, EVENING + minutes(31)).freed
    stuck.tick(EVENING + minutes(60))
    assert choices(desk, EVENING + minutes(60)) == {item: "keep"}
    item_pin(reference, is_pinned=False, by=BOSS, now=EVENING + minutes(61))
    stuck.tick(EVENING + minutes(61))
    assert choices(desk, EVENING + minutes(61)) == {item: "pass"}
    assert gather_desk(desk.id, EVENING + minutes(61)).freed[item].why == "sun"
    assert "Pinned to Ana at changes of region" in texts(item, "note")


def test_a_desk_of_one_region_has_no_changes(desk, due):
    """Nothing is decided, and an item of somebody without a region cannot be pinned."""
    item = owned(desk)
    due[item] = 6
    Person.objects.filter(id=desk.people["Ines"]).update(region=None)
    stuck.tick(EVENING)
    assert not Traffic.objects.exists()
    assert not Freed.objects.exists()
    Person.objects.filter(id=desk.people["Ana"]).update(region=None)
    with pytest.raises(InvalidFacts, match="of no region"):
        item_pin(WorkItem.objects.get(id=item).reference, is_pinned=True, by=BOSS, now=EVENING)


def take_up(desk, item, name, at):
    reference = WorkItem.objects.get(id=item).reference
    item_state(reference, State.IN_PROGRESS, by=desk.by(person=name, name=name), now=at)


def not_acted_on(desk, item, since=NOW):
    """Let the policy move what is not acted on, and its instant come: an hour later for a P2."""
    policy_publish(
        desk.id, Policy(accept_moves=True).as_json(), reason="test", holds_from=EPOCH, by=BOSS, now=EPOCH
    )  # fmt: skip
    stuck.tick(since)
    stuck.tick(since + minutes(60))
    assert gather_desk(desk.id, since + minutes(60)).freed[item].why == "unaccepted"


def test_what_was_once_late_to_be_taken_up_goes_with_the_sun_like_any_other(desk, due):
    """Ana acted on it in the end; in the evening it is passed on, and competes."""
    item = owned(desk)
    not_acted_on(desk, item)
    take_up(desk, item, "Ana", NOW + minutes(90))
    assert not gather_desk(desk.id, NOW + minutes(91)).freed
    due[item] = 6
    stuck.tick(EVENING)
    assert choices(desk) == {item: "pass"}
    assert gather_desk(desk.id, EVENING + minutes(31)).freed[item].why == "sun"


def test_what_still_nobody_acted_on_competes_on_in_the_evening(desk, due):
    """The reason that held first stays: it has no end."""
    item = owned(desk)
    not_acted_on(desk, item)
    due[item] = 6
    stuck.tick(EVENING)
    assert gather_desk(desk.id, EVENING).freed[item].why == "unaccepted"


def test_who_is_given_it_again_has_her_time_again(desk):
    """Not acted on by Ana, given to Ines, and back to Ana: it does not compete before she has let it lie once more."""
    item = owned(desk)
    not_acted_on(desk, item)
    reference = WorkItem.objects.get(id=item).reference
    item_assign(reference, desk.people["Ines"], by=BOSS, now=NOW + minutes(70))
    item_assign(reference, desk.people["Ana"], by=BOSS, now=NOW + minutes(80))
    stuck.tick(NOW + minutes(80))
    assert not gather_desk(desk.id, NOW + minutes(81)).freed
    stuck.tick(NOW + minutes(140))
    assert gather_desk(desk.id, NOW + minutes(141)).freed[item].why == "unaccepted"


def test_a_pin_is_to_one_owner(desk, due):
    """Pinned to Ines, and given to Ana since: it competes like any other when Ana does not act on it."""
    item = owned(desk)
    reference = WorkItem.objects.get(id=item).reference
    item_assign(reference, desk.people["Ines"], by=BOSS, now=NOW + minutes(10))
    item_pin(reference, is_pinned=True, by=BOSS, now=NOW + minutes(15))
    item_assign(reference, desk.people["Ana"], by=BOSS, now=NOW + minutes(20))
    not_acted_on(desk, item, since=NOW + minutes(20))


def test_what_was_to_stay_with_one_owner_is_not_kept_with_the_next(desk, due):
    """It stays with Ana while it is hers, also when she is given it back by an undo; with Bea it competes like any other."""
    item = owned(desk)
    reference = WorkItem.objects.get(id=item).reference
    not_acted_on(desk, item)
    desk.person("Bea")
    desk.tick(NOW + minutes(61))
    decision_refuse(desk.proposal(item).id, "keep_with_owner", by=BOSS, now=NOW + minutes(62))
    later = gather_desk(desk.id, NOW + minutes(63), also=[item])
    assert (later.freed, later.facts[item].is_pinned) == ({}, True)
    given = item_assign(reference, desk.people["Bea"], by=BOSS, now=NOW + minutes(70))
    stuck.tick(NOW + minutes(70))
    stuck.tick(NOW + minutes(130))
    later = gather_desk(desk.id, NOW + minutes(131), also=[item])
    assert (later.freed[item].owner_id, later.facts[item].is_pinned) == (desk.people["Bea"], False)
    item_undo(reference, given.version, by=BOSS, now=NOW + minutes(132))
    later = gather_desk(desk.id, NOW + minutes(133), also=[item])
    assert (later.freed, later.facts[item].is_pinned) == ({}, True)


def test_a_pin_is_said_as_it_is(desk, due):
    """What was decided for an owner of another region is not told of the one that it is pinned to."""
    item = owned(desk)
    due[item] = 6
    stuck.tick(EVENING)
    reference = WorkItem.objects.get(id=item).reference
    item_assign(reference, desk.people["Ines"], by=BOSS, now=EVENING + minutes(35))
    item_pin(reference, is_pinned=True, by=BOSS, now=EVENING + minutes(40))
    row = traffic_of(item, EVENING + minutes(41))
    assert (row.owner, row.region, row.choice, row.to_region) == ("Ines", "AMS", "keep", None)
    assert row.body["reason"] == "somebody has pinned it to its owner"
    assert changes_ahead(desk.id, by=WATCHBILL, now=EVENING + minutes(41)) == []


def test_a_change_that_is_near_is_looked_at_in_time(desk):
    """Three minutes after a look it is time to decide about a region that goes home: not only when it has gone."""
    policy_publish(
        desk.id, Policy(sun_lead_min=30).as_json(), reason="test", holds_from=EPOCH, by=BOSS, now=EPOCH
    )  # fmt: skip
    look = NOW.replace(hour=17, minute=27)
    stuck.tick(look)
    assert stuck.tick_next_at(look) == look + minutes(5)
