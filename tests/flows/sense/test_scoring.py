"""Running promises are scored by what was learned, live as in training; what helps is tried, not claimed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.engine.sense.risk.smalldesk import small_desk
from tests.factories import BOSS, NOW, make_desk, make_item, make_person, minutes
from watchbill.apps.clocks.queries import forget_compiled
from watchbill.apps.decisions import riskwrites
from watchbill.apps.decisions.models import Risk
from watchbill.apps.decisions.risks import BASELINE, danger_page, model_in_use, risks_of_items
from watchbill.apps.work.queries import WorkFilter, work_get
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.intervals import micros_of
from watchbill.engine.base.work import Priority, State
from watchbill.engine.sense.risk import Asked, Past, learn, score
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.flows.assign.tick import tick as assign_tick
from watchbill.flows.sense import scoring
from watchbill.flows.sense.history import history_of
from watchbill.flows.sense.minds import minds_forget
from watchbill.flows.sense.running import left_s, rows_of
from watchbill.flows.sense.scoring import desk_score
from watchbill.flows.sense.training import Due, Task, desk_learn

pytestmark = pytest.mark.django_db
LATER = NOW + minutes(90)
ZONE = "America/Sao_Paulo"


@pytest.fixture(autouse=True)
def _nothing_kept():
    forget_compiled()
    minds_forget()
    scoring.ticks_forget()


@pytest.fixture(scope="module")
def lesson():
    """A model of a made-up desk: slow owners and full queues miss."""
    found = learn(small_desk(3000).past, seed=1)
    assert found.model is not None
    assert found.model.source == "model"
    return found


def key(reference):
    return work_get(reference, by=BOSS).id


@pytest.fixture
def desk():
    """A desk with a past of a dozen cases, the last of each three late, and three open ones."""
    found = make_desk(zone=ZONE)
    person = make_person(found, "Ada")
    for number in range(12):
        reference = make_item(found, priority=Priority.P3, category=("printer", "mail")[number % 2])
        item_assign(reference, person, by=BOSS, now=NOW + minutes(5))
        item_state(reference, State.RESOLVED, by=BOSS, now=NOW + minutes(30 if number % 3 else 60))
    return found


def taught(desk, lesson, now=LATER):
    """Count what happened on the desk, and put the made-up model into use."""
    desk_learn(Task(desk_id=desk, due=Due.COUNT, now=now))
    riskwrites.model_keep(
        desk, source="model", digest=lesson.model.digest, words="", figures={"items": 12, "reliability": {}},
        body=lesson.model.as_json(), now=now,
    )  # fmt: skip


def test_without_a_model_the_share_of_the_target_stands_in(desk):
    """P1 has four hours of resolution: after an hour a quarter is used; nothing is said to help, and nothing is likely."""
    reference = make_item(desk, priority=Priority.P1)
    desk_score(desk, NOW + minutes(60))
    found = risks_of_items([key(reference)])[key(reference)]
    one = found.of("resolution")
    assert one.p_miss == pytest.approx(0.25)
    assert (one.source, one.is_likely, one.is_chance, one.action, one.gain) == (BASELINE, False, False, None, 0)
    assert len(one.reasons) == 2
    assert found.of("response") is None  # broken after fifteen minutes: certain, and no danger any more


def test_live_scores_are_those_of_the_whole_history(desk, lesson):
    """The log of what is open, with verdicts counted before, gives what the whole log gives."""
    references = [make_item(desk, priority=p, category="printer", now=NOW + minutes(70)) for p in (2, 3, 4)]
    item_assign(references[1], make_person(desk), by=BOSS, now=NOW + minutes(75))
    taught(desk, lesson)
    desk_score(desk, LATER)
    found = history_of(desk, zone=ZONE, items=15, names=("response", "resolution"), now=LATER)
    past = Past(found.log, found.promises)
    rows = list(Risk.objects.filter(desk_id=desk).order_by("item_id", "commitment"))
    assert len(rows) >= 5
    for row in rows:
        running = rows_of(desk, scoring.running_promises(desk, now=LATER, items=[row.item_id]), LATER)
        at = list(running.name).index(row.commitment)
        asked = Asked(
            item=np.array([list(found.items).index(row.item_id)]), name=np.array([found.names.index(row.commitment)]),
            at_us=np.array([micros_of(LATER)]), used=running.used[[at]], left_s=running.left_s[[at]],
            due_us=running.due_us[[at]],
        )  # fmt: skip
        assert row.p_miss == pytest.approx(float(score(lesson.model, past, asked).p_miss[0]), abs=1e-6)


def test_what_helps_is_the_same_model_asked_again(desk, lesson, monkeypatch):
    """An owner who has not begun might begin: what comes of that is scored, and only kept where it lowers the risk."""
    person = make_person(desk, "Bea")
    reference = make_item(desk, priority=Priority.P3, now=NOW + minutes(70))
    item_assign(reference, person, by=BOSS, now=NOW + minutes(75))
    taught(desk, lesson)
    real, calls = scoring.score, []

    def halved(model, past, asked):
        calls.append(asked)
        found = real(model, past, asked)
        return found if asked.state is None else replace(found, p_miss=np.full(len(asked), 0.01))

    monkeypatch.setattr(scoring, "score", halved)
    desk_score(desk, LATER)
    action = risks_of_items([key(reference)])[key(reference)].of("resolution").action
    assert (action.code, action.words, action.person_id) == ("begin", "Let Bea begin it now", person)
    assert action.p_after == pytest.approx(0.01)
    assert len(calls) == 2
    monkeypatch.setattr(scoring, "score", real)
    desk_score(desk, LATER + minutes(1))
    one = risks_of_items([key(reference)])[key(reference)].of("resolution")
    assert (one.action is None) == (one.gain == 0)


def test_who_is_proposed_is_tried(desk, lesson):
    """An unowned case with a proposal is scored with the person proposed."""
    reference = make_item(desk, priority=Priority.P3, now=NOW + minutes(70))
    assign_tick(LATER)
    taught(desk, lesson)
    desk_score(desk, LATER)
    body = Risk.objects.get(item_id=key(reference), commitment="resolution").body
    assert body["action"] is None or body["action"]["code"] == "assign"


def test_a_score_is_kept_once_and_goes_with_its_promise(desk, lesson):
    """Scoring again at the same instant changes nothing; what is done, or missed, has no danger any more."""
    reference = make_item(desk, priority=Priority.P3, now=NOW + minutes(70))
    taught(desk, lesson)
    assert desk_score(desk, LATER) > 0
    assert desk_score(desk, LATER) == 0
    assert danger_page(WorkFilter(desk_id=desk), limit=9, by=BOSS, now=LATER)[0].reference == reference
    item_state(reference, State.RESOLVED, by=BOSS, now=LATER)
    desk_score(desk, LATER)
    assert risks_of_items([key(reference)]) == {}


def test_the_watch_scores_after_a_change_and_as_time_goes_on(desk, monkeypatch):
    """A change is scored in the same turn; without one, after five minutes; never for more than its share of the time."""
    scored = []
    monkeypatch.setattr(scoring, "desk_score", lambda desk_id, now: scored.append((desk_id, now)) or 0)
    monkeypatch.setattr(scoring, "SHARE", 0)
    scoring.tick(LATER)
    scoring.tick(LATER + minutes(1))
    assert scored == [(desk, LATER)]
    make_item(desk, now=LATER + minutes(1))
    scoring.tick(LATER + minutes(2))
    scoring.tick(LATER + minutes(7))
    assert [at for _, at in scored] == [LATER, LATER + minutes(2), LATER + minutes(7)]
    monkeypatch.setattr(scoring, "SHARE", 1e9)
    scoring.ticks_forget()
    scoring.tick(LATER + minutes(20))
    make_item(desk, now=LATER + minutes(20))
    scoring.tick(LATER + minutes(30))
    assert len(scored) == 4


def test_the_number_of_statements_depends_on_nothing(desk, lesson):
    """Three open cases or forty: the same statements, once what was learned is at hand."""

    def asked():
        with CaptureQueriesContext(connection) as seen:
            desk_score(desk, LATER)
        return len(seen)

    for _ in range(3):
        make_item(desk, now=NOW + minutes(70))
    taught(desk, lesson)
    desk_score(desk, LATER)
    make_item(desk, now=NOW + minutes(71))
    few = asked()
    for _ in range(40):
        make_item(desk, now=NOW + minutes(72))
    assert asked() == few


def test_business_time_left_is_counted_by_the_calendar():
    """Due tomorrow at ten, now five in the afternoon, open until six: an hour today and two tomorrow; none without hours."""
    week = Calendar.working_week("UTC", "08:00-18:00")
    now = NOW.replace(hour=17)
    due = np.array(
        [micros_of(now + timedelta(hours=17)), micros_of(now + minutes(30)), micros_of(now + timedelta(hours=4))]
    )
    assert left_s(week, due, now) == pytest.approx([3 * 3600, 1800, 3600])
    assert left_s(None, due[1:2], now) == pytest.approx([1800])


def test_too_little_history_is_said_and_kept(desk):
    """A dozen cases teach nothing: the desk says so with counts, and goes on by the share of the target."""
    desk_learn(Task(desk_id=desk, due=Due.LEARN, now=LATER))
    model = model_in_use(desk)
    assert (model.number, model.source, model.digest) == (1, "", "")
    assert "Too little history" in model.words or "No promise" in model.words
    make_item(desk, now=LATER)
    desk_score(desk, LATER + minutes(10))
    assert set(Risk.objects.filter(desk_id=desk).values_list("source", flat=True)) == {BASELINE}


def test_a_desk_that_cannot_be_scored_rests_like_any_other(desk, monkeypatch):
    """What broke is tried again, but the watch is not held up by it at every turn: a second of scoring, ten of rest."""
    make_item(desk)
    tried, clock = [], [100.0]

    def broken(desk_id, now):
        tried.append(desk_id)
        clock[0] += 1
        raise ValueError("no")

    monkeypatch.setattr(scoring, "desk_score", broken)
    monkeypatch.setattr(scoring.time, "monotonic", lambda: clock[0])
    for later_s in (0, 3, 5):
        clock[0] += later_s
        scoring.tick(LATER)
    assert tried == [desk]
    clock[0] += 2
    scoring.tick(LATER)
    assert tried == [desk, desk]
