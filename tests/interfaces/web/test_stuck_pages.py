"""The pages Stuck and Changes of region: filters with counts, reasons by row, pins, and empty states."""

from __future__ import annotations

from tests.interfaces.cli.test_stuck import going, left  # noqa: F401 -- fixtures
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of


def test_stuck_says_why_by_row_and_counts(enter, left):  # noqa: F811 -- the fixture
    """The reason opens its rows."""
    browser = enter("admin")
    page = browser.get("/stuck/?desk=north").content.decode()
    assert "owner has left" in page
    assert "reason=left" in page
    narrowed = browser.get("/stuck/?desk=north&reason=left").content.decode()
    assert f"row-{left}" in narrowed
    assert browser.get("/stuck/?desk=north&reason=nonsense").status_code == 422
    assert "Nothing is stuck" in browser.get("/stuck/?desk=north&reason=bouncing").content.decode()


def test_changes_of_region_are_shown_and_pinned(enter, going):  # noqa: F811 -- the fixture
    """Why, what was rejected, and a button."""
    browser = enter("admin")
    page = browser.get("/traffic/?desk=north").content.decode()
    assert "Passed with the sun to APJ" in page
    assert "a promise would be lost" in page
    assert "Not parked: by waiting" in page
    done = browser.post(f"/cases/{going}/pin/", {"pin": "on"}, follow=True).content.decode()
    assert "Pinned by" in done


def test_a_case_says_what_becomes_of_it_and_is_pinned_there(enter, going):  # noqa: F811 -- the fixture
    """The panel on its page: choice, reason, what was rejected; the pin leads back to it. Who only looks has no button."""
    browser = enter("admin")
    page = html_of(browser, f"/cases/{going}/")
    assert problems(page) == []
    for said in ("Change of region", "Passed with the sun to APJ", "a promise would be lost", "Not parked: by waiting"):
        assert said in page
    assert "Keep with its owner" not in html_of(enter("auditor"), f"/cases/{going}/")
    done = browser.post(f"/cases/{going}/pin/", {"pin": "on", "back": f"/cases/{going}/"}, follow=True)
    assert done.redirect_chain == [(f"/cases/{going}/", 302)]
    assert "Pinned by" in done.content.decode()
    assert ">Unpin<" in done.content.decode()


def test_a_case_without_a_change_ahead_has_an_empty_place(enter, office):
    """Live updates have something to replace."""
    assert '<section class="panel" id="traffic" hidden>' in html_of(enter("admin"), f"/cases/{office.item()}/")


def test_a_desk_of_one_region_says_so(enter):
    """And how regions come to be."""
    assert "No region goes home soon" in enter("admin").get("/traffic/?desk=north").content.decode()
