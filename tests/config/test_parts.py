"""What keeps a part alive while the database is away."""

import threading

import pytest

from watchbill.config import parts


def test_work_is_tried_again_until_it_ends(monkeypatch):
    """A lost database is waited for, with a pause that grows up to a limit."""
    pauses = []

    class Patient(threading.Event):
        def wait(self, timeout=None):
            pauses.append(timeout)
            return False

    answers = iter([OSError("gone")] * 5 + [None])

    def work():
        if error := next(answers):
            raise error

    parts.keep_trying(work, stop=Patient(), failures=(OSError,))
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_other_errors_end_the_part():
    """A bug is for the supervisor, which restarts the part and counts."""

    def work():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        parts.keep_trying(work, stop=threading.Event(), failures=(OSError,))


def test_a_part_that_was_told_to_stop_does_not_begin():
    """After the signal no work is started."""
    stop = threading.Event()
    stop.set()
    parts.keep_trying(lambda: pytest.fail("it worked"), stop=stop, failures=(OSError,))
    assert stop.is_set()
