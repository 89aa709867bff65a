"""Imports: progress, summary, rejected rows, what was inferred; and what to do when there is none."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.flows.intake import log
from tests.interfaces.office import NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.inbox.models import Import, ImportBatch, RejectedRow, Upload
from watchbill.apps.inbox.services import desk_key
from watchbill.apps.people.models import User
from watchbill.flows.intake.upload import uploads_import

QUERIES_LIST = 11


@pytest.fixture
def make(office):
    """Make an import into the desk north, as the importer leaves it."""
    numbers = iter(range(1, 100))

    def _make(status="done", rejects=(), **more):
        number = next(numbers)
        row = Import.objects.create(
            desk_id=office.desks["north"], profile="servicenow-incidents", profile_digest="d", file_name=f"log {number}.csv",
            file_size=1000, sha256=f"{number:064}", status=status, by_name="Ann", started_at=NOW,
            **{"rows_read": 100, "rows_accepted": 100 - len(rejects), "rows_rejected": len(rejects), "items": 50, **more},
        )  # fmt: skip
        RejectedRow.objects.bulk_create(
            RejectedRow(imported=row, line=line, column="opened_at", value=value, expected="a date")
            for line, value in rejects
        )
        return row.id

    return _make


@pytest.fixture
def importer(office):
    """Somebody is at an import into the desk north: the lock of its imports is held."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [desk_key(office.desks["north"])])


@pytest.mark.parametrize("status", ["staging", "applying"])
def test_an_import_that_nobody_is_at_is_interrupted(enter, make, office, status):
    """Its importer was ended: the page says how it goes on, and does not ask again and again."""
    number = make(status, items=4000)
    client = enter("coordinator")
    for path in ("/imports/?desk=north", f"/imports/{number}/"):
        html = html_of(client, path)
        assert "Interrupted: send or import the same file again and it goes on" in html
        assert "<progress max" not in html
        assert "every 2s" not in html
    with connection.cursor() as cursor:  # of another desk
        cursor.execute("select pg_advisory_xact_lock(%s)", [desk_key(office.desks["south"])])
    assert "Interrupted" in html_of(client, "/imports/?desk=north")


def test_a_file_that_is_kept_here_goes_on_by_itself(enter, make, office):
    """The next worker goes on, and the page waits for it."""
    number = make("applying", items=4000)
    Upload.objects.create(imported_id=number, user_id=User.objects.get(username="coordinator").id, profile_text="")
    for path in ("/imports/?desk=north", f"/imports/{number}/"):
        html = html_of(enter("coordinator"), path)
        assert "Interrupted: it goes on by itself" in html
        assert "every 2s" in html


def test_without_an_import_the_page_says_the_command(enter):
    """What to run, and for which desk."""
    html = html_of(enter("coordinator"), "/imports/?desk=north")
    assert "watchbill import FILE --profile servicenow-incidents --desk north" in html


def test_a_running_import_shows_its_progress_and_asks_again(enter, make, importer):
    """While batches are applied the share is known; the region fetches itself until it is done."""
    number = make("applying", items=4000)
    ImportBatch.objects.create(imported_id=number, number=0, items_added=1000)
    client = enter("coordinator")
    for path in ("/imports/?desk=north", f"/imports/{number}/"):
        html = html_of(client, path)
        assert '<progress max="1" value="0.25"' in html
        assert 'hx-trigger="every 2s"' in html
    Import.objects.update(status="done")
    assert "every 2s" not in html_of(client, "/imports/?desk=north")


def test_a_file_that_is_being_read_shows_the_share_of_its_bytes(enter, make, importer):
    """The end is known from the first chunk on: nobody watches a bar that says nothing."""
    number = make("staging", read_share=0.4)
    client = enter("coordinator")
    for path in ("/imports/?desk=north", f"/imports/{number}/"):
        html = html_of(client, path)
        assert '<progress max="1" value="0.4" aria-label="Reading">40%</progress>' in html
        assert 'hx-trigger="every 2s"' in html


def test_the_summary_reconciles_and_rejected_rows_are_listed(enter, make):
    """Line, column, value and what was expected; values are text."""
    number = make(rejects=[(7, "<script>x</script>"), (9, "13/13/2016")])
    html = html_of(enter("coordinator"), f"/imports/{number}/")
    assert "98 rows accepted, 2 rejected" in html
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert "<script>x" not in html


def test_rejected_rows_are_paged_by_line(enter, make):
    """A hundred a page."""
    number = make(rejects=[(line, "x") for line in range(1, 131)])
    client = enter("coordinator")
    assert f'rel="next" href="/imports/{number}/?after=100&amp;desk=north"' in html_of(client, f"/imports/{number}/")
    assert "30 rows of 130" in html_of(client, f"/imports/{number}/?after=100")


def test_all_rejected_rows_are_downloaded_with_formulas_defused(enter, make):
    """CSV with a header; a cell that would be a formula begins with an apostrophe."""
    number = make(rejects=[(7, "=1+1")])
    answer = enter("coordinator").get(f"/imports/{number}/rejects.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="IMP-{number}-rejected.csv"'
    assert b"".join(answer.streaming_content).decode().splitlines() == [
        "line,column,value,expected", "7,opened_at,'=1+1,a date",
    ]  # fmt: skip


def test_a_stopped_import_says_why(enter, make):
    """The message stands at the top."""
    number = make("stopped", message="The file is not what the profile says")
    assert "The file is not what the profile says" in html_of(enter("coordinator"), f"/imports/{number}/")


def test_what_was_inferred_is_counted_beside_what_was_set_by_hand(enter, make):
    """The office's hours were set by hand: two people."""
    make()
    html = html_of(enter("coordinator"), "/imports/?desk=north")
    assert "0 people by what they did, 0 by their team&#39;s or the desk&#39;s hours, 2 set by hand" in html


def test_the_list_takes_the_same_queries_for_any_number_of_imports(enter, make):
    """Neither imports nor rejected rows add a query."""
    client = enter("coordinator")
    make()
    client.get("/imports/?desk=north")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            html_of(client, "/imports/?desk=north")
        counts.append(len(queries))
        make(rejects=[(1, "x")])
        make()
    assert counts == [QUERIES_LIST, QUERIES_LIST]


def test_imports_of_another_desk_are_not_there(enter, make):
    """404 for the import and its rows."""
    number = make(rejects=[(1, "secret")])
    client = enter("stranger")
    assert client.get(f"/imports/{number}/").status_code == 404
    assert client.get(f"/imports/{number}/rejects.csv").status_code == 404
    assert enter("agent").get("/imports/?desk=north").status_code == 403


def sent(name="log.csv", rows=log.ROWS, **fields):
    """The form of a file to import."""
    file = SimpleUploadedFile(name, log.text(rows).encode())
    return {"file": file, "profile": "servicenow-incidents", "desk": "north", **fields}


def test_a_file_is_sent_and_imported_in_the_background(enter, office, tmp_path):
    """The page shows it waiting and asks again; when the worker is done, the summary and its rejected rows."""
    client = enter("admin")
    assert 'type="file" id="new-file" name="file"' in html_of(client, "/imports/?desk=north")
    answer = client.post("/imports/new/", sent(rows=[*log.ROWS, log.row("INC9", 0, "soon")]))
    assert answer.status_code == 302
    waiting = html_of(client, answer["Location"])
    assert "Waiting" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert uploads_import(tmp_path, workers=1, now=NOW) == 1
    done = html_of(client, answer["Location"])
    assert "10 rows accepted, 1 rejected" in done
    assert "Download all as CSV" in done
    client.post("/imports/new/", sent(rows=[*log.ROWS, log.row("INC9", 0, "soon")]))
    assert "nothing changes" in html_of(client, answer["Location"])


def test_the_profile_of_the_last_file_is_chosen_for_the_next(enter, make):
    """Who sends a file a week does not choose how it is read each time."""
    make("done")
    html = html_of(enter("admin"), "/imports/?desk=north")
    assert re.search(r'<option value="servicenow-incidents"\s+selected', html)


def test_what_is_wrong_with_the_form_is_said_at_its_field(enter, settings):
    """No file, an unknown profile, a file that is too large: nothing is kept."""
    client = enter("admin")
    for form, told in (
        (sent(file=""), "Choose a file"),
        (sent(profile="/etc/passwd.toml"), "Choose a profile of the list"),
        (sent(file=SimpleUploadedFile("empty.csv", b"")), "Choose a file|The file is empty"),
    ):
        html = client.post("/imports/new/", form)
        assert html.status_code == 422
        assert re.search(told, html.content.decode())
    settings.UPLOAD_MB = 0
    assert "larger than 0 MB" in client.post("/imports/new/", sent()).content.decode()
    assert not Import.objects.exists()


def test_the_limit_holds_for_all_files_of_a_form_together(enter, settings):
    """Many files that each fit fill the disk as one that is too large would."""
    settings.UPLOAD_MB = 1
    half = b"x" * (600 << 10)
    form = sent(other=SimpleUploadedFile("other.csv", half), file=SimpleUploadedFile("log.csv", half))
    answer = enter("admin").post("/imports/new/", form)
    assert answer.status_code == 422
    assert "larger than 1 MB" in answer.content.decode()
    assert not Import.objects.exists()


def test_nobody_sends_a_file_without_the_right(enter, office):
    """Not to a desk that is another's, not as somebody who may only look, and not as a stranger."""
    assert enter("coordinator").post("/imports/new/", sent()).status_code == 403
    assert enter("stranger").post("/imports/new/", sent()).status_code == 404
    assert 'type="file"' not in html_of(enter("coordinator"), "/imports/?desk=north")
    assert Client().post("/imports/new/", sent()).status_code == 302
    assert not Import.objects.exists()


def test_people_are_inferred_again_from_the_page(enter, make):
    """By whoever may correct people; the answer counts."""
    make()
    client = enter("manager")
    assert "/imports/infer/" in html_of(client, "/imports/?desk=north")
    answer = client.post("/imports/infer/?desk=north")
    assert "0 memberships" in html_of(client, answer["Location"])
    assert "/imports/infer/" not in html_of(enter("coordinator"), "/imports/?desk=north")
