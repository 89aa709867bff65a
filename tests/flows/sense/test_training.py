"""Which desk learns when, what is kept, and whom an alarm reaches."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.exceptions import JobAborted

from tests.factories import BOSS, NOW, make_desk, make_item, make_person, minutes
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.runs import run_lock
from watchbill.apps.decisions import riskwrites
from watchbill.apps.decisions.models import RiskCounts, RiskModel
from watchbill.apps.decisions.risks import counts_row, model_in_use
from watchbill.apps.notices.models import Notice
from watchbill.apps.people import users
from watchbill.apps.people.rights import Role
from watchbill.engine.base.errors import Conflict, NotAllowed
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.flows.sense import training
from watchbill.flows.sense.training import Due, due_of, is_off, learn_ask, risks_learn

pytestmark = pytest.mark.django_db
WALL = NOW + timedelta(days=300)
DAY = timedelta(days=1)


@pytest.fixture
def desk():
    found = make_desk()
    person = make_person(found)
    for _ in range(3):
        reference = make_item(found)
        item_assign(reference, person, by=BOSS, now=NOW + minutes(5))
        item_state(reference, State.RESOLVED, by=BOSS, now=NOW + minutes(30))
    return found


def kept(desk, *, source="model", items=3, learned_at=NOW, counted_at=NOW, wall=WALL):
    """A model and counts as they would stand, of an instant on both clocks."""
    riskwrites.model_keep(desk, source=source, digest="", words="", figures={"items": items}, body=None, now=learned_at)
    riskwrites.counts_keep(desk, codes={"names": []}, packed=b"", lately={"number": 0, "ece": None}, now=counted_at)
    RiskModel.objects.filter(desk_id=desk).update(recorded_at=wall)
    RiskCounts.objects.filter(desk_id=desk).update(recorded_at=wall)


def test_a_desk_with_work_learns_and_one_without_waits(desk):
    """The first item is enough to look; an empty desk has nothing to look at."""
    assert due_of(desk, NOW + minutes(60), WALL) is Due.LEARN
    assert due_of(make_desk(), NOW, WALL) is None


@pytest.mark.parametrize(
    ("source", "desk_time", "machine", "expected"),
    [
        ("model", DAY / 2, DAY, None),
        ("model", DAY, timedelta(minutes=30), Due.COUNT),
        ("model", DAY, timedelta(minutes=10), None),
        ("model", 7 * DAY, timedelta(hours=2), Due.LEARN),
        ("model", 7 * DAY, timedelta(minutes=30), Due.COUNT),
        ("", DAY / 2, DAY, None),
        ("", DAY, timedelta(hours=2), Due.LEARN),
        ("", 30 * DAY, timedelta(minutes=30), None),
    ],
)
def test_models_are_weekly_and_counts_daily_but_machines_rest(desk, source, desk_time, machine, expected):
    """By desk time; a moved clock brings weeks within minutes, and the machine's own clock says when it has rested."""
    kept(desk, source=source)
    assert due_of(desk, NOW + desk_time, WALL + machine) is expected


def test_an_import_lets_a_desk_learn_at_once(desk):
    """Half as many items again, and some, are another history."""
    kept(desk)
    for _ in range(35):
        make_item(desk)
    assert due_of(desk, NOW + minutes(60), WALL + minutes(1)) is Due.LEARN


def test_a_desk_of_which_only_the_latest_items_were_learned_from_rests_like_any_other(desk, monkeypatch):
    """What was left out was there when it learned: it has not grown since."""
    kept(desk)
    RiskModel.objects.filter(desk_id=desk).update(figures={"items": 100_000, "items_left_out": 60_000})
    for items, expected in ((160_500, None), (250_000, Due.LEARN)):
        monkeypatch.setattr(training, "items_count", lambda *_, items=items, **__: items)
        assert due_of(desk, NOW + minutes(60), WALL + minutes(5)) is expected


def test_a_desk_is_learned_by_one_at_a_time(desk):
    """Who asks for it while another process is at it hears so; nothing is learned twice."""
    begun, over = threading.Event(), threading.Event()

    def elsewhere():
        with run_lock(f"learning of desk {desk}") as is_mine:
            assert is_mine
            begun.set()
            over.wait(20)
        connection.close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    begun.wait(20)
    with pytest.raises(Conflict, match="learning already"):
        training.learn_here(desk, by=BOSS, now=NOW + DAY)
    training.desk_learn(training.Task(desk_id=desk, due=Due.LEARN, now=NOW + DAY))
    assert model_in_use(desk) is None
    over.set()
    thread.join()
    training.learn_here(desk, by=BOSS, now=NOW + DAY)
    assert model_in_use(desk).number == 1


def test_who_may_asks_for_it(desk):
    """The mark is seen by the worker's next look, and goes when it was done; whoever may not publish policies may not ask."""
    kept(desk)
    with pytest.raises(NotAllowed):
        learn_ask(desk, by=Actor(name="agent", roles={desk: frozenset({Role.AGENT.value})}))
    learn_ask(desk, by=BOSS)
    assert due_of(desk, NOW + minutes(60), WALL) is Due.LEARN
    assert risks_learn(NOW + minutes(60), wall=WALL, is_apart=False) == 1
    assert not counts_row(desk).is_asked
    assert model_in_use(desk).number == 2
    assert due_of(desk, NOW + minutes(60), WALL) is None


def test_what_is_learned_is_kept_with_what_it_rests_on(desk):
    """Too thin here: words with counts, no body; the counts beside it know the commitments."""
    assert risks_learn(NOW + DAY, wall=WALL, is_apart=False) == 1
    model = model_in_use(desk)
    assert (model.number, model.source, model.figures["items"]) == (1, "", 3)
    assert model.words
    assert set(RiskCounts.objects.get(desk_id=desk).codes["names"]) >= {"response", "resolution"}


def test_one_that_breaks_keeps_no_other_from_learning(desk, monkeypatch):
    """Each desk by itself; nothing of the broken one is kept."""
    other = make_desk()
    make_item(other)
    real = training.desk_learn

    def broken(task):
        if task.desk_id == desk:
            raise ValueError("no")
        real(task)

    monkeypatch.setattr(training, "desk_learn", broken)
    assert risks_learn(NOW + DAY, wall=WALL, is_apart=False) == 1
    assert model_in_use(desk) is None
    assert model_in_use(other) is not None


def test_a_worker_that_is_told_to_stop_begins_with_no_other_desk(desk, monkeypatch):
    """It is no fault of the desk that was learning, and the others wait for the next worker."""
    make_item(make_desk())
    begun = []

    def stopped(task, tell):
        begun.append(task.desk_id)
        tell()

    def tell():
        raise JobAborted

    monkeypatch.setattr(training, "_in_a_process", stopped)
    with pytest.raises(JobAborted):
        risks_learn(NOW + DAY, wall=WALL, tell=tell)
    assert begun == [desk]


def test_managers_hear_of_forecasts_that_are_off_once(desk, monkeypatch):
    """More than five points over at least two hundred forecasts: a notice when it begins, and not again while it lasts."""
    person = make_person(desk, "Mia")
    users.user_create("mia", name="Mia", person_id=person, by=BOSS, now=NOW)
    users.role_grant("mia", Role.QUEUE_MANAGER, desk_id=desk, by=BOSS, now=NOW)
    off = {"number": 400, "missed": 90, "ece": 0.081, "bins": [], "since": NOW.isoformat()}
    monkeypatch.setattr(training, "lately_of", lambda *_: off)
    for day in (1, 2):
        training.desk_learn(training.Task(desk_id=desk, due=Due.COUNT, now=NOW + day * DAY))
    (notice,) = Notice.objects.filter(person_id=person, kind="risk_off")
    assert "off by 8 points" in notice.text
    assert not is_off({**off, "number": 150})
    assert not is_off({**off, "ece": 0.05})
