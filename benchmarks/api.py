"""What the API costs at 100,000 open items: CPU of web processes and PostgreSQL per operation, and creates a second."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._database import fresh_database
from benchmarks._fill import SEED, Filled, fill
from benchmarks._house import House, web_running
from benchmarks._report import report

ITEMS, PEOPLE = 100_000, 1_000
WARM, COUNT = 150, 400
CLIENTS, CREATE_S = 4, 8.0
LIST_MS, CREATE_MS, ASSIGN_MS, CREATES_PER_S = 10.0, 8.0, 8.0, 150.0
AGAINST = {
    "list": {"django-helpdesk_ms": 3912, "request-tracker-5_ms": 1263, "from": "issue, other machine, queue of 50"},
    "create": {"request-tracker-5_ms": 855, "django-helpdesk_ms": 50, "from": "issue, other machine"},
    "assign": {"request-tracker-5_ms": 481, "django-helpdesk_ms": 14, "from": "issue, other machine"},
}


class Caller:
    """One client with its own connection, kept open."""

    def __init__(self, house: House, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=30)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, f"/api/v1{path}", data, {**self._headers, **headers})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return json.loads(content)


def main() -> int:
    """Fill a desk, start web, run each operation; the exit code says whether every target was met."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    with fresh_database():
        desk = fill(items=items, people=PEOPLE, now=datetime.now(UTC))
        with web_running() as house:
            done = [*measure(house, desk, case=f"{items} open items, {PEOPLE} people")]
    return 0 if all(done) else 1


def measure(house: House, desk: Filled, *, case: str) -> Iterator[bool]:
    """Run each operation and tell its figure."""
    draw = random.Random(SEED)
    caller = Caller(house, desk.key)
    references = _references(caller, desk)
    numbers = itertools.count(1)

    def list_first() -> None:
        page = caller.call("GET", f"/items?desk={desk.slug}&limit=50")
        if len(page["items"]) != 50:
            raise RuntimeError("a page of 50 was expected")

    def create() -> None:
        caller.call("POST", "/items", new_item(desk, draw, next(numbers)))

    def create_once() -> None:
        number = next(numbers)
        caller.call("POST", "/items", new_item(desk, draw, number), **{"Idempotency-Key": f"bench-{number}"})

    def assign() -> None:
        body = {"person": f"PER-{draw.choice(desk.people)}", "text": "She knows this one"}
        caller.call("POST", f"/items/{references.pop()}/assign", body)

    for name, act, target in (
        ("list of 50", list_first, LIST_MS),
        ("create with clocks, note and notice", create, CREATE_MS),
        ("create with an idempotency key", create_once, None),
        ("assign with note", assign, ASSIGN_MS),
    ):
        all_ms, web_ms = cpu_ms(house, act)
        against = {"web_ms": round(web_ms, 2), "postgresql_ms": round(all_ms - web_ms, 2)}
        against |= AGAINST.get(name.split()[0], {}) if target is not None else {}
        yield report(
            name=f"api {name}", case=case, value=all_ms, unit="CPU ms", target=target, against=against,
            peak=house.peak_mb(),
        )  # fmt: skip
    yield report(
        name="api creates a second", case=f"{CLIENTS} clients, {case}", value=creates_per_s(house, desk), unit="1/s",
        target=CREATES_PER_S, better="higher", against={}, peak=house.peak_mb(),
    )  # fmt: skip


def new_item(desk: Filled, draw: random.Random, number: int) -> dict[str, Any]:
    """An item for somebody, with a note: it gets clocks, and she a notice."""
    return {
        "desk": desk.slug, "title": f"Cannot open the door of lab {number}", "queue": draw.choice(desk.queues),
        "category": "doors", "description": "The card reader blinks red. " * 5, "impact": 2, "urgency": 2,
        "person": f"PER-{draw.choice(desk.people)}", "text": "Called in by the guard",
    }  # fmt: skip


def _references(caller: Caller, desk: Filled) -> list[str]:
    """References of open items without an owner, enough for every assignment."""
    found: list[str] = []
    after = ""
    while len(found) < WARM + COUNT + 10:
        quoted = after.replace("+", "%2B")
        page = caller.call("GET", f"/items?desk={desk.slug}&view=unassigned&limit=200&after={quoted}")
        found += [item["reference"] for item in page["items"]]
        after = page["next"] or ""
        if not after:
            break
    return found


def cpu_ms(house: House, act: Callable[[], None]) -> tuple[float, float]:
    """Return CPU milliseconds per call of *act*: web and PostgreSQL together, and web alone; one client."""
    for _ in range(WARM):
        act()
    all_before, web_before = house.cpu_s(), house.web_s()
    for _ in range(COUNT):
        act()
    return 1000 * (house.cpu_s() - all_before) / COUNT, 1000 * (house.web_s() - web_before) / COUNT


def creates_per_s(house: House, desk: Filled) -> float:
    """Return how many items four clients open together in a second of the wall."""
    until = time.perf_counter() + CREATE_S
    counts: list[int] = []

    def work(number: int) -> None:
        caller, draw, made = Caller(house, desk.key), random.Random(SEED + number), 0
        while time.perf_counter() < until:
            caller.call("POST", "/items", new_item(desk, draw, number * 100_000 + made))
            made += 1
        counts.append(made)

    started = time.perf_counter()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, CLIENTS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
