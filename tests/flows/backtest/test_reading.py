"""A file of history without a database is refused where an import of it would be, in the same words."""

import pytest

from tests.flows.intake import log
from watchbill.flows.backtest.reading import history_read
from watchbill.flows.intake.layout import BrokenFile
from watchbill.flows.intake.profiles import profile_load

LOADED = profile_load("servicenow-incidents")


def stopped(path, rows):
    with pytest.raises(BrokenFile) as caught:
        history_read(log.write(path / "log.csv", rows), LOADED, tell=lambda *_: None)
    return caught.value


def test_one_row_that_disproves_the_dates_is_enough(tmp_path):
    """The others would be misread without a word, be they ever so many."""
    error = stopped(tmp_path, [*log.ROWS, log.row("INC9", 0, "2/29/2016 10:00")])
    assert "1 of the" in error.message
    assert "2/29/2016 10:00" in error.message
    assert error.details["line"] == len(log.ROWS) + 2


def test_a_file_of_no_rows_or_none_that_can_be_read(tmp_path):
    """Named as such, with the first row that could not be read."""
    assert "no rows" in stopped(tmp_path, []).message
    error = stopped(tmp_path, [log.row("INC1", 0, "soon"), log.row("INC2", 0, "later")])
    assert "None of its 2 rows" in error.message
    assert (error.details["line"], error.details["value"]) == (2, "soon")
