"""Who is away, and who stands in: off shift meanwhile, never twice at a time, taken back or ended early."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import BOSS, NOW, actor, make_desk, make_person, minutes
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.people.rights import Role
from watchbill.apps.shifts.absences import Away, absence_add, absence_cancel, absence_list, away_ahead
from watchbill.apps.shifts.queries import Staffed, _without, staffed
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound

OFFICE = [["08:00-12:00", "13:00-17:00"]] * 5 + [[], []]


@pytest.fixture
def desk(db):
    return make_desk(has_clocks=False)


@pytest.fixture
def ana(desk):
    person = make_person(desk, "Ana")
    usual_hours_set(person, desk_id=desk, week=OFFICE, by=BOSS, now=NOW)
    return person


def away(person, hours, *, since=0.0, **more):
    begin = NOW + timedelta(hours=since)
    return absence_add(person, from_at=begin, until_at=begin + timedelta(hours=hours), by=BOSS, now=NOW, **more)


def test_who_is_away_is_off_shift_until_she_is_back(desk, ana):
    """Monday 09:00 in Sao Paulo, away until Tuesday 10:00 there: back on Tuesday 10:00, with nothing left today; of the
    week's 40 hours she misses nine."""
    ben = make_person(desk, "Ben")
    away(ana, 25, deputy_id=ben)
    row = staffed(desk, NOW)[ana]
    assert (row.is_on_shift, row.left_s, row.next_week_s, row.is_absent, row.deputy_id) == (
        False,
        0,
        31 * 3600,
        True,
        ben,
    )
    assert row.opens_at == datetime(2026, 3, 3, 13, tzinfo=UTC)


def test_a_shift_ends_where_an_absence_begins(desk, ana):
    """Away from 10:00 to 11:00: an hour is left now, and 39 of the week's 40."""
    away(ana, 1, since=1)
    row = staffed(desk, NOW)[ana]
    assert (row.is_on_shift, row.left_s, row.next_week_s, row.is_absent) == (True, 3600, 39 * 3600, False)


def test_two_absences_behind_each_other_are_one_for_coming_back(desk, ana):
    """Until Wednesday, then until Thursday: she is back on Thursday."""
    away(ana, 48)
    away(ana, 24, since=48)
    assert staffed(desk, NOW)[ana].opens_at == NOW + timedelta(hours=72)


def test_nobody_is_away_twice_at_a_time(desk, ana):
    """The second is refused, also a minute inside; side by side is allowed."""
    away(ana, 10)
    with pytest.raises(Conflict, match="Ana is away already"):
        away(ana, 10, since=9.9)
    away(ana, 1, since=10)
    assert len(absence_list(desk, until_after=NOW, by=BOSS)) == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_say_it_at_once_one_is_told():
    """Both in the same moment: one absence, one conflict."""
    person = make_person(make_desk(has_clocks=False))
    told, start = [], threading.Barrier(2)

    def say():
        start.wait()
        try:
            told.append(away(person, 8).reference)
        except Conflict:
            told.append("conflict")
        finally:
            connection.close()

    both = [threading.Thread(target=say) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(word[:3] for word in told) == ["ABS", "con"]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("until", {"until_at": NOW - minutes(1)}),
        ("until", {"from_at": NOW - minutes(90), "until_at": NOW}),
        ("until", {"until_at": NOW + timedelta(days=367)}),
        ("kind", {"kind": "holiday in the sun"}),
        ("note", {"note": "x" * 2001}),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(desk, ana, field, change):
    """Ended before it began, over already, too long, of no kind, with too long a note."""
    with pytest.raises(InvalidFacts) as error:
        absence_add(ana, **{"from_at": NOW, "until_at": NOW + minutes(60), "by": BOSS, "now": NOW, **change})
    assert error.value.details["field"] == field


def test_a_deputy_is_somebody_else_active_of_the_desk(desk, ana):
    """Not herself, not somebody of another desk."""
    other = make_person(make_desk(has_clocks=False))
    for deputy in (ana, other):
        with pytest.raises(InvalidFacts, match=r"deputy|Nobody"):
            away(ana, 1, deputy_id=deputy)


def test_she_herself_or_who_edits_people_may_say_it(desk, ana):
    """An agent for herself, a manager for others, nobody of another desk."""
    span = {"from_at": NOW, "until_at": NOW + minutes(60), "now": NOW}
    with pytest.raises(NotAllowed):
        absence_add(ana, by=actor(Role.AGENT, desk), **span)
    row = absence_add(ana, by=actor(Role.AGENT, desk, person_id=ana), **span)
    with pytest.raises(NotAllowed):
        absence_cancel(row.id, by=actor(Role.AGENT, desk), now=NOW)
    with pytest.raises(NotFound):
        absence_cancel(row.id, by=actor(Role.ADMIN, make_desk(has_clocks=False)), now=NOW)
    absence_cancel(row.id, by=actor(Role.AGENT, desk, person_id=ana), now=NOW)
    assert AuditEvent.objects.filter(action__startswith="absence").count() == 2


def test_one_to_come_is_taken_back_and_one_that_runs_ends_now(desk, ana):
    """What was stays; what is over cannot be taken back."""
    to_come, running = away(ana, 5, since=24), away(ana, 5)
    assert absence_cancel(to_come.id, by=BOSS, now=NOW).cancelled_at == NOW
    later = NOW + timedelta(hours=2)
    assert absence_cancel(running.id, by=BOSS, now=later).until_at == later
    assert not staffed(desk, later)[ana].is_absent
    with pytest.raises(Conflict, match="over"):
        absence_cancel(running.id, by=BOSS, now=later)
    assert away_ahead(desk, later) == {}


spans = st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(lambda edges: edges[len(edges) % 2 :])


@given(spans, st.integers(0, 47))
def test_working_time_without_absences_is_what_counting_minutes_says(edges, hour):
    """Against each quarter of an hour looked at by itself: on shift, minutes left, minutes in 16 hours, back when."""
    calendar = Calendar.working_week("UTC", "08:00-12:00", "13:00-17:00")
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    now = begin + timedelta(hours=hour)
    ordered = sorted(edges)
    stretches = [
        Away(begin + timedelta(hours=first), begin + timedelta(hours=last))
        for first, last in zip(ordered[::2], ordered[1::2], strict=True)
        if begin + timedelta(hours=last) > now
    ]

    def works(at):
        return calendar.is_open(at) and not any(one.from_at <= at < one.until_at for one in stretches)

    quarters = [now + minutes(15 * n) for n in range(4 * 24 * 8)]
    is_open = calendar.is_open(now)
    left = next(n for n, at in enumerate(quarters) if not calendar.is_open(at)) * 900
    usual = Staffed(
        is_on_shift=is_open, left_s=left, presence="available",
        next_week_s=sum(calendar.is_open(at) for at in quarters[: 7 * 96]) * 900,
        opens_at=None if is_open else calendar.next_opening(now),
    )  # fmt: skip
    found = _without(usual, stretches, calendar, now)
    assert found.is_on_shift == works(now)
    assert found.left_s == next(n for n, at in enumerate(quarters) if not works(at)) * 900
    assert found.next_week_s == sum(works(at) for at in quarters[: 7 * 96]) * 900
    if not found.is_on_shift:
        assert found.opens_at == next(at for at in quarters if works(at))
