"""Files that were sent: imported by the worker like any other, kept until that has ended, and no longer."""

from __future__ import annotations

import gzip
import io

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobAborted

from tests.factories import BOSS, NOW
from tests.flows.intake import log, read
from watchbill.apps.inbox.queries import import_get, import_list, rejects_page
from watchbill.apps.people import users
from watchbill.apps.people.models import Desk
from watchbill.apps.people.queries import actor_of_username
from watchbill.apps.people.rights import Role
from watchbill.engine.base.errors import InvalidFacts, NotAllowed
from watchbill.flows.intake import upload
from watchbill.flows.intake.profiles import profile_load
from watchbill.flows.intake.upload import upload_take, uploads_import

PROFILE = profile_load("servicenow-incidents")


@pytest.fixture
def sender(desk):
    """Somebody who may run imports."""
    users.user_create("ann", name="Ann", by=BOSS, now=NOW)
    users.role_grant("ann", Role.ADMIN, desk_id=desk, by=BOSS, now=NOW)
    return actor_of_username("ann")


@pytest.fixture
def send(desk, sender):
    """Send a file to the desk."""

    def _send(body=None, *, name="log.csv.gz", by=sender, **options):
        raw = gzip.compress(log.text().encode(), mtime=0) if body is None else body
        return upload_take(
            io.BytesIO(raw), name=name, size=len(raw), loaded=PROFILE, desk_id=desk, by=by, now=NOW, **options
        )

    return _send


def kept():
    """How many files and pieces of files are kept."""
    (row,) = read.fetch(
        "select (select count(*) from inbox_upload) as files, (select count(*) from inbox_uploadpart) as pieces"
    )
    return row["files"], row["pieces"]


def test_a_file_waits_and_is_imported(send, sender, tmp_path, monkeypatch):
    """It waits in pieces, with a job for the worker; the worker imports what a command would, and nothing is left of the file."""
    monkeypatch.setattr(upload, "PIECE", 100)
    taken = send()
    row = import_get(taken.import_id, by=sender)
    assert (row.status, row.file_name, row.by_name) == ("waiting", "log.csv.gz", "Ann")
    assert kept()[1] > 2
    assert ProcrastinateJob.objects.filter(task_name=upload.JOB, status="todo").count() == 1
    assert uploads_import(tmp_path / "imports", workers=1, now=NOW) == 1
    row = import_get(taken.import_id, by=sender)
    assert (row.status, row.rows_read, row.rows_accepted, row.rows_rejected) == ("done", 10, 10, 0)
    assert kept() == (0, 0)
    assert list((tmp_path / "imports").iterdir()) == []
    assert uploads_import(tmp_path / "imports", workers=1, now=NOW) == 0


def test_the_same_file_sent_twice_is_one_import(send, sender, desk, tmp_path):
    """While it waits it is kept once and has one job; when it is done nothing is kept."""
    first, second = send(), send(name="other.csv.gz")
    assert first == second
    assert kept() == (1, 1)
    assert ProcrastinateJob.objects.filter(task_name=upload.JOB).count() == 1
    uploads_import(tmp_path, workers=1, now=NOW)
    assert send().is_repeat
    assert kept() == (0, 0)
    assert len(import_list(desk, by=sender)) == 1


def test_a_broken_file_says_line_and_column_as_the_command_does(send, sender, tmp_path):
    """The import is stopped with the same sentence; mended and sent again, it is another import."""
    rows = [*log.ROWS, log.row("INC8", 0, "4/13/2016 10:00")]
    taken = send(log.text(rows).encode(), name="bad.csv")
    assert uploads_import(tmp_path, workers=1, now=NOW) == 1
    row = import_get(taken.import_id, by=sender)
    assert row.status == "stopped"
    assert "bad.csv, line 12, column “sys_updated_at”" in row.message
    assert "Expected: day/month/year" in row.message
    assert kept() == (0, 0)
    assert read.fetch("select count(*) as n from work_item") == [{"n": 0}]
    again = send(log.text(rows).encode(), name="bad.csv")
    assert again.import_id == taken.import_id
    assert import_get(taken.import_id, by=sender).status == "waiting"


def test_rejected_rows_stay_on_record(send, sender, tmp_path):
    """They can be read and downloaded when the file is long gone."""
    taken = send(log.text([*log.ROWS, log.row("INC9", 0, "soon")]).encode(), name="log.csv")
    uploads_import(tmp_path, workers=1, now=NOW)
    assert [row["value"] for row in rejects_page(taken.import_id, by=sender)] == ["soon"]


def test_a_killed_worker_leaves_a_file_that_the_next_one_finishes(send, sender, desk, bring, tmp_path):
    """Interrupted while it applies, it goes on where it stopped; what came of it is what comes of one run."""

    class Killed(BaseException):
        """As sudden as a signal."""

    def kill(what, _share):
        if what == "sorting":
            raise Killed

    taken = send()
    with pytest.raises(Killed):
        uploads_import(tmp_path, tell=kill, workers=1, now=NOW)
    (tmp_path / "upload-999").mkdir()  # what a killed worker leaves of a file that another one finished
    assert import_get(taken.import_id, by=sender).rows_read == 10
    assert kept() == (1, 1)
    assert uploads_import(tmp_path, workers=1, now=NOW) == 1
    assert list(tmp_path.iterdir()) == []
    row = import_get(taken.import_id, by=sender)
    assert (row.status, row.rows_read, row.items) == ("done", 10, 3)


def test_a_file_that_kills_every_worker_is_not_tried_for_ever(send, sender, tmp_path, monkeypatch):
    """After some tries the import is stopped and says so."""
    taken = send()

    def broken(*_args, **_more):
        raise MemoryError

    monkeypatch.setattr(upload, "import_run", broken)
    for _ in range(upload.TRIES):
        with pytest.raises(ExceptionGroup, match="wait for their next try"):
            uploads_import(tmp_path, workers=1, now=NOW)
    assert uploads_import(tmp_path, workers=1, now=NOW) == 1
    row = import_get(taken.import_id, by=sender)
    assert row.status == "stopped"
    assert "never came to its end" in row.message
    assert kept() == (0, 0)


def test_a_worker_that_is_told_to_stop_costs_no_try(send, tmp_path, monkeypatch):
    """However often Watchbill is restarted during a long import, it goes on."""
    send()
    with monkeypatch.context() as patch:
        patch.setattr(upload, "import_run", stop)
        for _ in range(upload.TRIES + 1):
            with pytest.raises(JobAborted):
                uploads_import(tmp_path, workers=1, now=NOW)
    assert uploads_import(tmp_path, workers=1, now=NOW) == 1
    assert kept() == (0, 0)


def stop(*_args, **_more):
    raise JobAborted


def test_a_file_that_fails_keeps_no_other_waiting(send, sender, tmp_path, monkeypatch):
    """Whatever its failure: the one behind it is imported all the same, and the failure is still raised."""
    first, second = send(), send(log.text().encode(), name="behind.csv")
    real = upload.import_run

    def broken(path, *args, **more):
        if path.name == "log.csv.gz":
            raise MemoryError
        return real(path, *args, **more)

    monkeypatch.setattr(upload, "import_run", broken)
    with pytest.raises(ExceptionGroup, match="wait for their next try"):
        uploads_import(tmp_path, workers=1, now=NOW)
    assert import_get(second.import_id, by=sender).status == "done"
    assert import_get(first.import_id, by=sender).status == "waiting"


def test_a_file_of_a_desk_that_was_closed_meanwhile_is_stopped(send, desk, tmp_path):
    """Sent in the moment in which the desk was closed: its import says so, and nothing of it is tried again."""
    taken = send()
    Desk.objects.filter(id=desk).update(closed_at=NOW)
    assert uploads_import(tmp_path, workers=1, now=NOW) == 1
    row = import_get(taken.import_id, by=BOSS)
    assert (row.status, row.message) == ("stopped", "This desk is closed; it takes no new work")
    assert kept() == (0, 0)


def test_a_desk_that_is_busy_lets_the_file_wait(send, sender, desk, tmp_path, transactional_locks):
    """Another import into the desk runs: nothing is tried, and nothing is lost."""
    taken = send()
    with transactional_locks(f"intake:{desk}"):
        assert uploads_import(tmp_path, workers=1, now=NOW) == 0
    assert import_get(taken.import_id, by=sender).status == "waiting"
    assert uploads_import(tmp_path, workers=1, now=NOW) == 1


def test_rights_are_asked_when_it_is_sent_and_when_it_is_imported(send, sender, desk, tmp_path):
    """Somebody who has lost the right meanwhile imports nothing; a console sends no files."""
    taken = send()
    users.role_grant("ann", Role.ADMIN, desk_id=desk, is_granted=False, by=BOSS, now=NOW)
    assert uploads_import(tmp_path, workers=1, now=NOW) == 1
    row = import_get(taken.import_id, by=BOSS)
    assert row.status == "stopped"
    assert "right" in row.message
    for by in (actor_of_username("ann"), BOSS):
        with pytest.raises(NotAllowed):
            send(by=by)


def test_an_empty_file_is_refused_at_once(send):
    """At its field."""
    with pytest.raises(InvalidFacts) as caught:
        send(b"")
    assert caught.value.details["field"] == "file"


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        ("log.csv", "log.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\logs\\june.csv.gz", "june.csv.gz"),
        ("..", "upload"),
        ("a\x00b\n.csv", "ab.csv"),
        (f"{'é' * 300}.csv", f"{'é' * 58}.csv"),
        ("", "upload"),
    ],
)
def test_a_name_is_plain_on_every_disk(sent, plain):
    """No folder, nothing unprintable, not too long; the ending stays."""
    assert upload.name_plain(sent) == plain
    assert len(upload.name_plain(sent).encode()) <= upload.NAME_BYTES
