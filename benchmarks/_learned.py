"""The desk of the public incident log, learned from its file as `watchbill backtest` does: 21,016 incidents and who worked on them."""

from __future__ import annotations

from pathlib import Path

import watchbill.demo
from watchbill.engine.backtest.answer import Source
from watchbill.engine.backtest.twin.draw import Stretch, stretch_of
from watchbill.engine.backtest.twin.history import History
from watchbill.engine.backtest.twin.learn import Twin, learn
from watchbill.engine.backtest.twin.promise import Promise
from watchbill.flows.backtest.reading import history_read
from watchbill.flows.backtest.running import default_promise, source_of
from watchbill.flows.intake.profiles import profile_load

LOG = Path(watchbill.demo.__file__).parent / "data" / "incident_event_log.zip"
PROFILE = "servicenow-incidents"


def quiet(what: str, share: float) -> None:
    """Nobody listens."""


def log() -> tuple[History, Source, Promise]:
    """What the file comes to, under the default promise."""
    loaded = profile_load(PROFILE)
    read = history_read(LOG, loaded, tell=quiet)
    return read.history, source_of(LOG, loaded, read), default_promise(read.history.zone.key)


def learned(history: History, promise: Promise) -> tuple[Twin, Stretch]:
    """The desk, and all of its time as one stretch."""
    twin = learn(history, promise)
    first, last = int(history.opened_us[0]), int(history.opened_us[-1])
    return twin, stretch_of(twin, history, since_us=first, until_us=last + 1)
