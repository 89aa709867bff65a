"""A draft beside what was decided: each choice asked in its situation, added up, kept; stopped and begun anew."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.exceptions import JobAborted

from tests.factories import BOSS
from tests.flows.assign.small_desk import NOW, item_row, make_small_desk
from tests.flows.test_customers_at_once import waits
from watchbill.apps.core.runs import DONE, STOPPED, WAITING
from watchbill.apps.decisions.drafts import version_changes
from watchbill.apps.decisions.dryruns import draft_digest, dry_run_row
from watchbill.apps.decisions.models import DryRun
from watchbill.apps.decisions.queries import policy_version
from watchbill.apps.decisions.services import policy_publish, policy_take_back
from watchbill.apps.work.choices import steps_between
from watchbill.apps.work.competing import items_of
from watchbill.apps.work.efforts import MULTIPLIER, effort_table
from watchbill.engine.assign.decide import place
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import ACTIONABLE, OPEN, State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_state
from watchbill.flows.assign import dryrun
from watchbill.flows.assign.dryrun import dry_run_ask, dry_run_do, dry_runs_run
from watchbill.flows.assign.past import Past
from watchbill.flows.runs import TRIES
from watchbill.interfaces import jobs

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=4)
RULE = "when category is invoice then never Ana"


@pytest.fixture
def desk():
    made = make_small_desk()
    for at, (category, owner) in enumerate((("invoice", "Ana"), ("invoice", "Ben"), ("", "Ana"), ("", "Ben"))):
        since = NOW + timedelta(minutes=10 * at)
        give(made, made.item(category=category, now=since), owner, since + timedelta(minutes=1))
    return made


def give(desk, item_id, owner, now):
    item_assign(item_row(item_id)["reference"], desk.people[owner], by=desk.by(), now=now)


def asked(desk, *rules, **how):
    return dry_run_ask(desk.id, {"rules": list(rules)}, is_waking=False, by=BOSS, now=LATER, **how)


def test_every_choice_is_asked_in_its_situation(desk):
    """Four choices; with the rule no invoice goes to Ana; nothing of the desk is changed."""
    run_id = asked(desk, RULE)
    assert dry_run_do(run_id)
    row = dry_run_row(run_id)
    assert (row.state, row.items, row.items_done) == (DONE, 4, 4)
    result = row.result
    assert (result["choices"], result["looked_at"]) == (4, 4)
    assert result["total"]["nobody_draft"] == 0
    assert sum(line["choices"] for line in result["by_queue"]) == 4
    assert all(example["draft"] == "Ben" for example in result["examples"])
    assert {person["name"] for person in result["people"]} == {"Ana", "Ben"}
    assert sum(person["decided_min"] for person in result["people"]) == 240
    assert any("backtest" in sentence for sentence in result["limits"])
    assert not dry_run_do(run_id)


def test_what_is_asked_of_the_database_does_not_grow_with_the_choices(desk):
    """Ten more choices over as many half hours, among them examples: not one query more."""

    def queries():
        run_id = asked(desk, "when always then only Nora")
        with CaptureQueriesContext(connection) as ran:
            dry_run_do(run_id)
        return len(ran), dry_run_row(run_id).result

    before, _ = queries()
    for at in range(10):
        since = NOW + timedelta(minutes=45 + 15 * at)
        give(desk, desk.item(category="invoice", now=since), ("Ana", "Ben")[at % 2], since + timedelta(minutes=1))
    after, result = queries()
    assert (result["looked_at"], len(result["examples"])) == (14, 14)
    assert after == before


def test_loads_of_the_past_are_what_adding_up_says(desk):
    """Walked through step by step, people carry before each choice what their items at that moment add up to, the chosen one left out."""
    for at, state in enumerate((State.WAITING_CUSTOMER, State.IN_PROGRESS, State.CLOSED)):
        since = NOW + timedelta(hours=1, minutes=20 * at)
        item = desk.item(category="invoice", now=since)
        give(desk, item, "Ana", since + timedelta(minutes=1))
        item_state(item_row(item)["reference"], state, text="so", by=BOSS, now=since + timedelta(minutes=2))
        give(desk, item if at == 1 else desk.item(now=since), "Ben", since + timedelta(minutes=3))
    steps = steps_between(desk.id, NOW - timedelta(hours=1), LATER)
    effort, rows = effort_table(desk.id), {row.id: row for row in items_of(desk.id, [step.item_id for step in steps])}
    choices = [at for at, step in enumerate(steps) if step.is_choice]
    past = Past(desk.id, [], steps)
    for at, (_, situation) in zip(choices, past.situations(frozenset(choices)), strict=True):
        stood = {step.item_id: step for step in steps[:at]}
        load, count = Counter(), Counter()
        for item_id, step in stood.items():
            if step.owner_id is not None and step.state in OPEN and item_id != steps[at].item_id:
                load[step.owner_id] += MULTIPLIER[State(step.state)] * effort.minutes(
                    rows[item_id].category, step.priority
                )
                count[step.owner_id] += step.state in ACTIONABLE
        for person in situation.people:
            assert person.load_min == round(load[person.id])
            assert (
                person.open_count
                == count[person.id]
                == sum(n for c, n in person.open_by_class.items() if c[:4] == "kind")
            )


def test_the_same_policy_chooses_the_same(desk):
    """A draft that says what is in force differs in no choice, as often in accord with people as that."""
    run_id = asked(desk)
    dry_run_do(run_id)
    total = dry_run_row(run_id).result["total"]
    assert (total["differs"], total["agree_in_force"]) == (0, total["agree_draft"])


def test_both_policies_are_asked_once_where_they_see_the_same(desk, monkeypatch):
    """A rule for nothing that is there asks each choice once, another parameter twice; invoices that it is about alone are asked again."""
    calls = Counter()
    monkeypatch.setattr(dryrun, "place", lambda *args, **how: calls.update(["place"]) or place(*args, **how))
    for draft, expected in (
        ({"rules": ["when category is contract then never Ana"]}, 4),
        ({"rules": [RULE]}, 6),
        ({"rules": [], "load_weight": 7}, 8),
    ):
        calls.clear()
        dry_run_do(dry_run_ask(desk.id, draft, is_waking=False, by=BOSS, now=LATER))
        assert calls["place"] == expected


def test_what_leaves_nobody_is_counted_by_its_must(desk):
    """A rule that nobody at work fulfils leaves its items to nobody, and the must is named."""
    run_id = asked(desk, "when category is invoice then only Nora")
    dry_run_do(run_id)
    result = dry_run_row(run_id).result
    assert result["total"]["nobody_draft"] == 2
    assert {"rule": "is_asked_for", "choices": 2} in result["nobody_by"]


def test_loads_are_those_of_the_moment(desk):
    """What was closed before a choice weighs no more, and what came later not yet."""
    item = desk.item(now=NOW + timedelta(hours=1))
    give(desk, item, "Ana", NOW + timedelta(hours=1, minutes=1))
    item_state(item_row(item)["reference"], State.CLOSED, text="done", by=BOSS, now=NOW + timedelta(hours=2))
    run_id = asked(desk, days=1)
    dry_run_do(run_id)
    assert dry_run_row(run_id).result["choices"] == 5


def test_told_to_stop_it_waits_again_and_begins_anew(desk):
    """A worker that is told to stop leaves it waiting, with no try counted; the next one does it."""
    run_id = asked(desk, RULE)

    def stop(_done, _all):
        raise JobAborted

    with pytest.raises(JobAborted):
        dry_run_do(run_id, tell=stop)
    assert (dry_run_row(run_id).state, dry_run_row(run_id).tries) == (WAITING, 0)
    assert asked(desk, RULE) == run_id
    assert dry_run_do(run_id)


def test_one_that_breaks_holds_up_no_other_and_is_stopped_after_its_tries(desk, monkeypatch):
    """Also when it breaks before its first choice, each run of the worker is a try of it."""
    broken = asked(desk, RULE)
    result_of = dryrun._result

    def breaks(row, tell):
        if row.id == broken:
            raise OSError("no room on the disk")
        return result_of(row, tell)

    monkeypatch.setattr(dryrun, "_result", breaks)
    for tried in range(1, TRIES + 1):
        sound = asked(desk, days=tried)
        with pytest.raises(ExceptionGroup, match="wait for their next try"):
            jobs.replay_policies(SimpleNamespace(should_abort=lambda: False), 0)
        assert dry_run_row(sound).state == DONE
        assert (dry_run_row(broken).state, dry_run_row(broken).tries) == (WAITING, tried)
    assert dry_runs_run() == 1
    assert (dry_run_row(broken).state, dry_run_row(broken).tries) == (STOPPED, TRIES)


def test_a_draft_that_cannot_be_read_any_more_is_stopped_at_once(desk):
    """What is wrong with it is said in its own words."""
    run_id = asked(desk, RULE)
    DryRun.objects.filter(id=run_id).update(policy={"rules": ["when always then aks"]})
    assert dry_runs_run() == 1
    row = dry_run_row(run_id)
    assert row.state == STOPPED
    assert "did you mean ask" in row.message


def test_a_draft_that_cannot_be_is_refused(desk):
    """As on entry; days have their range; a digest does not depend on how a draft is written."""
    with pytest.raises(InvalidFacts, match="did you mean Ana"):
        asked(desk, "when always then only Anna")
    with pytest.raises(InvalidFacts, match="days: expected 1 to 90"):
        asked(desk, days=0)
    one, other = {"rules": [RULE]}, {"version": 7, "rules": [f" {RULE} "], "deputy_weight": 20}
    assert draft_digest(Policy.from_json(one)) == draft_digest(Policy.from_json(other))


def test_a_desk_with_history_publishes_what_was_run_dry(desk):
    """Twenty choices in two weeks: this very draft, beside the newest version; which one was published is kept."""
    body = {"rules": [RULE]}
    how = {"holds_from": LATER, "reason": "test", "by": BOSS, "now": LATER}
    for _ in range(20):
        give(desk, desk.item(), "Ana", NOW + timedelta(minutes=50))
    with pytest.raises(InvalidFacts, match="This very draft has not been run dry"):
        policy_publish(desk.id, body, **how)
    run_id = asked(desk, RULE)
    with pytest.raises(InvalidFacts, match="still under way"):
        policy_publish(desk.id, body, **how)
    dry_run_do(run_id)
    assert policy_publish(desk.id, body, **how) == 1
    assert dry_run_row(run_id).published == 1
    with pytest.raises(InvalidFacts, match="run dry before version 1"):
        policy_publish(desk.id, body, **{**how, "holds_from": LATER + timedelta(hours=1)})


def test_a_draft_of_some_keys_is_run_dry_and_published_on_top_of_what_is_in_force(desk):
    """Nothing else changes: by a draft of one key, and by the same in full; what is kept and what is published is the whole."""
    how = {"reason": "test", "by": BOSS, "now": LATER}
    policy_publish(desk.id, {"needs_skill": False, "load_weight": 20}, holds_from=NOW, **{**how, "now": NOW})
    for _ in range(20):
        give(desk, desk.item(), "Ana", NOW + timedelta(minutes=50))
    run_id = asked(desk, RULE)
    whole = Policy(rules=Policy.from_json({"rules": [RULE]}).rules, needs_skill=False, load_weight=20.0)
    row = dry_run_row(run_id)
    assert {**row.policy, "version": 1} == whole.as_json()
    assert row.digest == draft_digest(whole)
    dry_run_do(run_id)
    changed = {"key": "rules", "before": [], "after": [RULE]}
    assert dry_run_row(run_id).result["changes"] == [changed]
    assert policy_publish(desk.id, whole.as_json(), holds_from=LATER, **how) == 2
    assert policy_version(desk.id, 2) == replace(whole, version=2)
    assert [change._asdict() for change in version_changes(desk.id, 2)] == [changed]


def test_a_version_that_held_lately_is_taken_back_without_a_dry_run(desk):
    """It is known how it works; one that has not held for two weeks needs one, on a desk with history."""
    how = {"reason": "test", "by": BOSS}
    for number, since in enumerate((timedelta(days=30), timedelta(days=20), timedelta(days=1))):
        at = LATER - since
        policy_publish(desk.id, {"handover_min": 20 + number}, holds_from=at, now=at, **how)
    for _ in range(20):
        give(desk, desk.item(), "Ana", NOW + timedelta(minutes=50))
    with pytest.raises(InvalidFacts, match="has not been run dry"):
        policy_take_back(desk.id, 1, now=LATER, **how)
    assert policy_take_back(desk.id, 2, now=LATER, **how) == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_for_the_same_dry_run_at_one_moment_get_the_same():
    """The second waits for the first, and finds what it asked for."""
    desk, done, found = make_small_desk(), threading.Event(), list[int]()
    with transaction.atomic():
        first = asked(desk, RULE)
        thread = waits(lambda: found.append(asked(desk, RULE)), until=done)
    thread.join(timeout=20)
    assert found == [first]
