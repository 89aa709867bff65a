"""A backtest of a file or of a desk, on the cores of this machine or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from watchbill.engine.backtest import decide
from watchbill.engine.backtest.answer import Answer, Source
from watchbill.engine.backtest.asked import Asked
from watchbill.engine.backtest.twin.fidelity import Mapper
from watchbill.engine.backtest.twin.history import History
from watchbill.engine.backtest.twin.promise import Origin, Promise
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.work import Priority
from watchbill.engine.clocks import ClockKind
from watchbill.engine.clocks.policy import DEFAULT_TARGETS_MIN
from watchbill.engine.intake.promise import ALWAYS, PromiseSaid
from watchbill.flows.backtest.cluster import RayWorkers
from watchbill.flows.backtest.reading import Read
from watchbill.flows.backtest.workers import Workers
from watchbill.flows.intake.profiles import LoadedProfile

T = TypeVar("T")
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


def default_promise(zone: str, targets_min: Mapping[Priority, int] | None = None, *, hours: str = "") -> Promise:
    """What a new desk begins with: the default targets to resolve, in office hours of *zone* from Monday to Friday.

    hours: other ones of each working day, or "24x7".
    """
    return promise_of_file(None, zone, targets_min=targets_min or {}, hours=hours)


def promise_of_file(
    said: PromiseSaid | None, zone: str, *, targets_min: Mapping[Priority, int], hours: str = ""
) -> Promise:
    """By what the history of a file is judged: *targets_min* and *hours*, else what its profile says, else the defaults.

    hours: of each working day, such as 08:00-18:00, or "24x7". Raises InvalidFacts for hours that are none.
    """
    said = said or PromiseSaid()
    targets, targets_from = _first(
        (targets_min, Origin.OPTION), (said.targets_min, Origin.PROFILE), (DEFAULT_TARGETS_MIN[ClockKind.RESOLUTION], Origin.DEFAULT)
    )  # fmt: skip
    runs, hours_from = _first((hours, Origin.OPTION), (said.hours, Origin.PROFILE), (OFFICE, Origin.DEFAULT))
    is_always = runs == ALWAYS
    calendar = Calendar.always(zone) if is_always else Calendar.working_week(zone, runs)
    name = "day and night" if is_always else f"Monday to Friday {runs.replace('-', ' to ')}, {zone}"
    return Promise(
        targets_min=targets, hours=dict.fromkeys(targets, calendar), told=dict.fromkeys(targets, name), targets_from=targets_from,
        hours_from=hours_from,
    )  # fmt: skip


def _first(*said: tuple[T, Origin]) -> tuple[T, Origin]:
    """The first that says anything, with who says it; the last one always does."""
    return next((one for one in said if one[0]), said[-1])


def backtest(
    history: History, source: Source, promise: Promise, asked: Asked, *, workers: int | None = None, ray: str = "",
    tell: Tell,
) -> Answer:  # fmt: skip
    """Run it. tell may raise to leave off.

    workers: processes, as many as there are cores by default. ray: HOST:PORT of a Ray cluster whose workers are used instead, as many as
    it has room for by default. The answer depends on neither. Raises Unavailable for a cluster that cannot be used.
    """
    with _workers(workers, ray) as mapper:
        return decide.backtest(history, source, promise, asked, mapper=mapper, tell=tell, watch=perf_counter)


def _workers(count: int | None, ray: str) -> AbstractContextManager[Mapper[Any, Any]]:
    return RayWorkers(ray, count) if ray else nullcontext(Workers(count))
