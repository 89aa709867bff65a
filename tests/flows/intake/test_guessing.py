"""Unknown files as common tools export them: drafted, imported with what was drafted, and refused where nothing can be made."""

import gzip
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import BOSS, NOW, make_desk
from tests.flows.intake import exports, log, read
from tests.flows.intake.test_again import Killed, _killed_at
from watchbill.apps.inbox import services, staging
from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.engine.intake.guessed import Grain
from watchbill.flows.intake import apply, load
from watchbill.flows.intake.guessing import guess_file, guess_load
from watchbill.flows.intake.load import import_run

ANSWERS = {"zone": "Europe/Berlin", "state.Pending": "waiting_customer"}


def written(tmp_path, name, body: str, encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(body.encode(encoding))
    return path


def drafted(path, **answers):
    """The guess of a file, with the zone answered, and Pending where it asks for it."""
    first = guess_file(path, {"zone": "Europe/Berlin", **answers})
    asked = {question.key for question in first.questions}
    assert asked <= set(ANSWERS), asked
    return guess_file(path, {"zone": "Europe/Berlin", **{key: ANSWERS[key] for key in asked}, **answers})


def brought(path, guessed, desk):
    """The summary of the import of the file with the profile that was drafted."""
    return import_run(path, guess_load(guessed), desk_id=desk, workers=1, by=BOSS, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("name", exports.EXPORTS)
def test_an_export_is_drafted_and_imported_whole(name, tmp_path, desk):
    """Every row is accepted, every item is opened when the file says, and states and priorities are those of the file."""
    encoding = {"french": "cp1252", "portuguese": "utf-16", "german": "utf-8-sig"}.get(name, "utf-8")
    path = written(tmp_path, f"{name}.csv", exports.EXPORTS[name](), encoding)
    guessed = drafted(path)
    assert guessed.grain is Grain.ITEM
    assert guessed.is_complete
    summary = brought(path, guessed, desk)
    assert (summary.rows_read, summary.rows_rejected, summary.items) == (exports.ITEMS, 0, exports.ITEMS)
    assert summary.reconciles
    opened = read.fetch("select opened_at from work_item order by opened_at")
    assert len({row["opened_at"] for row in opened}) == exports.ITEMS
    wall = timedelta(hours=0 if name == "zendesk" else 1)  # which writes UTC; the others wrote Berlin's winter time
    assert opened[0]["opened_at"].replace(tzinfo=None) == exports.OPENED - wall
    found = read.fetch("select state, priority, resolved_at from work_item")
    assert {row["priority"] for row in found} == {1, 2, 3, 4}
    assert {"resolved", "closed"} & {row["state"] for row in found}
    assert all((row["resolved_at"] is not None) == (row["state"] in ("resolved", "closed")) for row in found)


@pytest.mark.django_db
def test_a_row_per_item_becomes_the_events_of_a_life(tmp_path, desk):
    """Opened by nobody, taken up, resolved and closed, each at its instant; what is resolved is resolved then."""
    path = written(tmp_path, "tickets.csv", exports.french_csv(), "cp1252")
    brought(path, drafted(path), desk)
    events = read.events("000004")
    at = exports.life(3)
    assert [event["state"] for event in events] == ["new", "in_progress", "resolved", "closed"]
    told = [event["at"].replace(tzinfo=None) + timedelta(hours=1) for event in events]
    assert told == [at[name] for name in ("opened", "started", "resolved", "closed")]
    assert [event["owner"] for event in events] == [None, "René 0", "René 0", "René 0"]
    item = read.item("000004")
    assert (item["owner"], item["queue"], item["customer"], item["priority"]) == ("René 0", "Équipe 1", "Zoé 3", 4)


@pytest.mark.django_db
def test_tomorrows_export_adds_what_is_new(tmp_path, desk):
    """The same items, some of them resolved meanwhile: only their resolution is added."""
    path = written(tmp_path, "tickets.csv", exports.french_csv(), "cp1252")
    guessed = drafted(path)
    brought(path, guessed, desk)
    at = exports.life(1)
    grown = exports.french_csv().replace(f"{at['started']:%d/%m/%Y %H:%M:%S};;", f"{at['started']:%d/%m/%Y %H:%M:%S};{at['resolved']:%d/%m/%Y %H:%M:%S};").replace("Haute;René 1", "Haute;René 1", 1)  # fmt: skip
    assert grown != exports.french_csv()
    other = written(tmp_path, "tomorrow.csv", grown, "cp1252")
    summary = brought(other, guessed, desk)
    assert (summary.items_added, summary.events_added) == (0, 1)
    assert read.item("000002")["state"] == "resolved"


@pytest.mark.django_db
def test_items_of_one_instant_keep_the_order_of_a_life(tmp_path, desk):
    """Opened, resolved and closed in the same minute: the item ends closed, and the staged rows count once each."""
    rows = [[f"C{n}", "Closed", *["2024-02-01 10:00"] * 3] for n in range(5)]
    path = written(tmp_path, "fast.csv", exports.text(["Case", "Status", "Opened", "Resolved", "Closed"], rows))
    summary = brought(path, drafted(path), desk)
    assert (summary.rows_accepted, summary.items, summary.events) == (5, 5, 15)
    assert {row["state"] for row in read.fetch("select state from work_item")} == {"closed"}
    assert [event["state"] for event in read.events("C0")] == ["new", "resolved", "closed"]


@pytest.mark.django_db
@pytest.mark.parametrize(("module", "name", "calls"), [
    (services, "rows_stage", 3), (staging, "staging_close", 1), (apply, "batch_apply", 2),
])  # fmt: skip
def test_rows_of_whole_items_go_on_after_a_kill(module, name, calls, tmp_path, desk, monkeypatch):
    """A row with several moments counts once, so the import goes on where it stopped and ends as one that was not killed."""
    monkeypatch.setattr(load, "CHUNK_ROWS", 7)
    monkeypatch.setattr(apply, "BATCH_ITEMS", 9)
    path = written(tmp_path, "tickets.csv", exports.german_csv().replace("29.01.2024 08:00", "bald", 1))
    guessed = drafted(path)
    clean = make_desk()
    brought(path, guessed, clean)
    with monkeypatch.context() as patch:
        _killed_at(patch, module, name, calls)
        with pytest.raises(Killed):
            brought(path, guessed, desk)
    summary = brought(path, guessed, desk)
    assert (summary.rows_read, summary.rows_accepted, summary.rows_rejected) == (exports.ITEMS, exports.ITEMS - 1, 1)
    assert read.picture(desk) == read.picture(clean)


@pytest.mark.django_db
@pytest.mark.parametrize("pack", ["gz", "zip", "xlsx", "xlsx dates"])
def test_the_same_table_packed_otherwise_is_the_same(pack, tmp_path, desk):
    """In gzip, in a zip and in a workbook, its dates as texts or as real ones: the same items."""
    body = exports.servicenow_csv(days_first=True)
    if pack == "gz":
        path = tmp_path / "list.csv.gz"
        path.write_bytes(gzip.compress(body.encode()))
    elif pack == "zip":
        path = tmp_path / "list.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("list.csv", body)
    else:
        form = "%d/%m/%Y %I:%M:%S %p" if "dates" in pack else None
        path = exports.workbook(tmp_path / "list.xlsx", body, form=form)
    guessed = drafted(path)
    assert guessed.sheet == ("Export" if "xlsx" in pack else "")
    summary = brought(path, guessed, desk)
    assert (summary.rows_accepted, summary.rows_rejected, summary.items) == (exports.ITEMS, 0, exports.ITEMS)
    assert read.item("INC001000")["closed_at"].isoformat() == "2024-02-01T07:00:00+00:00"


def test_a_sheet_with_some_dates_turned_is_refused(tmp_path):
    """Real instants beside texts: which of them had day and month swapped, nobody can say; both rows are named."""
    header = ["Number", "State", "Opened", "Resolved"]
    rows = [[f"INC{n}", "Resolved", f"{n:02d}/03/2024 10:00", f"{n:02d}/03/2024 11:00"] for n in range(1, 29)]
    body = exports.text(header, rows)
    path = exports.workbook(tmp_path / "turned.xlsx", body, form="%m/%d/%Y %H:%M")
    with pytest.raises(InvalidFacts, match=r"13/03/2024 10:00\): the spreadsheet has turned") as caught:
        guess_file(path)
    assert caught.value.details["lines"] == [2, 14]


def test_columns_of_one_name_are_told_apart(tmp_path):
    """Jira writes Labels three times; each gets its number, and none is read as if it were the only one."""
    guessed = drafted(written(tmp_path, "jira.csv", exports.jira_csv()))
    assert [each.column for each in guessed.columns if "Labels" in each.column] == [
        "Labels (1)",
        "Labels (2)",
        "Labels (3)",
    ]
    assert 'multiline = ["Description"]' in guessed.toml


def test_preview_shows_what_was_understood(tmp_path):
    """One line for each event of the first rows."""
    guessed = drafted(written(tmp_path, "tickets.csv", exports.german_csv()))
    assert guessed.preview[0] == {
        "line": "2", "item": "T-00000", "at": "2024-01-29T07:00:00+00:00", "state": "new", "priority": "P1", "owner": "",
        "queue": "Rechenzentrum", "title": "Störung 0",
    }  # fmt: skip


def test_a_letter_that_is_no_utf_8_late_in_the_file(tmp_path):
    """The first megabytes are plain letters; the one that is not says that the file is not UTF-8, and where."""
    rows = [[f"C{n}", "Closed", "2024-02-01 10:00", "2024-02-01 11:00", "x" * 60] for n in range(6_000)]
    rows[-1][-1] = "Café"
    body = exports.text(["Case", "Status", "Opened", "Closed", "Subject"], rows)
    guessed = drafted(written(tmp_path, "late.csv", body, "cp1252"))
    assert guessed.encoding == "cp1252"
    assert "line 6001 is no valid UTF-8" in guessed.notes[0]


@pytest.mark.parametrize(("body", "told"), [
    (b"", "empty"), (b"Number,Opened,Resolved\n", "no rows"), (b"Number\nINC1\nINC2\n", "one column"),
    (b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00" * 50, "not a text file"), (bytes(range(1, 32)) * 200, "not a text file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old kind"),
    (b"a,b\nx,x\nx,x\nx,x\n", "no column tells the items apart"),
    (b"PK\x03\x04 no zip at all", "zip"),
])  # fmt: skip
def test_files_of_which_nothing_can_be_made(tmp_path, body, told):
    """Each has its sentence, and none a traceback."""
    path = tmp_path / "odd.csv"
    path.write_bytes(body)
    with pytest.raises(InvalidFacts, match=told):
        guess_file(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(NotFound):
        guess_file(tmp_path / "nowhere.csv")


def test_what_is_asked_makes_no_profile(tmp_path):
    """The questions are named."""
    guessed = guess_file(written(tmp_path, "tickets.csv", exports.german_csv()))
    with pytest.raises(InvalidFacts, match="zone"):
        guess_load(guessed)


def test_rows_of_another_width_are_named(tmp_path):
    """They will be rejected; the lines are told before."""
    body = exports.german_csv().replace("Rechenzentrum", "Rechen;zentrum", 1)
    guessed = drafted(written(tmp_path, "tickets.csv", body))
    assert "lines 2" in " ".join(guessed.notes)


FOLDER = os.environ.get("WATCHBILL_TEST_DATA", "")
UCI = Path(FOLDER, "incidents_uci_servicenow", "incident_event_log_dev.csv.gz")
VOLVO = Path(FOLDER, "incidents_bpi2013_volvo", "bpi2013_incidents.csv.gz")
EVENTS = """
    select i.external_ref, e.seq, e.kind, e.at, e.state, e.actor_kind, e.actor_name, o.name as owner, q.name as queue, e.priority,
    e.source_key from work_event as e join work_item as i on i.id = e.item_id left join people_person as o on o.id = e.owner_id
    left join work_queue as q on q.id = e.queue_id where i.external_source = %s order by 1, 2
"""


@pytest.mark.django_db
def test_a_small_log_gives_the_same_events_as_the_shipped_profile(tmp_path, bring, desk):
    """One row per update, as ServiceNow writes it: but for the names in the profile nothing differs."""
    path = log.write(tmp_path / "log.csv", log.many(60))
    guessed = guess_file(path, {"zone": "America/Sao_Paulo"})
    assert guessed.grain is Grain.UPDATE
    assert guessed.is_complete, guessed.questions
    brought(path, guessed, desk)
    bring(path=path)
    drafted_events = read.fetch(EVENTS, [guessed.name])
    shipped = read.fetch(EVENTS, ["servicenow"])
    assert drafted_events
    told = ("external_ref", "kind", "at", "state", "owner", "queue", "priority", "source_key", "actor_name")
    assert [[row[name] for name in told] for row in drafted_events] == [[row[name] for name in told] for row in shipped]


def needs(path):
    reason = f"{path.name} is not here: set WATCHBILL_TEST_DATA to the folder of the public logs"
    return pytest.mark.skipif(not FOLDER or not path.exists(), reason=reason)


@needs(UCI)
@pytest.mark.slow
def test_the_servicenow_log_is_drafted_as_its_shipped_profile_reads_it():
    """Same columns, same words, same machine; what differs are attributes, the title and the name of a missing queue."""
    from watchbill.flows.intake.profiles import profile_load

    first = guess_file(UCI)
    assert [question.key for question in first.questions] == ["state.-100", "robots", "zone"]
    guessed = guess_file(UCI, {"state.-100": "unknown", "robots": "Updated by 908", "zone": "America/Sao_Paulo"})
    ours, shipped = guess_load(guessed).profile, profile_load("servicenow-incidents").profile
    same = (
        "kind", "delimiter", "encoding", "missing", "zone", "reference", "at", "opened_at", "key", "state_columns", "states",
        "states_unknown", "unowned", "category", "skill", "queue", "team", "owner", "customer", "robots", "priority", "moments",
    )  # fmt: skip
    assert [name for name in same if getattr(ours, name) != getattr(shipped, name)] == []
    assert ours.dates.text == shipped.dates.text


@needs(VOLVO)
@pytest.mark.slow
def test_the_volvo_log_is_drafted_nearly_as_its_shipped_profile_reads_it():
    """What only a person knows differs: whose country the customer's is, and that a queued item's owner is who queued it."""
    from watchbill.flows.intake.profiles import profile_load

    first = guess_file(VOLVO)
    assert [question.key for question in first.questions] == ["state.Unmatched/Unmatched", "robots", "zone"]
    guessed = guess_file(
        VOLVO, {"state.Unmatched/Unmatched": "unknown", "robots": "Siebel", "zone": "Europe/Stockholm"}
    )
    ours, shipped = guess_load(guessed).profile, profile_load("bpi2013-incidents").profile
    same = (
        "kind", "delimiter", "encoding", "zone", "reference", "at", "opened_at", "state_columns", "states", "states_unknown",
        "category", "skill", "queue", "team", "robots", "item_title", "impact", "queue_absent",
    )  # fmt: skip
    assert [name for name in same if getattr(ours, name) != getattr(shipped, name)] == []
    assert ours.dates.text == shipped.dates.text
    assert ours.owner.columns == shipped.owner.columns
    assert ours.owner.missing == shipped.owner.missing
    assert (ours.unowned, ours.customer) == (frozenset(), None)
