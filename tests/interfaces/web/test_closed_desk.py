"""A closed desk looks closed to those who may open it again, and offers nothing that begins work."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.flows.intake import log
from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.people.services import desk_rename
from watchbill.apps.work.models import WorkItem
from watchbill.flows.desks import desk_close

SAID = "This desk is closed since"


@pytest.fixture
def admin(office, enter):
    """An administrator, when north is closed and south is not."""
    desk_rename(office.desks["north"], name="North", by=BY, now=NOW)
    desk_close(office.desks["north"], reason="merged", by=BY, now=NOW)
    return enter("admin")


@pytest.mark.parametrize("path", ["board", "cases", "people", "queues", "imports", "policies", "audit", "cases/new"])
def test_every_page_of_it_says_so(admin, path):
    """With the way to open it again; pages of another desk, and of none, say nothing."""
    html = html_of(admin, f"/{path}/?desk=north")
    assert f"{SAID} {NOW.day} " in html
    assert '<a href="/desks/?desk=north">Open it again on Desks</a>' in html
    assert SAID not in html_of(admin, f"/{path}/?desk=south")
    assert SAID not in html_of(admin, "/desks/?desk=north")


def test_no_case_is_offered_to_be_opened(admin):
    """Neither by list, board or palette, nor by the address of the form."""
    for path in ("/cases/", "/board/", "/palette/", "/cases/new/"):
        assert re.search('(href|action)="/cases/new/', html_of(admin, f"{path}?desk=south"))
        assert not re.search('(href|action)="/cases/new/', html_of(admin, f"{path}?desk=north"))


def test_what_was_typed_is_kept(admin):
    """The desk was closed while somebody wrote: she reads why, and loses nothing."""
    html = html_of(admin, "/cases/new/?desk=north", 409, title="The door is stuck", kind="case")
    assert "This desk is closed; it takes no new work" in html
    assert 'value="The door is stuck"' in html
    assert "Someone was faster" not in html
    assert not WorkItem.objects.exists()


def test_nothing_comes_next_and_no_file_is_taken(admin):
    """Desks and Imports do not ask for its history."""
    assert "Import its history" in html_of(admin, "/desks/?desk=south")
    assert "Import its history" not in html_of(admin, "/desks/?desk=north")
    imports = html_of(admin, "/imports/?desk=north")
    assert 'enctype="multipart/form-data"' not in imports
    assert "watchbill import FILE" not in imports
    file = SimpleUploadedFile("log.csv", log.text().encode())
    html = html_of(admin, "/imports/new/?desk=north", 422, profile="servicenow-incidents", file=file)
    assert "This desk is closed; it takes no new work" in html
    assert "Someone was faster" not in html
