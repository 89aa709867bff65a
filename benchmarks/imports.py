"""How fast a history comes in, clocks included, and how much memory the importer holds.

The log is the shipped one (121,213 rows), unpacked beforehand; for more rows its incidents are repeated under other
numbers. Wall seconds count, on two cores; the CPU seconds of the importer and of PostgreSQL stand beside them, so that
a busy machine can be told from a slow program.

Run: python -m benchmarks.imports [--rows 2000000]
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks._database import fresh_database
from benchmarks._report import report

LOG = Path(__file__).parents[1] / "src" / "watchbill" / "demo" / "data" / "incident_event_log.zip"
PROFILE = "servicenow-incidents"
TARGET_ROWS_PER_S = 15_000
TARGET_PEAK_MB = 300

CHILD = """
import json, sys, time, django
django.setup()
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from watchbill.apps.core.actor import console
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load
from watchbill.flows.intake.desk import desk_for
loaded, by, now = profile_load(sys.argv[2]), console("bench"), datetime(2026, 3, 2, 12, tzinfo=UTC)
desk, _ = desk_for(sys.argv[3], loaded, Path(sys.argv[1]), may_be_new=True, by=by, now=now)
before = time.process_time()
summary = import_run(Path(sys.argv[1]), loaded, desk_id=desk.id, by=by, now=now)
print(json.dumps({**asdict(summary), "cpu_s": time.process_time() - before}, default=str))
"""
"""The importer in a process of its own, so that its memory and its CPU time are its own."""


def main() -> int:
    """Import the log, and a longer one when asked; the exit code says whether the targets were met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=0, help="also import a log of about so many rows")
    wanted = parser.parse_args()
    with fresh_database(), TemporaryDirectory() as folder:
        path = Path(folder, "log.csv")
        copies = [1] if not wanted.rows else [1, max(2, round(wanted.rows / 121_213))]
        figures = [measure(path, n) for n in copies]
        return 0 if all(figures) else 1


def measure(path: Path, copies: int) -> bool:
    """Import the log repeated *copies* times into a new desk, and print its lines."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows(copies))
    found, seconds, server_s = run(path, f"bench-{copies}")
    case = f"{found['rows_read']:,} rows"
    against = {
        "seconds": round(seconds, 2), "importer_cpu_s": round(found["cpu_s"], 2), "postgresql_cpu_s": round(server_s, 2),
        "items": found["items"], "events": found["events"],
    }  # fmt: skip
    speed, peak = found["rows_read"] / seconds, found["peak_rss_mb"]
    fast = report(
        name="imports", case=f"{case}, clocks included", value=speed, unit="rows/s", target=TARGET_ROWS_PER_S,
        better="higher", against=against, peak=peak,
    )  # fmt: skip
    flat = report(name="imports", case=f"{case}, memory", value=peak, unit="MB", target=TARGET_PEAK_MB, peak=peak)
    whole = found["rows_read"] == found["rows_accepted"] + found["rows_rejected"] and not found["rows_rejected"]
    return fast and flat and whole


def rows(copies: int) -> Iterator[list[str]]:
    """Give the header and the log's rows, its incidents once more for each further copy."""
    for copy in range(copies):
        with zipfile.ZipFile(LOG) as archive, archive.open(archive.namelist()[0]) as raw:
            reader = csv.reader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))
            header = next(reader)
            if not copy:
                yield header
            place = header.index("number")
            for row in reader:
                if copy:
                    row[place] = f"{row[place]}-{copy}"
                yield row


def run(path: Path, desk: str) -> tuple[dict[str, float], float, float]:
    """Import *path* in a process of its own; return its summary, its wall seconds and the server's CPU seconds."""
    from django.db import connection

    before = server_cpu_s()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), PROFILE, desk],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"WATCHBILL_DATABASE_URL": url(connection.settings_dict)},
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return found, found["seconds"], server_cpu_s() - before


def url(settings: dict[str, str]) -> str:
    """The address of the benchmark's own database."""
    from urllib.parse import quote

    return f"postgresql://{quote(settings['USER'] or 'postgres')}@/{settings['NAME']}?host={quote(settings['HOST'])}"


def server_cpu_s() -> float:
    """CPU seconds of the PostgreSQL server so far, its processes that have ended included."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        head = psutil.Process(cursor.fetchone()[0]).parent()
    if head is None:
        return 0.0
    times = head.cpu_times()
    living = [child.cpu_times() for child in head.children(recursive=True)]
    return times.children_user + times.children_system + sum(each.user + each.system for each in living)


if __name__ == "__main__":
    sys.exit(main())
