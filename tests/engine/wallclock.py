"""A second opinion on business time: look at the wall clock once a minute and count. Slow, and nothing like the table."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from watchbill.engine.base.calendar import DAY_MIN, Calendar, SpecialDay, WallInterval

MINUTE = timedelta(minutes=1)

# A zone and an instant around which something happens there.
MOMENTS = (
    ("America/Sao_Paulo", datetime(2016, 2, 21, 2, tzinfo=UTC)),  # back at midnight: a Saturday of 25 hours
    ("America/Sao_Paulo", datetime(2016, 10, 16, 3, tzinfo=UTC)),  # on at midnight: that midnight never happens
    ("Europe/Dublin", datetime(2016, 3, 27, 1, tzinfo=UTC)),
    ("Europe/Dublin", datetime(2016, 10, 30, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2016, 4, 2, 15, tzinfo=UTC)),  # half an hour back: a day of 24.5 hours
    ("Australia/Lord_Howe", datetime(2016, 10, 1, 15, 30, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2016, 2, 28, 18, 15, tzinfo=UTC)),  # +05:45, leap day
    ("Asia/Kolkata", datetime(2016, 2, 28, 18, 30, tzinfo=UTC)),  # +05:30, leap day
    ("Pacific/Chatham", datetime(2016, 4, 2, 14, tzinfo=UTC)),  # +13:45 back to +12:45
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # 30 December never happened
    ("Africa/Casablanca", datetime(2016, 7, 10, 2, tzinfo=UTC)),  # changes four times in this year
    ("America/New_York", datetime(2016, 11, 6, 6, tzinfo=UTC)),
    ("UTC", datetime(2016, 2, 29, tzinfo=UTC)),
)


def open_minutes(calendar: Calendar, start: datetime, end: datetime) -> list[bool]:
    """For each minute of [start, end), whether it is open: the latest time that walls have shown lies in the hours."""
    zone = ZoneInfo(calendar.zone)
    special_on = {special.on: special.hours for special in calendar.special_on}

    @cache
    def hours_on(day: date) -> list[tuple[int, int]]:
        """Of the day itself, and of the day before, in minutes of this one."""
        found = []
        for back in (0, 1):
            on = day - timedelta(days=back)
            hours = special_on.get(on, () if on in calendar.closed_on else calendar.weekly[on.weekday()])
            found += [(one.start_min - back * DAY_MIN, one.end_min - back * DAY_MIN) for one in hours]
        return found

    def covers(wall: datetime) -> bool:
        minute = wall.hour * 60 + wall.minute
        return any(begin <= minute < over for begin, over in hours_on(wall.date()))

    at, shown, minutes = start - timedelta(days=2), datetime(1, 1, 1), []
    while at < end:
        shown = max(shown, at.astimezone(zone).replace(tzinfo=None))
        if at >= start:
            minutes.append(covers(shown))
        at += MINUTE
    return minutes


@st.composite
def day_hours(draw: st.DrawFn) -> tuple[WallInterval, ...]:
    """Up to three intervals of one day that do not overlap, the last one perhaps into the next morning."""
    cuts = draw(st.lists(st.integers(0, DAY_MIN), max_size=6, unique=True).filter(lambda cuts: len(cuts) % 2 == 0))
    cuts.sort()
    hours = [WallInterval(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
    if hours and draw(st.booleans()):
        start = hours[-1].start_min
        hours[-1] = WallInterval(start, draw(st.integers(start + 1, start + DAY_MIN)))
    return tuple(hours)


@st.composite
def calendars_around(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar, and an instant near which its zone changes its clocks."""
    zone, moment = draw(st.sampled_from(MOMENTS))
    day = moment.astimezone(ZoneInfo(zone)).date()
    near = st.integers(-3, 3).map(lambda days: day + timedelta(days=days))
    specials: dict[date, tuple[WallInterval, ...]] = draw(st.dictionaries(near, day_hours(), max_size=2))
    calendar = Calendar(
        zone=zone,
        weekly=tuple(draw(st.tuples(*[day_hours()] * 7))),
        closed_on=draw(st.frozensets(near, max_size=2)),
        special_on=tuple(SpecialDay(on, hours) for on, hours in specials.items()),
    )
    return calendar, moment
