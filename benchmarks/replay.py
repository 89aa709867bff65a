"""How long a draft of the clock policy takes to be replayed over a long history on two cores, and how much memory it holds.

The history is made by statements over whole sets (`_history`), which takes longer than what is measured: about four
minutes for a million items. The draft moves two of four resolution targets, so that half of the items stand otherwise and
are kept. A tenth of the items goes first, in a desk of its own: memory must not grow with the history.

Run: python -m benchmarks.replay [--items 1000000]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import psutil

from benchmarks._database import fresh_database
from benchmarks._report import report

QUICK = 100_000
TARGET_S_PER_MILLION = 60.0
START_S = 2.0
"""Two processes and Django in each, whatever the history."""
TARGET_PEAK_MB = 200
FLAT = 1.15
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SINCE = datetime(2024, 1, 1, tzinfo=UTC)


def main() -> int:
    """Make both histories and replay the draft over each; the exit code says whether the targets were met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=QUICK, help="how many items (the figure is for 1,000,000)")
    items = parser.parse_args().items
    with fresh_database():
        small, reached = measure(max(items // 10, 1000))
        large, also = measure(items)
    flat = report(
        name="replay", case=f"memory of a process, {items:,} items beside a tenth of them", value=large / small,
        unit="times as much", target=FLAT, peak=large, against={"MB": large, "MB of a tenth": small},
    )  # fmt: skip
    return 0 if reached and also and flat else 1


def measure(items: int) -> tuple[float, bool]:
    """Make a desk of so many items and replay the draft over it: (peak MB of the largest process, targets reached)."""
    from benchmarks._history import history_make
    from watchbill.apps.clocks.replays import replay_row
    from watchbill.apps.core.actor import console
    from watchbill.apps.people.services import desk_ensure
    from watchbill.flows.replay.drafts import replay_ask
    from watchbill.flows.replay.run import PROCESSES, replay_run

    by = console("bench")
    desk_id = desk_ensure(f"bench-{items}", name="Bench", zone="UTC", by=by, now=NOW)
    draft = policies(desk_id, by)
    began = perf_counter()
    events = history_make(desk_id, items=items, slug=f"B{items}")
    made_s = perf_counter() - began
    replay_id = replay_ask(desk_id, draft, is_waking=False, by=by, now=NOW)
    peak = 0.0

    def tell(_done: int, _all: int) -> None:
        nonlocal peak
        peak = max([peak, *(child.memory_info().rss / 1024**2 for child in psutil.Process().children())])

    began, cpu, server = perf_counter(), _cpu_s(), _server_s()
    replay_run(replay_id, processes=PROCESSES, tell=tell)
    seconds, cpu, server = perf_counter() - began, _cpu_s() - cpu, _server_s() - server
    result: Mapping[str, Any] = replay_row(replay_id).result or {}
    assert result["items"] == items, result
    assert result["total"]["breaches_before"] > 0, result
    against = {
        "events": events, "items that change": result["items_changed"], "items/s": round(items / seconds),
        "processes_cpu_s": round(cpu, 1), "postgresql_cpu_s": round(server, 1), "seconds to make the history": round(made_s, 1),
    }  # fmt: skip
    target = START_S + TARGET_S_PER_MILLION * items / 1_000_000 if items < 1_000_000 else TARGET_S_PER_MILLION
    fast = report(
        name="replay", case=f"{items:,} items, {PROCESSES} processes", value=seconds, unit="s", target=target,
        peak=round(peak, 1), against=against,
    )  # fmt: skip
    small = report(
        name="replay", case=f"{items:,} items, memory of a process", value=peak, unit="MB", target=TARGET_PEAK_MB,
        peak=round(peak, 1),
    )  # fmt: skip
    return round(peak, 1), fast and small


def _cpu_s() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    times = psutil.Process().cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def _server_s() -> float:
    """CPU seconds of PostgreSQL with all its backends, those that have ended included."""
    from benchmarks._house import _postmaster, _tree_s

    return _tree_s(_postmaster())


def policies(desk_id: int, by: Any) -> Mapping[str, Any]:
    """Publish office hours with holidays and the default targets; return a draft with two others."""
    from watchbill.apps.clocks.services import calendar_publish, policy_publish
    from watchbill.engine.base.calendar import Calendar
    from watchbill.engine.clocks import default_policy

    how: dict[str, Any] = {"holds_from": SINCE, "is_for_history": True, "reason": "bench", "by": by, "now": NOW}
    calendar_publish(
        desk_id, "office", Calendar.working_week("America/Sao_Paulo", "08:00-12:00", "13:00-18:00").as_json(), **how
    )
    policy_publish(desk_id, default_policy(calendar="office").as_json(), **how)
    draft: dict[str, Any] = default_policy(calendar="office").as_json()
    resolution = next(clock for clock in draft["clocks"] if clock["kind"] == "resolution")
    resolution["targets_min"] |= {"P2": 600, "P3": 720}
    return draft


if __name__ == "__main__":
    sys.exit(main())
