"""A draft of the clock policy replayed over a history: what it changes, what it leaves undone, and how a run goes on."""

from __future__ import annotations

import copy
import threading
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobAborted

from tests.factories import BOSS, NOW, actor, make_desk, make_item, minutes, publish_replayed
from tests.flows.test_customers_at_once import waits
from watchbill.apps.clocks import replays
from watchbill.apps.clocks.models import Replay, ReplayItem
from watchbill.apps.clocks.replays import Asked, ReplayRow, replay_row
from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.people.bulk import team_ensure_many
from watchbill.apps.people.rights import Role
from watchbill.apps.work.bulk import queue_ensure_many
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.timeline import work_events
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import InvalidFacts, NotAllowed, Unavailable
from watchbill.engine.base.work import Priority, State
from watchbill.engine.clocks import default_policy
from watchbill.flows.act.items import item_state
from watchbill.flows.act.undoing import item_undo
from watchbill.flows.replay import drafts, run
from watchbill.flows.replay.drafts import replay_ask
from watchbill.flows.replay.run import replay_run, replays_run
from watchbill.flows.replay.shown import EFFECTS, items_shown
from watchbill.flows.runs import TRIES

pytestmark = pytest.mark.django_db

HELD = default_policy(calendar="office").as_json()
LATER = NOW + minutes(60 * 24 * 7)
"""A week after items are opened, at which the replays of these tests judge."""


def draft(**targets: dict[str, int]) -> dict[str, Any]:
    """The policy that holds, with other targets in minutes by kind and priority."""
    body = copy.deepcopy(HELD)
    for clock in body["clocks"]:
        clock["targets_min"] |= targets.get(clock["kind"], {})
    return body


def resolved(desk: int, *, after: float, priority: int = 3, **fields: Any) -> str:
    """An item that was resolved so many minutes after it was opened."""
    reference = make_item(desk, priority=Priority(priority), **fields)
    item_state(reference, State.RESOLVED, by=BOSS, now=NOW + minutes(after))
    return reference


def replayed(desk: int, body: dict[str, Any], *, now: datetime = LATER, processes: int = 1, **more: Any) -> ReplayRow:
    replay_id = replay_ask(desk, body, is_waking=False, by=BOSS, now=now, **more)
    assert replay_run(replay_id, processes=processes)
    return replay_row(replay_id)


def sums(row: ReplayRow) -> tuple[int, int, int, int]:
    assert row.result is not None, row.message
    total = row.result["total"]
    return total["added"], total["removed"], total["dues_moved"], total["changed"]


def changed(row: ReplayRow, **asked: Any) -> list[tuple[str, str, str, str]]:
    """Item, commitment, state before and after, of what changes."""
    items, _ = items_shown(row.id, Asked(**asked), by=BOSS)
    return [(i["item"], c["name"], c["before"]["state"], c["after"]["state"]) for i in items for c in i["changes"]]


def test_a_draft_that_says_what_holds_changes_nothing():
    """Replayed over items that kept and broke their promises, open and done, it finds every clock as it stands."""
    desk = make_desk()
    for after in (10, 300, 3000):
        resolved(desk, after=after)
    make_item(desk, priority=Priority.P1)
    row = replayed(desk, HELD)
    assert (row.state, row.items, row.items_done) == ("done", 4, 4)
    assert sums(row) == (0, 0, 0, 0)
    assert changed(row) == []
    assert row.result["total"]["breaches_before"] == row.result["total"]["breaches_after"] > 0


def test_breaches_added_and_removed_are_counted_and_listed():
    """A tighter P3 breaks what was kept after 300 minutes; a kinder P2 keeps what was broken after 500."""
    desk = make_desk()
    tight = resolved(desk, after=300, priority=3)
    kind = resolved(desk, after=500, priority=2)
    alike = resolved(desk, after=10, priority=4)
    row = replayed(desk, draft(resolution={"P3": 240, "P2": 2000}))
    assert sums(row) == (1, 1, 2, 2)
    assert changed(row) == [(tight, "resolution", "met", "missed"), (kind, "resolution", "missed", "met")]
    assert changed(row, effects=EFFECTS["added"]) == changed(row, priority=3) == [changed(row)[0]]
    assert alike not in {item for item, *_ in changed(row)}
    assert [(line["priority"], line["added"], line["removed"]) for line in row.result["by_priority"]] == [
        (2, 0, 1), (3, 1, 0), (4, 0, 0),
    ]  # fmt: skip
    flows = {(f["before"], f["after"]): f["clocks"] for c in row.result["commitments"] for f in c["flows"]
             if c["name"] == "resolution"}  # fmt: skip
    assert flows == {("met", "met"): 1, ("met", "missed"): 1, ("missed", "met"): 1}


def test_an_effect_and_a_commitment_are_asked_of_the_same_change():
    """The resolution breaks and its due moves; of the response only the due does."""
    desk = make_desk()
    tight = resolved(desk, after=300, priority=3)
    row = replayed(desk, draft(resolution={"P3": 240}, response={"P3": 2000}))
    assert [name for _, name, *_ in changed(row)] == ["response", "resolution"]
    found = {
        (name, word): [item for item, *_ in changed(row, name=name, effects=EFFECTS[word])][:1]
        for name in ("response", "resolution") for word in EFFECTS
    }  # fmt: skip
    there = {key for key, items in found.items() if items == [tight]}
    line = {each["name"]: each for each in row.result["commitments"]}
    assert there == {
        (name, word) for name in line for word, count in (("added", "added"), ("removed", "removed"), ("moved", "dues_moved"))
        if line[name][count]
    }  # fmt: skip
    assert ("resolution", "added") in there


def test_a_clock_that_runs_late_counts_as_broken_as_of_now():
    """Open and due in the meantime: the same item, judged before and after the draft's due."""
    desk = make_desk()
    make_item(desk, priority=Priority.P1)
    tight = draft(resolution={"P1": 60})
    assert sums(replayed(desk, tight, now=NOW + minutes(30)))[0] == 0
    assert sums(replayed(desk, tight, now=NOW + minutes(61)))[0] == 1


def test_what_holds_is_what_each_item_was_promised():
    """Opened under version 1, an item changes by a draft that says what version 2 says; one opened since does not."""
    desk = make_desk()
    old = resolved(desk, after=300)
    tight = draft(resolution={"P3": 240})
    publish_replayed(desk, tight, now=NOW + minutes(60 * 24))
    reference = make_item(desk, priority=Priority.P3, now=NOW + minutes(60 * 24 + 1))
    row = replayed(desk, tight)
    assert {item for item, *_ in changed(row)} == {old}
    assert reference not in changed(row)


def test_an_act_that_was_undone_does_not_count():
    """Resolved in time and that undone: for the draft as for what holds the item was never resolved."""
    desk = make_desk()
    reference = resolved(desk, after=100)
    item_undo(reference, work_events(work_get(reference, by=BOSS).id)[0].seq, by=BOSS, now=NOW + minutes(101))
    row = replayed(desk, HELD, now=NOW + minutes(200))
    states = {c["name"]: [f["after"] for f in c["flows"]] for c in row.result["commitments"]}
    assert states["resolution"] == ["running"]


def test_totals_by_queue_and_customer_name_them():
    """Each line has the key by which the items are asked for, and the name."""
    desk = make_desk()
    reference = resolved(desk, after=300, customer="Acme")
    resolved(desk, after=300, customer="Other")
    row = replayed(desk, draft(resolution={"P3": 240}))
    lines = {line["name"]: line for line in row.result["by_customer"]}
    assert {name: line["added"] for name, line in lines.items()} == {"Acme": 1, "Other": 1}
    assert [item for item, *_ in changed(row, customer_id=lines["Acme"]["key"])] == [reference]
    assert [(line["key"], line["added"]) for line in row.result["by_queue"]] == [(None, 2)]
    assert len(changed(row, queue_id=0)) == 2


def test_items_are_listed_by_pages_of_keys():
    """Each page goes on after the last item of the one before; the last one says that it is the last."""
    desk = make_desk()
    made = [resolved(desk, after=300) for _ in range(5)]
    row = replayed(desk, draft(resolution={"P3": 240}))
    seen, after = [], 0
    while after is not None:
        items, after = items_shown(row.id, Asked(), after=after, limit=2, by=BOSS)
        seen.append([each["item"] for each in items])
    assert seen == [made[:2], made[2:4], made[4:]]


def test_drafts_of_calendars_are_replayed_with_the_policy():
    """The same targets on hours that never close break what office hours kept over night."""
    desk = make_desk()
    resolved(desk, after=60 * 24)
    always = Calendar.always("UTC").as_json()
    body, how = draft(response={"P4": 7}), {"reason": "x", "by": BOSS, "now": NOW}
    row = replayed(desk, body, calendars={"office": always})
    assert sums(row)[0] == 1
    with pytest.raises(InvalidFacts, match="with the calendars that it counts on, has not been replayed"):
        policy_publish(desk, body, holds_from=NOW, **how)
    calendar_publish(desk, "office", always, holds_from=NOW, **how)
    leaves = [finding.key for finding in row.findings]
    assert policy_publish(desk, body, holds_from=NOW + minutes(1), leaves=leaves, **how) == 2


def test_a_draft_for_history_is_replayed_on_the_calendars_that_it_is_published_on():
    """Those that held from when on it is to hold, though one of them has a newer version by now."""
    desk = make_desk()
    make_item(desk, now=NOW - minutes(60 * 24 * 20))
    day, since = NOW - minutes(60 * 24), NOW - minutes(60 * 24 * 10)
    how = {"is_for_history": True, "reason": "x", "by": BOSS, "now": NOW}
    calendar_publish(desk, "office", Calendar.always("UTC").as_json(), holds_from=day, **how)
    body = draft(response={"P4": 7})
    row = replayed(desk, body, now=NOW, holds_from=since)
    assert row.calendars["office"] != Calendar.always("UTC").as_json()
    assert policy_publish(desk, body, holds_from=since, leaves=[f.key for f in row.findings], **how) == 2


def test_what_a_draft_leaves_undone_is_found():
    """A clock that starts on nothing, one that never stops on what is over, and a priority without target."""
    desk = make_desk()
    resolved(desk, after=10, priority=3)
    body = draft()
    response, resolution = body["clocks"]
    response["start"] = [{"states": ["scheduled"]}]
    resolution["stop"] = [{"states": ["scheduled"]}]
    resolution["targets_min"] = {"P1": 60, "P3": 60}
    make_item(desk, priority=Priority.P2)
    row = replayed(desk, body)
    assert [(finding.key, finding.items) for finding in row.findings] == [
        ("response never starts", 2), ("resolution never stops", 2), ("resolution P2 without target", 1),
    ]  # fmt: skip


def test_names_that_the_desk_does_not_have_are_found_with_the_one_that_is_near():
    """A misspelt queue, team, category or customer; whatever the case, a name that is there is none of them."""
    desk = make_desk()
    team_ensure_many(desk, ["Field"])
    queue_ensure_many(desk, [("Network", None)])
    make_item(desk, customer="Acme Ltd", category="Printing")
    body = draft()
    body["clocks"][0]["when"] = "queue in (Netwrok, network) and team is Feild or category is not printng"
    body["clocks"][0]["pause"] = 'customer is "ACME Ltd." or queue is none or site is Mars'
    body["clocks"][1]["pause"] = "team is field and category is PRINTING and tier is premier or queue is Netwrok"
    found = {
        finding.key: finding.sentence for finding in replayed(desk, body).findings if finding.key.startswith("no ")
    }
    assert found == {
        "no category printng": "“response” asks for the category “printng”, which this desk does not have; did you mean “Printing”?",
        "no customer ACME Ltd.": "“response” asks for the customer “ACME Ltd.”, which this desk does not have; did you mean “Acme Ltd”?",
        "no queue Netwrok": "“response” asks for the queue “Netwrok”, which this desk does not have; did you mean “Network”?",
        "no team Feild": "“response” asks for the team “Feild”, which this desk does not have; did you mean “Field”?",
    }


def test_publishing_needs_a_replay_of_this_draft_beside_the_newest_version():
    """None at all, of another draft, and one from before a version was published: each is refused with what to do."""
    desk = make_desk()
    make_item(desk)
    how = {"holds_from": NOW, "reason": "tighter", "by": BOSS, "now": NOW}
    one, other = draft(response={"P1": 5}), draft(response={"P1": 6})
    with pytest.raises(
        InvalidFacts, match="has not been replayed. Replay it over the history of the desk first"
    ) as refused:
        policy_publish(desk, one, **how)
    assert refused.value.details["field"] == "replay"
    replay = replayed(desk, one)
    with pytest.raises(InvalidFacts, match="has not been replayed"):
        policy_publish(desk, other, **how)
    replayed(desk, other)
    leaves = [finding.key for finding in replay.findings]
    assert policy_publish(desk, one, leaves=leaves, **how) == 2
    assert replay_row(replay.id).published == 2
    with pytest.raises(InvalidFacts, match="was replayed before version 2 of the clock policy was published"):
        policy_publish(desk, other, **how)


def test_a_replay_under_way_does_not_count_yet():
    """The word says to wait."""
    desk = make_desk()
    make_item(desk)
    body = draft(response={"P1": 5})
    replay_ask(desk, body, by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="still under way; publish when it has ended"):
        policy_publish(desk, body, holds_from=NOW, reason="x", by=BOSS, now=NOW)


def test_a_desk_without_items_needs_no_replay():
    """There is nothing to replay it over."""
    assert policy_publish(make_desk(), draft(response={"P1": 5}), holds_from=NOW, reason="x", by=BOSS, now=NOW) == 2


def test_what_is_left_undone_must_be_said_and_is_kept():
    """Without the word the draft is refused, naming it; with it, it stands with the version."""
    desk = make_desk()
    resolved(desk, after=10, priority=3)
    body = draft()
    del body["clocks"][1]["targets_min"]["P3"]
    how = {"holds_from": NOW, "reason": "P3 is not promised", "by": BOSS, "now": NOW}
    row = replayed(desk, body)
    with pytest.raises(InvalidFacts, match="promises nothing at P3, at which 1 items") as refused:
        policy_publish(desk, body, **how)
    assert refused.value.details["leaves"] == ["resolution P3 without target"]
    assert policy_publish(desk, body, leaves=["resolution P3 without target", "nonsense"], **how) == 2
    assert replay_row(row.id).leaves == ["resolution P3 without target"]


def test_asking_wakes_the_worker_once_and_the_same_draft_is_one_replay():
    """Twice the same draft under way is one; another one is another."""
    desk = make_desk()
    first = replay_ask(desk, draft(response={"P1": 5}), by=BOSS, now=NOW)
    assert replay_ask(desk, draft(response={"P1": 5}), by=BOSS, now=NOW) == first
    second = replay_ask(desk, draft(response={"P1": 6}), by=BOSS, now=NOW)
    assert second != first
    assert ProcrastinateJob.objects.filter(task_name=drafts.JOB, status="todo").count() == 1
    assert replays_run() == 2
    assert replay_row(first).state == replay_row(second).state == "done"
    assert replays_run() == 0


def test_a_worker_that_is_told_to_stop_leaves_the_replay_waiting(monkeypatch):
    """What it had kept is forgotten when it is begun anew, so that nothing counts twice; until then nothing of it is said to be done."""
    monkeypatch.setattr(run, "BLOCK", 2)
    desk = make_desk()
    for _ in range(6):
        resolved(desk, after=300)
    replay_id = replay_ask(desk, draft(resolution={"P3": 240}), by=BOSS, now=LATER)

    def stop(done: int, _all: int) -> None:
        if done >= 4:
            raise JobAborted

    with pytest.raises(JobAborted):
        replays_run(tell=stop)
    row = replay_row(replay_id)
    assert (row.state, row.tries, row.items_done, row.items) == ("waiting", 0, 0, 0)
    assert ReplayItem.objects.count() == 4
    assert replays_run() == 1
    assert replay_row(replay_id).result["total"]["added"] == ReplayItem.objects.count() == 6


def old_replay(desk: int, *, items: int, state: str = "done") -> int:
    """A replay that has ended, with so many items."""
    replay_id = replay_ask(desk, HELD, is_waking=False, by=BOSS, now=NOW)
    Replay.objects.filter(id=replay_id).update(state=state)
    ReplayItem.objects.bulk_create(
        ReplayItem(replay_id=replay_id, item_id=number, effects=1, priority=3, changes=[])
        for number in range(1, items + 1)
    )
    return replay_id


def test_items_of_old_replays_are_forgotten_by_the_worker_and_not_by_whoever_asks(monkeypatch):
    """Eleven have ended, and of the first the items go: in parts, so that a worker told to stop goes on from there."""
    monkeypatch.setattr(run, "FORGOTTEN", 2)
    desk, other = make_desk(), make_desk()
    old = [old_replay(desk, items=5) for _ in range(replays.KEPT + 1)]
    old_replay(other, items=5)
    with CaptureQueriesContext(connection) as asking:
        replay_ask(desk, HELD, by=BOSS, now=NOW)
    assert not any("replayitem" in query["sql"] for query in asking.captured_queries)
    assert replays_run() == 1
    left = [ReplayItem.objects.filter(replay_id=each).count() for each in old]
    assert left == [0, 0] + [5] * (replays.KEPT - 1)
    assert ReplayItem.objects.count() == 5 * replays.KEPT


def test_a_worker_that_is_told_to_stop_leaves_what_it_forgets(monkeypatch):
    """What is gone stays gone, and the next run forgets the rest."""
    monkeypatch.setattr(run, "FORGOTTEN", 2)
    desk = make_desk()
    for _ in range(replays.KEPT + 1):
        old_replay(desk, items=5)
    calls = iter(range(9))

    def stop(*_: int) -> None:
        if next(calls) == 2:
            raise JobAborted

    with pytest.raises(JobAborted):
        replays_run(tell=stop)
    assert ReplayItem.objects.count() == 5 * replays.KEPT + 1
    assert replays_run() == 0
    assert ReplayItem.objects.count() == 5 * replays.KEPT


def test_a_replay_that_ends_no_worker_well_is_stopped():
    """Killed workers leave it running with its count of tries."""
    desk = make_desk()
    replay_id = replay_ask(desk, HELD, by=BOSS, now=NOW)
    Replay.objects.filter(id=replay_id).update(state="running", tries=TRIES)
    assert replays_run() == 1
    assert (replay_row(replay_id).state, replay_row(replay_id).message[:20]) == ("stopped", "A worker began with ")


def test_what_a_run_needs_and_does_not_answer_is_said(monkeypatch):
    """A cluster that is gone: stopped at the first try with what is wrong, not after all of them with none of it."""
    replay_id = replay_ask(make_desk(), HELD, by=BOSS, now=NOW)

    def away(*_: Any, **__: Any) -> None:
        raise Unavailable("The cluster at ray://here does not answer")

    monkeypatch.setattr(run, "_run", away)
    assert replays_run() == 1
    row = replay_row(replay_id)
    assert (row.state, row.message) == ("stopped", "The cluster at ray://here does not answer")


def test_a_replay_that_breaks_holds_up_no_other_and_is_stopped_after_its_tries(monkeypatch):
    """Each run of the worker is a try of it, ends those after it, and says what broke."""
    desk, other = make_desk(), make_desk()
    broken = replay_ask(desk, HELD, by=BOSS, now=NOW)
    run_well = run._run

    def breaks(row: ReplayRow, *given: Any, **more: Any) -> None:
        if row.id == broken:
            raise OSError("no room on the disk")
        run_well(row, *given, **more)

    monkeypatch.setattr(run, "_run", breaks)
    for tried in range(1, TRIES + 1):
        sound = replay_ask(other, HELD, by=BOSS, now=NOW + minutes(tried))
        with pytest.raises(ExceptionGroup) as raised:
            replays_run()
        assert [str(error) for error in raised.value.exceptions] == ["no room on the disk"]
        assert replay_row(sound).state == "done"
        assert (replay_row(broken).state, replay_row(broken).tries) == ("waiting", tried)
    assert replays_run() == 1
    assert (replay_row(broken).state, replay_row(broken).tries) == ("stopped", TRIES)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("processes", [1, 2])
def test_a_draft_that_no_process_can_make_ready_is_stopped_at_once(monkeypatch, processes):
    """What is wrong with it is said in its own words, in one process as in two."""
    monkeypatch.setattr(run, "BLOCK", 1)
    desk = make_desk()
    for _ in range(2):
        resolved(desk, after=10)
    replay_id = replay_ask(desk, HELD, by=BOSS, now=LATER)
    Replay.objects.filter(id=replay_id).update(calendars={"office": {"zone": "Mars/Phobos"}})
    assert replay_run(replay_id, processes=processes)
    row = replay_row(replay_id)
    assert row.state == "stopped"
    assert "Mars/Phobos" in row.message
    assert "InvalidFacts" not in row.message


@pytest.mark.django_db(transaction=True)
def test_only_what_a_replay_keeps_is_committed_without_waiting():
    """Whatever else the worker's connection commits waits for the disk, as before."""
    desk = make_desk()
    resolved(desk, after=300)
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = on")  # a server for tests may be without
        assert sums(replayed(desk, draft(resolution={"P3": 240})))[0] == 1
        cursor.execute("show synchronous_commit")
        assert cursor.fetchone() == ("on",)
        cursor.execute("reset synchronous_commit")


def test_a_draft_that_cannot_be_read_is_refused_at_once():
    """With the key, and for a calendar that the desk does not have."""
    desk = make_desk()
    with pytest.raises(InvalidFacts, match=r"policy.clocks\[0\].targets_min.P1: expected a whole number"):
        replay_ask(desk, draft(response={"P1": -5}), by=BOSS, now=NOW)
    with pytest.raises(
        InvalidFacts, match="names the calendar “moon”, which this desk does not have now; it has office"
    ):
        replay_ask(desk, default_policy(calendar="moon").as_json(), by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="calendars.other: no clock of the draft counts on it"):
        replay_ask(desk, HELD, {"other": Calendar.always("UTC").as_json()}, by=BOSS, now=NOW)


def test_only_those_who_may_edit_policies_ask():
    """An agent may not."""
    desk = make_desk()
    with pytest.raises(NotAllowed):
        replay_ask(desk, HELD, by=actor(Role.AGENT, desk), now=NOW)


def test_a_block_of_many_items_costs_as_many_queries_as_one_of_few():
    """Items are read by the block, never one by one."""
    counts = []
    for items in (2, 12):
        desk = make_desk()
        for _ in range(items):
            resolved(desk, after=300)
        replay_id = replay_ask(desk, draft(resolution={"P3": 240}), by=BOSS, now=LATER)
        with CaptureQueriesContext(connection) as queries:
            replay_run(replay_id)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_processes_find_what_one_finds(monkeypatch):
    """Blocks handed to two processes add up to the same sums and the same items."""
    monkeypatch.setattr(run, "BLOCK", 3)
    desk = make_desk()
    for number in range(10):
        resolved(desk, after=100 * number)
    body = draft(resolution={"P3": 240})
    one, two = replayed(desk, body), replayed(desk, body, processes=2)
    assert (one.result["processes"], two.result["processes"]) == (1, 2)
    plain = [{k: v for k, v in row.result.items() if k not in {"seconds", "processes"}} for row in (one, two)]
    assert plain[0] == plain[1]
    assert changed(one) == changed(two) != []


def test_a_draft_that_fails_on_an_item_is_refused_with_it():
    """An expression that cannot be answered of what an item holds: the first such item is the example, and nothing is kept."""
    desk = make_desk()
    first = resolved(desk, after=10)
    resolved(desk, after=300)
    body = draft(resolution={"P3": 240})
    body["clocks"][1]["when"] = "not attributes.devices > 20"
    row = replayed(desk, body)
    assert (row.state, row.result) == ("refused", None)
    assert row.message.startswith(f"The draft fails on {first}: ")
    assert ReplayItem.objects.count() == 0
    with pytest.raises(InvalidFacts, match="has not been replayed"):
        policy_publish(desk, body, holds_from=NOW, reason="x", by=BOSS, now=NOW)


def test_what_policies_look_at_is_looked_up_by_the_block():
    """A draft that promises more to some categories is replayed with what each item holds, in as many queries for few as for many."""
    counts = []
    for items in (2, 10):
        desk = make_desk()
        premier = [resolved(desk, after=300, category="vip") for _ in range(items)]
        resolved(desk, after=300, category="other")
        body = draft()
        vip = copy.deepcopy(body["clocks"][1])
        body["clocks"].insert(1, vip | {"when": 'category is "vip"', "targets_min": {"P3": 240}})
        replay_id = replay_ask(desk, body, is_waking=False, by=BOSS, now=LATER)
        with CaptureQueriesContext(connection) as queries:
            replay_run(replay_id)
        counts.append(len(queries))
        assert {item for item, *_ in changed(replay_row(replay_id))} == set(premier)
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_for_the_same_replay_at_one_moment_get_the_same():
    """The second waits for the first, and finds what it asked for."""
    desk, done, found = make_desk(), threading.Event(), list[int]()
    make_item(desk)

    def ask():
        return replay_ask(desk, draft(), is_waking=False, by=BOSS, now=NOW)

    with transaction.atomic():
        first = ask()
        thread = waits(lambda: found.append(ask()), until=done)
    thread.join(timeout=20)
    assert found == [first]
