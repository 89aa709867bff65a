"""Imports by the API."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.flows.intake import log
from tests.interfaces.office import BY, NOW
from watchbill.apps.inbox.models import Import
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load
from watchbill.flows.intake.upload import uploads_import


@pytest.fixture
def imported(office, tmp_path):
    """The reference of an import into the desk north, of ten good rows and two that were rejected."""
    path = log.write(tmp_path / "log.csv", [*log.ROWS, log.row("INC9", 0, "soon"), log.row("INC9", 1, "later")])
    summary = import_run(
        path, profile_load("servicenow-incidents"), desk_id=office.desks["north"], workers=1, by=BY, now=NOW
    )
    return f"IMP-{summary.import_id}"


def test_an_import_reconciles(api, imported):
    """Rows read = accepted + rejected, in the list as in the import itself."""
    caller = api("coordinator")
    status, found = caller.get(f"/imports/{imported}")
    assert status == 200
    assert found["rows_read"] == found["rows_accepted"] + found["rows_rejected"] == 12
    assert (found["rows_rejected"], found["status"], found["file_name"]) == (2, "done", "log.csv")
    assert caller.get("/imports?desk=north")[1]["imports"] == [found]


def test_an_interrupted_import_says_how_it_goes_on(api, imported):
    """Its status is what it was when its importer was killed."""
    Import.objects.update(status="staging")
    _, found = api("coordinator").get(f"/imports/{imported}")
    assert (found["status"], found["is_interrupted"]) == ("staging", True)
    assert found["message"] == "Interrupted: send or import the same file again and it goes on"


def test_rejected_rows_say_what_was_expected(api, imported):
    """Each names its line, column and value; the next page begins after the last line."""
    caller = api("coordinator")
    _, first = caller.get(f"/imports/{imported}/rejects?limit=1")
    _, second = caller.get(f"/imports/{imported}/rejects?limit=1&after={first['next']}")
    rows = first["rejects"] + second["rejects"]
    assert [row["value"] for row in rows] == ["soon", "later"]
    assert rows[0]["line"] < rows[1]["line"]
    assert all(row["expected"] for row in rows)
    assert second["next"] is None


def test_an_import_of_another_desk_is_not_there(api, imported):
    """Whoever may not see the desk finds neither the import nor its rows."""
    for path in (f"/imports/{imported}", f"/imports/{imported}/rejects"):
        assert api("stranger").get(path)[0] == 404


def test_a_file_is_sent_and_followed(office, api, tmp_path):
    """202 with the import, which waits; when the worker was there it is done. Sent again, nothing changes."""
    caller = api("admin")

    def send(key=None, **fields):
        file = SimpleUploadedFile("log.csv", log.text().encode())
        headers = {**caller.headers, **({"Idempotency-Key": key} if key else {})}
        form = {"desk": "north", "profile": "servicenow-incidents", "file": file, **fields}
        answer = caller.client.post("/api/v1/imports", form, headers=headers)
        return answer.status_code, answer.json()

    status, found = send(key="one")
    assert (status, found["status"], found["file_name"]) == (202, "waiting", "log.csv")
    assert send(key="one") == (status, found)
    assert send(key="one", profile="bpi2013-incidents")[0] == 422
    assert uploads_import(tmp_path, workers=1, now=NOW) == 1
    assert caller.get(f"/imports/{found['reference']}")[1]["status"] == "done"
    assert send()[1]["status"] == "done"
    assert send(profile="x.toml")[1]["details"]["field"] == "profile"
    assert send(desk="south", file="")[0] == 422
    assert send(desk="nowhere")[0] == 404


def test_a_file_that_is_too_large_is_refused(office, api, settings):
    """422 with the limit; nothing is kept."""
    settings.UPLOAD_MB = 0
    caller = api("admin")
    form = {"desk": "north", "profile": "servicenow-incidents", "file": SimpleUploadedFile("log.csv", b"x" * 10)}
    answer = caller.client.post("/api/v1/imports", form, headers=caller.headers)
    assert answer.status_code == 422
    assert "larger than 0 MB" in answer.json()["message"]


def test_people_are_inferred_by_the_api(api, imported):
    """The counts of what was inferred."""
    status, found = api("manager").post("/imports/infer", {"desk": "north"})
    assert status == 200
    assert found["memberships"] >= 1
