"""What the pages cost at 100,000 open items and 1,000 people: CPU of web and PostgreSQL, and server time of the Board."""

from __future__ import annotations

import http.client
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._database import fresh_database
from benchmarks._fill import Filled, fill
from benchmarks._house import House, web_running
from benchmarks._report import report
from benchmarks.api import AGAINST, COUNT, PEOPLE, cpu_ms

ITEMS = 100_000
BOARD_MS, LIST_MS, P95_MS = 40.0, 30.0, 100.0
ROUNDS = 40
"""How often each view of the Board is asked for when its time is taken."""
VIEWS = ("actionable", "unassigned", "waiting", "open", "breached", "due-soon", "p1-p2", "no-next-step")
TILES_REST_S = 2.1
PASSWORD = "a long way to the watch"


class Browser:
    """One signed-in visitor with an open connection and her cookies; she loads pages, not their static files."""

    def __init__(self, house: House) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
        self._cookies: dict[str, str] = {}

    def request(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        body = None
        if form is not None:
            body = urlencode(form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer.status, content

    def sign_in(self) -> None:
        """Give name and password, as people do."""
        _, page = self.request("GET", "/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"username": "bench", "password": PASSWORD, "csrfmiddlewaretoken": token[1] if token else ""}
        status, _ = self.request("POST", "/sign-in/", form)
        if status != 302:
            raise RuntimeError(f"signing in answered {status}")

    def get(self, path: str, *, rows: int | None = None) -> None:
        """Load a page; with *rows*, make sure that it has so many."""
        status, page = self.request("GET", path)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        if rows is not None and page.count("data-row=") != rows:
            raise RuntimeError(f"{path} has {page.count('data-row=')} rows, expected {rows}")


def main() -> int:
    """Fill a desk, start web, load pages; the exit code says whether every target was met."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    with fresh_database():
        desk = fill(items=items, people=PEOPLE, now=datetime.now(UTC))
        with web_running() as house:
            done = [*measure(house, desk, case=f"{items} open items, {PEOPLE} people")]
    return 0 if all(done) else 1


def measure(house: House, desk: Filled, *, case: str) -> Iterator[bool]:
    """Load each page and tell its figure."""
    visitor = Browser(house)
    visitor.sign_in()
    name = f"desk={desk.slug}"
    pages: tuple[tuple[str, str, float | None], ...] = (
        ("board", f"/board/?{name}", BOARD_MS),
        ("board live update", f"/board/live/?{name}", None),
        ("queue of 50", f"/cases/?{name}&view=open", LIST_MS),
        ("queue of 50, searched", f"/cases/?{name}&view=open&q=printer", None),
    )
    for title, path, target in pages:
        all_ms, web_ms = cpu_ms(house, _loader(visitor, path))
        against = {"web_ms": round(web_ms, 2), "postgresql_ms": round(all_ms - web_ms, 2), "requests": COUNT}
        against |= AGAINST["list"] if target is not None else {}
        yield report(
            name=f"page {title}", case=case, value=all_ms, unit="CPU ms", target=target, against=against,
            peak=house.peak_mb(),
        )  # fmt: skip
    yield _server_time(house, visitor, name, case=case)


def _loader(visitor: Browser, path: str) -> Callable[[], None]:
    return lambda: visitor.get(path, rows=50)


def _server_time(house: House, visitor: Browser, name: str, *, case: str) -> bool:
    """Tell the 95th percentile over all views; the counts are too old for each view's first load."""
    times: dict[str, list[float]] = {}
    for view in VIEWS:
        time.sleep(TILES_REST_S)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            visitor.get(f"/board/?{name}&view={view}")
            times.setdefault(view, []).append(1000 * (time.perf_counter() - began))
    everything = [one for each in times.values() for one in each]
    slowest = {view: round(max(each), 1) for view, each in times.items()}
    median = round(statistics.median(everything), 1)
    p95 = statistics.quantiles(everything, n=20)[-1]
    return report(
        name="page board, server time", case=f"p95 over all views, {case}", value=p95, unit="ms", target=P95_MS,
        against={"median_ms": median, "slowest_ms": slowest}, peak=house.peak_mb(),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
