"""Two at once: real threads and connections; each thing happens exactly once, and the second is told."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from django.test import Client

from tests.factories import BOSS, NOW, minutes
from tests.flows.assign.small_desk import item_row, kinds, make_small_desk
from tests.flows.balance.test_balance import manager
from tests.flows.intake import log, read
from tests.interfaces.office import office_open
from tests.stories.at_once import all_at_once, raised
from watchbill.apps.core.actor import console
from watchbill.apps.decisions.choices import MoveStatus
from watchbill.apps.decisions.models import Decision
from watchbill.apps.decisions.moves import move_list
from watchbill.apps.notices.models import Notice
from watchbill.apps.people.models import Person, Region, RoleGrant, User
from watchbill.apps.people.rights import Role
from watchbill.apps.people.users import link_issue, link_use
from watchbill.apps.work.models import WorkEvent, WorkItem
from watchbill.engine.base.errors import Conflict, NotAllowed, NotFound
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.answers import decision_accept, decision_refuse, decision_undo
from watchbill.flows.balance.answering import move_accept, move_refuse
from watchbill.flows.balance.loads import loads_get
from watchbill.flows.balance.making import moves_make
from watchbill.flows.balance.suggesting import key_of, key_read, suggest_moves
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load
from watchbill.flows.watch import step

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "plum-tree-9944"
ROUNDS = 5
"""How often a race is run: each round is another chance to meet in the middle."""


@pytest.fixture
def desk():
    return make_small_desk()


def proposals(desk, count=ROUNDS):
    """Items with a standing proposal, as (item, decision)."""
    items = [desk.item() for _ in range(count)]
    desk.tick()
    return [(item, desk.proposal(item).id) for item in items]


def test_two_who_accept_at_once_give_the_item_once(desk):
    """One gets it done, the other hears who was faster; there is one note, one notice and one new owner."""
    cora, dora = desk.by(name="Cora"), desk.by(name="Dora")
    for item, decision in proposals(desk):
        answers = all_at_once([lambda by=by, d=decision: decision_accept(d, by=by, now=NOW) for by in (cora, dora)])
        (lost,) = raised(answers, Conflict)
        row = Decision.objects.get(id=decision)
        assert row.status == "accepted"
        assert row.answered_by_name in lost.message
        assert kinds(item).count("decided") == 1
        assert item_row(item)["owner_id"] == row.given_to_id
    assert Notice.objects.filter(kind="assigned").count() == ROUNDS


def test_accepting_and_refusing_at_once_leaves_one_answer(desk):
    """Whoever comes second changes nothing."""
    cora, dora = desk.by(name="Cora"), desk.by(name="Dora")
    for item, decision in proposals(desk):
        answers = all_at_once([
            lambda d=decision: decision_accept(d, by=cora, now=NOW),
            lambda d=decision: decision_refuse(d, "wrong_time", by=dora, now=NOW),
        ])  # fmt: skip
        assert len(raised(answers, Conflict)) == 1
        row = Decision.objects.get(id=decision)
        assert (row.status == "accepted") == (item_row(item)["owner_id"] is not None)
        assert kinds(item).count("decided") == 1


def test_two_who_undo_at_once_undo_once(desk):
    """The item goes back once; the second is told who did it."""
    cora, dora = desk.by(name="Cora"), desk.by(name="Dora")
    for item, decision in proposals(desk):
        decision_accept(decision, by=cora, now=NOW)
        before = len(kinds(item))
        answers = all_at_once([lambda by=by, d=decision: decision_undo(d, by=by, now=NOW) for by in (cora, dora)])
        assert len(raised(answers, Conflict)) == 1
        assert len(kinds(item)) == before + 1
        assert item_row(item)["owner_id"] is None


def test_two_steps_of_the_watch_at_once_do_everything_once(desk):
    """Autopilot's gifts, warnings and breaches of one instant are written once, however many runners there are."""
    desk.mode("Mail", "autopilot")
    for _ in range(30):
        desk.item()
    late = NOW + minutes(60 * 24)
    answers = all_at_once([lambda: step(late)] * 4)
    step(late + minutes(6))  # an item whose breach was written while it was decided about is left for the next run
    assert not raised(answers, Exception)
    told = Counter(WorkEvent.objects.filter(kind="clock").values_list("item_id", "data__clock", "data__what"))
    assert told
    assert set(told.values()) == {1}
    assert Notice.objects.filter(kind="assigned").count() == Decision.objects.filter(status="applied").count()
    given = Decision.objects.filter(status="applied").values_list("item_id", flat=True)
    assert given
    assert len(set(given)) == len(given)
    assert {kinds(item).count("decided") for item in given} == {1}


def test_two_imports_at_once_bring_every_row_once(tmp_path):
    """Two calls for one file: one does it, the other finds it done or is told; the rows are there once."""
    desk = make_small_desk()
    path = log.write(tmp_path / "log.csv", log.many(300))

    def bring():
        return import_run(path, profile_load("servicenow-incidents"), desk_id=desk.id, by=BOSS, now=NOW)

    answers = all_at_once([bring, bring])
    done = [answer for answer in answers if not isinstance(answer, Exception)]
    assert len(done) + len(raised(answers, Conflict)) == 2
    assert sum(answer.events_added for answer in done) == 1200
    assert read.fetch("select count(*) as items, sum(version) as events from work_item") == [
        {"items": 300, "events": 1200}
    ]
    assert read.fetch("select status from inbox_import") == [{"status": "done"}]


def test_one_idempotency_key_sent_at_once_writes_once():
    """Four requests to the API with one key at the same moment: one item, four times the same answer."""
    office = office_open()
    office_items = WorkItem.objects.count()
    body = json.dumps({"desk": "north", "title": "Once", "queue": "Mail"})

    def send(key):
        headers = {"Authorization": f"Bearer {office.keys['coordinator']}", "Idempotency-Key": key}
        answer = Client().post("/api/v1/items", body, content_type="application/json", headers=headers)
        return answer.status_code, answer.content

    for number in range(ROUNDS):
        answers = all_at_once([lambda key=f"key-{number}": send(key)] * 4)
        assert len(set(answers)) == 1
        assert answers[0][0] == 201
        assert WorkItem.objects.count() == office_items + number + 1


@pytest.mark.parametrize("links", [1, 2])
def test_the_first_admin_is_made_once(links):
    """The same link opened twice at once, or two links printed at two starts: one admin, the other is sent away."""
    secrets = [link_issue(label="first admin", by=console("start"), now=NOW) for _ in range(links)]

    def enter(number):
        secret = secrets[number % links]
        return link_use(secret, username=f"admin{number}", password=PASSWORD, by=console("link"), now=NOW)

    answers = all_at_once([lambda n=n: enter(n) for n in range(4)])
    assert len(raised(answers, (NotFound, NotAllowed))) == 3
    assert User.objects.count() == 1
    assert RoleGrant.objects.count() == 1


def busy_desk(desk):
    """Ana owns many items and Ben none: what Balance offers to move, by the version that everybody sees."""
    for _ in range(10):
        item = desk.item(now=NOW - minutes(60))
        item_assign(item_row(item)["reference"], desk.people["Ana"], by=BOSS, now=NOW - minutes(60))
    loads = loads_get(desk.id, by=BOSS, now=NOW)
    found = suggest_moves(loads, by=BOSS)
    return [found.key(move) for move in found.moves]


def test_two_managers_who_make_conflicting_moves_at_once(desk):
    """The same item to two people: it goes to one, once; the other manager is told that it is not as she saw it."""
    taken = dict.fromkeys(("Cora", "Dora"), 0)
    for key in busy_desk(desk)[:2]:
        reference, version, _ = key_read(key)
        keys = {
            "Cora": key_of(reference, version, desk.people["Ben"]), "Dora": key_of(reference, version, desk.people["Nora"])
        }  # fmt: skip
        answers = all_at_once([
            lambda name=name, key=key: moves_make(desk.id, [key], by=desk.by(Role.QUEUE_MANAGER, name=name), now=NOW)
            for name, key in keys.items()
        ])  # fmt: skip
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        assert sorted(len(answer.done) for answer in answers) == [0, 1]
        (second,) = [answer for answer in answers if not answer.done]
        assert [one[0] for one in second.left] == [reference]
        assert second.left[0][1]
        item = WorkItem.objects.get(reference=reference)
        assert kinds(item.id).count("assigned") == 2
        assert item.owner_id in {desk.people["Ben"], desk.people["Nora"]}
        taken["Cora" if answers[0].done else "Dora"] += 1
    assert sum(taken.values()) == 2


def test_two_managers_who_answer_one_asked_move_at_once(desk):
    """Between regions: one yes and one no at the same moment, one holds, and the other hears who answered."""
    regions = {name: Region.objects.create(desk_id=desk.id, name=name) for name in ("EMEA", "AMS")}
    Person.objects.filter(id=desk.people["Ana"]).update(region=regions["EMEA"])
    Person.objects.filter(id=desk.people["Ben"]).update(region=regions["AMS"])
    actors = {
        name: manager(desk, name, region=regions[where])
        for name, where in (("emma", "EMEA"), ("amos", "AMS"), ("anna", "AMS"))
    }
    for key in busy_desk(desk)[:2]:
        made = moves_make(desk.id, [key], by=actors["emma"], now=NOW)
        assert made.asked == [key_read(key)[0]]
        (row,) = move_list(desk.id, status=MoveStatus.ASKED)
        answers = all_at_once([
            lambda row=row: move_accept(row.id, by=actors["amos"], now=NOW),
            lambda row=row: move_refuse(row.id, "no hands", by=actors["anna"], now=NOW),
        ])  # fmt: skip
        (lost,) = raised(answers, Conflict)
        (told,) = [answer for answer in answers if answer is not lost]
        assert told.status in {MoveStatus.MADE, MoveStatus.REFUSED}
        assert ("Amos" if told.status is MoveStatus.MADE else "Anna") in lost.message
        owner = WorkItem.objects.get(id=row.item_id).owner_id
        assert (owner == desk.people["Ben"]) == (told.status is MoveStatus.MADE)


def test_two_managers_who_ask_for_one_item_at_once(desk):
    """One open move for an item: the second hears that it is asked already."""
    regions = {name: Region.objects.create(desk_id=desk.id, name=name) for name in ("EMEA", "AMS")}
    Person.objects.filter(id=desk.people["Ana"]).update(region=regions["EMEA"])
    Person.objects.filter(id=desk.people["Ben"]).update(region=regions["AMS"])
    emma, eric = (manager(desk, name, region=regions["EMEA"]) for name in ("emma", "eric"))
    manager(desk, "amos", region=regions["AMS"])
    for number, key in enumerate(busy_desk(desk)[:2], start=1):
        answers = all_at_once(
            [lambda by=by, key=key: moves_make(desk.id, [key], by=by, now=NOW) for by in (emma, eric)]
        )
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        assert sorted(len(answer.asked) for answer in answers) == [0, 1]
        assert len(move_list(desk.id, status=MoveStatus.ASKED)) == number
