"""Acts taken back: each item is as it was, what changed since is left and named, and for the clocks it never was."""

from __future__ import annotations

import random
import threading

import pytest
from django.db import connection

from tests.factories import BOSS, NOW, actor, make_desk, make_item, make_person, minutes
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.core.actor import WATCHBILL, Actor
from watchbill.apps.core.references import ACT, key_of
from watchbill.apps.notices.models import Notice
from watchbill.apps.people import services as people
from watchbill.apps.people.bulk import skill_ensure_many
from watchbill.apps.people.rights import Role
from watchbill.apps.work import queues
from watchbill.apps.work.acts import act_list
from watchbill.apps.work.competing import owners_before
from watchbill.apps.work.history import resolved_by_skill, resolvers_met
from watchbill.apps.work.models import BulkAct, WorkItem
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.services import Change, projection_rebuild, work_change
from watchbill.apps.work.timeline import work_events
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import EventKind, Level, Priority, State
from watchbill.flows.act import bulk
from watchbill.flows.act.assigning import item_assign, item_take
from watchbill.flows.act.items import item_edit, item_note, item_priority, item_state
from watchbill.flows.act.undoing import act_undo, item_undo
from watchbill.flows.clocks import recompute

pytestmark = pytest.mark.django_db

LATER = NOW + minutes(5)
ONES_OWN = {"id", "reference", "search", "updated_at", "version"}


def row(reference: str) -> dict[str, object]:
    found = WorkItem.objects.filter(reference=reference).values().get()
    return {name: value for name, value in found.items() if name not in ONES_OWN}


def promises(reference: str) -> list[tuple[object, ...]]:
    item_id = work_get(reference, by=BOSS).id
    names = ("kind", "status", "target_s", "elapsed_s", "paused_s", "started_at", "due_at", "stopped_at", "warn_at",
             "breach_at")  # fmt: skip
    return [tuple(getattr(clock, name) for name in names) for clock in clocks_of_items([item_id])[item_id]]


def undo(result: bulk.BulkResult, *, by: Actor = BOSS) -> bulk.BulkResult:
    return act_undo(key_of(ACT, result.act), by=by, now=LATER + minutes(1))


def user(role: Role, desk: int, number: int, name: str) -> Actor:
    """Somebody who is signed in: what she did is known to be hers."""
    return Actor(name=name, user_id=number, roles={desk: frozenset({role.value})})


@pytest.mark.parametrize("what", ["assign", "give back", "close", "resolve", "wait", "priority"])
def test_many_are_as_they_were_before(what):
    """Every field of every item, its clocks and where it sorts; making the rows anew from the events agrees."""
    desk = make_desk()
    ann, bo = make_person(desk, "Ann"), make_person(desk, "Bo")
    plain, owned, resolved = (make_item(desk, priority=Priority.P2) for _ in range(3))
    item_assign(owned, ann, by=BOSS, now=NOW + minutes(1))
    item_state(resolved, State.RESOLVED, by=BOSS, now=NOW + minutes(2))
    names = [plain, owned, *([resolved] if what in {"close", "priority", "wait"} else [])]
    if what == "give back":
        item_assign(plain, bo, by=BOSS, now=NOW + minutes(1))
    before = {name: (row(name), promises(name)) for name in names}
    result = {
        "assign": lambda: bulk.items_assign(desk, names, bo, by=BOSS, now=LATER),
        "give back": lambda: bulk.items_assign(desk, names, None, by=BOSS, now=LATER),
        "close": lambda: bulk.items_state(desk, names, State.CLOSED, by=BOSS, now=LATER),
        "resolve": lambda: bulk.items_state(desk, names, State.RESOLVED, by=BOSS, now=LATER),
        "wait": lambda: bulk.items_state(desk, names, State.WAITING_CUSTOMER, by=BOSS, now=LATER),
        "priority": lambda: bulk.items_priority(desk, names, Priority.P4, text="x", by=BOSS, now=LATER),
    }[what]()
    assert len(result.done) == len(names)
    assert all(row(name) != before[name][0] for name in names)
    undone = undo(result)
    assert (undone.act, [one.is_done for one in undone.each]) == (result.act, [True] * len(names))
    assert {name: (row(name), promises(name)) for name in names} == before
    projection_rebuild()
    recompute(desk, [work_get(name, by=BOSS).id for name in names], now=NOW)
    assert {name: (row(name), promises(name)) for name in names} == before


def test_each_item_says_who_undid_what():
    """The events of an act name it, and so do those that undo it."""
    desk = make_desk()
    one, two = make_item(desk), make_item(desk)
    cora = user(Role.QUEUE_MANAGER, desk, 7, "Cora")
    result = bulk.items_assign(desk, [one, two], make_person(desk, "Bo"), by=cora, now=LATER)
    act_undo(key_of(ACT, result.act), by=user(Role.MANAGER, desk, 8, "Una"), now=LATER)
    last, first = work_events(work_get(two, by=BOSS).id)[:2]
    assert (first.data["act"], last.data["act"]) == (result.act, result.act)
    assert (last.kind, last.actor_name, last.data["undoes"]) == ("assigned", "Una", first.seq)
    assert last.data["text"] == f"Undone: given to Bo by Cora, with others ({result.act})"
    (kept,) = act_list(desk, by=cora)
    assert (kept.reference, kept.what, kept.items, kept.actor_name) == (result.act, "Bo", 2, "Cora")
    assert (kept.undone_by_name, kept.undone_at) == ("Una", LATER)


def test_what_changed_since_is_left_and_named():
    """One of three got a state meanwhile, another a note: the first stays as it is, and the answer says who and what."""
    desk = make_desk()
    bo = make_person(desk, "Bo")
    changed, noted, same = (make_item(desk) for _ in range(3))
    result = bulk.items_assign(desk, [changed, noted, same], bo, by=BOSS, now=LATER)
    item_state(changed, State.WAITING_VENDOR, by=actor(Role.COORDINATOR, desk, name="Wanda"), now=LATER)
    item_note(noted, "Looked at it", by=BOSS, now=LATER)
    work_change(Change(item_id=work_get(same, by=BOSS).id, kind=EventKind.CLOCK), by=WATCHBILL, now=LATER)
    undone = undo(result)
    assert [one.is_done for one in undone.each] == [False, True, True]
    assert undone.left == ((changed, "Wanda changed it since: state"),)
    assert [work_get(name, by=BOSS).owner for name in (changed, noted, same)] == ["Bo", None, None]


def test_nobody_who_has_left_gets_work_back():
    """That item stays where it is, and is named; a change of its state can still be undone."""
    desk = make_desk()
    ann = make_person(desk, "Ann")
    hers, free = make_item(desk), make_item(desk)
    item_assign(hers, ann, by=BOSS, now=NOW)
    result = bulk.items_assign(desk, [hers, free], make_person(desk, "Bo"), by=BOSS, now=LATER)
    people.person_activity_set(ann, is_active=False, reason="left", by=BOSS, now=LATER)
    assert undo(result).left == ((hers, "Ann is not active and cannot own work"),)
    done = item_state(hers, State.WAITING_VENDOR, by=BOSS, now=LATER)
    item_undo(hers, done.version, by=BOSS, now=LATER)
    assert [work_get(name, by=BOSS).owner for name in (hers, free)] == ["Bo", None]


def test_undoing_twice_does_it_once():
    """The second hears who was first, and nothing is written."""
    desk = make_desk()
    reference = make_item(desk)
    result = bulk.items_state(desk, [reference], State.CLOSED, by=BOSS, now=LATER)
    undo(result, by=actor(Role.MANAGER, desk, name="Una"))
    version = work_get(reference, by=BOSS).version
    with pytest.raises(Conflict, match="Una has undone this already"):
        undo(result)
    with pytest.raises(Conflict, match="Una has undone this already"):
        item_undo(reference, 2, by=BOSS, now=LATER)
    assert work_get(reference, by=BOSS).version == version


def test_an_act_of_which_nothing_can_be_undone_stays_to_be_undone():
    """Nothing was written, so it is not marked; what stood in the way can itself be taken back first."""
    desk = make_desk()
    reference = make_item(desk)
    result = bulk.items_state(desk, [reference], State.CLOSED, by=BOSS, now=LATER)
    item_priority(reference, priority=Priority.P1, text="x", by=BOSS, now=LATER)
    assert undo(result).done == ()
    assert BulkAct.objects.get().undone_at is None
    item_undo(reference, 3, by=BOSS, now=LATER)
    assert len(undo(result).done) == 1
    assert (work_get(reference, by=BOSS).state, work_get(reference, by=BOSS).priority) == ("new", 3)


def test_an_act_that_did_nothing_leaves_nothing_to_undo():
    """No reference is given out for it."""
    desk = make_desk()
    assert bulk.items_state(desk, ["CASE-1"], State.CLOSED, by=BOSS, now=LATER).act == ""
    assert BulkAct.objects.count() == 0


def test_undoing_many_costs_the_same_number_of_queries_for_one_and_for_many(django_assert_max_num_queries):
    """A handful of statements whatever the number of items."""
    desk = make_desk()
    result = bulk.items_assign(desk, [make_item(desk) for _ in range(30)], make_person(desk), by=BOSS, now=LATER)
    with django_assert_max_num_queries(20):
        assert len(undo(result).done) == 30


def test_whoever_may_act_on_many_may_undo_it_and_nobody_else():
    """An agent and a coordinator may not; for somebody of another desk there is no such act."""
    desk = make_desk()
    result = bulk.items_state(desk, [make_item(desk)], State.CLOSED, by=BOSS, now=LATER)
    for role in (Role.AGENT, Role.COORDINATOR, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            undo(result, by=actor(role, desk))
    with pytest.raises(NotFound):
        undo(result, by=actor(Role.MANAGER, make_desk()))
    with pytest.raises(NotFound):
        act_undo(10**12, by=BOSS, now=LATER)
    assert len(undo(result, by=actor(Role.QUEUE_MANAGER, desk)).done) == 1


def test_one_act_on_one_item_is_undone_by_its_number():
    """Owner, state and priority; each back to what it was, impact and urgency too."""
    desk = make_desk()
    reference = make_item(desk, impact=Level.LOW, urgency=Level.LOW)
    before = row(reference), promises(reference)
    for act in (
        lambda: item_assign(reference, make_person(desk), by=BOSS, now=LATER),
        lambda: item_state(reference, State.CLOSED, by=BOSS, now=LATER),
        lambda: item_priority(reference, impact=Level.HIGH, urgency=Level.HIGH, by=BOSS, now=LATER),
    ):
        done = act()
        assert row(reference) != before[0]
        item_undo(reference, done.version, by=BOSS, now=LATER + minutes(1))
        assert (row(reference), promises(reference)) == before


def test_ones_own_act_is_undone_with_the_right_that_it_took_others_with_that_for_many():
    """An agent undoes what she set, and her own taking; not what somebody else set. A queue manager undoes both."""
    desk = make_desk()
    ann = Actor(name="Ann", user_id=1, person_id=make_person(desk, "Ann"), roles={desk: frozenset({"agent"})})
    other = user(Role.COORDINATOR, desk, 2, "Other")
    reference = make_item(desk)
    taken = item_take(reference, by=ann, now=LATER)
    item_undo(reference, taken.version, by=ann, now=LATER)
    assert (work_get(reference, by=BOSS).owner, work_get(reference, by=BOSS).state) == (None, "new")
    for number in (1, 2):
        done = item_state(reference, State.WAITING_VENDOR, by=other, now=LATER)
        with pytest.raises(NotAllowed):
            item_undo(reference, done.version, by=ann, now=LATER)
        item_undo(reference, done.version, by=(other, user(Role.QUEUE_MANAGER, desk, 3, "Q"))[number - 1], now=LATER)


@pytest.mark.parametrize("which", ["opening", "note", "fields", "undoing", "watchbill", "missing"])
def test_what_is_no_act_of_a_person_cannot_be_undone(which):
    """Only owner, state and priority, set here; a decision is undone by itself."""
    desk = make_desk()
    reference = make_item(desk)
    item_id = work_get(reference, by=BOSS).id
    if which == "note":
        item_note(reference, "x", by=BOSS, now=LATER)
    elif which == "fields":
        item_edit(reference, {"title": "Another"}, by=BOSS, now=LATER)
    elif which == "undoing":
        item_state(reference, State.CLOSED, by=BOSS, now=LATER)
        item_undo(reference, 2, by=BOSS, now=LATER)
    elif which == "watchbill":
        change = Change(item_id=item_id, kind=EventKind.STATE, patch={"state": State.CLOSED})
        work_change(change, by=WATCHBILL, now=LATER)
    version = work_get(reference, by=BOSS).version
    with pytest.raises(NotFound if which == "missing" else InvalidFacts):
        item_undo(reference, version + 1 if which == "missing" else version, by=BOSS, now=LATER)


def test_a_conflict_names_who_changed_what():
    """As every other conflict does."""
    desk = make_desk()
    reference = make_item(desk)
    done = item_state(reference, State.WAITING_VENDOR, by=BOSS, now=LATER)
    item_edit(reference, {"title": "Another"}, by=actor(Role.AGENT, desk, name="Wanda"), now=LATER)
    with pytest.raises(Conflict, match="changed by Wanda since this was done") as caught:
        item_undo(reference, done.version, by=BOSS, now=LATER)
    assert caught.value.details["changes"][0]["set"] == {"title": "Another"}


def test_who_was_told_of_a_gift_is_told_that_it_is_undone():
    """Who loses it again, and who has it again; not whoever does it."""
    desk = make_desk()
    ann, bo = make_person(desk, "Ann"), make_person(desk, "Bo")
    reference = make_item(desk)
    item_assign(reference, ann, by=BOSS, now=NOW)
    Notice.objects.all().delete()
    result = bulk.items_assign(desk, [reference], bo, by=BOSS, now=LATER)
    undo(result)
    told = list(Notice.objects.order_by("id").values_list("person_id", "kind"))
    assert sorted(told[:2]) == sorted([(ann, "unassigned"), (bo, "assigned")])
    assert told[2:] == [(bo, "unassigned"), (ann, "assigned")]


def test_who_had_it_by_mistake_has_not_worked_on_it():
    """What is undone is no reason for the next proposal."""
    desk = make_desk()
    reference = make_item(desk)
    undo(bulk.items_assign(desk, [reference], make_person(desk), by=BOSS, now=LATER))
    assert owners_before([work_get(reference, by=BOSS).id]) == {}


def test_what_was_undone_says_nothing_about_peoples_skills():
    """Many resolved by mistake, and back again, are no evidence; what was resolved for good is."""
    desk = make_desk()
    ann, bo = make_person(desk, "Ann"), make_person(desk, "Bo")
    skill = skill_ensure_many(desk, ["Mail"])["Mail"]
    queues.queue_save(desk, name="Mail", skill_id=skill, by=BOSS, now=NOW)
    one, two = make_item(desk, queue_name="Mail"), make_item(desk, queue_name="Mail")
    for name in (one, two):
        item_assign(name, ann, by=BOSS, now=NOW)
    item_state(one, State.RESOLVED, by=BOSS, now=NOW + minutes(1))
    undo(bulk.items_state(desk, [two], State.RESOLVED, by=BOSS, now=LATER))
    undo(bulk.items_state(desk, [one], State.CLOSED, by=BOSS, now=LATER))
    undo(bulk.items_assign(desk, [two], bo, by=BOSS, now=LATER))
    assert [(person, found, count) for person, found, count, *_ in resolved_by_skill(desk)] == [(ann, skill, 1)]
    assert [(person, count) for person, _, count in resolvers_met(desk)] == [(ann, 1)]


def test_what_was_undone_since_it_was_seen_is_no_change():
    """A list from before lunch may still act on what somebody did and took back; not on one seen in between."""
    desk = make_desk()
    reference = make_item(desk)
    undo(bulk.items_state(desk, [reference], State.CLOSED, by=BOSS, now=LATER))
    between = bulk.items_priority(desk, [f"{reference}:2"], Priority.P1, text="x", by=BOSS, now=LATER)
    assert [one.is_done for one in between.each] == [False]
    before = bulk.items_priority(desk, [f"{reference}:1"], Priority.P1, text="x", by=BOSS, now=LATER)
    assert [one.is_done for one in before.each] == [True]


def _do(rng: random.Random, reference: str, people: list[int], now) -> None:
    """One act of any sort, the same for the same state of *rng*; what makes no sense is left out."""
    which, person = rng.randrange(5), rng.choice([*people, None])
    state, priority = rng.choice(sorted(State)), rng.choice(list(Priority))
    try:
        if which == 0:
            item_assign(reference, person, by=BOSS, now=now)
        elif which in {1, 2}:
            item_state(reference, state, by=BOSS, now=now)
        elif which == 3:
            item_priority(reference, priority=priority, text="x", by=BOSS, now=now)
        else:
            item_note(reference, "x", is_to_customer=rng.random() < 0.5, by=BOSS, now=now)
    except InvalidFacts:
        pass


@pytest.mark.parametrize("seed", range(30))
def test_clocks_are_to_the_second_as_if_it_had_never_happened(seed):
    """Two items live the same life; one has acts besides that are undone, with a reply in between. Their clocks agree."""
    rng = random.Random(seed)
    desk = make_desk()
    people = [make_person(desk), make_person(desk)]
    mine, twin = make_item(desk), make_item(desk)
    now = NOW
    for _ in range(rng.randrange(1, 6)):
        now += minutes(rng.randrange(1, 200))
        for name in (mine, twin):
            _do(random.Random(seed + int(now.timestamp())), name, people, now)
        now += minutes(rng.randrange(1, 200))
        item = work_get(mine, by=BOSS)
        act = rng.randrange(3)
        if act == 0:
            state = rng.choice([one for one in sorted(State) if one not in {item.state, State.SCHEDULED}])
            result = bulk.items_state(desk, [mine], state, by=BOSS, now=now)
        elif act == 1:
            priority = rng.choice([one for one in Priority if one != item.priority])
            result = bulk.items_priority(desk, [mine], priority, text="x", by=BOSS, now=now)
        else:
            person = rng.choice([one for one in [*people, None] if one != item.owner_id])
            result = bulk.items_assign(desk, [mine], person, by=BOSS, now=now)
        now += minutes(rng.randrange(1, 200))
        if rng.random() < 0.5:
            for name in (mine, twin):
                item_note(name, "x", is_to_customer=True, by=BOSS, now=now)
        if rng.random() < 0.3 and result.act:
            nested = item_priority(mine, priority=Priority(item.priority % 4 + 1), text="x", by=BOSS, now=now)
            now += minutes(rng.randrange(1, 50))
            item_undo(mine, nested.version, by=BOSS, now=now)
        now += minutes(rng.randrange(1, 200))
        if result.act:
            assert act_undo(key_of(ACT, result.act), by=BOSS, now=now).left == ()
        assert promises(mine) == promises(twin)
        assert row(mine) == row(twin)
    ids = [work_get(name, by=BOSS).id for name in (mine, twin)]
    recompute(desk, ids, now=NOW)
    assert promises(mine) == promises(twin)
    projection_rebuild(ids)
    assert row(mine) == row(twin)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_at_once_one_does():
    """Each item is brought back once; the other hears who was first."""
    desk = make_desk()
    references = [make_item(desk) for _ in range(5)]
    result = bulk.items_state(desk, references, State.CLOSED, by=BOSS, now=LATER)
    gate = threading.Barrier(2)
    told: dict[str, object] = {}

    def answer(name: str) -> None:
        try:
            gate.wait()
            told[name] = undo(result, by=actor(Role.MANAGER, desk, name=name))
        except Conflict as error:
            told[name] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=[name]) for name in ("Ida", "Joe")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (loser,) = [name for name, one in told.items() if isinstance(one, Conflict)]
    (winner,) = set(told) - {loser}
    assert winner in str(told[loser])
    assert len(told[winner].done) == 5
    assert [work_get(name, by=BOSS).version for name in references] == [3] * 5
