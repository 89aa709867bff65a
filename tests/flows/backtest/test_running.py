"""By what a file is judged: by what was given, else by its profile, else by the defaults; and who said so."""

import pytest

from watchbill.engine.backtest.twin.promise import Origin
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority
from watchbill.engine.intake.promise import ALWAYS, PromiseSaid
from watchbill.flows.backtest.running import default_promise, promise_of_file

GIVEN = {Priority.P2: 90}
SAID = PromiseSaid(targets_min={Priority.P1: 30, Priority.P3: 600}, hours="07:00-15:00")


@pytest.mark.parametrize(
    ("said", "given", "hours", "found"),
    [
        (None, {}, "", ({1: 240, 2: 480, 3: 960, 4: 2400}, "08:00 to 18:00", Origin.DEFAULT, Origin.DEFAULT)),
        (SAID, {}, "", ({1: 30, 3: 600}, "07:00 to 15:00", Origin.PROFILE, Origin.PROFILE)),
        (SAID, GIVEN, "", ({2: 90}, "07:00 to 15:00", Origin.OPTION, Origin.PROFILE)),
        (SAID, {}, ALWAYS, ({1: 30, 3: 600}, "day and night", Origin.PROFILE, Origin.OPTION)),
        (PromiseSaid(hours=ALWAYS), {}, "", ({1: 240, 2: 480, 3: 960, 4: 2400}, "day and night", Origin.DEFAULT, Origin.PROFILE)),
        (PromiseSaid(targets_min=GIVEN), {}, "", ({2: 90}, "08:00 to 18:00", Origin.PROFILE, Origin.DEFAULT)),
    ],
)  # fmt: skip
def test_who_says_more_is_heard_first(said, given, hours, found):
    """Targets and hours each by themselves; a priority that nobody speaks of promises nothing."""
    targets, words, targets_from, hours_from = found
    promise = promise_of_file(said, "Europe/Lisbon", targets_min=given, hours=hours)
    assert promise.targets_min == targets
    assert (promise.targets_from, promise.hours_from) == (targets_from, hours_from)
    assert all(words in told for told in promise.told.values())
    assert set(promise.hours) == set(targets)


def test_hours_that_are_none_are_refused():
    """Named, with what was expected."""
    with pytest.raises(InvalidFacts, match="8 to 18"):
        default_promise("UTC", hours="8 to 18")
