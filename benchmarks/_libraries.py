"""Two maintained libraries for business time beside the calendar, on the same cases in the same run.

business-duration counts the time between two instants; pandas' CustomBusinessHour adds whole hours. Where either is
wrong, one worked example is told; what each answer should be is written here by hand, and both are held to it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from importlib.metadata import version
from zoneinfo import ZoneInfo

import pandas as pd
from business_duration import businessDuration
from pandas.tseries.offsets import BusinessHour, CustomBusinessHour

from benchmarks._report import report
from watchbill.engine.base.calendar import BusinessTime, Calendar

CLOSED = [date(2016, 3, 25), date(2016, 4, 21), date(2016, 9, 7), date(2016, 10, 12)]
OFFICE = Calendar.working_week("UTC", "09:00-17:00", closed_on=CLOSED)
SPLIT = Calendar.working_week("UTC", "08:00-12:00", "13:00-18:00", closed_on=CLOSED)
DUBLIN = ZoneInfo("Europe/Dublin")
MORNINGS = Calendar.working_week("Europe/Dublin", "00:00-08:00", days=7)
NIGHTS = Calendar.working_week("UTC", "22:00-06:00")
HOUR = timedelta(hours=1)
FULL_S = 0.5


def hours_between(start: datetime, end: datetime, opens: wall, closes: wall, **more: object) -> timedelta:
    """What business-duration says, given instants of one zone."""
    said = businessDuration(start, end, opens, closes, unit="sec", **more)
    return timedelta(seconds=float(said))


def office_of(opens: Sequence[str], closes: Sequence[str], **more: object) -> BusinessHour:
    """One hour of pandas' CustomBusinessHour; made once, as a caller would."""
    return CustomBusinessHour(start=list(opens), end=list(closes), **more)


def hours_added(start: datetime, hours: int, office: BusinessHour) -> datetime:
    """What pandas says."""
    return (pd.Timestamp(start) + hours * office).to_pydatetime()


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(text: str) -> datetime:
    """What a wall shows: business-duration knows no zones."""
    return datetime.fromisoformat(text)


def told(answer: object) -> str:
    return answer.astimezone(UTC).isoformat() if isinstance(answer, datetime) else str(answer)


def wrong_of(cases: Sequence[tuple[str, str, object, object, object]]) -> list[Mapping[str, str]]:
    """The cases (what, example, right, ours, theirs) in words; stop unless ours is right and theirs is not."""
    for what, example, right, ours, theirs in cases:
        assert ours == right, (what, example, ours)
        assert theirs != right, f"no longer wrong: {what}"
    return [
        {"what": what, "example": example, "right": told(right), "theirs": told(theirs)}
        for what, example, right, _, theirs in cases
    ]


def per_second(work: Callable[[], object], least_s: float = FULL_S) -> float:
    """How often *work* is done in a second of processor time."""
    begin, times = time.process_time(), 0
    while time.process_time() - begin < least_s:
        work()
        times += 1
    return times / (time.process_time() - begin)


def business_duration_wrong() -> list[Mapping[str, str]]:
    """Where business-duration is wrong."""
    nine, five = wall(9), wall(17)
    change, midnight = (datetime(2016, 3, 27, hour, tzinfo=DUBLIN) for hour in (12, 0))
    cases = [
        (
            "a change of clocks within the hours", "Dublin, 00:00-08:00 every day: 27 March 2016 from midnight to noon",
            7 * HOUR, MORNINGS.business_between(midnight, change),
            hours_between(midnight, change, wall(0), wall(8), weekendlist=[]),
        ),
        (
            "a night, asked after midnight", "22:00-06:00, Mon to Fri: Wednesday 2 March 2016 from 01:00 to 05:00",
            4 * HOUR, NIGHTS.business_between(instant("2016-03-02T01:00"), instant("2016-03-02T05:00")),
            hours_between(shown("2016-03-02T01:00"), shown("2016-03-02T05:00"), wall(22), wall(6)),
        ),
        (
            "parts of a second", "09:00-17:00: half a second from 10:00:00 on",
            timedelta(seconds=0.5),
            OFFICE.business_between(instant("2016-03-01T10:00"), instant("2016-03-01T10:00:00.5")),
            hours_between(shown("2016-03-01T10:00"), shown("2016-03-01T10:00:00.5"), nine, five),
        ),
    ]  # fmt: skip
    return wrong_of(cases)


def beside_business_duration() -> None:
    """The time between two instants, in office hours of one interval a day."""
    draw = random.Random(7)
    stretches = []
    for _ in range(1000):
        start = instant("2016-03-01") + timedelta(minutes=draw.randrange(200 * 1440))
        stretches.append((start, start + timedelta(minutes=draw.randrange(1, 30 * 1440))))
    nine, five, holidays = wall(9), wall(17), dict.fromkeys(CLOSED, "closed")

    def theirs(start: datetime, end: datetime) -> timedelta:
        return hours_between(start.replace(tzinfo=None), end.replace(tzinfo=None), nine, five, holidaylist=holidays)

    same = sum(OFFICE.business_between(*each) == theirs(*each) for each in stretches)
    odd = next((each for each in stretches if OFFICE.business_between(*each) != theirs(*each)), None)
    assert odd is None, (odd, OFFICE.business_between(*odd), theirs(*odd))
    rate = len(stretches) * per_second(lambda: [OFFICE.business_between(*each) for each in stretches])
    other = 50 * per_second(lambda: [theirs(*each) for each in stretches[:50]])
    report(
        name="clocks", case="business time between two instants, office hours, beside business-duration", value=rate,
        unit="1/s on one core", target=round(other), better="higher",
        against={
            "library": f"business-duration {version('business-duration')}", "1/s": round(other),
            "times as fast": round(rate / other), "compared": len(stretches), "same": same,
            "wrong": business_duration_wrong(),
            "cannot say": ["two intervals a day (lunch)", "other hours on other weekdays", "hours added to an instant",
                           "a zone of its own"],
        },
    )  # fmt: skip


def pandas_wrong() -> list[Mapping[str, str]]:
    """Where CustomBusinessHour is wrong, or chooses otherwise."""
    spring, autumn = datetime(2016, 3, 27, 0, 30, tzinfo=DUBLIN), datetime(2016, 10, 30, 0, 0, tzinfo=DUBLIN)
    mornings = office_of(["00:00"], ["08:00"], weekmask="Mon Tue Wed Thu Fri Sat Sun")
    cases = [
        (
            "a full day ends at the next opening", "09:00-17:00: 8 hours from Friday 4 March 2016 09:00",
            instant("2016-03-04T17:00"), OFFICE.add_business(instant("2016-03-04T09:00"), BusinessTime(8 * HOUR)),
            hours_added(instant("2016-03-04T09:00"), 8, office_of(["09:00"], ["17:00"])),
        ),
        (
            "clocks that go forward within the hours", "Dublin, 00:00-08:00 every day: 3 hours from 27 March 2016 00:30",
            instant("2016-03-27T03:30"), MORNINGS.add_business(spring, BusinessTime(3 * HOUR)),
            hours_added(spring, 3, mornings),
        ),
        (
            "clocks that go back within the hours", "Dublin, 00:00-08:00 every day: 5 hours from 30 October 2016 00:00",
            instant("2016-10-30T04:00"), MORNINGS.add_business(autumn, BusinessTime(5 * HOUR)),
            hours_added(autumn, 5, mornings),
        ),
    ]  # fmt: skip
    return wrong_of(cases)


def beside_pandas() -> None:
    """Whole hours added to an instant, on a day with a lunch break."""
    draw = random.Random(11)
    split = office_of(("08:00", "13:00"), ("12:00", "18:00"), holidays=[day.isoformat() for day in CLOSED])
    starts = [
        (instant("2016-03-01") + timedelta(minutes=draw.randrange(150 * 1440)), draw.randrange(1, 200))
        for _ in range(500)
    ]

    def ours(start: datetime, hours: int) -> datetime | None:
        return SPLIT.add_business(start, BusinessTime(hours * HOUR))

    def theirs(start: datetime, hours: int) -> datetime:
        return hours_added(start, hours, split)

    same = 0
    for start, hours in starts:
        due, said = ours(start, hours), theirs(start, hours)
        assert said in {due, SPLIT.next_opening(due)}, (start, hours, due, said)
        same += due == said
    rate = len(starts) * per_second(lambda: [ours(*each) for each in starts])
    other = 50 * per_second(lambda: [theirs(*each) for each in starts[:50]])
    report(
        name="clocks", case="whole hours added to an instant, split day, beside pandas CustomBusinessHour", value=rate,
        unit="1/s on one core", target=round(other), better="higher",
        against={
            "library": f"pandas {version('pandas')}", "1/s": round(other), "times as fast": round(rate / other),
            "compared": len(starts), "same": same, "same but for the next opening instead of the closing": len(starts) - same,
            "wrong": pandas_wrong(),
            "cannot say": ["minutes", "the time between two instants", "other hours on other weekdays",
                           "hours of their own on a date"],
        },
    )  # fmt: skip


def main() -> None:
    """Print one line for each library."""
    beside_business_duration()
    beside_pandas()
