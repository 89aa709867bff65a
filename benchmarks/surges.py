"""How often usual weeks of a real desk alarm, and how soon bursts are noticed: the shipped public log, week by week.

Each week from the fifth on is held out in turn: what is usual is learned from the weeks before it, as a live desk does, and
its thresholds are simulated. Then its own arrivals are watched, and again with bursts of two hours put into random moments.

Run: python -m benchmarks.surges [FALSE ALARMS A WEEK]
"""

from __future__ import annotations

import csv
import io
import statistics
import sys
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

import watchbill.demo
from benchmarks._report import report
from watchbill.engine.sense.surges import BINS, WEEK_H, raised, thresholds_held, usual

SEED, BURSTS, HOURS = 20160229, 40, 2
FEWEST = 4
WEEK_BINS = WEEK_H * BINS
MONDAY = datetime(2016, 2, 29)  # noqa: DTZ001 - the log's own local time


def main() -> int:
    """Measure false alarms and bursts; the targets hold for the false alarms alone: the bases of bursts differ too much."""
    per_week = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    counts, weeks = arrivals()
    alarms = 0
    found: dict[int, list[float]] = {4: [], 8: [], 12: [], 24: []}
    missed = dict.fromkeys(found, 0)
    rng = np.random.default_rng(SEED)
    bases = []
    for week in range(FEWEST, weeks):
        past = counts[: week * WEEK_BINS].reshape(-1, BINS).sum(axis=1)
        of = usual(past.tolist(), first_hour=0)
        limit = thresholds_held(of, counts[: week * WEEK_BINS].tolist(), first_bin=0, per_week=per_week) if of else None
        if of is None or limit is None:
            continue
        own = counts[week * WEEK_BINS : (week + 1) * WEEK_BINS]
        quiet = [one.bin for one in raised(of, limit, own.tolist(), first_bin=0)]
        alarms += len(quiet)
        for more, delays in found.items():
            for _ in range(BURSTS):
                at = int(rng.integers(0, WEEK_BINS - HOURS * BINS))
                burst = own.copy()
                burst[at : at + HOURS * BINS] += rng.poisson(more / BINS, HOURS * BINS)
                seen = [
                    one.bin - at + 1
                    for one in raised(of, limit, burst.tolist(), first_bin=0)
                    if at <= one.bin < at + HOURS * BINS and one.bin not in quiet
                ]
                bases.append(of.means[at // BINS])
                if seen:
                    delays.append(15.0 * seen[0])
                else:
                    missed[more] += 1
    tested = weeks - FEWEST
    is_held = report(
        name="surges", case=f"alarms a week, {tested} held-out weeks of the public log", value=round(alarms / tested, 2),
        unit="alarms", target=per_week,
    )  # fmt: skip
    for more, delays in found.items():
        report(
            name="surges", case=f"bursts of {more} an hour more for {HOURS} h found", unit="share", target=None,
            value=round(len(delays) / (len(delays) + missed[more]), 3),
            against={
                "median_min": statistics.median(delays) if delays else None,
                "usual_per_hour": round(statistics.median(bases), 1),
            },
        )  # fmt: skip
    return 0 if is_held else 1


def arrivals() -> tuple[np.ndarray, int]:
    """Items opened in each 15 minutes from the first Monday on, and how many whole weeks these are, the thin tail left out."""
    archive = zipfile.ZipFile(Path(watchbill.demo.__file__).parent / "data" / "incident_event_log.zip")
    (name,) = (each for each in archive.namelist() if each.endswith(".csv"))
    opened: dict[str, datetime] = {}
    for row in csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8")):
        opened.setdefault(row["number"], datetime.strptime(row["opened_at"], "%d/%m/%Y %H:%M"))  # noqa: DTZ007
    places = [(at - MONDAY) // timedelta(minutes=15) for at in opened.values()]
    weeks = max(places) // WEEK_BINS
    counts = np.bincount([p for p in places if 0 <= p < weeks * WEEK_BINS], minlength=weeks * WEEK_BINS)
    by_week = counts.reshape(weeks, WEEK_BINS).sum(axis=1)
    while by_week[weeks - 1] < by_week.mean() / 2:
        weeks -= 1
    return counts[: weeks * WEEK_BINS], weeks


if __name__ == "__main__":
    sys.exit(main())
