"""A desk's history and its promise, as a backtest reads them: the same as of the file that was imported into it."""

import csv
import gzip
import os
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import BOSS, NOW, make_desk, make_item, make_person
from tests.flows.assign.small_desk import item_row
from tests.flows.intake import log
from watchbill.apps.clocks.queries import forget_compiled
from watchbill.apps.work.models import WorkItem
from watchbill.engine.backtest.twin.history import NOBODY, STATES
from watchbill.engine.backtest.twin.legs import legs_of
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority, State
from watchbill.engine.clocks import ClockPolicy
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note, item_state
from watchbill.flows.act.undoing import item_undo
from watchbill.flows.backtest.desk import history_of_desk, promise_of, promise_of_desk
from watchbill.flows.backtest.reading import history_read
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load

pytestmark = pytest.mark.django_db

UCI = Path(os.environ.get("WATCHBILL_TEST_DATA", ""), "incidents_uci_servicenow", "incident_event_log_dev.csv.gz")
FIRST = 400
"""Incidents of the public log that are imported: its first ones."""
LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _fresh():
    """Compiled policies are remembered by keys that the next test's database uses again."""
    forget_compiled()


def both(path):
    """The file at *path* as it is read without a database, and the desk that it was imported into."""
    loaded = profile_load("servicenow-incidents")
    desk_id = make_desk(zone=loaded.profile.zone.key)
    import_run(path, loaded, desk_id=desk_id, workers=1, by=BOSS, now=NOW)
    return history_read(path, loaded, tell=lambda *_: None).history, history_of_desk(desk_id, NOW)


def lines(history):
    """Events by their names: item, instant, state, team, owner, whether a robot did it."""

    def named(names, numbers):
        return [None if number == NOBODY else names[number] for number in numbers.tolist()]

    columns = (
        [history.references[item] for item in history.item], history.at_us.tolist(),
        [STATES[code] for code in history.state], named(history.teams, history.team), named(history.people, history.owner),
        history.is_robot.tolist(),
    )  # fmt: skip
    return list(zip(*columns, strict=True))


def items(history):
    categories = [history.categories[code] for code in history.category]
    return list(zip(history.references, history.opened_us.tolist(), history.priority.tolist(), categories, strict=True))


def test_a_file_and_its_desk_are_one_history(tmp_path):
    """Items and events are those of the file, by their names."""
    filed, kept = both(log.write(tmp_path / "log.csv", log.ROWS))
    assert items(kept) == items(filed)
    assert lines(kept) == lines(filed)


@pytest.mark.skipif(not UCI.is_file(), reason="the public log is not here: set WATCHBILL_TEST_DATA to its folder")
def test_the_public_log_and_its_desk_are_one_history(tmp_path):
    """The first incidents of the public log: the same items, events and legs."""
    path = tmp_path / "slice.csv"
    with gzip.open(UCI, "rt", encoding="utf-8", newline="") as source, path.open("w", newline="") as target:
        rows, writer, seen = csv.reader(source), csv.writer(target), set()
        writer.writerow(next(rows))
        for row in rows:
            seen.add(row[0])
            if len(seen) > FIRST:
                break
            writer.writerow(row)
    filed, kept = both(path)
    assert items(kept) == items(filed)
    assert lines(kept) == lines(filed)
    one, other = legs_of(filed), legs_of(kept)
    assert np.array_equal(one.ended_us, other.ended_us)
    assert np.array_equal(one.wait_us, other.wait_us)


def test_what_was_undone_never_was():
    """An assignment that is taken back leaves no trace; a note that came in between finds the item as it was before."""
    desk_id = make_desk()
    reference, ann = make_item(desk_id, now=NOW, category="Mail"), make_person(desk_id, "Ann")
    made = item_assign(reference, ann, version=1, by=BOSS, now=NOW + timedelta(minutes=1))
    item_note(reference, "Looked at it", by=BOSS, now=NOW + timedelta(minutes=2))
    item_undo(reference, made.version, by=BOSS, now=NOW + timedelta(minutes=3))
    row = item_row(item_of(reference))
    item_state(reference, State.RESOLVED, version=row["version"], by=BOSS, now=NOW + timedelta(minutes=9))
    history = history_of_desk(desk_id, LATER)
    assert [(line[2], line[4]) for line in lines(history)] == [("new", None), ("new", None), ("resolved", None)]
    assert history.people == ()
    assert [line[2] for line in items(history)] == [3]
    before = history_of_desk(desk_id, NOW + timedelta(seconds=150))
    assert [line[4] for line in lines(before)] == [None, "Ann", "Ann"]


def item_of(reference):
    return WorkItem.objects.get(reference=reference).id


def test_one_query_and_nothing_of_later():
    """As many queries for many events; what is opened later is not there; an empty desk says what is missing."""
    desk_id = make_desk()
    with pytest.raises(InvalidFacts, match="has no history yet"):
        history_of_desk(desk_id, LATER)
    make_item(desk_id, now=NOW)
    make_item(desk_id, now=LATER + timedelta(days=1))
    with CaptureQueriesContext(connection) as before:
        assert history_of_desk(desk_id, LATER).size == 1
    for _ in range(20):
        make_item(desk_id, now=NOW)
    with CaptureQueriesContext(connection) as after:
        assert history_of_desk(desk_id, LATER).size == 21
    assert len(after) == len(before)


def test_the_promise_of_a_desk():
    """Targets, hours and pauses of its policy; a desk without one says so."""
    found = promise_of_desk(make_desk(), NOW)
    assert found.promise.targets_min == {Priority.P1: 240, Priority.P2: 480, Priority.P3: 960, Priority.P4: 2400}
    assert found.promise.paused == {State.WAITING_CUSTOMER, State.WAITING_VENDOR}
    assert found.warnings == ()
    assert len({id(hours) for hours in found.promise.hours.values()}) == 1
    with pytest.raises(InvalidFacts, match="no clock policy"):
        promise_of_desk(make_desk(has_clocks=False), NOW)


def promised(*clocks):
    hours = Calendar.working_week("UTC", "08:00-18:00")
    whole = [{"kind": "resolution", "calendar": "office", "targets_min": {"P1": 60}} | each for each in clocks]
    return promise_of(ClockPolicy.from_json({"clocks": whole}), {"office": hours, "always": hours})


def test_a_richer_policy_is_taken_at_its_simplest():
    """The branch that asks nothing of an item, for all; each thing that is not followed is said."""
    found = promised({"when": "customer is Acme", "targets_min": {"P1": 30}}, {"targets_min": {"P1": 90, "P2": 120}})
    assert found.promise.targets_min == {Priority.P1: 90, Priority.P2: 120}
    assert found.warnings == (
        "Some items of P1 have another promise, as of a customer; here all of them are held to the general one",
    )
    (said,) = promised({"pause": "state is waiting_vendor and owned"}).warnings
    assert said.startswith("Time stands still when state is waiting_vendor and owned; of that only states")
    said = promised(
        {"pause_limit_min": 60, "reset": "event is reply", "since": "opened", "zone_of": "customer"}
    ).warnings
    assert len(said) == 3
    (said,) = promised({"name": "Fix"}, {"name": "Workaround"}).warnings
    assert said == "Only the promise “Fix” is counted, not Workaround"
    one = promised(
        {"targets_min": {"P1": 60}, "pause": "never"}, {"targets_min": {"P2": 60}, "pause": "state is waiting"}
    )
    assert (one.promise.paused, len(one.warnings)) == (frozenset(), 1)
    with pytest.raises(InvalidFacts, match="promises customers no resolution"):
        promised({"kind": "response"})
