"""Where nothing can be learned the live desk is rolled out; where that cannot be done, the share of the target stands in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import BOSS, make_person, minutes
from tests.flows.assign.small_desk import NOW, make_small_desk, reference
from watchbill.apps.decisions.risks import BASELINE, ROLLOUT, danger_count, risks_of_items, sources
from watchbill.apps.work.queries import WorkFilter
from watchbill.engine.base.work import State
from watchbill.engine.sense.rollout import FUTURES
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.flows.sense import futures, taking
from watchbill.flows.sense.minds import minds_forget
from watchbill.flows.sense.scoring import desk_score

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """Ana and Ben by day, Nora by night, an hour of work in each item, and nothing learned."""
    minds_forget()
    return make_small_desk()


def give(item_id, person_id, now=NOW):
    item_assign(reference(item_id), person_id, by=BOSS, now=now)


def scored(desk, item_id, name="resolution", now=NOW):
    desk_score(desk.id, now)
    return risks_of_items([item_id])[item_id].of(name)


def test_a_thin_desk_goes_by_roll_outs_and_says_so(desk):
    """A chance with its source, the number of futures, two reasons; who may take it and what comes before it."""
    item = desk.item(priority=3)
    one = scored(desk, item)
    assert (one.source, one.number, one.is_chance) == (ROLLOUT, FUTURES, True)
    assert 0 < one.p_miss < 0.1
    assert [reason.code for reason in one.reasons] == ["time", "queue"]
    assert "of work" in one.reasons[0].words
    assert one.reasons[1].words == "3 people can take it, with nothing more pressing before it"
    assert sources(desk.id) == {ROLLOUT: 2}


def test_what_only_the_absent_may_do_is_likely_to_be_missed(desk):
    """Network asks for Ana; when she has much before it, it is late, and it counts as likely."""
    for _ in range(12):
        give(desk.item(priority=1), desk.people["Ana"])
    item = desk.item("Network", priority=2)
    one = scored(desk, item)
    assert one.source == ROLLOUT
    assert one.p_miss > 0.5
    assert "one person can take it, with" in one.reasons[1].words
    assert danger_count(WorkFilter(desk_id=desk.id), is_likely=True, by=BOSS, now=NOW) >= 1


def test_a_response_takes_an_answer(desk):
    """P1: a quarter of an hour to respond, five minutes to answer, an hour of work."""
    one = scored(desk, desk.item(priority=1), name="response")
    assert one.p_miss < 0.1
    assert "for an answer of minutes" in one.reasons[0].words


def test_nobody_may_take_it(desk):
    """A language that nobody speaks: as things stand it is missed, and it is said why."""
    one = scored(desk, desk.item(priority=3, language="fi"))
    assert one.p_miss == 1 - 0.5 / FUTURES
    assert one.reasons[1].words == "nobody may take it"


def test_what_helps_is_to_take_it_up_next_and_it_is_said_until_when(desk):
    """Her last one is risky as it stands, hardly if it comes next, and something between at its latest safe moment."""
    items = [desk.item(priority=3, now=NOW + minutes(number)) for number in range(14)]
    for item in items:
        give(item, desk.people["Ben"], now=NOW + minutes(20))
    now = NOW + minutes(30)
    desk_score(desk.id, now)
    found = [risks_of_items([item])[item].of("resolution") for item in items]
    worst = max(found, key=lambda one: one.p_miss)
    action = worst.action
    assert (action.code, action.words, action.person_id) == ("next", "Let Ben take it up next", desk.people["Ben"])
    assert action.p_after < 0.05 < worst.p_miss
    assert worst.gain == pytest.approx(worst.p_miss - action.p_after, abs=1e-4)
    assert action.safe_at is None or action.p_after <= action.p_safe


def test_who_is_proposed_would_take_it_up(desk):
    """An unowned item with a proposal: the person proposed takes it up now."""
    for name, number in (("Ana", 5), ("Ben", 4)):
        for _ in range(number):
            give(desk.item(priority=2), desk.people[name])
    item = desk.item(priority=2)
    desk.tick()
    one = scored(desk, item)
    assert (one.action.code, one.action.words) == ("assign", "Give it to Ben now")
    assert one.action.p_after < one.p_miss


def test_what_the_futures_cannot_speak_of_keeps_the_share_of_its_target(desk):
    """Waiting items, and those whose owner's hours are not known."""
    unknown = make_person(desk.id, "Una")
    kept, waiting = desk.item(priority=3), desk.item(priority=4)
    give(kept, unknown)
    give(waiting, desk.people["Ana"])
    item_state(reference(waiting), State.WAITING_OTHER, by=BOSS, now=NOW)
    desk_score(desk.id, NOW + minutes(30))
    found = risks_of_items([kept, waiting])
    assert found[kept].of("resolution").source == BASELINE
    assert found[kept].of("resolution").action is None
    assert all(one.source == BASELINE for one in found[waiting].promises if waiting in found)


def test_a_desk_whose_hours_nobody_knows_goes_by_the_share(desk, monkeypatch):
    """No hours at all: nothing is rolled out."""
    monkeypatch.setattr(taking, "weeks_of", lambda *_, **__: {})
    assert scored(desk, desk.item(priority=3)).source == BASELINE


def test_beyond_what_is_looked_at_the_share_stays(desk, monkeypatch):
    """A desk with more open items than are rolled out: those due first are; what is due beyond the horizon is not."""
    monkeypatch.setattr(futures, "MOST", 2)
    items = [desk.item(priority=priority) for priority in (2, 3, 4)]
    desk_score(desk.id, NOW)
    found = risks_of_items(items)
    assert [found[item].of("resolution").source for item in items] == [ROLLOUT, ROLLOUT, BASELINE]
    monkeypatch.setattr(futures, "HORIZON", timedelta(hours=10))
    desk_score(desk.id, NOW)
    found = risks_of_items(items)
    assert [found[item].of("resolution").source for item in items] == [ROLLOUT, BASELINE, BASELINE]


def test_the_same_desk_gives_the_same_chances(desk):
    """Scored twice nothing changes; and the number of statements depends on nothing."""
    for _ in range(3):
        desk.item(priority=3)
    assert desk_score(desk.id, NOW) > 0
    assert desk_score(desk.id, NOW) == 0

    def asked():
        with CaptureQueriesContext(connection) as seen:
            desk_score(desk.id, NOW)
        return len(seen)

    desk.item(priority=3)
    few = asked()
    for _ in range(30):
        desk.item(priority=3)
    assert asked() == few
