"""All that clocks have to tell is told once, in order, with its true instant, and named for what it is."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import BOSS, NOW, make_desk, make_item, minutes
from watchbill.apps.clocks.models import Clock
from watchbill.apps.clocks.telling import Telling, clock_next_at
from watchbill.apps.work.models import WorkItem
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.services import projection_rebuild
from watchbill.apps.work.timeline import work_events
from watchbill.engine.base.work import Priority
from watchbill.flows import firing
from watchbill.flows.watch import due_next_at

pytestmark = pytest.mark.django_db


def make(**fields):
    """An item of P1 whose clock of resolution is as *fields* say, and whose response tells nothing."""
    reference = make_item(make_desk(), priority=Priority.P1)
    item_id = work_get(reference, by=BOSS).id
    Clock.objects.filter(item_id=item_id, kind="response").delete()
    first = min(at for at in fields.values() if hasattr(at, "year"))
    asked = {"status": "running", "warn_at": None, "warn_ats": None, "safe_at": None, "breach_at": None, **fields}
    Clock.objects.filter(item_id=item_id).update(**{"next_at": first, **asked})
    return reference


def told(reference):
    events = work_events(work_get(reference, by=BOSS).id)
    return [(e.data["what"], (e.at - NOW).total_seconds() / 60) for e in reversed(events) if e.kind == "clock"]


def test_everything_of_one_clock_is_told_in_its_order_after_a_long_silence():
    """Everything was down: three warnings, the latest safe moment and the breach come in their order, each with its instant."""
    reference = make(
        warn_at=NOW + minutes(10), warn_ats=[NOW + minutes(n) for n in (10, 30, 50)], safe_at=NOW + minutes(40),
        breach_at=NOW + minutes(60),
    )  # fmt: skip
    assert firing.tick(NOW + minutes(600)) == 5
    in_order = [("warning", 10), ("warning", 30), ("start_by", 40), ("warning", 50), ("breach", 60)]
    assert told(reference) == in_order
    assert firing.tick(NOW + minutes(601)) == 0
    assert [event.seq for event in reversed(work_events(work_get(reference, by=BOSS).id))] == [1, 2, 3, 4, 5, 6]


def test_ticker_that_comes_in_time_tells_one_after_the_other():
    """After each telling the clock knows what comes next, until nothing does."""
    reference = make(
        warn_at=NOW + minutes(10), warn_ats=[NOW + minutes(n) for n in (10, 50)], safe_at=NOW + minutes(40),
        breach_at=NOW + minutes(60),
    )  # fmt: skip
    for at, following in ((10, 40), (40, 50), (50, 60)):
        assert firing.tick(NOW + minutes(at)) == 1
        assert clock_next_at() == NOW + minutes(following)
    assert firing.tick(NOW + minutes(60)) == 1
    assert clock_next_at() is None
    assert [what for what, _ in told(reference)] == ["warning", "start_by", "warning", "breach"]


def test_at_one_instant_the_order_is_pause_warning_safe_moment_breach():
    """A target of a minute: everything comes together, and reads as it would have come."""
    at = NOW + minutes(10)
    reference = make(warn_at=at, safe_at=at, breach_at=at, resumes_at=at, status="paused")
    assert firing.tick(at) == 4
    assert [what for what, _ in told(reference)] == ["resumed", "warning", "start_by", "breach"]


def test_pause_without_a_limit_tells_nothing_of_what_would_come():
    """While it stands still nothing of it is due; the breach that came before is a fact."""
    reference = make(status="paused", warn_at=NOW + minutes(5), safe_at=NOW + minutes(6), breach_at=NOW + minutes(7))
    assert firing.tick(NOW + minutes(30)) == 1
    assert told(reference) == [("breach", 7)]


def test_damaged_item_does_not_slow_the_others_down():
    """What cannot be written stays due; the ticker looks past it to what comes next."""
    damaged, fine = make(breach_at=NOW + minutes(1)), make(breach_at=NOW + minutes(90))
    WorkItem.objects.filter(reference=damaged).update(version=0)
    assert firing.tick(NOW + minutes(5)) == 0
    assert clock_next_at() == NOW + minutes(1)
    assert due_next_at(after=NOW + minutes(5)) == NOW + minutes(90)
    assert firing.tick(NOW + minutes(90)) == 1
    assert told(fine) == [("breach", 90)]


def test_rows_are_what_their_events_say():
    """Many events of one item at once leave the row that a rebuild makes."""
    reference = make(warn_at=NOW + minutes(1), safe_at=NOW + minutes(2), breach_at=NOW + minutes(3))
    firing.tick(NOW + minutes(9))
    before = WorkItem.objects.filter(reference=reference).values().get()
    projection_rebuild([before["id"]])
    assert WorkItem.objects.filter(reference=reference).values().get() == before
    assert before["version"] == 4


def test_killed_in_the_middle_it_goes_on(monkeypatch):
    """Two batches of which the second dies: what was told stays told, the rest is told by the next, nothing twice."""
    monkeypatch.setattr(firing, "BATCH", 1)
    references = [make(breach_at=NOW + minutes(n)) for n in (1, 2)]
    real, calls = firing.items_tell, []

    def dying(rows, *, by):
        calls.append(rows)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(rows, by=by)

    monkeypatch.setattr(firing, "items_tell", dying)
    with suppress(KeyboardInterrupt):
        firing.tick(NOW + minutes(9))
    assert [len(told(reference)) for reference in references] == [1, 0]
    monkeypatch.setattr(firing, "items_tell", real)
    firing.tick(NOW + minutes(9))
    assert [told(reference) for reference in references] == [[("breach", 1)], [("breach", 2)]]


def test_statements_do_not_grow_with_the_batch():
    """One clock or twenty: the same few statements."""
    for n in range(1, 21):
        make(warn_at=NOW + minutes(n), breach_at=NOW + minutes(60))
    with CaptureQueriesContext(connection) as one:
        assert firing.tick(NOW + minutes(1)) == 1
    with CaptureQueriesContext(connection) as many:
        assert firing.tick(NOW + minutes(90)) == 39
    assert len(many) == len(one)


def telling(what, *, name="resolution", kind="resolution", agreement="sla", **facts):
    whole = {"policy_id": 0, "number": 0, "warnings": 0, **facts}
    return Telling(1, 1, name, kind, agreement, what, NOW, 3600, **whole)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (telling("breach"), "The time to resolve ran out"),
        (telling("breach", name="next-update", kind="next_update"), "The time to the next update ran out"),
        (
            telling("breach", name="vendor repair", kind="stage", agreement="uc"),
            "The time for “vendor repair”, agreed with the vendor ran out",
        ),
        (
            telling("start_by", name="response", kind="response"),
            "Start by now to make it: what is left of the time to respond is what such work usually takes",
        ),
        (telling("resumed"), "The pause has lasted as long as one may: the time to resolve runs on"),
    ],
)
def test_what_is_told_is_said_in_the_words_of_its_commitment(one, words):
    """Named commitments by their name, the usual ones in plain words, and with whom they are agreed."""
    assert firing.words(one) == words


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (0.75, "Three quarters of the time to resolve are gone"),
        (0.5, "Half of the time to resolve is gone"),
        (0.8, "80 % of the time to resolve is gone"),
        (None, "The time to resolve is nearly used up"),
    ],
)
def test_warning_says_how_much_is_gone(monkeypatch, ratio, words):
    """Common shares in words, others in per cent; where the policy cannot say any more, that it is nearly over."""
    monkeypatch.setattr("watchbill.apps.clocks.telling._ratios", lambda *_: () if ratio is None else (ratio,))
    assert firing.words(telling("warning", warnings=1)) == words


def test_event_names_commitment_kind_agreement_and_share():
    """Whoever reads events by program finds in them what was said in words."""
    reference = make(warn_at=NOW + minutes(1), breach_at=NOW + minutes(9))
    firing.tick(NOW + minutes(1))
    data = work_events(work_get(reference, by=BOSS).id)[0].data
    assert data == {
        "text": "Three quarters of the time to resolve are gone", "clock": "resolution", "kind": "resolution",
        "agreement": "sla", "what": "warning", "target_s": 4 * 3600, "ratio": 0.75,
    }  # fmt: skip
