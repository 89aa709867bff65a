"""The same file again, under another name, grown, half done, or by two at once: nothing lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from tests.factories import BOSS, NOW, make_desk
from tests.flows.intake import log, read
from watchbill.apps.customers.services import site_add
from watchbill.apps.inbox import queries, services, staging
from watchbill.apps.work.services import projection_rebuild
from watchbill.engine.base.errors import Conflict
from watchbill.flows.act.items import item_edit
from watchbill.flows.intake import apply, load
from watchbill.flows.intake import source as reading
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load


def test_same_file_again_changes_nothing(bring, desk):
    """The second run says the same and adds nothing."""
    first = bring()
    before = read.picture(desk)
    again = bring()
    assert again.is_repeat
    assert (again.items_added, again.events_added) == (0, 0)
    for name in ("rows_read", "rows_accepted", "rows_rejected", "items", "events", "people", "first_at", "last_at"):
        assert getattr(again, name) == getattr(first, name)
    assert read.picture(desk) == before


@pytest.mark.parametrize("name", ["copy.csv", "log.csv.gz", "log.zip"])
def test_same_file_under_another_name_or_packing_changes_nothing(bring, desk, name):
    """Its rows are known, whatever the file is called."""
    first = bring()
    before = read.picture(desk)
    again = bring(name=name)
    assert (again.items_added, again.events_added, again.events) == (0, 0, first.events)
    assert read.picture(desk) == before


def test_grown_file_adds_only_what_is_new(bring, desk):
    """A log imported day by day ends as if it had been imported once."""
    rows = [*log.ROWS, *log.many(12)]
    bring(rows, name="all.csv")
    whole = read.picture(desk)
    other = make_desk()
    grown = sorted(rows, key=lambda r: (int(r["sys_mod_count"]), r["number"]))
    for size in (12, 25, len(grown)):
        bring(grown[:size], desk_id=other)
    assert read.picture(other)["events"] == whole["events"]
    assert read.picture(other)["items"] == whole["items"]


def test_grown_file_recomputes_the_clocks_of_items_that_changed(bring, desk):
    """The clock of an item that is resolved in the second file has stopped."""
    bring(log.ROWS[:5])
    bring(log.ROWS)
    statuses = read.fetch("select c.kind, c.status from clocks_clock as c join work_item as i on i.id = c.item_id"
                          " where i.external_ref = 'INC1' order by 1")  # fmt: skip
    assert [row["status"] for row in statuses] == ["met", "met"]


def test_file_of_new_rows_alone_goes_on_from_the_item(bring):
    """An export that leaves out what was sent before sets only what differs from the item as it stands."""
    bring(log.ROWS[:3])
    bring([log.ROWS[7]], name="later.csv")
    kinds = [event["kind"] for event in read.events("INC1")]
    assert kinds == ["opened", "state", "state"]
    resolved = read.events("INC1")[-1]
    assert "owner_id" not in resolved["data"]["set"]
    assert read.item("INC1")["state"] == "resolved"


def test_a_customer_that_the_log_changes_takes_the_site_with_it(bring, desk):
    """A site set by hand is the customer's: rows that tell of the same customer leave it, another one does not."""
    bring(log.ROWS[:3])
    item = read.item("INC1")
    site = site_add(item["customer_id"], "Dublin", by=BOSS, now=NOW).site_id
    item_edit(item["reference"], {"site": "Dublin"}, by=BOSS, now=item["updated_at"])
    bring(log.ROWS[:4], name="same.csv")
    assert read.item("INC1")["site_id"] == site
    bring([*log.ROWS[:4], {**log.ROWS[7], "caller_id": "Caller 999"}], name="other.csv")
    assert (read.item("INC1")["customer"], read.item("INC1")["site_id"]) == ("Caller 999", None)
    before = read.rows_of_items()
    projection_rebuild()
    assert read.rows_of_items() == before


def test_row_that_comes_late_changes_nothing_but_the_timeline(bring):
    """A row that lies before what is known of its item is kept, and sets nothing."""
    bring([log.ROWS[0], log.ROWS[7]])
    before = read.item("INC1")
    bring([log.ROWS[0], log.ROWS[2], log.ROWS[7]], name="complete.csv")
    late = read.events("INC1")[-1]
    assert (late["kind"], late["data"]) == ("updated", {})
    after = read.item("INC1")
    assert {name for name in after if after[name] != before[name]} == {"version"}


def test_rows_that_are_equal_are_two_rows(bring):
    """Two updates that look the same are kept as two, and stay two when imported again."""
    twice = [log.ROWS[0], log.ROWS[2], log.ROWS[2]]
    assert bring(twice).events == 3
    assert bring(twice, name="again.csv").events_added == 0


class Killed(BaseException):
    """Stands for a process that ends without a word."""


def _killed_at(monkeypatch, module, name, calls):
    """Let the process die when *name* is called for the last of *calls* times."""
    real, seen = getattr(module, name), []

    def once(*args, **kwargs):
        seen.append(1)
        if len(seen) == calls:
            raise Killed
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, once)


@pytest.mark.parametrize(("module", "name", "calls"), [
    (services, "rows_stage", 3), (staging, "staging_close", 1), (load, "names_make", 1), (apply, "batch_apply", 2),
    (services, "batch_close", 2), (services, "import_finish", 1),
])  # fmt: skip
def test_killed_anywhere_it_goes_on(bring, desk, monkeypatch, module, name, calls):
    """Whatever step the process dies in, the next run ends as if nothing had happened."""
    monkeypatch.setattr(load, "CHUNK_ROWS", 20)
    monkeypatch.setattr(apply, "BATCH_ITEMS", 7)
    rows = [*log.ROWS, *log.many(25), log.row("INC7", 0, "never")]
    clean = make_desk()
    bring(rows, desk_id=clean)
    with monkeypatch.context() as patch:
        _killed_at(patch, module, name, calls)
        with pytest.raises(Killed):
            bring(rows)
    assert read.fetch("select status from inbox_import where desk_id = %s", [desk]) != [{"status": "done"}]
    summary = bring(rows)
    assert summary.reconciles
    assert (summary.rows_read, summary.rows_rejected, summary.items) == (111, 1, 28)
    assert read.picture(desk) == read.picture(clean)


def test_while_the_file_is_read_its_share_of_bytes_is_on_record(bring, desk, monkeypatch):
    """Each chunk writes how much of the file has been read, as it tells it; at the end it is all of it."""
    monkeypatch.setattr(load, "CHUNK_ROWS", 400)
    monkeypatch.setattr(reading, "CHUNK", 10_000)
    told = []

    def tell(what, share):
        if what == "reading":
            (row,) = queries.import_list(desk, by=BOSS)
            told.append((share, row.read_share, row.status))

    bring([*log.ROWS, *log.many(300)], tell=tell)
    shares = [share for share, _, _ in told]
    assert [kept for _, kept, _ in told] == shares == sorted(shares)
    assert {status for _, _, status in told} == {"staging"}
    assert 0 < shares[0] < shares[-1] == 1


def test_staged_rows_lost_in_a_crash_are_staged_anew(bring, desk, monkeypatch):
    """A crash of the server empties unlogged tables; batches that were applied stay applied, the rest follows."""
    monkeypatch.setattr(apply, "BATCH_ITEMS", 7)
    rows = [*log.ROWS, *log.many(25)]
    clean = make_desk()
    bring(rows, desk_id=clean)
    with monkeypatch.context() as patch:
        _killed_at(patch, apply, "batch_apply", 3)
        with pytest.raises(Killed):
            bring(rows)
    import_id = queries.import_list(desk, by=BOSS)[0].id
    with connection.cursor() as cursor:
        cursor.execute(f"truncate inbox_staged_{import_id}, inbox_stageditem_{import_id}")
    assert bring(rows).rows_read == 110
    assert read.picture(desk) == read.picture(clean)


def test_second_import_into_a_desk_is_told_that_one_is_running(desk, bring):
    """Another connection holds the desk's lock: the second is told who is at it, and touches nothing."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [services.desk_key(desk)])
        with pytest.raises(Conflict, match="is running"), services.desk_lock(desk, tries=1):
            pass
    finally:
        other.close()
    assert bring().events == 11


SCRIPT = """
import sys, django
django.setup()
from pathlib import Path
from tests.factories import BOSS, NOW
from watchbill.flows.act.items import item_edit
from watchbill.flows.intake import apply, load
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load
from watchbill.flows.intake import source as reading
load.CHUNK_ROWS, apply.BATCH_ITEMS = 500, 100
def tell(what, share):
    print(what, f"{share:.2f}", flush=True)
import_run(Path(sys.argv[1]), profile_load("servicenow-incidents"), desk_id=int(sys.argv[2]), by=BOSS, now=NOW, tell=tell)
"""


def _start(path, desk_id):
    settings = connection.settings_dict
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.flows.intake.other_settings", "PYTHONPATH": "src:.",
        "INTAKE_TEST_DATABASE": settings["NAME"],
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(path), str(desk_id)], stdout=subprocess.PIPE, text=True, env=environment
    )


def _until(process, what, share):
    for line in process.stdout:
        doing, done = line.split()
        if doing == what and float(done) >= share:
            return


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("what", "share"), [("reading", 0.5), ("applying", 0.5)])
def test_kill_9_at_half_and_run_again(tmp_path, what, share):
    """Killed for real, with two connections at work, and run again: the same as one clean run."""
    rows = log.many(900)
    path = log.write(tmp_path / "log.csv", rows)
    clean, desk = make_desk(), make_desk()
    import_run(path, profile_load("servicenow-incidents"), desk_id=clean, by=BOSS, now=NOW)
    process = _start(path, desk)
    _until(process, what, share)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    again = _start(path, desk)
    assert again.wait(timeout=120) == 0
    assert read.picture(desk) == read.picture(clean)
    row = queries.import_list(desk, by=BOSS)[0]
    assert (row.status, row.rows_read, row.rows_accepted, row.items) == ("done", 3600, 3600, 900)


@pytest.mark.django_db(transaction=True)
def test_connection_cut_by_the_database_and_run_again(tmp_path):
    """The server ends every connection of the importer in the middle: it fails, and the next run goes on."""
    path = log.write(tmp_path / "log.csv", log.many(900))
    clean, desk = make_desk(), make_desk()
    import_run(path, profile_load("servicenow-incidents"), desk_id=clean, by=BOSS, now=NOW)
    process = _start(path, desk)
    _until(process, "applying", 0.3)
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    assert process.wait(timeout=60) != 0
    assert _start(path, desk).wait(timeout=120) == 0
    assert read.picture(desk) == read.picture(clean)


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once(tmp_path):
    """One does it; the other waits for it or is told, and in the end every row is there once."""
    path = log.write(tmp_path / "log.csv", log.many(900))
    desk = make_desk()
    both = [_start(path, desk), _start(path, desk)]
    deadline = time.monotonic() + 120
    codes = sorted(process.wait(timeout=deadline - time.monotonic()) for process in both)
    assert codes[0] == 0
    assert read.fetch("select count(*) as n from work_event") == [{"n": 3600}]
    assert read.fetch("select count(*) as n from inbox_import") == [{"n": 1}]
