"""A backtest of a file or of a desk, on the cores of this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter

from watchbill.engine.backtest import decide
from watchbill.engine.backtest.answer import Answer, Source
from watchbill.engine.backtest.asked import Asked
from watchbill.engine.backtest.twin.history import History
from watchbill.engine.backtest.twin.promise import Promise
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.work import Priority
from watchbill.engine.clocks import ClockKind
from watchbill.engine.clocks.policy import DEFAULT_TARGETS_MIN
from watchbill.flows.backtest.reading import Read
from watchbill.flows.backtest.workers import Workers
from watchbill.flows.intake.profiles import LoadedProfile

Tell = Callable[[str, float], None]
OFFICE = "08:00-18:00"


def source_of(path: Path, loaded: LoadedProfile, read: Read) -> Source:
    """What was read of a file."""
    history = read.history
    return Source(
        name=path.name, profile=loaded.profile.name, sha256=read.sha256, rows=read.rows, rejected=read.rejected,
        items=history.size, events=int(history.item.size), people=len(history.people), teams=len(history.teams),
        begins_at=history.begins_at.isoformat(timespec="minutes"), ends_at=history.ends_at.isoformat(timespec="minutes"),
        zone=history.zone.key,
    )  # fmt: skip


def default_promise(zone: str, targets_min: Mapping[Priority, int] | None = None, *, hours: str = OFFICE) -> Promise:
    """What a new desk begins with: the default targets to resolve, in office hours of *zone* from Monday to Friday.

    hours: other ones of each working day, or "24x7".
    """
    calendar = Calendar.always(zone) if hours == "24x7" else Calendar.working_week(zone, hours)
    targets = targets_min or DEFAULT_TARGETS_MIN[ClockKind.RESOLUTION]
    name = "day and night" if hours == "24x7" else f"Monday to Friday {hours.replace('-', ' to ')}, {zone}"
    return Promise(targets_min=targets, hours=dict.fromkeys(targets, calendar), told=dict.fromkeys(targets, name))


def backtest(
    history: History, source: Source, promise: Promise, asked: Asked, *, workers: int | None = None, tell: Tell
) -> Answer:
    """Run it. workers: processes, as many as there are cores by default; the answer does not depend on it. tell may raise to leave off."""
    return decide.backtest(history, source, promise, asked, mapper=Workers(workers), tell=tell, watch=perf_counter)
