"""The pages Stuck and Changes of region: filters with counts, reasons by row, pins, and empty states."""

from __future__ import annotations

from tests.interfaces.cli.test_stuck import going, left  # noqa: F401 -- fixtures


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


def test_a_desk_of_one_region_says_so(enter):
    """And how regions come to be."""
    assert "No region goes home soon" in enter("admin").get("/traffic/?desk=north").content.decode()
